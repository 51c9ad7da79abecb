"""Who is to get a tax certificate for the gifts of a year, and of how much."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from crm.donations.models import Gift, GiftQuerySet
from crm.donations.papers import TaxCertificate, TaxIdentity
from crm.donations.tax_rules import certified, rule_for
from crm.people.models import Supporter


def gifts_of(year: int) -> GiftQuerySet:
    """Return the gifts that count: money in euros that a person gave for good, in that year.

    What an employer adds to somebody's gift is not theirs, and a legacy is taxed otherwise.
    """
    return Gift.objects.paid().filter(
        kind=Gift.Kind.MONEY,
        currency="EUR",
        received_on__year=year,
        matches=None,
    )


def totals(year: int, **only: Any) -> dict[int, int]:
    """Return what each supporter gave in a year, in cents, by their ids."""
    gifts = gifts_of(year).filter(**only).with_kept()
    return dict(gifts.values_list("supporter").annotate(total=Sum("kept")).order_by("supporter"))


@dataclass(frozen=True)
class Donor:
    """Somebody who is to get a certificate, or got one."""

    supporter: Supporter
    amount: int
    newest: TaxCertificate | None
    identity: TaxIdentity | None

    @property
    def has_address(self) -> bool:
        given = self.identity
        return given is not None and all([given.family_name, given.street, given.town])

    @property
    def has_number(self) -> bool:
        return self.identity is not None and bool(self.identity.number)

    @property
    def waits(self) -> bool:
        """Whether nothing can be written before somebody tells the address."""
        return self.newest is None and not self.has_address

    @property
    def is_due(self) -> bool:
        """Whether there is a certificate to write: a first one, or the next version."""
        if self.newest is None:
            return self.amount > 0 and self.has_address
        return self.newest.amount != self.amount


def donors(year: int) -> list[Donor]:
    """Return all who gave enough in a year, and who have a certificate of it, in a fixed order.

    Who is erased gets none any more; the one that they have says what they gave.
    """
    rule = rule_for(year)
    amounts = {who: certified(total, rule) for who, total in totals(year).items()}
    newest = {
        certificate.supporter_id: certificate
        for certificate in TaxCertificate.objects.filter(year=year).newest()
    }
    ids = {who for who, amount in amounts.items() if amount} | set(newest)
    found = Supporter.objects.filter(Q(erased_at=None) | Q(pk__in=newest), pk__in=ids)
    people = found.select_related("tax_identity").order_by("pk")
    return [
        Donor(who, amounts.get(who.pk, 0), newest.get(who.pk), getattr(who, "tax_identity", None))
        for who in people
    ]
