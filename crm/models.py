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
from crm.donations.batches import Batch, BatchRow
from crm.donations.communications import Communication
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.instructions import Instruction
from crm.donations.models import Entry, Fund, Gift, GiftDelta, GiftTally, Plan
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from crm.donations.pledges import Instalment, Pledge
from crm.mailing.alarms import Alarm
from crm.mailing.models import Attachment, Mail
from crm.people.models import Change, Identifier, Supporter
from crm.privacy.models import Consent, ConsentState, Wording
from crm.programmes.models import ImpactFigure
from crm.reports.models import Report

__all__ = [
    "Alarm",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "Batch",
    "BatchRow",
    "Campaign",
    "CampaignText",
    "Change",
    "Comment",
    "Communication",
    "Consent",
    "ConsentState",
    "DayTally",
    "Entry",
    "Fund",
    "Gift",
    "GiftDelta",
    "GiftTally",
    "Identifier",
    "ImpactFigure",
    "Instalment",
    "Instruction",
    "LanguageTally",
    "Mail",
    "MatchingGift",
    "Plan",
    "Pledge",
    "Receipt",
    "RegionTally",
    "Report",
    "Signature",
    "SignatureDelta",
    "SoftCredit",
    "Source",
    "SourceTally",
    "Supporter",
    "TaxCertificate",
    "TaxIdentity",
    "Tribute",
    "Wording",
]
