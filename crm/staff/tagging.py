"""Giving tags: to the supporters selected in a list, of the tags there are or a new one."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.people.tagging import find_or_create_tag, find_tag, tag_many
from crm.people.tags import Tag
from crm.staff.orders import is_confirmed
from crm.staff.tag_forms import NameForm

SOURCE = "staff"


class TaggingList:
    """A list of supporters on which the selected ones can be tagged."""

    def has_tagging_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("crm.change_tagging"))

    @admin.action(description=gettext_lazy("Tag the selected supporters"), permissions=["tagging"])
    def tag_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for the tag; then give it to each of them who has it not."""
        form = NameForm(request.POST if is_confirmed(request) else None)
        tag = chosen_tag(request, form) if form.is_valid() else None
        if tag is None:
            return self.ask_tag(request, queryset, form)
        now, by = timezone.now(), request.user
        count = tag_many(supporters=queryset, tag=tag, source=SOURCE, at=now, by=by)
        line = ngettext(
            "%(count)s supporter got the tag “%(tag)s”; who had it keeps it.",
            "%(count)s supporters got the tag “%(tag)s”; who had it keeps it.",
            count,
        )
        messages.success(request, line % {"count": count, "tag": tag})
        return None

    def ask_tag(self: Any, request: HttpRequest, queryset: Any, form: NameForm) -> HttpResponse:
        told = {
            "form": form,
            "records": [(each.pk, each) for each in queryset.order_by("pk")],
            "tags": Tag.objects.order_by("name"),
            "back_url": reverse("admin:crm_supporter_changelist"),
        }
        return self.page(request, "tag_many", _("Tag supporters"), **told)


def chosen_tag(request: HttpRequest, form: NameForm) -> Tag | None:
    """Return the tag of this name, new where the reader may make one."""
    name = form.cleaned_data["name"]
    if request.user.has_perm("crm.add_tag"):
        return find_or_create_tag(name=name, at=timezone.now(), by=request.user)
    tag = find_tag(name)
    if tag is None:
        form.add_error("name", _("There is no tag of this name."))
    return tag
