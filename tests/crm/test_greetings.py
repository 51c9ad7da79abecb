"""Greetings and envelopes, right in three languages, whoever it is."""

from dataclasses import dataclass

import pytest

from crm.people.greetings import attention, formal, informal, name_line


@dataclass
class Who:
    form_of_address: str
    given_name: str
    family_name: str
    kind: str = "person"
    own_greeting: str = ""


MARIE = Who("madam", "Marie", "Dupont")
JEAN = Who("sir", "Jean", "Dupont")
ANNE = Who("madam", "Anne", "Dupont")
LUC = Who("sir", "Luc", "Dupont")
EVA = Who("madam", "Eva", "Janssens")
WIM = Who("sir", "Wim", "Janssens")
ROBIN = Who("neutral", "Robin", "Peeters")
SAM = Who("", "Sam", "Dupont")
ZOE = Who("", "Zoé", "Dupont")
VAN_DEN_BERG = Who("madam", "Els", "van den Berg")
CROMBRUGGHE = Who("madam", "Inès", "de Crombrugghe")
KINDT = Who("sir", "Bart", "'t Kindt")
ONLY_FAMILY = Who("madam", "", "Dupont")
NAMELESS = Who("", "", "")
NAMELESS_MADAM = Who("madam", "", "")
FAMILY_UNKNOWN = Who("", "", "Dupont")
GIVEN_ONLY = Who("madam", "Marie", "")
BAKERY = Who("", "", "Bakkerij Janssens", kind="organisation")
CHOSEN = Who("madam", "Marie", "Dupont", own_greeting="Chère Mimi")
CHOSEN_CLOSED = Who("madam", "Marie", "Dupont", own_greeting="Lieve Mimi!")

