"""A repository of code alone, through the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from directus_guard.report.writers import REPORT_WRITERS
from tests.support.cli import guard, write

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = '{"dependencies": {"@directus/sdk": "^17.0.0"}}'
TOKEN = "PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr"
ASKS = "fetch(`${process.env.DIRECTUS_URL}/assets/${id}?access_token=${token}`);"


def test_code_alone_is_something_to_judge(tmp_path: Path) -> None:
    run = guard("scan", write(tmp_path, {"web/package.json": PACKAGE, "web/a.ts": "export {};"}), "--output", "json")
    assert run.code == 0
    report = json.loads(run.out)
    assert report["scanned"]["packages"] == ["web"]
    assert {row["check"]: row["status"] for row in report["checks"]}["public-token"] == "pass"


def test_code_that_asks_nobody_is_nothing(tmp_path: Path) -> None:
    assert guard("scan", write(tmp_path, {"package.json": "{}", "a.ts": ASKS.replace("DIRECTUS", "API")})).code == 3


@pytest.mark.parametrize(
    ("env", "found"),
    [(f"CMS_KEY={TOKEN}\n", [".env:1"]), ("CMS_KEY=${KEY}\n", []), ("CMS_KEY=\n", []), (f"OTHER_KEY={TOKEN}\n", [])],
)
def test_a_variable_that_code_hands_to_directus_in_a_tracked_file(tmp_path: Path, env: str, found: list[str]) -> None:
    files = {
        "package.json": PACKAGE,
        "src/cms.ts": 'import { config } from "./config";\ncreateDirectus(config.url).with(staticToken(config.key));\n',
        "src/config.ts": "export const config = { url: process.env.CMS_URL, key: process.env.CMS_KEY };\n",
        ".env": env,
    }
    report = json.loads(guard("scan", write(tmp_path, files), "--output", "json").out)
    places = [f"{one['location']['path']}:{one['location']['line']}" for one in report["findings"]]
    assert places == found


def test_one_token_for_two_programs_is_one_finding(tmp_path: Path) -> None:
    client = 'import { key } from "@acme/config";\ncreateDirectus(url).with(staticToken(key));\n'
    files = {
        "apps/a/package.json": PACKAGE, "apps/a/src/cms.ts": client,
        "apps/b/package.json": PACKAGE, "apps/b/src/cms.ts": client,
        "packages/config/package.json": '{"name": "@acme/config", "main": "index.js"}',
        "packages/config/index.js": f'export const key = "{TOKEN}";\n',
    }  # fmt: skip
    report = json.loads(guard("scan", write(tmp_path, files), "--output", "json").out)
    (found,) = report["findings"]
    assert (found["location"]["path"], found["location"]["line"]) == ("packages/config/index.js", 1)
    assert TOKEN not in json.dumps(report)
    ignored = {
        **files,
        "packages/config/index.js": f'export const key = "{TOKEN}"; // directus-guard: ignore[public-token] a test\n',
    }
    report = json.loads(guard("scan", write(tmp_path, ignored), "--output", "json").out)
    assert [one["state"] for one in report["findings"]] == ["suppressed"]


@pytest.mark.parametrize("output", REPORT_WRITERS)
def test_a_token_is_named_and_never_shown(tmp_path: Path, output: str) -> None:
    files = {
        "package.json": PACKAGE,
        ".env": f"VITE_DIRECTUS_TOKEN={TOKEN}\n",
        "a.ts": f"createDirectus(u).with(staticToken('{TOKEN}'));\nconst x = '/assets/1?access_token={TOKEN}';\n",
        "b.html": f'<img src="https://directus.example.com/assets/{TOKEN}?access_token={TOKEN}">\n',
    }
    run = guard("scan", write(tmp_path, files), "--output", output, "-v")
    assert run.code == 1
    assert "public-token" in run.out
    assert TOKEN not in run.out + run.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ts", f"// directus-guard: ignore[asset-token-in-url] a public token\n{ASKS}\n"),
        ("a.js", f"{ASKS} // directus-guard: ignore[asset-token-in-url] a public token\n"),
        (
            "a.php",
            '<?php\n# directus-guard: ignore[asset-token-in-url] a public token\n$u = "/assets/$id?access_token=$t";\n',
        ),
        (
            "a.html",
            '<!-- directus-guard: ignore[asset-token-in-markup] a public token -->\n<img src="/assets/1?access_token=x">\n',
        ),
        (
            "a.jsx",
            (
                "const A = () => <p>\n{/* directus-guard: ignore[asset-token-in-markup] a public token */}\n"
                "<img src={`/assets/1?access_token=${t}`} /></p>;\n"
            ),
        ),
    ],
)
def test_an_ignore_in_a_comment_of_every_kind(tmp_path: Path, name: str, text: str) -> None:
    run = guard("scan", write(tmp_path, {"package.json": PACKAGE, name: text}), "--output", "json", "--fail-on", "low")
    report = json.loads(run.out)
    assert [finding["state"] for finding in report["findings"]] == ["suppressed"]
    assert run.code == 0


def test_tests_and_examples_are_listed_apart(tmp_path: Path) -> None:
    files = {"package.json": PACKAGE, "src/a.test.ts": ASKS, "tests/b.ts": ASKS, "examples/c.ts": ASKS}
    report = json.loads(guard("scan", write(tmp_path, files), "--output", "json").out)
    assert report["summary"]["nonproduction"] == 3
    assert report["findings"] == []
