"""Lists of addresses that a policy counts from: which one admits all that another one does."""

from __future__ import annotations

import ipaddress


def covers(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Whether a list of addresses (empty: every address) admits all that another one does."""
    if not old:
        return True
    if not new:
        return False
    known = [network for entry in old for network in _networks(entry)]
    for entry in new:
        networks = _networks(entry)
        inside = bool(networks) and all(any(_inside(one, other) for other in known) for one in networks)
        if entry not in old and not inside:
            return False
    return True


def _inside(network: _Network, other: _Network) -> bool:
    return network.network_address in other and network.broadcast_address in other


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(entry: str) -> tuple[_Network, ...]:
    """The networks an entry names: an address, a prefix, or `first-last`; none if it cannot be read."""
    first, dash, last = entry.partition("-")
    try:
        if dash:
            ends = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return tuple(ipaddress.summarize_address_range(*ends))
        return (ipaddress.ip_network(entry.strip(), strict=False),)
    except (ValueError, TypeError):
        return ()
