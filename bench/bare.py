"""The yardstick: a bare Django view that inserts one row and commits."""

import uuid

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

PAGE = b"<p>Nothing changes here.</p>" * 700


def insert(_request):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_bare (email) VALUES (%s)", [f"{uuid.uuid4()}@example.org"]
        )
    return HttpResponse("ok", headers={"Content-Length": "2"})


def page(_request):
    """A page that was made before: as long as a petition's."""
    return HttpResponse(PAGE, headers={"Content-Length": str(len(PAGE))})


urlpatterns = [path("insert/", insert), path("page/", page)]
application = get_wsgi_application()
