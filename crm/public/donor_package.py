"""The package of somebody's data: what the link of its mail opens."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.lib.downloads import download
from crm.lib.tokens import BadToken
from crm.mailing.handing_out import request_of
from crm.people.attaching import take_out
from crm.people.files import StoredFile
from crm.public.donor_door import private
from crm.public.donor_forms import LinkForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def package(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what there is; a button hands it out, for mail scanners open links too."""
    try:
        asked = request_of(token, at=timezone.now())
    except BadToken:
        return private(render(request, "public/data_old.html", {"form": LinkForm()}, status=410))
    files = {"archive": asked.data_file, "pages": asked.readable_file}
    stored = files.get(request.POST.get("file", "")) if request.method == "POST" else None
    if stored is not None:
        return handed_out(stored)
    return private(render(request, "public/data.html", {"asked": asked, "token": token, **files}))


def handed_out(stored: StoredFile) -> HttpResponseBase:
    """Return a file, a piece at a time; that it was taken is noted."""
    taken = take_out(stored=stored, at=timezone.now(), by=None)
    return private(
        download(taken, name=stored.name, content_type=stored.content_type, size=stored.size)
    )
