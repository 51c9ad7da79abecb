"""The forms of networks, their members, and institutional partners."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.programmes.networks import Affiliation, Network
from crm.staff import forms as fields
from crm.staff.forms import choice, day, switch
from crm.staff.organisation_forms import OrganisationForm

MEMBER = Affiliation.Kind.MEMBER
INSTITUTIONAL = [(each.value, each.label) for each in Affiliation.Kind if each != MEMBER]


class NetworkForm(forms.Form):
    name = fields.text(gettext_lazy("Name"), max_length=120)
    is_international = switch(
        gettext_lazy("Counts in the impact figures"),
        help_text=gettext_lazy("Its members are the members of our international network."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class AffiliationForm(OrganisationForm):
    """What an organisation is to us: one of the networks' members, or a partner."""

    what = choice(gettext_lazy("It is"), [])
    begins_on = day(gettext_lazy("From (may stay empty)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.networks = {f"member:{each.pk}": each for each in Network.objects.order_by("name")}
        members = [
            (key, _("member of %(network)s") % {"network": each})
            for key, each in self.networks.items()
        ]
        self.fields["what"].choices = [*members, *INSTITUTIONAL]  # type: ignore[attr-defined]

    def told(self) -> dict[str, Any]:
        """What `affiliate` needs to know besides the organisation."""
        what = self.cleaned_data["what"]
        network = self.networks.get(what)
        kind = MEMBER if network else what
        return {"kind": kind, "network": network, "begins_on": self.cleaned_data["begins_on"]}


class EndForm(forms.Form):
    ends_on = day(gettext_lazy("It is over from"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["ends_on"] = today


class MembersForm(forms.Form):
    """Whom of a network, or of the partners, one looks for."""

    q = fields.text(gettext_lazy("Search"))
    country = choice(gettext_lazy("Country"), [], required=False)
    show = choice(
        gettext_lazy("Show"),
        [("", gettext_lazy("those of today")), ("all", gettext_lazy("also those who left"))],
        required=False,
    )

    def __init__(self, *args: Any, countries: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "members_%s"
        self.fields["country"].choices = [("", _("all")), *countries]  # type: ignore[attr-defined]
