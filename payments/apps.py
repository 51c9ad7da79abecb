"""The Django app that takes payments."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
