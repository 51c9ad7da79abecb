"""The addresses that a signer gets by mail, and what they lead to."""

from crm.campaigns import letters
from crm.lib import tokens
from crm.mailing.headers import NOT_ME


def link(purpose, signature, language="en"):
    token = tokens.make(purpose, str(signature.public_id))
    place = {letters.CONFIRM: "confirm", letters.OWN: "signature", NOT_ME: "not-me"}[purpose]
    return f"/{language}/{place}/{token}/"


def to_confirm(signature, language="en"):
    return link(letters.CONFIRM, signature, language)


def own_page(signature, part="", language="en"):
    return link(letters.OWN, signature, language) + (f"{part}/" if part else "")


def not_me(signature, language="en"):
    return link(NOT_ME, signature, language)
