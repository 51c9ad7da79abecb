"""Normal forms in which the names of people are compared: French and Dutch ones above all."""

import re
from functools import cache
from pathlib import Path

from crm.lib import contact

NICKNAMES = Path(__file__).parent / "data" / "nicknames.txt"
PARTICLES = frozenset(
    re.findall(
        r"\w+",
        "van von der den de die het t ter ten te op in du des d del della di da dos le la les l el "
        "al ver vande vanden vander",
    )
)
TITLES = frozenset(
    re.findall(
        r"\w+",
        "m mr mrs ms mme mlle mm madame monsieur mademoiselle dhr de heer mevr mevrouw mej dr "
        "docteur dokter prof me",
    )
)
# Written together, these can be taken off without touching a short name such as Devos or Denis.
TOGETHER = re.compile(r"^(vanden|vander|vande|van)(?=\w{4})")
# Spellings of one sound: Declercq and Declerck, Verheijen and Verheyen, Broeck and Broek.
SOUNDS = (("ij", "y"), ("ck", "k"), ("cq", "k"), ("œ", "oe"), ("æ", "ae"), ("ß", "ss"))
# What spammers put into a name, so that the mail we send carries their link.
LINK = re.compile(r"://|@|\bwww\.|\w\.(com|net|org|info|biz|io|xyz|top|shop|site|link|ru)\b", re.I)
FORMULA = ("=", "+", "-", "@")
APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")


def may_be_name(text: str) -> bool:
    """Whether this may be a name: it is neither a link nor what a spreadsheet would calculate.

    >>> may_be_name("Anne"), may_be_name("Win at example.com"), may_be_name("=1+1")
    (True, False, False)
    """
    return not LINK.search(text) and not text.startswith(FORMULA)


def parted(whole: str) -> tuple[str, str]:
    """Part a name into given and family name.

    >>> parted("Anne van den Broeck"), parted("Dupont, Anne Marie"), parted("Plan")
    (('Anne', 'van den Broeck'), ('Anne Marie', 'Dupont'), ('', 'Plan'))
    """
    family, comma, given = whole.partition(",")
    if not comma:
        given, _space, family = whole.partition(" ")
        given, family = (given, family) if family else ("", given)
    return given.strip()[:100], family.strip()[:100]


def spelt(text: str) -> str:
    """Return folded text in which sounds that are written in two ways are written in one."""
    folded = contact.fold(text)
    for written, one in SOUNDS:
        folded = folded.replace(written, one)
    return folded


def parts(text: str) -> list[str]:
    """Return the words of a name.

    >>> parts("Van den Broeck - d'Hondt")
    ['van', 'den', 'broek', 'dhondt']
    """
    return re.findall(r"[^\W_]+", spelt(text.translate(APOSTROPHES)))


def given_words(text: str) -> list[str]:
    """Return the words of a given name, without what one is addressed by.

    >>> given_words("Mme Anne-Marie")
    ['anne', 'marie']
    """
    found = parts(text)
    return [word for word in found if word not in TITLES] or found


def given_key(text: str) -> str:
    """Return the form in which given names are compared.

    >>> given_key("Anne-Marie") == given_key("Annemarie") == "annemarie"
    True
    """
    return "".join(given_words(text))


def given_root(text: str) -> str:
    """Return the one form of a name and its short forms.

    >>> given_root("Jef") == given_root("Jos") == given_root("Jozef")
    True
    >>> given_root("Zebulon")
    'zebulon'
    """
    key = given_key(text)
    return nicknames().get(key, key)


def forms(text: str) -> set[str]:
    """Return by what the bearers of a given name may be called.

    >>> sorted(forms("Lieve"))
    ['godelieve', 'godlieve', 'lief', 'lieve', 'lieveke']
    """
    root = given_root(text)
    return {given_key(text)} | {name for name, other in nicknames().items() if other == root}


def family_key(text: str) -> str:
    """Return the form in which family names are compared.

    >>> family_key("De Clercq") == family_key("Declerck")
    True
    >>> family_key("'t Kindt")
    'tkindt'
    """
    return "".join(parts(text))


def family_core(text: str) -> str:
    """Return a family name without its particles.

    >>> family_core("van der Linden") == family_core("Vanderlinden") == family_core("Linden")
    True
    >>> family_core("Devos"), family_core("de Villers"), family_core("Van")
    ('devos', 'villers', 'van')
    """
    found = parts(text)
    names = [word for word in found if word not in PARTICLES]
    return TOGETHER.sub("", "".join(names)) or "".join(found)


def family_words(text: str) -> list[str]:
    """Return each of somebody's family names: people marry, and keep one or both.

    >>> family_words("Dupont-Van den Berghe")
    ['dupont', 'berghe']
    """
    single = re.split(r"\s*[-–/]\s*|\s+(?:ép\.?|épouse|née?|geb\.?)\s+", text, flags=re.IGNORECASE)
    cores = [family_core(each) for each in single if each.strip()]
    return [core for core in cores if len(core) > 2]


@cache
def nicknames() -> dict[str, str]:
    """Return for each name of the table the first of its line."""
    roots: dict[str, str] = {}
    for line in NICKNAMES.read_text().splitlines():
        if line and not line.startswith("#"):
            group = [given_key(name) for name in line.split(",")]
            for name in group:
                roots.setdefault(name, group[0])
    return roots
