"""Where Django finds the models. Everyone else imports from the slice that owns them."""

from crm.api.models import ApiToken
from crm.audit import AuditEntry
from crm.campaigns.comments import Comment
from crm.campaigns.counting import (
    DayTally,
    LanguageTally,
    RegionTally,
    SignatureDelta,
    SourceTally,
    StatusCount,
    StepTally,
    WayTally,
)
from crm.campaigns.deliveries import Delivery
from crm.campaigns.leads import Lead, LeadForm
from crm.campaigns.models import Campaign, CampaignText, Signature, Source
from crm.campaigns.pictures import CampaignPicture
from crm.campaigns.proofs_spent import SpentProof
from crm.campaigns.shares import Share
from crm.campaigns.sheets import Sheet
from crm.donations.batches import Batch, BatchRow
from crm.donations.communications import Communication
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.instructions import Instruction
from crm.donations.models import Entry, Fund, Gift, GiftDelta, GiftSourceTally, GiftTally, Plan
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from crm.donations.pledges import Instalment, Pledge
from crm.exchange.models import Export, Import, ImportMapping, ImportRow
from crm.mailing.alarms import Alarm
from crm.mailing.colleagues import StaffLanguage
from crm.mailing.events import MailEvent
from crm.mailing.models import Attachment, Mail
from crm.mailing.texts import MailText
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import MatchRule, MatchRun, Suspicion
from crm.people.files import FileChunk, StoredFile
from crm.people.history import (
    EmailAddressEvent,
    HouseholdMemberEvent,
    NoteEvent,
    PhoneEvent,
    PostalAddressEvent,
    RelationshipEvent,
    SegmentEvent,
    SupporterEvent,
    TaggingEvent,
)
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.merges import Merge
from crm.people.models import Change, Identifier, Supporter
from crm.people.notes import Note, Task
from crm.people.proposals import Proposal
from crm.people.segments import Segment, SegmentMember
from crm.people.tags import Tag, Tagging
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.models import Consent, ConsentState, Wording
from crm.privacy.requests import PrivacyRequest
from crm.privacy.retention_rules import RetentionRule, RetentionRun
from crm.privacy.suppressions import Suppression
from crm.programmes.models import ImpactFigure
from crm.programmes.networks import Affiliation, Network
from crm.programmes.partners import CriterionState, Partner, PartnerReport
from crm.programmes.trainings import Certificate, Enrolment, Session, Training
from crm.reports.counted import Converted, Counting, Reach, Shared
from crm.reports.models import Report

__all__ = [
    "Affiliation",
    "Alarm",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "Batch",
    "BatchRow",
    "Campaign",
    "CampaignPicture",
    "CampaignText",
    "Certificate",
    "Change",
    "Comment",
    "Communication",
    "Consent",
    "ConsentRequest",
    "ConsentState",
    "Converted",
    "Counting",
    "CriterionState",
    "DayTally",
    "Delivery",
    "EmailAddress",
    "EmailAddressEvent",
    "Enrolment",
    "Entry",
    "Export",
    "FileChunk",
    "Fund",
    "Gift",
    "GiftDelta",
    "GiftSourceTally",
    "GiftTally",
    "Household",
    "HouseholdMember",
    "HouseholdMemberEvent",
    "Identifier",
    "ImpactFigure",
    "Import",
    "ImportMapping",
    "ImportRow",
    "Instalment",
    "Instruction",
    "LanguageTally",
    "Lead",
    "LeadForm",
    "Mail",
    "MailEvent",
    "MailText",
    "MatchRule",
    "MatchRun",
    "MatchingGift",
    "Merge",
    "Network",
    "Note",
    "NoteEvent",
    "Partner",
    "PartnerReport",
    "Phone",
    "PhoneEvent",
    "Plan",
    "Pledge",
    "PostalAddress",
    "PostalAddressEvent",
    "PrivacyRequest",
    "Proposal",
    "Reach",
    "Receipt",
    "RegionTally",
    "Relationship",
    "RelationshipEvent",
    "Report",
    "RetentionRule",
    "RetentionRun",
    "Segment",
    "SegmentEvent",
    "SegmentMember",
    "Session",
    "Share",
    "Shared",
    "Sheet",
    "Signature",
    "SignatureDelta",
    "SoftCredit",
    "Source",
    "SourceTally",
    "SpentProof",
    "StaffLanguage",
    "StatusCount",
    "StepTally",
    "StoredFile",
    "Supporter",
    "SupporterEvent",
    "Suppression",
    "Suspicion",
    "Tag",
    "Tagging",
    "TaggingEvent",
    "Task",
    "TaxCertificate",
    "TaxIdentity",
    "Training",
    "Tribute",
    "WayTally",
    "Wording",
]
