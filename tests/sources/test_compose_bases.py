"""A base that nothing here starts by itself is judged with what is put on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.sources.deployments import compose
from tests.support.each import each_case
from tests.support.repositories import repository, texts

if TYPE_CHECKING:
    from pathlib import Path

BASE: Final = """services:
  cms:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      MARKETPLACE_TRUST: all
"""
SAFE: Final = "services:\n  cms:\n    environment:\n      MARKETPLACE_TRUST: sandbox\n"
RESET: Final = "services:\n  cms:\n    environment:\n      MARKETPLACE_TRUST: !reset null\n"


def trusts(root: Path, files: dict[str, str]) -> set[str | None]:
    """What the deployments say of MARKETPLACE_TRUST; "" for one that does not set it."""
    found = [dict(texts(made.variables)) for made in compose.read(repository(root, files))]
    return {held.get("MARKETPLACE_TRUST", "") for held in found}


@each_case(
    ("files", "found"),
    [
        ({"compose.yaml": BASE, "compose.override.yaml": SAFE}, {"sandbox"}),
        ({"compose.yaml": BASE, "compose.override.yml": RESET}, {""}),
        ({"cms/docker-compose.yml": BASE, "cms/docker-compose.override.yml": SAFE}, {"sandbox"}),
        ({"compose.yaml": BASE, "compose.override.yaml": SAFE, "up.sh": "docker compose up -d\n"}, {"sandbox"}),
        ({"compose.yaml": BASE, "compose.prod.yaml": SAFE, "up.sh": "docker compose -f compose.yaml -f compose.prod.yaml up\n"}, {"sandbox"}),
        ({"compose.yaml": BASE, "compose.prod.yaml": SAFE, "Makefile": "export COMPOSE_FILE := compose.yaml:compose.prod.yaml\nup:\n\tdocker compose up\n"},
         {"sandbox"}),
        ({"compose.yaml": BASE, "prod.yml": SAFE, ".env": "COMPOSE_FILE=compose.yaml:prod.yml\n", "up.sh": "docker compose up\n"}, {"sandbox"}),
    ],
)  # fmt: skip
def test_what_is_put_on_a_base_counts(tmp_path: Path, files: dict[str, str], found: set[str]) -> None:
    assert trusts(tmp_path, files) == found


@pytest.mark.parametrize(
    ("password", "kept"), [("Vr4-kelp_Oboe7", True), ("change-me", False), ("password", False), ("x", False)]
)
def test_a_password_in_a_base_stays_committed(tmp_path: Path, password: str, *, kept: bool) -> None:
    over = f"{SAFE}      DB_PASSWORD: ${{DB_PASSWORD:?}}\n"
    files = {"compose.yaml": f"{BASE}      DB_PASSWORD: {password}\n", "compose.override.yaml": over}
    assert any(one.partial for one in compose.read(repository(tmp_path, files))) is kept


@pytest.mark.parametrize(
    ("secret", "kept"),
    [
        ("88bf20a2de09b0a6d09ec407c39b85f788d37de96babdf1d8473ac497c7c1513", True),
        ("change-me", False),
        ("${SECRET}", False),
    ],
)
def test_a_secret_in_a_base_stays_committed(tmp_path: Path, secret: str, *, kept: bool) -> None:
    over = f"{SAFE}      SECRET: ${{SECRET:?}}\n"
    made = compose.read(
        repository(tmp_path, {"compose.yaml": f"{BASE}      SECRET: {secret}\n", "compose.override.yaml": over})
    )
    parts = [one for one in made if one.partial]
    assert [texts(one.variables) for one in parts] == ([[("SECRET", secret)]] if kept else [])


@each_case(
    "files",
    [
        {"compose.yaml": BASE, "compose.dev.yaml": SAFE, "Makefile": "dev:\n\tdocker compose -f compose.yaml -f compose.dev.yaml up\n"},
        {"compose.yaml": BASE, "compose.ci.yaml": SAFE, "test.sh": "docker compose -f compose.yaml -f compose.ci.yaml up -d\n"},
        {"compose.override.yaml": SAFE, "up.sh": "docker compose -f compose.yaml up -d\n"},
        {"compose.override.yaml": f"{SAFE}    ports: [8055:8055]\n"},
        {"compose.override.yaml": f"{SAFE}    build: .\n"},
        {"compose.override.yaml": f"{SAFE}      PUBLIC_URL: http://localhost:8055\n"},
        {"compose.override.yaml": f"{SAFE}    volumes: [./extensions:/directus/extensions]\n"},
        {"compose.override.yaml": f"# for development\n{SAFE}"},
        {"compose.prod.yaml": SAFE},
        {"compose.prod.yaml": SAFE, "up.sh": "docker compose up -d\ndocker compose -f compose.yaml -f compose.prod.yaml up\n"},
        {"compose.prod.yaml": SAFE, "a.sh": "docker compose up\n", "b.sh": "docker compose -f compose.yaml -f compose.prod.yaml up\n"},
        {"compose.prod.yaml": SAFE, "up.sh": "docker compose -f compose.yaml -f compose.prod.yaml up\ndocker compose -f compose.yaml up\n"},
    ],
)  # fmt: skip
def test_a_base_that_may_be_started_by_itself_stays(tmp_path: Path, files: dict[str, str]) -> None:
    assert "all" in trusts(tmp_path, {"compose.yaml": BASE, **files})
