"""What members of staff are told of a supporter: every field, every role, through every door."""

import pytest
from django.apps import apps

from crm.access import FIELD_RIGHTS, Role, may_see
from crm.api.models import Scope
from crm.people.models import Supporter
from tests.crm.api.conftest import program  # noqa: F401 (fixture)
from tests.crm.doors import DOORS, all_but, open_door, told
from tests.crm.told_person import MARKS

pytestmark = pytest.mark.django_db
ROLES = [Role.READER, Role.CAMPAIGNER, Role.FUNDRAISER, Role.ADMINISTRATOR]
NOBODY, ADMIN = (False, False, False, False), (False, False, False, True)
PEOPLE, MONEY = (False, True, True, True), (False, False, True, True)

# Who is told what: reader, campaigner, fundraiser, administrator. What is not here is told nobody.
TABLE = {
    "name": PEOPLE,
    "emails": PEOPLE,
    "greeting": PEOPLE,
    "phones": MONEY,
    "phone_evidence": MONEY,
    "addresses": MONEY,
    "address_evidence": MONEY,
    "neighbours": MONEY,
    "birth_date": MONEY,
    "birth_evidence": MONEY,
    "bank_accounts": MONEY,
    "identifiers": MONEY,
    "notes": PEOPLE,
    "confidential": MONEY,
    "confidential_notes": MONEY,
    "files": MONEY,
    "confidential_files": MONEY,
    "tasks": PEOPLE,
    "tags": PEOPLE,
    "households": PEOPLE,
    "relationships": PEOPLE,
    "segments": PEOPLE,
    "proposals": PEOPLE,
    "duplicates": MONEY,
    "merges": MONEY,
    "merging": MONEY,
    "exporting": MONEY,
    "consents": PEOPLE,
    "signatures": PEOPLE,
    "comments": PEOPLE,
    "moderating": (False, True, False, True),
    "mails": PEOPLE,
    "mails_of_gifts": MONEY,
    "mail_events": PEOPLE,
    "affiliations": PEOPLE,
    "partnership": PEOPLE,
    "trainings": PEOPLE,
    "privacy_requests": ADMIN,
    "gifts": MONEY,
    "money": MONEY,
    "gift_amounts": MONEY,
    "promised": MONEY,
    "receipts": MONEY,
    "origin": MONEY,
    "history": MONEY,
    "imports": PEOPLE,
    "files_of_imports": MONEY,
    "lookers": ADMIN,
}
# Rows of the table that take several of crm.access.FIELD_RIGHTS, or one of another name.
NEEDS = {
    "name": (),
    "emails": (),
    "greeting": (),
    "phone_evidence": ("phones", "duplicates"),
    "address_evidence": ("addresses", "duplicates"),
    "neighbours": ("addresses", "households"),
    "birth_evidence": ("birth_date", "duplicates"),
    "confidential_notes": ("notes", "confidential"),
    "confidential_files": ("files", "confidential"),
    "merging": (),
    "exporting": (),
    "comments": ("signatures",),
    "moderating": (),
    "mails_of_gifts": ("mails", "gifts"),
    "mail_events": ("mails", "mail_events"),
    "segments": ("segments", "consents"),  # Zoraline's is of those who agreed
    "gift_amounts": ("gifts", "money"),
    "promised": ("money",),
    "origin": ("gifts",),
    "imports": (),
    "files_of_imports": ("phones", "addresses", "birth_date", "identifiers", "notes", "files"),
    "lookers": (),
}
# Of what each field of a supporter is part; "" says nothing of them.
FIELDS = {
    "id": "name",
    "public_id": "name",
    "kind": "name",
    "given_name": "name",
    "family_name": "name",
    "email": "emails",
    "form_of_address": "greeting",
    "own_greeting": "greeting",
    "birth_date": "birth_date",
    "language": "name",
    "postcode": "name",
    "country": "name",
    "region": "name",
    "source": "origin",
    "created_at": "name",
    "modified_at": "name",
    "merged_into": "merges",
    "erased_at": "name",
    "search_text": "",
    "search": "",
}
# The same of each model whose rows are about somebody.
MODELS = {
    "crm.Supporter": "name",
    "crm.Identifier": "identifiers",
    "crm.Change": "",
    "crm.Consent": "consents",
    "crm.ConsentRequest": "consents",
    "crm.ConsentState": "consents",
    "crm.Suppression": "consents",
    "crm.PrivacyRequest": "privacy_requests",
    "crm.Signature": "signatures",
    "crm.Comment": "comments",
    "crm.Lead": "signatures",
    "crm.Share": "signatures",
    "crm.Plan": "gift_amounts",
    "crm.Gift": "gift_amounts",
    "crm.Entry": "gift_amounts",
    "crm.BatchRow": "gift_amounts",
    "crm.Communication": "gift_amounts",
    "crm.SoftCredit": "promised",
    "crm.Tribute": "gift_amounts",
    "crm.MatchingGift": "gift_amounts",
    "crm.Instruction": "gift_amounts",
    "crm.Receipt": "receipts",
    "crm.TaxIdentity": "receipts",
    "crm.TaxCertificate": "receipts",
    "crm.Pledge": "promised",
    "crm.Instalment": "promised",
    "crm.StoredFile": "files",
    "crm.FileChunk": "files",
    "crm.ImportRow": "imports",
    "crm.Mail": "mails",
    "crm.Attachment": "mails",
    "crm.MailEvent": "mail_events",
    "crm.EmailAddress": "emails",
    "crm.Phone": "phones",
    "crm.PostalAddress": "addresses",
    "crm.Suspicion": "duplicates",
    "crm.Household": "households",
    "crm.HouseholdMember": "households",
    "crm.Relationship": "relationships",
    "crm.Note": "notes",
    "crm.Task": "tasks",
    "crm.SegmentMember": "segments",
    "crm.Tagging": "tags",
    "crm.SupporterEvent": "history",
    "crm.EmailAddressEvent": "history",
    "crm.PhoneEvent": "history",
    "crm.PostalAddressEvent": "history",
    "crm.HouseholdMemberEvent": "history",
    "crm.RelationshipEvent": "history",
    "crm.TaggingEvent": "history",
    "crm.NoteEvent": "history",
    "crm.Merge": "merges",
    "crm.Proposal": "proposals",
    "crm.Affiliation": "affiliations",
    "crm.Partner": "partnership",
    "crm.CriterionState": "partnership",
    "crm.PartnerReport": "partnership",
    "crm.Enrolment": "trainings",
    "crm.Certificate": "trainings",
    "payments.BankLine": "gift_amounts",
    "payments.PayoutLine": "gift_amounts",
    "payments.Difference": "gift_amounts",
    "payments.Checkout": "gift_amounts",
}
# Doors that tell several things, each by its own right.
SHARED = [
    "profile",
    "correct",
    "history",
    "merge",
    "undo",
    "duplicates",
    "import",
    "export",
    "mails",
    "notes",
    "list",
    "new household",
    "file of an import",
]


