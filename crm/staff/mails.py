"""The words of our mails: all that there are, and a form with a preview for each language."""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from csp.constants import HEADER
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from crm.mailing import editing, rendering
from crm.mailing.kind import SCOPES, Kind
from crm.mailing.kinds import BY_TEMPLATE, KINDS
from crm.mailing.texts import MailText
from crm.people.models import LANGUAGES
from crm.staff.editing import Edit
from crm.staff.mail_forms import WordsForm
from crm.staff.pages import StaffAdmin
from crm.staff.site import site

# A mail's own styles; no script, nothing from elsewhere, and no way out of its frame.
PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
)


class Version(NamedTuple):
    """A mail in one language, as the list shows it."""

    language: Any
    address: str
    text: MailText | None


class Row(NamedTuple):
    kind: Kind
    versions: list[Version]
    last: MailText | None


class EditWords(Edit):
    """Words that have no row yet are those of their mail and language nonetheless."""

    record: MailText

    @property
    def salt(self) -> str:
        return f"editing:mailtext:{which(self.record.template, self.record.language)}"


def which(template: str, language: str) -> str:
    """Return how the address of a page names a mail in a language."""
    return f"{template}.{language}"


def asked(name: str) -> tuple[Kind, str]:
    template, _dot, language = name.partition(".")
    if template not in BY_TEMPLATE or language not in dict(LANGUAGES):
        raise Http404
    return BY_TEMPLATE[template], language


def page_of(kind: Kind, language: str, page: str = "change") -> str:
    return reverse(f"admin:crm_mailtext_{page}", args=[which(kind.template, language)])


def groups() -> Iterator[tuple[Any, list[Row]]]:
    """Return all mails by their scope, with those who wrote words of their own."""
    known = {(t.template, t.language): t for t in MailText.objects.select_related("modified_by")}
    for scope, title in SCOPES.items():
        yield title, [row(kind, known) for kind in KINDS if kind.scope == scope]


def row(kind: Kind, known: dict[tuple[str, str], MailText]) -> Row:
    versions = [
        Version(name, page_of(kind, code), known.get((kind.template, code)))
        for code, name in LANGUAGES
    ]
    written = [version.text for version in versions if version.text]
    return Row(kind, versions, max(written, key=lambda text: text.modified_at, default=None))


def parts(kind: Kind, language: str) -> dict[str, Any]:
    """Return what the pages of one mail show beside its form."""
    return {
        "kind": kind,
        "language": language,
        "language_name": dict(LANGUAGES)[language],
        "others": [(name, page_of(kind, code)) for code, name in LANGUAGES if code != language],
        "examples": rendering.examples(kind, language),
        "addresses": {
            name: page_of(kind, language, name) for name in ("preview", "test", "restore")
        },
    }


@admin.register(MailText, site=site)
class MailTextAdmin(StaffAdmin):
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        views = {"preview": self.preview_view, "test": self.test_view, "restore": self.restore_view}
        own = [
            path(f"<str:name>/{page}/", wrap(view), name=f"crm_mailtext_{page}")
            for page, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """All mails, and which are said in words of our own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request, "mails", _("Words of our mails"), groups=list(groups()))

    @transaction.atomic
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write a mail's words, upon what others wrote meanwhile."""
        self.refuse_strangers(request)
        kind, language = asked(object_id)
        text = editing.text_to_change(kind, language)
        make = partial(WordsForm, kind=kind)
        now = {"subject": text.subject, "text": text.text}
        edit = EditWords(request, make, record=text, now=now)
        if edit.is_ready():
            editing.write_words(
                kind=kind, language=language, at=timezone.now(), by=request.user, **edit.values
            )
            messages.success(request, _("The mail says this from now on."))
            return redirect("admin:crm_mailtext_changelist")
        told = parts(kind, language) | edit.context | {"text": text}
        return self.page(request, "mail_words", kind.title, **told)

    @method_decorator(xframe_options_sameorigin)
    def preview_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show a mail in the words of the form, or in those that hold now."""
        self.refuse_strangers(request)
        kind, language = asked(name)
        return self.preview(request, kind, language, self.form_of(request, kind, language))

    @method_decorator(xframe_options_sameorigin)
    def test_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Send a mail in the words of the form to the reader."""
        self.refuse_strangers(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        kind, language = asked(name)
        form = self.form_of(request, kind, language)
        return self.preview(request, kind, language, form, told=told_of_test(request, form))

    def restore_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask first; then say a mail in its built-in words again."""
        self.refuse_strangers(request)
        kind, language = asked(name)
        if request.method == "POST":
            if editing.restore(kind=kind, language=language, at=timezone.now(), by=request.user):
                messages.success(request, _("The mail says its built-in words again."))
            return redirect("admin:crm_mailtext_changelist")
        return self.page(
            request,
            "confirm",
            kind.title,
            question=_("What was written here instead of the built-in words is lost."),
            submit=_("Back to the built-in words"),
            back_url=page_of(kind, language),
        )

    def form_of(self, request: HttpRequest, kind: Kind, language: str) -> WordsForm:
        text = editing.text_of(kind, language)
        stands = {"subject": text.subject, "text": text.text}
        return WordsForm(
            request.POST if request.method == "POST" else stands, kind=kind, language=language
        )

    def preview(
        self, request: HttpRequest, kind: Kind, language: str, form: WordsForm, told: str = ""
    ) -> HttpResponse:
        said = rendering.preview(kind, language, form.words) if form.is_valid() else None
        wrong = [error for errors in form.errors.values() for error in errors]
        as_text = request.POST.get("shown") == "text"
        answer = self.page(
            request, "mail_preview", kind.title, said=said, wrong=wrong, told=told, as_text=as_text
        )
        answer.headers[HEADER] = PREVIEW_POLICY
        return answer

    def refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied


def told_of_test(request: HttpRequest, form: WordsForm) -> str:
    """Send the test, and return what the page says of it."""
    user: Any = request.user
    if not user.email:
        return _("Your account has no e-mail address, so nothing was sent.")
    if not form.is_valid():
        return ""
    editing.send_test(
        kind=form.kind, language=form.language, words=form.words, to=user.email, at=timezone.now()
    )
    return _("A test is on its way to %(address)s.") % {"address": user.email}
