"""What the fields of somebody's data are called where their models have no words for them."""

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Field, ForeignKey
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS = {
    "after": _("afterwards"),
    "at": _("when"),
    "before": _("before"),
    "channel": _("channel"),
    "content_type": _("kind of file"),
    "context": _("content"),
    "erased_at": _("erased"),
    "evidence": _("evidence"),
    "given": _("agreed"),
    "key": _("reference"),
    "kind": _("kind"),
    "modified_at": _("last change"),
    "name": _("name"),
    "position": _("position"),
    "public_id": _("reference"),
    "purpose": _("purpose"),
    "reference": _("reference"),
    "sha256": _("checksum"),
    "since": _("since"),
    "system": _("system"),
    "value": _("value"),
}


def label_of(field: Field) -> str:
    """Return what a field is called, in the language that is spoken now."""
    if isinstance(field.verbose_name, Promise):
        return str(field.verbose_name)
    if not isinstance(field, ForeignKey):
        return str(LABELS.get(field.name, field.verbose_name))
    if issubclass(field.related_model, AbstractBaseUser):
        return str(_("by"))
    return str(field.related_model._meta.verbose_name)
