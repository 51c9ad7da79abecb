"""A bank statement that comes in on 14 March 2026, for tests of what becomes of its lines."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crm.donations.pledges import Instalment, Pledge
from crm.people.models import Identifier
from payments.imports import automatic
from payments.imports.files import import_file
from payments.statements import BankLine
from tests.payments.bank.writing import MARIE, coda

REAL = Path(os.environ.get("BANK_SAMPLES", Path(__file__).parents[4] / "shared/data/bank"))
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def take(*moves, match=True):
    """Import a statement, match it, and return its lines."""
    file = import_file(name="march.cod", data=coda(moves), at=NOW).file
    if match:
        automatic.match_file(file=file, at=NOW)
    return list(BankLine.objects.filter(statement__file=file).order_by("pk"))


def knows(supporter, iban=MARIE):
    Identifier.objects.create(supporter=supporter, system="iban", value=iban)


def promise(supporter, amount=2500, due_on=date(2026, 3, 15)):
    pledge = Pledge.objects.create(supporter=supporter, amount=10_000, promised_on=date(2026, 1, 1))
    return Instalment.objects.create(pledge=pledge, due_on=due_on, amount=amount)


def sample(name):
    """Return a file that a bank, or a program for banks' files, has published."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path.read_bytes()
