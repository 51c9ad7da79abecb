"""Signatures that are held back, and many that are taken out at once."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.campaigns.disposable import is_disposable
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.signing import release_held
from crm.campaigns.withdrawing import Changed, effect_of, found, withdraw_found
from crm.staff.pages import StaffAdmin
from crm.staff.signature_forms import PatternForm

GROUPS, SAMPLES = 50, 8
HELD = Signature.Status.HELD


def held_groups() -> list[dict[str, Any]]:
    """Return held signatures by campaign and network, the largest rush first, with samples."""
    held = Signature.objects.filter(status=HELD).order_by()
    counted = held.values("campaign_id", "network").annotate(
        number=Count("pk"), first=Min("signed_at"), last=Max("signed_at")
    )
    groups: list[dict[str, Any]] = [*map(dict, counted.order_by("-number", "-last")[:GROUPS])]
    campaigns = Campaign.objects.with_texts().in_bulk({each["campaign_id"] for each in groups})
    newest = held.select_related("supporter").order_by("-signed_at", "-pk")[: GROUPS * SAMPLES]
    samples: dict[tuple[int, str | None], list[Signature]] = {}
    for signature in newest:
        samples.setdefault((signature.campaign_id, signature.network), []).append(signature)
    for each in groups:
        some = samples.get((each["campaign_id"], each["network"]), [])[:SAMPLES]
        each["campaign"] = campaigns[each["campaign_id"]]
        each["samples"] = some
        each["is_disposable"] = any(is_disposable(one.supporter.email) for one in some)
        each["address"] = address_of(each)
    return groups


def address_of(group: dict[str, Any]) -> str:
    """Return where the effect on a group is shown."""
    query = {"states": HELD.value, "campaign": group["campaign_id"]}
    if group["network"]:
        query["network"] = group["network"]
    return f"{reverse('admin:crm_signature_pattern')}?{urlencode(query)}"


class ReviewPages(StaffAdmin):
    """The pages of a list of signatures on which many are decided about."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages = [
            path("held/", wrap(self.held_view), name="crm_signature_held"),
            path("many/", wrap(self.pattern_view), name="crm_signature_pattern"),
        ]
        return [*pages, *super().get_urls()]

    def may_decide(self, request: HttpRequest) -> None:
        if not request.user.has_perms(["crm.view_supporter", "crm.change_signature"]):
            raise PermissionDenied

    def held_view(self, request: HttpRequest) -> HttpResponse:
        """What is held back, in the groups in which it came."""
        self.may_decide(request)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        return self.page(request, "signatures_held", _("Held back"), groups=held_groups())

    def pattern_view(self, request: HttpRequest) -> HttpResponse:
        """Say which signatures, see the effect, then withdraw them or let them through."""
        self.may_decide(request)
        sent = request.POST if request.method == "POST" else request.GET
        form = PatternForm(sent or None)
        if not form.is_valid():
            return self.page(request, "signatures_many", _("Many signatures"), form=form)
        asks = request.method == "POST" and request.POST.get("do") in ("withdraw", "release")
        number = form.confirmed if asks else None
        if number is not None and self.decided(request, form, number):
            return redirect("admin:crm_signature_held")
        effect = effect_of(form.pattern())
        form.show(effect.number)
        some = found(form.pattern()).select_related("supporter", "campaign")
        told: dict[str, Any] = {
            "effect": effect,
            "samples": some.prefetch_related("campaign__texts").order_by("-signed_at")[:SAMPLES],
        }
        return self.page(request, "signatures_many", _("Many signatures"), form=form, **told)

    def decided(self, request: HttpRequest, form: PatternForm, number: int) -> bool:
        if request.POST.get("do") == "release":
            return self.let_through(request, form)
        try:
            done = withdraw_found(
                pattern=form.pattern(), expected=number, at=timezone.now(), by=request.user
            )
        except Changed:
            words = _("Meanwhile others came or went. Look at the effect once more.")
            messages.error(request, words)
            return False
        words = ngettext(
            "%(number)s signature was withdrawn.", "%(number)s signatures were withdrawn.", done
        )
        messages.success(request, words % {"number": intcomma(done)})
        return True

    def let_through(self, request: HttpRequest, form: PatternForm) -> bool:
        held = found(form.pattern()).filter(status=HELD)
        done = release_held(signatures=held, at=timezone.now(), by=request.user)
        words = ngettext(
            "%(number)s signature was let through: a mail asks for confirmation.",
            "%(number)s signatures were let through: mails ask for confirmation.",
            done,
        )
        messages.success(request, words % {"number": intcomma(done)})
        return True
