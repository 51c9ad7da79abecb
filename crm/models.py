"""Where Django finds the models. Everyone else imports from the slice that owns them."""

from crm.api.models import ApiToken
from crm.audit import AuditEntry
from crm.campaigns.models import (
    Campaign,
    CampaignText,
    Comment,
    DayTally,
    LanguageTally,
    RegionTally,
    Signature,
    SignatureDelta,
    Source,
    SourceTally,
)
from crm.donations.models import Entry, Gift, GiftDelta, GiftTally, Plan, Receipt
from crm.mailing.models import Attachment, Mail
from crm.people.models import Change, Identifier, Supporter
from crm.privacy.models import Consent, ConsentState, Wording
from crm.programmes.models import ImpactFigure
from crm.reports.models import Report

__all__ = [
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "Campaign",
    "CampaignText",
    "Change",
    "Comment",
    "Consent",
    "ConsentState",
    "DayTally",
    "Entry",
    "Gift",
    "GiftDelta",
    "GiftTally",
    "Identifier",
    "ImpactFigure",
    "LanguageTally",
    "Mail",
    "Plan",
    "Receipt",
    "RegionTally",
    "Report",
    "Signature",
    "SignatureDelta",
    "Source",
    "SourceTally",
    "Supporter",
    "Wording",
]
