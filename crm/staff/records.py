"""What is only read: mails, consents, the audit trail; and the figures of the programmes."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.audit import AuditEntry
from crm.lib.periods import local_day
from crm.mailing.models import Mail
from crm.privacy.models import Consent
from crm.programmes.impact import Records
from crm.programmes.models import ImpactFigure
from crm.staff.pages import ReadOnly, StaffAdmin
from crm.staff.signatures import supporter_link
from crm.staff.site import site
from crm.staff.sources import place, tells_of_giving
from crm.staff.timeline_words import MAILS, OF_GIVING, mail_state


class MailFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", gettext_lazy("waiting")), ("given_up", gettext_lazy("given up"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "waiting":
            return queryset.filter(sent_at=None, given_up_at=None)
        return queryset.exclude(given_up_at=None) if self.value() == "given_up" else queryset


@admin.register(Mail, site=site)
class MailAdmin(ReadOnly):
    """That a mail was sent, never what it said."""

    list_display = ("queued_at", "who", "what", "state", "language")
    list_filter = (MailFilter,)
    list_select_related = ("supporter",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("what", "who", "to", "language", "queued_at", "sent_at", "attempts", "error")
    readonly_fields = ("who", "what")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        found = super().get_queryset(request)
        sees_gifts = request.user.has_perm("crm.view_gift")
        return found if sees_gifts else found.exclude(template__in=OF_GIVING)

    @display(description=gettext_lazy("supporter"))
    def who(self, mail: Mail) -> str:
        return supporter_link(mail.supporter) if mail.supporter else "–"

    @display(description=gettext_lazy("mail"))
    def what(self, mail: Mail) -> Any:
        return MAILS.get(mail.template, mail.template)

    @display(description=gettext_lazy("state"))
    def state(self, mail: Mail) -> str:
        return mail_state(mail)


@admin.register(Consent, site=site)
class ConsentAdmin(ReadOnly):
    list_display = ("at", "who", "purpose", "channel", "given", "where")
    list_filter = ("given", "purpose")
    list_select_related = ("supporter",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("who", "purpose", "channel", "given", "wording_text", "where", "at")
    readonly_fields = ("who", "wording_text", "where")

    @display(description=gettext_lazy("supporter"))
    def who(self, consent: Consent) -> str:
        return supporter_link(consent.supporter)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        sees_gifts = Value(request.user.has_perm("crm.view_gift"))
        return super().get_queryset(request).annotate(sees_gifts=sees_gifts)

    @display(description=gettext_lazy("source"))
    def where(self, consent: Any) -> str:
        is_told = consent.sees_gifts or not tells_of_giving(consent.source)
        return place(consent.source) if is_told else "–"

    @display(description=gettext_lazy("wording shown"))
    def wording_text(self, consent: Consent) -> str:
        return consent.wording.text if consent.wording else "–"


@admin.register(AuditEntry, site=site)
class AuditAdmin(ReadOnly):
    list_display = ("at", "by", "action", "subject", "told")
    list_filter = ("by",)
    list_select_related = ("by",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("subject", "action")
    fields = ("at", "by", "action", "subject", "told")
    readonly_fields = ("told",)

    @display(description=gettext_lazy("details"))
    def told(self, entry: AuditEntry) -> str:
        """The details, without a programmer's brackets."""
        return "; ".join(
            f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
            for name, value in entry.details.items()
        )


@admin.register(ImpactFigure, site=site)
class ImpactFigureAdmin(StaffAdmin):
    """What is reported; where there are records, the public page shows what they count."""

    list_display = ("key", "year", "value", "shown", "note")
    list_filter = ("key",)
    list_before_template = "staff/impact_counted.html"
    ordering = ("-year", "key")
    sortable_by = ()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Add to the page's figures what is counted of their year."""
        changelist = super().get_changelist_instance(request)
        today, records = local_day(timezone.now()), Records.read()
        for figure in changelist.result_list:
            figure.counted = records.count(figure.key, figure.year, today)
        return changelist

    @display(description=gettext_lazy("shown on our site"))
    def shown(self, figure: Any) -> str:
        if figure.counted:
            return _("counted from records: %(number)d") % {"number": figure.counted}
        return _("as reported")
