"""The page of signatures: what is counted, in charts, sentences and tables."""

from datetime import date

from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from crm.reports import campaigns, signatures
from crm.reports.campaigns import Choice
from crm.reports.scope import Scope
from crm.reports.signatures import OverTime, Share
from crm.reports.steps import Step
from dashboard import figures, ids, locales, words
from dashboard.figures import Series, Steps
from dashboard.tables import Chart, Column, Drawing, Kind, Table, Tile

TITLES = {
    ids.PER_STEP: _("New signatures"),
    ids.CUMULATIVE: _("Signatures so far"),
    ids.CHANNELS: _("Where signers came from"),
    ids.COUNTRIES: _("Countries"),
    ids.PROVINCES: _("Belgian provinces"),
    ids.SPOKEN: _("Languages"),
}
SPANS: dict[Step, int | str] = {
    Step.DAY: 86_400_000,
    Step.WEEK: 7 * 86_400_000,
    Step.MONTH: "M1",
}  # in plotly's words
MOST = 12  # bars of a ranked chart; the table has all

first_day = signatures.first_day


def draw(scope: Scope, *, today: date, choices: list[Choice]) -> Drawing:
    """Everything on the page, from one query per question."""
    time = signatures.over_time(scope, today=today)
    regions = signatures.by_region(scope)
    signed = [choice for choice in choices if choice.is_signed]
    chosen = [choice for choice in signed if scope.campaign in (None, choice.pk)]
    totals = signatures.totals(scope, today=today)
    return Drawing(
        headline=headline(totals.in_period, scope),
        tiles=tiles(totals),
        goals=campaigns.progress(chosen),
        charts={
            ids.PER_STEP: new_signatures(time),
            ids.CUMULATIVE: so_far(time, goal_of(scope, chosen)),
            ids.CHANNELS: shared(signatures.by_channel(scope), gettext("Source"), figures.BLUE),
            ids.COUNTRIES: shared(
                signatures.countries_of(regions), gettext("Country"), figures.GREEN
            ),
            ids.PROVINCES: shared(
                signatures.provinces_of(regions), gettext("Province"), figures.GREEN
            ),
            ids.SPOKEN: shared(signatures.by_language(scope), gettext("Language"), figures.VIOLET),
        },
    )


def goal_of(scope: Scope, chosen: list[Choice]) -> int | None:
    """The goal, when the figures are those of one campaign."""
    return chosen[0].goal if scope.campaign and chosen else None


def headline(number: int, scope: Scope) -> str:
    text = ngettext(
        "%(number)s signature from %(start)s to %(last)s",
        "%(number)s signatures from %(start)s to %(last)s",
        number,
    )
    return text % {
        "number": locales.count(number),
        "start": locales.day(scope.period.start),
        "last": locales.day(scope.period.last_day),
    }


def tiles(totals: signatures.Totals) -> list[Tile]:
    before = locales.count(totals.week_before)
    note = gettext("%(number)s in the 7 days before") % {"number": before}
    if totals.week_before:
        note = f"{locales.change(totals.last_week, totals.week_before)} · {note}"
    return [
        Tile(gettext("Signatures in all"), locales.count(totals.ever)),
        Tile(gettext("In this period"), locales.count(totals.in_period)),
        Tile(gettext("Last 7 full days"), locales.count(totals.last_week), note),
    ]


def step_name(step: Step, day: date) -> str:
    """Name a step of time by its first day."""
    if step == Step.MONTH:
        return locales.month(day)
    if step == Step.WEEK:
        return gettext("week of %(day)s") % {"day": locales.day(day)}
    return locales.day(day)


def named(step: Step, days: list[date]) -> Steps:
    return Steps(days, [step_name(step, day) for day in days])


def step_column(step: Step) -> Column:
    labels = {
        Step.DAY: gettext("Day"),
        Step.WEEK: gettext("Week of"),
        Step.MONTH: gettext("Month"),
    }
    return Column(labels[step], Kind.MONTH if step == Step.MONTH else Kind.DAY)


