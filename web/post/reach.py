"""Owns which servers messages may be sent to: never one inside the own network, however its name is written."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.notices.urls import AddressKind, Url


class Inside(Exception):
    """The name leads into the own network, or nowhere."""


def check(url: Url, *, private: bool) -> None:
    """Raises Invalid when a webhook's address can't be used; robots' platforms are known."""
    if url.kind is AddressKind.WEBHOOK:
        parts = urlsplit(url.url)
        try:
            addresses(parts.hostname or "", port_of(url.url), private=private)
        except (Inside, OSError):
            text = N_("Messages can't be sent there: the address is unknown, or lies inside a private network.")
            raise Invalid(Message(text)) from None


def addresses(host: str, port: int, *, private: bool) -> list[str]:
    """The host's IP addresses, each of them outside unless `private`. Raises Inside, OSError (an unknown name).

    Whoever connects must do so to one of these: the name may lead elsewhere a moment later.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(outside(address) for address in found):
        raise Inside(host)
    return list(dict.fromkeys(found))


def port_of(url: str) -> int:
    """The port that a webhook's address means."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def outside(address: str) -> bool:
    """Whether an IP address is one of the world's, however it is written."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
    return ip.is_global and not ip.is_multicast and ip not in _TRANSLATED


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""NAT64: an IPv4 address, perhaps an inner one, written as a global one."""
