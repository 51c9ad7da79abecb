"""One sheet: what it counts, who stands on it, corrected, withdrawn, named."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.campaigns import entering_sheets, naming_lines
from crm.campaigns.models import Signature
from crm.campaigns.sheets import Sheet
from crm.campaigns.sources import CHANNELS
from crm.lib.periods import local_day
from crm.lib.regions import PROVINCES
from crm.privacy.telling import NotTaken
from crm.staff.editing import Edit
from crm.staff.orders import is_confirmed
from crm.staff.sheet_forms import LineForm, SheetForm, does_not_add_up, wrong_days

SHOWN = 200
SURE = "somebody_else"
SEES_NAMES = ("crm.view_signature", "crm.view_supporter")
NAMES = ("crm.change_sheet", "crm.add_signature", "crm.add_supporter", *SEES_NAMES)


class SheetPages:
    """The part of the pages of sheets that is about one of them."""

    admin_site: Any
    page: Callable[..., HttpResponse]
    has_view_permission: Callable[..., bool]

    def sheet_urls(self) -> list[Any]:
        wrap, where = self.admin_site.admin_view, "<int:sheet_id>"
        return [
            path(f"{where}/edit/", wrap(self.edit_view), name="crm_sheet_edit"),
            path(f"{where}/withdraw/", wrap(self.withdraw_view), name="crm_sheet_withdraw"),
            path(f"{where}/names/", wrap(self.name_view), name="crm_sheet_name"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What a sheet says, and who stands on it for those who may know."""
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        related = ("campaign", "source", "entered_by")
        pk = object_id if object_id.isdecimal() else 0
        sheet = get_object_or_404(Sheet.objects.select_related(*related), pk=pk)
        title = _("Sheet %(number)s") % {"number": sheet.number}
        return self.page(request, "sheet", title, **told(sheet, request.user))

    @transaction.atomic
    def edit_view(self, request: HttpRequest, sheet_id: int) -> HttpResponse:
        """Correct a sheet; the counter follows by the difference."""
        sheet = standing(request, sheet_id, "crm.change_sheet", is_locked=True)
        now = {name: getattr(sheet, name) for name in entering_sheets.FIELDS}
        now |= {"country": str(sheet.country), "channel": sheet.source.channel}
        edit = Edit(request, SheetForm, record=sheet, now=now)
        if edit.is_ready() and corrected(request, sheet, edit):
            return redirect("admin:crm_sheet_change", sheet.pk)
        back = reverse("admin:crm_sheet_change", args=[sheet.pk])
        return self.page(request, "form", _("Correct the sheet"), **edit.context, back_url=back)

    def withdraw_view(self, request: HttpRequest, sheet_id: int) -> HttpResponse:
        """Count a sheet no longer; ask first."""
        sheet = standing(request, sheet_id, "crm.change_sheet")
        back = reverse("admin:crm_sheet_change", args=[sheet.pk])
        if is_confirmed(request):
            entering_sheets.withdraw_sheet(sheet=sheet, at=timezone.now(), by=request.user)
            messages.success(request, _("The sheet is withdrawn: its lines count no longer."))
            return redirect(back)
        question = _(
            "Withdraw sheet “%(number)s”? The counter falls by %(valid)s, and the signatures typed "
            "from it are withdrawn too. It cannot be taken back."
        )
        words = {"number": sheet.number, "valid": intcomma(sheet.valid)}
        title, submit = _("Withdraw the sheet"), _("Withdraw it")
        return self.page(
            request, "confirm", title, question=question % words, submit=submit, back_url=back
        )

    def name_view(self, request: HttpRequest, sheet_id: int) -> HttpResponse:
        """Type the name on a line, and then the next."""
        sheet = standing(request, sheet_id, *NAMES)
        form = LineForm(request.POST or None, initial={"country": "BE"})
        alike: list[Any] = []
        if form.is_valid() and named(request, sheet, form, alike):
            return redirect("admin:crm_sheet_name", sheet.pk)
        names = sheet.named.count()
        return self.page(
            request,
            "sheet_name",
            _("Name a line of sheet %(number)s") % {"number": sheet.number},
            sheet=sheet,
            form=form,
            alike=alike,
            sure=SURE,
            named=names,
            left=sheet.valid - names,
            back_url=reverse("admin:crm_sheet_change", args=[sheet.pk]),
        )


