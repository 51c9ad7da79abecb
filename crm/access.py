"""Roles, and what each may do. They are Django groups, kept in step after every migration."""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    READER = "reader", _("reader")
    CAMPAIGNER = "campaigner", _("campaigner")
    FUNDRAISER = "fundraiser", _("fundraiser")
    ADMINISTRATOR = "administrator", _("administrator")


# Figures, without a person's name.
READS = {"crm.view_campaign", "crm.view_campaigntext", "crm.view_impactfigure", "crm.see_dashboard"}
# People and what they signed, no money.
CAMPAIGNS = READS | {
    "crm.view_supporter",
    "crm.change_supporter",
    "crm.view_signature",
    "crm.change_signature",
    "crm.view_comment",
    "crm.change_comment",
    "crm.view_consent",
    "crm.view_mail",
    "crm.view_source",
    "crm.view_wording",
    "crm.add_wording",
    *(
        f"crm.{verb}_{model}"
        for verb in ("add", "change")
        for model in ("campaign", "campaigntext", "impactfigure")
    ),
}
# People and money.
FUNDRAISES = READS | {
    "crm.view_supporter",
    "crm.change_supporter",
    "crm.view_signature",
    "crm.view_consent",
    "crm.view_mail",
    "crm.view_source",
    "crm.view_gift",
    "crm.add_gift",
    "crm.view_plan",
    "crm.view_entry",
    "crm.view_receipt",
    "crm.see_money",
    "crm.change_alarm",
    "crm.view_alarm",
    "payments.add_bankfile",
    "payments.add_formswitch",
    "payments.change_bankline",
    *(
        f"{app}.view_{model}"
        for app, models in {
            "crm": ("batch", "communication", "fund", "instruction", "matchinggift", "pledge"),
            "payments": (
                "bankfile",
                "bankline",
                "bankstatement",
                "checkout",
                "difference",
                "formswitch",
                "payout",
                "reconciliation",
            ),
        }.items()
        for model in models
    ),
    "crm.view_softcredit",
    "crm.view_taxcertificate",
    "crm.view_tribute",
    *(
        f"crm.{verb}_{model}"
        for verb in ("add", "change")
        for model in ("batch", "communication", "fund", "matchinggift", "pledge", "softcredit")
    ),
    "crm.add_instruction",
    "crm.add_taxcertificate",
    "crm.change_taxidentity",
    "crm.add_receipt",
    "crm.add_tribute",
    "crm.change_gift",
    "crm.change_tribute",
}
RIGHTS: dict[str, set[str] | None] = {
    Role.READER: READS,
    Role.CAMPAIGNER: CAMPAIGNS,
    Role.FUNDRAISER: FUNDRAISES,
    Role.ADMINISTRATOR: None,  # every right there is
}


def sync_roles(app_config: Any = None, **_signal: Any) -> None:
    """Give each role's group exactly its rights."""
    if app_config is not None:
        create_permissions(app_config, verbosity=0)  # Django's own turn may come after ours
    rights = {
        f"{right.content_type.app_label}.{right.codename}": right
        for right in Permission.objects.select_related("content_type")
    }
    for role, names in RIGHTS.items():
        group, _created = Group.objects.get_or_create(name=role)
        wanted = rights.values() if names is None else [rights[n] for n in names if n in rights]
        group.permissions.set(wanted)
