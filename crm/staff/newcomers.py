"""Adding a supporter: who has the address already is them; who looks alike is shown before."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy

from crm.people.entering import enter, lookalikes
from crm.people.models import Supporter
from crm.people.operations import EmailTaken
from crm.staff.supporter_forms import NewSupporterForm

SURE = "somebody_else"
KNOWN = gettext_lazy("This is the address of a supporter we know.")
MOST = 5


class Entry:
    """What was typed of somebody new, and whom of those we know it may be."""

    def __init__(self, request: HttpRequest, at: datetime) -> None:
        self.request, self.at = request, at
        begin = {"language": (get_language() or "fr")[:2], "country": "BE"}
        self.form = NewSupporterForm(request.POST or None, initial=begin, reader=request.user)
        self.known: Supporter | None = None
        self.alike: list[Supporter] = []

    def written(self) -> Supporter | None:
        """Write them down, if it is right and new; else the page says what stands against it."""
        if not self.form.is_valid():
            return None
        told, is_sure = self.form.cleaned_data, SURE in self.request.POST
        try:
            self.alike = [] if is_sure else lookalikes(at=self.at, **told)[:MOST]
            if self.alike:
                return None
            return enter(at=self.at, by=self.request.user, is_somebody_else=is_sure, **told)
        except EmailTaken as taken:
            self.known = Supporter.objects.get(pk=taken.supporter_id)
            self.form.add_error("email", KNOWN)
        return None

    @property
    def context(self) -> dict[str, Any]:
        return {"form": self.form, "known": self.known, "alike": self.alike, "sure": SURE}
