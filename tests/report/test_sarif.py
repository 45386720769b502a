"""SARIF as GitHub and Microsoft's own validator read it, of every example and of hostile files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import pytest

from directus_guard.audit.rules import rules
from directus_guard.checks import catalogue
from directus_guard.documentation import VARIABLE
from tests.live.servers import replay
from tests.support.cli import guard, write
from tests.support.examples import ESCALATION, EXAMPLES, EXPORT, HOSTILE, ROLE, change
from tests.support.git import commit, git, new_repository
from tests.support.planted import Planter, repository
from tests.support.programs import missing, npm
from tests.support.sarif import load

if TYPE_CHECKING:
    from collections.abc import Iterator

MULTITOOL: Final = "@microsoft/sarif-multitool-linux@5.7.0"
INSTANCE: Final = Path(__file__).parents[1] / "checks" / "response-cors" / "fail-1" / "live"
NOISE: Final = frozenset({"SARIF2002", "SARIF2006", "SARIF2007", "SARIF2011"})
"""Rules of the validator that ask for what GitHub does not read: message ids, reachable addresses, repository mappings,
context regions. SARIF2009 (opaque rule ids) is not among them: ours are words
(docs/decisions/fingerprints.md), and it is a note."""
OFF_BY_DEFAULT: Final = (
    "GH1001.ProvideRequiredLocationProperties",
    "GH1002.InlineThreadFlowLocations",
    "GH1003.ProvideRequiredRegionProperties",
    "GH1004.ReviewArraysThatExceedConfigurableDefaults",
    "GH1005.LocationsMustBeRelativeUrisOrFilePaths",
    "GH1006.ProvideCheckoutPath",
    "GH1007.ProvideFullyFormattedMessageStrings",
)


@pytest.fixture(scope="module")
def known_address() -> Iterator[None]:
    """The validator warns of a tool whose address is not known, as it is where nothing tells it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "https://github.com/octo/directus-guard/blob/main")
        yield


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory, known_address: None) -> dict[str, Path]:
    """SARIF files of both examples, of hostile files, of a repository with every format, and of a change."""
    del known_address  # it is only to be set
    tmp_path = tmp_path_factory.mktemp("logs")
    write(tmp_path / "hostile", HOSTILE)
    repository(tmp_path / "planted", Planter(7))
    (tmp_path / "clean").mkdir()
    shutil.copytree(ESCALATION, tmp_path / "escalation")
    roots = {
        "flawed": EXAMPLES / "flawed",
        "hardened": EXAMPLES / "hardened",
        "hostile": tmp_path / "hostile",
        "planted": tmp_path / "planted",
        "clean": tmp_path / "clean",
        "escalation": tmp_path / "escalation",
    }
    made = {}
    for name, root in roots.items():
        made[name] = tmp_path / f"{name}.sarif"
        guard("scan", root, "--output", f"sarif={made[name]}", "--include-nonproduction")
    with replay(INSTANCE / "answers.json") as server:
        made["instance"] = tmp_path / "instance.sarif"
        assert guard("scan", roots["clean"], "--url", server.url, "--output", f"sarif={made['instance']}").code == 1
    shutil.copytree(EXPORT, tmp_path / "head")
    change(tmp_path / "head", 5, **ROLE)
    change(tmp_path / "head", 1, permissions=None)
    made["diff"] = tmp_path / "diff.sarif"
    assert guard("diff", EXPORT, tmp_path / "head", "--output", f"sarif={made['diff']}").code == 1
    return made


@pytest.mark.real
def test_final_schema(logs: dict[str, Path]) -> None:
    folder = npm(MULTITOOL)
    found = sorted(folder.rglob("sarif-2.1.0.json"))
    assert found
    validator = jsonschema_rs.validator_for(json.loads(found[0].read_text(encoding="utf-8-sig")))
    for path in logs.values():
        assert [str(error)[:300] for error in validator.iter_errors(load(path))] == []


Complaint = tuple[str, str, object]
"""What the validator says: rule, level, message."""


