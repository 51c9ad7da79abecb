"""Erasing somebody from lists of signers that were made to be handed over, and not deleted yet."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.campaigns.deliveries import Delivery
from crm.campaigns.delivering import let_no_erasure_begin
from crm.campaigns.models import Signature
from crm.people.files import StoredFile
from crm.privacy.belongings import Person
from crm.privacy.fates import Fate


def plan(person: Person) -> list[Fate]:
    """Return what `erase` would do."""
    number = lists_that_name(person).count()
    return [Fate("lists handed over", _("lists of signers to be handed over"), deleted=number)]


def erase(person: Person, at: datetime) -> None:
    """Delete the lists in which somebody may stand. Packs keep what names nobody."""
    let_no_erasure_begin()
    keys = list(lists_that_name(person).values_list("list_file", flat=True))
    StoredFile.objects.filter(pk__in=keys).delete()


def lists_that_name(person: Person) -> QuerySet[Delivery]:
    """Packs whose lists have names, of campaigns that somebody signed."""
    signed = Signature.objects.filter(supporter__in=person.ids).values("campaign")
    return Delivery.objects.filter(has_names=True, campaign__in=signed).exclude(list_file=None)
