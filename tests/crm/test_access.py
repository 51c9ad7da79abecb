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
from crm.campaigns.models import Comment
from crm.donations.communications import communication_for
from crm.exchange import imports
from crm.exchange.models import Export, Import
from crm.mailing import alarms
from crm.mailing.models import Mail
from crm.people.belonging import form_household
from crm.people.files import StoredFile
from crm.people.merging import merge
from crm.privacy.models import Consent
from crm.programmes.models import ImpactFigure
from crm.staff.site import site
from payments.models import FormSwitch, StripeEvent
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
    PhoneFactory,
    PlanFactory,
    PostalAddressFactory,
    ReceiptFactory,
    ReconciliationFactory,
    RelationshipFactory,
    SegmentFactory,
    SignatureFactory,
    SoftCreditFactory,
    SupporterFactory,
    SuspicionFactory,
    TaxCertificateFactory,
    WordingFactory,
)
from tests.work_factories import NoteFactory, TagFactory, TaskFactory

pytestmark = pytest.mark.django_db
ROLES = [Role.READER, Role.CAMPAIGNER, Role.FUNDRAISER, Role.ADMINISTRATOR]
ALL, NOBODY, ADMIN = (200, 200, 200, 200), (403, 403, 403, 403), (403, 403, 403, 200)
PEOPLE, MONEY = (403, 200, 200, 200), (403, 403, 200, 200)
CAMPAIGNING = (403, 200, 403, 200)

