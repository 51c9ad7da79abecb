"""What may happen to networks and to those who belong to them, and to institutional partners."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people.entering import enter
from crm.people.models import Supporter
from crm.people.relating import NotAnOrganisation
from crm.programmes.networks import Affiliation, Network

Kind = Affiliation.Kind


class NameTaken(Exception):
    """Another network has this name."""


class AlreadyAffiliated(Exception):
    """The organisation is that already."""


class EndsBeforeItBegins(Exception):
    """The last day comes before the first."""


@transaction.atomic
def write_network(
    *,
    name: str,
    is_international: bool,
    at: datetime,
    by: Any,
    network: Network | None = None,
) -> Network:
    """Write a new network, or what is known better of one. Raises NameTaken."""
    fields = {"name": name, "is_international": is_international}
    own = network.pk if network else 0
    if Network.objects.filter(name__iexact=name).exclude(pk=own).exists():
        raise NameTaken(name)
    if network is None:
        network = Network.objects.create(**fields, created_at=at)
        audit.log("network.added", network, by=by, at=at)
        return network
    changed = [each for each, value in fields.items() if getattr(network, each) != value]
    for each in changed:
        setattr(network, each, fields[each])
    if changed:
        network.save(update_fields=changed)
        audit.log("network.changed", network, by=by, at=at, fields=changed)
    return network


@transaction.atomic
def affiliate(
    *,
    kind: str,
    at: datetime,
    by: Any,
    organisation: Supporter | None = None,
    entered: dict[str, Any] | None = None,
    network: Network | None = None,
    begins_on: date | None = None,
) -> Affiliation:
    """Write that an organisation, known or `entered`, belongs to a network, or is a partner.

    Raises NotAnOrganisation, AlreadyAffiliated, and what `enter` raises.
    """
    if organisation is None:
        organisation = enter(**(entered or {}), kind=Supporter.Kind.ORGANISATION, at=at, by=by)
    if organisation.kind != Supporter.Kind.ORGANISATION:
        raise NotAnOrganisation(organisation.pk)
    affiliation, is_new = Affiliation.objects.get_or_create(
        organisation=organisation,
        kind=kind,
        network=network,
        ends_on=None,
        defaults={"begins_on": begins_on, "modified_at": at},
    )
    if not is_new:
        raise AlreadyAffiliated(affiliation.pk)
    audit.log("affiliation.added", affiliation, by=by, at=at, supporter=organisation.pk)
    return affiliation


@transaction.atomic
def end_affiliation(*, affiliation: Affiliation, ends_on: date, at: datetime, by: Any) -> bool:
    """It is over from a day on; return whether that is news. Raises EndsBeforeItBegins."""
    if affiliation.begins_on and ends_on < affiliation.begins_on:
        raise EndsBeforeItBegins(ends_on)
    standing = Affiliation.objects.filter(pk=affiliation.pk, ends_on=None)
    if not standing.update(ends_on=ends_on, modified_at=at):
        return False
    affiliation.ends_on, affiliation.modified_at = ends_on, at
    audit.log("affiliation.ended", affiliation, by=by, at=at, supporter=affiliation.organisation_id)
    return True
