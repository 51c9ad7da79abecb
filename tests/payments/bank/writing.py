"""Writing statements as Belgian banks do, in both formats, for tests."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stdnum.be import ogm_vcs

OURS = "BE68539007547034"
MARIE, JAN, SHOP = "BE71096123456769", "BE62510007547061", "BE43068999999501"
DAY = date(2026, 3, 10)


@dataclass(frozen=True)
class Move:
    """A movement, in cents. `text` may be a structured communication of twelve digits."""

    amount: int
    name: str = "DUPONT MARIE"
    iban: str = MARIE
    text: str = "Don"
    reference: str = ""
    on: date = DAY
    returned: bool = False

    @property
    def is_structured(self):
        return self.text.isdigit() and ogm_vcs.is_valid(self.text)


def coda(moves, *, opening=100_000, account=OURS, closed_on=DAY, number=42, references=True):
    """Return a CODA file with one statement."""
    closing = opening + sum(move.amount for move in moves)
    day, own = f"{closed_on:%d%m%y}", account.ljust(34) + "EUR"
    head = {0: "0000" + "0", 5: day, 11: "39905", 24: "0000000042", 34: "AMIS DES ENFANTS"}
    old = {0: "12", 2: f"{number:03d}", 5: own, 42: balance(opening), 58: day, 125: f"{number:03d}"}
    new = {0: "8", 1: f"{number:03d}", 4: own, 41: balance(closing), 57: day, 127: "0"}
    records = [record(head | {60: "KREDBEBB", 71: "00417331909 00000", 127: "2"}), record(old)]
    for position, move in enumerate(moves, start=1):
        records += movement(move, position, number, references)
    records.append(record(new))
    debit = -sum(move.amount for move in moves if move.amount < 0)
    credit = sum(move.amount for move in moves if move.amount > 0)
    sums = {16: f"{len(records) - 1:06d}", 22: f"{debit * 10:015d}", 37: f"{credit * 10:015d}"}
    records.append(record({0: "9", 127: "2"} | sums))
    return "\r\n".join(records).encode("windows-1252") + b"\r\n"


def movement(move, position, number, references):
    stem, day = f"{position:04d}0000", f"{move.on:%d%m%y}"
    reference = move.reference or (f"KB{move.on:%y%m%d}{position:06d}" if references else "")
    text = f"1101{move.text}" if move.is_structured else f"0{move.text}"
    first = {0: "21", 2: stem, 10: reference, 31: balance(move.amount), 47: day, 53: "00150000"}
    second = {0: "22", 2: stem, 10: text[54:107], 98: "KREDBEBB", 112: "1" if move.returned else ""}
    third = {0: "23", 2: stem, 10: move.iban.ljust(34) + "EUR", 47: move.name[:35]}
    return [
        record(first | {61: text[:54], 115: day, 121: f"{number:03d}", 124: "01 0"}),
        record(second | {125: "1 0"}),
        record(third | {82: text[107:150], 125: "0 0"}),
    ]


def balance(cents):
    return f"{'1' if cents < 0 else '0'}{abs(cents) * 10:015d}"


def record(fields):
    """Return the 128 characters of a line, with a text at each of some positions."""
    line = " " * 128
    for at, text in fields.items():
        line = line[:at] + text + line[at + len(text) :]
    assert len(line) == 128
    return line


def camt(
    moves, *, opening=100_000, account=OURS, closed_on=DAY, version="08", references=True, **swaps
):
    """Return a CAMT.053 file with one statement; `swaps` replace pieces of it."""
    closing = opening + sum(move.amount for move in moves)
    entries = "".join(entry(move, at, references) for at, move in enumerate(moves, start=1))
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-10T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S42</Id><ElctrncSeqNb>42</ElctrncSeqNb>
<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balance_element("OPBD", opening, closed_on)}
{balance_element("CLBD", closing, closed_on)}
{entries}</Stmt></BkToCstmrStmt></Document>"""
    for old, new in swaps.items():
        text = text.replace(old, new)
    return text.encode()


def balance_element(code, cents, day):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{money(cents)}"
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def money(cents):
    direction = "DBIT" if cents < 0 else "CRDT"
    amount = Decimal(abs(cents)).scaleb(-2)
    return f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'


def entry(move, position, references):
    reference = move.reference or (f"KB{move.on:%y%m%d}{position:06d}" if references else "")
    role = "Dbtr" if move.amount > 0 else "Cdtr"
    written = (
        f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>BBA</Issr></Tp>"
        f"<Ref>{move.text}</Ref></CdtrRefInf></Strd>"
        if move.is_structured
        else f"<Ustrd>{move.text}</Ustrd>"
    )
    return f"""<Ntry>{money(move.amount)}{"<RvslInd>true</RvslInd>" if move.returned else ""}
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{move.on}</Dt></BookgDt>
{f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""}
<NtryDtls><TxDtls><RltdPties><{role}><Pty><Nm>{move.name}</Nm></Pty></{role}>
<{role}Acct><Id><IBAN>{move.iban}</IBAN></Id></{role}Acct></RltdPties>
<RmtInf>{written}</RmtInf></TxDtls></NtryDtls></Ntry>
"""
