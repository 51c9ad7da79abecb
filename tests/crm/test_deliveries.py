"""Packs for the authority: what counted at a moment, the same bytes each time, and proved."""

import copy
import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from crm.campaigns import delivering, proving, tallies
from crm.campaigns.deliveries import Delivery
from crm.campaigns.delivery_pages import pdf
from crm.campaigns.entering_sheets import withdraw_sheet
from crm.campaigns.naming_lines import name_line
from crm.campaigns.operations import withdraw
from crm.people.files import StoredFile
from crm.people.storing import contents
from crm.privacy.erasure import erase
from tests.factories import AT, CampaignTextFactory, SignatureFactory, SupporterFactory
from tests.jobs import run_periodic
from tests.sheet_factories import counted, enter, pack, row

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
OTHER_KEY = "QW5vdGhlciBrZXkgb2YgMzIgYnl0ZXMsIGZvciB0aGU="


@pytest.fixture
def signed(campaign):
    """A petition with two signatures online, a sheet with a name on it, and a bundle."""
    CampaignTextFactory(campaign=campaign)
    counted(campaign, supporter__given_name="Ann", supporter__family_name="Adam")
    counted(campaign, country="FR", region="")
    SignatureFactory(campaign=campaign)  # never confirmed
    sheet = enter(campaign, row("B-1", valid=3, struck=0))
    name_line(sheet=sheet, supporter=SupporterFactory(given_name="Bea"), at=AT)
    enter(campaign, row("Shops", valid=100, struck=0, region="", country=""), way="historical")
    return campaign


def text_of(delivery):
    return b"".join(contents(delivery.list_file)).decode("utf-8-sig")


def rows_of(delivery):
    return list(csv.DictReader(io.StringIO(text_of(delivery))))


def test_pack_has_the_counters_number_by_each_question(signed):
    delivery = pack(signed, as_of=LATER)

    assert delivery.state == "ready"
    assert delivery.facts["counted"] == {
        "total": 105,
        "by_way": {"online": 2, "paper": 3, "historical": 100},
        "by_country": {"BE": 4, "FR": 1, "": 100},
        "by_province": {"BE-BRU": 1, "BE-WNA": 3},
        "by_month": {"2026-02": 103, "2026-03": 2},
    }
    assert tallies.count(signed) == 105


def test_list_without_names_has_a_line_for_each_day_place_and_way(signed):
    delivery = pack(signed, as_of=LATER)

    assert text_of(delivery).splitlines() == [
        "day,country,region,way,signatures",
        "2026-02-20,,,historical,100",
        "2026-02-20,BE,BE-WNA,paper,3",
        "2026-03-01,BE,BE-BRU,online,1",
        "2026-03-01,FR,,online,1",
    ]


def test_list_with_names_has_a_line_for_each_signature_and_what_is_left_of_sheets(signed):
    delivery = pack(signed, as_of=LATER, has_names=True)

    assert text_of(delivery).splitlines() == [
        "day,given_name,family_name,country,region,way,sheet,signatures",
        "2026-02-20,Bea,Supporter,BE,BE-WNA,paper,B-1,1",
        "2026-02-20,,,BE,BE-WNA,paper,B-1,2",
        "2026-02-20,,,,,historical,Shops,100",
        "2026-03-01,Ann,Adam,BE,BE-BRU,online,,1",
        "2026-03-01,Sam,Supporter,FR,,online,,1",
    ]


def test_same_moment_and_data_give_the_same_bytes(signed, settings):
    first = pack(signed, as_of=LATER, at=LATER, has_names=True)
    second = pack(signed, as_of=LATER, at=LATER + timedelta(days=3), has_names=True)

    assert first.pk != second.pk
    assert first.facts == second.facts
    assert text_of(first) == text_of(second)
    assert bytes(first.certificate) == bytes(second.certificate) == pdf(second)
    assert first.signed == second.signed


def test_what_came_or_went_after_the_moment_changes_nothing(signed):
    before = pack(signed, as_of=LATER)
    gone = signed.signatures.confirmed().filter(country="FR").get()

    withdraw(signature=gone, at=LATER + timedelta(hours=1))
    counted(signed, at=LATER + timedelta(hours=2))
    enter(signed, row("late"), at=LATER + timedelta(hours=3))
    sheet = signed.sheets.get(number="B-1")
    withdraw(signature=sheet.named.get(), at=LATER + timedelta(hours=3))
    withdraw_sheet(sheet=signed.sheets.get(number="Shops"), at=LATER + timedelta(hours=4))
    after = pack(signed, as_of=LATER, at=LATER + timedelta(days=1))

    assert after.facts == before.facts
    assert tallies.count(signed) == 105 - 1 + 1 + 18 - 1 - 100


