"""The pages for bank statements: uploading, and one undecided line after the other."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.access import Role
from crm.donations.communications import communication_for
from crm.donations.models import Entry, Gift
from crm.people.models import Identifier, Supporter
from payments.imports import decisions
from payments.imports.files import import_file
from payments.statements import BankFile, BankLine
from tests.factories import EntryFactory, GiftFactory, SupporterFactory
from tests.payments.bank.scene import NOW
from tests.payments.bank.writing import JAN, MARIE, OURS, Move, camt, coda

pytestmark = pytest.mark.django_db
UPLOAD = "/staff/payments/bankfile/add/"
MATCH = "/staff/payments/bankline/match/"
UNDO = "/staff/payments/bankline/undo/"


@pytest.fixture(autouse=True)
def our_account(settings):
    settings.ORGANISATION_IBAN = OURS
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


@pytest.fixture
def marie(db):
    return SupporterFactory(given_name="Marie", family_name="Dupont", email="marie@example.org")


def file(data, name="march.cod"):
    return SimpleUploadedFile(name, data)


def take(*moves):
    import_file(name="march.cod", data=coda(moves), at=NOW)
    return list(BankLine.objects.order_by("pk"))


def decide(client, line, **sent):
    return client.post(reverse("admin:payments_bankline_decide", args=[line.pk]), sent)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def test_several_files_are_taken_at_once_and_each_says_what_became_of_it(client, fundraiser, marie):
    known = communication_for(supporter=marie, campaign=None, at=NOW)
    moves = [Move(2500, text=known.digits), Move(100, "X")]
    sent = [
        file(coda(moves), "one.cod"),
        file(coda(moves), "same.cod"),
        file(camt(moves), "other.xml"),
        file(coda(moves)[:300], "cut.cod"),
        file(b"", "empty.cod"),
    ]

    answer = client.post(UPLOAD, {"statements": sent})

    found = [
        (
            report.name,
            report.outcome and (report.outcome.is_new, report.outcome.added, report.outcome.known),
            report.matched,
            report.waiting,
            report.refusal and report.refusal.line,
        )
        for report in answer.context["reports"]
    ]
    assert found == [
        ("one.cod", (True, 2, 0), 1, 1, None),
        ("same.cod", (False, 0, 0), 0, 1, None),
        ("other.xml", (True, 0, 2), 0, 0, None),
        ("cut.cod", None, 0, 0, 3),
        ("empty.cod", None, 0, 0, None),
    ]
    page = answer.content.decode()
    assert "Line 3: The line has 40 characters; in a CODA file every line has 128." in page
    assert "The file is empty." in page
    assert BankFile.objects.get(name="one.cod").uploaded_by == fundraiser


def test_upload_without_a_file_and_of_a_file_that_is_too_large_say_so(
    client, fundraiser, monkeypatch
):
    monkeypatch.setattr("payments.staff.uploads.LONGEST_FILE", 1024**2)

    answers = [
        client.post(UPLOAD, {}),
        client.post(UPLOAD, {"statements": [file(b"0" * (1024**2 + 1), "large.cod")]}),
    ]

    assert [answer.context["form"].errors["statements"] for answer in answers] == [
        ["Choose at least one file."],
        ["large.cod is larger than 1 MB."],
    ]


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER])
def test_who_sees_no_money_uploads_nothing_and_decides_nothing(client, staff, role, marie):
    (line,) = take(Move(2500))
    client.force_login(staff(role))

    answers = [
        client.post(UPLOAD, {"statements": [file(coda([Move(1)]))]}),
        decide(client, line, action="accept", supporter=marie.pk),
        client.post(UNDO, {"line": line.pk}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (BankFile.objects.count(), Gift.objects.count()) == (1, 0)


def test_page_without_lines_says_that_none_waits(client, fundraiser):
    answer = client.get(MATCH)

    assert "No line waits." in answer.content.decode()


def test_page_shows_the_oldest_line_with_who_may_have_paid(client, fundraiser, marie):
    first, second = take(Move(2500), Move(3000, "PEETERS JAN", JAN))

    answer = client.get(MATCH)

    assert answer.context["line"] == first
    assert [each.supporter for each in answer.context["proposals"]] == [marie]
    assert [row.line for row in answer.context["after"]] == [second]
    assert answer.context["waiting"] == (2, "€55")


def test_accepting_a_proposal_records_the_gift_and_goes_on(client, fundraiser, marie):
    first, second = take(Move(2500), Move(3000, "PEETERS JAN", JAN))

    answer = decide(client, first, action="accept", supporter=marie.pk)

    gift = Gift.objects.get()
    assert (gift.supporter, gift.amount) == (marie, 2500)
    assert answer.url == f"{MATCH}?line={second.pk}"
    assert told(client.get(answer.url)) == ["€25 is a gift of Marie Dupont."]


def test_after_the_last_line_the_first_that_was_skipped_comes_again(client, fundraiser, marie):
    first, second = take(Move(2500), Move(3000, "PEETERS JAN", JAN))

    answer = decide(client, second, action="no_gift")

    assert answer.url == f"{MATCH}?line={first.pk}"


def test_communication_of_a_campaign_is_what_the_gift_is_for(client, fundraiser, marie, campaign):
    known = communication_for(supporter=None, campaign=campaign, at=NOW)
    (line,) = take(Move(2500, text=known.digits))

    decide(client, line, action="accept", supporter=marie.pk)

    assert Gift.objects.get().campaign == campaign


def test_somebody_new_is_suggested_as_the_bank_names_them(client, fundraiser):
    person, works = take(Move(2500, "VAN DEN BERGHE AN"), Move(3000, "Les Amis ASBL", JAN))

    forms = [client.get(f"{MATCH}?line={line.pk}").context["form"] for line in (person, works)]

    assert forms[0].initial["given_name"] == "An"
    assert forms[0].initial["family_name"] == "Van Den Berghe"
    assert forms[1].initial["kind"] == "organisation"
    assert forms[1].initial["family_name"] == "Les Amis ASBL"


def test_somebody_new_is_added_with_the_gift(client, fundraiser):
    (line,) = take(Move(2500))
    person = {"kind": "person", "given_name": "Lina", "family_name": "Maes", "language": "nl"}

    decide(client, line, action="new", **person)

    gift = Gift.objects.get()
    assert (str(gift.supporter), gift.supporter.language) == ("Lina Maes", "nl")
    assert Identifier.objects.get(system="iban", value=MARIE).supporter == gift.supporter


def test_somebody_new_without_a_name_is_asked_for_one_and_nothing_is_saved(client, fundraiser):
    (line,) = take(Move(2500))

    answer = decide(client, line, action="new", kind="person", language="nl", email="x")

    assert answer.status_code == 200
    assert answer.context["form"].errors == {
        "email": ["Enter a valid email address."],
        "family_name": ["Fill in a name or an e-mail address."],
    }
    assert answer.context["form_is_open"]
    assert (Supporter.objects.count(), Gift.objects.count()) == (0, 0)


def test_search_finds_who_is_not_proposed(client, fundraiser, marie):
    jan = SupporterFactory(given_name="Jan", family_name="Peeters")
    (line,) = take(Move(2500))

    answer = client.get(f"{MATCH}?line={line.pk}&q=peet")

    assert [each.supporter for each in answer.context["proposals"]] == [jan]


def test_last_decision_is_undone_and_its_line_shown_again(client, fundraiser, marie):
    first, _second = take(Move(2500), Move(3000, "PEETERS JAN", JAN))
    decide(client, first, action="accept", supporter=marie.pk)
    last = client.get(MATCH).context["last"].line

    answer = client.post(UNDO, {"line": last.pk})

    first.refresh_from_db()
    assert (last, first.state) == (first, "waiting")
    assert answer.url == f"{MATCH}?line={first.pk}"
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0


def test_line_that_somebody_else_decided_meanwhile_stays_theirs(client, fundraiser, marie):
    (line,) = take(Move(2500))
    decisions.accept(line=line, supporter=SupporterFactory(), at=NOW)

    answer = decide(client, line, action="accept", supporter=marie.pk)

    assert told(client.get(answer.url)) == ["Somebody has decided about this line meanwhile."]
    assert Gift.objects.filter(supporter=marie).count() == 0


def test_money_that_went_back_is_linked_to_its_gift(client, fundraiser, marie):
    Identifier.objects.create(supporter=marie, system="iban", value=MARIE)
    gift = GiftFactory(supporter=marie, method="bank_transfer")
    EntryFactory(gift=gift)
    (line,) = take(Move(-2500))
    page = client.get(MATCH)

    decide(client, line, action="return", gift=gift.pk)

    assert [each["gift"] for each in page.context["gifts"]] == [gift]
    assert page.context["came_back"] == (1, "-€25")
    assert sum(gift.entries.values_list("amount", flat=True)) == 0


def test_return_of_more_than_the_gift_is_refused(client, fundraiser, marie):
    gift = GiftFactory(supporter=marie)
    EntryFactory(gift=gift)
    (line,) = take(Move(-9000, returned=True))

    answer = decide(client, line, action="return", gift=gift.pk)

    assert told(client.get(answer.url)) == [
        "The gift is smaller than what went back, or in another currency."
    ]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"action": "delete"}, 400),
        ({"action": "accept"}, 404),
        ({"action": "accept", "supporter": "9" * 30}, 404),
        ({"action": "accept", "supporter": "²"}, 404),
        ({"action": "return", "gift": "1"}, 404),
    ],
)
def test_senseless_decision_changes_nothing(client, fundraiser, sent, status):
    (line,) = take(Move(2500))

    answer = decide(client, line, **sent)

    line.refresh_from_db()
    assert (answer.status_code, line.state) == (status, "waiting")


def test_erased_supporter_gets_no_gift(client, fundraiser, marie):
    (line,) = take(Move(2500))
    Supporter.objects.update(erased_at=NOW)

    assert decide(client, line, action="accept", supporter=marie.pk).status_code == 404


def test_looking_decides_nothing(client, fundraiser):
    (line,) = take(Move(2500))

    answers = [
        client.get(reverse("admin:payments_bankline_decide", args=[line.pk])),
        client.get(UNDO),
    ]

    assert [answer.status_code for answer in answers] == [405, 405]


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_whatever_waits(client, fundraiser, number, django_assert_num_queries):
    for each in range(number):
        SupporterFactory(given_name="Marie", family_name="Dupont")
        GiftFactory(reference=f"g{each}")
    take(*[Move(2500, text=f"Don {each}") for each in range(number)])
    client.get(MATCH)

    with django_assert_num_queries(20):
        answer = client.get(MATCH)

    assert len(answer.context["proposals"]) == number


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("page", ["bankfile", "bankstatement", "bankline"])
def test_list_costs_the_same_whatever_its_length(
    client, fundraiser, page, number, marie, django_assert_num_queries
):
    for each in range(number):
        opening = 100_000 + 2500 * each
        data = coda([Move(2500, reference=f"R{each}")], opening=opening, number=each)
        import_file(name="x", data=data, at=NOW, by=fundraiser)
    for line in BankLine.objects.all():
        decisions.accept(line=line, supporter=marie, at=NOW)
    client.get(f"/staff/payments/{page}/")

    with django_assert_num_queries({"bankfile": 5, "bankstatement": 6, "bankline": 6}[page]):
        answer = client.get(f"/staff/payments/{page}/")

    assert len(answer.context["cl"].result_list) == number


def test_statement_shows_balances_and_sums(client, fundraiser):
    (first, _second) = take(Move(2500), Move(-1000, "SHOP", JAN))

    page = client.get(f"/staff/payments/bankstatement/{first.statement_id}/change/")

    text = page.content.decode()
    assert all(amount in text for amount in ("€1,000", "€25", "-€10", "€1,015"))


def test_statement_after_one_that_is_missing_says_so(client, fundraiser):
    days = [(date(2026, 3, 9), 100_000), (date(2026, 3, 10), 102_500), (date(2026, 3, 12), 109_000)]
    for day, opening in days:
        data = coda([Move(2500, on=day, text=str(day))], opening=opening, closed_on=day)
        import_file(name="x", data=data, at=NOW)

    answer = client.get("/staff/payments/bankstatement/")

    found = answer.context["cl"].model_admin
    rows = found.get_queryset(answer.wsgi_request).order_by("closed_on")
    assert ["missing before it" in found.doubts(row) for row in rows] == [False, False, True]
    assert answer.content.decode().count("a statement is missing") == 1
