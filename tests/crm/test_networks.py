"""Networks and their members, and institutional partners."""

from datetime import date

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.people.models import Supporter
from crm.people.relating import NotAnOrganisation
from crm.programmes import affiliating
from crm.programmes.networks import Affiliation, Network
from tests.factories import SupporterFactory
from tests.partner_factories import AffiliationFactory, NetworkFactory, OrganisationFactory

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
NETWORKS, PARTNERS = "/staff/crm/network/", "/staff/crm/affiliation/"
ADD = "/staff/crm/affiliation/add/"
DAY = date(2026, 2, 1)


@pytest.fixture
def carla(signed_in):
    return signed_in(Role.CAMPAIGNER)


@pytest.fixture
def who(carla, now):
    return {"at": now, "by": carla}


def page_of(network):
    return reverse("admin:crm_network_change", args=[network.pk])


def end_of(affiliation):
    return reverse("admin:crm_affiliation_end", args=[affiliation.pk])


def groups(answer):
    return [
        (group.title, [str(line.affiliation.organisation) for line in group.lines])
        for group in answer.context["groups"]
    ]


def member(network, name, country="BE", **fields):
    organisation = OrganisationFactory(family_name=name, country=country)
    organisation.search_text = organisation.searchable()
    organisation.save()
    return AffiliationFactory(organisation=organisation, network=network, **fields)


def test_organisation_belongs_to_a_network_once(who):
    network, hotel = NetworkFactory(), OrganisationFactory()
    told = {"kind": "member", "network": network, "organisation": hotel, **who}

    affiliation = affiliating.affiliate(**told)

    with pytest.raises(affiliating.AlreadyAffiliated):
        affiliating.affiliate(**told)
    assert Affiliation.objects.get() == affiliation
    assert AuditEntry.objects.filter(action="affiliation.added").count() == 1


def test_person_belongs_to_no_network(who):
    told = {"kind": "member", "network": NetworkFactory(), "organisation": SupporterFactory()}

    with pytest.raises(NotAnOrganisation):
        affiliating.affiliate(**told, **who)


def test_affiliation_ends_on_a_day_and_may_begin_again(who):
    affiliation = AffiliationFactory(begins_on=date(2020, 1, 1))
    told = {"affiliation": affiliation, "ends_on": DAY, **who}

    assert [affiliating.end_affiliation(**told) for _ in range(2)] == [True, False]

    days = [date(2019, 12, 31), date(2020, 1, 1), date(2026, 1, 31), DAY]
    assert [Affiliation.objects.on(day).count() for day in days] == [0, 1, 1, 0]
    again = {"kind": "member", "network": affiliation.network, "begins_on": DAY}
    affiliating.affiliate(organisation=affiliation.organisation, **again, **who)
    assert Affiliation.objects.on(DAY).count() == 1


def test_affiliation_does_not_end_before_it_begins(who):
    affiliation = AffiliationFactory(begins_on=DAY)

    with pytest.raises(affiliating.EndsBeforeItBegins):
        affiliating.end_affiliation(affiliation=affiliation, ends_on=date(2026, 1, 31), **who)


def test_two_networks_have_two_names(who):
    network = NetworkFactory(name="CODE")

    with pytest.raises(affiliating.NameTaken):
        affiliating.write_network(name="Code", is_international=False, **who)
    kept = affiliating.write_network(name="CODE", is_international=True, network=network, **who)

    assert (kept.pk, Network.objects.get().is_international) == (network.pk, True)


def test_networks_tell_how_many_members_they_have_in_how_many_countries(client, carla):
    big, small = NetworkFactory(name="Big", is_international=True), NetworkFactory(name="Small")
    for name, country in (("A", "BE"), ("B", "NL"), ("C", "NL")):
        member(big, name, country)
    member(big, "Gone", "FR", ends_on=date(2020, 1, 1))

    told = client.get(NETWORKS).context["networks"]

    assert [tuple(each) for each in told] == [(big, 3, 2), (small, 0, 0)]


def test_members_stand_by_country_as_the_reader_names_them(client, carla):
    network = NetworkFactory()
    for name, country in (("Zeta", "BE"), ("Alpha", "DE"), ("Beta", "BE"), ("Nowhere", "")):
        member(network, name, country)
    member(network, "Gone", ends_on=date(2020, 1, 1))

    answer = client.get(page_of(network), headers=ENGLISH)

    assert groups(answer) == [
        ("Belgium", ["Beta", "Zeta"]),
        ("Germany", ["Alpha"]),
        ("country unknown", ["Nowhere"]),
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=alp", ["Alpha"]),
        ("country=BE", ["Beta"]),
        ("show=all&country=BE", ["Beta", "Gone"]),
        ("country=XX", ["Beta", "Alpha"]),
    ],
)
def test_members_are_searched_and_filtered(client, carla, query, names):
    network = NetworkFactory()
    member(network, "Alpha", "DE")
    member(network, "Beta", "BE")
    member(network, "Gone", "BE", ends_on=date(2020, 1, 1))

    found = groups(client.get(f"{page_of(network)}?{query}", headers=ENGLISH))

    assert [name for _country, group in found for name in group] == names