def test_what_was_withdrawn_before_the_moment_does_not_count(signed):
    withdraw(signature=signed.signatures.confirmed().filter(country="FR").get(), at=LATER)

    delivery = pack(signed, as_of=LATER)

    assert delivery.facts["counted"]["total"] == tallies.count(signed) == 104


def test_who_withdrew_since_counts_then_but_is_not_named(signed):
    withdraw(signature=signed.signatures.get(supporter__given_name="Ann"), at=LATER)

    delivery = pack(signed, as_of=AT, at=LATER, has_names=True)

    assert "Ann" not in text_of(delivery)
    assert "2026-03-01,,,BE,BE-BRU,online,,1" in text_of(delivery).splitlines()


def test_moment_to_come_is_refused(signed):
    with pytest.raises(delivering.StillToCome):
        pack(signed, as_of=LATER, at=AT)


def test_pack_of_nothing_says_so(campaign):
    CampaignTextFactory(campaign=campaign)

    delivery = pack(campaign, as_of=AT)

    assert (delivery.state, delivery.list_file) == ("failed", None)
    assert delivery.error == "Nothing counted at this moment: there is nothing to hand over."


def test_pack_is_made_once(signed):
    delivery = pack(signed, as_of=LATER)

    delivering.make_delivery(delivery_id=delivery.pk, clock=lambda: LATER)

    assert StoredFile.objects.count() == 1


def test_facts_are_signed_and_the_key_is_among_them(signed):
    delivery = pack(signed, as_of=LATER)

    key = delivery.facts["public_key"]
    assert proving.is_signed(delivery.facts, delivery.signed, key)
    assert key == proving.own_public_key()
    assert delivery.digest == delivery.facts["list"]["sha256"]


def test_any_change_of_the_facts_breaks_the_signature(signed):
    delivery = pack(signed, as_of=LATER)
    key = delivery.facts["public_key"]
    changed = [copy.deepcopy(delivery.facts) for _change in range(3)]
    changed[0]["counted"]["total"] += 1
    changed[1]["campaign"]["title"] = "Another"
    changed[2]["more"] = ""

    found = [proving.is_signed(facts, delivery.signed, key) for facts in changed]

    assert found == [False, False, False]
    assert not proving.is_signed(delivery.facts, delivery.signed, "bm8=")
    assert not proving.is_signed(delivery.facts, "no base64", key)


def test_without_a_key_packs_are_unsigned_and_say_so(signed, settings):
    settings.DELIVERY_SIGNING_KEY = ""

    delivery = pack(signed, as_of=LATER)

    assert (delivery.state, delivery.signed, delivery.facts["public_key"]) == ("ready", "", "")
    words = PdfReader(io.BytesIO(bytes(delivery.certificate))).pages[-1].extract_text()
    assert "the organisation has set no key" in words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "signatures counted on 1 March 2026, 11:00:00"),
        ("fr", "1 mars 2026"),
        ("nl", "1 maart 2026"),
    ],
)
def test_certificate_is_accessible_and_tells_the_numbers_in_its_language(signed, language, words):
    delivery = pack(signed, as_of=LATER, language=language, recipient="The Minister of Justice")

    document = PdfReader(io.BytesIO(bytes(delivery.certificate)))
    text = " ".join("".join(page.extract_text() for page in document.pages).split())
    catalog = document.trailer["/Root"]
    assert (catalog["/Lang"], bool(catalog["/MarkInfo"]["/Marked"])) == (language, True)
    assert b"pdfuaid:part" in catalog["/Metadata"].get_object().get_data()
    assert all(told in text for told in (words, "105", "The Minister of Justice"))
    assert delivery.digest in text.replace(" ", "")


def test_lists_are_deleted_after_a_month_and_the_facts_stay(signed):
    delivery = pack(signed, as_of=LATER)
    StoredFile.objects.update(added_at=LATER - timedelta(days=29))
    run_periodic("campaigns.delete_old_lists")
    run_periodic("campaigns.delete_old_lists")

    delivery.refresh_from_db()

    assert delivery.list_file is None
    assert StoredFile.objects.count() == 0
    assert (delivery.state, bool(delivery.certificate)) == ("ready", True)