# What reader, campaigner, fundraiser and administrator get. Not named here: adding and deleting,
# which nobody may unless it stands here, and histories, which there are not.
TABLE = {
    "index": ALL,
    "search": ALL,
    "jsi18n": ALL,
    "password_change": ALL,
    "password_change_done": ALL,
    "autocomplete": PEOPLE,
    "crm_supporter_changelist": PEOPLE,
    "crm_supporter_change": PEOPLE,
    "crm_supporter_correct": PEOPLE,
    "crm_supporter_merge_with": MONEY,
    "crm_supporter_merge": MONEY,
    "crm_merge_changelist": MONEY,
    "crm_merge_change": MONEY,
    "crm_merge_undo": MONEY,
    "crm_supporter_add": PEOPLE,
    "crm_supporter_history_of": MONEY,
    "crm_supporter_new_email": PEOPLE,
    "crm_supporter_new_phone": MONEY,
    "crm_supporter_new_address": MONEY,
    "crm_emailaddress_edit": PEOPLE,
    "crm_phone_edit": MONEY,
    "crm_postaladdress_edit": MONEY,
    "crm_supporter_household": PEOPLE,
    "crm_household_edit": PEOPLE,
    "crm_supporter_relate": PEOPLE,
    "crm_relationship_edit": PEOPLE,
    "crm_supporter_tag": (403, 405, 405, 405),
    "crm_supporter_untag": (403, 405, 405, 405),
    "crm_note_changelist": PEOPLE,
    "crm_note_change": PEOPLE,
    "crm_note_add": PEOPLE,
    "crm_task_changelist": PEOPLE,
    "crm_task_change": PEOPLE,
    "crm_task_add": PEOPLE,
    "crm_task_done": (403, 405, 405, 405),
    "crm_task_undo": (403, 405, 405, 405),
    "crm_task_postpone": (403, 405, 405, 405),
    "crm_tag_changelist": PEOPLE,
    "crm_tag_change": PEOPLE,
    "crm_tag_add": PEOPLE,
    "crm_tag_merge": PEOPLE,
    "crm_tag_remove": ADMIN,
    "crm_storedfile_add": MONEY,
    "crm_storedfile_download": MONEY,
    "crm_storedfile_remove": MONEY,
    "crm_proposal_changelist": PEOPLE,
    "crm_proposal_decide": (403, 405, 405, 405),
    "crm_campaign_changelist": ALL,
    "crm_campaign_change": ALL,
    "crm_campaign_add": CAMPAIGNING,
    "crm_signature_changelist": PEOPLE,
    "crm_signature_change": PEOPLE,
    "crm_comment_changelist": CAMPAIGNING,
    "crm_comment_change": CAMPAIGNING,
    "crm_impactfigure_changelist": ALL,
    "crm_impactfigure_change": ALL,
    "crm_impactfigure_add": CAMPAIGNING,
    "crm_alarm_changelist": MONEY,
    "crm_alarm_change": MONEY,
    "crm_alarm_close": (403, 403, 405, 405),
    "crm_gift_changelist": MONEY,
    "crm_gift_change": MONEY,
    "crm_gift_add": MONEY,
    "crm_gift_receipt": MONEY,
    "crm_gift_export": MONEY,
    "crm_supporter_export": MONEY,
    "crm_signature_export": MONEY,
    "crm_receipt_export": MONEY,
    "crm_export_changelist": MONEY,
    "crm_export_change": MONEY,
    "crm_everything": ADMIN,
    "crm_export_progress": (403, 403, 403, 404),
    "crm_export_fetch": (403, 403, 403, 404),
    "crm_import_changelist": PEOPLE,
    "crm_import_change": PEOPLE,
    "crm_import_add": PEOPLE,
    "crm_import_read": PEOPLE,
    "crm_import_map": PEOPLE,
    "crm_import_progress": PEOPLE,
    "crm_import_check": (403, 405, 405, 405),
    "crm_import_run": (403, 405, 405, 405),
    "crm_import_undo": PEOPLE,
    "crm_import_discard": PEOPLE,
    "crm_import_rejects": (403, 403, 404, 404),
    "crm_gift_refund": MONEY,
    "crm_gift_correct": MONEY,
    "crm_gift_tribute": MONEY,
    "crm_gift_credit": MONEY,
    "crm_gift_match": MONEY,
    "crm_softcredit_take_back": MONEY,
    "crm_fund_changelist": MONEY,
    "crm_fund_change": MONEY,
    "crm_fund_add": MONEY,
    "crm_batch_changelist": MONEY,
    "crm_batch_change": MONEY,
    "crm_batch_add": MONEY,
    "crm_batch_people": MONEY,
    "crm_batch_discard": MONEY,
    "crm_pledge_changelist": MONEY,
    "crm_pledge_change": MONEY,
    "crm_pledge_add": MONEY,
    "crm_pledge_pay": MONEY,
    "crm_pledge_give_up": MONEY,
    "crm_matchinggift_changelist": MONEY,
    "crm_matchinggift_change": MONEY,
    "crm_matchinggift_cancel": MONEY,
    "crm_plan_changelist": MONEY,
    "crm_plan_change": MONEY,
    "crm_plan_amount": MONEY,
    "crm_plan_pause": MONEY,
    "crm_plan_resume": MONEY,
    "crm_plan_cancel": MONEY,
    "crm_receipt_changelist": MONEY,
    "crm_receipt_change": MONEY,
    "crm_receipt_pdf": MONEY,
    "crm_supporter_receipts": MONEY,
    "crm_supporter_tax": MONEY,
    "crm_taxcertificate_changelist": MONEY,
    "crm_taxcertificate_change": MONEY,
    "crm_taxcertificate_pdf": MONEY,
    "crm_taxcertificate_renew": MONEY,
    "crm_taxyear_issue": MONEY,
    "crm_taxyear_print": (403, 403, 302, 302),
    "crm_taxyear_file": ADMIN,
    "crm_mail_changelist": PEOPLE,
    "crm_mail_change": PEOPLE,
    "crm_consent_changelist": PEOPLE,
    "crm_consent_change": PEOPLE,
    "crm_suspicion_changelist": MONEY,
    "crm_suspicion_change": MONEY,
    "crm_suspicion_different": (403, 403, 405, 405),
    "crm_suspicion_again": (403, 403, 405, 405),
    "crm_suspicions_search": (403, 403, 405, 405),
    "crm_suspicions_progress": MONEY,
    "crm_suspicions_rule": ADMIN,
    "crm_segment_changelist": PEOPLE,
    "crm_segment_change": PEOPLE,
    "crm_segment_add": PEOPLE,
    "crm_segments_count": (403, 405, 405, 405),
    "crm_segment_edit": (403, 403, 403, 200),  # another's: administrators only
    "crm_segment_take": MONEY,
    "crm_segment_why": PEOPLE,
    "crm_segment_versions": PEOPLE,
    "crm_segment_copy": (403, 405, 405, 405),
    "crm_segment_remove": (403, 403, 403, 200),
    "crm_wording_changelist": CAMPAIGNING,
    "crm_wording_change": CAMPAIGNING,
    "crm_wording_add": CAMPAIGNING,
    "crm_apitoken_changelist": ADMIN,
    "crm_apitoken_change": ADMIN,
    "crm_apitoken_add": ADMIN,
    "crm_apitoken_revoke": ADMIN,
    "crm_auditentry_changelist": ADMIN,
    "crm_auditentry_change": ADMIN,
    "auth_user_changelist": ADMIN,
    "auth_user_change": ADMIN,
    "auth_user_add": ADMIN,
    "auth_user_password_change": ADMIN,
    "auth_group_changelist": ADMIN,
    "auth_group_change": ADMIN,
    "crm_communication_changelist": MONEY,
    "crm_communication_change": MONEY,
    "crm_appeals": MONEY,
    "crm_appeals_download": (403, 403, 404, 404),
    "payments_bankfile_changelist": MONEY,
    "payments_bankfile_change": MONEY,
    "payments_bankfile_add": MONEY,
    "payments_bankstatement_changelist": MONEY,
    "payments_bankstatement_change": MONEY,
    "payments_bankline_changelist": MONEY,
    "payments_bankline_change": MONEY,
    "payments_bankline_decide": (403, 403, 405, 405),
    "payments_matching": MONEY,
    "payments_matching_undo": (403, 403, 405, 405),
    "payments_checkout_changelist": MONEY,
    "payments_checkout_change": MONEY,
    "payments_formswitch_changelist": MONEY,
    "payments_formswitch_change": MONEY,
    "payments_difference_changelist": MONEY,
    "payments_difference_change": MONEY,
    "payments_payout_changelist": MONEY,
    "payments_payout_change": MONEY,
    "payments_reconciliation_changelist": MONEY,
    "payments_reconciliation_change": MONEY,
    "payments_stripeevent_changelist": ADMIN,
    "payments_stripeevent_change": ADMIN,
}
# The door itself, what is tested by itself, and lists of models by app.
ELSEWHERE = {"login", "logout", "view_on_site", "app_list"}


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
    mail = Mail.objects.create(key="k", supporter=person, template="gift_thanks", language="fr")
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
        "crm_comment": Comment.objects.create(signature=signature, text="Yes."),
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
        "crm_consent": Consent.objects.create(
            supporter=person, purpose="newsletter", given=True, source="paper"
        ),
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
    takes_record = not name.endswith(("_changelist", "_add", "_export")) and model in records
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
