"""What may be taken along of a supporter."""

from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from crm.donations.models import Entry, Gift
from crm.exchange.columns import Column, amount, chosen, day, first, joined, nation, yes
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.models import Identifier
from crm.people.tags import Tagging
from crm.privacy.models import ConsentState

BANK_ACCOUNT, ROW = "iban", "row"  # the second is only a hash of ours
EMAILS = Prefetch("emails", EmailAddress.objects.order_by("pk"), to_attr="told_emails")
PHONES = Prefetch(
    "phones",
    Phone.objects.filter(status=Phone.Status.GOOD).order_by("-is_preferred", "pk"),
    to_attr="told_phones",
)
ADDRESSES = Prefetch(
    "addresses", PostalAddress.objects.filter(is_preferred=True), to_attr="told_addresses"
)
TAGS = Prefetch(
    "taggings", Tagging.objects.select_related("tag").order_by("tag__name"), to_attr="told_tags"
)
SUBSCRIBED = Prefetch("consent_states", ConsentState.objects.may_be_mailed(), to_attr="told_yes")
NAMES = Prefetch("identifiers", Identifier.objects.order_by("pk"), to_attr="told_identifiers")
# What went back to the donor was not given; the fees were.
GIVEN = Subquery(
    Entry.objects.filter(
        gift__supporter=OuterRef("pk"), gift__status=Gift.Status.PAID, gift__currency="EUR"
    )
    .exclude(kind=Entry.Kind.FEE)
    .order_by()
    .values("gift__supporter")
    .annotate(sum=Sum("amount"))
    .values("sum")
)
LAST = Subquery(
    Gift.objects.of_money()
    .filter(supporter=OuterRef("pk"))
    .order_by("-received_on")
    .values("received_on")[:1]
)
MONEY = ("gifts", "money")


def other_emails(person: Any) -> str:
    return joined(each.address for each in person.told_emails if each.address != person.email)


def outside(person: Any) -> str:
    """Return what other systems call somebody."""
    known = person.told_identifiers
    return joined(str(each) for each in known if each.system not in {BANK_ACCOUNT, ROW})


def accounts(person: Any) -> str:
    return joined(each.value for each in person.told_identifiers if each.system == BANK_ACCOUNT)


SUPPORTER = (
    Column("number", _("number"), lambda p: p.pk),
    Column("kind", _("kind"), chosen("kind"), is_usual=False),
    Column("given_name", _("given name"), lambda p: p.given_name),
    Column("family_name", _("family name"), lambda p: p.family_name),
    Column(
        "form_of_address",
        _("form of address"),
        chosen("form_of_address"),
        is_usual=False,
    ),
    Column("greeting", _("own greeting"), lambda p: p.own_greeting, is_usual=False),
    Column("email", _("e-mail"), lambda p: p.email),
    Column(
        "other_emails",
        _("other e-mails"),
        other_emails,
        fetches=(EMAILS,),
        is_usual=False,
    ),
    Column("language", _("language"), chosen("language")),
    Column(
        "phone",
        _("telephone"),
        lambda p: first(p.told_phones, "number"),
        needs=("phones",),
        fetches=(PHONES,),
        is_usual=False,
    ),
    Column(
        "street",
        _("street and number"),
        lambda p: first(p.told_addresses, "street"),
        needs=("addresses",),
        fetches=(ADDRESSES,),
        is_usual=False,
    ),
    Column("postcode", _("postcode"), lambda p: p.postcode),
    Column(
        "town",
        _("town"),
        lambda p: first(p.told_addresses, "town"),
        needs=("addresses",),
        fetches=(ADDRESSES,),
        is_usual=False,
    ),
    Column("country", _("country"), nation),
    Column(
        "birth_date",
        _("date of birth"),
        lambda p: p.birth_date,
        needs=("birth_date",),
        is_usual=False,
    ),
    Column(
        "newsletter",
        _("newsletter"),
        lambda p: yes(p.told_yes),
        needs=("consents",),
        fetches=(SUBSCRIBED,),
    ),
    Column(
        "tags",
        _("tags"),
        lambda p: joined(each.tag.name for each in p.told_tags),
        needs=("tags",),
        fetches=(TAGS,),
    ),
    Column(
        "given",
        _("given in all, in euros"),
        lambda p: amount(p.told_given or 0, "EUR"),
        needs=MONEY,
        adds={"told_given": GIVEN},
        is_usual=False,
    ),
    Column(
        "last_gift",
        _("last gift"),
        lambda p: p.told_last,
        needs=MONEY,
        adds={"told_last": LAST},
        is_usual=False,
    ),
    Column(
        "bank_accounts",
        _("bank accounts"),
        accounts,
        needs=("bank_accounts",),
        fetches=(NAMES,),
        is_usual=False,
    ),
    Column(
        "identifiers",
        _("names in other systems"),
        outside,
        needs=("identifiers",),
        fetches=(NAMES,),
        is_usual=False,
    ),
    Column("source", _("source"), lambda p: p.source, is_usual=False),
    Column("known_since", _("known since"), lambda p: day(p.created_at)),
)
