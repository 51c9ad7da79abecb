"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.public.showcase import showcase


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "public/home.html", showcase(now=timezone.now()))
