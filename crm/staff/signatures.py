"""Signatures and comments: read, withdrawn, approved."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from crm.campaigns.admitting import why_held
from crm.campaigns.comments import Comment
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.operations import approve_comment, hide_comment, withdraw
from crm.campaigns.sources import CHANNELS
from crm.lib.regions import PROVINCES
from crm.people.models import Supporter
from crm.staff.exports import ExportsList
from crm.staff.pages import HOW_TO_SEARCH, ReadOnly
from crm.staff.signature_review import ReviewPages
from crm.staff.site import site

STATES = {"confirmed": "success", "pending": "warning", "withdrawn": "danger", "held": "info"}


class CampaignFilter(SimpleListFilter):
    """By campaign, named as readers know it."""

    title = gettext_lazy("campaign")
    parameter_name = "campaign"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(each.pk), str(each)) for each in Campaign.objects.with_texts()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(campaign=value) if value.isdecimal() else queryset


@admin.register(Signature, site=site)
class SignatureAdmin(ReviewPages, ExportsList, ReadOnly):
    exports = "signatures"
    list_display = ("who", "campaign", "state", "signed_at", "language", "province", "channel")
    list_display_links = ("signed_at",)  # the name leads to the supporter
    list_filter = (CampaignFilter, "status", "language")
    list_select_related = ("supporter", "campaign", "source")
    ordering = ("-signed_at", "-id")
    sortable_by = ()
    search_fields = ("supporter__search_text",)  # see get_search_results
    search_help_text = HOW_TO_SEARCH
    actions = ("withdraw_signatures",)
    fields = (
        "who",
        "campaign",
        "status",
        "signed_at",
        "confirmed_at",
        "language",
        "country",
        "province",
        "channel",
        "way",
        "why",
        "comment_text",
    )
    readonly_fields = ("who", "province", "channel", "why", "comment_text")

    @display(description=gettext_lazy("supporter"))
    def who(self, signature: Signature) -> str:
        return supporter_link(signature.supporter)

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, signature: Signature) -> tuple[str, str]:
        return signature.status, signature.get_status_display()

    @display(description=gettext_lazy("province"))
    def province(self, signature: Signature) -> Any:
        return PROVINCES.get(signature.region, "–")

    @display(description=gettext_lazy("source"))
    def channel(self, signature: Signature) -> Any:
        return CHANNELS.get(signature.source.channel, signature.source.channel)

    @display(description=gettext_lazy("why it does not count"))
    def why(self, signature: Signature) -> str:
        return " ".join(why_held(signature)) or signature.get_ended_display() or "–"

    @display(description=gettext_lazy("comment"))
    def comment_text(self, signature: Signature) -> str:
        comment = Comment.objects.filter(signature=signature).first()
        return comment.text if comment else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Signature]:
        return super().get_queryset(request).prefetch_related("campaign__texts")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = Supporter.objects.search(search_term, request.user)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("crm.change_signature")

    @admin.action(
        description=gettext_lazy("Withdraw the selected signatures"), permissions=["withdraw"]
    )
    def withdraw_signatures(
        self, request: HttpRequest, queryset: QuerySet[Signature]
    ) -> HttpResponse | None:
        """Ask first; then take each of them out of the count."""
        if request.POST.get("confirmed") != "yes":
            return self.page(
                request,
                "confirm",
                _("Withdraw signatures"),
                question=_("They will no longer be counted. This cannot be undone here."),
                records=[(each.pk, f"{each.supporter}, {each.campaign}") for each in queryset],
                action="withdraw_signatures",
                submit=_("Withdraw"),
                back_url=reverse("admin:crm_signature_changelist"),
            )
        for signature in queryset.order_by("pk"):
            withdraw(signature=signature, at=timezone.now(), by=request.user)
        messages.success(request, _("The signatures were withdrawn."))
        return None


class CommentFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", gettext_lazy("waits for approval")),
            ("approved", gettext_lazy("shown on the petition")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() == "waiting":
            return queryset.to_approve()
        return queryset.exclude(approved_at=None) if self.value() == "approved" else queryset


@admin.register(Comment, site=site)
class CommentAdmin(ReadOnly):
    list_display = ("text", "who", "campaign", "is_public", "approved_at")
    list_filter = (CommentFilter,)
    list_select_related = ("signature__supporter", "signature__campaign")
    ordering = ("-pk",)
    sortable_by = ()
    actions = ("approve", "hide")
    fields = ("text", "who", "campaign", "is_public", "approved_at")
    readonly_fields = ("who", "campaign")

    @display(description=gettext_lazy("supporter"))
    def who(self, comment: Comment) -> str:
        return supporter_link(comment.signature.supporter)

    @display(description=gettext_lazy("campaign"))
    def campaign(self, comment: Comment) -> str:
        return str(comment.signature.campaign)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        return super().get_queryset(request).prefetch_related("signature__campaign__texts")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("crm.change_comment")

    @admin.action(description=gettext_lazy("Show on the petition"), permissions=["moderate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        now = timezone.now()
        count = sum(approve_comment(comment=each, at=now, by=request.user) for each in queryset)
        told = ngettext(
            "%(count)s comment is shown now.", "%(count)s comments are shown now.", count
        )
        messages.success(request, told % {"count": count})

    @admin.action(description=gettext_lazy("Never show"), permissions=["moderate"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        for comment in queryset:
            hide_comment(comment=comment, at=timezone.now(), by=request.user)
        messages.success(request, _("The comments stay hidden."))


def supporter_link(supporter: Supporter) -> str:
    """Return a link to a supporter's page."""
    address = reverse("admin:crm_supporter_change", args=[supporter.pk])
    return format_html('<a href="{}" class="st-link">{}</a>', address, supporter)
