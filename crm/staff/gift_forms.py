"""The form for a gift that came by hand: what does not fit is named beside its field."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.donations.credits import SoftCredit, Tribute
from crm.donations.models import Gift, Method
from crm.lib import contact
from crm.people.models import Supporter
from crm.staff.gift_fields import PERSON, GiftFields
from crm.staff.pages import money


class GiftForm(GiftFields):
    """A gift that did not come through the donation page."""

    def clean_received_on(self) -> date:
        if self.cleaned_data["received_on"] > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return self.cleaned_data["received_on"]

    def clean_email(self) -> str:
        return normal(self.cleaned_data["email"])

    def clean_notify_email(self) -> str:
        return normal(self.cleaned_data["notify_email"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_giver(data)
        self.check_kind(data)
        self.check_tribute(data)
        self.check_credit(data)
        self.check_matching(data)
        return data

    def check_giver(self, data: dict[str, Any]) -> None:
        names = [data.get(name) for name in ("email", "given_name", "family_name")]
        if "supporter" in self.errors or "email" in self.errors:
            return
        if data.get("supporter") and any(names):
            self.add_error(
                "supporter", _("Choose somebody we know or write somebody new, not both.")
            )
        elif not data.get("supporter") and not any(names):
            self.add_error(
                "supporter", _("Choose a supporter, or write the name or e-mail of somebody new.")
            )
        elif not data.get("supporter") and not data["email"] and not data.get("is_new"):
            self.check_namesakes(data)
        if data.get("answers") and data.get("supporter") != data["answers"].employer:
            self.add_error("supporter", _("The matching gift is expected from its employer."))

    def check_namesakes(self, data: dict[str, Any]) -> None:
        """Who has no address is somebody new each time: ask whether that is meant."""
        known = Supporter.objects.current().filter(
            given_name__iexact=data["given_name"], family_name__iexact=data["family_name"]
        )
        found = known.search(f"{data['given_name']} {data['family_name']}").first()
        if found is not None:
            told = _(
                "We know %(name)s (%(where)s). Choose them above, or tick “Another person with the "
                "same name”."
            )
            where = found.postcode or found.email or f"#{found.pk}"
            self.add_error("family_name", told % {"name": found, "where": where})

    def check_kind(self, data: dict[str, Any]) -> None:
        data["kind"] = data.get("kind") or Gift.Kind.MONEY
        is_in_kind = data["kind"] == Gift.Kind.IN_KIND
        if is_in_kind and not data.get("description"):
            self.add_error("description", _("Say what was given."))
        if data.get("description") and not is_in_kind:
            self.add_error("description", _("Only a gift in kind is described."))
        if is_in_kind:
            data["method"] = Method.OTHER
        if data.get("thank") and data["kind"] != Gift.Kind.MONEY:
            told = _("Only a gift of money is thanked for with a receipt. Please write by hand.")
            self.add_error("thank", told)

    def check_tribute(self, data: dict[str, Any]) -> None:
        about = any(data.get(name) for name in ("notify_name", "notify_email"))
        if about and not data.get("tribute_name"):
            self.add_error("tribute_name", _("Say in whose honour or memory the gift was made."))

    def check_credit(self, data: dict[str, Any]) -> None:
        amount, whole = data.get("credit_amount"), data.get("amount")
        credited = data.get("credit_supporter")
        if amount and not credited and "credit_supporter" not in self.errors:
            self.add_error("credit_supporter", _("Choose who is credited."))
        if credited and credited == data.get("supporter"):
            self.add_error("credit_supporter", _("The giver is credited already."))
        if amount and whole and amount > whole:
            told = _("At most %(amount)s can be credited.") % {"amount": money(whole)}
            self.add_error("credit_amount", told)

    def check_matching(self, data: dict[str, Any]) -> None:
        employer = data.get("employer")
        if data.get("matching_amount") and not employer and "employer" not in self.errors:
            self.add_error("employer", _("Choose the employer."))
        if employer and employer == data.get("supporter"):
            self.add_error("employer", _("The employer is somebody other than the giver."))
        if employer and data["kind"] != Gift.Kind.MONEY:
            self.add_error("employer", _("Employers match gifts of money only."))

    def recording(self) -> dict[str, Any]:
        """What `record_by_hand` needs."""
        data = self.cleaned_data
        plain = ("key", "supporter", "amount", "method", "received_on", "campaign", "thank")
        purpose = ("answers", "kind", "fund", "is_anonymous", "description")
        person = {name: data[name] for name in PERSON}
        return {
            **{name: data[name] for name in (*plain, *purpose)},
            "person": {**person, "kind": data["person_kind"] or Supporter.Kind.PERSON},
            "tribute": self.tribute() if data.get("tribute_name") else None,
            "soft_credit": self.soft_credit() if data.get("credit_supporter") else None,
            "matching": self.matching() if data.get("employer") else None,
        }

    def tribute(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "kind": data["tribute_kind"] or Tribute.Kind.HONOUR,
            "name": data["tribute_name"],
            "notify_name": data["notify_name"],
            "notify_email": data["notify_email"],
            "language": data["notify_language"] or data["language"],
        }

    def soft_credit(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "supporter": data["credit_supporter"],
            "kind": data["credit_kind"] or SoftCredit.Kind.OTHER,
            "amount": data["credit_amount"] or data["amount"],
        }

    def matching(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "employer": data["employer"],
            "amount": data["matching_amount"] or data["amount"],
            "promised_on": data["received_on"],
        }


def normal(email: str) -> str:
    """Return an address in its normal form, or nothing. Raises ValidationError."""
    try:
        return contact.normal_email(email) if email else ""
    except ValueError:
        raise forms.ValidationError(_("This is not an e-mail address.")) from None
