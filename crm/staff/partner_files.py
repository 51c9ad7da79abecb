"""The files that show what a partner did: of its criteria and its reports, and no others."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from crm.lib.downloads import download
from crm.people.attaching import take_out
from crm.people.files import StoredFile
from crm.programmes.partners import CriterionState, Partner, PartnerReport

# What each kind of row takes to be read; who may read it may read its file.
RIGHTS = {CriterionState: "crm.view_criterionstate", PartnerReport: "crm.view_partnerreport"}


def shown(rows: Iterable[Any], reader: Any) -> dict[int | None, StoredFile]:
    """The files of some criteria and reports that a reader may see; confidential ones for few."""
    keys = {row.file_id for row in rows if row and reader.has_perm(RIGHTS[type(row)])}
    files = StoredFile.objects.filter(pk__in=keys - {None})
    if not reader.has_perm("crm.see_confidential"):
        files = files.filter(is_confidential=False)
    return {stored.pk: stored for stored in files}


def address(partner: Partner, stored: StoredFile) -> str:
    page = reverse("admin:crm_partner_file", args=[partner.pk])
    return f"{page}?file={stored.pk}"


def hand_out(request: HttpRequest, partner: Partner) -> HttpResponseBase:
    """Hand one of them out, so that no browser opens it here; who took it is noted."""
    known = shown([*partner.criteria.all(), *partner.reports.all()], request.user)
    asked = request.GET.get("file", "")
    stored = known.get(int(asked)) if asked.isdecimal() else None
    if stored is None:
        raise Http404
    taken = take_out(stored=stored, at=timezone.now(), by=request.user)
    return download(taken, name=stored.name, content_type=stored.content_type, size=stored.size)
