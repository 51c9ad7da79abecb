"""The Django app that takes payments."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TextIO

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def staff_tasks(self, reader: Any) -> Iterable[Any]:
        """Say on the home page of staff what waits among payments (see crm.staff.home)."""
        # Django reads this module before there are models.
        from payments.staff.todo import tasks  # noqa: PLC0415

        return tasks(reader)

    def load_demo(self, *, today: date, out: TextIO) -> None:
        """Add to the demo what payments know (see crm.demo.load)."""
        # Django reads this module before there are models.
        from payments.demo.load import load  # noqa: PLC0415

        load(today=today, out=out)
