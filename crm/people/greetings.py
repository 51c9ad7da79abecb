"""How letters begin and envelopes are addressed, in French, Dutch and English.

Pure: people come in the order in which they are named. A greeting of their own wins.
"""

from collections.abc import Sequence
from typing import Protocol

from crm.people.greeting_words import LANGUAGES, Words

LONGEST = 42  # characters of a line on an envelope
ENDS = (",", ".", "!", "?", ":")


class Named(Protocol):
    """What a greeting needs to know of somebody; supporters are such."""

    kind: str
    form_of_address: str
    given_name: str
    family_name: str
    own_greeting: str


def formal(people: Sequence[Named], language: str, *, own: str = "") -> str:
    """Return the first line of a letter. `own` is the household's own greeting."""
    words = LANGUAGES[language]
    if given := own_of(people, own):
        return given
    persons = [person for person in people if person.kind == "person"]
    if len(persons) > 2:
        return closed(dear_many(persons, words))
    if len(persons) == 2:
        return closed(dear_two(persons[0], persons[1], words))
    return closed(dear_one(persons[0], words) if persons else words.anybody)


def informal(people: Sequence[Named], language: str, *, own: str = "") -> str:
    """Return the first line of a mail: people are called by their given names."""
    words = LANGUAGES[language]
    if given := own_of(people, own):
        return given
    names = [person.given_name for person in people if person.given_name]
    return closed(f"{words.hello} {joined(names, words)}" if names else words.hello_all)


def name_line(people: Sequence[Named], language: str, *, own: str = "") -> str:
    """Return the names on an envelope, as full as one line takes."""
    words = LANGUAGES[language]
    if own or not people:
        return own
    if len(people) > 2:
        return as_family(people, words)
    if len(people) == 1:
        return on_envelope(people[0], words)
    full, short = two_on_envelope(people[0], people[1], words)
    if len(full) <= LONGEST:
        return full
    return short if len(short) <= LONGEST else as_family(people, words)


def attention(contact: Named, language: str) -> str:
    """Return the second line of an envelope to an organisation: whom there it is for."""
    words = LANGUAGES[language]
    line = on_envelope(contact, words)
    if words.capitalises and contact.form_of_address in words.title:
        line = line[:1].lower() + line[1:]
    return words.attention.format(line)


def own_of(people: Sequence[Named], own: str) -> str:
    """Return the greeting that somebody chose, ended by a comma where nothing ends it."""
    chosen = own or (people[0].own_greeting if len(people) == 1 else "")
    return chosen if not chosen or chosen.endswith(ENDS) else closed(chosen)


def closed(line: str) -> str:
    return f"{line},"


def dear_one(person: Named, words: Words) -> str:
    """Greet one person with as much as is known."""
    form, family = person.form_of_address, after_title(person, words)
    if form in words.dear and family:
        return f"{words.dear[form]} {family}"
    if form in words.alone and not person.given_name:
        return words.alone[form]
    if person.given_name:
        return f"{words.by_name} {full_name(person)}"
    if form == "" and family and words.capitalises:
        return f"{words.anybody} {family}"
    return words.hello_all if form else words.anybody


def dear_many(people: Sequence[Named], words: Words) -> str:
    """Greet a family, by given names where it has no name."""
    if names := family_names(people, words):
        return words.dear_family.format(names)
    given = joined([person.given_name for person in people], words)
    return f"{words.by_name} {given}" if given else words.anybody


def dear_two(one: Named, other: Named, words: Words) -> str:
    """Greet a couple: by one name or two, with titles where both have one."""
    forms = (one.form_of_address, other.form_of_address)
    titled = all(form in words.dear for form in forms) and one.family_name and other.family_name
    if not titled:
        return by_names(one, other, words)
    if one.family_name != other.family_name:
        second = dear_one(other, words)
        return f"{dear_one(one, words)}, {second[:1].lower()}{second[1:]}"
    family = after_title(one, words)
    if forms[0] != forms[1]:
        both = f" {words.conjunction} ".join(words.after[form] for form in forms)
        return f"{words.dear_both} {both} {family}"
    if forms[0] in words.dear_pair:
        return f"{words.dear_pair[forms[0]]} {family}"
    return by_names(one, other, words)


