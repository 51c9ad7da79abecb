"""Statements in ISO 20022's CAMT.053, in whatever version and from whatever bank."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from payments.bank.elements import Element, walk
from payments.bank.lines import (
    Line,
    Statement,
    Unreadable,
    check_sum,
    minor_units,
    parts_or_whole,
)
from payments.bank.ogm import iban_of, one_line, structured

AMOUNT = re.compile(r"\d{1,13}(\.\d{1,5})?")
CURRENCY = re.compile(r"[A-Z]{3}")
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
OTHER_MESSAGES = {"BkToCstmrAcctRpt": "CAMT.052", "BkToCstmrDbtCdtNtfctn": "CAMT.054"}
OWN_REFERENCE = "AcctSvcrRef"  # of the bank that keeps the account
NO_REFERENCE = {"NOTPROVIDED", "NONREF"}


def is_xml(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<"


def read(data: bytes) -> list[Statement]:
    """Return the statements of a file. Raises Unreadable, with the line."""
    reader = Reader()
    walk(data, reader.take)
    if not reader.statements:
        raise Unreadable(_("The file is XML, but holds no account statement (CAMT.053)."), line=1)
    for statement in reader.statements:
        check_sum(statement, at_line=statement.at_line)
    return reader.statements


class Reader:
    """Takes each entry and each statement from the document as it closes."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.statements: list[Statement] = []

    def take(self, around: list[Element], element: Element) -> bool:
        if element.name in OTHER_MESSAGES:
            reason = _("This is a %(kind)s; ask your bank for the statements as CAMT.053.")
            kind = OTHER_MESSAGES[element.name]
            raise Unreadable(reason % {"kind": kind}, line=element.line)
        path = [each.name for each in around]
        if element.name == "Ntry" and path == ["Document", "BkToCstmrStmt", "Stmt"]:
            self.lines += entry_lines(element, own_account(around[-1]))
        elif element.name == "Stmt" and path == ["Document", "BkToCstmrStmt"]:
            self.statements.append(statement_of(element, self.lines))
            self.lines = []
        else:
            return False
        return True


def statement_of(element: Element, lines: list[Line]) -> Statement:
    opening, closing = balance(element, *OPENING), balance(element, *CLOSING)
    currency = closing_currency(element, opening, closing)
    foreign = next((line for line in lines if line.currency != currency), None)
    if foreign is not None:
        reason = _("A line is in %(found)s, but the account is in %(currency)s.")
        told = {"found": foreign.currency, "currency": currency}
        raise Unreadable(reason % told, line=element.line)
    closed_on = day(closing, "Dt")
    number = element.words("ElctrncSeqNb", "LglSeqNb") or element.words("Id")
    return Statement(
        account=own_account(element),
        currency=currency,
        number=f"{closed_on:%Y}/{number}"[:40],
        opened_on=min([day(opening, "Dt"), *(line.booked_on for line in lines)]),
        closed_on=closed_on,
        opening_balance=signed(opening)[0],
        closing_balance=signed(closing)[0],
        at_line=element.line,
        lines=lines,
    )


def own_account(statement: Element) -> str:
    account = statement.words("Acct/Id/IBAN", "Acct/Id/Othr/Id")
    if not account:
        raise Unreadable(_("The statement names no account."), line=statement.line)
    return iban_of(account)


def balance(statement: Element, *codes: str) -> Element:
    for code in codes:
        for each in statement.all("Bal"):
            if each.words("Tp/CdOrPrtry/Cd") == code:
                return each
    reason = _("The statement has no balance of type %(codes)s.") % {"codes": " / ".join(codes)}
    raise Unreadable(reason, line=statement.line)


def closing_currency(statement: Element, opening: Element, closing: Element) -> str:
    currencies = {signed(opening)[1], signed(closing)[1]}
    if len(currencies) > 1:
        raise Unreadable(_("The two balances are in different currencies."), line=statement.line)
    return currencies.pop()


