"""Mails that came back, and what else a provider told of them that staff may have to act on."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.mailing.events import MailEvent
from crm.mailing.returned import newest_about_those, to_ask_about
from crm.staff.pages import ReadOnly
from crm.staff.signatures import supporter_link
from crm.staff.site import site

Kind = MailEvent.Kind
NOT_NEWS = Kind.DELIVERED
# What staff can do; of the rest, the consents that ended stand on the profile.
TO_DO = {
    Kind.COMPLAINED: gettext_lazy("Nothing: they get receipts only."),
    Kind.UNSUBSCRIBED: gettext_lazy("Nothing: they get no newsletter or appeal."),
    Kind.SOFT_BOUNCE: gettext_lazy("Nothing yet: it may arrive next time."),
    Kind.REFUSED: gettext_lazy("Look at the provider's site, if it happens often."),
}


class ToDoFilter(SimpleListFilter):
    title = gettext_lazy("what to do")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ask", gettext_lazy("ask for another address"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return newest_about_those(queryset) if self.value() == "ask" else queryset


class KindFilter(SimpleListFilter):
    title = gettext_lazy("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, label in Kind.choices if value != NOT_NEWS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(MailEvent, site=site)
class MailEventAdmin(ReadOnly):
    """That a mail came back, and from where; which mail it was may tell that somebody gave."""

    list_display = ("address_of", "who", "what_to_do", "kind", "code", "at")
    list_display_links = None
    list_filter = (ToDoFilter, KindFilter)
    list_select_related = ("mail__supporter",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("address_of", "who", "what_to_do", "kind", "code", "at", "received_at")
    readonly_fields = ("address_of", "who", "what_to_do")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailEvent]:
        known = to_ask_about().filter(
            email__address=OuterRef("mail__to"), email__supporter=OuterRef("mail__supporter")
        )
        asked = Subquery(known.values("email__supporter")[:1])
        return super().get_queryset(request).exclude(kind=NOT_NEWS).annotate(asked=asked)

    @display(description=gettext_lazy("e-mail"))
    def address_of(self, event: MailEvent) -> str:
        return (event.mail.to if event.mail else "") or "–"

    @display(description=gettext_lazy("whose"))
    def who(self, event: MailEvent) -> str:
        found = event.mail.supporter if event.mail else None
        return supporter_link(found) if found else "–"

    @display(description=gettext_lazy("what to do"))
    def what_to_do(self, event: Any) -> Any:
        if event.asked:
            address = reverse("admin:crm_supporter_new_email", args=[event.asked])
            words = _("Ask for another address, and add it")
            return format_html('<a href="{}" class="st-link">{}</a>', address, words)
        return TO_DO.get(event.kind, "–")
