"""Where staff work."""

from django.urls import path

from crm.staff.site import site

urlpatterns = [path("", site.urls)]
