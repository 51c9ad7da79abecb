"""Campaigns, and their texts in each language."""

from typing import Any

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline
from unfold.decorators import display

from crm.campaigns.models import Campaign, CampaignText
from crm.campaigns.operations import save_campaign
from crm.donations.communications import number_campaigns
from crm.people.models import LANGUAGES
from crm.staff.amounts import AmountsField
from crm.staff.pages import StaffAdmin, money
from crm.staff.site import site


class CampaignTextInline(StackedInline):
    model = CampaignText
    max_num = len(LANGUAGES)
    tab = False

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(languages_without_text(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Campaign, site=site)
class CampaignAdmin(StaffAdmin):
    list_display = ("title", "kind", "signatures", "wanted", "is_public", "opens_at", "closes_at")
    list_filter = ("kind", "is_public")
    ordering = ("-opens_at", "-pk")
    sortable_by = ()
    search_fields = ("slug", "texts__title")
    inlines = (CampaignTextInline,)
    readonly_fields = ("amounts",)
    fields = (
        "slug",
        "kind",
        "goal",
        "suggested_amounts",
        "report_url",
        "is_public",
        "opens_at",
        "closes_at",
    )

    @display(description=gettext_lazy("campaign"))
    def title(self, campaign: Campaign) -> str:
        return str(campaign)

    @display(description=gettext_lazy("signatures"))
    def signatures(self, campaign: Any) -> str:
        return intcomma(campaign.total)

    @display(description=gettext_lazy("goal"))
    def wanted(self, campaign: Campaign) -> str:
        return intcomma(campaign.goal) if campaign.goal else "–"

    @display(description=gettext_lazy("suggested amounts"))
    def amounts(self, campaign: Campaign) -> str:
        return ", ".join(map(money, campaign.suggested_amounts)) or "–"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Who may only read sees amounts as amounts."""
        may_write = self.has_change_permission(request, obj) if obj else True
        seen = {"suggested_amounts": "suggested_amounts" if may_write else "amounts"}
        return [seen.get(name, name) for name in self.fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return super().get_queryset(request).with_totals().with_texts()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "suggested_amounts":
            return AmountsField(label=capfirst(db_field.verbose_name), required=False)
        if db_field.name == "report_url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, *args: Any) -> dict[str, Any]:
        """Offer a text for each language that has none yet; what stays empty is not written."""
        initial = [{"language": code} for code in languages_without_text(obj)]
        return {**super().get_formset_kwargs(request, obj, *args), "initial": initial}

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        save_campaign(campaign=obj, at=timezone.now())
        number_campaigns(at=timezone.now())

    def get_view_on_site_url(self, obj: Campaign | None = None) -> str | None:
        """The public page, in the reader's language."""
        return public_address(obj) if obj is not None and obj.is_public else None


def languages_without_text(campaign: Campaign | None) -> list[str]:
    known: set[str] = set()
    if campaign is not None and campaign.pk:
        known.update(campaign.texts.values_list("language", flat=True))
    return [code for code, _name in LANGUAGES if code not in known]


def public_address(campaign: Campaign) -> str:
    """Return where everybody sees the campaign; an appeal is a choice on the donation page."""
    if campaign.kind == Campaign.Kind.APPEAL:
        return f"{reverse('payments:donate')}?campaign={campaign.slug}"
    return reverse("public:petition", args=[campaign.slug])