def test_list_of_today_is_kept(signed):
    delivery = pack(signed, as_of=LATER)
    StoredFile.objects.update(added_at=LATER)

    assert delivering.delete_old_lists(now=LATER + timedelta(days=29)) == 0
    assert delivering.delete_old_lists(now=LATER + timedelta(days=31)) == 1
    assert delivering.delete_list(delivery=delivery, at=LATER) is False


def test_erasure_deletes_the_lists_that_may_name_the_person(signed, now):
    named = pack(signed, as_of=LATER, has_names=True)
    places = pack(signed, as_of=LATER)
    ann = signed.signatures.get(supporter__given_name="Ann").supporter

    erase(supporter=ann, at=now)

    named.refresh_from_db()
    places.refresh_from_db()
    assert (named.list_file, places.list_file is None) == (None, False)
    assert pack(signed, as_of=LATER).facts == places.facts


def test_list_that_names_somebody_erased_meanwhile_is_written_again(signed, now, monkeypatch):
    ann = signed.signatures.get(supporter__given_name="Ann").supporter
    write, calls = delivering.write_list, []

    def erased_meanwhile(delivery, file):
        facts = write(delivery, file)
        if not calls:
            erase(supporter=ann, at=now)
        calls.append(facts["list"]["sha256"])
        return facts

    monkeypatch.setattr(delivering, "write_list", erased_meanwhile)
    delivery = pack(signed, as_of=LATER, has_names=True)

    assert len(set(calls)) == 2
    assert (delivery.digest, "Ann" in text_of(delivery)) == (calls[1], False)


@pytest.fixture
def files(signed, tmp_path):
    """A pack's facts and list on disk."""
    delivery = pack(signed, as_of=LATER, has_names=True)
    facts, listed = tmp_path / "facts.json", tmp_path / "list.csv"
    facts.write_text(json.dumps({"facts": delivery.facts, "signature": delivery.signed}))
    listed.write_bytes(b"".join(contents(delivery.list_file)))
    return facts, listed


def test_command_finds_a_pack_right(files, capsys):
    call_command("verify_delivery", *map(str, files), "--key", proving.own_public_key())

    told = capsys.readouterr().out
    assert "The signature is right" in told
    assert "105 signatures" in told
    assert "its lines add up" in told


def test_command_tells_the_fingerprint_to_compare(files, capsys):
    call_command("verify_delivery", str(files[0]))

    assert proving.fingerprint_of(proving.own_public_key()) in capsys.readouterr().out


def test_command_finds_one_changed_byte(files):
    facts, listed = files
    text = listed.read_bytes()

    listed.write_bytes(text.replace(b"Ann", b"Anm"))
    with pytest.raises(CommandError, match="its SHA-256 is another"):
        call_command("verify_delivery", str(facts), str(listed))
    facts.write_text(facts.read_text().replace('"total": 105', '"total": 106'))
    with pytest.raises(CommandError, match="changed after they were signed"):
        call_command("verify_delivery", str(facts))


def test_command_wants_the_key_that_was_told(files, settings):
    settings.DELIVERY_SIGNING_KEY = OTHER_KEY

    with pytest.raises(CommandError, match="Another key"):
        call_command("verify_delivery", str(files[0]), "--key", proving.own_public_key())


@pytest.mark.parametrize("text", ["", "[]", '{"facts": 1}', "not json"])
def test_command_refuses_what_is_no_pack(tmp_path, text):
    path = tmp_path / "facts.json"
    path.write_text(text)

    with pytest.raises(CommandError, match="not the facts of a pack"):
        call_command("verify_delivery", str(path))


def test_list_whose_lines_do_not_add_up_is_found_even_if_its_hash_is_signed(signed, tmp_path):
    delivery = pack(signed, as_of=LATER)
    listed = tmp_path / "list.csv"
    listed.write_bytes(b"".join(contents(delivery.list_file)))
    told = copy.deepcopy(delivery.facts)
    told["counted"]["by_way"]["online"] = 1
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"facts": told, "signature": proving.sign(told)}))

    with pytest.raises(CommandError, match="do not add up"):
        call_command("verify_delivery", str(facts), str(listed))


def test_pack_is_found_by_what_its_facts_say(signed):
    first, second = (pack(signed, as_of=LATER, recipient="Parliament") for _time in range(2))

    assert first.public_id == proving.identity_of(first.facts) != second.public_id
    assert Delivery.objects.count() == 2
