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


def started(root: Path, files: dict[str, str]) -> list[tuple[tuple[str, ...], str, tuple[str, ...] | None]]:
    """The files, the folder and the environment files of each start."""
    found = compose_commands.read(ComposeFiles(Repository(write(root, files))))
    return [(one.files, one.folder, one.env_files) for one in found]


@each_case(
    "options",
    [
        *(f"{option} word" for option in (
            "-p", "--project-name", "--profile", "--ansi", "--parallel", "--progress", "-H", "--host", "--context", "--log-level",
            "-l", "--config", "--tlscacert", "--tlscert", "--tlskey",
        )),
        "--project-name=word", "-p=word", "--verbose", "--compatibility", "",
    ],
)  # fmt: skip
def test_options_before_the_files(tmp_path: Path, options: str) -> None:
    files = {"base/app.yml": BASE, "over/lay.yml": OVERLAY}
    script = f"docker compose {options} -f base/app.yml -f over/lay.yml up\n"
    assert started(tmp_path, {**files, "up.sh": script}) == [(("base/app.yml", "over/lay.yml"), "base", None)]


@each_case(
    "command",
    [
        *(f"{program} -f base/app.yml up" for program in ("docker-compose", "podman-compose", "docker-compose.exe", "/usr/bin/docker-compose")),
        *(f"{program} compose -f base/app.yml up" for program in ("docker", "podman", "nerdctl", "docker.exe", "docker --context x", "docker -H tcp://x:1 -l debug")),
        "docker stack deploy -c base/app.yml cms", "docker stack up --compose-file=base/app.yml cms", "docker stack deploy --orchestrator swarm -c base/app.yml cms",
        "docker stack deploy --resolve-image always --with-registry-auth cms -c base/app.yml", "docker stack deploy --orchestrator -c -c base/app.yml",
        "docker stack deploy --resolve-image -c -c base/app.yml x",
        "docker compose -f base/app.yml", "docker compose -f base/app.yml --env-file", "docker compose up -f base/app.yml", "docker stack rm -c base/app.yml", "docker -f base/app.yml up",
        "docker stack deploy cms",
    ],
)  # fmt: skip
def test_programs_that_start_a_project(tmp_path: Path, command: str) -> None:
    """The last ones start nothing, or not with this file."""
    nothing = (
        "docker compose -f base/app.yml", "docker compose -f base/app.yml --env-file", "docker compose up -f base/app.yml", "docker stack rm -c base/app.yml", "docker -f base/app.yml up",
        "docker stack deploy cms",
    )  # fmt: skip
    found = started(tmp_path, {"base/app.yml": BASE, "up.sh": f"{command}\n"})
    assert found == ([] if command in nothing else [(("base/app.yml",), "base", None)])


@each_case(
    ("script", "expected"),
    [
        ("docker compose --project-directory . -f base/app.yml up", [(("base/app.yml",), "", None)]),
        ("docker compose --project-directory=over -f base/app.yml up", [(("base/app.yml",), "over", None)]),
        ("docker compose --workdir ./over -f base/app.yml up", [(("base/app.yml",), "over", None)]),
        ("docker compose --project-directory /srv -f base/app.yml up", [(("base/app.yml",), "base", None)]),
        ("docker compose --project-directory over$UNKNOWN -f base/app.yml up", [(("base/app.yml",), "base", None)]),
        ("docker compose --project-directory", []),
        ("docker compose --env-file a.env --env-file=over/b.env -f base/app.yml up", [(("base/app.yml",), "base", ("a.env", "over/b.env"))]),
        ("docker compose --env-file gone.env -f base/app.yml up", []),
        ("docker compose --env-file a.env --project-directory base up", []),
        ("docker compose -f base/app.yml -f gone.yml up", []),
        ("docker compose -f ~/base/app.yml up", []),
        ("docker compose -f /base/app.yml up", []),
        ("docker compose -f ${FILE:-base/app.yml} up", [(("base/app.yml",), "base", None)]),
        ("docker compose -f ${FILE:-/base/app.yml} up", []),
        ("docker compose -f ${PWD}/base/app.yml up", [(("base/app.yml",), "base", None)]),
        ("docker compose -f base/$FILE.yml up", []),
        ("docker compose --project-directory $PWD -f base/app.yml up", [(("base/app.yml",), "", None)]),
        ("cd base\ndocker compose -f app.yml up", [(("base/app.yml",), "base", None)]),
        ("pushd base\ndocker compose -f app.yml up", [(("base/app.yml",), "base", None)]),
        ("cd base; cd ../over\ndocker compose -f lay.yml up", [(("over/lay.yml",), "over", None)]),
        ("cd $SOMEWHERE\ndocker compose -f base/app.yml up", [(("base/app.yml",), "base", None)]),
        ("cd base; cd over$SOMEWHERE\ndocker compose -f app.yml up", []),
        ("cd ../../..\ndocker compose -f base/app.yml up", [(("base/app.yml",), "base", None)]),
        ("docker compose -f base/app.yml up\ndocker compose -f base/app.yml up -d", [(("base/app.yml",), "base", None)]),
        ("docker compose -f base/app.yml up\ndocker compose -f over/lay.yml up", [(("base/app.yml",), "base", None), (("over/lay.yml",), "over", None)]),
        ("COMPOSE_FILE=base/app.yml docker compose -f over/lay.yml up", [(("over/lay.yml",), "over", None)]),
        ("COMPOSE_FILE=base/app.yml\ndocker compose up", []),
        ("export COMPOSE_FILE=\ndocker compose up # base/app.yml", []),
        ("export COMPOSE_FILE=$X\ndocker compose up # base/app.yml", []),
        ("docker compose -f base/app.yml -f over/lay.yml up; true", [(("base/app.yml", "over/lay.yml"), "base", None)]),
    ],
)  # fmt: skip
def test_what_a_command_starts(tmp_path: Path, script: str, expected: list[object]) -> None:
    files = {"base/app.yml": BASE, "over/lay.yml": OVERLAY, "a.env": "A=b\n", "over/b.env": "B=c\n"}
    assert started(tmp_path, {**files, "up.sh": f"{script}\n"}) == expected


