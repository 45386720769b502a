"""Commands that start Compose projects: files that are named together are one project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.sources.deployments import compose_commands
from directus_guard.sources.deployments.compose_files import ComposeFiles
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

S: Final = "Zk8vQ2mXr7LpWc4TnB9sYd3HfG6jKa1E"
BASE: Final = (
    "services:\n  directus:\n    image: directus/directus:11.5.0\n    environment:\n      SECRET: ${CMS_SECRET:?}\n"
    "      PUBLIC_URL: https://cms.example.com\n      CORS_ENABLED: ${CORS:-false}\n"
)
OVERLAY: Final = 'services:\n  directus:\n    environment:\n      CORS_ENABLED: "true"\n      CORS_ORIGIN: "true"\n'


def places(root: Path, check: str) -> list[str]:
    """Where a check fails, `path:line`. Nothing is left unread."""
    report = run(Options(root=root)).report
    assert not report.problems
    return sorted(
        f"{finding.location.path}:{finding.location.line}" for finding in report.findings if finding.check == check
    )


@each_case(
    ("path", "text"),
    [
        ("up.sh", "docker compose -f base/app.yml -f over/lay.yml up -d\n"),
        ("up.sh", "docker-compose -p cms --file=base/app.yml --file over/lay.yml --profile web up\n"),
        ("up.sh", 'cd "$(dirname "$0")"\nsudo docker compose -f base/app.yml -f over/lay.yml up -d\n'),
        ("up.sh", "export COMPOSE_FILE=base/app.yml:over/lay.yml\ndocker compose up -d\n"),
        ("up.sh", "COMPOSE_FILE='base/app.yml;over/lay.yml' docker compose up -d\n"),
        ("up.sh", 'FILES="-f base/app.yml -f over/lay.yml"\ndocker compose $FILES up -d\n'),
        ("up.sh", 'dc() {\n  docker compose -f base/app.yml -f over/lay.yml "$@"\n}\ndc up\n'),
        ("up.sh", "docker stack deploy -c base/app.yml --compose-file over/lay.yml cms\n"),
        ("up.sh", "ssh host 'cd /srv/cms && docker compose -f base/app.yml -f over/lay.yml up -d'\n"),
        ("up.sh", 'docker compose -f "$PWD/base/app.yml" -f "$PWD/over/lay.yml" up\n'),
        ("scripts/up.sh", 'cd "$(dirname "$0")/.."\ndocker compose -f base/app.yml -f over/lay.yml up\n'),
        ("base/up", "#!/bin/sh\ndocker compose -f app.yml -f ../over/lay.yml up\n"),
        ("up.sh", "cd base && docker compose -f app.yml -f ../over/lay.yml up\n"),
        ("Makefile", "DC = docker compose -f base/app.yml -f over/lay.yml\nup:\n\t@$(DC) up -d\n"),
        ("Makefile", "export COMPOSE_FILE := base/app.yml:over/lay.yml\nup:\n\tdocker compose up -d\n"),
        ("justfile", "up:\n  docker compose -f base/app.yml -f over/lay.yml up -d\n"),
        ("package.json", '{"scripts": {"up": "docker compose -f base/app.yml -f over/lay.yml up"}}'),
        (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    env: {COMPOSE_FILE: 'base/app.yml:over/lay.yml'}\n    steps:\n      - run: docker compose up\n"),
        (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    steps:\n      - working-directory: ./base\n        run: docker compose -f app.yml -f ../over/lay.yml up\n"),
        (".github/workflows/a.yml", "on: push\ndefaults: {run: {working-directory: base}}\njobs:\n  a:\n    steps:\n      - run: docker compose -f app.yml -f ../over/lay.yml up\n"),
        ("Makefile", "OVER ?= over/lay.yml\nup:\n\tdocker compose -f base/app.yml -f $(OVER) up -d\n"),
        (".gitlab-ci.yml", "deploy:\n  script:\n    - cd base\n    - docker compose -f app.yml -f ../over/lay.yml up\n"),
    ],
)  # fmt: skip
def test_files_that_are_named_together_are_one_project(tmp_path: Path, path: str, text: str) -> None:
    files = {"base/app.yml": BASE, "over/lay.yml": OVERLAY, path: text}
    assert places(write(tmp_path, files), "cors-any-origin") == ["over/lay.yml:5"]


@each_case(
    ("files", "expected"),
    [
        ({"a.vars": f"CMS_SECRET={S}\n", "up.sh": "docker compose --env-file a.vars up\n"}, "a.vars:1"),
        ({"env/prod": f"CMS_SECRET={S}\n", "Makefile": "up:\n\tdocker compose --env-file=./env/prod up -d\n"}, "env/prod:1"),
        ({"up.sh": f"CMS_SECRET={S} docker compose up -d\n"}, "up.sh:1"),
        ({"up.sh": f"export CMS_SECRET='{S}'\ndocker-compose -p cms up -d --build\n"}, "up.sh:1"),
        ({"up.sh": f"echo CMS_SECRET={S} > .env\ndocker compose up -d\n"}, "up.sh:1"),
        ({"up.sh": f"cat > .env <<END\nA=1\nCMS_SECRET={S}\nEND\ndocker compose up -d\n"}, "up.sh:3"),
        ({"Makefile": f"export CMS_SECRET := {S}\nup:\n\tdocker compose up -d\n"}, "Makefile:1"),
        ({".github/workflows/d.yml": f"on: push\nenv:\n  CMS_SECRET: {S}\njobs:\n  deploy:\n    steps:\n      - run: docker compose up\n"}, ".github/workflows/d.yml:3"),
    ],
)  # fmt: skip
def test_what_a_command_gives_is_the_source_of_the_interpolation(
    tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    assert places(write(tmp_path, {"compose.yaml": BASE, **files}), "secret-committed") == [expected]


@each_case(
    "command",
    [
        "docker compose up -d",
        "docker compose -f other.yml up",
        "docker compose -f compose.$STAGE.yml up",
        "docker compose --env-file $FILE up",
        "docker compose --env-file missing.env up",
        "CMS_SECRET=$SECRET docker compose up",
        f"CMS_SECRET={S} docker ps",
        f"OTHER={S} docker compose up",
    ],
)
def test_what_is_not_known_changes_nothing(tmp_path: Path, command: str) -> None:
    root = write(tmp_path, {"compose.yaml": BASE, "up.sh": f"{command}\n"})
    assert places(root, "secret-committed") == []
    assert run(Options(root=root)).report.scanned.deployments == ("compose.yaml#directus",)


def test_the_environment_file_in_the_place_of_the_own_one(tmp_path: Path) -> None:
    files = {
        "compose.yaml": BASE,
        ".env": "CORS=false\n",
        "prod.env": "CORS=true\n",
        "up.sh": "docker compose --env-file prod.env up\n",
    }
    found = run(Options(root=write(tmp_path, files))).project.environments
    assert {env["CORS_ENABLED"].text for env in found} == {"true", "false"}


def test_a_start_for_tests_does_not_stand_for_the_project(tmp_path: Path) -> None:
    """What a script for development gives changes nothing of what is said of the base."""
    files = {"compose.yaml": BASE + '      CORS_ORIGIN: "true"\n', "dev.sh": "CORS=false docker compose up\n"}
    assert places(write(tmp_path / "a", files), "cors-any-origin") == []
    files["compose.yaml"] = files["compose.yaml"].replace("${CORS:-false}", '"true"')
    found = run(Options(root=write(tmp_path / "b", files))).report.findings
    assert {item.context.gates for item in found if item.check == "cors-any-origin"} == {True}


@pytest.mark.thorough
@pytest.mark.parametrize("piece", ["docker compose -f a.yml up\n", "X{}=1 docker compose up\n", "docker compose -f ", "cd a\n", "docker compose up ; "])  # fmt: skip
def test_the_cost_is_linear(tmp_path: Path, piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        lines = "".join(piece.format(number) for number in range(size // len(piece)))
        names = "".join(f"      X{number}: ${{X{number}}}\n" for number in range(size // 100))
        root = write(
            tmp_path / str(size),
            {"compose.yaml": f"{BASE}{names}", "a.yml": BASE, "up.sh": f"docker compose up\n{lines}"},
        )
        return lambda: compose_commands.read(ComposeFiles(Repository(root)))

    assert grows_linearly(work, 10_000)
