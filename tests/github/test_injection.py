"""Hostile text in every place of a repository, through every writer: nothing of it is obeyed by anybody."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, strategies as st

from directus_guard import text_safety
from directus_guard.audit.options import Options
from directus_guard.audit.rules import rules
from directus_guard.audit.run import audit
from directus_guard.report import github_annotations, markdown, mermaid
from directus_guard.report.writers import (
    ACCESS_WRITERS,
    DIFF_WRITERS,
    REPORT_WRITERS,
    Appearance,
    Format,
    PrintedReport,
)
from tests.github import runner
from tests.github.runner import step
from tests.github.server import GitHub, serving
from tests.github.site import MERGE_REF, Site, export, row
from tests.support.cli import guard, write as write_files
from tests.support.git import commit, git, new_repository
from tests.support.hostile import EVERYTHING, FORBIDDEN, PAYLOADS, hostile, is_annotation, obeyed
from tests.support.programs import node, npm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Report

pytestmark = pytest.mark.thorough

JSON_FORMATS: Final = (Format.JSON, Format.SARIF, Format.GITLAB_CODEQUALITY, Format.GITLAB_SAST)
ALLOWED_TAGS: Final = frozenset({
    "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code", "pre", "ul", "ol", "li",
    "a", "em", "strong",
})  # fmt: skip


def written(report: Report) -> dict[str, str]:
    """What every writer makes of it."""
    made: dict[str, str] = {}
    for format_, write in REPORT_WRITERS.items():
        stream = io.StringIO()
        write(PrintedReport(report, rules()), stream, Appearance(verbose=True))
        made[format_] = stream.getvalue()
    return made


@pytest.mark.parametrize("text", [*PAYLOADS, EVERYTHING], ids=ascii)
def test_no_report_is_obeyed(text: str) -> None:
    for format_, output in written(hostile(text)).items():
        assert obeyed(output) == [] or (format_ == Format.GITHUB and all(map(is_annotation, obeyed(output)))), format_
        assert not FORBIDDEN.search(output), format_
        if format_ in JSON_FORMATS:
            json.loads(output)
        if format_ == Format.JUNIT:
            ET.fromstring(output)


@pytest.mark.thorough
@given(st.lists(st.sampled_from([*PAYLOADS, "\n", " ", "`", "a"]), max_size=4).map("".join))
def test_no_report_is_obeyed_whatever_is_put_together(text: str) -> None:
    for format_, output in written(hostile(text)).items():
        assert obeyed(output) == [] or (format_ == Format.GITHUB and all(map(is_annotation, obeyed(output)))), format_
        assert not FORBIDDEN.search(output), format_


def test_json_says_what_was_there() -> None:
    data: Any = json.loads(written(hostile(EVERYTHING))["json"])
    assert data["findings"][0]["message"] == EVERYTHING


@pytest.mark.parametrize("text", [*PAYLOADS, EVERYTHING], ids=ascii)
def test_annotations_are_what_we_made_them(text: str) -> None:
    lines = list(github_annotations.of_findings(hostile(text)))
    assert len(lines) == 1
    assert "\n" not in lines[0] and "\r" not in lines[0]  # noqa: PT018
    (command,) = runner.commands(lines)
    assert command.name == "error"
    assert set(command.properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert command.properties["line"] == "3"
    assert "##[" not in lines[0]
    assert not FORBIDDEN.search(command.message)
    for level in ("error", "warning", "notice"):
        (said,) = runner.commands([github_annotations.said(level, text)])
        assert said.name == level
        assert set(said.properties) == {"title"}


def test_messages_on_stderr_are_not_obeyed(tmp_path: Path) -> None:
    for text in PAYLOADS:
        for arguments in (("scan", text), ("scan", f"--fail-on={text}"), ("scan", f"--output={text}"), ("explain", text),
                          ("scan", str(tmp_path), f"--directus-version={text}"), (text,)):  # fmt: skip
            run = guard(*arguments)
            assert run.code == 2, arguments
            assert obeyed(run.err) == [], arguments
            assert not FORBIDDEN.search(run.err), arguments


def repository() -> dict[str, str]:
    """Files whose names, keys and values are hostile."""
    files = export(
        *(row(text, "update", {text: {"_eq": text}}, text) for text in PAYLOADS), row("directus_users", "update", {})
    )
    roles = json.loads(files["directus/roles.json"])
    roles[1]["name"] = EVERYTHING
    files["directus/roles.json"] = json.dumps(roles)
    policies = json.loads(files["directus/policies.json"])
    policies[1]["name"] = EVERYTHING
    files["directus/policies.json"] = json.dumps(policies)
    environment = {"PUBLIC_URL": "https://cms.example.com", "MARKETPLACE_TRUST": EVERYTHING, "CORS_ORIGIN": EVERYTHING,
                   "CORS_ENABLED": "true", "IMPORT_IP_DENY_LIST": EVERYTHING, "LOG_LEVEL": EVERYTHING, EVERYTHING: EVERYTHING,
                   "CONTENT_SECURITY_POLICY_DIRECTIVES__SCRIPT_SRC": EVERYTHING}  # fmt: skip
    services = {"services": {"directus": {"image": "directus/directus:latest", "environment": environment}}}
    for number, text in enumerate(PAYLOADS):
        name = text.replace("/", "_").replace("\x00", "")
        files[f"{name}/compose.yaml"] = yaml.safe_dump(services if number % 5 == 0 else {"services": ["directus", "["]})
        files[f"x{name}.env"] = "DB_CLIENT=pg\nSECRET=change-me\nKEY=x\n"
        files[f"broken/{name}.yaml"] = f"services:\n  directus: [\n# {text}\n image: directus/directus"
    return {name: text for name, text in files.items() if len(name) < 200}


def test_a_hostile_repository_is_not_obeyed(tmp_path: Path) -> None:
    root = write_files(tmp_path / "repository", repository())
    assert len(audit(Options(root=root)).findings) > 20
    for format_ in REPORT_WRITERS:
        run = guard("scan", root, "--output", format_, "--verbose", "--include-nonproduction")
        assert run.code == 1
        for output in (run.out, run.err):
            commands = obeyed(output)
            assert commands == [] or (format_ == Format.GITHUB and all(map(is_annotation, commands))), format_
            assert not FORBIDDEN.search(output.replace("\x1b[", "")), format_
    write_files(tmp_path / "nothing", export())
    compared = ("diff", tmp_path / "nothing", root)
    listed: tuple[tuple[str | Path, ...], ...] = (
        ("projects", root),
        *(("access", root, "--output", format_) for format_ in ACCESS_WRITERS),
        *((*compared, "--output", format_) for format_ in DIFF_WRITERS),
    )
    for command in listed:
        run = guard(*command)
        assert run.out
        assert obeyed(run.out + run.err) == [], command
        # RFC 4180 ends the lines of CSV with both.
        assert not FORBIDDEN.search((run.out + run.err).replace("\r\n", "\n" if "csv" in command else "\r\n")), command


@pytest.fixture(scope="module")
def pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[runner.Ran, str]]:
    """The Action on a pull request that brings all of it: what it left, and the comment."""
    folder = new_repository(tmp_path_factory.mktemp("hostile") / "repository")
    base = commit(folder, export(row("articles", "update", None)))
    git(folder, "switch", "-q", "-c", "change")
    head = commit(folder, repository())
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
    made = Site(folder, base, head, git(folder, "rev-parse", "HEAD"))
    with serving(GitHub()) as github:
        ran = step(
            folder, folder.parent / "runner", event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF,
            api=github.url, new_only="true", comment="true",
        )  # fmt: skip
        (said,) = github.of("POST comments")
        assert said.body is not None
        yield ran, said.body["body"]


def test_the_log_of_the_action(pull: tuple[runner.Ran, str]) -> None:
    ran, _ = pull
    assert ran.code == 1
    names = [command.name for command in ran.commands]
    assert names.count("stop-commands") == 1
    assert set(names) <= {"stop-commands", "error", "warning", "notice"}
    assert all(command.name == "stop-commands" or is_annotation(command) for command in ran.commands)
    assert 1 < len(ran.annotations("error")) <= 10
    # Also without the runner's help: between the two marks nothing is a command either.
    token = next(command.message for command in ran.commands if command.name == "stop-commands")
    inside = ran.out.split(f"::stop-commands::{token}")[1].split(f"::{token}::")[0]
    assert obeyed(inside) == []


def test_the_outputs_of_the_action(pull: tuple[runner.Ran, str]) -> None:
    ran, _ = pull
    assert set(ran.outputs) == {
        "findings", "critical", "high", "medium", "low", "new", "suppressed", "not-evaluated", "sarif-file", "sarif-id",
        "comment-url", "exit-code",
    }  # fmt: skip
    assert ran.outputs["exit-code"] == "1"


def test_the_comment_is_short_enough(pull: tuple[runner.Ran, str]) -> None:
    ran, comment = pull
    assert len(comment) <= 65_536
    assert "The page would be too long" in comment
    assert len(ran.summary) > len(comment)


@pytest.mark.real
def test_rendered_markdown_has_only_our_markup(pull: tuple[runner.Ran, str]) -> None:
    ran, comment = pull
    pages = {"summary": ran.summary, "comment": comment}
    pages |= {
        f"report {number}": markdown.page(hostile(text), rules()) for number, text in enumerate((*PAYLOADS, EVERYTHING))
    }
    modules = npm("markdown-it@14.1.0", "marked@15.0.12", "htmlparser2@10.0.0")
    answer: Any = node(Path(__file__).parent / "rendered.mjs", {"pages": pages}, modules)
    assert len(answer) == 2 * len(pages)
    for name, page in answer.items():
        for tag in page["tags"]:
            if tag["name"] == "!--":
                assert name.startswith("comment")
                continue
            assert tag["name"] in ALLOWED_TAGS, (name, tag)
            attributes = set(tag["attributes"]) - {"align", "style"}
            if tag["name"] == "a":
                assert attributes == {"href"}
                assert tag["attributes"]["href"].startswith("https://github.com/"), (name, tag)
            elif tag["name"] == "code":
                assert attributes <= {"class"}
            elif tag["name"] != "ol":
                assert attributes == set(), (name, tag)
            assert tag["name"] != "details" or "details" not in tag["parents"]
            # Findings are never headings, and every heading is one of ours.
        for diagram in page["diagrams"]:
            lines = diagram.strip().split("\n")
            assert lines[0] == "flowchart TD"
            for line in lines[1:]:
                assert re.fullmatch(
                    r'  s0\["[^"\[\]{}<>`]*"\]|  s\d+ -->\|"[^"|<>`]*"\| s\d+\["[^"\[\]{}<>`]*"\]|  style s\d+ [a-z:#0-9,]+',
                    line,
                ), line
        assert name.startswith("report") or page["diagrams"], name
        assert not re.search(r"^owned|^evil", page["text"], re.MULTILINE)


def test_labels_of_a_diagram() -> None:
    for text in PAYLOADS:
        label = mermaid.label(text)
        assert re.fullmatch(r"(?:[^\W]|[ ,./…_-]|#\d+;)*", label), label


def test_a_line_of_a_log() -> None:
    assert text_safety.log_line("  ::error::x").startswith(".")
    assert text_safety.clean("##[error]") == "# #[error]"
