"""What is not decided here yet: asked about, because the news of it may be lost."""

from datetime import timedelta

from crm.donations.models import Gift, Plan
from payments import listing, operations
from payments.models import Checkout
from payments.objects import Promise
from payments.reconciliation.differences import Finding, Kind, written
from payments.reconciliation.following import Walk, began_here

PATIENCE = timedelta(days=1)  # a payment page is open for no longer
BEGUN = {"active", "past_due", "paused"}


def ask_about_payments(walk: Walk) -> None:
    """Ask about gifts that have been processing for a while."""
    waiting = Gift.objects.filter(
        status=Gift.Status.PROCESSING,
        reference__startswith="stripe:pi_",
        given_at__lt=walk.at - PATIENCE,
    )
    for reference in waiting.values_list("reference", flat=True):
        walk.follow(reference.removeprefix("stripe:"))


def ask_about_checkouts(walk: Walk) -> None:
    """Ask about payment pages that must have closed by now."""
    waiting = Checkout.objects.filter(
        state__in=[Checkout.State.OPEN, Checkout.State.DECLINED],
        started_at__lt=walk.at - PATIENCE,
    )
    for checkout in waiting:
        walk.follow(checkout.session_id)
        unknown = Finding(Kind.MISSING_THERE, checkout.session_id)
        if not checkout.session_id or unknown in walk.findings:
            # No page was opened, or it is one of Stripe's test mode: nobody can pay there.
            operations.expire(checkout_id=str(checkout.public_id))
            walk.findings = [each for each in walk.findings if each != unknown]


def ask_about_plans(walk: Walk) -> None:
    """Compare the plans that bind somebody here with those at Stripe; follow what differs."""
    theirs = listing.unended_plans()
    ours = {
        plan.reference.removeprefix("stripe:"): plan
        for plan in Plan.objects.unended().filter(reference__startswith="stripe:sub_")
    }
    for plan_id, plan in ours.items():
        if plan_id not in theirs or differs(plan, theirs[plan_id]):
            walk.follow(plan_id)
    for plan_id in theirs.keys() - ours.keys():
        if theirs[plan_id].status in BEGUN and began_here(theirs[plan_id].checkout_id):
            follow_new_plan(walk, plan_id, theirs[plan_id])


def differs(plan: Plan, promise: Promise) -> bool:
    told = {"status", "amount", "next_at", "resumes_at", "cancels_at"} & set(vars(promise))
    return any(getattr(plan, name) != getattr(promise, name) for name in told)


def follow_new_plan(walk: Walk, plan_id: str, promise: Promise) -> None:
    walk.follow(plan_id)
    if not Plan.objects.filter(reference=f"stripe:{plan_id}").exists():
        theirs = written(promise.amount, promise.currency)
        walk.findings.append(Finding(Kind.MISSING_HERE, plan_id, theirs=theirs))
