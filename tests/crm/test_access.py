"""Who may open which page of the staff site: every address, every role."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from crm import audit
from crm.access import RIGHTS, Role
from crm.api.models import ApiToken
from crm.campaigns.comments import Comment
from crm.campaigns.deliveries import Delivery
from crm.campaigns.leads import Lead, LeadForm
from crm.donations.communications import communication_for
from crm.exchange import imports
from crm.exchange.models import Export, Import
from crm.mailing import alarms
from crm.mailing.events import MailEvent
from crm.mailing.models import Mail
from crm.mailing.texts import MailText
from crm.people.belonging import form_household
from crm.people.files import StoredFile
from crm.people.merging import merge
from crm.privacy import requesting
from crm.privacy.models import Consent
from crm.privacy.retention_rules import RetentionRule
from crm.programmes.models import ImpactFigure
from crm.staff.site import site
from payments.models import FormSwitch, StripeEvent
from tests.crm.access_table import CHANGED_BY, ELSEWHERE, NOBODY, ROLES, TABLE
from tests.factories import (
    AT,
    BankLineFactory,
    BatchFactory,
    CampaignTextFactory,
    CheckoutFactory,
    DifferenceFactory,
    EntryFactory,
    FundFactory,
    GiftFactory,
    InstalmentFactory,
    MatchingGiftFactory,
    PayoutFactory,
    PlanFactory,
    ReceiptFactory,
    ReconciliationFactory,
    SignatureFactory,
    SoftCreditFactory,
    SupporterFactory,
    TaxCertificateFactory,
    WordingFactory,
)
from tests.partner_factories import AffiliationFactory, NetworkFactory, PartnerFactory
from tests.people_factories import (
    NoteFactory,
    PhoneFactory,
    PostalAddressFactory,
    RelationshipFactory,
    SegmentFactory,
    SuspicionFactory,
    TagFactory,
    TaskFactory,
)
from tests.sheet_factories import enter
from tests.training_factories import CertificateFactory

pytestmark = pytest.mark.django_db


def checked_import():
    chunks = [b"e-mail\nsam@example.org\n"]
    batch = imports.start(chunks=chunks, name="people.csv", kind="supporters", at=AT)
    Import.objects.filter(pk=batch.pk).update(state="checked")
    return batch


@pytest.fixture
def records(campaign, staff):
    """One record of each kind, by the name that its addresses carry."""
    CampaignTextFactory(campaign=campaign)
    signature = SignatureFactory(campaign=campaign)
    person = signature.supporter
    gift = GiftFactory(supporter=person)
    EntryFactory(gift=gift)
    receipt = ReceiptFactory(gift=gift)
    line = BankLineFactory()
    certificate = CertificateFactory()
    mail = Mail.objects.create(
        key="k", supporter=person, template="confirm_signature", language="fr"
    )
    return {
        "crm_supporter": person,
        "crm_emailaddress": person.emails.get(),
        "crm_phone": PhoneFactory(supporter=person),
        "crm_postaladdress": PostalAddressFactory(supporter=person),
        "crm_household": form_household(members=SupporterFactory.create_batch(2), at=AT),
        "crm_relationship": RelationshipFactory(supporter=person),
        "crm_note": NoteFactory(supporter=person),
        "crm_task": TaskFactory(supporter=person),
        "crm_tag": TagFactory(),
        "crm_storedfile": StoredFile.objects.create(
            supporter=person, name="a.pdf", content_type="application/pdf", size=0, sha256=""
        ),
        "crm_campaign": campaign,
        "crm_signature": signature,
        "crm_leadform": LeadForm.objects.create(form_id="1", name="F", campaign=campaign),
        "crm_lead": Lead.objects.create(lead_id="1", form_id="1", signature=signature),
        "crm_comment": Comment.objects.create(signature=signature, text="Yes."),
        "crm_sheet": enter(campaign),
        "crm_delivery": Delivery.objects.create(campaign=campaign, as_of=AT),
        "crm_partner": PartnerFactory(),
        "crm_network": NetworkFactory(),
        "crm_affiliation": AffiliationFactory(),
        "crm_training": certificate.enrolment.session.training,
        "crm_session": certificate.enrolment.session,
        "crm_enrolment": certificate.enrolment,
        "crm_certificate": certificate,
        "crm_impactfigure": ImpactFigure.objects.create(key="trained", year=2026, value=410),
        "crm_alarm": alarms.ring(kind="dispute", key="1", at=AT),
        "crm_gift": gift,
        "crm_plan": PlanFactory(supporter=person),
        "crm_batch": BatchFactory(),
        "crm_pledge": InstalmentFactory(pledge__supporter=person).pledge,
        "crm_fund": FundFactory(),
        "crm_softcredit": SoftCreditFactory(gift=gift),
        "crm_matchinggift": MatchingGiftFactory(gift=gift),
        "crm_receipt": receipt,
        "crm_taxcertificate": TaxCertificateFactory(supporter=person),
        "crm_mail": mail,
        "crm_mailevent": MailEvent.objects.create(
            mail=mail, event_id="x", kind="hard_bounce", at=AT
        ),
        "crm_mailtext": MailText(pk="erased.fr"),
        "crm_consent": Consent.objects.create(
            supporter=person, purpose="newsletter", given=True, source="paper"
        ),
        "crm_privacyrequest": requesting.ask(
            supporter=person, kind="access", source="letter", language="fr", at=AT
        ),
        "crm_retentionrule": RetentionRule(pk="mails"),
        "crm_suspicion": SuspicionFactory(first=person),
        "crm_merge": merge(kept=SupporterFactory(), lost=SupporterFactory(), at=AT),
        "crm_segment": SegmentFactory(is_shared=True),
        "crm_wording": WordingFactory(),
        "crm_apitoken": ApiToken.objects.create(name="Letters", digest="d", scopes=[]),
        "crm_auditentry": audit.log("tried", person),
        "auth_user": staff(Role.READER, first_name="Rita"),
        "auth_group": Group.objects.get(name=Role.READER),
        "crm_export": Export.objects.create(what="gifts", format="csv", reason="A letter"),
        "crm_import": checked_import(),
        "crm_communication": communication_for(supporter=person, campaign=campaign, at=AT),
        "payments_bankfile": line.statement.file,
        "payments_bankstatement": line.statement,
        "payments_bankline": line,
        "payments_checkout": CheckoutFactory(),
        "payments_formswitch": FormSwitch.objects.create(is_open=True),
        "payments_difference": DifferenceFactory(),
        "payments_payout": PayoutFactory(),
        "payments_reconciliation": ReconciliationFactory(),
        "payments_stripeevent": StripeEvent.objects.create(
            event_id="evt_1", type="charge.updated", created_at=datetime(2026, 3, 1, tzinfo=UTC)
        ),
    }


def named_addresses():
    """Return the names of all addresses of the staff site."""
    admin.autodiscover()
    found = []
    for pattern in site.get_urls():
        found += pattern.url_patterns if hasattr(pattern, "url_patterns") else [pattern]
    return {pattern.name for pattern in found if pattern.name}


def address(name, records):
    if name == "autocomplete":
        return (
            reverse("admin:autocomplete")
            + "?app_label=crm&model_name=gift&field_name=supporter&term=sam"
        )
    if name == "crm_supporter_merge":
        pair = (records["crm_supporter"].pk, records["crm_merge"].kept_id)
        return reverse(f"admin:{name}", args=pair)
    model = "_".join(name.split("_")[:2])
    of_many = ("_changelist", "_add", "_export", "_held", "_pattern")
    takes_record = not name.endswith(of_many) and model in records
    return reverse(f"admin:{name}", args=[records[model].pk] if takes_record else [])


def expected(name):
    if name.endswith("_history"):
        return (404, 404, 404, 404)
    return TABLE.get(name, NOBODY)


def test_table_names_every_address_of_the_staff_site():
    refused = {n for n in named_addresses() if n.endswith(("_add", "_delete", "_history"))}

    assert named_addresses() - refused - ELSEWHERE == {
        name for name in TABLE if not name.endswith("_add")
    }


@pytest.mark.parametrize("number", range(4), ids=ROLES)
def test_role_opens_what_its_rights_say_and_nothing_else(client, staff, records, number):
    role = ROLES[number]
    user = records["auth_user"] if role == Role.READER else staff(role)
    client.force_login(user)
    names = sorted(named_addresses() - ELSEWHERE)

    got = {name: client.get(address(name, records)).status_code for name in names}

    assert got == {name: expected(name)[number] for name in names}


@pytest.mark.parametrize("number", range(4), ids=ROLES)
def test_role_sends_nothing_to_where_it_may_change_nothing(client, staff, records, number):
    role = ROLES[number]
    client.force_login(records["auth_user"] if role == Role.READER else staff(role))
    names = sorted(
        name
        for name in named_addresses() - ELSEWHERE - {"autocomplete"}  # it answers no POST
        if CHANGED_BY.get(name, expected(name))[number] == 403
    )

    got = {name: client.post(address(name, records)).status_code for name in names}

    assert got == dict.fromkeys(names, 403)


def test_stranger_is_sent_to_the_sign_in_page_from_everywhere(client, records):
    names = sorted(named_addresses() - {"login", "view_on_site", "app_list", "logout"})

    got = {name: client.get(address(name, records)) for name in names}

    assert {name: answer.status_code for name, answer in got.items()} == dict.fromkeys(names, 302)
    assert {answer.url.partition("?")[0] for answer in got.values()} == {"/staff/login/"}


def test_stranger_comes_back_to_where_they_wanted_to_go(client):
    answer = client.get("/staff/crm/gift/", follow=True)

    assert answer.redirect_chain[-1] == ("/accounts/login/?next=/staff/crm/gift/", 302)
    assert 'name="next" value="/staff/crm/gift/"' in answer.content.decode()


def test_account_that_is_not_staff_is_refused(client, records):
    client.force_login(get_user_model().objects.create_user("visitor"))

    answer = client.get("/staff/crm/supporter/", follow=True)

    assert answer.status_code == 403
    assert "Sam" not in answer.content.decode()


def test_account_without_a_role_sees_no_figure_and_no_list(client, records):
    client.force_login(get_user_model().objects.create_user("new", is_staff=True))

    home = client.get("/staff/")

    assert (home.context["figures"], home.context["signatures"]) == ([], None)
    assert client.get("/staff/crm/campaign/").status_code == 403


def test_every_right_of_a_role_exists():
    known = {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Permission.objects.select_related("content_type")
    }
    given = set().union(*(rights for rights in RIGHTS.values() if rights))

    assert given - known == set()


def test_administrator_has_every_right_but_is_no_superuser(staff):
    user = staff(Role.ADMINISTRATOR)

    assert not user.is_superuser
    assert user.get_all_permissions() == {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Permission.objects.select_related("content_type")
    }


@pytest.mark.parametrize(
    ("role", "action", "list_name"),
    [
        (Role.FUNDRAISER, "withdraw_signatures", "crm_signature"),
        (Role.FUNDRAISER, "approve", "crm_comment"),
        (Role.READER, "withdraw_signatures", "crm_signature"),
    ],
)
def test_action_does_nothing_for_who_may_not(client, staff, records, role, action, list_name):
    signature, comment = records["crm_signature"], records["crm_comment"]
    signature.status, signature.confirmed_at = "confirmed", AT
    signature.save()
    Comment.objects.update(is_public=True)
    client.force_login(records["auth_user"] if role == Role.READER else staff(role))

    client.post(
        reverse(f"admin:{list_name}_changelist"),
        {"action": action, "_selected_action": records[list_name].pk, "confirmed": "yes"},
    )

    signature.refresh_from_db()
    comment.refresh_from_db()
    assert (signature.status, comment.approved_at) == ("confirmed", None)


@pytest.mark.parametrize("action", ["approve", "hide"])
def test_who_may_only_read_comments_decides_about_none(client, records, action):
    Comment.objects.update(is_public=True)
    records["crm_signature"].status, records["crm_signature"].confirmed_at = "confirmed", AT
    records["crm_signature"].save()
    user = get_user_model().objects.create_user("moderator", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client.force_login(user)

    client.post(
        "/staff/crm/comment/", {"action": action, "_selected_action": records["crm_comment"].pk}
    )

    comment = Comment.objects.get()
    assert (comment.is_public, comment.approved_at) == (True, None)


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER, Role.FUNDRAISER])
def test_only_administrators_make_and_revoke_keys_and_staff(client, staff, records, role):
    client.force_login(records["auth_user"] if role == Role.READER else staff(role))
    key = records["crm_apitoken"]

    answers = [
        client.post(reverse("admin:crm_apitoken_add"), {"name": "x", "scopes": "people:read"}),
        client.post(reverse("admin:crm_apitoken_revoke", args=[key.pk])),
        client.post(reverse("admin:auth_user_add"), {"username": "mallory"}),
    ]

    key.refresh_from_db()
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (key.revoked_at, ApiToken.objects.count()) == (None, 1)