def signed(element: Element, *, default: str = "") -> tuple[int, str]:
    """Return what an element's `Amt` and `CdtDbtInd` say: minor units with a sign, and currency."""
    amount = element.first("Amt", "AmtDtls/TxAmt/Amt")
    if amount is None:
        raise Unreadable(_("An amount (<Amt>) is missing."), line=element.line)
    units = units_of(amount)
    direction = element.words("CdtDbtInd") or default
    if direction not in {"CRDT", "DBIT"}:
        reason = _("It is not said whether money came or went (<CdtDbtInd>).")
        raise Unreadable(reason, line=element.line)
    return (units if direction == "CRDT" else -units), amount.attributes["Ccy"]


def units_of(amount: Element) -> int:
    currency = amount.attributes.get("Ccy", "")
    if AMOUNT.fullmatch(amount.text) and CURRENCY.fullmatch(currency):
        with suppress(ValueError):
            return minor_units(Decimal(amount.text), currency)
    reason = _("“%(amount)s” is no amount of money with its currency.")
    raise Unreadable(reason % {"amount": amount.text[:30]}, line=amount.line)


def day(element: Element, path: str) -> date:
    text = element.words(f"{path}/Dt", f"{path}/DtTm")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        reason = _("“%(day)s” is no date (<%(name)s>).") % {"day": text, "name": path}
        raise Unreadable(reason, line=element.line) from None


def entry_lines(entry: Element, own: str) -> Sequence[Line]:
    """Return the payments of an entry; nothing for one that is not booked yet."""
    if (entry.words("Sts/Cd") or entry.words("Sts") or "BOOK") != "BOOK":
        return []
    details = entry.all("NtryDtls/TxDtls")
    amount, currency = signed(entry)
    booked_on = day(entry, "BookgDt" if entry.first("BookgDt") else "ValDt")
    only = details[0] if len(details) == 1 else Element("TxDtls", entry.line, {})
    whole = line_of(entry, only, own, (amount, currency), booked_on)
    parts = [
        line_of(entry, each, own, signed_part(each, amount, currency), booked_on)
        for each in (details if len(details) > 1 else [])
        if each.first("Amt", "AmtDtls/TxAmt/Amt")
    ]
    return parts_or_whole(whole, parts)


def signed_part(detail: Element, whole: int, currency: str) -> tuple[int, str]:
    """Return the amount of one payment among several; in another currency it counts nothing."""
    units, found = signed(detail, default="CRDT" if whole > 0 else "DBIT")
    return (units if found == currency else 0), currency


def line_of(
    entry: Element, detail: Element, own: str, money: tuple[int, str], booked_on: date
) -> Line:
    amount, currency = money
    name, iban = other_party(detail, own, came=amount > 0)
    text, digits = remittance(entry, detail)
    return Line(
        booked_on=booked_on,
        amount=amount,
        currency=currency,
        payer_name=name,
        payer_iban=iban,
        communication=text,
        structured=digits,
        bank_reference=reference(entry, detail),
        is_return=entry.words("RvslInd") in {"true", "1"} or detail.first("RtrInf") is not None,
    )


def other_party(detail: Element, own: str, *, came: bool) -> tuple[str, str]:
    """Return name and account of who paid or was paid; a returned payment keeps its old roles."""
    roles = ("Dbtr", "Cdtr") if came else ("Cdtr", "Dbtr")
    for role in roles:
        name = detail.words(f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm")
        account = f"RltdPties/{role}Acct/Id"
        iban = iban_of(detail.words(f"{account}/IBAN", f"{account}/Othr/Id"))
        if (name or iban) and iban != own:
            return one_line(name), iban
    return "", ""


def remittance(entry: Element, detail: Element) -> tuple[str, str]:
    """Return what the payer wrote, and the digits where it is a structured communication."""
    references = [each.text for each in detail.all("RmtInf/Strd/CdtrRefInf/Ref")]
    written = [each.text for each in detail.all("RmtInf/Ustrd")]
    digits = structured(" ".join(references)) or structured(" ".join(written))
    text = one_line(" ".join(written or references))
    if digits and re.sub(r"\D", "", text) == digits and not re.search(r"[^\W\d]", text):
        text = ""
    if not (text or digits):
        text = one_line(detail.words("AddtlTxInf") or entry.words("AddtlNtryInf"))
    return text, digits


def reference(entry: Element, detail: Element) -> str:
    found = detail.words(f"Refs/{OWN_REFERENCE}") or entry.words(OWN_REFERENCE)
    return "" if found.upper() in NO_REFERENCE else one_line(found)
