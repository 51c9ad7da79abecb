"""What the page on a year's certificates tells, and what keeps them from being issued."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from crm.donations import certificates
from crm.donations.institution import IncompleteInstitution, missing
from crm.donations.tax_rules import NoRule, Rule
from crm.donations.tax_year import Standing, years
from crm.staff.pages import money

SHOWN = 100  # donors on a page


def of_year(request: HttpRequest, at: datetime) -> int:
    """Return the year that a page is about: the last one, unless told. Raises Http404."""
    asked = request.POST.get("year") or request.GET.get("year") or ""
    if not asked:
        return years(at)[0]
    if not asked.isdecimal() or int(asked) not in years(at):
        raise Http404
    return int(asked)


def why_not(year: int, at: datetime) -> str:
    """Say in one sentence why no certificates are issued; nothing, if they are."""
    try:
        certificates.require(year, at)
    except certificates.SwitchedOff:
        return _("Tax certificates are switched off: set TAX_CERTIFICATES.")
    except IncompleteInstitution:
        return _("The institution's details are not complete.")
    except certificates.YearNotOver:
        return _("The year is not over: more gifts may come.")
    except NoRule:
        return _("The law of this year is not known here.")
    return ""


def obstacles(year: int, at: datetime) -> list[str]:
    """Return why no certificates are issued, and which settings are missing."""
    told = why_not(year, at)
    return [told, *missing()] if told else []


def told_of(standing: Standing, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far a year is, and a page of its donors: all, or those that need something."""
    show = asked.get("show", "")
    chosen = {"waiting": standing.waiting, "due": standing.due}.get(show, standing.donors)
    rows = Paginator(chosen, SHOWN).get_page(asked.get("page"))
    return {
        "standing": standing,
        "rows": rows,
        "donors": [(donor, money(donor.amount)) for donor in rows],
        "show": show if show in {"waiting", "due"} else "",
        "shows": [
            ("", _("all")),
            ("due", _("to be issued")),
            ("waiting", _("address missing")),
        ],
        "amount": money(standing.amount),
        "threshold": money(standing.rule.threshold),
        "law": law_of(standing.year, standing.rule),
    }


def law_of(year: int, rule: Rule) -> str:
    """Say in plain words what the law of a year gives."""
    words = _("For gifts of %(year)s the tax reduction is %(rate)s of the amount.")
    told = words % {"year": year, "rate": f"{rule.rate} %"}
    if rule.ceiling is None:
        return told
    most = _("All gifts of a year together count up to %(ceiling)s, and a tenth of the income.")
    return f"{told} {most % {'ceiling': money(rule.ceiling)}}"
