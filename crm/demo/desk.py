"""What staff wrote down and have to do: tags, notes, tasks, files, corrections to decide on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.access import Role
from crm.campaigns.models import Signature
from crm.demo.chance import dice
from crm.demo.copying import Table
from crm.demo.data import read
from crm.demo.persons import FLEMISH
from crm.demo.world import World
from crm.people import noting, offers
from crm.people.attaching import attach
from crm.people.models import Supporter
from crm.people.notes import Note
from crm.people.tagging import add_tag, create_tag
from crm.people.tags import Tag, Tagging

NOTES, PER_NOTE = 90, 20  # at most, and one to so many donors
PROPOSALS, PER_PROPOSAL = 14, 25
WRITERS = [Role.FUNDRAISER, Role.FUNDRAISER, Role.CAMPAIGNER]
# What a form told that differs from what we know: a second name, a larger town.
SECOND_NAMES = ["Martens", "Dubois", "Lambert", "Maes", "Collard", "Segers"]
MOVED_TO = {True: ["9000", "2000", "3000", "8500"], False: ["4000", "1050", "5000", "7000"]}


class Desk:
    """Writes as the members of staff would."""

    def __init__(self, world: World, donors: Sequence[int], organisations: list[Supporter]) -> None:
        self.world, self.texts, self.rng = world, read("work"), dice("desk")
        self.donors, self.organisations = donors, organisations
        staff = get_user_model().objects.filter(username__in=Role.values)
        self.staff: dict[str, Any] = {user.username: user for user in staff}

    def donor(self) -> Supporter:
        return Supporter.objects.get(pk=self.rng.choice(self.donors))

    def ago(self, days: int, rng: Random | None = None) -> datetime:
        """A moment in working hours, so many days before the demo ends, or fewer by chance."""
        since = (rng or self.rng).randrange(days) if rng else days
        hours = timedelta(hours=7 + 9 * self.rng.random())
        return self.world.end - timedelta(days=since) - timedelta(days=1) + hours

    def about(self, whom: str, place: int) -> Supporter | None:
        """A donor, an organisation, or nobody; nobody where there are none."""
        if whom == "donor" and self.donors:
            return self.donor()
        if whom == "organisation" and self.organisations:
            return self.organisations[place % len(self.organisations)]
        return None

    def write(self) -> None:
        self.write_tags()
        self.write_notes()
        self.write_tasks()
        self.write_files()
        self.write_proposals()

    def write_tags(self) -> None:
        by, taggings = self.staff[Role.FUNDRAISER], Table(
            Tagging, "supporter_id", "tag_id", "source", "tagged_at", "tagged_by_id"
        )  # fmt: skip
        of_organisations = {}
        for told in self.texts["tag"]:
            texts = {"name": told["name"], "description": told["description"]}
            tag = create_tag(**texts, at=self.ago(700), by=by)
            if "each" not in told:
                of_organisations[told["name"]] = tag
                continue
            number = len(self.donors) // told["each"]
            for key in sorted(self.rng.sample(self.donors, number)):
                taggings.add(key, tag.pk, "staff", self.ago(600, self.rng), by.pk)
        taggings.finish()
        self.tag_organisations(of_organisations, by)

    def tag_organisations(self, tags: dict[str, Tag], by: Any) -> None:
        known = read("organisations")["organisation"]
        for organisation, told in zip(self.organisations, known, strict=False):
            tag = tags[told["tag"]]
            add_tag(supporter=organisation, tag=tag, source="staff", at=self.ago(200), by=by)

    def write_notes(self) -> None:
        """Write notes about donors and organisations, none of them about anything delicate."""
        texts = self.texts["notes"]
        notes = Table(
            Note, "supporter_id", "text", "is_confidential", "written_at", "modified_at",
            "written_by_id",
        )  # fmt: skip
        number = min(NOTES, len(self.donors) // PER_NOTE)
        about = Supporter.objects.filter(pk__in=self.rng.sample(self.donors, number))
        told = [
            *((one.pk, texts["nl" if one.language == "nl" else "fr"]) for one in about),
            *((one.pk, texts["organisations"]) for one in self.organisations),
        ]
        for key, choice in sorted(told, key=lambda each: each[0]):
            at, by = self.ago(500, self.rng), self.staff[self.rng.choice(WRITERS)]
            notes.add(key, self.rng.choice(choice), False, at, at, by.pk)
        notes.finish()

    def write_tasks(self) -> None:
        """Give everybody who works with people something overdue, something today, and more."""
        for place, told in enumerate(self.texts["task"]):
            due_on = self.world.today + timedelta(days=told["due"])
            by = self.staff.get(told["role"], self.staff[Role.CAMPAIGNER])
            at = self.ago(14)
            task = noting.add_task(
                title=told["title"],
                details=told.get("details", ""),
                supporter=self.about(told["about"], place),
                due_on=due_on,
                assigned_to=self.staff.get(told["role"]),
                at=at,
                by=by,
            )
            if told.get("done"):
                noting.finish_task(task=task, at=self.ago(2), by=by)

    def write_files(self) -> None:
        for place, told in enumerate(self.texts["file"]):
            supporter = self.about(told["about"], place)
            if supporter is not None:
                upload = SimpleUploadedFile(told["name"], told["text"].encode())
                by = self.staff[Role.FUNDRAISER]
                attach(supporter=supporter, upload=upload, at=self.ago(30 + place), by=by)

    def write_proposals(self) -> None:
        """Let some who signed lately have told another postcode, or another spelling."""
        wanted = min(PROPOSALS, len(self.donors) // PER_PROPOSAL)
        newest = Signature.objects.confirmed().filter(supporter__country="BE")
        for place, each in enumerate(newest.select_related("supporter").order_by("-pk")[:wanted]):
            one = each.supporter
            facts = {"family_name": f"{one.family_name}-{self.rng.choice(SECOND_NAMES)}"}
            if place % 3:
                known = MOVED_TO[one.region in FLEMISH]
                facts = {"postcode": next(code for code in known if code != one.postcode)}
            source = f"signature:{each.public_id}"
            offers.offer(supporter=one, source=source, at=each.confirmed_at, **facts)
