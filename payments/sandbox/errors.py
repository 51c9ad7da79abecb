"""Stripe's errors, in the envelope its API sends them in."""

from typing import Any


class StripeError(Exception):
    """An answer that is not a success; raised anywhere, sent as it is."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.retry = retry

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        parts = {
            "type": self.kind,
            "code": self.code,
            "param": self.param,
            "message": self.message,
        }
        return {"error": {name: value for name, value in parts.items() if value is not None}}

    def headers(self) -> dict[str, str]:
        """Whether the SDK should try again, when that is not left to the status."""
        return {} if self.retry is None else {"Stripe-Should-Retry": str(self.retry).lower()}


def missing(kind: str, object_id: str, param: str = "id") -> StripeError:
    """No such object."""
    name = kind.replace("_", " ").replace(".", " ")
    return StripeError(
        f"No such {name}: '{object_id}'", status=404, code="resource_missing", param=param
    )


def not_covered(what: str) -> StripeError:
    """Stripe can do this and the local Stripe cannot: say so, and do not let the SDK retry."""
    return StripeError(
        f"The local Stripe does not do this: {what}. Stripe itself does.",
        status=501,
        kind="api_error",
        code="sandbox_not_covered",
        retry=False,
    )


def broken(findings: list[str]) -> StripeError:
    """The local Stripe was about to answer with something Stripe never would."""
    return StripeError(
        "The local Stripe made an answer that Stripe's own types refuse: " + "; ".join(findings),
        status=500,
        kind="api_error",
        code="sandbox_answer_refused",
        retry=False,
    )
