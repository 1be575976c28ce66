"""Where webhooks may lead: over HTTPS to public addresses, unless the operator allows more.

A name is resolved once and the connection made to the very address that was checked: a name that answers with a
public address first and a private one later (DNS rebinding) gains nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from api.errors import Complaint, Invalid

LONGEST = 2000
RESOLVES_WITHIN_S = 5.0
PLACE = ("body", "url")
# What Python takes for global, or did in some of its releases, and is not for us.
_NEVER = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's metadata
        "192.0.0.0/24",  # IETF protocol assignments, with Oracle's metadata among them
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible, deprecated
        "2001::/23",  # Teredo and other protocol assignments
        "fec0::/10",  # site-local, deprecated
    )
)
_NAT64 = ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect. url: what was asked for; address: the one address that was checked."""

    url: httpx.URL
    address: str


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Return the addresses the system knows for `host`, the likeliest first; raise `OSError` for none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Targets:
    """Says where a webhook may lead. allow_private: plain HTTP and addresses that are not public are fine too."""

    def __init__(self, *, allow_private: bool, resolve: Resolve = resolve_by_system) -> None:
        self._allow_private = allow_private
        self._resolve = resolve

    def check(self, url: str, field: str) -> None:
        """Raise `Invalid` where the words of `url`, in `field` of a body, say that it may not be posted to.

        Where a name leads is looked at with every message; see `locate`.
        """
        try:
            host = self._parsed(url).host
            if _is_address(host):
                self._require_public(host, host)
        except Invalid as refusal:
            raise Invalid(*(replace(each, loc=("body", field)) for each in refusal.complaints)) from None

    async def locate(self, url: str) -> Target:
        """Return where `url` leads now; raise `Invalid` where it may not be posted to."""
        parsed = self._parsed(url)
        host = parsed.raw_host.decode()
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        try:
            async with asyncio.timeout(RESOLVES_WITHIN_S):
                addresses = await self._resolve(host, port)
        except TimeoutError:
            what = f"The host {host!r} could not be resolved in time"
            raise _refusal(what, "try again; check its name servers") from None
        except (OSError, UnicodeError):  # the latter for labels that no name may have
            addresses = ()
        if not addresses:
            raise _refusal(f"The host {host!r} has no address", "check the name, and that it is in the public DNS")
        for address in addresses:
            self._require_public(host, address)
        return Target(parsed, addresses[0])

    def _require_public(self, host: str, address: str) -> None:
        if not self._allow_private and not is_public(address):
            raise _refusal(
                f"The host {host!r} is at {address}, which is not a public address",
                "use a server on the public internet, or have the operator set WEBHOOK_ALLOW_PRIVATE",
            )

    def _parsed(self, url: str) -> httpx.URL:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            raise _refusal("The address can't be read", "send a URL like https://example.org/hooks") from None
        if len(url) > LONGEST:
            raise _refusal(f"The address is longer than {LONGEST} characters", "shorten it")
        if parsed.scheme != "https" and not (self._allow_private and parsed.scheme == "http"):
            raise _refusal(f"The scheme is {parsed.scheme or 'missing'!r}, not https", "use an https:// address")
        if not parsed.host:
            raise _refusal("The address names no host", "send a URL like https://example.org/hooks")
        if parsed.port is not None and not 0 < parsed.port < 1 << 16:
            raise _refusal(f"There is no port {parsed.port}", "use one from 1 to 65535, or none")
        if parsed.userinfo:
            raise _refusal("The address holds a user name or password", "send credentials as one of the headers")
        if parsed.fragment:
            raise _refusal("The address holds a fragment, which is never sent", "remove the # and what follows")
        return parsed


def is_public(address: str) -> bool:
    """Tell whether `address` is one of a machine on the public internet, however it is wrapped into IPv6."""
    ip = ip_address(address)
    inner = _inside(ip) if isinstance(ip, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in never for never in _NEVER)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _inside(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _refusal(what: str, todo: str) -> Invalid:
    return Invalid(Complaint(PLACE, what, todo))
