"""Members of staff, API keys, the audit trail and the figures of the programmes."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from crm.access import Role
from crm.api.models import ApiToken
from crm.audit import AuditEntry
from crm.programmes.models import ImpactFigure

pytestmark = pytest.mark.django_db
User = get_user_model()
NEW = {
    "username": "nora",
    "email": "Nora@Example.org",
    "first_name": "Nora",
    "last_name": "Noël",
    "role": "fundraiser",
    "usable_password": "true",
    "password1": "a-long-new-password",
    "password2": "a-long-new-password",
}


@pytest.fixture
def administrator(client, staff):
    user = staff(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def test_new_member_of_staff_has_one_role_and_can_sign_in(client, administrator):
    client.post(reverse("admin:auth_user_add"), NEW)

    user = User.objects.get(username="nora")
    client.logout()
    signed_in = client.post(
        "/accounts/login/", {"login": "nora@example.org", "password": "a-long-new-password"}
    )

    assert [group.name for group in user.groups.all()] == ["fundraiser"]
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert signed_in.url == "/staff/"


def test_role_is_changed_and_the_trail_says_to_what(client, administrator, staff):
    user = staff(Role.READER)

    client.post(
        reverse("admin:auth_user_change", args=[user.pk]),
        {"username": "reader", "email": user.email, "role": "campaigner", "is_active": "on"},
    )

    assert [group.name for group in user.groups.all()] == ["campaigner"]
    entry = AuditEntry.objects.get(action="user.role")
    assert (entry.by, entry.subject) == (administrator, f"user:{user.pk}")
    assert entry.details == {"role": "campaigner"}


def test_nobody_becomes_a_superuser_by_the_form(client, administrator):
    forged = {"username": "administrator", "email": "a@example.org", "role": "administrator"}

    client.post(
        reverse("admin:auth_user_change", args=[administrator.pk]),
        {**forged, "is_active": "on", "is_superuser": "on", "user_permissions": "1"},
    )

    administrator.refresh_from_db()
    assert (administrator.email, administrator.is_superuser) == ("a@example.org", False)
    assert not administrator.user_permissions.exists()


def test_superuser_is_out_of_an_administrators_reach(client, administrator):
    root = User.objects.create_superuser("root", "root@example.org", "a-long-new-password")

    names = [user.username for user in client.get("/staff/auth/user/").context["cl"].result_list]
    page = client.get(reverse("admin:auth_user_password_change", args=[root.pk]))

    assert names == ["administrator"]
    assert page.status_code == 404


def test_address_of_another_member_of_staff_is_refused(client, administrator, staff):
    staff(Role.READER)

    answer = client.post(reverse("admin:auth_user_add"), {**NEW, "email": "READER@example.org"})

    assert list(answer.context["adminform"].form.errors) == ["email"]
    assert not User.objects.filter(username="nora").exists()


def test_key_is_shown_once_and_only_its_hash_is_kept(client, administrator):
    answer = client.post(
        reverse("admin:crm_apitoken_add"),
        {"name": "Letters", "scopes": ["people:read", "signatures:read"], "expires_on": ""},
    )

    token = ApiToken.objects.get()
    key = answer.context["key"]
    page = client.get(reverse("admin:crm_apitoken_change", args=[token.pk]))
    assert token.digest == ApiToken.digest_of(key)
    assert (token.created_by, token.scopes) == (administrator, ["people:read", "signatures:read"])
    assert key in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert (key in page.content.decode(), token.digest in page.content.decode()) == (False, False)


@pytest.mark.parametrize("fields", [{"name": "", "scopes": "people:read"}, {"name": "x"}])
def test_key_without_a_name_or_a_right_is_not_made(client, administrator, fields):
    answer = client.post(reverse("admin:crm_apitoken_add"), fields)

    assert len(answer.context["form"].errors) == 1
    assert not ApiToken.objects.exists()


def test_revoking_a_key_asks_first_and_then_ends_it(client, administrator, now):
    token = ApiToken.objects.create(name="Letters", digest="d", scopes=["people:read"])
    address = reverse("admin:crm_apitoken_revoke", args=[token.pk])

    asked = client.get(address)
    before = ApiToken.objects.valid(now).count()
    client.post(address)

    assert (asked.templates[0].name, before) == ("staff/confirm.html", 1)
    assert ApiToken.objects.valid(now).count() == 0
    assert AuditEntry.objects.get().action == "token.revoked"


def test_impact_figure_is_changed_by_a_campaigner_and_audited(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    figure = ImpactFigure.objects.create(key="trained", year=2025, value=400)

    client.post(
        reverse("admin:crm_impactfigure_change", args=[figure.pk]),
        {"key": "trained", "year": "2025", "value": "410", "note": ""},
    )

    figure.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert figure.value == 410
    assert (entry.action, entry.by, entry.details) == (
        "impactfigure.changed",
        user,
        {"fields": ["value"]},
    )


def test_trail_cannot_be_rewritten(client, administrator):
    entry = AuditEntry.objects.create(action="tried", subject="x:1")

    answer = client.post(
        reverse("admin:crm_auditentry_change", args=[entry.pk]), {"action": "never"}
    )

    entry.refresh_from_db()
    assert (answer.status_code, entry.action) == (403, "tried")
