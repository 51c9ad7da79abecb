"""What the organisation's programmes reach."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImpactFigure(models.Model):
    """A figure that a programme reports for a year. Nothing about any child is kept here."""

    class Key(models.TextChoices):
        NETWORK_MEMBERS = "network_members", _("members of our international network")
        TRAINED = "trained", _("professionals trained in a year")
        PARTNERS = "partners", _("partner hotels and schools")
        CHILDREN = "children", _("children who benefit from the projects")

    key = models.CharField(_("figure"), max_length=20, choices=Key.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    value = models.PositiveIntegerField(_("value"))
    note = models.CharField(_("where it comes from"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("impact figure")
        verbose_name_plural = _("impact figures")
        constraints = [models.UniqueConstraint(fields=["key", "year"], name="one_figure_per_year")]

    def __str__(self):
        return f"{self.get_key_display()} {self.year}"
