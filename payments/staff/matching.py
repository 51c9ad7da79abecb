"""What the page for bank lines shows of a line, and what its buttons do."""

from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from crm.donations.communications import Communication
from crm.donations.instructions import CannotRefund
from crm.donations.matching import CannotMatch
from crm.donations.models import Gift
from crm.people.models import LANGUAGES, Supporter
from crm.staff.forms import address, choice, text
from crm.staff.pages import money
from payments.bank.matching import is_organisation, split_name
from payments.imports import decisions, proposals
from payments.statements import BankLine

BEFORE, AFTER, KEYS = 5, 20, 9


class NewcomerForm(forms.Form):
    """Who paid, as the bank names them, for somebody to put right."""

    kind = choice(gettext_lazy("Kind"), Supporter.Kind.choices)
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(gettext_lazy("Family name, or name of the organisation"), max_length=100)
    email = address(gettext_lazy("E-mail"))
    language = choice(gettext_lazy("Language"), LANGUAGES)
    postcode = text(gettext_lazy("Postcode"), max_length=12)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("given_name") or cleaned.get("family_name") or cleaned.get("email")):
            self.add_error("family_name", _("Fill in a name or an e-mail address."))
        return cleaned


def first_guess(line: BankLine) -> dict[str, Any]:
    """What the form for somebody new begins with."""
    if is_organisation(line.payer_name):
        names = {"kind": Supporter.Kind.ORGANISATION, "family_name": line.payer_name[:100]}
    else:
        given, family = split_name(line.payer_name)
        names = {"given_name": given[:100], "family_name": family[:100]}
    return {"language": get_language(), **names}


class Summed(NamedTuple):
    """Lines counted, and their sum in words."""

    number: int
    amount: str


def summed(lines: QuerySet[BankLine]) -> Summed:
    """Add lines up; where there are several currencies, each by itself."""
    rows = lines.order_by("currency").values_list("currency").annotate(Count("pk"), Sum("amount"))
    found = list(rows)
    amounts = " + ".join(money(amount, currency) for currency, _count, amount in found)
    return Summed(sum(count for _currency, count, _amount in found), amounts or money(0))


class Row(NamedTuple):
    """A line in the list at the side."""

    line: BankLine
    amount: str
    address: str


def row(line: BankLine) -> Row:
    return Row(line, money(line.amount, line.currency), address_of(line))


def later(line: BankLine) -> Q:
    return Q(booked_on__gt=line.booked_on) | Q(booked_on=line.booked_on, pk__gt=line.pk)


def earlier(line: BankLine) -> Q:
    return Q(booked_on__lt=line.booked_on) | Q(booked_on=line.booked_on, pk__lt=line.pk)


def around(line: BankLine) -> dict[str, list[Row]]:
    """Return the undecided lines before and after one, the nearest to it."""
    undecided = BankLine.objects.undecided()
    before = undecided.filter(earlier(line)).order_by("-booked_on", "-pk")[:BEFORE]
    after = undecided.filter(later(line)).order_by("booked_on", "pk")[:AFTER]
    return {
        "before": [row(each) for each in reversed(before)],
        "after": [row(each) for each in after],
    }


def next_undecided(line: BankLine | None) -> BankLine | None:
    """Return the line to look at after this one; from the end, the first again."""
    lines = BankLine.objects.undecided().order_by("booked_on", "pk")
    following = lines.filter(later(line)).first() if line else None
    return following or lines.first()


def address_of(line: BankLine | None) -> str:
    page = reverse("admin:payments_matching")
    return f"{page}?line={line.pk}" if line else page


def overview(user: Any) -> dict[str, Any]:
    """What the page says when there is no line, too."""
    undecided, last = BankLine.objects.undecided(), decisions.last_of(user)
    return {
        "waiting": summed(undecided.filter(amount__gt=0)),
        "came_back": summed(undecided.filter(amount__lt=0)),
        "last": last and row(last),
    }


def about(line: BankLine, *, query: str, form: NewcomerForm | None) -> dict[str, Any]:
    """All that the page shows of a line and what is around it."""
    return {
        "line": line,
        "query": query,
        "form": form or NewcomerForm(initial=first_guess(line)),
        "form_is_open": form is not None,
        **around(line),
        **told_of(line),
        **choices_for(line, query),
    }


