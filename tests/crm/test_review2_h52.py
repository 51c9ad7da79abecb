import pytest, pghistory
from datetime import timedelta
from django.db import transaction
from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.people.belonging import form_household
from crm.people.households import *
from crm.people.relating import relate, relationships_of
from crm.people.merging import merge
from crm.people.unmerging import unmerge
from crm.people.models import Supporter
from crm.people.contact_points import *
from crm.people.deciding import merge_pair, set_rule
from crm.people.duplicates import Suspicion
from crm.people import addressing
from crm.people.operations import correct, register
from crm.mailing import assigning
from crm.mailing.models import Mail
from crm.people.notes import Task
from tests.conftest import NOW
from tests.crm.lists import *
from tests.factories import *
from tests.crm.test_review_h52 import in_thread, waits
ok = pytest.mark.django_db
real = pytest.mark.django_db(transaction=True)

@ok
def test_merge_household_of_two(now):
    a, b = SupporterFactory(), SupporterFactory()
    form_household(members=[a, b], at=now)
    m = merge(kept=a, lost=b, at=now)
    print("after merge", Household.objects.count(), HouseholdMember.objects.count())
    unmerge(merge=m, at=now)
    assert HouseholdMember.objects.count() == 2

@ok
def test_mutual(now):
    a, b, c = SupporterFactory(), SupporterFactory(), SupporterFactory()
    relate(supporter=a, other=c, kind="partner", at=now)
    relate(supporter=c, other=b, kind="partner", at=now)
    m = merge(kept=a, lost=b, at=now)
    assert [str(r.other.pk) for r in relationships_of(a)] == [str(c.pk)]

@ok
@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "'", '"', "a" * 5000, "\x00", "*", "🙂", "a:*", "!&|", "(", "٠٤٧٥١٢٣٤٥٦", "+" * 50, "0" * 40, "-", "@", "a@", "١٢٣٤٥٦٧", "²²²²²²²", "99999999999999999999999", "#99999999999999999999", "#1", "\ud7ff", "İ ß", "a " * 500])
def test_search(text, staff):
    SupporterFactory(given_name="Anna")
    list(Supporter.objects.search(text)[:5])
    list(Supporter.objects.search(text, staff())[:5])

@ok
def test_search_pages(client, staff):
    client.force_login(staff())
    from django.urls import reverse
    for text in ["\x00", "²²²²²²²", "٠٤٧٥١٢٣٤٥٦", "9" * 30, "a" * 5000]:
        r = client.get(reverse("admin:crm_supporter_changelist"), {"q": text})
        assert r.status_code in (200, 302), (text, r.status_code)

@ok
def test_digest(now, staff):
    user = staff()
    Task.objects.create(title="x", assigned_to=user, due_on=now.date())
    assigning.remind(day=now.date(), at=now)
    assigning.remind(day=now.date(), at=now)
    assert Mail.objects.count() == 1

@real
def test_rule_races(now):
    a, b = SupporterFactory(email="a@example.org"), SupporterFactory(email="")
    Suspicion.objects.create(first=a, second=b, score=0.999)
    set_rule(merges_from=0.9, at=now)
    with transaction.atomic():
        addressing.add_email(supporter=b, address="b@example.org", source="x", at=now)
        t = in_thread(lambda: merge_pair(a.pk, b.pk, least=0.9, at=now))
        waits(t)
    t.join(10)
    assert t.box == [False]

@ok
def test_merge_then_undo_import(now):
    b = imported("Email,Last name,Phone\nx@example.org,Dupont,0475123456\ny@example.org,Durand,0475123457\n")
    x, y = Supporter.objects.order_by("pk")
    known = SupporterFactory()
    m = merge(kept=known, lost=x, at=NOW.replace(hour=13))
    m2 = merge(kept=known, lost=y, at=NOW.replace(hour=13))
    undone(b)
    print(b.conflicts, Supporter.objects.count(), list(EmailAddress.objects.values_list("address", "supporter")))
    unmerge(merge=m2, at=NOW.replace(hour=14))
    unmerge(merge=m, at=NOW.replace(hour=14))

@ok
def test_merge_unmerge_then_undo(now):
    b = imported("Email,Last name,Phone\nx@example.org,Dupont,0475123456\n")
    x = Supporter.objects.get()
    known = SupporterFactory()
    m = merge(kept=known, lost=x, at=NOW.replace(hour=13))
    unmerge(merge=m, at=NOW.replace(hour=14))
    undone(b)
    print(b.conflicts, Supporter.objects.count())

@ok
def test_dry_run_equals_run(now, campaign):
    known = SupporterFactory(email="k@example.org", given_name="", birth_date=None)
    other = SupporterFactory(email="o@example.org")
    merged = SupporterFactory(email="m@example.org")
    merge(kept=other, lost=merged, at=now)
    other.identifiers.create(system="civicrm", value="7")
    text = ("Email,Other email,Contact ID,First name,Birth date,Tags,Newsletter\n"
      "K@Example.org,,,Ann,29/02/2000,a,yes\n"
      "k@example.org,n@example.org,,Ann,,A,no\n"
      "N@example.org,,9,Ann,,b,yes\n"
      "m@example.org,,7,Otto,,,\n"
      "k@example.org,,7,,,,\n"
      "new@example.org,,10,New,31/02/2000,,\n"
      "new@example.org,,10,New,28/02/2000,,\n"
      "NEW@example.org,,10,New,28/02/2000,,\n"
      ",,10,Niew,,,\n"
      ",,,Nobody,,,\n")
    b = described(text, system="civicrm", consent="x")
    checked(b)
    dry = [(r.line, r.outcome, r.is_new_supporter, r.before, r.after) for r in b.rows.order_by("line")]
    run(b)
    wet = [(r.line, r.outcome, r.is_new_supporter, r.before, r.after) for r in b.rows.order_by("line")]
    assert dry == wet
    again = imported(text, system="civicrm", consent="x")
    print(wet, outcomes(again))
    assert {o for _l, o in outcomes(again)} <= {"=", "b"}
