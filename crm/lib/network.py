"""From where a page is asked for."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# Addresses that no visitor from outside has: behind them is a proxy, or a developer.
INSIDE = [
    ip_network(block)
    for block in (
        "10.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
]


def network_of(request: HttpRequest) -> str:
    """Return the address that counts as one: of IPv6 the network of a household."""
    try:
        address = ip_address(address_of(request))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in block for block in INSIDE):
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, 64), strict=False))


def address_of(request: HttpRequest) -> str:
    """Return who called the outermost of our proxies; what stands before it, anybody can write."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(hops) >= proxies and hops[-proxies].strip():
        return hops[-proxies].strip()
    return request.META.get("REMOTE_ADDR", "")
