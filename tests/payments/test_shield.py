"""The defence of the donation form: who gets to the payment page, how often, with what proof."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import altcha
import pytest
from django.test import Client
from django.utils import timezone

from crm.donations.communications import number_campaigns
from crm.lib import proofs
from crm.lib.network import network_of
from crm.mailing.alarms import Alarm
from crm.mailing.models import Mail
from payments import jobs, shield
from payments.defence import Attempt
from payments.models import Checkout
from payments.visitors import Visitor, visitor_of
from tests.jobs import run_jobs
from tests.payments.donor import Donor

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def little_work(settings):
    settings.PROOF_WORK, settings.ATTACK_PROOF_WORK = 50, 200


@pytest.fixture
def at(stripe):
    """A function that makes a donor at a network address."""
    return lambda address=HERE, **headers: Donor(Client(REMOTE_ADDR=address, **headers), stripe)


def proof_for(client):
    """Solve what the page would have solved."""
    return solution_of(client.get("/en/give/challenge/").json())


def solution_of(given):
    found = altcha.solve_challenge(
        given["challenge"], given["salt"], given["algorithm"], given["maxNumber"]
    )
    return packed({**given, "number": found.number})


def packed(solution):
    return base64.b64encode(json.dumps(solution).encode()).decode()


def unpack(proof):
    return json.loads(base64.b64decode(proof))


def send(donor, **answers):
    return donor.fill_in(proof=proof_for(donor.client), **answers)


def started():
    return Attempt.objects.filter(outcome="started")


def later(**span):
    """Let time pass for what was tried so far."""
    for attempt in Attempt.objects.all():
        attempt.at -= timedelta(**span)
        attempt.save()


def ring(now):
    return Alarm.objects.create(kind="card_testing", key="form", first_at=now, last_at=now)


def test_address_opens_so_many_payment_pages_in_an_hour(at, settings):
    settings.DONATIONS_PER_ADDRESS = 2
    donor = at()
    assert [send(donor).status_code for _ in range(2)] == [303, 303]

    refused = send(donor, other_amount="31", language="nl")

    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3600
    form = refused.context["form"]
    assert (form["other_amount"].value(), form["email"].value()) == ("31", "dora@example.org")
    assert (Checkout.objects.count(), started().count()) == (2, 2)
    assert send(at(ELSEWHERE)).status_code == 303


def test_address_may_try_again_when_the_hour_is_over(at, settings):
    settings.DONATIONS_PER_ADDRESS = 1
    donor = at()
    send(donor)
    later(minutes=59)
    assert send(donor).status_code == 429

    later(minutes=2)

    assert send(donor).status_code == 303


def test_form_without_proof_is_let_through_less_often(at, settings):
    settings.DONATIONS_WITHOUT_PROOF = 1
    donor = at()

    answers = [donor.fill_in().status_code for _ in range(2)]

    assert answers == [303, 429]
    assert send(donor).status_code == 303


def test_form_without_proof_is_not_let_through_where_none_may_be(at, settings):
    settings.DONATIONS_WITHOUT_PROOF = 0

    assert at().fill_in().status_code == 422
    assert send(at()).status_code == 303


def test_browser_opens_so_many_payment_pages_from_whatever_address(at, settings):
    settings.DONATIONS_PER_BROWSER = 2
    donor = at()
    donor.client.get("/en/give/")
    answers = []

    for number in range(3):
        donor.client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
        answers.append(send(donor).status_code)

    assert answers == [303, 303, 429]


def test_paid_gift_does_not_count(at, settings):
    settings.DONATIONS_PER_ADDRESS = 1
    donor = at()
    for _ in range(2):
        donor.give(proof=proof_for(donor.client))
        donor.hear()

    assert send(donor).status_code == 303
    assert Checkout.objects.filter(state="paid").count() == 2


def test_same_form_sent_again_counts_once(at, settings):
    settings.DONATIONS_PER_ADDRESS = 1
    donor, token = at(), str(uuid4())
    proof = proof_for(donor.client)

    sessions = {donor.choose(token=token, proof=proof) for _ in range(3)}

    assert (len(sessions), Attempt.objects.count()) == (1, 1)
    assert donor.fill_in(token=token, other_amount="30").status_code == 429


def test_visitor_from_inside_is_not_counted_by_address(at, settings):
    settings.DONATIONS_PER_ADDRESS = 1

    answers = {send(at("10.0.0.5")).status_code for _ in range(3)}

    assert answers == {303}
    assert set(Attempt.objects.values_list("address", flat=True)) == {""}


def test_address_stands_nowhere_and_looks_different_the_next_day(at):
    send(at())
    day = datetime(2026, 3, 14, 12, tzinfo=UTC)
    seen = Attempt.objects.get()

    assert len(seen.address) == 64
    assert HERE not in str(vars(seen))
    request = at().client.get("/en/give/").wsgi_request
    hashes = {visitor_of(request, at=day + timedelta(days=n)).address for n in range(3)}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "network"),
    [
        (0, HERE, "", HERE),
        (0, HERE, ELSEWHERE, HERE),
        (1, "10.0.0.1", f"1.1.1.1, {HERE}", HERE),
        (2, "10.0.0.1", f"1.1.1.1, {HERE}, 10.0.0.2", HERE),
        (2, HERE, ELSEWHERE, HERE),
        (1, HERE, "", HERE),
        (1, HERE, "unknown", ""),
        (0, "", "", ""),
        (0, "::ffff:198.51.100.7", "", HERE),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "fd00::1", "", ""),
        (0, "127.0.0.1", "", ""),
    ],
)
def test_network_is_what_stands_before_our_own_proxies(
    rf, settings, proxies, remote, forwarded, network
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    assert network_of(rf.post("/", REMOTE_ADDR=remote, **headers)) == network


def test_declined_cards_make_an_address_wait(at, settings):
    settings.DECLINES_PER_ADDRESS = 2
    number_campaigns(at=timezone.now())
    donor = at()
    for _ in range(2):
        donor.give("card_declined", proof=proof_for(donor.client))
        donor.hear()

    refused = send(donor)

    assert refused.status_code == 429
    assert "Several payments were declined" in refused.content.decode()
    assert "#transfer" in refused.content.decode()
    assert send(at(ELSEWHERE)).status_code == 303


def test_every_card_that_is_tried_on_one_page_counts_and_every_signal_once(at):
    donor = at()
    session = donor.give("card_declined", proof=proof_for(donor.client))
    donor.hear()
    donor.heard.clear()
    donor.hear()
    assert Attempt.objects.filter(outcome="declined").count() == 1

    donor.stripe.advance(5)
    donor.stripe.pay(session, "card_declined")
    donor.hear()

    declined = Attempt.objects.filter(outcome="declined")
    assert set(declined.values_list("address", flat=True)) == {started().get().address}
    assert declined.count() == 2


def test_many_declined_cards_ring_once_and_put_the_form_on_its_guard(at, settings, staff):
    settings.ATTACK_DECLINES, settings.DECLINES_PER_ADDRESS = 2, 99
    staff()
    for number in range(4):
        donor = at(f"203.0.113.{number}")
        donor.give("card_declined", proof=proof_for(donor.client))
        donor.hear()

    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.times) == ("card_testing", 2)
    assert Mail.objects.filter(template="alarm").count() == 1
    assert shield.is_on_guard(timezone.now())
    assert not shield.is_on_guard(timezone.now() + timedelta(minutes=31))


def test_declined_cards_among_many_good_ones_are_no_attack(settings, now):
    settings.ATTACK_DECLINES = 2
    for number in range(12):
        Attempt.objects.create(outcome="declined" if number < 4 else "started", at=now)

    assert not shield.is_attack(now)
    Attempt.objects.filter(outcome="started").delete()
    assert shield.is_attack(now)
    assert not shield.is_attack(now + timedelta(minutes=11))


def test_form_on_its_guard_takes_only_the_harder_proof(at, now):
    donor = at()
    easy = proof_for(donor.client)
    ring(timezone.now())

    refused = [donor.fill_in(proof=proof) for proof in ("", easy)]

    assert [answer.status_code for answer in refused] == [422, 422]
    assert "has not finished its calculation" in refused[0].content.decode()
    assert refused[0].context["form"]["email"].value() == "dora@example.org"
    assert Checkout.objects.count() == 0
    assert send(donor).status_code == 303


def test_browser_without_scripts_is_told_how_to_give_during_an_attack(at, settings):
    ring(timezone.now())
    number_campaigns(at=timezone.now())

    page = at().client.get("/en/give/").content.decode()

    told = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "does not work without JavaScript" in told
    assert 'href="#transfer"' in told
    settings.ORGANISATION_IBAN = ""
    page = at().client.get("/en/give/").content.decode()
    told = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert f"mailto:{settings.ORGANISATION_EMAIL}" in told


def test_proof_opens_one_payment_page(at, settings):
    settings.DONATIONS_WITHOUT_PROOF = 0
    donor = at()
    proof = proof_for(donor.client)

    answers = [donor.fill_in(proof=proof).status_code for _ in range(2)]

    assert answers == [303, 422]


def test_proof_that_was_used_counts_as_none(at, settings):
    settings.DONATIONS_WITHOUT_PROOF = 2
    donor = at()
    proof = proof_for(donor.client)

    answers = [donor.fill_in(proof=proof).status_code for _ in range(3)]

    assert answers == [303, 303, 429]


def forgeries(good):
    solution = unpack(good)
    salt = solution["salt"]
    yield from ("", "abc", "é", packed([]), packed({}), "A" * 2000)
    yield packed({**solution, "number": solution["number"] + 1})
    yield packed({**solution, "number": str(solution["number"])})
    yield packed({**solution, "salt": salt.replace("work=50", "work=500")})
    yield packed({**solution, "salt": salt.replace("expires=1", "expires=9")})
    yield packed({**solution, "salt": None})
    yield packed({**solution, "algorithm": "SHA-1"})
    yield packed({**solution, "algorithm": "MD5"})
    yield packed({**own_challenge(), "number": 0})


def own_challenge():
    """What somebody who does not know the key would sign."""
    options = altcha.ChallengeOptions(
        number=0, hmac_key="guess", params={"work": "50", "expires": "9999999999"}
    )
    return altcha.create_challenge(options).to_dict()


def test_proof_that_is_none_counts_as_none(client):
    good = proof_for(client)
    now = timezone.now()

    assert {proofs.solved(forged, work=50, at=now) for forged in forgeries(good)} == {""}
    assert proofs.solved(good, work=50, at=now) == unpack(good)["challenge"]
    assert proofs.solved(good, work=51, at=now) == ""
    assert proofs.solved(good, work=50, at=now + timedelta(minutes=21)) == ""


def test_forged_proof_is_an_answer_and_no_error(at, settings):
    settings.DONATIONS_WITHOUT_PROOF = 0
    donor = at()
    good = proof_for(donor.client)

    answers = {donor.fill_in(proof=forged).status_code for forged in forgeries(good)}

    assert answers == {422}
    assert Attempt.objects.filter(outcome="refused").count() == len(list(forgeries(good))) - 1


def test_challenge_is_new_each_time_and_kept_by_nobody(client):
    answers = [client.get("/fr/give/challenge/") for _ in range(2)]

    assert answers[0].json() != answers[1].json()
    assert "no-store" in answers[0]["Cache-Control"]
    assert client.post("/fr/give/challenge/").status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_question_costs_the_same_after_many_attempts(
    django_assert_num_queries, settings, now, number
):
    settings.DONATIONS_WITHOUT_PROOF = 99
    who = Visitor(address="a" * 64, browser="b" * 64)
    for _ in range(number):
        Attempt.objects.create(outcome="started", at=now, **vars(who))

    # savepoint and release, two locks, the form, the guard, what was tried, the new row
    with django_assert_num_queries(8):
        shield.admit(visitor=who, form=uuid4(), proof="", at=now)


def test_attempts_are_forgotten_after_a_day(now):
    for hours in (1, 23, 25, 48):
        Attempt.objects.create(outcome="started", at=now - timedelta(hours=hours))

    assert shield.forget_attempts(at=now) == 2
    assert Attempt.objects.count() == 2


def test_every_night_old_attempts_and_names_are_forgotten():
    Attempt.objects.create(outcome="started", at=timezone.now() - timedelta(days=2))

    jobs.forget.defer(timestamp=0)
    run_jobs()

    assert Attempt.objects.count() == 0
