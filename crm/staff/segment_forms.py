"""The builder of segments as a form: conditions drafted, moved about, and read back.

Names of inputs say where in the tree they stand: `c-0-1:least` is of the second condition in the
first part. Each button of the builder is a submit, so that all of it works without JavaScript.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.lib.money import from_minor
from crm.segments.catalogue import CONDITIONS
from crm.segments.condition import Condition
from crm.segments.known import Known
from crm.segments.parameters import Money, Parameter, Wrong
from crm.segments.tree import DEPTH, MOST, Invalid, Path, Problem, Stored, check
from crm.staff.forms import switch, text

NAME = re.compile(r"c((?:-\d{1,2}){0,6}):(\w{1,30})")
HOLDOUT_MOST = 50


@dataclass
class Draft:
    """A condition as it was typed in, or a group (`kind` is "") of such."""

    path: Path = ()
    kind: str = ""
    match: str = "all"
    given: dict[str, list[str]] = field(default_factory=dict)
    parts: list["Draft"] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "".join(["c", *(f"-{place}" for place in self.path)])

    @property
    def condition(self) -> type[Condition] | None:
        return CONDITIONS.get(self.kind)

    def renumbered(self, path: Path = ()) -> "Draft":
        self.path = path
        for place, part in enumerate(self.parts):
            part.renumbered((*path, place))
        return self

    def at(self, path: Path) -> "Draft | None":
        found: Draft | None = self
        for place in path:
            parts = found.parts if found else []
            found = parts[place] if place < len(parts) else None
        return found

    def walk(self) -> list["Draft"]:
        return [self, *(each for part in self.parts for each in part.walk())]


def drafted(stored: Stored, path: Path = ()) -> Draft:
    """Return stored conditions as a form has them."""
    if "is" in stored:
        kind = CONDITIONS.get(stored["is"])
        given: dict[str, list[str]] = {}
        for each in kind.takes if kind else ():
            given |= written(each, stored)
        return Draft(path, stored["is"], given=given)
    parts = [drafted(each, (*path, place)) for place, each in enumerate(stored.get("of", []))]
    return Draft(path, match=stored.get("match", "all"), parts=parts)


def written(parameter: Parameter, stored: Stored) -> dict[str, list[str]]:
    value = stored.get(parameter.name)
    if isinstance(parameter, Money) and value is not None:
        amount = from_minor(value, stored.get("currency", "EUR"))
        is_whole = amount == amount.to_integral_value()
        return {parameter.name: [str(int(amount) if is_whole else amount)]}
    return parameter.written(value)


def read(data: QueryDict) -> Draft:
    """Return what was posted; what names no place in the tree is not looked at."""
    nodes: dict[Path, dict[str, list[str]]] = {(): {}}
    for name in data:
        if found := NAME.fullmatch(name):
            path = tuple(int(place) for place in found[1].split("-")[1:])
            nodes.setdefault(path, {})[found[2]] = data.getlist(name)
    root = Draft()
    drafts: dict[Path, Draft] = {(): root}
    for path in sorted(nodes, key=lambda each: (len(each), each)):
        given = nodes[path]
        draft = drafts.setdefault(path, Draft())
        draft.kind, draft.match = last(given, "is"), last(given, "match") or "all"
        draft.given = {
            name: values for name, values in given.items() if name not in ("is", "match")
        }
        parent = drafts.get(path[:-1]) if path else None
        if parent is not None:
            parent.parts.append(draft)
    return root.renumbered()


def last(given: Mapping[str, list[str]], name: str) -> str:
    return (given.get(name) or [""])[-1]


def rearranged(draft: Draft, order: str) -> Draft:
    """Do what a button of the builder says: "add c-0", "group c", "remove c-0-1"."""
    verb, _blank, name = order.partition(" ")
    path = tuple(int(place) for place in name.split("-")[1:] if place.isdecimal())
    node = draft.at(path)
    if node is None or len(draft.walk()) > 2 * MOST:
        return draft
    if verb == "remove" and path:
        parent = draft.at(path[:-1])
        assert parent is not None
        parent.parts.remove(node)
    elif verb == "add" and last(node.given, "new") in CONDITIONS:
        node.parts.append(Draft(kind=last(node.given, "new"), given={}))
    elif verb == "group" and len(path) < DEPTH:
        node.parts.append(Draft(match="any"))
    return draft.renumbered()


def stored_of(draft: Draft) -> Stored:
    """Return what a draft says as JSON; what cannot be read at all is noted in its errors."""
    draft.errors = {}
    if not draft.kind:
        return {"match": draft.match, "of": [stored_of(part) for part in draft.parts]}
    stored: Stored = {"is": draft.kind}
    for each in draft.condition.takes if draft.condition else ():
        try:
            value = each.typed(draft.given)
        except Wrong as wrong:
            draft.errors[each.name] = str(wrong)
        else:
            stored |= {} if value is None else {each.name: value}
    return stored


def checked(draft: Draft, known: Known, *, own: int | None = None) -> Stored | None:
    """Return conditions as they are stored, or None, with what is wrong beside each."""
    stored = stored_of(draft)
    unread = [Problem(each.path, name, "") for each in draft.walk() for name in each.errors]
    try:
        done = check(stored, known, within=frozenset() if own is None else frozenset([own]))
    except Invalid as invalid:
        for problem in invalid.problems:
            node = draft.at(problem.path) or draft
            node.errors.setdefault(problem.parameter, problem.message)
        return None
    return None if unread else done


class SegmentForm(forms.Form):
    """A segment: its name, who may use it, what for, and its conditions."""

    name = text(gettext_lazy("Name"), max_length=120)
    description = text(gettext_lazy("What it is for"), max_length=300)
    is_shared = switch(
        gettext_lazy("Shared with colleagues"),
        help_text=gettext_lazy("They can use and copy it; only you and administrators change it."),
    )
    is_audience = switch(
        gettext_lazy("Audience of newsletters"),
        help_text=gettext_lazy("Its members are kept, and who enters or leaves is told."),
    )
    holdout = forms.IntegerField(
        label=gettext_lazy("Held out, in percent"),
        min_value=0,
        max_value=HOLDOUT_MOST,
        required=False,
        initial=0,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"type": "number", "min": 0, "max": 50}),
        help_text=gettext_lazy(
            "A random part that is not written to, to see what the writing brings."
        ),
    )
    conditions = forms.Field(
        label=gettext_lazy("Conditions"), required=False, widget=forms.HiddenInput()
    )

    def __init__(self, *args: Any, known: Known, own: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = True
        self.known, self.own = known, own
        self.draft = (
            read(cast(QueryDict, self.data))
            if self.is_bound
            else drafted(self.initial["conditions"])
        )

    def clean_holdout(self) -> int:
        return self.cleaned_data["holdout"] or 0

    def clean_conditions(self) -> Stored:
        found = checked(self.draft, self.known, own=self.own)
        if found is None:
            raise forms.ValidationError(_("Please correct what is marked in the conditions."))
        return found
