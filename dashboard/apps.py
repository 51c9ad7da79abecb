"""The Django app that shows how it is going."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
