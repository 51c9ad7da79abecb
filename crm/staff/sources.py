"""Where a fact came from, in words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.models import Source
from crm.campaigns.sources import CHANNELS
from crm.exchange.models import Import, Kind
from crm.staff.events import Event

# What stands before the colon of a source.
PLACES = {
    "signature": gettext_lazy("when signing"),
    "checkout": gettext_lazy("when giving"),
    "donation": gettext_lazy("when giving"),
    "gift": gettext_lazy("when giving"),
    "bank": gettext_lazy("by bank transfer"),
    "stripe": "Stripe",
    "mail": gettext_lazy("by a link in a mail"),
    "complaint": gettext_lazy("by calling our mail spam"),
    "provider": gettext_lazy("at the provider of our mails"),
    "donor": gettext_lazy("on their own page"),
    "donor page": gettext_lazy("on their own page"),
    "preferences": gettext_lazy("on the page of their choices"),
    "newsletter": gettext_lazy("on the page of the newsletter"),
    "newsletter page": gettext_lazy("on the page of the newsletter"),
    "api": gettext_lazy("by the API"),
    "staff": gettext_lazy("recorded by staff"),
    "import": gettext_lazy("import"),
    "merge": gettext_lazy("merge"),
    "erasure": gettext_lazy("erasure"),
    "demo": gettext_lazy("demo"),
}
IMPORT = "import:"
# Who was met there gave, which is not for everybody to know.
OF_GIVING = ("checkout", "donation", "gift", "bank", "stripe")


def place(source: str) -> str:
    """Say where something was said; what we have no word for is shown as it is.

    >>> place("paper form 2019")
    'paper form 2019'
    """
    return str(PLACES.get(source.partition(":")[0], source))


def channel(source: Source | None) -> str:
    return str(CHANNELS.get(source.channel, source.channel)) if source else ""


def name_of(user: Any) -> str:
    """Return what colleagues call a member of staff; nothing for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""


def by_hand(reference: str) -> str:
    return _("recorded by staff") if reference.startswith(("staff:", "batch:")) else ""


def imports_named(codes: Iterable[str], *, sees_gifts: bool = True) -> dict[str, str]:
    """Return the names of the files behind sources such as "import:12", as far as may be told."""
    ids = {code: code.removeprefix(IMPORT) for code in codes if code.startswith(IMPORT)}
    keys = [key for key in ids.values() if key.isdecimal()]
    if not keys:
        return {}
    known = Import.objects.filter(pk__in=keys)
    told = known if sees_gifts else known.exclude(kind=Kind.GIFTS)
    names = dict(told.values_list("pk", "name"))
    return {
        code: _("import of “%(file)s”") % {"file": names[int(key)]}
        for code, key in ids.items()
        if key.isdecimal() and int(key) in names
    }


def tells_of_giving(source: str) -> bool:
    return source.partition(":")[0] in OF_GIVING


def in_words(codes: Iterable[str], *, sees_gifts: bool = True) -> dict[str, str]:
    """Return the words for each source that may be told, with one query for all files."""
    wanted = {code for code in codes if code and (sees_gifts or not tells_of_giving(code))}
    return {code: place(code) for code in wanted} | imports_named(wanted, sees_gifts=sees_gifts)


def worded(events: list[Event], *, sees_gifts: bool) -> list[Event]:
    """Return events whose sources are said in words."""
    words = in_words((event.code for event in events), sees_gifts=sees_gifts)
    return [
        replace(event, source=event.source or words.get(event.code, "")) if event.code else event
        for event in events
    ]
