"""What commands start, and what they only prepare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.deployments import application
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path


@each_case(
    ("command", "starts"),
    [
        *((text, True) for text in ("directus start", "npx directus start", "npx directus bootstrap && x", "npx directus@11 start", '["npx", "directus", "start"]', "A=b directus start;", "node node_modules/directus/cli.js", "node /x/directus/dist/cli/run.js", "./node_modules/.bin/directus start", "directus/cli/run.js", "directus bootstrap&")),
        *((text, False) for text in ("", "start", "directus", "directus starts", "xdirectus start", "directus schema apply", "npm start", "directus-start", "directus cli.js", "start directus")),
    ],
)  # fmt: skip
def test_a_command_that_starts_directus(command: str, *, starts: bool) -> None:
    assert application.starts_directus(command) is starts


@each_case(
    ("command", "once"),
    [
        *((f"npx directus {name}", True) for name in ("bootstrap", "database migrate:latest", "schema apply x", "users create", "roles create", "count x", "init")),
        ("node cli.js bootstrap", True), ("node -e x", True), ("node --eval x", True), ("node -p x", True), ("node --print x", True), ("x.sh npx directus bootstrap", False), ("sh -c npx directus schema apply", True),
        *((f"npx directus bootstrap && {name}", False) for name in ("npx directus start", "server", "serve", "pm2 x", "npm run dev", "/entrypoint", "./x.sh", "$X", "é")),
        ("./wait-for.sh db && npx directus bootstrap", True), ("./wait-for-it.sh db && npx directus bootstrap", True), ("npx directus", False), ("node x.js", False), ("", False),
    ],
)  # fmt: skip
def test_a_command_that_ends(command: str, *, once: bool) -> None:
    assert bool(application.runs_once(command.split(" "))) is once


@each_case(
    ("command", "runs"),
    [
        ("npm start", True), ("npm run start", True), ("npm run-script start", True), ("yarn start", True), ("pnpm run start", True), ("bun start", True), ("cd x && npm start", True), ("/usr/bin/npm start", True), ('["npm", "start"]', True), ("npx directus start", True),
        ("npm run other", False), ("npm other", False), ("xnpm start", False), ("start", False), ("", False),
    ],
)  # fmt: skip
def test_a_command_that_runs_a_script(tmp_path: Path, command: str, *, runs: bool) -> None:
    package = '{"scripts": {"start": "npx directus start", "other": "node directus.js"}}'
    made = repository(
        tmp_path,
        {
            "a/package.json": package,
            "b/package.json": "{ directus",
            "c/package.json": '{"scripts": {"start": "node x.js"}}',
        },
    )
    assert application.runs_directus(made, "a", command) is runs
    for folder in ("", "b", "c"):
        assert application.runs_directus(made, folder, command) is (command == "npx directus start")


@each_case(("folder", "above", "expected"), [("a", "", True), ("a", "a", True), ("a/b", "a", True), ("ab", "a", False), ("a", "a/b", False), ("", "", True), ("", "a", False)])  # fmt: skip
def test_a_folder_below_another(folder: str, above: str, *, expected: bool) -> None:
    assert application.is_below(folder, above) is expected


@each_case(
    ("text", "expected"), [("plain", "plain"), ("a`b\n", "a?b?"), ("x" * 81, "x" * 80), ("é", "é"), ("\x1b", "?")]
)
def test_a_name_that_may_be_shown(text: str, expected: str) -> None:
    assert application.plain(text) == expected
    assert application.plain("abc", 2) == "ab"
