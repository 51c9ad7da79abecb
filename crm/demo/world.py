"""What every part of the demo shares: its people, its words, and its last moment."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from random import Random
from typing import NamedTuple

from crm.campaigns.comments import Comment
from crm.campaigns.models import Signature
from crm.campaigns.shares import Share
from crm.demo.chance import Weighted, public_id
from crm.demo.copying import Table
from crm.demo.moments import midnight
from crm.demo.persons import Person, Population
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from crm.privacy.models import Channel, Consent, ConsentState, Purpose


class Known(NamedTuple):
    """What few people tell of themselves."""

    form: str = ""
    birth_date: date | None = None


NOTHING = Known()
NEWSLETTER, EMAIL = Purpose.NEWSLETTER.value, Channel.EMAIL.value


class People:
    """The tables that people fill, those first that others point to."""

    def __init__(self) -> None:
        self.supporters = Table(
            Supporter, "public_id", "kind", "created_at", "modified_at", "source",
            "form_of_address", "birth_date", *Person._fields,
        )  # fmt: skip
        self.addresses = Table(
            EmailAddress, "supporter_id", "address", "use", "status", "source", "added_at"
        )
        self.signatures = Table(
            Signature, "public_id", "campaign_id", "supporter_id", "status", "source_id",
            "first_source_id", "referrer_id", "generation", "ended", "network", "language",
            "country", "region", "signed_at", "confirmed_at", "modified_at", "newsletter_id",
            "appeals_id",
        )  # fmt: skip
        self.consents = Table(
            Consent, "supporter_id", "channel", "purpose", "given", "wording_id", "source", "at"
        )
        self.states = Table(ConsentState, "supporter_id", "channel", "purpose", "given", "since")
        self.comments = Table(Comment, "signature_id", "text", "is_public", "approved_at")
        self.shares = Table(Share, "signature_id", "medium", "at")
        self.all = (
            self.supporters,
            self.addresses,
            self.signatures,
            self.consents,
            self.states,
            self.comments,
            self.shares,
        )

    def add_supporter(
        self,
        person: Person,
        rng: Random,
        *,
        at: datetime,
        changed: datetime,
        source: str = "signature",
        more: Known = NOTHING,
    ) -> int:
        kind = Supporter.Kind.PERSON.value
        return self.add(kind, person, rng, at=at, changed=changed, source=source, more=more)

    def add(
        self,
        kind: str,
        person: Person,
        rng: Random,
        *,
        at: datetime,
        changed: datetime,
        source: str,
        more: Known = NOTHING,
    ) -> int:
        """Add a person or an organisation with their address."""
        added = self.supporters.add(public_id(rng), kind, at, changed, source, *more, *person)
        self.addresses.add(added, person.email, "home", "good", source, at)
        return added

    def add_consent(
        self, supporter: int, *, wording: int, source: str, at: datetime, until: datetime | None
    ) -> None:
        """Write down a yes to the newsletter, and the no that came later if it did."""
        self.consents.add(supporter, EMAIL, NEWSLETTER, True, wording, source, at)
        if until is not None:
            self.consents.add(supporter, EMAIL, NEWSLETTER, False, None, "unsubscribe", until)
        self.states.add(supporter, EMAIL, NEWSLETTER, until is None, until or at)


@dataclass(frozen=True)
class World:
    """The demo ends with yesterday: what happens today is the visitor's own."""

    today: date
    sources: dict[str, Weighted[int]]  # by channel
    wordings: dict[str, dict[str, int]]  # by purpose and language
    population: Population = field(default_factory=Population)
    people: People = field(default_factory=People)
    # Signatures that nobody confirmed and that are deleted, by campaign, day and source.
    gone: Counter[tuple[int, date, int]] = field(default_factory=Counter)

    @cached_property
    def end(self) -> datetime:
        return midnight(self.today)
