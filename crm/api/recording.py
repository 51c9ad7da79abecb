"""What OSDI's record_signature_helper takes, checked, and turned into what `sign` needs."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from rest_framework import serializers

from crm.api.people import SUBSCRIBED, UNSUBSCRIBED
from crm.campaigns.sources import Trail
from crm.lib import contact
from crm.people.models import LANGUAGES
from crm.people.names import may_be_name
from crm.privacy.models import Purpose, Wording
from crm.privacy.operations import wording_for

CODES = [code for code, _name in LANGUAGES]
MOST = 20  # addresses, languages


class Text(serializers.CharField):
    """Text that may be left out, empty or null, which all say nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, **options)


class EmailAddressForm(serializers.Serializer):
    address = serializers.CharField(max_length=254)
    primary = serializers.BooleanField(required=False, allow_null=True)
    status = serializers.ChoiceField(
        [SUBSCRIBED, UNSUBSCRIBED],
        required=False,
        allow_null=True,
        help_text=(
            "`subscribed`: the person ticked the newsletter's box. It takes effect when they "
            "confirm. Anything else changes no consent."
        ),
    )

    def validate_address(self, text: str) -> str:
        try:
            return contact.normal_email(text)
        except ValueError as error:
            raise serializers.ValidationError(_("Enter a valid e-mail address.")) from error


class PostalAddressForm(serializers.Serializer):
    postal_code = Text(max_length=12)
    country = Text(max_length=2, help_text="ISO 3166-1 alpha-2")
    primary = serializers.BooleanField(required=False, allow_null=True)

    def validate_country(self, code: str | None) -> str:
        known = (code or "").upper()
        if known and known not in countries:
            raise serializers.ValidationError(_("There is no country with this code."))
        return known


class PersonForm(serializers.Serializer):
    given_name = Text(max_length=100)
    family_name = Text(max_length=100)
    email_addresses = serializers.ListField(
        child=EmailAddressForm(), allow_empty=False, max_length=MOST
    )
    postal_addresses = serializers.ListField(
        child=PostalAddressForm(), required=False, allow_null=True, max_length=MOST
    )
    languages_spoken = serializers.ListField(
        child=serializers.CharField(max_length=35),
        required=False,
        allow_null=True,
        max_length=MOST,
    )


class ReferrerForm(serializers.Serializer):
    source = Text()  # type: ignore[assignment]  # OSDI's word, and also DRF's
    website = Text()
    url = Text()


class SignatureForm(serializers.Serializer):
    """A signature from a page elsewhere. Whatever else OSDI's helper takes is passed over."""

    person = PersonForm()
    comments = Text(max_length=500)
    referrer_data = ReferrerForm(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        # Action Network's own name for it, which no Python class can spell.
        theirs = ReferrerForm(required=False, allow_null=True)
        return {**super().get_fields(), "action_network:referrer_data": theirs}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the wording of the newsletter's box: a "yes" to nothing in particular is none."""
        attrs["newsletter"] = None
        if first(attrs["person"]["email_addresses"]).get("status") == SUBSCRIBED:
            attrs["newsletter"] = wording_in(language_of(attrs["person"]))
            if attrs["newsletter"] is None:
                message = _("There is no newsletter to subscribe to: its wording is missing.")
                raise serializers.ValidationError(message, code="no_wording")
        return attrs

    def signing(self) -> dict[str, Any]:
        """What `sign` needs."""
        data = self.validated_data
        person = data["person"]
        home = first(person.get("postal_addresses"))
        return {
            "email": first(person["email_addresses"])["address"],
            "given_name": name_in(person, "given_name"),
            "family_name": name_in(person, "family_name"),
            "postcode": home.get("postal_code") or "",
            "country": home.get("country") or "",
            "language": language_of(person),
            "trail": trail_of(data),
            "comment": data.get("comments") or "",
            "newsletter": data["newsletter"],
        }


def name_in(person: dict[str, Any], which: str) -> str:
    """Return a name on one line; what is none is left out, as our mails greet by it."""
    name = " ".join((person.get(which) or "").split())
    return name if may_be_name(name) else ""


def first(addresses: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The primary one, else the first, else an empty one."""
    found = sorted(addresses or [], key=lambda address: not address.get("primary"))
    return found[0] if found else {}


def language_of(person: dict[str, Any]) -> str:
    """The first of the person's languages that we write in."""
    spoken = [code[:2].lower() for code in person.get("languages_spoken") or []]
    return next((code for code in spoken if code in CODES), settings.LANGUAGE_CODE)


def wording_in(language: str) -> Wording | None:
    return wording_for(purpose=Purpose.NEWSLETTER, language=language) or wording_for(
        purpose=Purpose.NEWSLETTER, language=settings.LANGUAGE_CODE
    )


def trail_of(data: dict[str, Any]) -> Trail:
    """Where the signer came from; `api` when the caller does not say."""
    told = data.get("referrer_data") or data.get("action_network:referrer_data") or {}
    website = told.get("url") or told.get("website") or ""
    if website and "//" not in website:
        website = f"https://{website}"
    return Trail(utm_source=told.get("source") or ("" if website else "api"), referrer=website)
