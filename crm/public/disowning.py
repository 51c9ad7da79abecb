"""Whoever has an address that somebody else wrote says "it was not me", and takes it out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns.disowning import disown, signature_disowned_by
from crm.campaigns.models import Signature
from crm.lib.tokens import BadToken
from crm.public.donor_door import private


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners follow every link: looking changes nothing, the button does."""
    try:
        signature = signature_disowned_by(token)
    except BadToken:
        return private(render(request, "public/not_me_old.html", status=410))
    if signature is None or signature.ended == Signature.Ended.NOT_ME:
        return redirect("public:not-me-done")
    if request.method == "POST":
        disown(signature=signature, at=timezone.now())
        return redirect("public:not-me-done")
    page = {"campaign": signature.campaign, "text": signature.campaign.text()}
    return private(render(request, "public/not_me.html", page))


@require_safe
def disowned(request: HttpRequest) -> HttpResponse:
    """The same for everybody: it tells nothing of what there was."""
    return private(render(request, "public/not_me_done.html"))
