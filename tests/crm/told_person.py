"""Zoraline, with something to recognise in every field that staff may be told of her."""

from datetime import date, timedelta

from crm.campaigns.comments import Comment
from crm.donations.models import Gift
from crm.exchange import imports
from crm.exchange.models import Import, ImportRow
from crm.mailing.events import MailEvent
from crm.mailing.models import Mail
from crm.people.belonging import form_household, rename
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.merging import merge
from crm.people.models import Identifier, Supporter
from crm.people.notes import Note
from crm.people.segments import Segment, SegmentMember
from crm.people.storing import store
from crm.privacy.models import Consent
from crm.privacy.operations import record_consent
from crm.privacy.requests import PrivacyRequest
from tests.crm.segments import all_of, is_
from tests.factories import (
    AT,
    CampaignTextFactory,
    EntryFactory,
    GiftFactory,
    InstalmentFactory,
    PlanFactory,
    ReceiptFactory,
    SignatureFactory,
    SoftCreditFactory,
    SupporterFactory,
    WordingFactory,
)
from tests.partner_factories import (
    AffiliationFactory,
    CriterionStateFactory,
    OrganisationFactory,
)
from tests.people_factories import (
    NoteFactory,
    PhoneFactory,
    PostalAddressFactory,
    ProposalFactory,
    RelationshipFactory,
    SuspicionFactory,
    TagFactory,
    TaggingFactory,
    TaskFactory,
)
from tests.training_factories import CertificateFactory, EnrolmentFactory

NAME, PHONE, IBAN = "Zoraline", "+32475998877", "BE71096123456769"
LATER = AT + timedelta(days=1)


def days(*born):
    """Each day in every notation of an English page."""
    notations = ("%Y-%m-%d", "%B %-d, %Y", "%-d %B %Y", "%m/%d/%Y", "%d/%m/%Y")
    return tuple(day.strftime(notation) for day in born for notation in notations)


# What is recognised on a page, one thing for each row of the table of rights.
MARKS = {
    "name": (NAME,),
    "emails": ("second@zoraline.example",),
    "greeting": ("Dear Zozo",),
    "phones": (PHONE, "+32 475 99 88 77", "0475 99 88 77", "0475998877", "+32475112233"),
    "phone_evidence": ("same telephone", "telephones differ"),
    "addresses": ("Zygomar 7", "Zonnebeke"),
    "address_evidence": ("same street and number",),
    "birth_date": days(date(1931, 5, 19), date(1932, 7, 21), date(1933, 6, 23)),
    "birth_evidence": ("same date of birth", "part of the date of birth"),
    "bank_accounts": (IBAN, "BE71 0961 2345 6769"),
    "identifiers": ("cus_zoraline9",),
    "notes": ("NOTE-PLAIN",),
    "confidential_notes": ("NOTE-SECRET",),
    "files": ("plain-zora.pdf", "CONTENT-PLAIN"),
    "confidential_files": ("secret-zora.pdf", "CONTENT-SECRET"),
    "tasks": ("TASK-ZORA",),
    "tags": ("TAG-ZORA",),
    "households": ("Maison Zora",),
    "relationships": ("friend of",),
    "segments": ("SEGMENT-ZORA",),
    "proposals": ("Proposalina",),
    "duplicates": ("Doublinda",),
    "merges": ("Mergolda",),
    "consents": ("CONSENT-ZORA",),
    "signatures": ("SIGNED-ZORA",),
    "comments": ("COMMENT-ZORA",),
    "mails": ("mailed@zoraline.example", "request to confirm a signature"),
    "mails_of_gifts": ("thank-you for a gift",),
    "mail_events": ("cannot arrive: there is no such address", "CODE-ZORA"),
    "affiliations": ("NETWORK-ZORA",),
    "partnership": ("EVIDENCE-ZORA", "1 of 6 criteria met"),
    "trainings": ("TRAINING-ZORA", "CERTIFICATE-ZORA"),
    "privacy_requests": ("REFUSAL-ZORA", "Erasure: Zoraline"),
    "gifts": ("KIND-ZORA",),
    "gift_amounts": ("987.65", "765.43"),
    "promised": ("654.32", "543.21"),
    "receipts": ("RECEIPT-ZORA",),
    "history": ("Formerline",),
    "imports": ("zora-import.csv",),
    "lookers": ("lookerzora",),
    "origin": ("when giving",),
    "neighbours": ("Neighbourina",),
}
CONDITIONS = {
    "phones": is_("has_phone"),
    "addresses": is_("has_address"),
    "birth_date": is_("age", least=80),
    "gifts": is_("gave"),
    "money": is_("gave", least=98765, currency="EUR"),
    "signatures": is_("signed"),
    "consents": is_("consent", answer="yes", purpose="newsletter"),
    "households": is_("household"),
    "relationships": is_("related", kinds=["friend"]),
    "origin": is_("source", sources=["checkout"]),
}


