"""What the frame of staff pages asks for: files, and the mark of a demo."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext as _

from crm.audit import is_demo


def icon(_request: HttpRequest) -> str:
    return static("staff/mark.svg")


def stylesheet(_request: HttpRequest) -> str:
    return static("staff/staff.css")


def script(_request: HttpRequest) -> str:
    return static("staff/staff.js")


def environment(_request: HttpRequest) -> list[str] | None:
    return [_("Demo"), "warning"] if is_demo() else None
