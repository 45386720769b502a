"""The linters of the field are quiet on our own files: Dockerfile, action, workflows, Compose files, schemas."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Final

import jsonschema_rs
import pytest

from directus_guard.config import load
from tests.support.programs import ROOT, TOOLS, python_tool

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS: Final = sorted(
    path for folder in (".github/workflows", "examples/workflows") for path in (ROOT / folder).glob("*.yml")
)


def run(*command: str | Path) -> str:
    """What the tool prints; it must be content."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.real
def test_hadolint() -> None:
    assert run(python_tool(*TOOLS) / "hadolint", "Dockerfile").strip() == ""


@pytest.mark.real
def test_zizmor() -> None:
    output = run(
        python_tool(*TOOLS) / "zizmor", "--offline", "--no-progress", "--format", "json",
        "--persona", "pedantic", "action.yml", *WORKFLOWS, ".github/dependabot.yml",
    )  # fmt: skip
    assert json.loads(output) == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.gitlab-ci", "examples/ci/gitlab-ci.yml"),
        ("vendor.bitbucket-pipelines", "examples/ci/bitbucket-pipelines.yml"),
        ("vendor.compose-spec", "examples/flawed/compose.yaml"),
        ("vendor.compose-spec", "examples/hardened/compose.yaml"),
        *(("vendor.github-workflows", str(path.relative_to(ROOT))) for path in WORKFLOWS),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        *(
            ("vendor.github-issue-forms", str(path.relative_to(ROOT)))
            for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
            if path.name != "config.yml"
        ),
    ],
)
def test_check_jsonschema(schema: str, file: str) -> None:
    run(python_tool(*TOOLS) / "check-jsonschema", "--builtin-schema", schema, file)


@pytest.mark.real
def test_actionlint() -> None:
    assert run(python_tool(*TOOLS) / "actionlint", "-shellcheck=", "-no-color", *WORKFLOWS).strip() == ""


def test_the_config_of_the_docs_is_valid() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    config = load("configuration.md", text.split("```yaml\n")[1].split("```")[0])
    assert config.ignore
    assert config.checks


def test_the_config_schema_is_a_schema() -> None:
    schema = json.loads((ROOT / "docs" / "directus-guard.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid({"fail-on": "high", "checks": {"secret-weak": {"severity": "off", "reason": "x"}}})
    assert not validator.is_valid({"fail_on": "high"})
    assert not validator.is_valid({"checks": {"secret-weak": {"severity": "off"}}})


def test_no_group_is_repeated_possessively() -> None:
    """Python 3.11.2, which Debian 12 ships, matches possessive groups wrongly; single characters are fine."""
    import re

    for path in sorted((ROOT / "directus_guard").rglob("*.py")):
        assert not re.search(r"\)[*+?]\+", path.read_text(encoding="utf-8")), path
