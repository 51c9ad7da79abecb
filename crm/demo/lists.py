"""Lists of people: segments, a list that came in, and lists that were taken along."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from crm.access import Role
from crm.campaigns.models import Campaign
from crm.demo.contents import PETITION
from crm.demo.data import FOLDER
from crm.demo.world import World
from crm.exchange import exports, imports, running
from crm.exchange.lists import TABLES
from crm.exchange.models import Export, Import
from crm.exchange.options import Options
from crm.lib.periods import local_day
from crm.people.segments import Segment
from crm.people.tags import Tag
from crm.segments import audience, operations

STALL = "salon.csv"
ORGANISATIONS = ["Hôtel formé", "École partenaire", "Secteur du voyage"]
PATIENCE = 60_000
# What was taken along, as what, how many lines, how many days ago, and what for.
TAKEN = [
    ("gifts", "xlsx", 3120, 41, "Contrôle des comptes par le commissaire"),
    ("supporters", "csv", 486, 17, "Étiquettes de la lettre de remerciement"),
    ("members", "xlsx", 212, 3, "Appels téléphoniques aux grands donateurs"),
]


def write(world: World) -> None:
    users = get_user_model().objects.filter(username__in=Role.values)
    staff = {user.username: user for user in users}
    bring_in(at=world.end - timedelta(days=6, hours=13), by=staff[Role.CAMPAIGNER])
    write_segments(at=world.end - timedelta(days=20, hours=8), now=world.end, staff=staff)
    for what, kind, rows, days, reason in TAKEN:
        at = world.end - timedelta(days=days, hours=10)
        take(what, kind, rows, reason, at=at, by=staff[Role.FUNDRAISER])


def is_(name: str, **values: Any) -> dict[str, Any]:
    return {"is": name, **values}


def segments() -> list[tuple[str, str, Role, dict[str, Any], list[dict[str, Any]]]]:
    """Their names, what they are for, whose they are, how they are used, and the conditions."""
    petition = Campaign.objects.get(slug=PETITION).pk
    tags = list(Tag.objects.filter(name__in=ORGANISATIONS).order_by("pk").values_list("pk"))
    year, shared = {"kind": "last", "days": 365}, {"is_shared": True}
    agreed = is_("consent", answer="yes", purpose="newsletter")
    return [
        ("Donateurs fidèles", "Au moins trois dons en deux ans", Role.FUNDRAISER, shared,
         [is_("gave", times=3, when={"kind": "last", "days": 730})]),
        ("Appel de fin d'année", "Donateurs abonnés à la lettre d'information", Role.FUNDRAISER,
         shared | {"is_audience": True, "holdout": 10},
         [is_("gave", when={"kind": "last", "days": 730}), agreed]),
        ("Signataires qui n'ont jamais donné", "Pour une première invitation", Role.FUNDRAISER,
         shared,
         [is_("signed", campaigns=[petition], when=year), is_("never_gave"), agreed]),
        ("À reconquérir", "Ont donné l'an dernier, pas encore cette année", Role.FUNDRAISER,
         {}, [is_("lapsed", before="last")]),
        ("Hôtels, écoles, voyage", "Partenaires de nos formations", Role.CAMPAIGNER, shared,
         [is_("kind", kinds=["organisation"]), is_("tagged", tags=[pk for pk, in tags])]),
    ]  # fmt: skip


def write_segments(*, at: datetime, now: datetime, staff: dict[str, Any]) -> None:
    """Save the segments, and count who is in them."""
    for name, description, role, use, conditions in segments():
        segment: Segment = operations.create(
            by=staff[role],
            at=at,
            name=name,
            description=description,
            conditions={"match": "all", "of": conditions},
            **use,
        )
        if segment.is_audience:
            audience.refresh(
                segment_id=segment.pk, at=now - timedelta(seconds=1), today=local_day(now)
            )
        else:
            operations.recount(segment=segment, at=now, patience=PATIENCE)


def bring_in(*, at: datetime, by: Any) -> Import:
    """Import the list of a stall at a fair, as staff do: looked at, described, run."""
    batch = imports.start(
        chunks=[(FOLDER / STALL).read_bytes()], name="Salon du volontariat.csv", at=at, by=by
    )
    options = replace(
        Options.from_json(batch.options), tags=("Salon du volontariat",), language="fr"
    )
    imports.configure(batch=batch, mapping=batch.mapping, options=options, at=at)
    imports.request_run(batch=batch, at=at, by=by)
    running.run(batch_id=batch.pk, now=at + timedelta(seconds=4))
    return batch


def take(what: str, kind: str, rows: int, reason: str, *, at: datetime, by: Any) -> None:
    """Write down that a list was taken along, which the demo does not keep."""
    export = exports.open_export(
        what=what,
        columns=[each.name for each in TABLES[what].for_reader(by) if each.is_usual],
        kind_of_file=kind,
        reason=reason,
        filters={},
        at=at,
        by=by,
    )
    Export.objects.filter(pk=export.pk).update(rows=rows, finished_at=at)