def new_signatures(time: OverTime) -> Chart:
    steps, marks = time.steps, words.marks(time.steps["complete"])
    columns = [
        step_column(time.step),
        Column(gettext("Signatures"), Kind.COUNT),
        Column(gettext("Note"), Kind.TEXT),
    ]
    table = Table(columns, list(zip(steps["start"], steps["number"], marks, strict=True)))
    if not steps["number"].any():
        return Chart(None, gettext("No signatures in this period."), table)
    texts = [
        words.pointed(f"{step_name(time.step, start)}: {locales.count(number)}", mark)
        for start, number, mark in table.rows
    ]
    figure = figures.columns(
        named(time.step, list(steps["start"])),
        [Series(gettext("Signatures"), steps["number"].tolist(), texts)],
        notation=locales.notation(),
        complete=steps["complete"].tolist(),
        span=SPANS[time.step],
    )
    return Chart(figure, peak(time), table)


def peak(time: OverTime) -> str:
    best = time.steps.loc[time.steps["number"].idxmax()]
    texts = {
        Step.DAY: gettext("Per day. The most: %(number)s (%(when)s)."),
        Step.WEEK: gettext("Per week. The most: %(number)s (%(when)s)."),
        Step.MONTH: gettext("Per month. The most: %(number)s (%(when)s)."),
    }
    sentence = texts[time.step] % {
        "number": locales.count(best["number"]),
        "when": step_name(time.step, best["start"]),
    }
    return words.hatching(sentence, time.steps["number"], time.steps["complete"])


def so_far(time: OverTime, goal: int | None) -> Chart:
    steps = time.steps
    columns = [
        Column(gettext("By the end of"), Kind.DAY),
        Column(gettext("Signatures so far"), Kind.COUNT),
    ]
    table = Table(columns, list(zip(steps["last"], steps["total"], strict=True)))
    total = int(steps["total"].iloc[-1])
    if not total:
        return Chart(None, gettext("No signatures yet."), table)
    texts = [f"{locales.day(last)}: {locales.count(number)}" for last, number in table.rows]
    series = [Series(gettext("Signatures so far"), steps["total"].tolist(), texts)]
    if goal:
        name = gettext("Goal")
        label = f"{name}: {locales.count(goal)}"
        series.append(
            Series(name, [goal] * len(steps), [label] * len(steps), figures.ORANGE, is_dashed=True)
        )
    figure = figures.lines(
        named(Step.DAY, list(steps["last"])), series, notation=locales.notation()
    )
    return Chart(figure, reached(time.before, total, goal), table)


def reached(before: int, total: int, goal: int | None) -> str:
    sentence = gettext("From %(before)s to %(total)s.") % {
        "before": locales.count(before),
        "total": locales.count(total),
    }
    if not goal:
        return sentence
    share = gettext("That is %(share)s of the goal of %(goal)s.") % {
        "share": locales.share(total, goal),
        "goal": locales.count(goal),
    }
    return f"{sentence} {share}"


def shared(found: list[Share], label: str, colour: str) -> Chart:
    """A ranked chart of who makes up the signatures of the period."""
    whole = sum(share.number for share in found)
    columns = [
        Column(label, Kind.TEXT),
        Column(gettext("Signatures"), Kind.COUNT),
        Column(gettext("Share"), Kind.SHARE),
    ]
    table = Table(columns, [(*share, share.number / whole) for share in found])
    if not found:
        return Chart(None, gettext("No signatures in this period."), table)
    sentence = gettext("First: %(name)s, with %(share)s.") % {
        "name": found[0].label,
        "share": locales.share(found[0].number, whole),
    }
    return Chart(ranking(found, colour), sentence, table)


def ranking(found: list[Share], colour: str) -> dict:
    shown = found
    if len(found) > MOST:
        rest = sum(share.number for share in found[MOST - 1 :])
        shown = [*found[: MOST - 1], Share(pgettext("all that are not named", "Others"), rest)]
    numbers = [share.number for share in shown]
    series = Series("", numbers, [locales.count(number) for number in numbers], colour)
    return figures.ranked([share.label for share in shown], series, notation=locales.notation())