def test_institutional_partners_stand_by_kind(client, carla):
    for kind, name in (("ngo", "Helpers"), ("public", "Ministry"), ("private", "Federation")):
        member(None, name, kind=kind)
    AffiliationFactory()

    answer = client.get(PARTNERS, headers=ENGLISH)

    assert groups(answer) == [
        ("public partner", ["Ministry"]),
        ("private partner", ["Federation"]),
        ("partner organisation", ["Helpers"]),
    ]


def test_member_that_we_do_not_know_is_written_down_with_its_membership(client, carla):
    network = NetworkFactory()
    told = {"name": "New Group", "country": "NL", "language": "nl", "what": f"member:{network.pk}"}

    answer = client.post(f"{ADD}?next={page_of(network)}", told)

    assert answer.url == page_of(network)
    row = Affiliation.objects.get()
    assert (str(row.organisation), row.organisation.country.code) == ("New Group", "NL")
    assert (row.kind, row.network, row.organisation.kind) == ("member", network, "organisation")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({}, "organisation"),
        ({"organisation": "known", "name": "Another"}, "organisation"),
        ({"organisation": "person"}, "organisation"),
        ({"organisation": "affiliated"}, "organisation"),
        ({"name": "Known Ministry"}, "name"),
        ({"name": "New", "email": "taken@example.org"}, "email"),
        ({"name": "New", "country": "BE", "postcode": "12"}, "postcode"),
        ({"organisation": "known", "what": "member:0"}, "what"),
    ],
)
def test_form_names_what_is_wrong_beside_its_field(client, carla, told, field):
    known = member(None, "Known Ministry", kind="ngo").organisation
    affiliated = AffiliationFactory(kind="public", network=None).organisation
    person = SupporterFactory(email="taken@example.org")
    keys = {"known": known.pk, "person": person.pk, "affiliated": affiliated.pk}
    sent = {"what": "public", "language": "fr", **told}
    if "organisation" in sent:
        sent["organisation"] = keys[sent["organisation"]]

    answer = client.post(ADD, sent)

    assert list(answer.context["form"].errors) == [field]
    assert (Affiliation.objects.count(), Supporter.objects.count()) == (2, 3)


def test_membership_is_ended_from_the_list(client, carla):
    affiliation = AffiliationFactory(begins_on=date(2020, 1, 1))

    wrong = client.post(end_of(affiliation), {"ends_on": "2019-12-31"})
    answer = client.post(end_of(affiliation), {"ends_on": "2026-02-01"})

    assert list(wrong.context["form"].errors) == ["ends_on"]
    assert answer.url == page_of(affiliation.network)
    assert Affiliation.objects.get().ends_on == DAY


def test_network_is_added_and_renamed(client, carla):
    client.post("/staff/crm/network/add/", {"name": "KIRECO"})
    network = Network.objects.get()

    edit = reverse("admin:crm_network_edit", args=[network.pk])
    client.post(edit, {"name": "Kireco", "is_international": "on"})
    other = client.post("/staff/crm/network/add/", {"name": "KIRECO"})

    network.refresh_from_db()
    assert (network.name, network.is_international) == ("Kireco", True)
    assert list(other.context["form"].errors) == ["name"]


def test_organisation_shows_what_it_belongs_to(client, carla):
    affiliation = AffiliationFactory(network__name="KIRECO")
    page = reverse("admin:crm_supporter_change", args=[affiliation.organisation_id])

    shown = client.get(page, headers=ENGLISH).context["programmes"]

    assert (shown["affiliations"], shown["partner"]) == ([affiliation], None)


def test_person_shows_no_programmes(client, carla):
    page = reverse("admin:crm_supporter_change", args=[SupporterFactory().pk])

    assert "programmes" not in client.get(page).context


@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_as_many_queries_for_many_members_as_for_one(
    client, carla, number, django_assert_num_queries
):
    network = NetworkFactory()
    for place in range(number):
        member(network, f"Group {place}", kind="member")
        member(None, f"Ministry {place}", kind="public")
        NetworkFactory()
    client.get(NETWORKS)

    for page, queries in ((NETWORKS, 6), (page_of(network), 7), (PARTNERS, 6)):
        with django_assert_num_queries(queries):
            client.get(page)
