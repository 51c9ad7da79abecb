"""The form that opens a batch, and the grid that fills it: what does not fit names its row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.campaigns.models import Campaign
from crm.donations.batches import BatchRow
from crm.donations.models import Fund, Method
from crm.donations.posting import PERSON, namesakes
from crm.people.models import LANGUAGES, Supporter
from crm.staff.amounts import AmountField, cents_of, written
from crm.staff.forms import choice, day, switch, text
from crm.staff.gift_fields import chosen
from crm.staff.gift_forms import normal

METHODS = [Method.CASH, Method.CHEQUE, Method.BANK_TRANSFER]
FIELDS = ("who", "supporter", *PERSON, "amount", "fund", "is_anonymous", "is_new", "pick", "same")
TELLING = ("who", *PERSON, "amount", "fund", "is_anonymous")  # a row without any of it is empty
LONGEST = {"given_name": 100, "family_name": 100, "email": 254, "postcode": 12}
MOST_ROWS = 500
SHOWN = 8  # supporters that are offered for what was typed


class BatchForm(forms.Form):
    """What a stack is, and what it was counted to hold."""

    name = text(
        gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("By which you find it again, such as “Collection of 1 May”."),
    )
    method = choice(gettext_lazy("Method"), [(each.value, each.label) for each in METHODS])
    received_on = day(gettext_lazy("Received on"))
    expected_count = forms.IntegerField(
        label=gettext_lazy("Number of gifts, as counted by hand"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ROWS)],
    )
    expected_total = AmountField(label=gettext_lazy("Total in euros, as counted by hand"))
    campaign = chosen(gettext_lazy("Campaign"), Campaign.objects.with_texts())
    fund = chosen(gettext_lazy("Fund"), Fund.objects.filter(is_open=True).order_by("name"))
    language = choice(gettext_lazy("Language of new donors"), LANGUAGES)
    thank = switch(
        gettext_lazy("Send thank-you mails with receipts"),
        help_text=gettext_lazy("To each donor who has an e-mail address, once it is posted."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["name"].required = True
        dressed: Any = self.fields["expected_total"].widget
        self.fields["expected_count"].widget.attrs |= {"class": dressed.attrs["class"]}

    def clean_received_on(self) -> date:
        if self.cleaned_data["received_on"] > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return self.cleaned_data["received_on"]


@dataclass
class Line:
    """One row of the grid, as it was typed or as it was kept."""

    number: int | str
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    choices: list[Supporter] = field(default_factory=list)  # whom the typed words may mean
    known: list[Supporter] = field(default_factory=list)  # whom we know under that name
    row: BatchRow | None = None

    @property
    def is_empty(self) -> bool:
        return not any(self.values.get(name) for name in TELLING)


class Grid:
    """All rows of one sending, read and checked."""

    def __init__(self, data: Any, funds: Iterable[Fund]) -> None:
        self.funds = {str(fund.pk): fund for fund in funds}
        self.error = ""
        self.lines = [Line(number, values) for number, values in enumerate(typed(data), start=1)]
        pks = {
            line.values.get(name) for line in self.lines for name in ("supporter", "pick", "same")
        }
        wanted = [int(pk) for pk in pks if pk and pk.isdecimal() and len(pk) < 18]
        self.people = Supporter.objects.current().in_bulk(wanted)
        for line in self.lines:
            self.read(line)
        if len(self.lines) > MOST_ROWS:
            self.error = _("A batch holds at most %(most)s rows.") % {"most": MOST_ROWS}
        for row_number, people in namesakes(self.rows).items():
            self.lines[row_number - 1].known = people

    @property
    def rows(self) -> list[BatchRow]:
        return [line.row for line in self.lines if line.row is not None]

    def is_valid(self) -> bool:
        return not self.error and not any(line.errors for line in self.lines)

    def read(self, line: Line) -> None:
        """Make a row of what was typed, and name what does not fit."""
        who = self.giver(line)
        line.row = BatchRow(
            position=line.number,
            supporter=who,
            amount=amount_of(line),
            fund=self.fund_of(line),
            is_anonymous=bool(line.values.get("is_anonymous")),
            is_new=bool(line.values.get("is_new")) and who is None,
            **person_of(line),
        )
        if who is not None and any(line.values.get(name) for name in PERSON):
            told = _("Choose somebody we know or write somebody new, not both.")
            line.errors.setdefault("who", told)

    def giver(self, line: Line) -> Supporter | None:
        """Whom a row names: chosen from a list, kept as it was, or found by the words typed."""
        values = line.values
        same = self.somebody(values.get("same"))
        if same is not None:
            line.values |= {
                "who": str(same),
                "supporter": str(same.pk),
                **dict.fromkeys(PERSON, ""),
            }
            return same
        kept = self.somebody(values.get("pick")) or self.somebody(values.get("supporter"))
        words = values.get("who", "")
        if kept is not None and (values.get("pick") or words == str(kept)):
            line.values |= {"who": str(kept), "supporter": str(kept.pk)}
            return kept
        line.values["supporter"] = ""
        return self.found(line, words) if words else None

    def somebody(self, pk: str | None) -> Supporter | None:
        return self.people.get(int(pk)) if pk and pk.isdecimal() else None

    def found(self, line: Line, words: str) -> Supporter | None:
        people = look_for(words)
        if len(people) == 1:
            line.values |= {"who": str(people[0]), "supporter": str(people[0].pk)}
            return people[0]
        line.choices = people
        told = _("Several people are found for “%(words)s”. Choose one.")
        nobody = _(
            "Nobody is found for “%(words)s”. Write a new donor beside it, or leave it empty."
        )
        line.errors["who"] = (told if people else nobody) % {"words": words}
        return None

    def fund_of(self, line: Line) -> Fund | None:
        wanted = line.values.get("fund", "")
        if wanted and wanted not in self.funds:
            line.errors["fund"] = _("This fund is closed.")
        return self.funds.get(wanted)


def typed(data: Any) -> list[dict[str, str]]:
    """Return the rows that hold anything, in their order, by the names of their cells."""
    found: dict[int, dict[str, str]] = {}
    for key in data:
        number, _dash, name = key.partition("-")
        if number.isdecimal() and len(number) < 6 and name in FIELDS:
            found.setdefault(int(number), {})[name] = data[key].replace("\0", "").strip()
    rows = [found[number] for number in sorted(found)]
    return [values for values in rows if not Line(0, values).is_empty]


def look_for(words: str) -> list[Supporter]:
    return list(Supporter.objects.current().search(words).order_by("family_name", "pk")[:SHOWN])


def amount_of(line: Line) -> int | None:
    """Cents, or None while nothing is written there."""
    try:
        return cents_of(line.values["amount"]) if line.values.get("amount") else None
    except forms.ValidationError as error:
        line.errors["amount"] = error.messages[0]
        return None


def person_of(line: Line) -> dict[str, str]:
    fields = {name: line.values.get(name, "") for name in PERSON}
    try:
        fields["email"] = normal(fields["email"])
    except forms.ValidationError as error:
        line.errors["email"] = error.messages[0]
    for name, most in LONGEST.items():
        if len(fields[name]) > most:
            told = ngettext("At most %(most)s character.", "At most %(most)s characters.", most)
            line.errors[name] = told % {"most": most}
    return fields


def kept(rows: list[BatchRow]) -> list[Line]:
    """The rows of a batch as lines of the grid, with whom we know under their names."""
    known = namesakes(rows)
    return [
        Line(row.position, values_of(row), known=known.get(row.position, []), row=row)
        for row in rows
    ]


def values_of(row: BatchRow) -> dict[str, str]:
    return {
        "who": str(row.supporter or ""),
        "supporter": str(row.supporter_id or ""),
        **{name: getattr(row, name) for name in PERSON},
        "amount": written(row.amount) if row.amount else "",
        "fund": str(row.fund_id or ""),
        "is_anonymous": "on" if row.is_anonymous else "",
        "is_new": "on" if row.is_new else "",
    }
