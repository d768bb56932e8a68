"""Owns where connectors may call: anywhere outside and, of the own network, what the operator has allowed."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

from web.post.reach import Inside, outside

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
WEB = frozenset({80, 443})
LEAST_PORT = 1024
NOT_WEB = frozenset({1433, 1521, 2049, 3306, 5432, 5900, 6000, 6379, 9200, 11211, 27017})
"""Ports from 1024 on where something else listens that could take a call for its own words."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The allow-list for the own network: names (`*.` before one means all below it) and networks."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, text: str) -> Allowed:
        """`erp.qiming.example, *.intra.example, 10.20.0.0/16`. Raises ValueError, which says what is wrong."""
        names, networks = set(), []
        for part in filter(None, re.split(r"[\s,]+", text.strip().lower())):
            if NAME.fullmatch(part) and not re.fullmatch(r"[\d.]+", part):
                names.add(part)
                continue
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError:
                raise ValueError(f"“{part[:60]}” is neither a host's name nor a network such as 10.20.0.0/16") from None
        return cls(frozenset(names), tuple(networks))

    def addresses(self, host: str, port: int) -> list[str]:
        """The host's IP addresses, each of which may be called. Raises Inside, OSError (an unknown name).

        Whoever connects must do so to one of these: the name may lead elsewhere a moment later.
        """
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not found or not all(self._may(host.rstrip(".").lower(), port, address) for address in found):
            raise Inside(host)
        return list(dict.fromkeys(found))

    def _may(self, host: str, port: int, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        ip = (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip
        if any(ip in network for network in self.networks):
            return True
        if self._named(host) and not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved):
            return True
        return outside(address) and (port in WEB or (port >= LEAST_PORT and port not in NOT_WEB))

    def _named(self, host: str) -> bool:
        labels = host.split(".")
        above = ("*." + ".".join(labels[start:]) for start in range(1, len(labels)))
        return host in self.names or any(name in self.names for name in above)


NOTHING = Allowed()
"""Of the own network, that is."""
