"""What may happen to supporters. The only place that writes them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.module_loading import import_string
from procrastinate.tasks import Task

from crm import audit
from crm.lib import contact
from crm.lib.regions import region_of
from crm.lib.rows import Answer, Maybe, insert_unless_there
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Identifier, Supporter

# The slice above knows whether somebody said "no" at an address, or whoever gets it.
FOLLOWED_BY = "crm.privacy.suppressing.follow"


class EmailTaken(Exception):
    """Another supporter has this address: `supporter_id`."""

    def __init__(self, supporter_id: int) -> None:
        super().__init__(supporter_id)
        self.supporter_id = supporter_id


def newcomer(
    *,
    at: datetime,
    email: str = "",
    kind: str = Supporter.Kind.PERSON,
    given_name: str = "",
    family_name: str = "",
    language: str = "fr",
    postcode: str = "",
    country: str = "",
    source: str = "",
) -> Supporter:
    """Return a supporter as they will be written. Raises ValueError when `email` is no address.

    An organisation's name is its family name.
    """
    new = Supporter(
        kind=kind,
        email=contact.normal_email(email) if email else "",
        given_name=given_name,
        family_name=family_name,
        language=language,
        postcode=postcode,
        country=country,
        region=region_of(country, postcode),
        source=source,
        created_at=at,
        modified_at=at,
    )
    new.search_text = new.searchable()
    return new


def register(*, at: datetime, email: str = "", **fields: str) -> Supporter:
    """Find the supporter with this address, or make one. What we know is never overwritten.

    Who has no address is always somebody new. Raises ValueError when `email` is not an address.
    """
    return find_or_insert(newcomer(email=email, at=at, **fields))


def register_held(*, at: datetime, email: str, **fields: str) -> Supporter:
    """Register, and let nobody merge or erase them before the transaction ends."""
    return find_or_insert(newcomer(email=email, at=at, **fields), is_held=True)


def find_or_insert(new: Supporter, *, is_held: bool = False) -> Supporter:
    """Return the current supporter with this address, who is `new` if nobody has it.

    `is_held`: until the transaction ends, nobody merges or erases them.
    """
    current = Supporter.objects.current().filter(emails__address=new.email)
    if is_held:
        current = current.select_for_update(of=("self",), no_key=True)
    known = current.first() if new.email else None
    if known is None:
        # Another transaction may be faster: the insertion waits for it.
        known = new if insert_newcomer(new) else current.get()
    return known


def insert_newcomer(
    new: Supporter,
    *rows: Model | Maybe,
    task: Task | None = None,
    is_shared: bool = False,
    only_if: Answer | None = None,
) -> bool:
    """Write a new supporter, what they did and a job, at once; nothing if the address is known.

    See `insert_unless_there`.
    """
    change = Change(supporter=new, kind="registered", at=new.created_at)
    options: Any = {"task": task, "is_shared": is_shared, "only_if": only_if}
    if not new.email:
        return insert_unless_there(new, change, *rows, **options)
    # The address is what may be there already.
    return insert_unless_there(address_of(new), new, change, *rows, **options)


def address_of(new: Supporter) -> EmailAddress:
    """Return the address of somebody new as they will have it."""
    return EmailAddress(
        supporter=new, address=new.email, source=new.source, added_at=new.created_at
    )


def identify(*, supporter: Supporter, system: str, value: str) -> None:
    """Remember what another system calls this supporter. Saying it twice changes nothing."""
    Identifier.objects.get_or_create(system=system, value=value, defaults={"supporter": supporter})


def record_change(*, supporter: Supporter, kind: str, at: datetime) -> None:
    """Add a line to the change feed, and date the supporter's last change."""
    Change.objects.create(supporter=supporter, kind=kind, at=at)
    Supporter.objects.filter(pk=supporter.pk).update(modified_at=at)


def own_address(*, supporter: Supporter, address: str, source: str, at: datetime) -> EmailAddress:
    """Make sure that this supporter has an address, in its normal form.

    Raises EmailTaken when it is somebody else's.
    """
    found, is_new = EmailAddress.objects.get_or_create(
        address=address, defaults={"supporter": supporter, "source": source, "added_at": at}
    )
    if is_new:
        import_string(FOLLOWED_BY)(found)
    if found.supporter_id != supporter.pk:
        raise EmailTaken(found.supporter_id)
    return found


@transaction.atomic
def correct(*, supporter: Supporter, at: datetime, by: Any = None, **fields: Any) -> Supporter:
    """Write what is known better, and note who did. An address they had stays one of theirs.

    Raises ValueError for a malformed address, EmailTaken for somebody else's.
    """
    if fields.get("email"):
        fields["email"] = contact.normal_email(fields["email"])
    changed = [name for name, value in fields.items() if getattr(supporter, name) != value]
    if not changed:
        return supporter
    for name in changed:
        setattr(supporter, name, fields[name])
    if "email" in changed and supporter.email:
        own_address(supporter=supporter, address=supporter.email, source="staff", at=at)
    home = {name: fields[name] for name in changed if name in ("postcode", "country")}
    if home:
        supporter.addresses.filter(is_preferred=True).update(**home)
    supporter.region = region_of(str(supporter.country), supporter.postcode)
    supporter.search_text = supporter.searchable(all_emails(supporter))
    supporter.modified_at = at
    supporter.save(update_fields=[*changed, "region", "search_text", "modified_at"])
    record_change(supporter=supporter, kind="corrected", at=at)
    audit.log("supporter.corrected", supporter, by=by, at=at, fields=changed)
    return supporter


def all_emails(supporter: Supporter) -> list[str]:
    """Return the addresses of a supporter, the oldest first."""
    return list(supporter.emails.order_by("pk").values_list("address", flat=True))
