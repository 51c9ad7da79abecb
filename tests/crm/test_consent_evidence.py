"""What proves a consent given on a page: which page, and a hash of the network."""

import pytest
from django.test import RequestFactory

from crm.privacy.consent_requests import ConsentRequest
from crm.public.evidence import evidence_of
from tests.factories import WordingFactory

OUTSIDE = "203.0.113.7"


def test_network_is_kept_as_a_hash_that_stays_the_same(settings):
    request = RequestFactory().get("/", REMOTE_ADDR=OUTSIDE)

    proof = evidence_of(request, "newsletter", by="signed link")

    assert proof == evidence_of(request, "newsletter", by="signed link")
    assert sorted(proof) == ["by", "network", "page"]
    assert (OUTSIDE in str(proof), len(proof["network"])) == (False, 64)
    settings.SECRET_KEY = "another"
    assert evidence_of(request, "newsletter")["network"] != proof["network"]


def test_network_that_says_nothing_is_left_out():
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1")

    assert evidence_of(request, "newsletter") == {"page": "newsletter"}


@pytest.mark.django_db
def test_newsletter_page_keeps_from_where_it_was_sent(client):
    wording = WordingFactory(language="en")
    box = {"email": "anne@example.org", "newsletter": str(wording.pk)}

    client.post("/en/newsletter/", box | {"age": "older"}, REMOTE_ADDR=OUTSIDE)

    evidence = ConsentRequest.objects.get().evidence
    assert sorted(evidence) == ["network", "page"]
