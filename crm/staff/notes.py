"""Notes on supporters: a panel on the profile, a list, and forms to write and to change one."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.decorators import display

from crm.people.models import Supporter
from crm.people.notes import Note
from crm.people.noting import change_note, write_note
from crm.staff import forms as fields
from crm.staff.careful import CarefulForm
from crm.staff.editing import Edit
from crm.staff.forms import somebody, switch, told_supporter
from crm.staff.pages import HOW_TO_SEARCH, LongList
from crm.staff.signatures import supporter_link
from crm.staff.site import site
from crm.staff.task_words import called

SHOWN = 5


class NoteForm(CarefulForm):
    free_text = ("text",)
    text = fields.text(
        gettext_lazy("Note"),
        max_length=5000,
        widget=lambda: widgets.UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    is_confidential = switch(
        gettext_lazy("Confidential"),
        help_text=gettext_lazy("Only for those who may see such notes."),
    )
    field_order = ("supporter", "text", "is_no_report", "is_confidential")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = True
        if not user.has_perm("crm.see_confidential"):
            del self.fields["is_confidential"]


class NewNoteForm(NoteForm):
    supporter = somebody(gettext_lazy("Supporter"))


def panel(supporter: Supporter, reader: Any) -> dict[str, Any]:
    """What `staff/panel_notes.html` shows as `panel`; nothing for who may not read notes."""
    if not reader.has_perm("crm.view_note"):
        return {}
    found = list(
        supporter.notes.all()
        .shown_to(reader)
        .select_related("written_by")
        .order_by("-written_at", "-pk")[: SHOWN + 1]
    )
    return {
        "supporter": supporter,
        "notes": [{"note": note, "may_change": may_change(reader, note)} for note in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "may_add": reader.has_perm("crm.add_note") and not supporter.erased_at,
        "form": NoteForm(user=reader, auto_id="note_%s"),
    }


def may_change(reader: Any, note: Note) -> bool:
    """A note is its author's; administrators, who alone may delete rows, mend any."""
    is_own = note.written_by_id == reader.pk and reader.has_perm("crm.change_note")
    return is_own or reader.has_perm("crm.delete_note")


class OfFilter(admin.SimpleListFilter):
    """The notes of one supporter, when the address of the list names them."""

    title = gettext_lazy("supporter")
    parameter_name = "supporter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found = Supporter.objects.filter(pk=told_supporter(request) or 0)
        return [(str(supporter.pk), str(supporter)) for supporter in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(supporter=value) if value.isdecimal() else queryset


@admin.register(Note, site=site)
class NoteAdmin(LongList):
    list_display = ("written_at", "who", "beginning", "author", "secrecy")
    list_display_links = ("beginning",)
    list_filter = (OfFilter,)
    list_select_related = ("supporter", "written_by")
    ordering = ("-written_at", "-id")
    sortable_by = ()
    search_fields = ("supporter__search_text",)  # see get_search_results
    search_help_text = HOW_TO_SEARCH

    @display(description=gettext_lazy("supporter"))
    def who(self, note: Note) -> str:
        return supporter_link(note.supporter)

    @display(description=gettext_lazy("note"))
    def beginning(self, note: Note) -> str:
        return Truncator(note.text).chars(100)

    @display(description=gettext_lazy("written by"))
    def author(self, note: Note) -> str:
        return called(note.written_by) if note.written_by else "–"

    @display(description=gettext_lazy("confidential"), label={"yes": "danger"})
    def secrecy(self, note: Note) -> tuple[str, str]:
        return ("yes", _("confidential")) if note.is_confidential else ("", "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        of_current = super().get_queryset(request).filter(supporter__merged_into=None)
        return of_current.shown_to(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = Supporter.objects.search(search_term, request.user)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write a note on the supporter whom the address names, or whom the form does."""
        if not request.user.has_perm("crm.add_note"):
            raise PermissionDenied
        form = self.new_form(request)
        if form.is_valid():
            note = write_note(**form.cleaned_data, at=timezone.now(), by=request.user)
            messages.success(request, _("The note is kept."))
            return redirect("admin:crm_supporter_change", note.supporter_id)
        return self.page(request, "form", _("New note"), form=form, back_url=back(request))

    def new_form(self, request: HttpRequest) -> forms.Form:
        """What the profile sends names the supporter in its address."""
        told = told_supporter(request)
        sent = {**request.POST.dict(), "supporter": request.POST.get("supporter", told)}
        data = sent if request.method == "POST" else None
        return NewNoteForm(data, initial={"supporter": told}, user=request.user)

    @transaction.atomic
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A note: its author and administrators change it, others read it."""
        if not request.user.has_perm("crm.view_note"):
            raise PermissionDenied
        note = self.locked(request, object_id)
        if not may_change(request.user, note):
            return self.read(request, note)
        form = partial(NoteForm, user=request.user)
        edit = Edit(request, form, record=note, now=standing(note))
        if edit.is_ready():
            change_note(note=note, at=timezone.now(), by=request.user, **edit.values)
            messages.success(request, _("The note was changed."))
            return redirect("admin:crm_supporter_change", note.supporter_id)
        told = {**edit.context, "subtitle": note.supporter, "back_url": page_of(note.supporter_id)}
        return self.page(request, "form", _("Change the note"), **told)

    def locked(self, request: HttpRequest, object_id: str) -> Note:
        shown = Note.objects.shown_to(request.user).select_for_update(of=("self",))
        related = shown.select_related("supporter", "written_by")
        return get_object_or_404(related, pk=object_id if object_id.isdecimal() else 0)

    def read(self, request: HttpRequest, note: Note) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        title = _("Note on %(name)s") % {"name": note.supporter}
        return self.page(request, "note", title, note=note)


def standing(note: Note) -> dict[str, Any]:
    return {"text": note.text, "is_confidential": note.is_confidential}


def page_of(supporter_id: int) -> str:
    return reverse("admin:crm_supporter_change", args=[supporter_id])


def back(request: HttpRequest) -> str:
    told = told_supporter(request)
    return page_of(int(told)) if told else reverse("admin:crm_note_changelist")