def validated(folder: Path, *logs: Path) -> dict[str, list[Complaint]]:
    """What Microsoft's multitool says of logs, by the names of their files, in one run. Its exit code means nothing."""
    program = next(npm(MULTITOOL).rglob("Sarif.Multitool"), None)
    if program is None:
        missing("the SARIF multitool has no program for this machine")
    program.chmod(0o755)
    keys = "".join(
        f'<Properties Key="{rule}.Options"><Property Key="RuleEnabled" Value="Error" Type="Driver.RuleEnabledState" />'
        "</Properties>"
        for rule in OFF_BY_DEFAULT
    )
    config, report = folder / "rules.xml", folder / "report.sarif"
    config.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<Properties>{keys}</Properties>', encoding="utf-8")
    command = [str(program), "validate", *map(str, logs), "--rule-kind", "Sarif;Ghas", "-c", str(config), "-o", str(report),
               "--log", "ForceOverwrite", "--level", "Error;Warning;Note", "--kind", "Fail"]  # fmt: skip
    # One of its rules asks every address in the file; without a network it should notice at once.
    offline = os.environ | {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    subprocess.run(command, capture_output=True, check=True, timeout=300, env=offline)
    run = load(report)["runs"][0]
    assert not run["invocations"][0].get("toolExecutionNotifications")
    said: dict[str, list[Complaint]] = {log.name: [] for log in logs}
    for item in run.get("results", []):
        name = Path(item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]).name
        said[name].append((item["ruleId"], item.get("level", "warning"), item["message"]))
    return said


@pytest.mark.real
def test_microsofts_validator_is_quiet(tmp_path: Path, logs: dict[str, Path]) -> None:
    """And it would complain: the rules that are off by default are really on, so a log with faults is not quiet."""
    log = load(logs["flawed"])
    del log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    broken = tmp_path / "broken.sarif"
    broken.write_text(json.dumps(log), encoding="utf-8")
    said = validated(tmp_path, broken, *(path for name, path in logs.items() if name != "planted"))
    assert "GH1003" in {rule for rule, _, _ in said.pop(broken.name)}
    assert len(said) == 7
    for name, complaints in said.items():
        assert [one for one in complaints if one[1] != "note" and one[0] not in NOISE] == [], name


def test_what_github_needs(logs: dict[str, Path]) -> None:
    """github-code-scanning's own documentation: required properties, limits, one run, category, severities as texts."""
    for name, path in logs.items():
        log = load(path)
        (run,) = log["runs"]
        assert log["version"] == "2.1.0"
        assert run["automationDetails"]["id"].endswith("/")
        assert run["invocations"][0]["executionSuccessful"] is True
        driver = run["tool"]["driver"]
        listed = [rule["id"] for rule in driver["rules"]]
        assert set(listed) > {"new-access"} if name == "diff" else listed == list(catalogue())
        for rule in driver["rules"]:
            assert 0 < len(rule["shortDescription"]["text"]) <= 1024
            assert 0 < len(rule["fullDescription"]["text"]) <= 1024
            assert rule["help"]["text"]
            assert rule["help"]["markdown"]
            assert rule["name"] != rule["id"]
            assert rule["properties"]["security-severity"] in ("9.5", "8.0", "5.5", "3.0")
            assert len(rule["properties"]["tags"]) <= 10
        assert isinstance(run["results"], list)
        for result in run["results"]:
            place = result["locations"][0]["physicalLocation"]
            assert not place["artifactLocation"]["uri"].startswith(("/", "file:"))
            assert place["region"]["startLine"] >= 1
            assert {"startColumn", "endLine", "endColumn"} <= set(place["region"])
            assert result["level"] in ("error", "warning", "note")
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert len(result["partialFingerprints"]["directusGuard/v1"]) == 32
            assert result["message"]["text"].rstrip().endswith(".")