def plant(campaign, owner):
    """Write Zoraline down. Returns the rows that pages are about, by name."""
    zora = SupporterFactory(
        given_name="Formerline",
        family_name="Quillfeather",
        email="first@zoraline.example",
        own_greeting="Dear Zozo",
        source="checkout",
        postcode="8980",
        form_of_address="madam",
    )
    rows = {"zora": zora}
    lost = SupporterFactory(given_name="Mergolda", birth_date=date(1931, 5, 19), email="")
    rows["merge"] = merge(kept=zora, lost=lost, at=AT)
    # Changed since: undoing the merge meets it.
    Supporter.objects.filter(pk=zora.pk).update(birth_date=date(1932, 7, 21), given_name=NAME)
    zora.refresh_from_db()
    zora.search_text = zora.searchable()
    zora.save()
    rows |= {**reach(zora), **surround(zora), **work(zora, owner), **deeds(zora, campaign)}
    rows |= giving(zora) | imported(zora) | programmes() | trained(zora) | asked(zora)
    rows |= {f"segment of {name}": segment(name, owner) for name in CONDITIONS}
    SegmentMember.objects.create(segment=rows["segment of consents"], supporter=zora, since=AT)
    return rows


def reach(zora):
    email = EmailAddress.objects.create(supporter=zora, address="second@zoraline.example")
    phone = PhoneFactory(supporter=zora, number="+32475112233")
    Phone.objects.filter(pk=phone.pk).update(number=PHONE)
    address = PostalAddressFactory(
        supporter=zora,
        street="Rue Zygomar 7",
        postcode="8980",
        town="Zonnebeke",
        is_preferred=True,
    )
    Identifier.objects.create(supporter=zora, system="iban", value=IBAN)
    Identifier.objects.create(supporter=zora, system="stripe", value="cus_zoraline9")
    PostalAddress.objects.filter(pk=address.pk).update(street="Place Zygomar 7")
    return {"email": email, "phone": phone, "address": address}


def surround(zora):
    partner = SupporterFactory(given_name="Partnerina", family_name="Quillfeather")
    household = form_household(members=[zora, partner], at=AT)
    rename(household=household, own_name="Maison Zora", own_greeting="", at=AT)
    single = SupporterFactory(given_name="Singlina", family_name="Homebody")
    neighbour = SupporterFactory(given_name="Neighbourina", family_name="Homebody")
    for person in (single, neighbour):
        PostalAddressFactory(supporter=person, is_preferred=True)
    double = SupporterFactory(given_name="Doublinda", birth_date=date(1933, 6, 23), email="")
    PhoneFactory(supporter=double, number=PHONE)
    evidence = [
        {"field": "birth", "level": "partly", "weight": 2.0},
        {"field": "street", "level": "same", "weight": 4.0},
        {"field": "phone", "level": "same", "weight": 6.0},
    ]
    pair = SuspicionFactory(first=zora, second=double, evidence=evidence)
    other = SupporterFactory(given_name="Relatina")
    return {
        "household": household,
        "single": single,
        "double": double,
        "suspicion": pair,
        "relationship": RelationshipFactory(supporter=zora, other=other),
    }


def work(zora, owner):
    note = NoteFactory(supporter=zora, text="NOTE-PLAIN", written_by=owner)
    secret = NoteFactory(supporter=zora, text="NOTE-SECRET", is_confidential=True)
    for each in (note, secret):
        Note.objects.filter(pk=each.pk).update(text=f"{each.text} still")
    TaggingFactory(supporter=zora, tag=TagFactory(name="TAG-ZORA"))
    ProposalFactory(supporter=zora, value="Proposalina")
    kept = {
        kind: store(
            name=f"{kind}-zora.pdf",
            content_type="application/pdf",
            chunks=[f"CONTENT-{kind.upper()}".encode()],
            at=AT,
            supporter=zora,
            is_confidential=kind == "secret",
        )
        for kind in ("plain", "secret")
    }
    task = TaskFactory(supporter=zora, title="TASK-ZORA")
    return {"note": note, "secret note": secret, "task": task, **kept}


