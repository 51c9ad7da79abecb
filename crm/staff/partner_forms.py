"""The forms of partners of The Code, and the filters of their board."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lib.regions import PROVINCES
from crm.programmes.partners import Criterion, CriterionState, Partner
from crm.staff import forms as fields
from crm.staff.careful import CarefulForm
from crm.staff.files import FileForm
from crm.staff.forms import choice, day
from crm.staff.gift_fields import chosen
from crm.staff.organisation_forms import OrganisationForm
from crm.staff.task_words import called

NONE = "none"  # the state of a criterion that has not begun
STATES = [("", gettext_lazy("not begun")), *CriterionState.State.choices]
ANY = [("", gettext_lazy("all"))]
SORTS = {
    "name": gettext_lazy("name"),
    "due": gettext_lazy("next report due"),
    "signed": gettext_lazy("signed last"),
    "met": gettext_lazy("fewest criteria met"),
}


def colleagues() -> QuerySet[Any]:
    """Who may accompany a partner: active members of staff who may change partners."""
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    allowed = get_user_model().objects.with_perm("crm.change_partner", backend=backend)
    return allowed.filter(is_staff=True).order_by("first_name", "last_name", "username")


def offer_colleagues(form: Any) -> None:
    field = form.fields["responsible"]
    field.queryset, field.label_from_instance = colleagues(), called
    field.empty_label = gettext_lazy("nobody yet")


def responsible() -> Any:
    return chosen(gettext_lazy("Accompanied by"), get_user_model().objects.none())


class PastDay(forms.Form):
    """A day that is not still to come; `today` is told."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def not_to_come(self, name: str) -> date | None:
        if (found := self.cleaned_data[name]) and found > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return found


class NewPartnerForm(PastDay, OrganisationForm):
    sector = choice(gettext_lazy("Sector"), Partner.Sector.choices)
    signed_on = day(
        gettext_lazy("Signed The Code on"),
        required=False,
        help_text=gettext_lazy("Empty: it prepares to sign."),
    )
    responsible = responsible()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_colleagues(self)

    def clean_signed_on(self) -> date | None:
        return self.not_to_come("signed_on")


class PartnerForm(forms.Form):
    sector = choice(gettext_lazy("Sector"), Partner.Sector.choices)
    responsible = responsible()
    report_on = day(
        gettext_lazy("Next report due"),
        help_text=gettext_lazy("Later, where you agreed on more time."),
    )

    def __init__(self, *args: Any, reports: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_colleagues(self)
        if not reports:
            del self.fields["report_on"]


class WithFile(forms.Form):
    """A form that keeps a file with the organisation, for those who may change what it shows."""

    right = ""
    upload = forms.FileField(label=gettext_lazy("File (may stay empty)"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = FileForm(user=user).fields["upload"]
        mine: Any = self.fields["upload"]
        mine.widget, mine.help_text = known.widget, known.help_text
        mine.allow_empty_file, mine.max_length = True, 255
        if not user.has_perm(self.right):
            del self.fields["upload"]


class CriterionForm(WithFile, PastDay, CarefulForm):
    """How far a partner is with one criterion."""

    free_text = ("evidence",)
    right = "crm.change_criterionstate"
    criterion = forms.TypedChoiceField(
        choices=Criterion.choices, coerce=int, widget=forms.HiddenInput()
    )
    state = choice(gettext_lazy("State"), STATES, required=False)
    since = day(gettext_lazy("Since"), required=False)
    evidence = fields.text(
        gettext_lazy("Evidence"),
        max_length=300,
        help_text=gettext_lazy("What shows it, in a few words. Nothing about any child."),
    )
    field_order = ("criterion", "state", "since", "evidence", "is_no_report", "upload")

    def clean_since(self) -> date | None:
        return self.not_to_come("since")


class ReportForm(WithFile, PastDay):
    """The yearly report that came."""

    right = "crm.change_partnerreport"
    received_on = day(gettext_lazy("Received on"))
    year = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def clean_received_on(self) -> date | None:
        return self.not_to_come("received_on")


class DayForm(PastDay):
    """The day on which a partner signed, or left."""

    on = day(gettext_lazy("Day"))

    def clean_on(self) -> date | None:
        return self.not_to_come("on")


class BoardForm(forms.Form):
    """By what the board is filtered and sorted; what it does not know counts as not chosen."""

    q = fields.text(gettext_lazy("Search"))
    sector = choice(gettext_lazy("Sector"), ANY + Partner.Sector.choices, required=False)
    region = choice(gettext_lazy("Province"), [*ANY, *PROVINCES.items()], required=False)
    criterion = choice(gettext_lazy("Criterion"), [], required=False)
    state = choice(
        gettext_lazy("State of the criterion"),
        [*ANY, *CriterionState.State.choices, (NONE, gettext_lazy("not begun"))],
        required=False,
    )
    report = choice(
        gettext_lazy("Report"),
        [*ANY, ("overdue", gettext_lazy("overdue")), ("soon", gettext_lazy("due in 60 days"))],
        required=False,
    )
    who = choice(
        gettext_lazy("Accompanied"),
        [*ANY, ("mine", gettext_lazy("by me")), ("nobody", gettext_lazy("by nobody"))],
        required=False,
    )
    sort = choice(gettext_lazy("Sorted by"), list(SORTS.items()), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "board_%s"
        named = [(str(each.value), f"{each.value}. {each.label}") for each in Criterion]
        self.fields["criterion"].choices = [("", _("any")), *named]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
