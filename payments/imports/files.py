"""Taking in a bank's file: all of it or nothing, and nothing twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from crm import audit
from crm.people.models import Identifier
from payments.bank import recognition
from payments.bank.lines import Contradictory, Flaw, Line, Statement, Unreadable
from payments.bank.reading import File, read
from payments.bank.recognition import Known
from payments.statements import BankFile, BankLine, BankStatement

LOCK = 282  # an advisory lock of our own: one file after the other
MATCH_LINES, MATCH_PAYOUTS = "payments.match_lines", "payments.match_payouts"
AT_ONCE = 2000  # rows in one insertion
RULE = "rule"
LONGEST = {"payer_name": 150, "payer_iban": 34, "communication": 300, "bank_reference": 80}
IBAN = "iban"  # the system under which people.Identifier keeps accounts


@dataclass(frozen=True)
class Outcome:
    """What a file has brought: `known` lines came with another file before."""

    file: BankFile
    is_new: bool
    added: int = 0
    known: int = 0
    flaws: Sequence[Flaw] = ()


@transaction.atomic
def import_file(
    *, name: str, data: bytes, at: datetime, by: Any = None, despite_flaws: bool = False
) -> Outcome:
    """Write down the statements of a CODA or CAMT.053 file, once. Raises Unreadable.

    A file that contradicts itself is Contradictory, unless it is to be taken all the same.
    """
    found = read(data)
    check_accounts(found.statements)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    same = BankFile.objects.filter(fingerprint=found.fingerprint).first()
    if same is not None:
        return Outcome(same, is_new=False)
    if found.flaws and not despite_flaws:
        raise Contradictory(found.flaws)
    return write(found, name=name, at=at, by=by)


def check_accounts(statements: Iterable[Statement]) -> None:
    """Refuse a file of somebody else's account."""
    for statement in statements:
        if statement.account not in own_accounts():
            reason = _(
                "The account %(account)s is not one of the organisation's "
                "(see ORGANISATION_IBAN and OTHER_IBANS)."
            )
            raise Unreadable(reason % {"account": statement.account}, line=statement.at_line)


def own_accounts() -> set[str]:
    return {settings.ORGANISATION_IBAN, *settings.OTHER_IBANS} - {""}


def write(found: File, *, name: str, at: datetime, by: Any) -> Outcome:
    file = BankFile.objects.create(
        name=name[-120:],
        format=found.format,
        fingerprint=found.fingerprint,
        uploaded_at=at,
        uploaded_by=by,
    )
    added = sum(add_statement(statement, file, at=at) for statement in found.statements)
    known = sum(len(statement.lines) for statement in found.statements) - added
    audit.log("bankfile.imported", file, by=by, at=at, lines=added, known=known)
    if found.flaws:
        gaps = [statement.difference for statement in found.statements if statement.difference]
        count = len(found.flaws)
        audit.log("bankfile.flaws_accepted", file, by=by, at=at, flaws=count, differences=gaps)
    # By themselves, too, in case that nobody stays to see what is matched at once.
    app.configure_task(MATCH_LINES, queue="payments").defer(file_id=file.pk)
    app.configure_task(MATCH_PAYOUTS, queue="payments").defer()
    return Outcome(file, is_new=True, added=added, known=known, flaws=found.flaws)


def add_statement(statement: Statement, file: BankFile, *, at: datetime) -> int:
    """Write a statement and those of its lines that we do not have; return how many."""
    if is_known(statement):
        return 0
    row = BankStatement.objects.create(
        file=file,
        account=statement.account,
        number=statement.number,
        currency=statement.currency,
        opened_on=statement.opened_on,
        closed_on=statement.closed_on,
        opening_balance=statement.opening_balance,
        closing_balance=statement.closing_balance,
        difference=statement.difference or None,
        flaw="\n".join(flaw.reason for flaw in statement.flaws),
    )
    before = lines_of_these_days(statement)
    others = [Known(line_of(each), each.format) for each in before if each.file_id != file.pk]
    # As long as they are kept: a line is compared with those that were shortened.
    told = [shortened(line) for line in statement.lines]
    lines = recognition.unknown(others, told, file.format)
    keys = recognition.keys(statement.account, lines, [each.key for each in before])
    add_lines(row, dict(zip(keys, lines, strict=True)), at=at)
    return len(lines)


def is_known(statement: Statement) -> bool:
    """Whether the same balances on the same day were brought by the same sum of credits.

    It is the same statement then, in whatever format: banks book several payments as one sum in
    one format and one by one in the other.
    """
    alike = BankStatement.objects.filter(
        account=statement.account,
        currency=statement.currency,
        closed_on=statement.closed_on,
        opening_balance=statement.opening_balance,
        closing_balance=statement.closing_balance,
    )
    return any(statement.credits == credits_of(each) for each in alike)


def credits_of(statement: BankStatement) -> int:
    came = statement.lines.filter(amount__gt=0)
    return came.aggregate(sum=Sum("amount"))["sum"] or 0


def lines_of_these_days(statement: Statement) -> list[Any]:
    """Return what we have of the account on the days of a statement, as far as it tells lines."""
    days = [line.booked_on for line in statement.lines]
    if not days:
        return []
    return list(
        BankLine.objects.filter(
            statement__account=statement.account, booked_on__range=(min(days), max(days))
        )
        .annotate(format=F("statement__file__format"), file_id=F("statement__file"))
        .order_by("pk")
    )


def line_of(row: BankLine) -> Line:
    names = [each.name for each in fields(Line) if each.name != "is_return"]
    return Line(**{name: getattr(row, name) for name in names})


def shortened(line: Line) -> Line:
    """Return a line with its texts as long as they are kept."""
    texts = {name: getattr(line, name)[:longest] for name, longest in LONGEST.items()}
    return replace(line, **texts)


def add_lines(statement: BankStatement, lines: dict[str, Line], *, at: datetime) -> None:
    payers = {line.payer_iban for line in lines.values()} - {""}
    donors = set(
        Identifier.objects.filter(system=IBAN, value__in=payers).values_list("value", flat=True)
    )
    rows = []
    for position, (key, line) in enumerate(lines.items(), start=1):
        row = row_of(line, statement=statement, key=key, position=position)
        if is_no_gift(line, donors):
            row.state, row.matched_by, row.decided_at = BankLine.State.NO_GIFT, RULE, at
        rows.append(row)
    BankLine.objects.bulk_create(rows, batch_size=AT_ONCE)


def row_of(line: Line, **origin: Any) -> BankLine:
    return BankLine(
        booked_on=line.booked_on,
        amount=line.amount,
        currency=line.currency,
        payer_name=line.payer_name,
        payer_iban=line.payer_iban,
        communication=line.communication,
        structured=line.structured,
        bank_reference=line.bank_reference,
        **origin,
    )


def is_no_gift(line: Line, donors: set[str]) -> bool:
    """Whether nobody has to look at a line: what we pay others, or move between our accounts.

    What goes to the account of a donor, or comes back, may be a gift returned.
    """
    if line.amount >= 0:
        return line.amount == 0 or line.is_return or line.payer_iban in own_accounts()
    return not (line.is_return or line.payer_iban in donors)
