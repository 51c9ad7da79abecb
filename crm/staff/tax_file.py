"""The file of tax certificates for the authority: downloaded, validated elsewhere, sent."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.donations import belcotax
from crm.donations.belcotax import COUNTRIES, Fiche, Treatment
from crm.donations.tax_year import years
from crm.staff.pages import StaffAdmin, money
from crm.staff.tax_words import obstacles, of_year, why_not

# The numbers of all donors leave the system by this page, so fundraisers may not open it.
RIGHTS = ["crm.view_taxcertificate", "crm.change_taxcertificate", "crm.see_money"]


class FilePages(StaffAdmin):
    """A part of the pages of tax certificates."""

    def file_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.file_view)
        return [path("file/", view, name="crm_taxyear_file")]

    def file_view(self, request: HttpRequest) -> HttpResponse:
        """What the authority does not know yet; its file; and saying that it was sent."""
        if not request.user.has_perms(RIGHTS):
            raise PermissionDenied
        now = timezone.now()
        year = of_year(request, now)
        if request.method == "POST" and not why_not(year, now):
            return self.download(request, year) if "file" in request.POST else self.sent(request)
        found = belcotax.fiches(year)
        upto = belcotax.last_version(year)
        context = {"year": year, "years": years(now), "upto": upto, **summary(found)}
        context["obstacles"] = obstacles(year, now)
        return self.page(request, "tax_file", _("File for the tax authority"), **context)

    def download(self, request: HttpRequest, year: int) -> HttpResponse:
        try:
            content = belcotax.file_for(
                year=year, upto=upto(request), at=timezone.now(), by=request.user
            )
        except belcotax.NothingToFile:
            return self.sent_already(request, year)
        headers = {
            "Content-Disposition": f'attachment; filename="belcotax-281.71-{year}.xml"',
        }
        return HttpResponse(content, content_type="application/xml", headers=headers)

    def sent(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        year = of_year(request, now)
        done = belcotax.mark_filed(year=year, upto=upto(request), at=now, by=request.user)
        if not done:
            return self.sent_already(request, year)
        told = ngettext(
            "%(done)s fiche is noted as sent.", "%(done)s fiches are noted as sent.", done
        )
        messages.success(request, told % {"done": done})
        return redirect(f"{reverse('admin:crm_taxyear_file')}?year={year}")

    def sent_already(self, request: HttpRequest, year: int) -> HttpResponse:
        messages.info(request, _("There is nothing to send: the authority knows everything."))
        return redirect(f"{reverse('admin:crm_taxyear_file')}?year={year}")


def upto(request: HttpRequest) -> int:
    """Return the version up to which the page told of certificates."""
    told = request.POST.get("upto", "")
    return int(told) if told.isdecimal() and len(told) < 19 else 0


def summary(found: list[Fiche]) -> dict[str, Any]:
    """Count what is to be sent."""
    kinds = [fiche.treatment for fiche in found]
    return {
        "number": len(found),
        "new": sum(kind in {Treatment.NORMAL, Treatment.ADDITION} for kind in kinds),
        "changed": kinds.count(Treatment.CHANGE),
        "cancelled": kinds.count(Treatment.CANCELLATION),
        "amount": money(sum(fiche.amount for fiche in found)),
        "without_number": sum(not has_number(fiche) for fiche in found),
        "abroad": sum((fiche.certificate.country or "BE") not in COUNTRIES for fiche in found),
    }


def has_number(fiche: Fiche) -> bool:
    identity = getattr(fiche.certificate.supporter, "tax_identity", None)
    return identity is not None and bool(identity.number)
