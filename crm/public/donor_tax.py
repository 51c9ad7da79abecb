"""What donors tell for their tax certificate, and the certificates they have."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crm.donations import identities
from crm.donations.papers import TaxCertificate, TaxIdentity
from crm.people.models import Supporter
from crm.people.offers import told_by_owner
from crm.public.donor_door import back_to, for_donor
from crm.public.donor_forms import DetailsForm
from crm.public.donor_gifts import money

KEPT = ("given_name", "family_name", "street", "postcode", "town", "country")


def tax_of(donor: Supporter) -> dict[str, Any]:
    """Return what the donor's page says of certificates; nothing where there are none."""
    certificates = certificates_of(donor)
    return {
        "takes_details": settings.TAX_CERTIFICATES,
        "certificates": [(paper, money(paper.amount, "EUR")) for paper in certificates],
        "identity": identity_of(donor) if settings.TAX_CERTIFICATES else None,
    }


def certificates_of(donor: Supporter) -> list[TaxCertificate]:
    """Return the newest version of each year's certificate, unless it is void."""
    newest: dict[int, TaxCertificate] = {}
    for version in TaxCertificate.objects.filter(supporter=donor).order_by("-year", "-version"):
        newest.setdefault(version.year, version)
    return [paper for paper in newest.values() if paper.amount]


def identity_of(donor: Supporter) -> TaxIdentity | None:
    return TaxIdentity.objects.filter(supporter=donor).first()


@for_donor("GET", "HEAD", "POST")
def details(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Take what the certificate needs."""
    if not settings.TAX_CERTIFICATES:
        raise Http404
    known = identity_of(donor)
    form = form_for(donor, known, request)
    if form.is_bound and form.is_valid() and keep(donor, form):
        return back_to(token, said="details", anchor="tax")
    page = {"token": token, "form": form, "has_number": bool(known and known.number)}
    return render(request, "public/donor_details.html", page, status=422 if form.is_bound else 200)


def form_for(donor: Supporter, known: TaxIdentity | None, request: HttpRequest) -> DetailsForm:
    """Return the form with what we know already, but for the number."""
    facts = {name: getattr(known or donor, name, "") for name in KEPT}
    return DetailsForm(
        request.POST if request.method == "POST" else None,
        initial={name: str(value) for name, value in facts.items() if value},
        donor=donor,
        has_number=bool(known and known.number),
        keeps_numbers=bool(settings.NATIONAL_NUMBER_KEYS),
    )


def keep(donor: Supporter, form: DetailsForm) -> bool:
    """Keep what was told; else say beside the number what is wrong with it."""
    now = timezone.now()
    facts = {name: form.cleaned_data.get(name, "") for name in (*KEPT, "number")}
    try:
        identity = identities.keep_identity(supporter=donor, at=now, **facts)
        told_by_owner(supporter=donor, source="details", at=now, **facts)
    except identities.BadNumber as error:
        form.add_error("number", str(error.reason))
        return False
    if form.cleaned_data.get("forget_number") and not facts["number"]:
        identities.forget_number(identity=identity, at=now)
    return True
