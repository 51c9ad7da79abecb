"""Notices texts that look like a report of child abuse, which belongs on the reporting site.

A sentence counts that names a child and an abuse, unless it speaks of our own work, such as a
campaign against it. It errs towards asking: whoever writes is asked, never refused.
"""

import re

from crm.lib.contact import words

# Beginnings of folded words, in French, Dutch and English; with a blank after it, a whole word.
CHILDREN = (
    *("enfant", "mineur", "fillette", "garconnet", "bebe", "petite fille", "petit garcon"),
    *("ma fille", "mon fils", "sa fille", "son fils", "ma niece", "mon neveu", "une eleve"),
    *("kind", "kleuter", "meisje", "jongetje", "baby", "minderjarig", "leerling"),
    *("mijn dochter", "mijn zoon", "haar dochter", "zijn dochter", "nichtje", "neefje"),
    *("fille ", "filles ", "garcon ", "garcons ", "jongen ", "jongens "),
    *("girl ", "girls ", "boy ", "boys "),
    *("child", "minor", "toddler", "little girl", "little boy", "underage", "year old"),
    *("my daughter", "my son", "her daughter", "his daughter", "my niece", "my nephew"),
)
ABUSES = (
    *("viol", "attouch", "abus", "inceste", "agress", "maltrait", "prostitu", "frappe", "battu"),
    *("verkracht", "misbruik", "misbruikt", "betast", "mishandel", "aangerand", "aanrand", "slaat"),
    *("rape", "raping", "molest", "groom", "beaten", "beats", "assault", "sexting", "sextors"),
    *("exploit", "uitgebuit", "uitbuit", "sextortion", "chantage", "photos nues", "naaktfoto"),
    *("nude photo", "nude picture", "naked photo", "naked picture", "touches sexuel"),
)
# What is never anything else.
ALWAYS = ("pedoporn", "pedopornograph", "kinderporn", "child porn", "csam")
# What we work on: "signed the petition against the exploitation of children" is no report.
OUR_WORK = (
    *("campagn", "campaign", "petition", "petitie", "contre", "tegen", "against", "lutte"),
    *("strijd", "combat", "fight", "prevent", "preventi", "formation", "opleiding", "training"),
    *("sensibilis", "awareness", "conferenc", "conferentie", "colloque", "interess", "interest"),
    *("newsletter", "nieuwsbrief", "etude", "studie", "study", "article", "artikel", "plaidoyer"),
    *("don pour", "gift voor", "donat", "projet", "project", "programme", "sujet", "thema"),
)


def looks_like_report(text: str) -> bool:
    """Whether somebody may be telling of a child that is abused.

    >>> looks_like_report("Elle dit que son voisin abuse d'une fillette de 8 ans.")
    True
    >>> looks_like_report("A signé la pétition contre l'exploitation des enfants.")
    False
    """
    return any(is_report(" ".join(words(part))) for part in re.split(r"[.!?;\n]+", text))


def is_report(sentence: str) -> bool:
    if names(ALWAYS, sentence):
        return not names(OUR_WORK, sentence)
    told = names(CHILDREN, sentence) and names(ABUSES, sentence)
    return told and not names(OUR_WORK, sentence)


def names(beginnings: tuple[str, ...], sentence: str) -> bool:
    spaced = f" {sentence} "
    return any(f" {beginning}" in spaced for beginning in beginnings)
