"""The forms of households and relationships."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.people.households import HouseholdMember, Relationship
from crm.people.models import Supporter
from crm.people.relating import BOTH_WAYS, INVERSE, Kind
from crm.staff.forms import choice, day, somebody, switch, text

THEIRS = "of:"  # before a kind that is told from the other's side


class HouseholdForm(forms.Form):
    """Its name, its greeting, and for each member their place and whether they are named."""

    own_name = text(
        gettext_lazy("Name on the envelope"),
        max_length=150,
        help_text=gettext_lazy("Empty: made from its members' names."),
    )
    own_greeting = text(
        gettext_lazy("Greeting"),
        max_length=150,
        help_text=gettext_lazy("Empty: made from its members."),
    )

    def __init__(self, *args: Any, members: list[HouseholdMember], **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = members
        for member in members:
            name = {"name": member.supporter}
            self.fields[f"position-{member.supporter_id}"] = forms.IntegerField(
                label=_("Place of %(name)s") % name,
                min_value=1,
                max_value=99,
                widget=widgets.UnfoldAdminIntegerFieldWidget(),
            )
            self.fields[f"greeted-{member.supporter_id}"] = switch(
                _("%(name)s is named in the greeting") % name
            )


def stands(members: list[HouseholdMember]) -> dict[str, Any]:
    """Return what the form shows of the members: places count from one."""
    told: dict[str, Any] = {}
    for place, member in enumerate(members, 1):
        told[f"position-{member.supporter_id}"] = place
        told[f"greeted-{member.supporter_id}"] = member.is_greeted
    return told


def order_of(members: list[HouseholdMember], values: dict[str, Any]) -> list[int]:
    """Return the members' keys in the order of the places that were typed."""
    keys = [member.supporter_id for member in members]
    return sorted(keys, key=lambda key: (values[f"position-{key}"], keys.index(key)))


class MemberForm(forms.Form):
    supporter = somebody(gettext_lazy("Somebody else"), required=False)


class NewHouseholdForm(MemberForm):
    """With whom somebody gets one letter: who seems to live there, or anybody."""

    neighbours = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Same family name at the same address"),
        queryset=Supporter.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    field_order = ("neighbours", "supporter")

    def __init__(self, *args: Any, suggested: list[Supporter], **options: Any) -> None:
        super().__init__(*args, **options)
        keys = [person.pk for person in suggested]
        neighbours: Any = self.fields["neighbours"]
        neighbours.queryset = Supporter.objects.filter(pk__in=keys)
        if not keys:
            del self.fields["neighbours"]

    def chosen(self) -> list[Supporter]:
        told = self.cleaned_data
        one = [told["supporter"]] if told.get("supporter") else []
        return list(dict.fromkeys([*told.get("neighbours", []), *one]))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            self.add_error("supporter", _("Choose with whom."))
        return told


def kinds_of(supporter: Supporter) -> list[tuple[str, Any]]:
    """Return what a supporter can be to somebody, and what somebody can be to them."""
    ours = [(kind.value, kind.label) for kind in Kind]
    theirs = [
        (f"{THEIRS}{kind.value}", words) for kind, words in INVERSE.items() if kind not in BOTH_WAYS
    ]
    if supporter.kind == Supporter.Kind.ORGANISATION:
        to_us = [f"{THEIRS}{kind.value}" for kind in Relationship.TO_ORGANISATIONS]
        return [pair for pair in [*theirs, *ours] if pair[0] in (*to_us, Kind.MEMBER.value)]
    to_organisations = [f"{THEIRS}{kind.value}" for kind in Relationship.TO_ORGANISATIONS]
    return [pair for pair in [*ours, *theirs] if pair[0] not in to_organisations]


class RelateForm(forms.Form):
    kind = choice(gettext_lazy("Relationship"), [])
    other = somebody(gettext_lazy("To"))
    role = text(
        gettext_lazy("Role"), max_length=100, help_text=gettext_lazy("Such as “head of campaigns”.")
    )
    is_main_contact = switch(gettext_lazy("We write to them when we write to the organisation"))
    begins_on = day(gettext_lazy("From"), required=False)

    def __init__(self, *args: Any, supporter: Supporter, **options: Any) -> None:
        super().__init__(*args, **options)
        kind: Any = self.fields["kind"]
        kind.choices = kinds_of(supporter)
        self.order_fields(["kind", "other", "role", "is_main_contact", "begins_on"])


class RelationshipForm(forms.Form):
    role = text(gettext_lazy("Role"), max_length=100)
    begins_on = day(gettext_lazy("From"), required=False)
    ends_on = day(
        gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The day on which it ended; it stays known."),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        begins, ends = told.get("begins_on"), told.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", _("This day is before the first."))
        return told
