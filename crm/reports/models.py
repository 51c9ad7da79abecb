"""The rights to see figures; there is no table behind them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("see_dashboard", _("can see the dashboard")),
            ("see_money", _("can see figures of money")),
        ]

    def __str__(self):
        return "report"