def by_names(one: Named, other: Named, words: Words) -> str:
    """Greet two without titles."""
    if is_family_without_names(one, other):
        return words.dear_family.format(family_names([one], words))
    names = two_names(one, other, words)
    return f"{words.by_name} {names}" if names else words.anybody


def is_family_without_names(one: Named, other: Named) -> bool:
    """Whether all we know of two is the name of their family."""
    is_one = bool(one.family_name) and one.family_name == other.family_name
    return is_one and not (one.given_name and other.given_name)


def two_names(one: Named, other: Named, words: Words) -> str:
    """Return the names of two, the family name once where it is one.

    Marie et Camille Dupont; Marie Dupont et Camille Janssens.
    """
    if one.family_name == other.family_name and one.given_name and other.given_name:
        return f"{joined([one.given_name, other.given_name], words)} {one.family_name}".strip()
    return joined([full_name(one), full_name(other)], words)


def joined(names: Sequence[str], words: Words) -> str:
    """Return names as a sentence has them: Marie, Jean et Zoé."""
    known = [name for name in names if name]
    if len(known) < 2:
        return "".join(known)
    return f"{', '.join(known[:-1])} {words.conjunction} {known[-1]}"


def on_envelope(person: Named, words: Words) -> str:
    """Return one name with its title, where we know one."""
    name = full_name(person)
    title = words.title.get(person.form_of_address, "") if person.kind == "person" else ""
    if title and not person.given_name:
        name = after_title(person, words)
    return f"{title} {name}".strip() if name else ""


def two_on_envelope(one: Named, other: Named, words: Words) -> tuple[str, str]:
    """Return the names of a couple, with given names and, for a short line, without."""
    forms = (one.form_of_address, other.form_of_address)
    both_titled = all(form in words.title for form in forms)
    if one.family_name == other.family_name and one.family_name:
        if both_titled and forms[0] != forms[1]:
            second = lowered(words.title[forms[1]], words)
            titles = f"{words.title[forms[0]]} {words.conjunction} {second}"
            line = f"{titles} {after_title(one, words)}"
            return line, line
        if is_family_without_names(one, other):
            family = as_family([one], words)
            return family, family
        names = two_names(one, other, words)
        return names, names
    first, second = on_envelope(one, words), on_envelope(other, words)
    if both_titled:
        second = lowered(second, words)
    full = joined([first, second], words)
    if not both_titled:
        return full, full
    short = [
        f"{words.title[forms[0]]} {after_title(one, words)}",
        f"{lowered(words.title[forms[1]], words)} {after_title(other, words)}",
    ]
    return full, joined(short, words)


def lowered(text: str, words: Words) -> str:
    """Return what follows within a line: Dutch titles are small there."""
    return text[:1].lower() + text[1:] if words.capitalises else text


def as_family(people: Sequence[Named], words: Words) -> str:
    """Return the name of a family, or given names where it has none."""
    if names := family_names(people, words):
        return words.family.format(names)
    return joined([person.given_name for person in people], words)


def family_names(people: Sequence[Named], words: Words) -> str:
    """Return the family names of a household, two at most: Dupont - Janssens."""
    names = dict.fromkeys(after_title(person, words) for person in people if person.family_name)
    return " - ".join(list(names)[:2])


def full_name(person: Named) -> str:
    return f"{person.given_name} {person.family_name}".strip()


def after_title(person: Named, words: Words) -> str:
    """Return a family name as it follows a title.

    In Dutch a particle is capital there, since no given name stands before it: Jan van den Berg,
    mevrouw Van den Berg. A name that begins with an apostrophe stays: mevrouw 't Kindt.
    """
    name = person.family_name
    return name[:1].upper() + name[1:] if words.capitalises else name
