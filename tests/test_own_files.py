"""The linters of the field are quiet on our own files: Dockerfile, action, workflows, Compose files, schemas."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import jsonschema_rs
import pytest

from directus_guard.cli.own_revision import PLACEHOLDER
from directus_guard.config import load
from tests.support.git import git
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


def _filled_in(folder: Path) -> list[Path]:
    """Copies of the workflows, as users have them."""
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8").replace("<OWNER>", "acme").replace("<COMMIT>", "0" * 40)
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    return sorted(folder.rglob("*.yml"))


@pytest.mark.real
def test_hadolint() -> None:
    assert run(python_tool(*TOOLS) / "hadolint", "Dockerfile").strip() == ""


@pytest.mark.real
def test_zizmor(tmp_path: Path) -> None:
    """Of the workflows as they are with the placeholders filled in."""
    output = run(
        python_tool(*TOOLS) / "zizmor", "--offline", "--no-progress", "--format", "json",
        "--persona", "pedantic", "action.yml", "sandboxed/action.yml", *_filled_in(tmp_path), ".github/dependabot.yml",
    )  # fmt: skip
    assert json.loads(output) == []


_FORMS: Final = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
JSON_SCHEMAS: Final[dict[str, tuple[str, ...]]] = {
    "github-actions": ("action.yml", "sandboxed/action.yml"),
    "dependabot": (".github/dependabot.yml",),
    "gitlab-ci": ("examples/ci/gitlab-ci.yml",),
    "bitbucket-pipelines": ("examples/ci/bitbucket-pipelines.yml",),
    "compose-spec": ("examples/flawed/compose.yaml", "examples/hardened/compose.yaml"),
    "github-workflows": tuple(str(path.relative_to(ROOT)) for path in WORKFLOWS),
    "github-issue-config": (".github/ISSUE_TEMPLATE/config.yml",),
    "github-issue-forms": tuple(str(path.relative_to(ROOT)) for path in _FORMS if path.name != "config.yml"),
}


@pytest.mark.real
@pytest.mark.parametrize("schema", JSON_SCHEMAS)
def test_check_jsonschema(schema: str) -> None:
    """All files of a kind in one run: it names each that is not valid."""
    files = JSON_SCHEMAS[schema]
    run(python_tool(*TOOLS) / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


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


def test_no_example_runs_what_anyone_could_register() -> None:
    """Own code is named by a placeholder that no account can have; that of others by its commit."""
    files = git(ROOT, "ls-files", "*.yml", "*.yaml", "*.md", "*Jenkinsfile", "*.toml").splitlines()
    others = re.compile(r"(?:actions|docker|github)/[\w./-]+@[0-9a-f]{40}\Z")
    found = []
    for path in files:
        if path.startswith("tests/"):
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        assert "directus-guard/directus-guard" not in text, path
        for used in re.findall(r"^\s*(?:- )?uses: ([^\s{}]+)", text, re.MULTILINE):
            name = used.strip("'\"")
            if name.startswith("./") or others.match(name):
                continue
            assert re.match(
                rf"{re.escape(PLACEHOLDER)}(/\.github/workflows/fleet\.yml|/sandboxed)?@<COMMIT>\Z", name
            ), (
                path,
                used,
            )
            found.append(path)
        assert not re.search(r"ghcr\.io/(?!directus/directus|<OWNER>|\$)", text), path
    assert {"README.md", "docs/github.md", "examples/workflows/pull-request.yml", "examples/workflows/fleet.yml"} <= {
        *found
    }
    # GitHub: letters, digits and single hyphens.
    assert not re.match(r"[A-Za-z0-9-]+\Z", PLACEHOLDER.partition("/")[0])


def test_the_placeholder_is_filled_in_as_the_readme_says(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^sed -i (.*) \.github/workflows/\*\.yml$", readme, re.MULTILINE)
    workflow = tmp_path / "pull-request.yml"
    shutil.copy(ROOT / "examples" / "workflows" / "pull-request.yml", workflow)
    script = f"sed -i {command} {workflow}".replace("path/to/directus-guard", str(ROOT))
    subprocess.run(["sh", "-c", script], check=True)
    used = re.findall(r"uses: (\S+)", workflow.read_text(encoding="utf-8"))
    assert re.match(r"acme/directus-guard@[0-9a-f]{40}\Z", used[-1])
