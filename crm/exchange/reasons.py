"""Why a row was not taken, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS = {
    "width": _("The line has %(cells)s cells, and there are %(columns)s columns."),
    "email": _("“%(column)s” holds no e-mail address."),
    "phone": _("“%(column)s” holds no telephone number."),
    "date": _("“%(column)s” holds no date that we understand."),
    "future": _("“%(column)s” lies in the future."),
    "amount": _("“%(column)s” holds no amount above zero."),
    "unknown": _("“%(column)s” holds a word that we do not know."),
    "too-long": _("“%(column)s” is too long: %(limit)s characters fit."),
    "missing": _("“%(column)s” is empty, and is needed."),
    "nobody": _("There is neither an e-mail address, nor a number, nor a name."),
    "header": _("The line repeats the names of the columns."),
    "character": _("The line holds a character that no text has."),
    "two-people": _("The e-mail address and the number are those of two people we know."),
    "fund": _("There is no open fund “%(value)s”."),
    "gift-differs": _("We know a gift of this number, with another amount or of somebody else."),
    "refunded": _("More was given back than was given."),
    # Of rows that are left out on purpose.
    "erased": _("This person asked us to forget them."),
    "known": _("We know this person, and the import only adds new ones."),
    "withdrawn": _("This person withdrew their signature."),
    "not-paid": _("This payment never came."),
    "twice": _("The same gift stands further up in the file."),
}


def sentence(told: dict[str, Any]) -> str:
    """Say a reason in the reader's language."""
    return str(REASONS[told["reason"]]) % told


def sentences(told: list[dict[str, Any]]) -> str:
    return " ".join(sentence(each) for each in told)
