"""What donors download from their own page, and the receipt they may ask for there."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from crm.donations import certificate_pages, receipt_pages, receipts
from crm.donations.papers import Receipt, TaxCertificate
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.public.donor_door import back_to, for_donor
from crm.public.donor_forms import YearForm
from crm.public.donor_tax import certificates_of


@for_donor("GET", "HEAD")
def receipt(request: HttpRequest, token: str, donor: Supporter, number: str) -> HttpResponse:
    """Hand out a receipt again, as a duplicate of the one that came by mail."""
    year, _dash, serial = number.partition("-")
    found = get_object_or_404(
        Receipt.objects.valid(), supporter=donor, year=int(year), number=int(serial)
    )
    return pdf(receipt_pages.pdf(found, duplicate=True), f"{found}.pdf")


@for_donor("POST")
def receipt_for_year(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Issue one receipt for all gifts of a year that is over."""
    now = timezone.now()
    form = YearForm(request.POST, before=local_day(now).year)
    if not form.is_valid():
        return back_to(token, said="unclear")
    try:
        receipts.issue_for_year(supporter=donor, at=now, **form.cleaned_data)
    except receipts.NothingGiven:
        return back_to(token, said="unclear")
    return back_to(token, anchor="receipts")


@for_donor("GET", "HEAD")
def certificate(request: HttpRequest, token: str, donor: Supporter, year: int) -> HttpResponse:
    found: list[TaxCertificate] = [one for one in certificates_of(donor) if one.year == year]
    if not found:
        raise Http404
    return pdf(certificate_pages.pdf(found[0]), f"{found[0]}.pdf")


def pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
