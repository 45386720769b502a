"""Databases and caches beside Directus: how they are recognised, and what is published of them."""

from __future__ import annotations

from typing import Final

from directus_guard.checks.deployment._datastores import exposed, kind, may_be_one, undetermined
from directus_guard.directus.environment.deployment import Image, PublishedPort, Service
from directus_guard.finding import Location
from tests.support.each import each_case

HERE: Final = Location("compose.yaml")


def service(name: str, image: str | None = None, *ports: str, host: str = "") -> Service:
    """`image`: None for one of its own, "" for one that comes from outside."""
    held = None if image is None else Image(image, "", "", HERE, "it comes from outside" if not image else "")
    return Service(name, held, (), tuple(PublishedPort(port, "1", host, HERE) for port in ports), HERE)


@each_case(
    ("image", "label"),
    [
        ("postgres", "PostgreSQL"), ("postgis/postgis", "PostgreSQL"), ("timescale/timescaledb", "PostgreSQL"), ("ankane/pgvector", "PostgreSQL"), ("cockroachdb/cockroach", "PostgreSQL"),
        ("mysql", "MySQL"), ("MariaDB", "MySQL"), ("percona", "MySQL"), ("redis", "Redis"), ("valkey/valkey", "Redis"), ("eqalpha/keydb", "Redis"), ("docker.dragonflydb.io/dragonflydb/dragonfly", "Redis"),
        ("mcr.microsoft.com/mssql/server", "SQL Server"), ("mcr.microsoft.com/azure-sql-edge", "SQL Server"), ("gvenzl/oracle-xe", "Oracle"), ("memcached", "Memcached"), ("mongo", "MongoDB"),
        ("mongo-express", None), ("phpmyadmin", None), ("oliver006/redis_exporter", None), ("rediscommander/redis-commander", None), ("redis/redisinsight", None), ("prodrigestivill/postgres-backup-local", None),
        ("edoburu/pgbouncer", None), ("sosedoff/pgweb", None), ("acme/postgres-migrations", None), ("acme/mysql-proxy", None), ("nginx", None), ("admin/postgres", "PostgreSQL"),
    ],
)  # fmt: skip
def test_the_kind_of_an_image(image: str, label: str | None) -> None:
    found = kind(service("x", image))
    assert (found and found[0]) == label
    # Without an image the name says it.
    named = kind(service(image))
    assert (named and named[0]) == label


@each_case(
    ("name", "ports", "maybe"),
    [
        ("db", (), True), ("database", (), True), ("cache", (), True), ("sql", (), True), ("store", (), True), ("DB", (), True), ("Postgres", (), True), ("my-redis", (), True), ("app-db", (), True), ("app_database", (), True),
        ("app-cache", (), True), ("dbadmin", (), False), ("web", (), False), ("storefront", (), False), ("mydb", (), False),
        ("web", ("5432",), True), ("web", ("80", "3306/tcp"), True), ("web", ("6379/tcp",), True), ("web", ("80/tcp",), False), ("web", ("tcp/5432",), False), ("web", ("27017",), True), ("web", ("26257",), True),
    ],
)  # fmt: skip
def test_an_image_from_outside_may_be_a_store(name: str, ports: tuple[str, ...], maybe: bool) -> None:
    assert may_be_one(service(name, "", *ports)) is maybe
    assert not may_be_one(service(name, "acme/web", *ports))
    assert not may_be_one(service(name, None, *ports))


@each_case(
    ("port", "host", "open_"),
    [
        ("5432", "", True), ("5432/tcp", "", True), ("26257", "0.0.0.0", True), ("", "", True), ("8080", "", False), ("5432", "127.0.0.1", False), ("5432", "127.9.9.9", False),
        ("5432", "localhost", False), ("5432", "::1", False), ("5432", "[::1]", False), ("5432", "10.0.0.1", True), ("5432", "128.0.0.1", True),
    ],
)  # fmt: skip
def test_which_ports_are_published(port: str, host: str, open_: bool) -> None:
    assert bool(exposed(service("db", "postgres", port, host=host))) is open_
    assert exposed(service("web", "nginx", port, host=host)) == ()
    hidden = Service(
        "db", Image("postgres", "", "", HERE), (), (PublishedPort(port, "", "", HERE, "given outside"),), HERE
    )
    assert exposed(hidden) == ()
    assert bool(undetermined(hidden)) is (port != "8080")
    assert undetermined(service("db", "postgres", port)) == ()
