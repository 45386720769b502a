"""Which image and which set of variables is a Directus'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.variables import is_known_variable

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

CORE: Final = frozenset({"SECRET", "KEY", "DB_CLIENT", "PUBLIC_URL", "ADMIN_EMAIL"})
"""Two of these in one environment are a Directus server's (docs/contract.md#environment-files)."""


def is_official_image(repository: str) -> bool:
    """Whether the image repository (without tag and digest) is the one Directus publishes."""
    return repository.lower() in _OFFICIAL


def is_directus_image(repository: str) -> bool:
    """Whether an image is Directus by its name: the official one, or a mirror or own build called `directus`.

    True for `1234.dkr.ecr.eu-west-1.amazonaws.com/acme/directus`, `gcr.io/p/directus-cms`; False for images that only
    work beside Directus (`directus-sync`, `directus-backup`, …).
    """
    name = repository.lower().rpartition("/")[2]
    if is_official_image(repository):
        return True
    words = name.replace("_", "-").replace(".", "-").split("-")
    return "directus" in words and not _COMPANIONS.intersection(words)


def is_other_program(image: str) -> bool:
    """Whether an image is a well-known program that may be given variables of the same names as Directus (KEY, SECRET)."""
    return image.rpartition("/")[2].lower().startswith(_OTHER_PROGRAMS)


_OTHER_PROGRAMS: Final = (
    "postgres", "postgis", "mysql", "mariadb", "redis", "mongo", "minio", "keycloak", "nginx", "traefik", "caddy",
)  # fmt: skip
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


ITS_OWN: Final = frozenset({
    "ASSETS_TRANSFORM_MAX_CONCURRENT", "AUTH_DISABLE_DEFAULT", "CACHE_AUTO_PURGE", "EXTENSIONS_AUTO_RELOAD", "EXTENSIONS_PATH",
    "FILES_MAX_UPLOAD_SIZE", "FILES_MIME_TYPE_ALLOW_LIST", "FLOWS_ENV_ALLOW_LIST", "IMPORT_IP_DENY_LIST", "MARKETPLACE_REGISTRY",
    "MARKETPLACE_TRUST", "PASSWORD_RESET_URL_ALLOW_LIST", "REFRESH_TOKEN_COOKIE_NAME", "REFRESH_TOKEN_COOKIE_SECURE",
    "STORAGE_LOCATIONS", "USER_INVITE_URL_ALLOW_LIST", "USER_REGISTER_URL_ALLOW_LIST", "WEBSOCKETS_GRAPHQL_AUTH", "WEBSOCKETS_REST_AUTH",
})  # fmt: skip
"""Names that no other program reads: two of them tell a Directus too, where the core ones are kept elsewhere (`prod.env`)."""


def is_directus_environment(names: Iterable[str], *, beside: bool = False) -> bool:
    """Whether a set of variable names is a Directus server's own environment: two of its core variables, or of its very own.

    `beside` a package that depends on Directus one core variable and any other that Directus reads are enough.
    """
    held = frozenset(names)
    if beside and CORE & held and any(is_known_variable(name) for name in held - CORE):
        return True
    return len(CORE & held) >= 2 or len(ITS_OWN & held) >= 2
