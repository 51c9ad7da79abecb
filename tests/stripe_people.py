"""What payers, their banks and Stripe itself do at the local Stripe, for tests."""

import re
from typing import Any

import httpx


class People:
    """The part of a local Stripe that is played: over its pages, as browsers do, or by controls."""

    url: str
    _http: httpx.Client

    def control(self, method: str, path: str, given: Any = None) -> Any:
        """Ask for something only the local Stripe has."""
        answer = self._http.request(method, f"{self.url}/_sandbox{path}", json=given)
        answer.raise_for_status()
        return answer.json()

    def pay(
        self,
        session: str,
        outcome: str = "card",
        *,
        email: str = "",
        name: str = "",
        bank: str = "authorise",
    ) -> str:
        """Pay as a browser does, through the bank's page too; the address it ends at.

        `session` is the id or the address of the hosted page. After a decline the address is
        that of the hosted page again.
        """
        page = session if session.startswith("http") else f"{self.url}/c/pay/{session}"
        form = {"outcome": outcome, "email": email or self._email_on(page), "name": name}
        location = self._submit(page, form)
        if "/_bank/" in location:
            location = self._submit(location, {"answer": bank})
        return location

    def _email_on(self, page: str) -> str:
        found = re.search(r'name="email" value="([^"]*)"', self._http.get(page).text)
        return (found[1] if found else "") or "donor@example.org"

    def _submit(self, page: str, form: dict[str, str]) -> str:
        answer = self.post(page, form)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        return answer.headers["Location"]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """A page, as a browser gets it."""
        address = path if path.startswith("http") else self.url + path
        return self._http.get(address, headers=headers)

    def post(self, path: str, form: dict[str, str]) -> httpx.Response:
        """A form, as a browser sends it."""
        address = path if path.startswith("http") else self.url + path
        return self._http.post(address, data=form)

    def enter_method(self, portal: str, outcome: str = "card") -> str:
        """Enter another way to pay in the customer portal, as a browser; the address it ends at.

        `portal` is the id or the address of a portal session.
        """
        return self._submit(self._portal(portal), {"outcome": outcome})

    def stop_in_portal(
        self,
        portal: str,
        subscription: str,
        *,
        at_once: bool = False,
        feedback: str = "",
        comment: str = "",
    ) -> str:
        """Stop a subscription in the customer portal, as a browser; the address it ends at."""
        form = {"subscription": subscription, "feedback": feedback, "comment": comment}
        action = "cancel_now" if at_once else "cancel"
        return self._submit(self._portal(portal), form | {"action": action})

    def keep_in_portal(self, portal: str, subscription: str) -> str:
        """Take a stop at the end of the period back in the customer portal."""
        form = {"subscription": subscription, "action": "keep"}
        return self._submit(self._portal(portal), form)

    def _portal(self, portal: str) -> str:
        return portal if portal.startswith("http") else f"{self.url}/p/session/{portal}"

    def pay_invoice(self, invoice: str, outcome: str = "card", *, bank: str = "authorise") -> str:
        """Pay an open invoice on its hosted page, as a browser; the address it ends at."""
        page = invoice if invoice.startswith("http") else f"{self.url}/i/{invoice}"
        location = self._submit(page, {"outcome": outcome})
        if "/_bank/" in location:
            location = self._submit(location, {"answer": bank})
        return location

    def confirm_at_bank(self, payment_intent: str, answer: str = "authorise") -> str:
        """Say yes or no (`refuse`) at the bank to a payment that waits for it."""
        return self._submit(f"{self.url}/_bank/{payment_intent}", {"answer": answer})

    def settle(self, payment_intent: str) -> Any:
        """Let a debit settle now, one way or the other."""
        return self.control("POST", f"/payment_intents/{payment_intent}/settle")

    def renew(self, subscription: str) -> Any:
        """Let the current period of a subscription end now."""
        return self.control("POST", f"/subscriptions/{subscription}/renew")

    def change_payment_method(self, subscription: str, outcome: str = "card") -> Any:
        """The payer enters another card or account."""
        path = f"/subscriptions/{subscription}/payment_method"
        return self.control("POST", path, {"outcome": outcome})

    def dispute(self, charge: str, reason: str | None = None, *, inquiry: bool = False) -> Any:
        """The payer asks the bank for the money back; an inquiry takes nothing yet."""
        given = {"reason": reason, "inquiry": inquiry}
        return self.control("POST", f"/charges/{charge}/dispute", given)

    def escalate(self, dispute: str) -> Any:
        """An inquiry becomes a dispute."""
        return self.control("POST", f"/disputes/{dispute}/escalate")

    def close_dispute(self, dispute: str, status: str) -> Any:
        """The bank decides: `won` or `lost`."""
        return self.control("POST", f"/disputes/{dispute}/close", {"status": status})

    def settle_refund(self, refund: str) -> Any:
        """A refund to a bank account arrives now."""
        return self.control("POST", f"/refunds/{refund}/settle")

    def fail_refund(self, refund: str) -> Any:
        """The bank sends a refund back, even one that has succeeded."""
        return self.control("POST", f"/refunds/{refund}/fail")

    def revoke_mandate(self, mandate: str) -> Any:
        """The payer ends a mandate: debits by it fail from now on."""
        return self.control("POST", f"/mandates/{mandate}/revoke")

    def pay_out(
        self, *, everything: bool = False, manual: bool = False, in_transit: bool = False
    ) -> Any:
        """Pay out what is available (`everything`: what is pending too); the payout.

        None when that is nothing, or a debt. It is paid at once, or `in_transit` until midnight.
        """
        given = {"all": everything, "manual": manual, "in_transit": in_transit}
        return self.control("POST", "/payouts", given)

    def fail_payout(self, payout: str) -> Any:
        """The bank sends a payout back, even one that was paid."""
        return self.control("POST", f"/payouts/{payout}/fail")

    def book_fee(self, amount: int) -> Any:
        """Stripe charges the account itself; the balance transaction."""
        return self.control("POST", "/fees", {"amount": amount})

    def lines(self) -> list[dict[str, Any]]:
        """Every balance transaction, oldest first."""
        return list(self.control("GET", "/lines")["data"])