def expected(door, sees):
    """What a door tells to somebody who sees some rows of the table."""
    if not sees.issuperset(door.opens.split()):
        return set()
    return set(door.gives.split()) | (set(door.tells.split()) & sees)


def wrong(client, zoraline, doors, sees):
    """The doors that tell anything else than they should: what they tell, what they should."""
    found = {
        name: (open_door(client, door, zoraline), expected(door, sees))
        for name, door in doors.items()
    }
    return {
        name: f"too much: {sorted(got - want)}, too little: {sorted(want - got)}"
        for name, (got, want) in found.items()
        if got != want
    }


def seen_by(number):
    return {name for name, roles in TABLE.items() if roles[number]}


@pytest.mark.parametrize("number", range(4), ids=ROLES)
def test_role_is_told_what_the_table_says_and_nothing_else(client, staff, zoraline, number):
    client.force_login(staff(ROLES[number]))
    sees = seen_by(number)

    assert wrong(client, zoraline, DOORS, sees) == {}


# Each field once, a few at a time: every page is opened for each of these readers.
LACKED = [tuple(FIELD_RIGHTS)[start::6] for start in range(6)]


@pytest.mark.parametrize("fields", LACKED, ids="-".join)
def test_each_field_is_hidden_from_who_lacks_its_right(client, zoraline, fields):
    client.force_login(all_but(*fields))
    sees = {name for name in TABLE if not {*fields} & {*NEEDS.get(name, (name,))}}
    doors = {name: DOORS[name] for name in SHARED}

    assert wrong(client, zoraline, doors, sees) == {}


def test_table_says_what_the_rights_of_the_roles_say(staff):
    told = {}
    users = [staff(role) for role in ROLES]

    for name in TABLE.keys() - {"moderating", "merging", "exporting", "imports", "lookers"}:
        needs = NEEDS.get(name, (name,))
        told[name] = tuple(may_see(user, *needs) for user in users)

    assert told == {name: TABLE[name] for name in told}
    assert FIELD_RIGHTS.keys() - TABLE.keys() == set()


def test_every_field_and_every_model_about_people_stands_in_the_table():
    fields = {field.name for field in Supporter._meta.concrete_fields}
    models = {model._meta.label for model in apps.get_models() if hasattr(model, "personal_data")}

    assert fields == set(FIELDS)
    assert models == set(MODELS)
    assert {*FIELDS.values(), *MODELS.values()} - TABLE.keys() == {""}
    assert set(MARKS) - TABLE.keys() == set()


def test_everything_that_may_be_told_is_told_through_some_door():
    through = {name for door in DOORS.values() for name in f"{door.tells} {door.gives}".split()}

    assert through == set(MARKS)


@pytest.mark.parametrize(
    ("scope", "marks"),
    [
        (Scope.READ_PEOPLE, {"name", "emails", "phones", "addresses", "identifiers"}),
        (Scope.READ_SIGNATURES, {"signatures", "comments"}),
        (Scope.WRITE_SIGNATURES, set()),
        (Scope.READ_DONATIONS, {"gift_amounts"}),
    ],
)
def test_key_of_the_api_is_told_what_its_scope_says(program, zoraline, scope, marks):  # noqa: F811
    zora = zoraline["zora"].public_id
    calls = program(scope)

    answers = [
        calls.get(path)
        for path in (
            "people",
            f"people/{zora}",
            f"people/{zora}/signatures",
            f"people/{zora}/donations",
            "petitions",
            "donations",
        )
    ]

    assert set().union(*map(told, answers)) - {"duplicates", "neighbours"} == marks
