"""People who sign, and bring others who sign."""

from crm.campaigns import signing
from crm.campaigns.counting import SignatureDelta, StepTally
from crm.campaigns.operations import confirm
from crm.campaigns.sharing import code_of
from crm.campaigns.sources import Trail
from crm.donations.models import Gift
from crm.donations.operations import record_gift
from tests.crm.pia import PIA


def sign(campaign, name, at, *, through=None, **trail):
    """Sign as somebody of that name, through the link of a signature."""
    if through is not None:
        trail = {"utm_source": "share", "utm_medium": "whatsapp"} | trail
        trail["share"] = through if isinstance(through, str) else code_of(through)
    fields = PIA | {"email": f"{name}@example.org", "language": "en", "trail": Trail(**trail)}
    return signing.sign(campaign=campaign, at=at, **fields)


def joined(campaign, name, at, **how):
    """Sign and confirm."""
    return confirm(signature=sign(campaign, name, at, **how), at=at)


def give(supporter, at, reference="test:1", **changes):
    fields = {
        "reference": reference,
        "supporter": supporter,
        "amount": 2500,
        "currency": "EUR",
        "method": "card",
        "status": Gift.Status.PAID,
        "given_at": at,
        "at": at,
        "thank": False,
    }
    return record_gift(**fields | changes)


def steps(*wanted):
    """How often steps were taken: (campaign, step, day, source, number), folded or not."""
    found = {}
    for model in (StepTally, SignatureDelta):
        for row in model.objects.filter(step__in=wanted):
            key = (row.campaign_id, row.step, row.day, row.source_id)
            found[key] = found.get(key, 0) + row.number
    return sorted((*key, number) for key, number in found.items() if number)
