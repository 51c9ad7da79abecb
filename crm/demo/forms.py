"""Lead forms at Facebook, and what came of the last of their leads."""

from datetime import timedelta

from crm.campaigns.leads import Lead, LeadForm, Why
from crm.campaigns.models import Campaign, Signature
from crm.demo.chance import dice
from crm.demo.world import World
from crm.privacy.models import Purpose

KNOWN_FOR = timedelta(days=80)
MOST = 40
FORMS = {
    "fr": ("104238811760001", "Stop traite, formulaire en français"),
    "nl": ("104238811760002", "Stop kinderhandel, formulier in het Nederlands"),
}
NEW = "104238811760003"  # which nobody has said what it is for


def write(world: World, campaign: Campaign) -> None:
    for language, (number, name) in FORMS.items():
        LeadForm.objects.create(
            form_id=number,
            name=name,
            campaign=campaign,
            language=language,
            boxes={"nouvelles" if language == "fr" else "nieuws": Purpose.NEWSLETTER.value},
            created_at=world.end - timedelta(days=410),
        )
    Lead.objects.bulk_create([*came(world, campaign), *stayed_away(world)])


def came(world: World, campaign: Campaign) -> list[Lead]:
    """The leads of the last months that signed."""
    rng = dice("leads")
    signatures = Signature.objects.filter(
        campaign=campaign,
        source__utm_medium="lead",
        signed_at__gte=world.end - KNOWN_FOR,
        language__in=FORMS,
    )
    return [
        Lead(
            lead_id=str(rng.randrange(10**15, 10**16)),
            form_id=FORMS[each.language][0],
            state=Lead.State.DONE,
            signature=each,
            received_at=each.signed_at - timedelta(seconds=4),
            handled_at=each.signed_at,
        )
        for each in signatures.order_by("-signed_at", "-pk")[:MOST]
    ]


def stayed_away(world: World) -> list[Lead]:
    """One of a form that is not known yet, and one without an address."""
    rng, at = dice("other leads"), world.end - timedelta(days=2, hours=5)
    numbers = [str(rng.randrange(10**15, 10**16)) for _ in range(2)]
    refused = Lead(
        lead_id=numbers[1],
        form_id=FORMS["fr"][0],
        state=Lead.State.REFUSED,
        why=Why.ADDRESS,
        received_at=at,
        handled_at=at + timedelta(seconds=6),
    )
    return [Lead(lead_id=numbers[0], form_id=NEW, received_at=at), refused]
