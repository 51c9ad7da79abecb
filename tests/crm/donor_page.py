"""What tests of the donor's own page share."""

from functools import cache

from crm.lib import tokens
from crm.public.donor_link import DONOR


@cache
def signed(public_id):
    return tokens.make(DONOR, public_id)


def token_of(supporter):
    """A link's token, which stays the same throughout a test, as the second in it would not."""
    return signed(str(supporter.public_id))


def page_of(supporter, path="", language="en"):
    """The address of a donor's page."""
    return f"/{language}/me/{token_of(supporter)}/{path}"
