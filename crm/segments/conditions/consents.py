"""What somebody agreed to."""

from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.access import FIELD_RIGHTS
from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState, Purpose
from crm.segments.condition import Condition, Where, theirs
from crm.segments.parameters import Choice
from crm.segments.when import When, at_moments, told_day

ANSWERS = [
    ("yes", pgettext_lazy("supporter", "agreed")),
    ("no", pgettext_lazy("supporter", "said no")),
    ("never", pgettext_lazy("supporter", "was never asked")),
]


def may_be_mailed(purpose: str) -> Exists:
    """Who agreed, and can be reached at an address that is not suppressed."""
    return theirs(ConsentState.objects.may_be_mailed(purpose))


class Agreed(Condition):
    name = "consent"
    label = pgettext_lazy("supporter", "agreed, said no, or was never asked")
    rights = (FIELD_RIGHTS["consents"],)
    takes = (
        Choice(
            "answer",
            gettext_lazy("Answer"),
            is_required=True,
            among=lambda _known: ANSWERS,
            default="yes",
        ),
        Choice(
            "purpose",
            gettext_lazy("Purpose"),
            said=gettext_lazy("for: %s"),
            is_required=True,
            among=lambda _known: Purpose.choices,
            default=Purpose.NEWSLETTER,
        ),
        Choice(
            "channel",
            gettext_lazy("By"),
            said=gettext_lazy("by: %s"),
            among=lambda _known: Channel.choices,
            default=Channel.EMAIL,
        ),
        When("when", gettext_lazy("When")),
    )

    def words(self) -> str:
        return ", ".join(self.said(each) for each in self.takes if self[each.name] is not None)

    def where(self) -> Where:
        states = self.states()
        if self["answer"] == "never":
            return ~theirs(states)
        when = at_moments("since", self["when"], self.known.today)
        return theirs(states.filter(when, given=self["answer"] == "yes"))

    def states(self) -> QuerySet[ConsentState]:
        """What was said of this; what names no channel is about e-mail."""
        channel = self["channel"] or Channel.EMAIL
        return ConsentState.objects.filter(purpose=self["purpose"], channel=channel)

    def facts(self, supporter: Supporter) -> str:
        state = self.states().filter(supporter=supporter).first()
        if state is None:
            return str(dict(ANSWERS)["never"])
        answer = dict(ANSWERS)["yes" if state.given else "no"]
        return f"{answer}, {_('since %(begin)s') % {'begin': told_day(state.since)}}"
