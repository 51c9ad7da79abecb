"""Tags: a list, a page of each, and giving them to supporters, one by one or many at once."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.people.models import Supporter
from crm.people.segments import Segment
from crm.people.tag_uses import segments_using
from crm.people.tagging import (
    TagExists,
    add_tag,
    create_tag,
    delete_tag,
    merge_tags,
    remove_tag,
    rename_tag,
)
from crm.people.tags import Tag
from crm.staff.editing import Edit
from crm.staff.orders import is_confirmed
from crm.staff.pages import StaffAdmin
from crm.staff.site import site
from crm.staff.tag_forms import MergeForm, NameForm, TagForm
from crm.staff.tagging import SOURCE, chosen_tag

SUPPORTERS = Count(
    "taggings",
    filter=Q(taggings__supporter__merged_into=None, taggings__supporter__erased_at=None),
)


def panel(supporter: Supporter, reader: Any) -> dict[str, Any]:
    """What `staff/panel_tags.html` shows as `panel`; nothing for who may not see tags."""
    if not reader.has_perm("crm.view_tag"):
        return {}
    may_change = reader.has_perm("crm.change_tagging") and not supporter.erased_at
    taggings = list(supporter.taggings.select_related("tag", "tagged_by").order_by("tag__name"))
    has = {tagging.tag_id for tagging in taggings}
    return {
        "supporter": supporter,
        "taggings": taggings,
        "may_change": may_change,
        "others": list(Tag.objects.exclude(pk__in=has).order_by("name")) if may_change else [],
    }


@admin.register(Tag, site=site)
class TagAdmin(StaffAdmin):
    list_display = ("name", "description", "supporters")
    ordering = ("name",)
    sortable_by = ()
    search_fields = ("name", "description")
    list_disable_select_all = True
    actions = None

    @display(description=gettext_lazy("supporters"))
    def supporters(self, tag: Any) -> str:
        address = f"{reverse('admin:crm_supporter_changelist')}?tag={tag.pk}"
        return format_html('<a href="{}" class="st-link">{}</a>', address, tag.number)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(number=SUPPORTERS)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        people = "of/<int:supporter_id>"
        return [
            path(f"{people}/add/", wrap(self.tag_view), name="crm_supporter_tag"),
            path(f"{people}/remove/", wrap(self.untag_view), name="crm_supporter_untag"),
            path("<int:tag_id>/merge/", wrap(self.merge_view), name="crm_tag_merge"),
            path("<int:tag_id>/remove/", wrap(self.remove_view), name="crm_tag_remove"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TagForm(request.POST or None)
        if form.is_valid() and self.created(request, form):
            return redirect("admin:crm_tag_changelist")
        back = reverse("admin:crm_tag_changelist")
        return self.page(request, "form", _("New tag"), form=form, back_url=back)

    def created(self, request: HttpRequest, form: TagForm) -> bool:
        try:
            create_tag(**form.cleaned_data, at=timezone.now(), by=request.user)
        except TagExists:
            form.add_error("name", _("There is a tag of this name already."))
        else:
            messages.success(request, _("The tag is there."))
        return not form.errors

    @transaction.atomic
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A tag: who has it, what it is called, and which segments ask for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        tag = self.locked(object_id)
        now = {"name": tag.name, "description": tag.description}
        edit = Edit(request, TagForm, record=tag, now=now)
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        if edit.is_ready() and self.renamed(request, tag, edit):
            return redirect("admin:crm_tag_changelist")
        return self.page(request, "tag", now["name"], **edit.context, **self.told(request, tag))

    def locked(self, object_id: str) -> Tag:
        key = object_id if object_id.isdecimal() else 0
        return get_object_or_404(Tag.objects.select_for_update(), pk=key)

    def told(self, request: HttpRequest, tag: Tag) -> dict[str, Any]:
        using = segments_using(tag)
        return {
            "tag": tag,
            "number": Tag.objects.filter(pk=tag.pk).aggregate(number=SUPPORTERS)["number"],
            "segments": [each for each in using if is_known(each, request.user)],
            "is_used": bool(using),
            "may_change": self.has_change_permission(request),
            "may_remove": request.user.has_perm("crm.delete_tag"),
            "back_url": reverse("admin:crm_tag_changelist"),
        }

    def renamed(self, request: HttpRequest, tag: Tag, edit: Edit) -> bool:
        try:
            rename_tag(tag=tag, at=timezone.now(), by=request.user, **edit.values)
        except TagExists:
            words = _("Another tag is called so. Merge the two instead.")
            edit.form.add_error("name", words)
        else:
            messages.success(request, _("The tag was changed."))
        return not edit.form.errors

    def merge_view(self, request: HttpRequest, tag_id: int) -> HttpResponse:
        """Give those who have another tag this one, and do away with the other."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        kept = get_object_or_404(Tag, pk=tag_id)
        form = MergeForm(request.POST or None, kept=kept)
        if form.is_valid():
            lost = form.cleaned_data["lost"]
            merge_tags(kept=kept, lost=lost, at=timezone.now(), by=request.user)
            messages.success(request, _("The tags are one now: %(tag)s.") % {"tag": kept})
            return redirect("admin:crm_tag_change", kept.pk)
        told: dict[str, Any] = {
            "kept": kept,
            "tags": Tag.objects.exclude(pk=kept.pk).order_by("name"),
        }
        back = reverse("admin:crm_tag_change", args=[kept.pk])
        return self.page(request, "tag_merge", _("Merge tags"), form=form, back_url=back, **told)

    def remove_view(self, request: HttpRequest, tag_id: int) -> HttpResponse:
        """Do away with a tag that no segment asks for; ask first."""
        if not request.user.has_perm("crm.delete_tag"):
            raise PermissionDenied
        tag: Any = get_object_or_404(Tag.objects.annotate(number=SUPPORTERS), pk=tag_id)
        if segments_using(tag):
            messages.error(request, _("Segments ask for this tag. Change them first."))
            return redirect("admin:crm_tag_change", tag.pk)
        if is_confirmed(request):
            delete_tag(tag=tag, at=timezone.now(), by=request.user)
            messages.success(request, _("The tag is gone."))
            return redirect("admin:crm_tag_changelist")
        return self.page(
            request,
            "confirm",
            _("Delete the tag"),
            question=_("Take “%(tag)s” from %(number)s supporters, for good?")
            % {"tag": tag, "number": tag.number},
            submit=_("Delete the tag"),
            back_url=reverse("admin:crm_tag_change", args=[tag.pk]),
        )

    def tag_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Give a supporter a tag."""
        supporter = self.tagged(request, supporter_id)
        if isinstance(supporter, HttpResponse):
            return supporter
        form = NameForm(request.POST)
        tag = chosen_tag(request, form) if form.is_valid() else None
        if tag is None:
            messages.error(request, _("Write the name of a tag, of at most 60 letters."))
        else:
            now = timezone.now()
            add_tag(supporter=supporter, tag=tag, source=SOURCE, at=now, by=request.user)
        return redirect(f"{reverse('admin:crm_supporter_change', args=[supporter.pk])}#tags")

    def untag_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Take a tag from a supporter."""
        supporter = self.tagged(request, supporter_id)
        if isinstance(supporter, HttpResponse):
            return supporter
        told = request.POST.get("tag", "")
        tag = get_object_or_404(Tag, pk=told if told.isdecimal() else 0)
        remove_tag(supporter=supporter, tag=tag, at=timezone.now(), by=request.user)
        return redirect(f"{reverse('admin:crm_supporter_change', args=[supporter.pk])}#tags")

    def tagged(self, request: HttpRequest, supporter_id: int) -> Supporter | HttpResponse:
        if not request.user.has_perms(["crm.view_supporter", "crm.change_tagging"]):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return get_object_or_404(Supporter.objects.current(), pk=supporter_id)


def is_known(segment: Segment, reader: Any) -> bool:
    """Whether a reader may know that a segment is there."""
    is_theirs = segment.owner_id == reader.pk or segment.is_shared
    return reader.has_perm("crm.view_segment") and is_theirs