def test_fingerprints_do_not_depend_on_lines(tmp_path: Path) -> None:
    first = write(tmp_path / "a", {"compose.yaml": HOSTILE["compose.yaml"]})
    second = write(tmp_path / "b", {"compose.yaml": "# moved\n\n" + HOSTILE["compose.yaml"]})
    prints = []
    for root in (first, second):
        guard("scan", root, "--output", f"sarif={root}.sarif")
        results = load(Path(f"{root}.sarif"))["runs"][0]["results"]
        prints.append([result["partialFingerprints"]["directusGuard/v1"] for result in results])
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == len(prints[0])


def test_the_steps_of_an_escalation_are_a_code_flow(logs: dict[str, Path]) -> None:
    results = load(logs["escalation"])["runs"][0]["results"]
    (found,) = [result for result in results if result["ruleId"] == "escalation-path"]
    (flow,) = found["codeFlows"]
    (thread,) = flow["threadFlows"]
    places = [step["location"]["physicalLocation"] for step in thread["locations"]]
    assert [place["artifactLocation"]["uri"] for place in places] == ["directus/permissions.json"] * 2
    assert all(place["region"]["startLine"] == 2 for place in places)


def test_all_rules_have_a_page() -> None:
    for rule in rules():
        assert rule.help_markdown().startswith(f"# {rule.id}\n")


@pytest.mark.real
def test_microsofts_matcher_agrees_on_what_is_new(tmp_path: Path) -> None:
    """`match-results-forward` compares two logs by itself; our states come from `--new-since`."""
    from tests.github.site import site

    made = site(tmp_path / "repository")
    guard("scan", made.folder, "--output", f"sarif={tmp_path}/now.sarif", "--new-since", made.base)
    git(made.folder, "switch", "-q", "--detach", made.base)
    guard("scan", made.folder, "--output", f"sarif={tmp_path}/before.sarif")
    assert _matched(tmp_path, "before", "now") == _states(tmp_path / "now.sarif") != []
    # The flawed example moved down by two lines, one finding mended and one made.
    flawed = new_repository(tmp_path / "flawed")
    shutil.copytree(EXAMPLES / "flawed", flawed, dirs_exist_ok=True)
    base = commit(flawed)
    guard("scan", flawed, "--output", f"sarif={tmp_path}/first.sarif")
    compose = (flawed / "compose.yaml").read_text(encoding="utf-8")
    assert "MARKETPLACE_TRUST: all" in compose
    changed = compose.replace("MARKETPLACE_TRUST: all", "LOG_LEVEL: trace")
    commit(flawed, {"compose.yaml": f"# moved\n\n{changed}"})
    guard("scan", flawed, "--output", f"sarif={tmp_path}/second.sarif", "--new-since", base)
    states = _states(tmp_path / "second.sarif")
    assert {state for _, _, state in states} == {"new", "unchanged"}
    assert _matched(tmp_path, "first", "second") == states


def _states(log: Path) -> list[tuple[str, int, str]]:
    """Rule, line and our state, in the matcher's word, of every result."""
    words = {"new": "new", "existing": "unchanged"}
    return sorted(
        (result["ruleId"], _line(result), words[result["properties"]["state"]])
        for result in load(log)["runs"][0]["results"]
    )


def _line(result: dict[str, Any]) -> int:
    line: int = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    return line


def _matched(folder: Path, before: str, now: str) -> list[tuple[str, int, str]]:
    program = next(npm(MULTITOOL).rglob("Sarif.Multitool"), None) or missing("no SARIF multitool for this machine")
    program.chmod(0o755)
    out = folder / "matched.sarif"
    command = [str(program), "match-results-forward", str(folder / f"{now}.sarif"), "--previous", str(folder / f"{before}.sarif"),
               "-o", str(out), "--log", "ForceOverwrite"]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    return sorted(
        # It calls one that moved, or says something else, `updated`.
        (result["ruleId"], _line(result), result["baselineState"].replace("updated", "unchanged"))
        for result in load(out)["runs"][0]["results"]
        if result["baselineState"] != "absent"
    )
