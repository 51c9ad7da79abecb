"""Lists taken along: what for is asked and written down, and no more leaves than may be seen."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.exchange import exports
from crm.exchange.models import Export
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.models import Identifier, Supporter
from crm.people.tags import Tag, Tagging
from tests.crm.exporting import ENGLISH, WHY, asked, content, export, lines, sheets
from tests.factories import (
    AT,
    CampaignTextFactory,
    EntryFactory,
    FundFactory,
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SignatureFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def known_well():
    """A supporter of whom every column says something."""
    person = SupporterFactory(
        given_name="=1+1",
        family_name="Maes",
        email="m@example.org",
        form_of_address="madam",
        own_greeting="Dear An",
        birth_date=date(1980, 5, 1),
        source="import:12",
    )
    EmailAddress.objects.create(supporter=person, address="old@example.org", status="old")
    Phone.objects.create(supporter=person, number="+32475000001")
    Phone.objects.create(supporter=person, number="+32475000002", is_preferred=True)
    PostalAddress.objects.create(
        supporter=person, street="Kerkstraat 1", town="Gent", is_preferred=True
    )
    Tagging.objects.create(supporter=person, tag=Tag.objects.create(name="press"))
    Tagging.objects.create(supporter=person, tag=Tag.objects.create(name="board"))
    Identifier.objects.create(supporter=person, system="iban", value="BE68539007547034")
    Identifier.objects.create(supporter=person, system="civicrm", value="12")
    Identifier.objects.create(supporter=person, system="row", value="0af")
    gift = GiftFactory(supporter=person, amount=2550)
    EntryFactory(gift=gift, amount=2550)
    EntryFactory(gift=gift, kind="fee", amount=-50)
    EntryFactory(gift=gift, kind="refund", amount=-550)
    return person


def test_supporters_leave_with_what_was_chosen_and_safe_for_spreadsheets(client, fundraiser):
    person = known_well()

    answer = export(client, "supporters")

    heads, row = lines(answer)
    assert heads.startswith("number,kind,given name,family name,form of address,")
    assert row.startswith(
        f"{person.pk},person,'=1+1,Maes,Madam,Dear An,m@example.org,old@example.org,French"
    )


def test_every_column_of_a_supporter_says_what_it_names(client, fundraiser):
    person = known_well()

    book = sheets(export(client, "supporters", kind="xlsx"))

    heads, row = book.worksheets[0].iter_rows(values_only=True)
    assert dict(zip(heads, row, strict=True)) == {
        "number": person.pk,
        "kind": "person",
        "given name": "=1+1",
        "family name": "Maes",
        "form of address": "Madam",
        "own greeting": "Dear An",
        "e-mail": "m@example.org",
        "other e-mails": "old@example.org",
        "language": "French",
        "telephone": "+32475000002",
        "street and number": "Kerkstraat 1",
        "postcode": "1000",
        "town": "Gent",
        "country": "Belgium",
        "date of birth": datetime.fromisoformat("1980-05-01"),
        "newsletter": None,
        "tags": "board, press",
        "given in all, in euros": 20,
        "last gift": datetime.fromisoformat("2026-03-01"),
        "bank accounts": "BE68539007547034",
        "names in other systems": "civicrm:12",
        "source": "import:12",
        "known since": datetime.fromisoformat("2026-03-01"),
    }


def test_cells_of_a_workbook_are_text_numbers_and_days_and_never_formulas(client, fundraiser):
    known_well()

    sheet = sheets(export(client, "supporters", kind="xlsx")).worksheets[0]

    kinds = {head.value: cell.data_type for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert kinds["given name"] == "s"
    assert kinds["telephone"] == "s"
    assert (kinds["given in all, in euros"], kinds["last gift"]) == ("n", "d")


def test_workbook_says_who_took_it_when_and_why(client, fundraiser):
    fundraiser.first_name, fundraiser.last_name = "Rita", "Peeters"
    fundraiser.save()
    GiftFactory(method="cheque")

    book = sheets(export(client, "gifts", kind="xlsx", query="?method__exact=cheque"))

    told = dict(book["About this file"].iter_rows(values_only=True))
    noted = Export.objects.get()
    assert (told["List"], told["Exported by"], told["Why"]) == ("gifts", str(fundraiser), WHY)
    assert told["Filters"] == "method__exact=cheque"
    assert told["Number in the list of exports"] == noted.pk
    assert (book.properties.creator, WHY in book.properties.description) == (str(fundraiser), True)


def test_gifts_leave_as_the_list_is_filtered(client, fundraiser):
    donor = SupporterFactory(given_name="=1+1", family_name="Maes", email="m@example.org")
    gift = GiftFactory(supporter=donor, amount=2550, fund=FundFactory(), method="cheque")
    EntryFactory(gift=gift, amount=2550)
    EntryFactory(gift=gift, kind="refund", amount=-3000)
    GiftFactory(method="cash")

    answer = export(client, "gifts", query="?method__exact=cheque")

    assert lines(answer) == [
        "received,given,supporter,e-mail,kind,what was given,amount,net,currency,state,method,"
        "fund,campaign,anonymous,regular gift,reference",
        "2026-03-01,2026-03-01,'=1+1 Maes,m@example.org,gift of money,,25.50,-4.50,EUR,paid,"
        f"cheque,Shelter,,,,{gift.reference}",
    ]


def test_search_narrows_what_leaves(client, fundraiser):
    SupporterFactory(given_name="Zoë")
    SupporterFactory(given_name="Yves")

    assert lines(export(client, "supporters", "given_name", query="?q=zoe")) == [
        "given name",
        "Zoë",
    ]


def test_signatures_and_receipts_leave_too(client, fundraiser, campaign):
    CampaignTextFactory(campaign=campaign, title="Stop")
    signature = SignatureFactory(campaign=campaign, signed_at=datetime(2026, 3, 1, 9, tzinfo=UTC))
    receipt = ReceiptFactory()

    signatures = lines(export(client, "signatures"))
    receipts = lines(export(client, "receipts", "number", "donor", "amount", "issued"))

    who = signature.supporter
    assert signatures[1] == (
        f"2026-03-01 10:00:00,,Stop,not yet confirmed,{who.pk},Sam,Supporter,{who.email},1000,"
        "Belgium,Brussels,French,Direct"
    )
    assert receipts == [
        "number,donor,amount,issued",
        f"{receipt},{receipt.donor_name},25.00,2026-03-01",
    ]


def test_pairs_leave_with_both_records(fundraiser):
    first, second = SupporterFactory(given_name="An"), SupporterFactory(given_name="Anne")
    Suspicion.objects.create(first=first, second=second, score=0.98765, found_at=AT)

    noted = exports.open_export(
        what="duplicates",
        columns=["probability", "first_given_name", "second_given_name"],
        kind_of_file="csv",
        reason=WHY,
        filters={},
        at=AT,
        by=fundraiser,
    )

    told = b"".join(exports.content(noted, Suspicion.objects.all())).decode()
    assert told.split("\r\n")[1] == "0.9877,An,Anne"


def test_export_is_written_down_before_the_first_line_leaves(client, fundraiser):
    SupporterFactory.create_batch(3)

    answer = export(client, "supporters", "number", "email", query="?q=sam&language__exact=fr&p=1")

    before = Export.objects.get()
    content(answer)
    after = Export.objects.get()
    assert (before.what, before.reason, before.format) == ("supporters", WHY, "csv")
    assert (before.columns, before.exported_by) == (["number", "email"], fundraiser)
    assert before.filters == {"q": "…", "language__exact": "fr"}
    assert (before.rows, after.rows) == (0, 3)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.by) == (
        "supporters.exported",
        f"export:{before.pk}",
        fundraiser,
    )
    assert entry.details == {
        "columns": ["number", "email"],
        "format": "csv",
        "filters": ["language__exact", "q"],
    }


def test_rows_that_left_are_counted_when_the_reader_goes_away(fundraiser):
    SupporterFactory.create_batch(5)
    noted = Export.objects.create(what="supporters", columns=["number"], format="csv", reason=WHY)

    pieces = exports.content(noted, Supporter.objects.all())
    for _line in range(3):
        next(pieces)
    pieces.close()

    noted.refresh_from_db()
    assert noted.rows == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "too short"}, "reason"),
        ({"columns": []}, "columns"),
        ({"columns": ["national_number"]}, "columns"),
        ({"format": "exe"}, "format"),
    ],
)
def test_incomplete_request_is_refused_and_nothing_leaves(client, fundraiser, given, field):
    answer = client.post(reverse("admin:crm_supporter_export"), asked("supporters") | given)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert (Export.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_list_leads_to_its_export_with_its_filters(client, fundraiser):
    page = client.get(reverse("admin:crm_gift_changelist") + "?method__exact=cash&q=sam")

    assert 'href="/staff/crm/gift/export/?method__exact=cash&amp;q=sam"' in page.content.decode()


@pytest.mark.parametrize("what", ["supporters", "signatures", "gifts", "receipts"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_takes_as_many_queries_for_three_as_for_one(
    client, fundraiser, campaign, what, kind, django_assert_num_queries
):
    def add():
        person = known_well_again()
        SignatureFactory(campaign=campaign, supporter=person)
        ReceiptFactory(gift=GiftFactory(supporter=person, campaign=campaign, plan=PlanFactory()))

    add()
    content(export(client, what, kind=kind))
    with CaptureQueriesContext(connection) as one:
        content(export(client, what, kind=kind))
    add()
    add()

    with django_assert_num_queries(len(one)):
        content(export(client, what, kind=kind))


def known_well_again():
    person = SupporterFactory()
    Phone.objects.create(supporter=person, number="+32475000001")
    PostalAddress.objects.create(supporter=person, street="Kerkstraat 1", is_preferred=True)
    tag, _made = Tag.objects.get_or_create(name="press")
    Tagging.objects.create(supporter=person, tag=tag)
    Identifier.objects.create(supporter=person, system="civicrm", value=str(person.pk))
    return person


def test_file_is_in_the_language_of_its_reader_and_named_after_its_list(client, fundraiser):
    GiftFactory()

    answer = client.post(
        reverse("admin:crm_gift_export"),
        asked("gifts", "method", "reference"),
        headers={"accept-language": "fr"},
    )

    assert answer["content-disposition"].startswith('attachment; filename="dons-20')
    assert lines(answer)[1].startswith("carte,")


def test_list_of_exports_tells_who_took_what_and_why(client, staff):
    user = staff()
    client.force_login(user)
    SupporterFactory()
    content(export(client, "supporters", "number", "email"))

    page = client.get(reverse("admin:crm_export_changelist"), headers=ENGLISH).content.decode()
    one = reverse("admin:crm_export_change", args=[Export.objects.get().pk])
    told = client.get(one, headers=ENGLISH).content.decode()

    assert all(word in page for word in ["supporters", "1 row", WHY, str(user)])
    assert "number, e-mail" in told
