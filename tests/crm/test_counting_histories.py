"""Whatever becomes of signatures, in whichever order: every tally says what the rows say."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Min
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from crm.campaigns import counting, signing, tallies
from crm.campaigns.disowning import disown
from crm.campaigns.entering_sheets import SheetGone, correct_sheet, withdraw_sheet
from crm.campaigns.models import Signature
from crm.campaigns.naming_lines import NoLineLeft, SignedAlready, name_line
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.returned import take_out
from crm.campaigns.revising import put_right
from crm.campaigns.sharing import code_of
from crm.campaigns.sheets import Sheet
from crm.campaigns.sources import Trail
from crm.campaigns.withdrawing import Pattern, effect_of, withdraw_found
from crm.exchange.models import Import
from crm.lib.periods import local_day
from crm.people.merges import Merge
from crm.people.merging import NotMergeable, merge
from crm.people.models import Supporter
from crm.people.unmerging import NotUndoable, unmerge
from crm.privacy import keeping
from crm.privacy.erasure import erase
from tests.conftest import NOW
from tests.crm.lists import imported, undone
from tests.crm.pia import PIA
from tests.factories import CampaignFactory
from tests.sheet_factories import enter, row

pytestmark = pytest.mark.django_db
few = examples(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Two of them are one mailbox.
ADDRESSES = ("an.na@gmail.com", "anna+x@gmail.com", "ben@some.org", "bea@some.org", "li@some.org")
OFTEN = ("sign", "confirm", "confirm", "withdraw", "merge", "name", "enter", "fold")
DEEDS = (*OFTEN, *OFTEN, "disown", "withdraw_many", "returned", "release", "correct",
         "withdraw_sheet", "unmerge", "erase", "take_over", "undo", "clean", "move")  # fmt: skip
NUMBER = st.integers(min_value=0, max_value=11)
HISTORIES = st.lists(st.tuples(st.sampled_from(DEEDS), NUMBER, NUMBER), min_size=15, max_size=60)
HOURS = timedelta(hours=7)
PLACES = {
    counting.DayTally: (),
    counting.SourceTally: ("source_id",),
    counting.RegionTally: ("country", "region"),
    counting.LanguageTally: ("language",),
    counting.WayTally: ("way",),
}


class World:
    """Some people and two campaigns; each deed is done to one of what there is."""

    def __init__(self):
        self.campaigns, self.at, self.number = [CampaignFactory() for _ in range(2)], NOW, 0

    def do(self, deed, one, other):
        self.at += HOURS
        self.number += 1
        rows = {
            "signature": Signature.objects.order_by("pk"),
            "sheet": Sheet.objects.order_by("pk"),
            "person": Supporter.objects.order_by("pk"),
            "merged": Merge.objects.order_by("pk"),
            "batch": Import.objects.filter(state="done").order_by("pk"),
        }
        model, work = WORKS.get(deed, ("", None))
        if work is None:
            getattr(self, deed)(one, other)
        elif found := list(rows[model]):
            with suppress(SheetGone, NoLineLeft, SignedAlready, NotMergeable, NotUndoable):
                work(self, found[one % len(found)], other)

    def sign(self, one, other):
        through = Signature.objects.confirmed().order_by("pk").first() if one % 3 else None
        shared = {"share": code_of(through)} if through else {"utm_source": f"site{other % 2}"}
        told = PIA | {"email": ADDRESSES[other % 5], "trail": Trail(**shared)}
        told |= {"language": "fr" if one % 2 else "nl", "network": "192.0.2.1" if one > 8 else ""}
        signing.sign(campaign=self.campaigns[one % 2], at=self.at, **told)

    def enter(self, one, other):
        told = row(f"{self.number}", valid=one, struck=other, language="nl" if other % 2 else "fr")
        enter(self.campaigns[one % 2], told, at=self.at, way="historical" if other > 9 else "paper")

    def withdraw_many(self, one, other):
        pattern = Pattern(campaign=self.campaigns[one % 2], address=ADDRESSES[other % 5])
        number = effect_of(pattern).number
        withdraw_found(pattern=pattern, expected=number, at=self.at)

    def take_over(self, one, other):
        text = f"Email,First name,Date\n{ADDRESSES[other % 5]},Ann,05/02/2025\n,Bo,06/02/2025\n"
        status = "pending" if one > 8 else "confirmed"
        campaign = self.campaigns[one % 2].pk
        imported(text, kind="signatures", campaign=campaign, consent="Form", status=status)

    def clean(self, _one, _other):
        keeping.carry_out(keeping.rule("unconfirmed_signatures"), self.at + timedelta(days=60))

    def fold(self, _one, _other):
        tallies.fold(batch=3)

    def merge(self, kept, other):
        rows = list(Supporter.objects.order_by("pk"))
        merge(kept=kept, lost=rows[other % len(rows)], at=self.at)

    def correct(self, sheet, other):
        day = sheet.ends_on + timedelta(days=other % 2)
        valid = sheet.valid + other % 3
        told = {"valid": valid, "lines": valid + sheet.struck, "ends_on": day}
        correct_sheet(sheet=sheet, at=self.at, region="BE-WLG" if other % 2 else "", **told)

    def name(self, sheet, other):
        people = list(Supporter.objects.filter(erased_at=None).order_by("pk"))
        if people:
            name_line(sheet=sheet, supporter=people[other % len(people)], at=self.at)

    def move(self, signature, other):
        signer = signature.supporter
        if signer.erased_at is None and signer.merged_into_id is None:
            facts = {"postcode": ("1000", "9000")[other % 2], "country": "BE"}
            put_right(signature=signature, at=self.at, **facts)


WORKS = {
    "confirm": ("signature", lambda w, s, _: confirm(signature=s, at=w.at)),
    "withdraw": ("signature", lambda w, s, _: withdraw(signature=s, at=w.at)),
    "disown": ("signature", lambda w, s, _: disown(signature=s, at=w.at)),
    "release": (
        "signature",
        lambda w, s, _: signing.release_held(signatures=[s], at=w.at, by=None),
    ),
    "move": ("signature", World.move),
    "returned": (
        "person",
        lambda w, p, _: take_out(supporter=p, why="bounced", since=w.at, at=w.at),
    ),
    "correct": ("sheet", World.correct),
    "withdraw_sheet": ("sheet", lambda w, s, _: withdraw_sheet(sheet=s, at=w.at)),
    "name": ("sheet", World.name),
    "merge": ("person", World.merge),
    "unmerge": ("merged", lambda w, m, _: unmerge(merge=m, at=w.at)),
    "erase": ("person", lambda w, p, _: erase(supporter=p, at=w.at)),
    "undo": ("batch", lambda w, b, _: undone(b, at=w.at)),
}


def rows_that_count():
    """Each row with how many it counts, and on which day: signatures, and sheets."""
    for signature in Signature.objects.confirmed().filter(sheet=None):
        yield signature, local_day(signature.confirmed_at), 1
    for sheet in Sheet.objects.filter(withdrawn_at=None):
        gone = sheet.named.exclude(status="confirmed").count()
        yield sheet, sheet.ends_on, sheet.valid - gone


def expected(names):
    found = Counter()
    for counted, day, number in rows_that_count():
        place = tuple(str(getattr(counted, name)) for name in names)
        found[(counted.campaign_id, day, *place)] += number
    return +found


def told(model, names):
    """What a question's tallies say, with what is not folded yet."""
    found = Counter()
    unfolded = counting.SignatureDelta.objects.filter(step="confirm")
    for each in (*model.objects.all(), *unfolded):
        place = tuple(str(getattr(each, name)) for name in names)
        found[(each.campaign_id, each.day, *place)] += each.number
    return {key: number for key, number in found.items() if number}


