"""What is held back: rushes from one network, forms without proof, addresses to throw away."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.audit import AuditEntry
from crm.campaigns import admitting
from crm.campaigns.counting import SignatureDelta
from crm.campaigns.models import Signature
from crm.campaigns.proofs_spent import SpentProof
from crm.campaigns.signing import release_held, sign
from crm.campaigns.sources import Trail
from crm.lib import proofs
from crm.mailing.models import Mail
from tests.crm.pia import PIA, page
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.payments.test_shield import solution_of

pytestmark = pytest.mark.django_db

NETWORK = "203.0.113.7"
HELD, PENDING = "held", "pending"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.SIGNATURES_PER_NETWORK, settings.SIGNATURES_WITHOUT_PROOF = 4, 2
    settings.PROOF_WORK = 20
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


@pytest.fixture
def send(client, petition):
    """A function that sends the form of somebody new, as from a network."""

    def send(number, *, network=NETWORK, **changes):
        form = PIA | {"email": f"pia{number}@example.org"} | changes
        return client.post(page(petition), form, headers={"X-Forwarded-For": network})

    return send


def proof():
    return solution_of(proofs.challenge(work=20, at=timezone.now()))


def states():
    return list(Signature.objects.order_by("pk").values_list("status", flat=True))


def test_forms_without_proof_are_held_back_beyond_a_few(send):
    answers = [send(number) for number in range(3)]

    assert states() == [PENDING, PENDING, HELD]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert Mail.objects.count() == 2


def test_forms_with_proof_are_held_back_beyond_many(send):
    for number in range(5):
        send(number, proof=proof())

    assert states() == [PENDING] * 4 + [HELD]
    assert SpentProof.objects.count() == 5


def test_proof_that_was_used_proves_nothing(send):
    used = proof()

    for number in range(3):
        send(number, proof=used)

    assert states() == [PENDING, PENDING, HELD]
    assert SpentProof.objects.count() == 1


def test_proof_of_less_work_than_is_asked_proves_nothing(send, settings):
    easy = [proof() for _ in range(3)]
    settings.PROOF_WORK = 21

    for number in range(3):
        send(number, proof=easy[number])

    assert states() == [PENDING, PENDING, HELD]
    assert not SpentProof.objects.exists()


def test_networks_do_not_count_for_one_another(send):
    for number in range(4):
        send(number, network=f"203.0.113.{number}")

    assert states() == [PENDING] * 4


def test_an_hour_later_the_network_may_sign_again(send):
    for number in range(3):
        send(number)
    Signature.objects.update(signed_at=timezone.now() - timedelta(minutes=61))

    send(4)

    assert states() == [PENDING, PENDING, HELD, PENDING]


def test_form_that_is_wrong_counts_for_nothing(send):
    for number in range(3):
        send(number, email="nobody", proof=proof())

    assert (states(), SpentProof.objects.count(), SignatureDelta.objects.count()) == ([], 0, 0)


def test_address_to_throw_away_is_held_back_and_says_why(send):
    send(1, email="pia@mailinator.com", proof=proof())

    signature = Signature.objects.get()
    assert signature.status == HELD
    assert admitting.why_held(signature) == [
        "The address is of a provider that gives addresses away for an hour.",
        "One signature came from this network within an hour.",
    ]


def test_who_is_known_is_held_back_like_anybody(send):
    people = [SupporterFactory(email=f"pia{number}@example.org") for number in range(3)]

    for number in range(3):
        send(number)

    assert states() == [PENDING, PENDING, HELD]
    assert Mail.objects.filter(supporter__in=people).count() == 2


def test_network_is_kept_with_the_signature(send):
    send(1, network="2001:db8:1:2:3:4:5:6")

    assert Signature.objects.get().network == "2001:db8:1:2::"


def test_released_signature_gets_its_mail_once(send, staff, mailoutbox):
    for number in range(3):
        send(number)
    run_jobs()
    by, at = staff("campaigner"), timezone.now()

    released = [release_held(signatures=Signature.objects.all(), at=at, by=by) for _ in range(2)]
    run_jobs()

    assert (released, states()) == ([1, 0], [PENDING] * 3)
    assert [mail.to for mail in mailoutbox] == [[f"pia{n}@example.org"] for n in range(3)]
    assert AuditEntry.objects.filter(action="signature.released", by=by).count() == 1


def test_each_signature_is_noted_as_sent_once_and_then_as_repeated(send):
    for _ in range(3):
        send(1, network="")

    steps = SignatureDelta.objects.order_by("pk").values_list("step", "number")
    assert list(steps) == [("submit", 1), ("repeat", 1), ("repeat", 1)]


def test_telephone_is_kept_and_never_takes_the_place_of_another(petition, now):
    told = PIA | {"language": "en", "trail": Trail(), "at": now}

    first = sign(campaign=petition, **told, phone="0475 12 34 56")
    sign(campaign=petition, **told, phone="0475 65 43 21")

    phones = first.supporter.phones.values_list("number", "is_preferred", "source")
    assert list(phones) == [("+32475123456", True, f"signature:{first.public_id}")]


def test_challenge_is_another_each_time_and_kept_by_nobody(client):
    answers = [client.get(reverse("public:challenge")) for _ in range(2)]

    assert "no-store" in answers[0]["Cache-Control"]
    assert answers[0].json()["challenge"] != answers[1].json()["challenge"]
    assert answers[0].json()["maxNumber"] == 20


def test_old_proofs_are_forgotten(now):
    SpentProof.objects.create(challenge="old", at=now - timedelta(hours=25))
    SpentProof.objects.create(challenge="new", at=now)

    assert admitting.forget_proofs(at=now) == 1
    assert SpentProof.objects.get().challenge == "new"
