"""Finding a Belgian structured communication, wherever the payer wrote it."""

import re

from stdnum.be import ogm_vcs

# With or without the crosses or stars around it, and the slashes, dots or blanks between.
WRITTEN = re.compile(r"(?<!\d)(\d{3})[ /.-]?(\d{4})[ /.-]?(\d{5})(?!\d)")


def structured(text: str) -> str:
    """Return the twelve digits of the one communication in a text whose check digits are right.

    >>> structured("+++090/9337/55493+++"), structured("don 090933755493 merci")
    ('090933755493', '090933755493')
    >>> structured("+++090/9337/55494+++"), structured("BE68539007547034"), structured("")
    ('', '', '')
    """
    found = {"".join(parts) for parts in WRITTEN.findall(text)}
    right = [digits for digits in found if ogm_vcs.is_valid(digits)]
    return right[0] if len(right) == 1 else ""


def one_line(text: str) -> str:
    """Return text without line breaks and runs of blanks.

    >>> one_line(" Don   pour\\nles enfants ")
    'Don pour les enfants'
    """
    return " ".join(text.split())


def iban_of(account: str) -> str:
    """Return an account as IBAN, also from the twelve digits of Belgian accounts before IBAN.

    >>> iban_of("be68 5390 0754 7034"), iban_of("539007547034"), iban_of("123")
    ('BE68539007547034', 'BE68539007547034', '123')
    """
    plain = re.sub(r"\W", "", account).upper()
    if re.fullmatch(r"\d{12}", plain):
        return f"BE{98 - int(plain + '111400') % 97:02d}{plain}"
    return plain
