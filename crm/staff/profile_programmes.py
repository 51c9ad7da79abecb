"""What an organisation is to us: the panel of the programmes on its page."""

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.programmes.partners import CriterionState, Partner
from crm.staff.partner_words import due


def tell(supporter: Supporter, may: dict[str, bool]) -> dict[str, Any]:
    """What `staff/profile_programmes.html` shows; nothing for people."""
    if supporter.kind != Supporter.Kind.ORGANISATION:
        return {}
    shown: dict[str, Any] = {"today": local_day(timezone.now())}
    if may["partnership"]:
        shown |= partnership(supporter, shown["today"])
    if may["affiliations"]:
        rows = supporter.affiliations.select_related("network")
        shown["affiliations"] = list(rows.order_by("ends_on", "pk"))
    return {"programmes": shown}


def partnership(supporter: Supporter, today: Any) -> dict[str, Any]:
    met = Count("criteria", filter=Q(criteria__state=CriterionState.State.MET))
    partner = Partner.objects.filter(organisation=supporter).annotate(met=met).first()
    return {"partner": partner, "due": due(partner, today) if partner else None}
