"""Forms that begin with an organisation: one that we know, or one that is written down with it."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_countries import countries

from crm.lib import contact
from crm.lib.regions import BadPostcode, normal_postcode
from crm.people.models import LANGUAGES, Supporter
from crm.staff.forms import address, choice, somebody, switch, text

NEW = ("name", "email", "language", "postcode", "country")


class OrganisationForm(forms.Form):
    """`known` are the fields for one that we know, `new` those for another."""

    organisation = somebody(
        gettext_lazy("Organisation"),
        required=False,
        help_text=gettext_lazy("One that we know. For another one, open the next part."),
    )
    name = text(gettext_lazy("Name of the organisation"), max_length=100)
    email = address(gettext_lazy("E-mail (may stay empty)"))
    language = choice(gettext_lazy("Language"), LANGUAGES)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    country = choice(gettext_lazy("Country"), lambda: [("", "–"), *countries], required=False)
    is_new = switch(gettext_lazy("Another organisation with the same name"))

    def __init__(self, *args: Any, **options: Any) -> None:
        first = {"language": (get_language() or "fr")[:2], "country": "BE"}
        super().__init__(*args, **{**options, "initial": first | (options.get("initial") or {})})

    def clean_organisation(self) -> Supporter | None:
        found = self.cleaned_data["organisation"]
        if found is not None and found.kind != Supporter.Kind.ORGANISATION:
            raise forms.ValidationError(_("This is a person. Choose an organisation."))
        return found

    def clean_email(self) -> str:
        try:
            given = self.cleaned_data["email"]
            return contact.normal_email(given) if given else ""
        except ValueError:
            raise forms.ValidationError(_("This is no e-mail address.")) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "organisation" in self.errors:
            return data
        if data.get("organisation") and data.get("name"):
            told = _("Choose an organisation we know or write a new one, not both.")
            self.add_error("organisation", told)
        elif not data.get("organisation") and not data.get("name"):
            told = _("Choose an organisation, or write the name of a new one.")
            self.add_error("organisation", told)
        elif data.get("name"):
            self.check_new(data)
        return data

    def check_new(self, data: dict[str, Any]) -> None:
        try:
            data["postcode"] = normal_postcode(data.get("country", ""), data.get("postcode", ""))
        except BadPostcode as error:
            self.add_error("postcode", str(error))
        known = Supporter.objects.current().filter(
            kind=Supporter.Kind.ORGANISATION, family_name__iexact=data["name"]
        )
        found = None if data.get("is_new") else known.search(data["name"]).first()
        if found is not None:
            told = _(
                "We know %(name)s (%(where)s). Choose it above, or tick “Another organisation with "
                "the same name”."
            )
            where = found.postcode or found.email or f"#{found.pk}"
            self.add_error("name", told % {"name": found, "where": where})

    @property
    def is_open(self) -> bool:
        """Whether the part for another organisation holds something."""
        return self.is_bound and any(self[name].errors or self[name].data for name in ("name",))

    @property
    def new(self) -> list[Any]:
        return [self[name] for name in (*NEW, "is_new")]

    @property
    def others(self) -> list[Any]:
        return [field for field in self if field.name not in (*NEW, "is_new", "organisation")]

    def sides(self) -> dict[str, Any]:
        """What an operation needs to know of the organisation."""
        data = self.cleaned_data
        if data["organisation"] is not None:
            return {"organisation": data["organisation"]}
        fields = {name: data[name] for name in NEW if name != "name"}
        sure = bool(data["is_new"])
        return {"entered": {"family_name": data["name"], **fields, "is_somebody_else": sure}}
