"""What somebody filled in at Facebook, as a signature takes it."""

from typing import Any

from django_countries import countries

from crm.lib import contact
from crm.people.names import may_be_name, parted

LONGEST_NAME, LONGEST_POSTCODE = 100, 12
# Facebook's names of its own questions; a form's owner may rename none of these.
FULL_NAME, GIVEN, FAMILY = "full_name", "first_name", "last_name"
POSTCODES = ("post_code", "zip_code", "zip", "postal_code")


class NoAddress(ValueError):
    """The form did not ask for an e-mail address, or what was written is none."""


def answers_of(told: dict[str, Any]) -> dict[str, str]:
    """Return the first answer to each question of a lead."""
    found: dict[str, str] = {}
    for field in told.get("field_data", []):
        if not isinstance(field, dict) or not isinstance(field.get("values"), list):
            continue
        values = [value for value in field["values"] if isinstance(value, str)]
        name = str(field.get("name", "")).lower()
        found.setdefault(name, clean(values[0]) if values else "")
    return found


def clean(text: str) -> str:
    """Take out what cannot be stored, and what was not seen."""
    storable = text.replace("\x00", "").encode(errors="ignore").decode()  # JSON may halve a letter
    return " ".join(storable.split())


def signer_of(told: dict[str, Any], *, language: str) -> dict[str, str]:
    """Return what `sign` is told of the signer. Raises NoAddress.

    What is doubtful besides the address (a country's name, a telephone) is left out.
    """
    answers = answers_of(told)
    try:
        email = contact.normal_email(answers.get("email", ""))
    except ValueError:
        raise NoAddress from None
    given, family = parted(answers.get(FULL_NAME, ""))
    country = country_of(answers.get("country", ""), language)
    postcode = next((answers[name] for name in POSTCODES if answers.get(name)), "")
    return {
        "email": email,
        "given_name": name_of(answers.get(GIVEN) or given),
        "family_name": name_of(answers.get(FAMILY) or family),
        "postcode": postcode if len(postcode) <= LONGEST_POSTCODE else "",
        "country": country,
        "phone": phone_of(answers.get("phone_number") or answers.get("phone", ""), country),
    }


def name_of(text: str) -> str:
    """Return a name as mails may carry it: neither a link nor a formula is one.

    >>> name_of("Anne"), name_of("win at http://example.com"), name_of("=1+1")
    ('Anne', '', '')
    """
    return text[:LONGEST_NAME] if may_be_name(text) else ""


def country_of(text: str, language: str) -> str:
    """Return a country's code, which Facebook writes as a code or as a name.

    >>> country_of("be", "fr"), country_of("Belgium", "en"), country_of("Atlantis", "en")
    ('BE', 'BE', '')
    """
    if text.upper() in countries.countries:
        return text.upper()
    names = (countries.by_name(text, language=each) for each in (language, "en"))
    return next((str(code) for code in names if code), "") if text else ""


def phone_of(text: str, country: str) -> str:
    try:
        return contact.normal_phone(text, country) if text else ""
    except ValueError:
        return ""


def ticked(told: dict[str, Any]) -> list[str]:
    """Return the keys of the boxes that were ticked; Facebook says so as "1", or as true."""
    boxes = told.get("custom_disclaimer_responses") or []
    return [
        str(box.get("checkbox_key", ""))
        for box in boxes
        if isinstance(box, dict) and str(box.get("is_checked", "")).lower() in ("1", "true")
    ]
