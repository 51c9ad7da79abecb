"""The one normal form in which e-mail addresses and names are compared."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email


def normal_email(address: str) -> str:
    """Return the form in which addresses are stored and compared.

    >>> normal_email(" Marie.Dupont@EXAMPLE.org ")
    'marie.dupont@example.org'

    Raises ValueError when it is not an e-mail address.
    """
    try:
        found = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return found.normalized.lower()


def fold(text: str) -> str:
    """Return text without case and accents, for finding.

    >>> fold("Hélène VAN DER Åŋström")
    'helene van der aŋstrom'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Split folded text into the words that a search compares.

    >>> words("Anne-Marie d'Hondt, anne@example.org")
    ['anne', 'marie', 'd', 'hondt', 'anne', 'example', 'org']
    """
    return re.findall(r"\w+", fold(text))
