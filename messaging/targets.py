"""May this host be connected to? A clinic types the host of its mail server: it must not open our own network.

The name is resolved once, every address is judged, and the connection goes to a judged address, so that a name that
changes its answer after the check gains nothing. `ipaddress` alone is not such a filter (100.64.0.0/10 is not
"private"; 64:ff9b::/96 and 2002::/16 wrap IPv4 addresses and count as "global"), hence the list below.
"""

import ipaddress
import socket

from django.conf import settings

#: The ports of mail submission: RFC 5321, RFC 8314, RFC 6409, and 2525, which many providers offer beside them.
PORTS = frozenset({25, 465, 587, 2525})

_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4",
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10",
    )
]  # fmt: skip


class TargetRefused(Exception):
    """The host lies in a network, or the port is one, that must not be reached."""


def may_be_port(port: int) -> bool:
    """Whether some host may be connected to on that port."""
    opened = {target.rpartition(":")[2] for target in settings.MESSAGING_ALLOWED_PRIVATE_TARGETS}
    return port in PORTS or str(port) in opened


def judged_address(host: str, port: int) -> str:
    """One address of the host that may be connected to. Raises TargetRefused, and OSError when the name is unknown."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if all(f"{address}:{port}" in settings.MESSAGING_ALLOWED_PRIVATE_TARGETS for address in addresses):
        return addresses[0]
    if port not in PORTS:
        raise TargetRefused(f"port {port} is not a port of mail submission")
    for address in addresses:
        if not _is_public(address):
            raise TargetRefused("the host lies inside a network that is not public")
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip in network for network in _REFUSED if network.version == ip.version)
