"""Which images and which sets of variables are a Directus'."""

from __future__ import annotations

import pytest

from directus_guard.directus.environment.recognise import (
    is_directus_environment,
    is_directus_image,
    is_official_image,
    is_other_program,
)


@pytest.mark.parametrize(
    "registry", ["", "docker.io/", "index.docker.io/", "registry.hub.docker.com/", "ghcr.io/", "GHCR.io/"]
)
def test_the_image_that_directus_publishes(registry: str) -> None:
    assert is_official_image(f"{registry}directus/directus")
    assert is_directus_image(f"{registry}directus/directus")
    assert not is_official_image(f"{registry}acme/directus")


@pytest.mark.parametrize(
    ("image", "is_one"),
    [
        ("1234.dkr.ecr.eu-west-1.amazonaws.com/acme/directus", True), ("gcr.io/p/directus-cms", True), ("acme/my_directus", True), ("acme/cms.directus", True), ("Acme/Directus", True),
        ("directus", True), ("acme/directus/web", False), ("acme/mydirectus", False), ("directus/other", False), ("acme/cms", False),
        *((f"acme/directus-{name}", False) for name in (
            "sync", "backup", "backups", "proxy", "nginx", "exporter", "worker", "migrate", "cli", "frontend", "client", "web", "website", "postgres", "db", "redis", "mcp",
            "docs", "cache")),
        ("acme/sync_directus", False), ("acme/directus.db", False), ("acme/directus-webcms", True),
    ],
)  # fmt: skip
def test_images_by_their_names(image: str, is_one: bool) -> None:
    assert is_directus_image(image) is is_one


@pytest.mark.parametrize(
    ("image", "is_one"),
    [
        *((f"{name}:1", True) for name in ("postgres", "postgis", "mysql", "mariadb", "redis", "mongo", "minio", "keycloak", "nginx", "traefik", "caddy")),
        ("Bitnami/PostgreSQL:15", True), ("quay.io/keycloak/keycloak", True), ("redis-stack", True), ("my-redis", False), ("directus/directus:11", False), ("redis/insight", False),
    ],
)  # fmt: skip
def test_other_programs(image: str, is_one: bool) -> None:
    assert is_other_program(image) is is_one


CORE = ("SECRET", "KEY", "DB_CLIENT", "PUBLIC_URL", "ADMIN_EMAIL")
ITS_OWN = (
    "ASSETS_TRANSFORM_MAX_CONCURRENT", "AUTH_DISABLE_DEFAULT", "CACHE_AUTO_PURGE", "EXTENSIONS_AUTO_RELOAD", "EXTENSIONS_PATH", "FILES_MAX_UPLOAD_SIZE", "FILES_MIME_TYPE_ALLOW_LIST",
    "FLOWS_ENV_ALLOW_LIST", "IMPORT_IP_DENY_LIST", "MARKETPLACE_REGISTRY", "MARKETPLACE_TRUST", "PASSWORD_RESET_URL_ALLOW_LIST", "REFRESH_TOKEN_COOKIE_NAME", "REFRESH_TOKEN_COOKIE_SECURE",
    "STORAGE_LOCATIONS", "USER_INVITE_URL_ALLOW_LIST", "USER_REGISTER_URL_ALLOW_LIST", "WEBSOCKETS_GRAPHQL_AUTH", "WEBSOCKETS_REST_AUTH",
)  # fmt: skip


@pytest.mark.parametrize("names", [CORE, ITS_OWN])
def test_two_variables_that_tell_a_directus(names: tuple[str, ...]) -> None:
    for one, other in zip(names, (*names[1:], names[0]), strict=True):
        assert is_directus_environment([one, other])
        assert not is_directus_environment([one])
        assert not is_directus_environment([one, one, "PATH"])


def test_a_core_variable_and_one_of_its_own_are_not_two() -> None:
    assert not is_directus_environment(["SECRET", "MARKETPLACE_TRUST"])
    assert is_directus_environment(["SECRET", "MARKETPLACE_TRUST"], beside=True)


@pytest.mark.parametrize(
    ("names", "is_one"),
    [(("SECRET", "CORS_ENABLED"), True), (("SECRET", "ACME"), False), (("CORS_ENABLED", "CACHE_ENABLED"), False), (("SECRET",), False), ((), False)],
)  # fmt: skip
def test_what_is_enough_beside_a_package_of_directus(names: tuple[str, ...], is_one: bool) -> None:
    assert is_directus_environment(names, beside=True) is is_one
    assert not is_directus_environment(names)