def deeds(zora, campaign):
    CampaignTextFactory(campaign=campaign, title="SIGNED-ZORA")
    signature = SignatureFactory(
        supporter=zora, campaign=campaign, status="confirmed", confirmed_at=AT
    )
    Comment.objects.create(signature=signature, text="COMMENT-ZORA", is_public=True)
    wording = WordingFactory(text="CONSENT-ZORA")
    record_consent(supporter=zora, given=True, source="paper", wording=wording, at=AT)
    mail = {"supporter": zora, "to": "mailed@zoraline.example", "language": "en"}
    sent = Mail.objects.create(key="zora 1", template="confirm_signature", **mail)
    event = MailEvent.objects.create(
        mail=sent, event_id="zora", kind="hard_bounce", code="CODE-ZORA", at=AT
    )
    return {
        "signature": signature,
        "consent": Consent.objects.get(supporter=zora),
        "mail": sent,
        "event of a mail": event,
        "mail of a gift": Mail.objects.create(key="zora 2", template="gift_thanks", **mail),
    }


def giving(zora):
    plan = PlanFactory(supporter=zora, amount=76543)
    gift = GiftFactory(supporter=zora, amount=98765)
    EntryFactory(gift=gift, amount=98765)
    GiftFactory(supporter=zora, kind=Gift.Kind.IN_KIND, amount=100, description="KIND-ZORA")
    pledge = InstalmentFactory(pledge__supporter=zora, pledge__amount=65432, amount=65432).pledge
    SoftCreditFactory(supporter=zora, amount=54321, gift=GiftFactory())
    receipt = ReceiptFactory(gift=gift, donor_name="RECEIPT-ZORA")
    return {"plan": plan, "gift": gift, "pledge": pledge, "receipt": receipt}


def programmes():
    """An organisation: what partners and members of networks are is told of these only."""
    hotel = OrganisationFactory(family_name="Hotel Quill")
    state = CriterionStateFactory(partner__organisation=hotel, evidence="EVIDENCE-ZORA")
    place = AffiliationFactory(organisation=hotel, network__name="NETWORK-ZORA")
    return {"hotel": hotel, "partner": state.partner, "network": place.network}


def trained(zora):
    enrolment = EnrolmentFactory(
        supporter=zora, state="attended", session__training__title="TRAINING-ZORA"
    )
    certificate = CertificateFactory(enrolment=enrolment, name="CERTIFICATE-ZORA")
    return {"session": enrolment.session, "certificate": certificate, "enrolment": enrolment}


def asked(zora):
    request = PrivacyRequest.objects.create(
        supporter=zora,
        kind="erasure",
        state="refused",
        source="letter",
        language="en",
        due_on=LATER,
        done_at=AT,
        refusal="REFUSAL-ZORA",
    )
    return {"privacy request": request}


def imported(zora):
    batch = Import.objects.create(
        kind="supporters", name="zora-import.csv", state="done", read=1, updated=1, finished_at=AT
    )
    ImportRow.objects.create(
        batch=batch,
        line=2,
        outcome="u",
        supporter=zora,
        before={"birth_date": "1931-05-19", "phones": ["+32475112233"]},
        after={
            "birth_date": "1932-07-21",
            "phones": [PHONE],
            "identifiers": ["cus_zoraline9"],
            "note": "NOTE-PLAIN",
            "address": {"street": "Rue Zygomar 7", "town": "Zonnebeke"},
        },
    )
    lines = f"e-mail,phone,birthday\nsam@example.org,{PHONE},1931-05-19\n"
    waiting = imports.start(
        chunks=[lines.encode()], name="zora-import.csv", kind="supporters", at=AT
    )
    return {"import": batch, "open import": waiting}


def segment(name, owner):
    """A segment that an administrator shares, and that Zoraline is in because of one field."""
    named = "SEGMENT-ZORA" if name == "consents" else f"Segment of {name}"
    return Segment.objects.create(
        name=named, owner=owner, is_shared=True, conditions=all_of(CONDITIONS[name])
    )
