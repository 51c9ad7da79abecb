"""Which column is which field: files of other tools by their columns, and the rest by guessing."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.exchange.fields import REPEATABLE, Field, fields_of
from crm.exchange.models import Kind
from crm.lib import contact
from crm.lib.notations import DATE
from crm.lib.sheets import Detected

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"(?!\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b)(\+|00?)[\d\s./()\-]{8,18}")
SIGNS = re.compile(r"[^\w]+|_")


def plain(name: str) -> str:
    """Return a column's name as names are compared: folded words.

    >>> plain("E-mail_Address"), plain("Prénom "), plain("Created date (UTC)")
    ('e mail address', 'prenom', 'created date utc')
    """
    return " ".join(SIGNS.sub(" ", contact.fold(name)).split())


@dataclass(frozen=True)
class Preset:
    """Files of one tool: `marks` are columns that all of them have, `maps` what columns are,
    `signed` what some are instead where the file is of signatures."""

    name: str
    label: Any
    kind: str
    marks: frozenset[str]
    maps: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    system: str = ""
    utc: bool = False
    signed: dict[str, str] = field(default_factory=dict)

    def fits(self, columns: set[str]) -> bool:
        return self.marks <= columns

    def field_of(self, column: str, kind: str) -> str | None:
        """Return which field a column is; None for one that the tool does not have."""
        instead = self.signed if kind == Kind.SIGNATURES else {}
        return instead.get(column, self.maps.get(column))


# Subscribers, unsubscribed and cleaned addresses are three files of Mailchimp's, which differ in
# one column. Columns as many programs that read such files name them (MEMBER_RATING, OPTIN_TIME,
# CONFIRM_TIME, LEID, EUID, TAGS; UNSUB_TIME, CLEAN_TIME).
MAILCHIMP = {
    "email address": "email",
    "first name": "given_name",
    "last name": "family_name",
    "phone number": "phone",
    "birthday": "",
    "euid": "identifier",
    "tags": "tags",
    "notes": "note",
    "optin time": "known_since",
    "confirm time": "newsletter_at",
    "cc": "country",
    "name": "full_name",
    "organization": "organisation",
}
# The labels of CiviCRM's own export (its fields' titles in the source).
CIVICRM = {
    "internal contact id": "identifier",
    "contact id": "identifier",
    "contact type": "kind",
    "individual prefix": "form_of_address",
    "first name": "given_name",
    "last name": "family_name",
    "organization name": "organisation",
    "email": "email",
    "phone": "phone",
    "street address": "street",
    "postal code": "postcode",
    "city": "town",
    "country": "country",
    "birth date": "birth_date",
    "preferred language": "language",
    "no bulk emails user opt out": "no_newsletter",
    "do not email": "no_email",
    "tags": "tags",
    "groups": "",
    "display name": "",
    "note s": "note",
}
CIVICRM_GIFTS = {
    **{name: CIVICRM[name] for name in ("contact id", "first name", "last name", "email")},
    "display name": "full_name",
    "contribution id": "reference",
    "total amount": "amount",
    "currency": "currency",
    "date received": "given_on",
    "contribution date": "given_on",
    "payment method": "method",
    "contribution status": "payment_state",
    "transaction id": "",
    "invoice number": "",
}
# As Action Network's report builder names them.
ACTION_NETWORK = {
    "uuid": "identifier",
    "first name": "given_name",
    "last name": "family_name",
    "email": "email",
    "zip code": "postcode",
    "can2 phone": "phone",
    "phone number": "phone",
    "can2 user address": "street",
    "can2 user city": "town",
    "can2 user country": "country",
    "can2 user tags": "tags",
    "can2 subscription status": "newsletter",
    "can2 subscription date": "newsletter_at",
    "can2 sms status": "",
    "language": "language",
}
# Stripe's "All payments" export: amounts in units, not cents; moments in UTC.
STRIPE = {
    "id": "reference",
    "created date utc": "given_on",
    "created utc": "given_on",
    "amount": "amount",
    "amount refunded": "refunded",
    "currency": "currency",
    "status": "payment_state",
    "customer email": "email",
    "card name": "full_name",
    "customer id": "identifier",
    "paymentintent id": "payment",
    "payment source type": "method",
    "customer description": "",
    "description": "",
}
# Leads are downloaded with the advertisement's columns first, and the form's questions behind.
FACEBOOK = {
    "id": "",
    "created time": "known_since",
    "email": "email",
    "full name": "full_name",
    "first name": "given_name",
    "last name": "family_name",
    "phone number": "phone",
    "city": "town",
    "post code": "postcode",
    "zip code": "postcode",
    "country": "country",
    "date of birth": "birth_date",
    "street address": "street",
}
LEFT = {**MAILCHIMP, "confirm time": ""}
MAILED = frozenset(("email address", "member rating", "leid", "euid"))
PRESETS = (
    Preset("mailchimp-unsubscribed", _("Mailchimp: unsubscribed"), Kind.SUPPORTERS,
           MAILED | {"unsub time"}, {**LEFT, "unsub time": "newsletter_at"},
           {"newsletter": "no"}, "mailchimp"),
    Preset("mailchimp-cleaned", _("Mailchimp: cleaned"), Kind.SUPPORTERS,
           MAILED | {"clean time"}, {**LEFT, "clean time": "newsletter_at"},
           {"newsletter": "no"}, "mailchimp"),
    Preset("mailchimp", _("Mailchimp: subscribed"), Kind.SUPPORTERS, MAILED, MAILCHIMP,
           {"newsletter": "yes"}, "mailchimp"),
    Preset("civicrm-gifts", _("CiviCRM: contributions"), Kind.GIFTS,
           frozenset(("contribution id", "total amount")), CIVICRM_GIFTS, {}, "civicrm"),
    Preset("civicrm", _("CiviCRM: contacts"), Kind.SUPPORTERS,
           frozenset(("contact type", "no bulk emails user opt out")), CIVICRM, {}, "civicrm"),
    Preset("action-network", "Action Network", Kind.SUPPORTERS,
           frozenset(("email", "can2 subscription status")), ACTION_NETWORK, {}, "actionnetwork",
           utc=True),
    Preset("stripe", _("Stripe: payments"), Kind.GIFTS,
           frozenset(("id", "amount", "amount refunded", "currency", "captured")), STRIPE,
           {"method": "card"}, "stripe", utc=True),
    Preset("facebook", _("Facebook: leads of a form"), Kind.SUPPORTERS,
           frozenset(("ad id", "adset id", "form id", "created time")), FACEBOOK, {}, "facebook",
           signed={"created time": "signed_at"}),
)  # fmt: skip
BY_NAME = {preset.name: preset for preset in PRESETS}


def preset_of(columns: tuple[str, ...]) -> Preset | None:
    """Return the tool whose export has these columns, if we know it."""
    names = {plain(name) for name in columns}
    return next((preset for preset in PRESETS if preset.fits(names)), None)


def guess(how: Detected, kind: str, preset: Preset | None = None) -> dict[str, str]:
    """Return which field each column seems to be, by its name and then by its cells."""
    mapping = dict.fromkeys(how.columns, "")
    allowed = {each.name: each for each in fields_of(kind)}
    taken: set[str] = set()
    for column in how.columns:
        told = preset.field_of(plain(column), kind) if preset else None
        found = told if told is not None else by_name(plain(column), allowed)
        claim(mapping, column, found, allowed, taken)
    for position, column in enumerate(how.columns):
        if not mapping[column] and not (preset and plain(column) in preset.maps):
            cells = [cells[position] for cells in how.sample if position < len(cells)]
            claim(mapping, column, by_cells(cells, kind), allowed, taken)
    return mapping


def claim(
    mapping: dict[str, str],
    column: str,
    found: str,
    allowed: dict[str, Field],
    taken: set[str],
) -> None:
    """Give a column its field, once; a second e-mail or telephone is another one."""
    if found in taken:
        found = REPEATABLE.get(found, "")
    if found in allowed and found not in taken:
        mapping[column] = found
        taken.add(found)


def by_name(name: str, allowed: dict[str, Field]) -> str:
    # What a kind alone has comes before what all have: a signature's "date" is when it was signed.
    special = sorted(allowed.values(), key=lambda each: len(each.kinds))
    return next((each.name for each in special if name in each.named()), "")


def by_cells(cells: list[str], kind: str) -> str:
    """Return what a column's cells look like, if most are of one shape."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    shapes = {"email": EMAIL, "phone": PHONE}
    if kind == Kind.SIGNATURES:
        shapes["signed_at"] = DATE
    for name, shape in shapes.items():
        if filled and sum(1 for cell in filled if shape.fullmatch(cell)) >= 0.8 * len(filled):
            return name
    return ""
