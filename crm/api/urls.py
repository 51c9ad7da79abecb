"""Addresses of the API. Each is served with and without a slash at its end."""

from typing import Any

from django.urls import path, re_path

from crm.api import donations, entry, people, petitions, schema, signatures

app_name = "api"


def both(route: str, view: Any, name: str) -> list[Any]:
    return [path(f"{route}/", view.as_view()), path(route, view.as_view(), name=name)]


PERSON, PETITION = "people/<uuid:person>", "petitions/<uuid:petition>"

urlpatterns = [
    path("", entry.EntryPoint.as_view(), name="entry-point"),
    *both("openapi.json", schema.OpenApi, "openapi"),
    *both("people", people.PeopleList, "people"),
    *both("people/<uuid:public_id>", people.Person, "person"),
    *both(f"{PERSON}/donations", donations.PersonDonations, "person-donations"),
    *both(f"{PERSON}/signatures", signatures.PersonSignatures, "person-signatures"),
    *both(f"{PERSON}/signatures/<uuid:public_id>", signatures.PersonSignature, "person-signature"),
    *both("petitions", petitions.PetitionList, "petitions"),
    *both("petitions/<uuid:public_id>", petitions.Petition, "petition"),
    *both(f"{PETITION}/signatures", signatures.PetitionSignatures, "petition-signatures"),
    *both(
        f"{PETITION}/signatures/<uuid:public_id>",
        signatures.PetitionSignature,
        "petition-signature",
    ),
    *both("donations", donations.DonationList, "donations"),
    *both("donations/<uuid:public_id>", donations.Donation, "donation"),
    re_path("", entry.Nowhere.as_view()),
]
