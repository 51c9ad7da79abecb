"""A signer's own page: what they signed, to share, to put right, or to withdraw."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.campaigns import operations, revising
from crm.campaigns.models import Signature
from crm.campaigns.sharing import brought_by
from crm.lib.tokens import BadToken
from crm.mailing.headers import preferences_path
from crm.public import signer
from crm.public.campaigns import about
from crm.public.donor_door import back_to, private
from crm.public.preferences import masked
from crm.public.sharing import copied, shares
from crm.public.signer_forms import CommentForm, OwnDataForm, comment_form

PAGE = "signature"
SAID = ("corrected", "said", "unsaid", "withdrawn")


def for_signer(*methods: str) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Open a view, which gets `signature` and `token`, to who has a link that works."""

    def decorate(view: Callable[..., HttpResponse]) -> Any:
        @wraps(view)
        def guarded(request: HttpRequest, token: str) -> HttpResponse:
            try:
                signature = revising.own_signature(token)
            except BadToken:
                return private(render(request, "public/signature_old.html", status=410))
            return private(view(request, token=token, signature=signature))

        return never_cache(require_http_methods([*methods])(guarded))

    return decorate


@for_signer("GET", "HEAD")
def page(request: HttpRequest, token: str, signature: Signature) -> HttpResponse:
    """Show everything at once; looking changes nothing, as mail scanners look too."""
    data, comment = OwnDataForm(None, signature=signature), comment_form(None, signature)
    return show(request, token, signature, data=data, comment=comment)


@for_signer("POST")
def put_right(request: HttpRequest, token: str, signature: Signature) -> HttpResponse:
    form = OwnDataForm(request.POST, signature=signature)
    if not form.is_valid():
        comment = comment_form(None, signature)
        return show(request, token, signature, data=form, comment=comment, status=422)
    revising.put_right(signature=signature, at=timezone.now(), **form.cleaned_data)
    return back_to(token, PAGE, said="corrected", anchor="data")


@for_signer("POST")
def say(request: HttpRequest, token: str, signature: Signature) -> HttpResponse:
    """Take what a signer says now; "take back" is a button of its own."""
    form = CommentForm({} if "take_back" in request.POST else request.POST)
    if not form.is_valid():
        data = OwnDataForm(None, signature=signature)
        return show(request, token, signature, data=data, comment=form, status=422)
    revising.say(signature=signature, **form.cleaned_data)
    said = "said" if form.cleaned_data["text"] else "unsaid"
    return back_to(token, PAGE, said=said, anchor="comment")


@for_signer("GET", "HEAD", "POST")
def withdraw(request: HttpRequest, token: str, signature: Signature) -> HttpResponse:
    """Ask once more, then take the signature out."""
    if request.method == "POST":
        operations.withdraw(signature=signature, why=Signature.Ended.SIGNER, at=timezone.now())
        return back_to(token, PAGE, said="withdrawn")
    page_of = about(signature.campaign) | {"token": token}
    return render(request, "public/signature_withdraw.html", page_of)


def show(
    request: HttpRequest,
    token: str,
    signature: Signature,
    *,
    data: OwnDataForm,
    comment: CommentForm | None,
    status: int = 200,
) -> HttpResponse:
    """Render the page. Nothing stands on it of others who signed, but their number."""
    campaign, said = signature.campaign, request.GET.get("said", "")
    told = about(campaign) | {
        "token": token,
        "signature": signature,
        "is_counted": signature.status == Signature.Status.CONFIRMED,
        "is_over": signature.status == Signature.Status.WITHDRAWN,
        "is_open": campaign.is_open(timezone.now()) and campaign.is_public,
        "address": masked(signature.supporter.email),
        "said": said if said in SAID else "",
        "form": data,
        "comment_form": comment,
        "comment": getattr(signature, "comment", None),
        "shares": shares(campaign, signature),
        "share_address": copied(campaign, signature),
        "share_token": signer.thanks_token(signature),
        "brought": brought_by(signature),
        "preferences_path": preferences_path(signature.supporter, request.LANGUAGE_CODE),
    }
    return render(request, "public/signature.html", told, status=status)