def steps(step, **which):
    found = Counter()
    unfolded = counting.SignatureDelta.objects.filter(step=step, **which)
    for each in (*counting.StepTally.objects.filter(step=step), *unfolded):
        found[each.campaign_id, each.day, each.source_id] += each.number
    return {key: number for key, number in found.items() if number}


def confirmed_online():
    found = Counter()
    for each in Signature.objects.confirmed().filter(way="online"):
        found[each.campaign_id, local_day(each.confirmed_at), each.source_id] += 1
    return found


def bringers():
    confirmed = Signature.objects.confirmed().exclude(referrer=None)
    found = Counter()
    for pk, moment in confirmed.values_list("referrer").annotate(Min("confirmed_at")):
        sharer = Signature.objects.get(pk=pk)
        found[sharer.campaign_id, local_day(moment), sharer.source_id] += 1
    return found


@few
@given(HISTORIES)
def test_every_tally_says_what_signatures_and_sheets_say(settings, history):
    settings.SIGNATURES_WITHOUT_PROOF = 1
    with transaction.atomic():
        world = World()
        for deed, one, other in history:
            world.do(deed, one, other)
            for campaign in world.campaigns:
                total = sum(
                    n for each, _, n in rows_that_count() if each.campaign_id == campaign.pk
                )
                assert tallies.count(campaign) == total, deed

        for model, names in PLACES.items():
            assert told(model, names) == expected(names)
        assert steps("confirm", way="online") == confirmed_online()
        assert steps("bring") == bringers()
        transaction.set_rollback(True)  # nothing of an example stays for the next one
