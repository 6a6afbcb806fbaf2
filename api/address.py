"""From which address a request came, when proxies of ours may stand in between; pure.

Whoever is not a named proxy may write what they like into X-Forwarded-For: it is read from the right, and only as far
as proxies of ours have written it.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
V6_PREFIX_BITS = 64
"""One household or office; its machines choose the rest of their addresses themselves."""


def networks_of(text: str) -> tuple[Network, ...]:
    """`10.0.0.0/8, ::1`: networks or addresses with commas between. Raises ValueError."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str | None:
    """`forwarded_for`: every X-Forwarded-For header in order. The peer itself where it is no proxy of ours."""
    address = _parsed(peer)
    if address is None:
        return peer
    named = [one for header in forwarded_for for one in header.split(",")]
    while named and any(address in network for network in trusted):
        before = _parsed(named.pop())
        if before is None:
            break
        address = before
    return str(address)


def household(address: str | None) -> str:
    """Whom an address stands for when requests are counted."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, V6_PREFIX_BITS), strict=False))
    return str(parsed or "unknown")


def _parsed(text: str | None) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that came over an IPv6 socket is that IPv4 address. None for a Unix socket, or nonsense."""
    try:
        address = ip_address((text or "").strip().partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
