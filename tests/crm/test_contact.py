"""The normal forms in which addresses and telephone numbers are compared."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from crm.lib.contact import normal_email, normal_phone

PARTS = st.text("abzAZ09._-+'!x@", min_size=1, max_size=12)
HOSTS = st.sampled_from(
    ["example.org", "sub.example.co.uk", "EXAMPLE.org", "a-b.example", "localhost", "x.test"]
) | st.text("abz09.-", min_size=1, max_size=12)


def by_the_library(address):
    found = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=True)
    return found.normalized.lower()


@given(local=PARTS, host=HOSTS)
def test_the_short_way_says_what_the_library_says(local, host):
    address = f"{local}@{host}"

    try:
        expected = by_the_library(address)
    except EmailNotValidError:
        with pytest.raises(ValueError):  # noqa: PT011 (the message is the library's)
            normal_email(address)
    else:
        assert normal_email(address) == expected


@pytest.mark.parametrize(
    "address",
    ["a@xn--bcher-kva.example", "a@b--c.org", "a" * 65 + "@example.org", "a@x.local", "a..b@x.org"],
)
def test_what_is_not_plain_goes_to_the_library(address):
    try:
        expected = by_the_library(address)
    except EmailNotValidError:
        expected = None

    if expected is None:
        with pytest.raises(ValueError):  # noqa: PT011 (the message is the library's)
            normal_email(address)
    else:
        assert normal_email(address) == expected


@pytest.mark.parametrize("number", ["12", "abc", "", "0475 12 34 5", "+999 123456"])
def test_what_is_no_telephone_number_is_refused(number):
    with pytest.raises(ValueError):  # noqa: PT011 (the message is the library's)
        normal_phone(number)
