"""What the runner of GitHub Actions says of a run: its event, and whether an address is a container of the job's `services:`.

A repository can make files, and a step can set variables, so neither is believed. What is believed: variables that GitHub
does not let a step overwrite (`GITHUB_…`), and the network of the container that the Action runs in, which the runner makes.
"""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SAFE_EVENTS: Final = frozenset({"push", "pull_request", "merge_group", "schedule", "workflow_dispatch"})
"""Events that run with what the changed code's author may use. Others, such as `pull_request_target` and `issue_comment`, can be
caused by anybody and run with the repository's secrets."""
_RESOLVER: Final = "127.0.0.11"
"""Docker's own name server, which knows the containers of a network by name."""


def unsafe_event(environ: Mapping[str, str]) -> str | None:
    """Why the run's event is none to write on, a phrase; None where it may be."""
    event = environ.get("GITHUB_EVENT_NAME", "")
    if event in SAFE_EVENTS or (not event and environ.get("GITHUB_ACTIONS") != "true"):
        return None
    if not event:
        return "the runner does not say which event the run is for"
    named = event if event.replace("_", "").isalpha() and len(event) < 40 else "an unknown one"
    return f"the run is for the event {named}, which may run other people's code with the repository's secrets"


def is_service(origin: str, environ: Mapping[str, str], proc: Path = Path("/proc"), etc: Path = Path("/etc")) -> bool:
    """Whether an address is a container of the job's `services:`, seen from the container that the Action runs in.

    Its host is a plain name that Docker's name server resolves, to a neighbour on the network that the runner made for this
    job. An address of loopback is none: a step may have opened a tunnel there.
    """
    if environ.get("GITHUB_ACTIONS") != "true" or not _in_docker(etc):
        return False
    host = urlsplit(origin).hostname or ""
    if not host.replace("-", "").replace("_", "").isalnum() or host == "localhost" or host[0].isdigit():
        return False
    if _is_listed(host, etc):
        return False
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, socket.AF_INET)}
    except OSError:
        return False
    near = tuple(_neighbours(proc))
    places = [ipaddress.IPv4Address(one) for one in found]
    return (
        bool(places)
        and all(any(place in network for network in near) for place in places)
        and not set(places) & set(_gateways(proc))
    )


def _in_docker(etc: Path) -> bool:
    """Whether names are resolved by Docker: in a container on a network of its own."""
    return any(line.split() == ["nameserver", _RESOLVER] for line in _lines(etc / "resolv.conf"))


def _is_listed(host: str, etc: Path) -> bool:
    """Whether a name is an entry of /etc/hosts (`--add-host`), which Docker's name server is not asked for."""
    return any(host in line.partition("#")[0].split()[1:] for line in _lines(etc / "hosts"))


def _neighbours(proc: Path) -> Iterator[ipaddress.IPv4Network]:
    """The private networks that the container is on: routes without a gateway."""
    for place, gateway, mask in _routes(proc):
        network = ipaddress.IPv4Network(f"{place}/{mask}", strict=False)
        if gateway == _NONE and network.is_private and network.prefixlen > 0:
            yield network


def _gateways(proc: Path) -> Iterator[ipaddress.IPv4Address]:
    """The machine itself, as the container sees it: whatever listens there, or is forwarded from there, is no service."""
    return (gateway for _, gateway, _ in _routes(proc) if gateway != _NONE)


_NONE: Final = ipaddress.IPv4Address(0)


def _routes(proc: Path) -> Iterator[tuple[ipaddress.IPv4Address, ipaddress.IPv4Address, ipaddress.IPv4Address]]:
    """Destination, gateway and mask of each route of Linux' table."""
    for line in _lines(proc / "net" / "route")[1:]:
        parts = line.split()
        if len(parts) > 7:
            place, gateway, mask = (ipaddress.IPv4Address(bytes.fromhex(parts[one])[::-1]) for one in (1, 2, 7))
            yield place, gateway, mask


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
