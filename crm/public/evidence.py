"""What proves that something was said on a page, without telling who said it."""

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from crm.lib.network import network_of


def evidence_of(request: HttpRequest, page: str, **more: str) -> dict[str, str]:
    """Return the page, and a keyed hash of the network from which it was sent, if it is known."""
    proof = {"page": page, **more}
    if network := network_of(request):
        digest = salted_hmac("soutien.evidence", network, algorithm="sha256")
        proof["network"] = digest.hexdigest()
    return proof
