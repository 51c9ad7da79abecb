"""The words of greetings and envelopes in French, Dutch and English."""

from dataclasses import dataclass

MADAM, SIR = "madam", "sir"


@dataclass(frozen=True)
class Words:
    """The words of one language, by form of address where they differ.

    `dear` opens a letter, `dear_both` one to two of different forms under one name, `dear_pair`
    one to two of one form; `hello` opens a mail, `by_name` a letter to whom we cannot
    title. `title` stands on an envelope, `after` inside a sentence.
    """

    dear: dict[str, str]
    dear_both: str
    dear_pair: dict[str, str]
    alone: dict[str, str]
    anybody: str
    hello: str
    hello_all: str
    by_name: str
    title: dict[str, str]
    after: dict[str, str]
    dear_family: str
    family: str
    attention: str
    conjunction: str
    capitalises: bool = False


FRENCH = Words(
    dear={MADAM: "Chère Madame", SIR: "Cher Monsieur"},
    dear_both="Chers",
    dear_pair={MADAM: "Chères Mesdames", SIR: "Chers Messieurs"},
    alone={MADAM: "Madame", SIR: "Monsieur"},
    anybody="Madame, Monsieur",
    hello="Bonjour",
    hello_all="Bonjour",
    by_name="Bonjour",
    title={MADAM: "Madame", SIR: "Monsieur"},
    after={MADAM: "Madame", SIR: "Monsieur"},
    dear_family="Chère famille {}",
    family="Famille {}",
    attention="À l’attention de {}",
    conjunction="et",
)
DUTCH = Words(
    dear={MADAM: "Geachte mevrouw", SIR: "Geachte heer"},
    dear_both="Geachte",
    dear_pair={MADAM: "Geachte dames", SIR: "Geachte heren"},
    alone={MADAM: "Geachte mevrouw", SIR: "Geachte heer"},
    anybody="Geachte heer of mevrouw",
    hello="Dag",
    hello_all="Goeiedag",
    by_name="Geachte",
    title={MADAM: "Mevrouw", SIR: "De heer"},
    after={MADAM: "mevrouw", SIR: "heer"},
    dear_family="Beste familie {}",
    family="Familie {}",
    attention="T.a.v. {}",
    conjunction="en",
    capitalises=True,
)
ENGLISH = Words(
    dear={MADAM: "Dear Ms", SIR: "Dear Mr"},
    dear_both="Dear",
    dear_pair={},
    alone={MADAM: "Dear Madam", SIR: "Dear Sir"},
    anybody="Dear Sir or Madam",
    hello="Hello",
    hello_all="Hello",
    by_name="Dear",
    title={MADAM: "Ms", SIR: "Mr"},
    after={MADAM: "Ms", SIR: "Mr"},
    dear_family="Dear {} family",
    family="The {} family",
    attention="Attn {}",
    conjunction="and",
)
LANGUAGES = {"fr": FRENCH, "nl": DUTCH, "en": ENGLISH}
