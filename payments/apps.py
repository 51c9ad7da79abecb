"""The Django app that takes payments."""

from datetime import date
from typing import TextIO

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def load_demo(self, *, today: date, out: TextIO) -> None:
        """Add to the demo what payments know (see crm.demo.load)."""
        # Django reads this module before there are models.
        from payments.demo.load import load  # noqa: PLC0415

        load(today=today, out=out)
