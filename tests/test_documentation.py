"""Links to the documentation: to an address that is known, else none; and what stands in for them."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.documentation import GUIDES, VARIABLE, is_address, of_action, repository, with_addresses
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.programs import ROOT
from tests.support.prose import links

if TYPE_CHECKING:
    from pathlib import Path

BASE: Final = "https://github.com/octo/directus-guard/blob/0123456789abcdef0123456789abcdef01234567"
FORMATS: Final = ("text", "json", "sarif", "markdown")
FLAWED: Final = ROOT / "examples" / "flawed"


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def sarif_rules(text: str) -> list[dict[str, Any]]:
    (run,) = json.loads(text)["runs"]
    rules: list[dict[str, Any]] = run["tool"]["driver"]["rules"]
    return rules


@each_case("name", FORMATS)
def test_no_address_is_made_up(name: str) -> None:
    text = html.unescape(guard("scan", FLAWED, f"--output={name}").out)
    assert "github.com/directus-guard" not in text
    if name in ("text", "markdown"):
        assert "directus-guard explain export" in text
        assert "directus-guard explain " in text


def test_the_address_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, BASE)
    assert f"How to export them: {BASE}/docs/export.md" in guard("scan", FLAWED).out
    assert f"]({BASE}/directus_guard/checks/" in guard("scan", FLAWED, "--output=markdown").out
    report = json.loads(guard("scan", FLAWED, "--output=json").out)
    for finding in report["findings"]:
        path = finding["documentation"].removeprefix(f"{BASE}/")
        assert (ROOT / path).is_file()
    text = guard("scan", FLAWED, "--output=sarif").out
    assert json.loads(text)["runs"][0]["tool"]["driver"]["informationUri"] == "https://github.com/octo/directus-guard"
    listed = json.loads(guard("checks", "--json").out)
    assert [rule["helpUri"] for rule in sarif_rules(text)] == [check["documentation"] for check in listed]


def test_the_address_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"directus-guard.yaml": f"documentation: {BASE}\n"})
    write(tmp_path, {"compose.yaml": (FLAWED / "compose.yaml").read_text(encoding="utf-8")})
    assert f"{BASE}/docs/export.md" in guard("scan", tmp_path).out
    monkeypatch.setenv(VARIABLE, "https://docs.example.com/guard/")
    assert "https://docs.example.com/guard/docs/export.md" in guard("scan", tmp_path).out


@pytest.mark.parametrize("text", ["http://x", "x", "https://x/](y)", "https://x/ y", "https://x/<b>", "javascript:1"])
def test_what_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert not is_address(text)
    write(tmp_path, {"directus-guard.yaml": json.dumps({"documentation": text})})
    run = guard("scan", tmp_path)
    assert run.code == 2
    assert "expected an address such as" in run.err
    monkeypatch.setenv(VARIABLE, text)
    for command in (("scan", FLAWED), ("checks", "--json")):
        run = guard(*command)
        assert run.code == 2
        assert VARIABLE in run.err


@pytest.mark.parametrize("base", ["", BASE])
def test_every_rule_of_sarif_holds_its_page(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its links lead somewhere wherever it is shown."""
    if base:
        monkeypatch.setenv(VARIABLE, base)
    rules = sarif_rules(guard("scan", FLAWED, "--output=sarif").out)
    for rule in rules:
        page = rule["help"]["markdown"]
        assert page.startswith(f"# {rule['id']}")
        assert ("helpUri" in rule) == bool(base)
        for target in links(page):
            assert target.startswith("https://")
            if target.startswith(BASE):
                assert (ROOT / target.removeprefix(f"{BASE}/").partition("#")[0]).is_file()


@each_case(
    ("changed", "address"),
    [
        ({}, BASE),
        ({"GITHUB_SERVER_URL": "https://ghe.example.com"}, BASE.replace("github.com", "ghe.example.com")),
        ({"GITHUB_ACTION_REPOSITORY": ""}, ""),
        ({"GITHUB_ACTION_REF": ""}, ""),
        ({"GITHUB_ACTION_REF": "a b"}, ""),
        ({"GITHUB_SERVER_URL": "http://x"}, ""),
    ],
)
def test_the_address_that_a_runner_knows(changed: dict[str, str], address: str) -> None:
    environ = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_ACTION_REPOSITORY": "octo/directus-guard",
        "GITHUB_ACTION_REF": BASE.rpartition("/")[2],
    }
    assert of_action(environ | changed) == address


def test_links_of_a_page() -> None:
    page = "[a](b.md#c), [d](https://x), [e](#f)\n\n```text\n[g](h.md)\n```\n\n[i](../other/j.md)\n"
    assert with_addresses(page, "docs/x.md", "") == page.replace("[a](b.md#c)", "a").replace("[e](#f)", "e").replace(
        "[i](../other/j.md)", "i"
    )
    assert with_addresses(page, "docs/x.md", "https://y/") == page.replace("b.md#c", "https://y/docs/b.md#c").replace(
        "(#f)", "(https://y/docs/x.md#f)"
    ).replace("../other/j.md", "https://y/other/j.md")
    assert repository("https://y/z/") == "https://y/z"


@each_case("name", GUIDES)
def test_pages_of_the_documentation_are_printed(name: str) -> None:
    run = guard("explain", name)
    assert run.code == 0
    first = (ROOT / GUIDES[name]).read_text(encoding="utf-8").splitlines()[0]
    assert run.out.startswith(f"{first}\n")
    assert not re.search(r"\]\((?!https:)", run.out)
