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
# People and how they belong together, as all who work with them see them.
MEETS_PEOPLE = {
    "crm.add_supporter",
    *(
        f"crm.{verb}_{model}"
        for verb in ("view", "add", "change")
        for model in ("note", "segment", "tag", "task")
    ),
    *(
        f"crm.{verb}_{model}"
        for verb in ("view", "change")
        for model in ("emailaddress", "household", "proposal", "relationship", "tagging")
    ),
    "crm.view_import",
    "crm.add_import",
    "crm.change_import",
    "crm.add_signature",
    "crm.view_mailtext",
    "crm.change_mailtext",
    "crm.view_mailevent",
    "crm.add_consent",
    *(
        f"crm.view_{model}"
        for model in (
            "affiliation",
            "certificate",
            "criterionstate",
            "enrolment",
            "network",
            "partner",
            "partnerreport",
            "session",
            "training",
        )
    ),
}
# What is told of people only to those who need it for their work.
KNOWS_PEOPLE = {
    *(
        f"crm.{verb}_{model}"
        for verb in ("view", "add", "change")
        for model in ("phone", "postaladdress", "storedfile")
    ),
    "crm.view_suspicion",
    "crm.change_suspicion",
    "crm.view_merge",
    "crm.merge_supporter",
    "crm.export_supporter",
    "crm.view_export",
    "crm.see_birth_date",
    "crm.see_bank_account",
    "crm.see_confidential",
    "crm.view_identifier",
    "crm.view_supporterevent",
}
# People and what they signed, no money.
CAMPAIGNS = (
    READS
    | MEETS_PEOPLE
    | {
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
        "crm.view_lead",
        "crm.view_share",
        *(
            f"crm.{verb}_{model}"
            for verb in ("view", "add", "change")
            for model in ("campaignpicture", "delivery", "leadform", "sheet")
        ),
        *(
            f"crm.{verb}_{model}"
            for verb in ("add", "change")
            for model in ("campaign", "campaigntext", "impactfigure")
        ),
        # The programmes: partners, networks, trainings.
        *(
            f"crm.{verb}_{model}"
            for verb in ("add", "change")
            for model in (
                "affiliation",
                "certificate",
                "criterionstate",
                "enrolment",
                "network",
                "partner",
                "partnerreport",
                "session",
                "training",
            )
        ),
    }
)
# People and money.
FUNDRAISES = (
    READS
    | MEETS_PEOPLE
    | KNOWS_PEOPLE
    | {
        "crm.view_supporter",
        "crm.change_supporter",
        "crm.view_signature",
        "crm.view_consent",
        "crm.view_mail",
        "crm.view_source",
        "crm.view_share",
        "crm.view_sheet",
        "crm.view_delivery",
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
)
RIGHTS: dict[str, set[str] | None] = {
    Role.READER: READS,
    Role.CAMPAIGNER: CAMPAIGNS,
    Role.FUNDRAISER: FUNDRAISES,
    Role.ADMINISTRATOR: None,  # every right there is
}
# What a page, a search, a segment or an export tells of a supporter, and the right that it takes;
# what is not here comes with `crm.view_supporter`. Everything that shows people asks this table.
FIELD_RIGHTS = {
    "phones": "crm.view_phone",
    "addresses": "crm.view_postaladdress",
    "birth_date": "crm.see_birth_date",
    "bank_accounts": "crm.see_bank_account",
    "identifiers": "crm.view_identifier",
    "notes": "crm.view_note",
    "confidential": "crm.see_confidential",
    "files": "crm.view_storedfile",
    "tasks": "crm.view_task",
    "tags": "crm.view_tag",
    "households": "crm.view_household",
    "relationships": "crm.view_relationship",
    "segments": "crm.view_segment",
    "proposals": "crm.view_proposal",
    "duplicates": "crm.view_suspicion",
    "merges": "crm.view_merge",
    "consents": "crm.view_consent",
    "signatures": "crm.view_signature",
    "mails": "crm.view_mail",
    "mail_events": "crm.view_mailevent",
    "affiliations": "crm.view_affiliation",
    "partnership": "crm.view_partner",
    "trainings": "crm.view_enrolment",
    "privacy_requests": "crm.view_privacyrequest",
    "gifts": "crm.view_gift",
    "money": "crm.see_money",
    "receipts": "crm.view_receipt",
    "history": "crm.view_supporterevent",
}


def may_see(reader: Any, *fields: str) -> bool:
    """Whether a member of staff may be told all of these fields of a supporter."""
    if reader is None:
        return False
    rights = [
        "crm.view_supporter",
        *(FIELD_RIGHTS[name] for name in fields if name in FIELD_RIGHTS),
    ]
    return bool(reader.has_perms(rights))


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
