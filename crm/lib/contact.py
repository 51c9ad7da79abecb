"""The one normal form in which e-mail addresses and names are compared."""

import re
import unicodedata

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number
from phonenumbers import parse as parse_phone

# Nearly every address is of this plain shape, which needs no parser: it is a thousand a second
# against a hundred thousand when a list comes in. What is not goes the long way.
ATOM, LABEL = r"[a-z0-9_+'&~!#$%*/=?^`{|}-]+", r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN = re.compile(
    rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+([a-z]{{2,63}})"
)
WORD = re.compile(r"\w+")
GMAIL = {"gmail.com", "googlemail.com"}  # to which dots say nothing
SPECIAL = {name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES}


def normal_email(address: str) -> str:
    """Return the form in which addresses are stored and compared.

    >>> normal_email(" Marie.Dupont@EXAMPLE.org ")
    'marie.dupont@example.org'

    Raises ValueError when it is not an e-mail address.
    """
    plain = PLAIN.fullmatch(lowered := address.strip().lower())
    if plain and plain[1] not in SPECIAL and "--" not in lowered.partition("@")[2]:
        return lowered
    try:
        found = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return found.normalized.lower()


def mailbox_of(address: str) -> str:
    """Return where mail to an address in its normal form arrives, whatever alias it names.

    >>> mailbox_of("ana+petition@example.org"), mailbox_of("an.a+1@googlemail.com")
    ('ana@example.org', 'ana@gmail.com')
    >>> mailbox_of("an.a@example.org"), mailbox_of("+1@example.org")
    ('an.a@example.org', '+1@example.org')
    """
    local, _at, domain = address.partition("@")
    name = local.partition("+")[0]
    if not name:
        return address
    if domain in GMAIL:
        return f"{name.replace('.', '')}@gmail.com"
    return f"{name}@{domain}"


def normal_phone(number: str, country: str = "BE") -> str:
    """Return the form in which telephone numbers are stored and compared (E.164).

    >>> normal_phone("0475 12.34/56"), normal_phone("+32 (0)475 123456")
    ('+32475123456', '+32475123456')
    >>> normal_phone("06 12 34 56 78", "FR")
    '+33612345678'

    `country` (ISO 3166-1 alpha-2) is where a number without a prefix is dialled. Raises ValueError
    when it is no telephone number of any country.
    """
    try:
        found = parse_phone(number.replace("(0)", ""), country or "BE")
    except NumberParseException as error:
        raise ValueError(str(error)) from error
    if not is_valid_number(found):
        raise ValueError(f"no telephone number of {country or 'BE'}")
    return format_number(found, PhoneNumberFormat.E164)


def phone_beginning(text: str) -> str:
    """Return with what the normal form of a number begins, of which the first digits are known.

    >>> phone_beginning("0475 12 34"), phone_beginning("+32 475/12.34")
    ('+324751234', '+324751234')
    >>> phone_beginning("1000"), phone_beginning("Marie 0475123456")
    ('', '')

    Nothing, where this does not look like a telephone number.
    """
    plain = text.strip().replace("(0)", "")
    digits = re.sub(r"[ ./()-]", "", plain)
    if not re.fullmatch(r"\+?\d{6,15}", digits):
        return ""
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+32{digits[1:]}" if digits.startswith("0") else f"+{digits}"


def fold(text: str) -> str:
    """Return text without case and accents, for finding.

    >>> fold("Hélène VAN DER Åŋström")
    'helene van der aŋstrom'
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Split folded text into the words that a search compares.

    >>> words("Anne-Marie d'Hondt, anne@example.org")
    ['anne', 'marie', 'd', 'hondt', 'anne', 'example', 'org']
    """
    return WORD.findall(fold(text))