FORMAL = [
    ([MARIE], "fr", "Chère Madame Dupont,"),
    ([JEAN], "fr", "Cher Monsieur Dupont,"),
    ([ROBIN], "fr", "Bonjour Robin Peeters,"),
    ([SAM], "fr", "Bonjour Sam Dupont,"),
    ([EVA], "nl", "Geachte mevrouw Janssens,"),
    ([WIM], "nl", "Geachte heer Janssens,"),
    ([ROBIN], "nl", "Geachte Robin Peeters,"),
    ([EVA], "en", "Dear Ms Janssens,"),
    ([WIM], "en", "Dear Mr Janssens,"),
    ([ROBIN], "en", "Dear Robin Peeters,"),
    # Particles.
    ([VAN_DEN_BERG], "nl", "Geachte mevrouw Van den Berg,"),
    ([VAN_DEN_BERG], "fr", "Chère Madame van den Berg,"),
    ([CROMBRUGGHE], "fr", "Chère Madame de Crombrugghe,"),
    ([KINDT], "nl", "Geachte heer 't Kindt,"),
    # Names that are missing.
    ([ONLY_FAMILY], "fr", "Chère Madame Dupont,"),
    ([GIVEN_ONLY], "fr", "Bonjour Marie,"),
    ([GIVEN_ONLY], "nl", "Geachte Marie,"),
    ([NAMELESS], "fr", "Madame, Monsieur,"),
    ([NAMELESS], "nl", "Geachte heer of mevrouw,"),
    ([NAMELESS], "en", "Dear Sir or Madam,"),
    ([NAMELESS_MADAM], "fr", "Madame,"),
    ([NAMELESS_MADAM], "nl", "Geachte mevrouw,"),
    ([NAMELESS_MADAM], "en", "Dear Madam,"),
    ([FAMILY_UNKNOWN], "fr", "Madame, Monsieur,"),
    ([FAMILY_UNKNOWN], "nl", "Geachte heer of mevrouw Dupont,"),
    ([Who("neutral", "", "Dupont")], "fr", "Bonjour,"),
    # Couples.
    ([MARIE, JEAN], "fr", "Chers Madame et Monsieur Dupont,"),
    ([JEAN, MARIE], "fr", "Chers Monsieur et Madame Dupont,"),
    ([WIM, EVA], "nl", "Geachte heer en mevrouw Janssens,"),
    ([WIM, EVA], "en", "Dear Mr and Ms Janssens,"),
    ([JEAN, EVA], "fr", "Cher Monsieur Dupont, chère Madame Janssens,"),
    ([JEAN, EVA], "nl", "Geachte heer Dupont, geachte mevrouw Janssens,"),
    ([JEAN, EVA], "en", "Dear Mr Dupont, dear Ms Janssens,"),
    ([MARIE, ANNE], "fr", "Chères Mesdames Dupont,"),
    ([JEAN, LUC], "nl", "Geachte heren Dupont,"),
    ([JEAN, LUC], "en", "Dear Jean and Luc Dupont,"),
    ([MARIE, EVA], "nl", "Geachte mevrouw Dupont, geachte mevrouw Janssens,"),
    ([MARIE, SAM], "fr", "Bonjour Marie et Sam Dupont,"),
    ([EVA, ROBIN], "nl", "Geachte Eva Janssens en Robin Peeters,"),
    ([FAMILY_UNKNOWN, FAMILY_UNKNOWN], "fr", "Chère famille Dupont,"),
    ([NAMELESS, NAMELESS], "nl", "Geachte heer of mevrouw,"),
    # More of them.
    ([MARIE, JEAN, ZOE], "fr", "Chère famille Dupont,"),
    ([WIM, EVA, VAN_DEN_BERG], "nl", "Beste familie Janssens - Van den Berg,"),
    ([MARIE, JEAN, ZOE], "en", "Dear Dupont family,"),
    ([GIVEN_ONLY, NAMELESS, GIVEN_ONLY], "fr", "Bonjour Marie et Marie,"),
    ([NAMELESS, NAMELESS, NAMELESS], "fr", "Madame, Monsieur,"),
    # Organisations.
    ([BAKERY], "fr", "Madame, Monsieur,"),
    ([BAKERY], "nl", "Geachte heer of mevrouw,"),
    ([BAKERY, EVA], "nl", "Geachte mevrouw Janssens,"),
    ([], "fr", "Madame, Monsieur,"),
    # Their own.
    ([CHOSEN], "fr", "Chère Mimi,"),
    ([CHOSEN_CLOSED], "nl", "Lieve Mimi!"),
    ([CHOSEN, JEAN], "fr", "Chers Madame et Monsieur Dupont,"),
]
INFORMAL = [
    ([MARIE], "fr", "Bonjour Marie,"),
    ([EVA], "nl", "Dag Eva,"),
    ([ROBIN], "en", "Hello Robin,"),
    ([MARIE, JEAN], "fr", "Bonjour Marie et Jean,"),
    ([WIM, EVA, ROBIN], "nl", "Dag Wim, Eva en Robin,"),
    ([FAMILY_UNKNOWN], "fr", "Bonjour,"),
    ([BAKERY], "nl", "Goeiedag,"),
    ([CHOSEN], "nl", "Chère Mimi,"),
]
ENVELOPES = [
    ([MARIE], "fr", "Madame Marie Dupont"),
    ([WIM], "nl", "De heer Wim Janssens"),
    ([ROBIN], "en", "Robin Peeters"),
    ([ONLY_FAMILY], "fr", "Madame Dupont"),
    ([Who("madam", "", "van den Berg")], "nl", "Mevrouw Van den Berg"),
    ([VAN_DEN_BERG], "nl", "Mevrouw Els van den Berg"),
    ([NAMELESS], "fr", ""),
    ([NAMELESS_MADAM], "fr", ""),
    ([BAKERY], "fr", "Bakkerij Janssens"),
    ([MARIE, JEAN], "fr", "Madame et Monsieur Dupont"),
    ([WIM, EVA], "nl", "De heer en mevrouw Janssens"),
    # As much as one line takes: with given names, with family names only, as a family.
    ([JEAN, Who("madam", "Eva", "Maes")], "fr", "Monsieur Jean Dupont et Madame Eva Maes"),
    ([JEAN, EVA], "fr", "Monsieur Dupont et Madame Janssens"),
    ([WIM, VAN_DEN_BERG], "nl", "De heer Janssens en mevrouw Van den Berg"),
    (
        [WIM, Who("madam", "Marie-Antoinette", "Vandekerckhove-Vanden Broeck")],
        "nl",
        "Familie Janssens - Vandekerckhove-Vanden Broeck",
    ),
    ([JEAN, LUC], "fr", "Jean et Luc Dupont"),
    ([MARIE, SAM], "nl", "Marie en Sam Dupont"),
    ([EVA, ROBIN], "en", "Ms Eva Janssens and Robin Peeters"),
    ([FAMILY_UNKNOWN, FAMILY_UNKNOWN], "en", "The Dupont family"),
    ([MARIE, JEAN, ZOE], "fr", "Famille Dupont"),
    ([WIM, EVA, ROBIN], "nl", "Familie Janssens - Peeters"),
    ([GIVEN_ONLY, NAMELESS, GIVEN_ONLY], "nl", "Marie en Marie"),
    ([], "nl", ""),
]


@pytest.mark.parametrize(("people", "language", "line"), FORMAL)
def test_letter_begins_as_their_language_has_it(people, language, line):
    assert formal(people, language) == line


@pytest.mark.parametrize(("people", "language", "line"), INFORMAL)
def test_mail_calls_people_by_their_given_names(people, language, line):
    assert informal(people, language) == line


@pytest.mark.parametrize(("people", "language", "line"), ENVELOPES)
def test_envelope_names_them_on_one_line(people, language, line):
    assert name_line(people, language) == line


@pytest.mark.parametrize(
    ("contact", "language", "line"),
    [
        (MARIE, "fr", "À l’attention de Madame Marie Dupont"),
        (WIM, "nl", "T.a.v. de heer Wim Janssens"),
        (ROBIN, "nl", "T.a.v. Robin Peeters"),
        (EVA, "en", "Attn Ms Eva Janssens"),
    ],
)
def test_envelope_to_an_organisation_says_for_whom_it_is(contact, language, line):
    assert attention(contact, language) == line


def test_household_that_chose_its_greeting_and_name_has_them():
    people = [MARIE, JEAN]

    assert formal(people, "fr", own="Chers amis") == "Chers amis,"
    assert informal(people, "fr", own="Chers amis,") == "Chers amis,"
    assert name_line(people, "fr", own="Les Dupont") == "Les Dupont"
