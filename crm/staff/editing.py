"""Two people correct one record: the second is shown what the first changed, and nothing is lost.

How to use it, in a view that is one transaction and has locked the record:

    @transaction.atomic
    def correct_view(self, request, thing_id):
        thing = get_object_or_404(Thing.objects.select_for_update(), pk=thing_id)
        edit = Edit(request, ThingForm, record=thing, now={"name": thing.name, "day": thing.day})
        if edit.is_ready():
            correct_thing(thing=thing, by=request.user, at=timezone.now(), **edit.values)
            return redirect(…)
        return self.page(request, "form", title, **edit.context, back_url=…)

`now` holds what stands in the record, by the names of the form's fields. The page carries, sealed,
what it was based on. On POST `edit.values` are the reader's changes upon what stands there now:
what only others changed is kept (`edit.kept` names it). Where both changed the same field, nothing
is ready: the page says who wrote what, and asks whose is kept. In a template of your own write
`{% include "staff/editing.html" %}` inside the form, beside the token.
After an error of the operation: `edit.form.add_error(…)`, and show the page as above.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit import subject_of
from crm.staff.changes import last_change

BASIS, KEEP = "based_on", "keep-"


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed."""

    name: str
    label: str
    before: str
    theirs: str
    mine: str
    by: Any
    at: datetime | None


class Edit:
    """A form upon a record that others may change meanwhile."""

    def __init__(
        self,
        request: HttpRequest,
        form: Callable[..., forms.BaseForm],
        *,
        record: Model,
        now: dict[str, Any],
    ) -> None:
        self.request, self.make, self.record, self.now = request, form, record, now
        self.conflicts: list[Conflict] = []
        self.kept: list[str] = []
        self.values: dict[str, Any] = {}
        self.form = form(request.POST if request.method == "POST" else None, initial=now)
        self.based_on = request.POST.get(BASIS, "") or self.seal()

    def is_ready(self) -> bool:
        """Whether the answers are right and can be written upon what stands there now."""
        if not self.form.is_valid():
            return False
        self.put_together()
        if self.conflicts:
            self.ask_again()
            return False
        self.tell_kept()
        return True

    @property
    def context(self) -> dict[str, Any]:
        """What a page needs to show the form."""
        return {"form": self.form, "edit": self}

    @property
    def changed(self) -> list[str]:
        """The names of what is written differently from what stands there now."""
        written = {name: self.plain(name, self.values[name]) for name in self.names}
        return [name for name, value in written.items() if value != self.there(name)]

    @property
    def names(self) -> list[str]:
        return [name for name in self.form.fields if name in self.now]

    def put_together(self) -> None:
        basis = self.basis()
        self.values, self.conflicts, self.kept = dict(self.form.cleaned_data), [], []
        for name in self.names:
            there, mine = self.there(name), self.plain(name, self.values[name])
            was = there if basis is None else basis.get(name)
            if self.request.POST.get(f"{KEEP}{name}") == "theirs" or was == mine != there:
                self.values[name] = self.now[name]
                self.kept.append(name)
            elif was not in (there, mine) and there != mine:
                self.conflicts.append(self.conflict(name, was))

    def conflict(self, name: str, was: str | None) -> Conflict:
        by, at = self.last_change(name)
        return Conflict(
            name=name,
            label=self.label(name),
            before=self.shown(name, was or ""),
            theirs=self.shown(name, self.there(name)),
            mine=self.shown(name, self.plain(name, self.values[name])),
            by=by,
            at=at,
        )

    def last_change(self, name: str) -> tuple[Any, datetime | None]:
        """Who changed a field last, and when."""
        return last_change(self.record, name)

    def ask_again(self) -> None:
        """Show what the reader wrote upon what stands there now; that is what they decide on."""
        self.form = self.make(initial={**self.now, **self.values})
        self.based_on = self.seal()

    def tell_kept(self) -> None:
        if not self.kept:
            return
        names = get_text_list([self.label(name) for name in self.kept], _("and"))
        told = ngettext(
            "Somebody else changed this meanwhile; it was kept: %(names)s.",
            "Somebody else changed these meanwhile; they were kept: %(names)s.",
            len(self.kept),
        )
        messages.info(self.request, told % {"names": names})

    def there(self, name: str) -> str:
        return self.plain(name, self.now[name])

    def plain(self, name: str, value: Any) -> str:
        """Return a value as it is compared, whether it comes from the record or from the form."""
        value = self.form.fields[name].prepare_value(value)
        if isinstance(value, (list, tuple, set)):
            return json.dumps(sorted(map(str, value)))
        if isinstance(value, dict):
            return json.dumps(value, sort_keys=True)
        return "" if value is None else str(value)

    def label(self, name: str) -> str:
        return str(self.form[name].label)

    def shown(self, name: str, plain: str) -> str:
        """Return a compared value as readers know it."""
        field = self.form.fields[name]
        if isinstance(field, forms.BooleanField):
            return _("yes") if plain == "True" else _("no")
        if isinstance(field, forms.ModelChoiceField) and plain.isdecimal():
            known = field.queryset.filter(pk=plain) if field.queryset is not None else []
            return str(next(iter(known), "–"))
        labels = {str(value): label for value, label in getattr(field, "choices", ())}
        return str(labels.get(plain, plain)) or "–"

    def seal(self) -> str:
        basis = {name: self.there(name) for name in self.names}
        return signing.dumps(basis, salt=self.salt, compress=True)

    def basis(self) -> dict[str, str] | None:
        """Return what the page was based on; nothing is known of it if its seal is broken."""
        if not self.request.POST.get(BASIS):
            return None
        try:
            return signing.loads(self.request.POST[BASIS], salt=self.salt)
        except signing.BadSignature:
            return {}

    @property
    def salt(self) -> str:
        return f"editing:{subject_of(self.record)}"
