import pytest
import stripe

from tests.payments.sandbox.conftest import refusal, status_of

ME = "http://localhost/me"
MENDED = "http://localhost/mended"
MONTH = 31 * 86_400


@pytest.fixture
def portal(api):
    """A function that opens the portal for a customer."""

    def open_portal(customer, **changes):
        given = {"customer": customer, "return_url": ME, "locale": "en", **changes}
        return api.v1.billing_portal.sessions.create(given)

    return open_portal


def flow(kind, **changes):
    redirect = {"type": "redirect", "redirect": {"return_url": MENDED}}
    return {"type": kind, "after_completion": redirect, **changes}


def default_of(api, customer):
    expand = ["invoice_settings.default_payment_method"]
    found = api.v1.customers.retrieve(customer, {"expand": expand})
    return found.invoice_settings.default_payment_method


def test_new_card_becomes_the_default_of_the_customer(sandbox, api, started, portal):
    done = started()
    so_far = len(sandbox.events())
    session = portal(done.customer, flow_data=flow("payment_method_update"))

    ends_at = sandbox.enter_method(session.url)

    default = default_of(api, done.customer)
    assert ends_at == MENDED
    assert (default.type, default.customer) == ("card", done.customer)
    assert default.id != done.subscription.default_payment_method
    assert api.v1.subscriptions.retrieve(done.subscription.id).default_payment_method == (
        done.subscription.default_payment_method
    )
    assert sandbox.event_types()[so_far:] == ["payment_method.attached", "customer.updated"]
    (updated,) = sandbox.events("customer.updated")[-1:]
    assert updated.data.previous_attributes["invoice_settings"]["default_payment_method"] is None


def test_new_card_becomes_that_of_the_subscriptions_where_the_portal_does_so(
    sandbox, api, started, portal
):
    sandbox.settings(portal_mends_plans=True)
    done = started()

    sandbox.enter_method(portal(done.customer).id)

    changed = api.v1.subscriptions.retrieve(done.subscription.id).default_payment_method
    assert changed == default_of(api, done.customer).id


def test_declined_card_changes_nothing_and_says_so(sandbox, api, started, portal):
    done = started()
    session = portal(done.customer, flow_data=flow("payment_method_update"))

    answer = sandbox.post(session.url, {"outcome": "card_declined"})
    nothing = sandbox.post(session.url, {})

    assert answer.status_code == nothing.status_code == 422
    assert "Your card was declined." in answer.text
    assert default_of(api, done.customer) is None
    assert sandbox.enter_method(session.url) == MENDED


def test_open_invoice_is_retried_with_the_new_card_at_its_time(sandbox, api, started, portal):
    subscription = started("card_renewal_fails").subscription
    sandbox.advance(MONTH)
    invoice = api.v1.subscriptions.retrieve(subscription.id).latest_invoice

    session = portal(subscription.customer, flow_data=flow("payment_method_update"))
    sandbox.enter_method(session.url)
    api.v1.payment_methods.detach(subscription.default_payment_method)
    at_once = api.v1.invoices.retrieve(invoice).status
    sandbox.advance(3 * 86_400)

    assert at_once == "open"
    assert api.v1.invoices.retrieve(invoice).status == "paid"
    assert status_of(api, subscription.id) == "active"


def test_debit_entered_in_the_portal_has_a_mandate_that_lasts(sandbox, api, started, portal):
    done = started()

    sandbox.enter_method(portal(done.customer).url, "sepa_debit")
    entered_at = sandbox.now()
    sandbox.advance(3600)
    api.v1.payment_methods.detach(done.subscription.default_payment_method)
    sandbox.renew(done.subscription.id)

    charge = api.v1.charges.list().data[0]
    mandate = api.v1.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)
    assert (mandate.type, mandate.payment_method) == (
        "multi_use",
        default_of(api, done.customer).id,
    )
    assert mandate.customer_acceptance.accepted_at <= entered_at


def test_flow_that_is_done_leaves_the_homepage(sandbox, started, portal):
    done = started()
    plain = {"type": "payment_method_update"}
    session = portal(done.customer, flow_data=plain)

    before = sandbox.get(session.url)
    ends_at = sandbox.enter_method(session.url)

    assert session.flow.after_completion.type == "portal_homepage"
    assert "Another way to pay" in before.text
    assert ends_at == session.url
    assert "Your payments to" in sandbox.get(session.url).text


