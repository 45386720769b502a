"""A schema snapshot is read for its data model only, unless something else is in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.deployments import compose, kubernetes
from directus_guard.sources.files import signs
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT: Final = """version: 1
directus: 11.5.1
vendor: postgres
collections:
  - collection: services
    meta:
      note: "image: directus/directus:11.5.1"
fields:
- collection: services
  field: apiVersion
  type: string
relations: []
"""
COMPOSE: Final = "services: {directus: {image: 'directus/directus:11.5.1', environment: {SECRET: abc}}}\n"
POD: Final = """apiVersion: v1
kind: Pod
metadata: {name: cms}
spec: {containers: [{name: cms, image: 'directus/directus:11.5.1', env: [{name: SECRET, value: abc}]}]}
"""


@each_case(
    "text",
    [
        SNAPSHOT,
        f"\ufeff{SNAPSHOT}",
        f"---\n{SNAPSHOT}",
        f"{SNAPSHOT}---\n# the end\n",
        SNAPSHOT.replace("\n", "\r\n"),
        SNAPSHOT.replace("vendor: postgres\n", ""),
    ],
)
def test_a_snapshot(text: str) -> None:
    assert signs.is_only_a_snapshot(text)


@each_case(
    "text",
    [
        SNAPSHOT + COMPOSE,
        COMPOSE + SNAPSHOT,
        f"{SNAPSHOT}---\n{POD}",
        f"{POD}---\n{SNAPSHOT}",
        f"{SNAPSHOT}--- {{services: {{}}}}\n",
        f'{SNAPSHOT}"services": {{}}\n',
        f"{SNAPSHOT}'services': {{}}\n",
        f"{SNAPSHOT}? services\n: {{}}\n",
        f"{SNAPSHOT}\ufeffservices: {{}}\n",
        f"{SNAPSHOT}&a services: {{}}\n",
        f"{SNAPSHOT}versions: {{}}\n",
        f"version: 1\ncollections: []\n{COMPOSE}",
        "version: 1\ncollections: []\nfields: []\n",
        f"{{directus: 11.5.1, version: 1, {COMPOSE[:-1]}}}\n",
    ],
)
def test_a_file_that_may_hold_something_else(text: str) -> None:
    assert not signs.is_only_a_snapshot(text)


def test_what_lies_beside_a_snapshot_is_found(tmp_path: Path) -> None:
    made = repository(tmp_path, {"a.yaml": f"{SNAPSHOT}---\n{POD}", "b.yaml": SNAPSHOT + COMPOSE, "c.yaml": SNAPSHOT})
    assert [one.name for one in kubernetes.read(made)] == ["a.yaml#Pod/cms/cms"]
    assert [one.name for one in compose.read(made)] == ["b.yaml#directus"]
