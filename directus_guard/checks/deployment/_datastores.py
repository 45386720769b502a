"""Databases and caches in the stack around Directus, recognised by image, name or variables."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import PublishedPort, Service

_KINDS: Final = (
    ("PostgreSQL", lazy_pattern(r"postgres|postgis|timescale|pgvector|supabase-postgres|cockroach"), ("5432", "26257")),
    ("MySQL", lazy_pattern(r"mysql|mariadb|percona"), ("3306",)),
    ("Redis", lazy_pattern(r"redis|valkey|keydb|dragonfly"), ("6379",)),
    ("SQL Server", lazy_pattern(r"mssql|azure-sql"), ("1433",)),
    ("Oracle", lazy_pattern(r"oracle"), ("1521",)),
    ("Memcached", lazy_pattern(r"memcached"), ("11211",)),
    ("MongoDB", lazy_pattern(r"mongo(?!-express)"), ("27017",)),
)
_TOOLS: Final = lazy_pattern(r"admin|exporter|commander|insight|backup|express|bouncer|pgweb|migrat|proxy")


def kind(service: Service) -> tuple[str, tuple[str, ...]] | None:
    """The kind of the store and the ports it listens on; None for any other service."""
    return _kind(service.image.repository.lower() if service.image else service.name.lower())


@lru_cache(maxsize=1024)
def _kind(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Kept, because each server of a file asks about all others around it."""
    if _TOOLS.search(name.rpartition("/")[2]):
        return None
    return next(((label, ports) for label, pattern, ports in _KINDS if pattern.search(name)), None)


def may_be_one(service: Service) -> bool:
    """Whether a service of an image from outside may be a store, by its name or the port it listens on."""
    if service.image is None or service.image.repository:
        return False
    ports = {port.target.split("/")[0] for port in service.ports}
    named = any(pattern.search(service.name.lower()) for _, pattern, _ in _KINDS) or _STORE.search(service.name.lower())
    return bool(named) or any(ports.intersection(known) for _, _, known in _KINDS)


_STORE: Final = lazy_pattern(r"\A(?:db|database|cache|store|sql)\b|(?:-|_)(?:db|database|cache)\Z")


def exposed(service: Service) -> tuple[PublishedPort, ...]:
    """The store's own ports that are published beyond this machine."""
    return tuple(port for port in _own_ports(service) if not port.unknown and not _is_loopback(port.host))


def undetermined(service: Service) -> tuple[PublishedPort, ...]:
    """The store's own ports whose address is not known."""
    return tuple(port for port in _own_ports(service) if port.unknown)


def _own_ports(service: Service) -> Iterator[PublishedPort]:
    """Its own ports, and those of which it is not known which they are."""
    found = kind(service)
    own = found[1] if found is not None else ()
    return (port for port in service.ports if own and (not port.target or port.target.split("/")[0] in own))


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host in ("::1", "[::1]", "localhost")
