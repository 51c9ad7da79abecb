"""Mails to donors."""

from django.utils.translation import gettext_lazy as _

from crm.mailing.kind import CAMPAIGN, GREETING, OTHER, RECEIPT, In, Kind, said, value

DONOR = _("who gave")
AMOUNT = value(
    "amount", _("The amount, with its currency."), In("25,00\xa0€", "€\xa025,00", "€25.00")
)
NUMBER = value("number", _("The number of the receipt."), "2026-000123")
QUESTIONS = said(
    "questions", _("To whom the reader writes if something is wrong."), "receipt_questions"
)

GIVING = (
    Kind(
        "gift_thanks",
        _("Thanks for a gift, with its receipt"),
        _("Once a gift has reached us."),
        DONOR,
        RECEIPT,
        "why_gift",
        (
            GREETING,
            AMOUNT,
            NUMBER,
            said("thanks", _("Thanks for the gift: how much, and for what."), "gift_words"),
            said("your_page", _("What donors find on their page."), "gift_page"),
        ),
        "page_link",
        _("Your page"),
        is_link_needed=False,
        sample={"is_monthly": True, "campaign": CAMPAIGN.sample},
    ),
    Kind(
        "payment_failed",
        _("A regular gift could not be collected"),
        _("When the card or the bank refused a regular gift."),
        DONOR,
        RECEIPT,
        "why_plan",
        (
            GREETING,
            AMOUNT,
            said("what_happened", _("What was refused."), "payment_failed_words"),
            said(
                "what_now",
                _("Whether it is tried again, and what the donor can do."),
                "payment_failed_next",
                needed=True,
            ),
            said(
                "stop",
                _("How the donor ends the gift; nothing if it has ended."),
                "payment_failed_stop",
            ),
        ),
        "payment_failed_link",
        _("Choose another card or account"),
        sample={
            "interval": "month",
            "again_on": In("17 mars 2026", "17 maart 2026", "17 March 2026"),
            "has_ended": False,
            "card_path": "/fr/card/…/",
            "give_path": "/fr/give/",
        },
    ),
    Kind(
        "receipt_corrected",
        _("A corrected receipt"),
        _("When money was given back, or came back to us."),
        DONOR,
        RECEIPT,
        "why_gift",
        (
            GREETING,
            AMOUNT,
            NUMBER,
            said(
                "about",
                _("What it is about, in a line."),
                "receipt_corrected_subject",
                is_line=True,
            ),
            said("what", _("What has changed, and why."), "receipt_corrected_words", needed=True),
            QUESTIONS,
        ),
        sample={"replaces": "2026-000098", "of_year": None, "is_void": False},
    ),
    Kind(
        "yearly_receipt",
        _("The receipt of a year"),
        _("When a donor, or staff for them, asks for the receipt of a whole year."),
        DONOR,
        RECEIPT,
        "why_gift",
        (GREETING, AMOUNT, NUMBER, value("of_year", _("The year."), "2025"), QUESTIONS),
        sample={"replaces": "", "is_void": False},
    ),
    Kind(
        "tax_certificate",
        _("The tax certificate"),
        _("When certificates of a year are issued, replaced or void."),
        DONOR,
        RECEIPT,
        "why_gift",
        (
            GREETING,
            AMOUNT,
            value("year", _("The year."), "2025"),
            value("number", _("The number of the certificate."), "2025-000042"),
            said(
                "about",
                _("What it is about, in a line."),
                "tax_certificate_subject",
                is_line=True,
            ),
            said(
                "what",
                _("What the certificate says and how it is used, or that it is void."),
                "tax_certificate_words",
                needed=True,
            ),
            QUESTIONS,
        ),
        sample={"rate": "30 %", "is_correction": False, "is_void": False},
    ),
    Kind(
        "tribute",
        _("A gift in honour or in memory of somebody"),
        _("Once a donor has asked us to tell somebody of it."),
        _("whom the donor named"),
        OTHER,
        "why_tribute",
        (
            GREETING,
            value("name", _("In whose honour or memory."), "Jeanne Dubois"),
            said("about", _("What it is about, in a line."), "tribute_subject", is_line=True),
            said("what", _("Who gave, and in whose honour or memory."), "tribute_words"),
        ),
        sample={"kind": "memory", "donor": "Paul Lambert", "given_name": "Marie"},
        is_to_others=True,
    ),
)
