"""How somebody can be reached: addresses at which mail arrives, telephones, streets."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from crm.access import FIELD_RIGHTS
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.models import Supporter
from crm.segments.condition import Condition, theirs

# The address we write to, if mail arrives there.
WRITABLE = Exists(
    EmailAddress.objects.usable().filter(supporter=OuterRef("pk"), address=OuterRef("email"))
)


class UsableEmail(Condition):
    name = "has_email"
    label = pgettext_lazy("supporter", "has an e-mail address that works")

    def where(self) -> Exists:
        return WRITABLE

    def facts(self, supporter: Supporter) -> str:
        first = supporter.emails.filter(address=supporter.email).first()
        return f"{first}: {first.get_status_display()}" if first else _("none is known")


class Bouncing(Condition):
    name = "bouncing"
    label = pgettext_lazy("supporter", "has an e-mail address from which mail comes back")

    def rows(self) -> QuerySet[EmailAddress]:
        return EmailAddress.objects.filter(status=EmailAddress.Status.BOUNCING)

    def where(self) -> Exists:
        return theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        found = ", ".join(map(str, self.rows().filter(supporter=supporter)))
        return found or _("mail comes back from none")


class UsablePhone(Condition):
    name = "has_phone"
    label = pgettext_lazy("supporter", "has a telephone number that works")
    rights = (FIELD_RIGHTS["phones"],)

    def rows(self) -> QuerySet[Phone]:
        return Phone.objects.filter(status=Phone.Status.GOOD)

    def where(self) -> Exists:
        return theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        return ", ".join(map(str, self.rows().filter(supporter=supporter))) or _("none is known")


class UsableAddress(Condition):
    """A street, where letters do not come back from."""

    name = "has_address"
    label = pgettext_lazy("supporter", "has a postal address that works")
    rights = (FIELD_RIGHTS["addresses"],)

    def rows(self) -> QuerySet[PostalAddress]:
        still = Q(ends_on=None) | Q(ends_on__gte=self.known.today)
        bad = [PostalAddress.Status.BAD, PostalAddress.Status.PAST]
        return PostalAddress.objects.filter(still).exclude(status__in=bad).exclude(street="")

    def where(self) -> Exists:
        return theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        return "; ".join(map(str, self.rows().filter(supporter=supporter))) or _("none is known")