def standing(request: HttpRequest, pk: int, *rights: str, is_locked: bool = False) -> Sheet:
    """Return a sheet that counts, for who may do something with it."""
    if not request.user.has_perms(["crm.view_sheet", *rights]):
        raise PermissionDenied
    sheets = Sheet.objects.counted().select_related("source", "campaign")
    if is_locked:
        sheets = sheets.select_for_update(of=("self",))
    return get_object_or_404(sheets, pk=pk)


def told(sheet: Sheet, reader: Any) -> dict[str, Any]:
    """What the page of a sheet tells."""
    sees_names = reader.has_perms(SEES_NAMES)
    lines = sheet.named.select_related("supporter").order_by("-modified_at", "-pk")
    names = sheet.named.count()
    may_change = reader.has_perm("crm.change_sheet") and sheet.withdrawn_at is None
    is_paper = sheet.way == Signature.Way.PAPER
    return {
        "sheet": sheet,
        "province": PROVINCES.get(sheet.region, ""),
        "channel": CHANNELS.get(sheet.source.channel, sheet.source.channel),
        "names": names,
        "lines": list(lines[:SHOWN]) if sees_names else [],
        "sees_names": sees_names and is_paper,
        "may_change": may_change,
        "may_name": may_change and is_paper and reader.has_perms(NAMES) and names < sheet.valid,
    }


def corrected(request: HttpRequest, sheet: Sheet, edit: Edit) -> bool:
    """Write a correction; else say at its field what is in the way."""
    now = timezone.now()
    if error := wrong_days(edit.values["begins_on"], edit.values["ends_on"], local_day(now)):
        edit.form.add_error("ends_on", error)
        return False
    try:
        entering_sheets.correct_sheet(sheet=sheet, at=now, by=request.user, **edit.values)
    except entering_sheets.DoesNotAddUp as wrong:
        edit.form.add_error("lines", does_not_add_up(wrong.difference))
    except entering_sheets.SheetsKnown:
        edit.form.add_error("number", _("There is a sheet with this number already."))
    except entering_sheets.MoreNamed as wrong:
        error = _("%(number)d lines of this sheet are named already.") % {"number": wrong.named}
        edit.form.add_error("valid", error)
    else:
        messages.success(request, _("The corrections were saved."))
        return True
    return False


def named(request: HttpRequest, sheet: Sheet, form: LineForm, alike: list[Any]) -> bool:
    """Name a line; else say what is in the way, or put into `alike` who may be meant."""
    how: dict[str, Any] = {
        "sheet": sheet,
        "at": timezone.now(),
        "by": request.user,
        "wording": form.words(),
    }
    known = form.cleaned_data["supporter"]
    try:
        if known is not None:
            made = naming_lines.name_line(supporter=known, **how)
        else:
            is_sure = SURE in request.POST
            made = naming_lines.name_new(person=form.person(), is_somebody_else=is_sure, **how)
    except naming_lines.LooksLike as found:
        alike.extend(found.people)
    except naming_lines.SignedAlready as found:
        form.add_error(None, signed_already(found.signature))
    except naming_lines.NoLineLeft:
        form.add_error(None, _("Every valid line of this sheet is named."))
    except NotTaken as refused:
        form.add_error("is_ticked", refused.reason.label)
    else:
        messages.success(request, _("%(name)s is named.") % {"name": made.supporter})
        return True
    return False


def signed_already(signature: Signature) -> str:
    if signature.status == Signature.Status.WITHDRAWN:
        told = _("This person withdrew their signature on %(day)s. Strike the line out.")
        moment = signature.modified_at
    else:
        told = _(
            "This person signed already on %(day)s, and counts once. Strike the line out: correct "
            "the sheet to one valid line less."
        )
        moment = signature.signed_at
    return told % {"day": local_day(moment).strftime("%d/%m/%Y")}