def told_of(line: BankLine) -> dict[str, Any]:
    """What the page says of a line, beside its own fields."""
    ours = Communication.objects.filter(digits=line.structured or None).first()
    in_file = BankLine.objects.filter(statement__file=line.statement.file_id)
    return {
        "matched": summed(in_file.filter(state=BankLine.State.GIFT)),
        "is_waiting": line.state == BankLine.State.WAITING,
        "can_be_undone": line.state in decisions.UNDOABLE,
        "amount": money(line.amount, line.currency),
        "written": str(Communication(digits=line.structured)) if line.structured else "",
        "is_ours": ours is not None,
        "names_stripe": "stripe" in f"{line.payer_name} {line.communication}".lower(),
        "is_return": line.amount < 0,
    }


def choices_for(line: BankLine, query: str) -> dict[str, Any]:
    """Who may have paid, or whose gift came back; or whom somebody looks for."""
    if line.amount < 0:
        return {"gifts": [gift_choice(gift) for gift in proposals.gifts_returned_by(line)]}
    if query:
        found = Supporter.objects.current().search(query).order_by("family_name", "pk")[:KEYS]
        return {"proposals": [proposals.Shown(person, []) for person in found]}
    return {"proposals": proposals.proposals_for(line)}


def gift_choice(gift: Gift) -> dict[str, Any]:
    return {"gift": gift, "amount": money(gift.amount, gift.currency)}


def accept(line: BankLine, data: Any, *, at: datetime, by: Any) -> str:
    supporter = get_object_or_404(Supporter.objects.current(), pk=number(data, "supporter"))
    settled = proposals.settling(
        supporter=supporter,
        instalment=number(data, "instalment"),
        matching_gift=number(data, "matching"),
    )
    campaign = proposals.campaign_of(line)
    decisions.accept(line=line, supporter=supporter, at=at, by=by, campaign=campaign, **settled)
    told = {"amount": money(line.amount, line.currency), "name": supporter}
    return _("%(amount)s is a gift of %(name)s.") % told


def set_aside(line: BankLine, _data: Any, *, at: datetime, by: Any) -> str:
    decisions.set_aside(line=line, at=at, by=by)
    return _("%(amount)s is not a gift.") % {"amount": money(line.amount, line.currency)}


def take_back(line: BankLine, data: Any, *, at: datetime, by: Any) -> str:
    gift = get_object_or_404(Gift.objects.select_related("supporter"), pk=number(data, "gift"))
    decisions.take_back(line=line, gift=gift, at=at, by=by)
    told = {"amount": money(-line.amount, line.currency), "name": gift.supporter}
    return _("%(amount)s of the gift of %(name)s went back.") % told


def number(data: Any, name: str) -> int:
    """Return what was sent as a number; 0 where it is none."""
    sent = data.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) < 19 else 0


def welcome(line: BankLine, person: dict[str, str], *, at: datetime, by: Any) -> str:
    decisions.accept_newcomer(
        line=line, person=person, at=at, by=by, campaign=proposals.campaign_of(line)
    )
    name = f"{person['given_name']} {person['family_name']}".strip() or person["email"]
    told = {"amount": money(line.amount, line.currency), "name": name}
    return _("%(amount)s is a gift of %(name)s.") % told


def undo(line: BankLine, _data: Any, *, at: datetime, by: Any) -> str:
    decisions.undo(line=line, at=at, by=by)
    return _("That was undone: %(amount)s is to be matched again.") % {
        "amount": money(line.amount, line.currency)
    }


DECISIONS = {"accept": accept, "new": welcome, "no_gift": set_aside, "return": take_back}


REFUSALS: dict[type[Exception], Any] = {
    decisions.AlreadyDecided: gettext_lazy("Somebody has decided about this line meanwhile."),
    decisions.WrongSign: gettext_lazy(
        "Money that went out is no gift, and money that came in no return."
    ),
    decisions.CannotUndo: gettext_lazy("There is nothing to undo on this line."),
    CannotMatch: gettext_lazy(
        "What was promised is paid or cancelled meanwhile. Nothing was saved."
    ),
    CannotRefund: gettext_lazy("The gift is smaller than what went back, or in another currency."),
}
REFUSED: tuple[type[Exception], ...] = tuple(REFUSALS)