def test_customer_stops_at_the_end_of_the_period_in_a_flow(sandbox, api, started, portal):
    done = started()
    cancel = {"subscription": done.subscription.id}
    session = portal(
        done.customer, flow_data=flow("subscription_cancel", subscription_cancel=cancel)
    )

    page = sandbox.get(session.url)
    ends_at = sandbox.stop_in_portal(session.url, done.subscription.id, feedback="unused")

    changed = api.v1.subscriptions.retrieve(done.subscription.id)
    assert "Do you want to stop?" in page.text
    assert ends_at == MENDED
    assert (changed.status, changed.cancel_at_period_end) == ("active", True)
    assert changed.cancellation_details.feedback == "unused"
    again = refusal(
        lambda: portal(
            done.customer, flow_data=flow("subscription_cancel", subscription_cancel=cancel)
        )
    )
    assert "already set to be canceled" in again.user_message


def test_customer_stops_at_once_and_says_why(sandbox, api, started, portal):
    done = started()
    session = portal(done.customer)

    ends_at = sandbox.stop_in_portal(
        session.id, done.subscription.id, at_once=True, feedback="other", comment="Moving"
    )

    ended = api.v1.subscriptions.retrieve(done.subscription.id)
    assert ends_at == session.url
    assert ended.status == "canceled"
    assert (ended.cancellation_details.feedback, ended.cancellation_details.comment) == (
        "other",
        "Moving",
    )
    assert sandbox.event_types()[-1] == "customer.subscription.deleted"


def test_customer_who_stops_can_go_on_after_all(sandbox, api, started, portal):
    done = started()
    session = portal(done.customer)
    sandbox.stop_in_portal(session.url, done.subscription.id)

    sandbox.keep_in_portal(session.url, done.subscription.id)
    sandbox.advance(MONTH)

    assert status_of(api, done.subscription.id) == "active"


def test_nobody_stops_what_belongs_to_somebody_else(sandbox, api, started, portal):
    done = started()
    stranger = api.v1.customers.create({"email": "stranger@example.org"})
    session = portal(stranger.id)

    sandbox.stop_in_portal(session.url, done.subscription.id, at_once=True)
    page = sandbox.get(f"{session.url}/cancel/{done.subscription.id}")

    assert status_of(api, done.subscription.id) == "active"
    assert (page.status_code, page.headers["Location"]) == (303, session.url)
    assert "You have no running payment." in sandbox.get(session.url).text


def test_portal_refuses_what_stripe_refuses(api, started, portal):
    done = started()
    bare = {"type": "payment_method_update", "after_completion": {"type": "redirect"}}

    no_address = refusal(lambda: portal(done.customer, flow_data=bare))
    no_plan = refusal(lambda: portal(done.customer, flow_data=flow("subscription_cancel")))
    no_url = refusal(lambda: portal(done.customer, return_url="/me"))
    unknown = refusal(lambda: portal("cus_nobody"))

    assert no_address.param == "flow_data[after_completion][redirect][return_url]"
    assert no_plan.param == "flow_data[subscription_cancel][subscription]"
    assert (no_url.code, no_url.param) == ("url_invalid", "return_url")
    assert unknown.code == "resource_missing"
    with pytest.raises(stripe.APIError, match="does not do this"):
        portal(done.customer, flow_data={"type": "subscription_update"})


@pytest.mark.parametrize(
    ("locale", "words"),
    [("fr", "Vos paiements à"), ("nl", "Uw betalingen aan"), ("en", "Your payments to")],
)
def test_portal_speaks_the_language_it_was_opened_in(sandbox, started, portal, locale, words):
    done = started()
    session = portal(done.customer, locale=locale)

    pages = [
        sandbox.get(session.url),
        sandbox.get(f"{session.url}/payment_method"),
        sandbox.get(f"{session.url}/cancel/{done.subscription.id}"),
    ]

    assert [page.status_code for page in pages] == [200] * 3
    assert [f'<html lang="{locale}">' in page.text for page in pages] == [True] * 3
    assert words in pages[0].text


def test_portal_says_how_things_stand(sandbox, api, started, portal):
    done = started()
    url = portal(done.customer).url

    first = sandbox.get(url).text
    resumes = sandbox.now() + 60 * 86_400
    pause = {"behavior": "void", "resumes_at": resumes}
    api.v1.subscriptions.update(done.subscription.id, {"pause_collection": pause})
    paused = sandbox.get(url).text

    assert "Card ending in 4242" in first
    assert "Next payment on" in first
    assert "Paused until" in paused


def test_method_of_another_customer_is_no_default(api, started):
    done = started()
    stranger = api.v1.customers.create({"email": "stranger@example.org"})
    method = done.subscription.default_payment_method

    error = refusal(
        lambda: api.v1.customers.update(
            stranger.id, {"invoice_settings": {"default_payment_method": method}}
        )
    )
    api.v1.customers.update(done.customer, {"invoice_settings": {"default_payment_method": method}})

    assert error.code == "resource_missing"
    assert default_of(api, done.customer).id == method
