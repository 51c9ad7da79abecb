"""After the form: the mail, the button that confirms, and thanks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns import operations
from crm.lib.tokens import BadToken
from crm.public import signer
from crm.public.campaigns import about, find
from crm.public.sharing import address, shares


@require_safe
def signed(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "public/signed.html", about(find(slug)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners follow every link: looking changes nothing, the button does."""
    try:
        signature = signer.signature_to_confirm(token)
    except BadToken:
        return render(request, "public/confirm_old.html", status=410)
    if request.method == "POST":
        operations.confirm(signature=signature, at=timezone.now())
        return redirect(signer.thanks_url(signature))
    return render(request, "public/confirm.html", about(signature.campaign))


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = find(slug)
    page = about(campaign) | {
        "shares": shares(campaign),
        "share_address": address(campaign, "link"),
        "signer_trail": signer.query_of(request.GET.get("s", "")),
    }
    return render(request, "public/thanks.html", page)
