"""The forms that add a supporter and correct one, with the fields that their reader may see."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from crm.access import may_see
from crm.lib import contact
from crm.lib.regions import BadPostcode, normal_postcode
from crm.people.models import LANGUAGES, Supporter
from crm.staff.forms import address, choice, day, text
from crm.staff.gift_forms import normal

KINDS = [
    (Supporter.Kind.PERSON, gettext_lazy("a person")),
    (Supporter.Kind.ORGANISATION, gettext_lazy("an organisation")),
]
WHERE = ("postcode", "country")


def country() -> Any:
    return choice(gettext_lazy("Country"), lambda: [("", "–"), *countries], required=False)


def check_postcode(form: forms.Form, told: dict[str, Any]) -> dict[str, Any]:
    """Put a postcode in its normal form, or say at its field what is wrong with it."""
    if "postcode" in told:
        try:
            told["postcode"] = normal_postcode(told.get("country", ""), told["postcode"])
        except BadPostcode as error:
            form.add_error("postcode", str(error))
    return told


def form_of_address() -> Any:
    return choice(gettext_lazy("Form of address"), Supporter.Form.choices, required=False)


class CorrectForm(forms.Form):
    """How a supporter is called and addressed."""

    kind = choice(gettext_lazy("This is"), KINDS)
    form_of_address = form_of_address()
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(
        gettext_lazy("Family name"),
        max_length=100,
        help_text=gettext_lazy("Of an organisation: its name."),
    )
    own_greeting = text(
        gettext_lazy("Greeting"),
        max_length=150,
        help_text=gettext_lazy("Empty: made from the name, in their language."),
    )
    birth_date = day(gettext_lazy("Date of birth"), required=False)
    language = choice(gettext_lazy("Language"), LANGUAGES)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    country = country()

    def __init__(self, *args: Any, without: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        for name in without:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        return check_postcode(self, super().clean() or self.cleaned_data)


def hidden_from(reader: Any, supporter: Supporter) -> tuple[str, ...]:
    """Return what this reader does not correct here: what they may not see, and what follows
    from the address that letters go to."""
    hidden = () if may_see(reader, "birth_date") else ("birth_date",)
    has_home = supporter.addresses.filter(is_preferred=True).exists()
    return (*hidden, *WHERE) if has_home else hidden


class NewSupporterForm(forms.Form):
    """All that may be known of somebody new; a name or an address is enough."""

    kind = choice(gettext_lazy("This is"), KINDS)
    form_of_address = form_of_address()
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(
        gettext_lazy("Family name"),
        max_length=100,
        help_text=gettext_lazy("Of an organisation: its name."),
    )
    email = address(gettext_lazy("E-mail"))
    phone = text(gettext_lazy("Telephone"), max_length=40)
    language = choice(gettext_lazy("Language"), LANGUAGES)
    birth_date = day(gettext_lazy("Date of birth"), required=False)
    street = text(gettext_lazy("Street and number"), max_length=200)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    town = text(gettext_lazy("Town"), max_length=100)
    country = country()

    RIGHTS = {
        "phone": "crm.add_phone",
        "street": "crm.add_postaladdress",
        "town": "crm.add_postaladdress",
        "birth_date": "crm.see_birth_date",
    }

    def __init__(self, *args: Any, reader: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, right in self.RIGHTS.items():
            if not reader.has_perm(right):
                del self.fields[name]

    def clean_email(self) -> str:
        return normal(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("phone"):
            self.check_phone(told)
        check_postcode(self, told)
        if not any(told.get(name) for name in ("given_name", "family_name", "email", "phone")):
            raise forms.ValidationError(_("Write a name, an e-mail address or a telephone number."))
        return told

    def check_phone(self, told: dict[str, Any]) -> None:
        try:
            told["phone"] = contact.normal_phone(told["phone"], told.get("country") or "BE")
        except ValueError:
            self.add_error("phone", _("This is not a telephone number."))
