"""What stands beside the boxes that ask for a consent: every version, and a new one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.decorators import display

from crm.people.models import LANGUAGES
from crm.privacy.models import Purpose, Wording
from crm.privacy.operations import publish_wording
from crm.staff.forms import choice
from crm.staff.pages import ReadOnly
from crm.staff.site import site


class WordingForm(forms.Form):
    purpose = choice(gettext_lazy("Purpose"), Purpose.choices)
    language = choice(gettext_lazy("Language"), LANGUAGES)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=1000,
        widget=widgets.UnfoldAdminTextareaWidget(),
        help_text=gettext_lazy("One sentence, as the person who ticks the box would say it."),
    )


@admin.register(Wording, site=site)
class WordingAdmin(ReadOnly):
    """A wording is never changed: consents point to it."""

    list_display = ("text", "purpose", "language", "version", "is_shown")
    list_filter = ("purpose", "language")
    ordering = ("purpose", "language", "-version")
    sortable_by = ()
    fields = ("purpose", "language", "version", "is_shown", "text")
    readonly_fields = ("is_shown",)

    @display(description=gettext_lazy("shown now"), boolean=True)
    def is_shown(self, wording: Any) -> bool:
        return wording.is_newest

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wording]:
        return super().get_queryset(request).with_newest()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_wording")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Publish a new version; the forms show it from now on."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = WordingForm(request.POST or None)
        back = reverse("admin:crm_wording_changelist")
        if form.is_valid():
            publish_wording(**form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, _("The forms show this wording from now on."))
            return redirect(back)
        intro = _("The new version takes the place of the one before, which is kept.")
        title = _("Publish a wording")
        return self.page(request, "form", title, form=form, intro=intro, back_url=back)