@each_case(
    ("script", "given"),
    [
        (f"CMS_SECRET={S} docker compose up", {"CMS_SECRET": S}),
        (f"CORS=1\nexport CMS_SECRET={S}\ndocker compose up", {"CMS_SECRET": S}),
        ("CORS=$X CMS_SECRET=x docker compose up", {"CMS_SECRET": "x"}),
        ("printf 'CMS_SECRET=x\\nexport CORS=\"y\"\\n#Z=1\\n' > base/.env\ndocker compose up", {"CMS_SECRET": "x", "CORS": "y"}),
        ("echo CMS_SECRET=x > prod.env\nCORS=y docker compose up", {"CORS": "y"}),
        ("echo CMS_SECRET=x > .env\nCMS_SECRET=y docker compose up", {"CMS_SECRET": "y"}),
        ("docker compose up\nexport CORS=true", None),
    ],
)  # fmt: skip
def test_what_the_environment_of_a_command_holds(tmp_path: Path, script: str, given: dict[str, str] | None) -> None:
    found = compose_commands.read(
        ComposeFiles(Repository(write(tmp_path, {"compose.yaml": BASE, "up.sh": f"{script}\n"})))
    )
    assert [{name: held.text for name, held in one.variables.items()} for one in found] == (
        [] if given is None else [given]
    )
    assert all(
        (one.script, one.files, one.whole, one.trial) == ("up.sh", ("compose.yaml",), False, False) for one in found
    )


@each_case(
    ("script", "expected"),
    [
        ("docker compose up", {"compose.yaml", "compose.override.yml"}),
        ("docker compose -p x up", {"compose.yaml", "compose.override.yml"}),
        ("cd base\ndocker compose up", {"base/docker-compose.yml"}),
        ("docker compose --project-directory base up", {"base/docker-compose.yml"}),
        ("docker compose --project-directory base$X up", set()),
        ("docker compose up\ndocker compose --project-directory base up", {"compose.yaml", "compose.override.yml", "base/docker-compose.yml"}),
        ("docker compose -f base/docker-compose.yml up", set()),
        ("COMPOSE_FILE=base/docker-compose.yml docker compose up", set()),
        ("cd base more\ndocker compose up", {"base/docker-compose.yml"}),
        ("docker ps", set()),
    ],
)  # fmt: skip
def test_what_commands_start_that_name_no_files(tmp_path: Path, script: str, expected: set[str]) -> None:
    files = {
        "compose.yaml": BASE,
        "compose.override.yml": OVERLAY,
        "base/docker-compose.yml": BASE,
        "up.sh": f"{script}\n",
    }
    assert compose_commands.started_by_default(ComposeFiles(Repository(write(tmp_path, files)))) == expected


def test_a_job_that_only_tests_starts_nothing_by_default(tmp_path: Path) -> None:
    job = "on: pull_request\njobs:\n  test:\n    steps:\n      - run: CORS=true docker compose up\n"
    files = ComposeFiles(Repository(write(tmp_path, {"compose.yaml": BASE, ".github/workflows/test.yml": job})))
    assert compose_commands.started_by_default(files) == frozenset()
    (made,) = compose_commands.read(files)
    assert (made.trial, made.whole, made.variables["CORS"].text) == (True, False, "true")


def test_a_job_that_only_tests_leaves_the_same_files_to_others(tmp_path: Path) -> None:
    job = "on: pull_request\njobs:\n  test:\n    steps:\n      - run: CORS=true docker compose -f base/app.yml up\n"
    files = ComposeFiles(Repository(write(tmp_path, {"base/app.yml": BASE, ".github/workflows/test.yml": job})))
    found = [(made.trial, made.whole, sorted(made.variables)) for made in compose_commands.read(files)]
    assert found == [(True, False, ["CORS"]), (False, True, [])]


def test_so_many_starts_are_followed(tmp_path: Path) -> None:
    script = "".join(f"docker compose --project-directory {number} -f base/app.yml up\n" for number in range(60))
    assert len(started(tmp_path, {"base/app.yml": BASE, "up.sh": script})) == compose_commands.MAX_COMMANDS == 50
