"""The forms of e-mail addresses, telephones and postal addresses."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.people.contact_points import EmailAddress, Phone, PostalAddress, Use
from crm.staff.forms import choice, day, text
from crm.staff.gift_forms import normal
from crm.staff.supporter_forms import check_postcode, country


def use() -> Any:
    return choice(gettext_lazy("Use"), Use.choices)


def state(model: Any) -> Any:
    return choice(gettext_lazy("State"), model.Status.choices)


class NewEmailForm(forms.Form):
    address = text(gettext_lazy("E-mail"), max_length=254)
    use = use()

    def clean_address(self) -> str:
        address = normal(self.cleaned_data["address"])
        if not address:
            raise forms.ValidationError(_("Write an e-mail address."))
        return address


class EmailForm(forms.Form):
    """An address itself is not changed: another one is added."""

    use = use()
    status = state(EmailAddress)


class NewPhoneForm(forms.Form):
    number = text(
        gettext_lazy("Telephone"),
        max_length=40,
        help_text=gettext_lazy("Of another country than theirs: with its prefix, such as +33."),
    )
    use = use()


class PhoneForm(forms.Form):
    use = use()
    status = state(Phone)


class NewAddressForm(forms.Form):
    street = text(gettext_lazy("Street and number"), max_length=200)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    town = text(gettext_lazy("Town"), max_length=100)
    country = country()
    use = use()

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if not any(told.get(name) for name in ("street", "postcode", "town")):
            self.add_error("street", _("Write an address."))
        return check_postcode(self, told)


class AddressForm(NewAddressForm):
    status = state(PostalAddress)
    begins_on = day(gettext_lazy("From"), required=False)
    ends_on = day(gettext_lazy("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        begins, ends = told.get("begins_on"), told.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", _("This day is before the first."))
        return told
