"""Pages that show the mails of a machine on which one develops. Elsewhere they do not exist."""

from collections.abc import Callable
from functools import wraps

from csp.constants import HEADER
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from crm.public import devmail

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
# A mail's own styles and data pictures; no script, nothing from elsewhere.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def developing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, **options) -> HttpResponse:
        if not (settings.DEBUG and settings.EMAIL_BACKEND == FILE_BACKEND):
            raise Http404
        return view(request, **options)

    return require_safe(guarded)


@developing
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request, "public/devmail_list.html", {"mails": devmail.newest(settings.MAIL_FOLDER)}
    )


@developing
def show(request: HttpRequest, file: str, position: int) -> HttpResponse:
    return render(request, "public/devmail_show.html", {"mail": find(file, position)})


@xframe_options_sameorigin
@developing
def html(request: HttpRequest, file: str, position: int) -> HttpResponse:
    page = find(file, position).html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(page, headers={HEADER: MAIL_POLICY})


@developing
def attachment(request: HttpRequest, file: str, position: int, number: int) -> HttpResponse:
    files = find(file, position).files
    if number >= len(files):
        raise Http404
    attached = files[number]
    response = HttpResponse(attached.content, content_type=attached.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=attached.name
    )
    return response


def find(file: str, position: int) -> devmail.FiledMail:
    mail = devmail.find(settings.MAIL_FOLDER, file, position)
    if mail is None:
        raise Http404
    return mail
