import pytest


@pytest.fixture(scope="session")
def stripe_process():
    yield


@pytest.fixture
def sandbox():
    yield
