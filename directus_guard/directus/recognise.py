"""Which image and which set of variables is a Directus'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_OFFICIAL: Final = frozenset(
    {
        "directus/directus",
        "docker.io/directus/directus",
        "index.docker.io/directus/directus",
        "registry.hub.docker.com/directus/directus",
        "ghcr.io/directus/directus",
    }
)

_CORE: Final = frozenset({"SECRET", "KEY", "DB_CLIENT", "PUBLIC_URL", "ADMIN_EMAIL"})
"""Two of these in one environment are a Directus server's (the contract, "Whose is an `.env`?")."""


def is_official_image(repository: str) -> bool:
    """Whether the image repository (without tag and digest) is the one Directus publishes."""
    return repository.lower() in _OFFICIAL


def is_directus_image(repository: str) -> bool:
    """Whether an image is Directus by its name: the official one, or a mirror or own build called `directus`.

    True for `1234.dkr.ecr.eu-west-1.amazonaws.com/acme/directus`, `gcr.io/p/directus-cms`; False for images that only
    work beside Directus (`directus-sync`, `directus-backup`, …).
    """
    name = repository.lower().rsplit("/", 1)[-1]
    if is_official_image(repository):
        return True
    words = name.replace("_", "-").replace(".", "-").split("-")
    return "directus" in words and not _COMPANIONS.intersection(words)


_COMPANIONS: Final = frozenset(
    {
        "sync",
        "backup",
        "backups",
        "proxy",
        "nginx",
        "exporter",
        "worker",
        "migrate",
        "cli",
        "frontend",
        "client",
        "web",
        "website",
        "postgres",
        "db",
        "redis",
        "mcp",
        "docs",
        "cache",
    }
)


def is_directus_environment(names: Iterable[str]) -> bool:
    """Whether a set of variable names is a Directus server's own environment: two or more of its core variables."""
    return len(_CORE.intersection(names)) >= 2
