"""Background work of privacy."""

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from crm.privacy import keeping, requesting


@app.periodic(cron="37 * * * *")
@app.task(queue="upkeep", name="privacy.forget_packages", queueing_lock="forget_packages")
def forget_packages(timestamp: int) -> None:
    """Delete packages of data whose link has expired."""
    requesting.forget_packages(now=timezone.now())


@app.periodic(cron="12 1 * * *")
@app.task(queue="upkeep", name="privacy.keep_rules", queueing_lock="keep_rules")
def keep_rules(timestamp: int) -> None:
    """Queue each rule of retention that is on: what stops one does not stop the others."""
    for rule in keeping.rules():
        if rule.is_on:
            keep_rule_soon(rule.key)


def keep_rule_soon(key: str) -> None:
    """Queue the work of one rule, unless last night's still waits."""
    deferrer = app.configure_task("privacy.keep_rule", queueing_lock=f"keep_rule:{key}")
    try:
        with transaction.atomic():
            deferrer.defer(key=key)
    except AlreadyEnqueued:
        return


@app.task(queue="upkeep", name="privacy.keep_rule", lock="keep_rule")
def keep_rule(key: str) -> None:
    """Delete or empty what one rule says is kept no longer, if it is still on."""
    rule = keeping.rule(key)
    if rule.is_on:
        keeping.carry_out(rule, timezone.now())


@app.periodic(cron="27 1 * * *")
@app.task(queue="upkeep", name="privacy.forget_sessions", queueing_lock="forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Delete the sessions that have expired."""
    SessionStore.clear_expired()
