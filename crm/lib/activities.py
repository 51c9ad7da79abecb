"""Why personal data is held: the activities of the register that the GDPR asks for (article 30).

Every model with rows about a person names one; the register is made from that.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Basis(StrEnum):
    """What makes it lawful, with the letter of article 6.1."""

    CONSENT = "a"
    CONTRACT = "b"
    LEGAL_DUTY = "c"
    LEGITIMATE_INTEREST = "f"


BASES = {
    Basis.CONSENT: _("consent (article 6.1.a)"),
    Basis.CONTRACT: _("what was agreed with the person (article 6.1.b)"),
    Basis.LEGAL_DUTY: _("a legal duty (article 6.1.c)"),
    Basis.LEGITIMATE_INTEREST: _("legitimate interest (article 6.1.f)"),
}


WITHIN_EUROPE = _("none outside the European Union")


@dataclass(frozen=True)
class Activity:
    """One processing activity: what for, on which basis, about whom, who receives the data, what
    leaves the European Union, and how long it is kept beside what the rules of retention say."""

    key: str
    title: str | Promise
    purpose: str | Promise
    basis: Basis
    people: str | Promise
    recipients: str | Promise
    kept: str | Promise
    transfers: str | Promise = WITHIN_EUROPE


STAFF_ONLY = _("nobody outside the organisation")

RELATIONS = Activity(
    key="relations",
    title=_("Contact with supporters"),
    purpose=_("To know who supports us, to answer them and to work with them."),
    basis=Basis.LEGITIMATE_INTEREST,
    people=_("signers, donors, contacts at organisations"),
    recipients=STAFF_ONLY,
    kept=_("until they ask for erasure, or have not been heard of for the years that we set"),
)
PETITIONS = Activity(
    key="petitions",
    title=_("Petitions"),
    purpose=_("To count each signature once, and to hand the petition over."),
    basis=Basis.CONSENT,
    people=_("signers of petitions"),
    recipients=_("the authority to which a petition is handed, as far as its text says so"),
    kept=_("like the contact with the signer"),
)
CONSENTS = Activity(
    key="consents",
    title=_("Consents"),
    purpose=_("To write only to those who agreed, and to be able to prove it."),
    basis=Basis.LEGAL_DUTY,
    people=_("everybody who agreed to something, or refused it"),
    recipients=_("the newsletter tool that the organisation uses"),
    transfers=_("as in the contract with the maker of the newsletter tool"),
    kept=_("as long as the consent holds, then as its proof"),
)
MAILS = Activity(
    key="mails",
    title=_("Mails"),
    purpose=_("To send confirmations, thanks, receipts and links, and to know that they arrived."),
    basis=Basis.CONTRACT,
    people=_("signers, donors, participants, members of staff"),
    recipients=_("the provider that carries our mails"),
    transfers=_("as in the contract with the provider that carries our mails"),
    kept=_("that they were sent: like the contact with the person"),
)
DONATIONS = Activity(
    key="donations",
    title=_("Donations"),
    purpose=_("To receive gifts, to thank for them, and to keep to what was promised."),
    basis=Basis.CONTRACT,
    people=_("donors, and those in whose name or memory somebody gave"),
    recipients=_("Stripe, which carries out payments; the bank"),
    kept=_("like the contact with the donor"),
    transfers=_(
        "Stripe may process data in the United States, under the EU-US Data Privacy Framework "
        "and standard contractual clauses"
    ),
)
ACCOUNTS = Activity(
    key="accounts",
    title=_("Accounts and tax"),
    purpose=_("To keep the books, and to issue receipts and tax certificates."),
    basis=Basis.LEGAL_DUTY,
    people=_("donors"),
    recipients=_("the tax authority, for certificates; the accountant"),
    kept=_("as many full years after the year of the gift as the law on accounts asks"),
)
PROGRAMMES = Activity(
    key="programmes",
    title=_("Trainings and partners"),
    purpose=_("To hold trainings, to certify attendance, and to accompany partners."),
    basis=Basis.CONTRACT,
    people=_("participants of trainings, contacts at partners and networks"),
    recipients=STAFF_ONLY,
    kept=_("like the contact with the person or the organisation"),
)
QUALITY = Activity(
    key="quality",
    title=_("Correct and traceable data"),
    purpose=_("To find duplicates, to take back mistakes, and to see who changed what."),
    basis=Basis.LEGITIMATE_INTEREST,
    people=_("everybody of whom a record is kept"),
    recipients=STAFF_ONLY,
    kept=_("like the records that it is about"),
)
PRIVACY = Activity(
    key="privacy",
    title=_("Privacy requests"),
    purpose=_("To answer requests in time, to prove it, and to keep away what was erased."),
    basis=Basis.LEGAL_DUTY,
    people=_("everybody who uses their rights"),
    recipients=STAFF_ONLY,
    kept=_("addresses that we must not use: as keyed hashes, for good"),
)
STAFF = Activity(
    key="staff",
    title=_("Accounts of staff"),
    purpose=_("To let members of staff sign in, and to know who did what."),
    basis=Basis.LEGITIMATE_INTEREST,
    people=_("members of staff"),
    recipients=STAFF_ONLY,
    kept=_("as long as they work here, then as long as the trail of what they did"),
)
ACTIVITIES = (
    RELATIONS,
    PETITIONS,
    CONSENTS,
    MAILS,
    DONATIONS,
    ACCOUNTS,
    PROGRAMMES,
    QUALITY,
    PRIVACY,
    STAFF,
)
