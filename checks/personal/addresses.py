"""IP addresses: written properly, canonical, and whether they can belong to somebody on the public internet."""

import ipaddress
import re
from typing import Final

from checks.personal.validators import plain

# IANA special-purpose registries (RFC 6890 and updates) and multicast. Python's own `is_private` changed between
# 3.11 and 3.13, so the table is ours: the same text gives the same finding on every interpreter.
_SPECIAL: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip


def ip(text: str) -> str | None:
    """Canonical form of an IPv4 or IPv6 address; None where it is none."""
    try:
        return str(ipaddress.ip_address(plain(text)))
    except ValueError:  # its message holds the value, and ends here
        return None


def is_private(canonical: str) -> bool:
    """In a private, local, documentation, multicast or reserved range: nobody's address on the public internet."""
    address = ipaddress.ip_address(canonical)
    return any(address in network for network in _SPECIAL if network.version == address.version)


# section 4.2.3.1, version "6.1.7.5", gem '>= 6.1.7.5', 第 1.2.3.4 节, 版本：1.2.3.4
_NUMBERING: Final = re.compile(
    r"(?:(?<![A-Za-z])(?:versions?|ver|v|release|section|sect?|chapter|clause)[.:]?|[§第]|版本号?[:：]?|[=<>~!]=|~>)\s{0,2}['\"`]?\Z",
    re.IGNORECASE,
)


def is_numbering(before: str) -> bool:
    """Does the text *before* four dotted numbers call them a version or a section?"""
    return _NUMBERING.search(before) is not None
