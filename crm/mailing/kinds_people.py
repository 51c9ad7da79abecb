"""Mails to who signs, agrees, or asks what we hold."""

from django.utils.translation import gettext_lazy as _

from crm.mailing.kind import CAMPAIGN, GREETING, OTHER, RECEIPT, In, Kind, said, value

SIGNER, DONOR = _("who signed"), _("who gave")
WORDINGS = said(
    "wordings", _("The words that stood beside the box."), "confirm_consent_wordings", needed=True
)
KNOWN = {"token": "…", "slug": "voyage"}
SIGNED = KNOWN | {"signature": "…"}
CONSENT = {
    "token": "…",
    "words": In(
        ["Je souhaite recevoir la lettre d’information."],
        ["Ik wil de nieuwsbrief ontvangen."],
        ["I want to get the newsletter."],
    ),
}

PEOPLE = (
    Kind(
        "confirm_signature",
        _("Confirm a signature"),
        _("At once, after somebody signed or joined, until they have confirmed."),
        SIGNER,
        OTHER,
        "why_signed",
        (
            GREETING,
            CAMPAIGN,
            said("words", _("The campaign's own paragraph, or ours."), "confirm_signature_words"),
        ),
        "confirm_signature_link",
        _("Confirm"),
        sample=SIGNED,
    ),
    Kind(
        "already_signed",
        _("Signed already"),
        _("At once, after somebody signed what they had signed before."),
        SIGNER,
        OTHER,
        "why_again",
        (GREETING, CAMPAIGN),
        "already_signed_link",
        _("Your page"),
        is_link_needed=False,
        sample=KNOWN,
    ),
    Kind(
        "signature_thanks",
        _("Thanks for signing"),
        _("At once, after somebody confirmed that they sign or join; once for each campaign."),
        SIGNER,
        OTHER,
        "why_confirmed",
        (
            GREETING,
            CAMPAIGN,
            said("words", _("The campaign's own paragraph, or ours."), "signature_thanks_words"),
            said("address", _("The signer's own link to share."), "signature_thanks_address"),
            said("shares", _("The ways to share it."), "signature_thanks_shares"),
            said("giving", _("How to give for the campaign."), "signature_thanks_giving"),
        ),
        "signature_thanks_link",
        _("Your page"),
        sample=SIGNED
        | {
            "code": "1a2b3c4d5",
            "share_text": In(
                "Signez avec moi", "Teken samen met mij", "Sign this together with me"
            ),
        },
    ),
    Kind(
        "confirm_consent",
        _("Confirm a consent"),
        _("After somebody ticked a box that counts only once they answer from their address."),
        _("who ticked the box"),
        OTHER,
        "why_link",
        (GREETING, WORDINGS),
        "confirm_consent_link",
        _("Confirm"),
        sample=CONSENT,
    ),
    Kind(
        "confirm_consent_parent",
        _("A parent's consent"),
        _("After somebody too young to agree alone asked us to write to them."),
        _("a parent"),
        OTHER,
        "why_link",
        (GREETING, WORDINGS),
        "confirm_consent_link",
        _("Confirm"),
        sample=CONSENT,
    ),
    Kind(
        "donor_link",
        _("The link to one's own page"),
        _("At once, when somebody asks for it."),
        DONOR,
        RECEIPT,
        "why_link",
        (GREETING,),
        "donor_link_link",
        _("Open my page"),
        sample={"token": "…"},
    ),
    Kind(
        "data_ready",
        _("The data that somebody asked for"),
        _("Once the archive of their data is there, of whoever asked for it."),
        _("who asked for it"),
        RECEIPT,
        "why_data",
        (
            GREETING,
            value(
                "until",
                _("The last day on which the link works."),
                In("21 mars 2026", "21 maart 2026", "21 March 2026"),
            ),
        ),
        "data_ready_link",
        _("Get my data"),
        sample={"token": "…"},
    ),
    Kind(
        "erased",
        _("Somebody is erased"),
        _("Once what we held about somebody was erased: our last mail to them."),
        _("who asked for it"),
        RECEIPT,
        "why_erased",
    ),
)
