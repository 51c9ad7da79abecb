"""After the form: the mail, asking for it again, the button that confirms, and thanks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns import asking_again, operations
from crm.campaigns.jobs import write_again
from crm.campaigns.models import Signature
from crm.lib.tokens import BadToken
from crm.mailing.headers import not_me_path
from crm.public import giving, signer
from crm.public.campaigns import about, find
from crm.public.donor_door import private
from crm.public.sharing import copied, shares
from crm.public.signer_forms import AgainForm
from crm.public.trail import trail_from, trail_query


@csrf_exempt  # It acts for nobody who is signed in, and works in a frame, where no cookie is.
@require_http_methods(["GET", "HEAD", "POST"])
def signed(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what comes now; on demand have the mail sent again, with one answer for everybody."""
    campaign = find(slug)
    form = AgainForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        known = asking_again.find(campaign=campaign, address=form.cleaned_data["email"])
        write_again.defer(**known._asdict())
        page = reverse("public:petition-signed", args=[slug])
        trail = trail_query(trail_from(request))
        return redirect(f"{page}{trail}{'&' if trail else '?'}again=1")
    page_of = about(campaign) | {"form": form, "is_again": "again" in request.GET}
    return render(request, "public/signed.html", page_of, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners follow every link: looking changes nothing, the button does."""
    try:
        signature = signer.signature_to_confirm(token)
    except BadToken:
        return old(request, token)
    if request.method == "POST":
        signature = operations.confirm(signature=signature, at=timezone.now())
    page = about(signature.campaign)
    if signature.status == Signature.Status.HELD:
        return private(render(request, "public/confirm_held.html", page))
    if request.method == "POST":
        return redirect(signer.thanks_url(signature))
    page["agreed"] = signer.agreed(signature)
    page["not_me_path"] = not_me_path(str(signature.public_id), request.LANGUAGE_CODE)
    return private(render(request, "public/confirm.html", page))


def old(request: HttpRequest, token: str) -> HttpResponse:
    """Say that a link no longer works, and how to go on."""
    campaign = signer.campaign_of_old(token)
    page = about(campaign) | {"form": AgainForm()} if campaign else {}
    return private(render(request, "public/confirm_old.html", page, status=410))


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, token = find(slug), request.GET.get("s", "")
    signature = signer.thanked(token, campaign)
    page = about(campaign) | {
        "shares": shares(campaign, signature),
        "share_address": copied(campaign, signature),
        "share_token": token if signature else "",
        "brought": signer.brought(signature),
        "gift": giving.offer(campaign, signer.trail_from_signature(signature)),
    }
    return private(render(request, "public/thanks.html", page))
