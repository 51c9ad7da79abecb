"""Addresses of providers that give them away for an hour."""

from disposable_email_domains import allowlist, blocklist


def is_disposable(address: str) -> bool:
    """Whether an address, in its normal form, is one to throw away."""
    domain = address.rpartition("@")[2]
    while "." in domain:
        if domain in allowlist:
            return False
        if domain in blocklist:
            return True
        domain = domain.partition(".")[2]
    return False
