"""Addresses that lead to one mailbox, as the database compares them; see `contact.mailbox_of`."""

from typing import Any

from django.db.models import F, Func, Q

from crm.lib.contact import mailbox_of
from crm.lib.rows import Answer


class Mailbox(Func):
    """The mailbox of an address in its normal form."""

    arity = 1
    template = """CASE WHEN left(%(expressions)s, 1) = '+' THEN %(expressions)s
    WHEN split_part(%(expressions)s, '@', 2) IN ('gmail.com', 'googlemail.com') THEN
        replace(split_part(split_part(%(expressions)s, '@', 1), '+', 1), '.', '') || '@gmail.com'
    ELSE split_part(split_part(%(expressions)s, '@', 1), '+', 1)
        || '@' || split_part(%(expressions)s, '@', 2) END"""

    def as_sql(self, *asked: Any, **options: Any) -> tuple[str, tuple[str | int, ...]]:
        sql, _values = super().as_sql(*asked, **options)
        return sql, ()  # of a column there are none, however often it stands here


# Most addresses are their mailbox itself: only the others are indexed by it.
UNDER_ALIAS = ~Q(address=Mailbox(F("address")))


def same_mailbox(address: str) -> Q:
    """Which e-mail addresses lead where this one does, itself included."""
    mailbox = mailbox_of(address)
    return Q(address__in={address, mailbox}) | (UNDER_ALIAS & Q(mailbox=mailbox))


IS_NEW = """NOT EXISTS (SELECT FROM crm_emailaddress WHERE address = %s)
AND NOT EXISTS (SELECT FROM crm_emailaddress WHERE MAILBOX = %s AND NOT address = MAILBOX)"""
IS_NEW = IS_NEW.replace("MAILBOX", Mailbox.template % {"expressions": "address"})


def mailbox_is_new(address: str) -> Answer:
    """Ask whether nobody has this address, nor another that leads to its mailbox."""
    mailbox = mailbox_of(address)
    return Answer(IS_NEW, (mailbox, mailbox))
