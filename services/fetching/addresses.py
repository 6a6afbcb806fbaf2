"""Which URLs and which IP addresses lead to the public internet; pure.

Names are resolved in `fetch.py`; here only the outcome is judged.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from services.fetching.errors import UrlRefused

URL_CHARS_MAX = 2_048
PORTS = {"https": 443, "http": 80}
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_IPV4_COMPATIBLE = IPv6Network("::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_DOCUMENTATION = IPv6Network("3fff::/20")
_SIX_TO_FOUR_RELAYS = IPv4Network("192.88.99.0/24")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]|\\")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `path` with its query; `authority` as the Host header says it; `host` without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        """As the settings name hosts of the inside: `http://127.0.0.1:8900`."""
        return f"{self.scheme}://{self.authority}"


def target_of(url: str) -> Target:
    """Raises `UrlRefused`, also for whatever two parsers could read in two ways."""
    if len(url) > URL_CHARS_MAX or _UNPRINTABLE.search(url):
        raise UrlRefused(f"A URL has at most {URL_CHARS_MAX} visible ASCII characters.", URL_CHARS_MAX)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UrlRefused() from error
    if parts.scheme not in PORTS or not host or "@" in parts.netloc or parts.fragment or port == 0:
        raise UrlRefused()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host.rstrip("."), port or PORTS[parts.scheme], path)


def is_public(address: Address) -> bool:
    """Whether an address is somebody else's machine on the internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        return _is_public_v6(address)
    if address in _SIX_TO_FOUR_RELAYS:
        return False
    return address.is_global and not address.is_multicast


def _is_public_v6(address: IPv6Address) -> bool:
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and (address in _IPV4_COMPATIBLE or any(address in network for network in _NAT64)):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return is_public(inner)
    return address.is_global and address in _GLOBAL_UNICAST and address not in _DOCUMENTATION


def literal(host: str) -> Address | None:
    """A host that is an address already; also `[fe80::1%eth0]`, whose zone is ours and so never public."""
    try:
        return ip_address(host)
    except ValueError:
        return None
