"""What each number of a counter is, in one plain sentence: on the petition and on certificates."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Signature

Way = Signature.Way
WAYS: dict[str, tuple[Any, Any]] = {
    Way.ONLINE: (
        _("Confirmed online"),
        _("People who signed here and confirmed it by the link in a mail to their own address."),
    ),
    Way.PAPER: (
        _("On paper"),
        _(
            "Valid lines on sheets of paper, each sheet numbered and counted by hand. Lines that "
            "cannot be read, or that stand twice, are struck out and do not count."
        ),
    ),
    Way.TAKEN_OVER: (
        _("Taken over"),
        _("Signatures given on another system of ours before this one, and carried over from it."),
    ),
    Way.HISTORICAL: (
        _("Collected earlier"),
        _(
            "Signatures collected before these records began, of which only the number was kept. "
            "They are counted, and nobody is named or written to because of them."
        ),
    ),
}
BESIDE: dict[str, tuple[Any, Any]] = {
    "waiting": (
        _("Waiting"),
        _("Signed, and not confirmed or not checked yet. They do not count."),
    ),
    "withdrawn": (
        _("Withdrawn"),
        _(
            "Taken back by the signer, or taken out by us because the address does not work, the "
            "signature was given in somebody else's name, or the same person had signed already. "
            "They do not count."
        ),
    ),
}
