"""The menu at the side: what a member of staff may see, and nothing else."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Item(NamedTuple):
    title: Any
    icon: str
    address: str
    right: str


SECTIONS = [
    (
        "",
        [
            Item(_("Home"), "home", "admin:index", ""),
            Item(_("Dashboard"), "monitoring", "/dashboard/", "crm.see_dashboard"),
        ],
    ),
    (
        _("People"),
        [
            Item(_("Supporters"), "group", "crm_supporter", "crm.view_supporter"),
            Item(_("Duplicates"), "content_copy", "crm_suspicion", "crm.view_suspicion"),
            Item(_("Tasks"), "task_alt", "crm_task", "crm.view_task"),
            Item(_("Notes"), "sticky_note_2", "crm_note", "crm.view_note"),
            Item(_("Tags"), "sell", "crm_tag", "crm.view_tag"),
            Item(_("Proposed corrections"), "rate_review", "crm_proposal", "crm.view_proposal"),
            Item(_("Segments"), "groups", "crm_segment", "crm.view_segment"),
            Item(_("Merges"), "merge", "crm_merge", "crm.view_merge"),
            Item(_("Imports"), "upload_file", "crm_import", "crm.view_import"),
            Item(_("Consents"), "fact_check", "crm_consent", "crm.view_consent"),
            Item(_("Consent wordings"), "contract", "crm_wording", "crm.view_wording"),
            Item(
                _("Privacy requests"),
                "shield_lock",
                "crm_privacyrequest",
                "crm.handle_privacy",
            ),
            Item(_("Retention"), "auto_delete", "crm_retentionrule", "crm.view_retentionrule"),
            Item(_("Mails"), "mail", "crm_mail", "crm.view_mail"),
            Item(_("Returned mails"), "unsubscribe", "crm_mailevent", "crm.view_mailevent"),
            Item(_("Words of our mails"), "edit_note", "crm_mailtext", "crm.view_mailtext"),
        ],
    ),
    (
        _("Campaigns"),
        [
            Item(_("Campaigns"), "campaign", "crm_campaign", "crm.view_campaign"),
            Item(
                _("Sources and sharing"), "share", "admin:crm_campaign_sources", "crm.view_campaign"
            ),
            Item(_("Signatures"), "signature", "crm_signature", "crm.view_signature"),
            Item(_("Held back"), "front_hand", "admin:crm_signature_held", "crm.change_signature"),
            Item(_("Comments"), "comment", "crm_comment", "crm.view_comment"),
            Item(_("Sheets of paper"), "draft", "crm_sheet", "crm.view_sheet"),
            Item(_("Packs for the authority"), "inventory_2", "crm_delivery", "crm.view_delivery"),
            Item(_("Lead forms of Facebook"), "ads_click", "crm_leadform", "crm.view_leadform"),
        ],
    ),
    (
        _("Programmes"),
        [
            Item(_("Partners of The Code"), "verified", "crm_partner", "crm.view_partner"),
            Item(_("Networks"), "hub", "crm_network", "crm.view_network"),
            Item(
                _("Institutional partners"),
                "account_balance",
                "crm_affiliation",
                "crm.view_affiliation",
            ),
            Item(_("Sessions"), "event", "crm_session", "crm.view_session"),
            Item(_("Trainings"), "school", "crm_training", "crm.view_training"),
            Item(
                _("Attendance certificates"), "license", "crm_certificate", "crm.view_certificate"
            ),
            Item(_("Impact figures"), "public", "crm_impactfigure", "crm.view_impactfigure"),
        ],
    ),
    (
        pgettext_lazy("menu", "Giving"),
        [
            Item(_("Gifts"), "volunteer_activism", "crm_gift", "crm.view_gift"),
            Item(_("Batches"), "stacks", "crm_batch", "crm.view_batch"),
            Item(_("Regular gifts"), "event_repeat", "crm_plan", "crm.view_plan"),
            Item(_("Pledges"), "event_available", "crm_pledge", "crm.view_pledge"),
            Item(_("Funds"), "savings", "crm_fund", "crm.view_fund"),
            Item(_("Matching gifts"), "handshake", "crm_matchinggift", "crm.view_matchinggift"),
            Item(_("Receipts"), "receipt", "crm_receipt", "crm.view_receipt"),
            Item(
                _("Tax certificates"),
                "workspace_premium",
                "crm_taxcertificate",
                "crm.view_taxcertificate",
            ),
            Item(
                _("Payments under way"),
                "shopping_cart",
                "payments_checkout",
                "payments.view_checkout",
            ),
            Item(
                _("Appeals by letter"),
                "outgoing_mail",
                "admin:crm_appeals",
                "crm.add_communication",
            ),
            Item(
                _("Bank lines to match"),
                "account_balance",
                "admin:payments_matching",
                "payments.view_bankline",
            ),
            Item(
                _("Bank statements"), "receipt_long", "payments_bankfile", "payments.view_bankfile"
            ),
            Item(_("Donation form"), "shield", "payments_formswitch", "payments.view_formswitch"),
            Item(
                _("Stripe and us"),
                "balance",
                "payments_reconciliation",
                "payments.view_reconciliation",
            ),
            Item(_("Alarms"), "warning", "crm_alarm", "crm.view_alarm"),
        ],
    ),
    (
        _("Administration"),
        [
            Item(_("Staff"), "badge", "auth_user", "auth.view_user"),
            Item(_("Roles"), "shield_person", "auth_group", "auth.view_group"),
            Item(pgettext_lazy("menu", "API keys"), "key", "crm_apitoken", "crm.view_apitoken"),
            Item(
                _("Signals from Stripe"),
                "webhook",
                "payments_stripeevent",
                "payments.view_stripeevent",
            ),
            Item(_("Exports"), "download", "crm_export", "crm.view_export"),
            Item(_("Audit trail"), "history", "crm_auditentry", "crm.view_auditentry"),
        ],
    ),
]


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "separator": bool(title),
            "items": [entry(item) for item in items if may_see(request.user, item)],
        }
        for title, items in SECTIONS
    ]


def may_see(user: Any, item: Item) -> bool:
    return not item.right or user.has_perm(item.right)


def entry(item: Item) -> dict[str, Any]:
    return {"title": item.title, "icon": item.icon, "link": address(item.address)}


def address(name: str) -> str:
    """Return a path as it is, a view's name resolved, a model's name as its list's address."""
    if name.startswith("/"):
        return name
    return reverse(name if ":" in name else f"admin:{name}_changelist")
