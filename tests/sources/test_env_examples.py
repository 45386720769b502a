"""An example of a Compose project's `.env` is that project's input, not a server's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Context
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Report

COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    ports: ["${DIRECTUS_PORT}:8055"]
    environment:
      SECRET: ${DIRECTUS_SECRET}
      DB_CLIENT: pg
      ADMIN_EMAIL: ${ADMIN_EMAIL}
"""
EXAMPLE = "DIRECTUS_PORT=8055\nDIRECTUS_SECRET=6116487b-cda1-52c2-b5b5-c8022c45e263\nADMIN_EMAIL=a@example.com\nDB_CLIENT=pg\n"
NAMES = [
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "env.example",
    "example.env",
    ".env.local.example",
]


def scan(root: Path, files: dict[str, str]) -> Report:
    return audit(Options(root=write(root, files), include_nonproduction=True))


def found(report: Report, check: str) -> list[tuple[str, int]]:
    everything = (*report.findings, *report.nonproduction)
    return [(finding.location.path, finding.location.line) for finding in everything if finding.check == check]


@each_case("name", NAMES)
def test_its_values_are_what_compose_hands_over(tmp_path: Path, name: str) -> None:
    report = scan(tmp_path, {"compose.yaml": COMPOSE, name: EXAMPLE})
    assert set(report.scanned.deployments) == {"compose.yaml#directus", f"{name}#directus"}
    assert found(report, "secret-weak") == [(name, 2)]
    assert found(report, "unknown-variable") == []
    assert {one.context for one in report.findings if one.check == "secret-weak"} == {Context.EXAMPLE}


def test_beside_the_real_one(tmp_path: Path) -> None:
    report = scan(
        tmp_path, {"compose.yaml": COMPOSE, ".env.example": EXAMPLE, ".env": EXAMPLE.replace("6116487b", "0" * 8)}
    )
    assert set(report.scanned.deployments) == {"compose.yaml#directus", ".env.example#directus"}
    assert (".env.example", 2) in found(report, "secret-weak")


def test_as_the_example_of_an_env_file(tmp_path: Path) -> None:
    compose = "services:\n  directus:\n    image: directus/directus:${VERSION:-12.4.1}\n    env_file: .env\n"
    report = scan(
        tmp_path,
        {
            "compose.yaml": compose,
            ".env.example": "VERSION=12.4.1\nSECRET=6116487b-cda1-52c2-b5b5-c8022c45e263\nDB_CLIENT=pg\n",
        },
    )
    assert ".env.example#directus" in report.scanned.deployments
    assert found(report, "secret-weak") == [(".env.example", 2)]


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": COMPOSE.replace("$", "x"), ".env.example": "SECRET=abc\nDB_CLIENT=pg\n"},
        {"docker/compose.yaml": COMPOSE, ".env.example": "SECRET=abc\nDB_CLIENT=pg\n"},
    ],
)
def test_an_example_of_something_else(tmp_path: Path, files: dict[str, str]) -> None:
    assert ".env.example" in scan(tmp_path, files).scanned.deployments


LITERAL: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      SECRET: replace-with-random-value
      DB_CLIENT: pg
  other:
    image: acme/other:1
    environment:
      OTHER_KEY: ${OTHER_KEY}
"""


@each_case("example", ["OTHER_KEY=x\n", "DIRECTUS_PORT=8055\n"])
def test_an_example_never_hides_the_server_itself(tmp_path: Path, example: str) -> None:
    """A script that writes files makes everything be compared; the server counts, not the example's name."""
    files = {
        "docker-compose.yml": LITERAL.replace(
            "DB_CLIENT: pg", "DB_CLIENT: pg\n    ports: ['${DIRECTUS_PORT:-8055}:8055']"
        ),
        ".env.example": example,
        "setup.sh": f"cat > other/compose.yaml <<'END'\n{COMPOSE}END\n",
    }
    report = scan(tmp_path, files)
    assert "docker-compose.yml#directus" in report.scanned.deployments
    assert Context.UNKNOWN in {one.context for one in report.findings if one.check == "secret-weak"}
