"""What is compared, and how: names and streets in French and Dutch, and SQL beside Python."""

from itertools import combinations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.people import names
from crm.people.comparing import COMPARISONS
from crm.people.levels import distance, person
from crm.people.names import family_core, family_key, family_words, given_key, given_root
from crm.people.scoring import Frequencies, level_of, score
from crm.people.streets import street

DUCKDB = duckdb.connect()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Van den Berghe", "VANDENBERGHE"),
        ("De Clercq", "Declerck"),
        ("D'Hondt", "Dhondt"),
        ("'t Kindt", "’t Kindt"),
        ("Verheijen", "Verheyen"),
        ("Noël", "NOEL"),
        ("Van den Broeck", "van den broek"),
        ("Lefèvre-Dumont", "Lefevre Dumont"),
    ],
)
def test_family_names_in_two_spellings_are_one(one, other):
    assert family_key(one) == family_key(other)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("van der Linden", "linden"),
        ("Vanderlinden", "linden"),
        ("de la Vallée", "vallee"),
        ("De Smedt", "smedt"),
        ("Desmedt", "desmedt"),  # who knows: it may be a name of its own
        ("Devos", "devos"),
        ("Van", "van"),
        ("", ""),
    ],
)
def test_particles_are_taken_off_where_that_leaves_a_name(name, core):
    assert family_core(name) == core


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Desmedt", "De Smedt", "same"),
        ("de Villers", "Villers", "particle"),
        ("Van de Velde", "Vandevelde", "same"),
        ("Dupont", "Dupond", "one_letter"),
        ("Dupont-Lambert", "Lambert", "particle"),
        ("Van den Berghe-Maes", "Maes", "part"),
        ("Peeters", "Janssens", "different"),
    ],
)
def test_level_of_two_family_names(one, other, level):
    assert level_between("family", {"family_name": one}, {"family_name": other}) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Hélène", "HELENE", "same"),
        ("Anne-Marie", "Annemarie", "same"),
        ("Mme Julie", "Julie", "same"),
        ("Jef", "Jozef", "nickname"),
        ("Liesbeth", "Elisabeth", "nickname"),
        ("J.", "Jan", "initial"),
        ("Véronique", "Veroniqe", "one_letter"),
        ("Jean-Luc", "Luc", "part"),
        ("Pierre", "Fatima", "different"),
        ("", "Fatima", None),
    ],
)
def test_level_of_two_given_names(one, other, level):
    assert level_between("given", {"given_name": one}, {"given_name": other}) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19500312", "19500312", "same"),
        ("19500312", "19501203", "day_for_month"),
        ("19500312", "19500313", "one_digit"),
        ("19500312", "19610312", "partly"),
        ("19500312", "19810917", "different"),
    ],
)
def test_level_of_two_dates_of_birth(one, other, level):
    assert level_between("birth", {"birth": one}, {"birth": other}) == level


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("av. de la Couronne 12 bte 3", "12, Avenue de la Couronne"),
        ("Kerkstr. 5", "Kerkstraat 5"),
        ("Leuvensestwg. 7", "Leuvensesteenweg 7 bus 2"),
        ("Rue de la Loi 16", "Wetstraat 16"),
        ("Chaussée de Louvain 10", "Leuvensesteenweg 10"),
        ("rue Haute / Hoogstraat 8", "R. Haute 8"),
        ("O.L.V.-straat 3", "Onze-Lieve-Vrouwstraat 3"),
        ("St.-Jansstraat 4", "Sint-Jansstraat 4"),
        ("bd. du Midi 1", "Boulevard du Midi 1"),
    ],
)
def test_streets_in_two_spellings_or_languages_are_one(one, other):
    assert street(one) == street(other)


def test_no_name_stands_for_two_persons_in_the_table_of_short_names():
    lines = [
        {given_key(name) for name in line.split(",")}
        for line in names.NICKNAMES.read_text().splitlines()
        if not line.startswith("#")
    ]

    assert [one & other for one, other in combinations(lines, 2) if one & other] == []
    assert given_root("Mieke") == given_root("Maria") != given_root("Griet")


def test_name_of_two_people_married_or_not_has_two_parts():
    assert family_words("Dupont - Van den Berghe") == ["dupont", "berghe"]


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_distance_is_that_of_the_database(one, other):
    [(theirs,)] = DUCKDB.execute("SELECT damerau_levenshtein(?, ?)", [one, other]).fetchall()

    assert distance(one, other) == theirs


def level_between(field, one, other):
    comparison = next(each for each in COMPARISONS if each.name == field)
    level = level_of(comparison, person(id=1, **one), person(id=2, **other))
    return level and level.name


def test_exchanged_names_alone_are_no_reason_to_suspect_anybody():
    """They are one fact, not two: as much as both names being the same."""
    anke = person(id=1, given_name="Anke", family_name="Cools", postcode="1770")
    cools = person(id=2, given_name="Cools", family_name="Anke", postcode="2600")
    same = person(id=3, given_name="Cools", family_name="Anke", postcode="1770", phones=["+3224"])

    far, near = (score(anke, other, Frequencies()) for other in (cools, same))

    assert far.probability < 0.05
    assert near.probability > 0.5
    assert [each.field for each in far.evidence if each.level == "swapped"] == ["given"]
