"""Files on a supporter: added, taken out, removed; and a panel on the profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lib.downloads import download
from crm.people.attaching import EmptyFile, KindRefused, attach, remove, take_out
from crm.people.file_kinds import ENDINGS
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.storing import TooLarge
from crm.staff.forms import somebody, switch, told_supporter
from crm.staff.orders import is_confirmed
from crm.staff.pages import StaffAdmin
from crm.staff.site import site

SHOWN = 50


class FileForm(forms.Form):
    upload = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,  # told apart below, with the other reasons
        max_length=255,
        widget=forms.FileInput(
            attrs={"class": "st-file", "accept": ",".join(f".{each}" for each in ENDINGS)}
        ),
    )
    is_confidential = switch(
        gettext_lazy("Confidential"),
        help_text=gettext_lazy("Only for those who may see such files."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = _("PDF, image, office document, text or CSV; at most %(most)s.")
        most = filesizeformat(settings.FILE_MAX_BYTES)
        self.fields["upload"].help_text = told % {"most": most}
        if not user.has_perm("crm.see_confidential"):
            del self.fields["is_confidential"]


class NewFileForm(FileForm):
    supporter = somebody(gettext_lazy("Supporter"))
    field_order = ("supporter", "upload", "is_confidential")


NOT_KEPT = (EmptyFile, TooLarge, KindRefused)


def why_not(error: Exception) -> str:
    """Return why a file was not kept, in words."""
    if isinstance(error, EmptyFile):
        return _("This file is empty.")
    return too_large() if isinstance(error, TooLarge) else refused()


def too_large() -> str:
    most = filesizeformat(settings.FILE_MAX_BYTES)
    return _("This file is too large: at most %(most)s are kept.") % {"most": most}


def refused() -> str:
    told = _(
        "This file is none of %(endings)s, or it is not what its name says, or it holds macros. "
        "Save it as a PDF and try again."
    )
    return told % {"endings": ", ".join(ENDINGS)}


def panel(supporter: Supporter, reader: Any) -> dict[str, Any]:
    """What `staff/panel_files.html` shows as `panel`; nothing for who may not see files."""
    if not reader.has_perm("crm.view_storedfile"):
        return {}
    shown = supporter.files.all().shown_to(reader)
    return {
        "supporter": supporter,
        "files": list(shown.select_related("added_by").order_by("-added_at", "-pk")[:SHOWN]),
        "may_add": reader.has_perm("crm.add_storedfile") and not supporter.erased_at,
        "may_remove": reader.has_perm("crm.change_storedfile"),
        "form": FileForm(user=reader, auto_id="file_%s"),
    }


@admin.register(StoredFile, site=site)
class StoredFileAdmin(StaffAdmin):
    def get_urls(self) -> list[Any]:
        """Files are listed with whom they are about, and nowhere else."""
        wrap = self.admin_site.admin_view
        return [
            path("add/", wrap(self.add_view), name="crm_storedfile_add"),
            path("<int:file_id>/", wrap(self.download_view), name="crm_storedfile_download"),
            path("<int:file_id>/remove/", wrap(self.remove_view), name="crm_storedfile_remove"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Keep a file with the supporter whom the address names, or whom the form does."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        told = told_supporter(request)
        form = self.new_form(request, told)
        if form.is_valid() and self.kept(request, form):
            return redirect("admin:crm_supporter_change", form.cleaned_data["supporter"].pk)
        back = reverse("admin:crm_supporter_change", args=[told]) if told else ""
        told_page: dict[str, Any] = {"form": form, "back_url": back, "opts": Supporter._meta}
        return self.page(request, "file_form", _("Add a file"), **told_page)

    def new_form(self, request: HttpRequest, told: str) -> NewFileForm:
        if request.method != "POST":
            return NewFileForm(initial={"supporter": told}, user=request.user)
        sent = {**request.POST.dict(), "supporter": request.POST.get("supporter", told)}
        return NewFileForm(sent, request.FILES, user=request.user)

    def kept(self, request: HttpRequest, form: NewFileForm) -> bool:
        try:
            attach(**form.cleaned_data, at=timezone.now(), by=request.user)
        except NOT_KEPT as error:
            form.add_error("upload", why_not(error))
        else:
            messages.success(request, _("The file is kept."))
        return not form.errors

    def download_view(self, request: HttpRequest, file_id: int) -> HttpResponseBase:
        """Hand a file out, so that no browser opens it here; who took it is noted."""
        stored = self.shown(request, file_id)
        taken = take_out(stored=stored, at=timezone.now(), by=request.user)
        return download(taken, name=stored.name, content_type=stored.content_type, size=stored.size)

    def remove_view(self, request: HttpRequest, file_id: int) -> HttpResponse:
        """Delete a file for good; ask first."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        stored = self.shown(request, file_id)
        back = reverse("admin:crm_supporter_change", args=[stored.supporter_id])
        if is_confirmed(request):
            remove(stored=stored, at=timezone.now(), by=request.user)
            messages.success(request, _("The file was removed."))
            return redirect(back)
        question = _("Remove “%(name)s” for good? It cannot be brought back.")
        told: dict[str, Any] = {"question": question % {"name": stored.name}, "back_url": back}
        told["opts"] = Supporter._meta  # files have no list of their own
        return self.page(request, "confirm", _("Remove the file"), submit=_("Remove"), **told)

    def shown(self, request: HttpRequest, file_id: int) -> StoredFile:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(StoredFile.objects.shown_to(request.user), pk=file_id)
