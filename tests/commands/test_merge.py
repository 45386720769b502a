"""`merge`: the results of many projects in one table. What is not known is never silent."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.audit.merging import MergeError, merged
from directus_guard.exit_code import ExitCode
from directus_guard.fleet import FleetVerdict
from directus_guard.report import fleet_text
from directus_guard.report.writers import FLEET_WRITERS, Appearance
from tests.support.cli import guard, write
from tests.support.examples import ESCALATION, EXAMPLES, HOSTILE
from tests.support.hostile import EVERYTHING, FORBIDDEN, PAYLOADS, obeyed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Json = dict[str, Any]

BROKEN = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: [\n"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of projects that end differently."""
    root = tmp_path_factory.mktemp("fleet")
    projects = {"shop": EXAMPLES / "flawed", "blog": EXAMPLES / "hardened", "cms": ESCALATION}
    for name, folder in projects.items():
        shutil.copytree(folder, root / "in" / name)
    write(root / "in" / "half", {"compose.yaml": BROKEN})
    write(root / "in" / "nothing", {"README.md": "x"})
    for path in sorted((root / "in").iterdir()):
        guard("scan", path, f"--output=json={root / f'{path.name}.json'}")
    return root


def table(*files: str | Path) -> Json:
    run = guard("merge", *files, "--output=json")
    data: Json = json.loads(run.out)
    assert data["summary"]["exit_code"] == run.code
    return data


def scanned(root: Path, name: str) -> Json:
    data: Json = json.loads((root / f"{name}.json").read_text(encoding="utf-8"))
    return data


def test_the_worst_comes_first(results: Path) -> None:
    data = table(*sorted(results.glob("*.json")))
    assert [(one["name"], one["verdict"]) for one in data["results"]] == [
        ("shop", "blocked"),
        ("cms", "blocked"),
        ("half", "incomplete"),
        ("nothing", "no Directus project found"),
        ("blog", "passed"),
    ]
    assert (
        data["summary"] | {"results": 5, "blocked": 2, "incomplete": 1, "nothing_found": 1, "passed": 1}
        == data["summary"]
    )
    severities = ["critical", "high", "medium", "low"]
    ranks = [severities.index(one["severity"]) for one in data["checks"]]
    assert ranks == sorted(ranks)


def test_numbers_are_those_of_the_results(results: Path) -> None:
    data = table(*results.glob("*.json"))
    for result in data["results"]:
        report = scanned(results, result["name"])
        for word in ("critical", "high", "medium", "low", "suppressed", "nonproduction", "not_evaluated"):
            assert result[word] == report["summary"][word]
        active = [one for one in report["findings"] if one["state"] != "suppressed"]
        assert result["new"] == sum(one["state"] == "new" for one in active)
        assert {name: cell["findings"] for name, cell in result["checks"].items()} == {
            check: sum(one["check"] == check for one in active) for check in {one["check"] for one in active}
        }
        assert result["unread"] == sum(one["incomplete"] for one in report["problems"])
    for check in data["checks"]:
        assert check["findings"] == sum(
            one["checks"].get(check["check"], {"findings": 0})["findings"] for one in data["results"]
        )
        assert set(check["results"]) == {one["name"] for one in data["results"] if check["check"] in one["checks"]}


def test_ignored_and_known_findings(tmp_path: Path) -> None:
    root = write(tmp_path / "a", {**HOSTILE, "broken.yaml": ""})
    guard("baseline", "write", root / "directus-guard.baseline", root)
    guard("scan", root, f"--output=json={tmp_path / 'a.json'}")
    (result,) = table(tmp_path / "a.json")["results"]
    assert result["new"] == 0
    assert result["suppressed"] == 1
    assert sum(cell["findings"] for cell in result["checks"].values()) > 3
    assert "cors-wildcard" not in result["checks"]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("blog",), ExitCode.OK),
        (("blog", "shop"), ExitCode.FINDINGS),
        (("blog", "half"), ExitCode.INCOMPLETE),
        (("blog", "nothing"), ExitCode.INCOMPLETE),
        (("half", "shop"), ExitCode.FINDINGS),
    ],
)
def test_exit_codes(results: Path, names: tuple[str, ...], code: ExitCode) -> None:
    assert guard("merge", *(results / f"{name}.json" for name in names)).code == code


@pytest.mark.parametrize("cut", [0, 1, 100, 5_000])
def test_a_damaged_result_is_in_the_table(results: Path, tmp_path: Path, cut: int) -> None:
    whole = (results / "blog.json").read_bytes()
    (tmp_path / "blog.json").write_bytes(whole)
    (tmp_path / "cut.json").write_bytes(whole[:cut])
    data = table(tmp_path / "blog.json", tmp_path / "cut.json")
    first, second = data["results"]
    assert (first["name"], first["verdict"], second["verdict"]) == ("cut", "not readable", "passed")
    assert first["reason"].startswith("The file is damaged: ")
    assert data["summary"]["exit_code"] == ExitCode.INCOMPLETE
    assert "?" in guard("merge", tmp_path / "cut.json").out.splitlines()[1]


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"schema": "json-v1", "x": ' + "[" * 200_000, "null", '{"schema": "json-v1"}', '{"schema": 1}']
)  # fmt: skip
def test_what_is_no_result_is_not_readable(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"x.json": text})
    assert [one["verdict"] for one in table(tmp_path / "x.json")["results"]] == ["not readable"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"schema": "json-v2"}', "it is `json-v2`, and this version of directus-guard merges `json-v1`"),
        ('{"schema": "json-v0"}', "it is `json-v0`"),
        ('{"schema": "access-v1", "models": []}', "it is `access-v1`. `merge` takes files that"),
        ('{"version": "2.1.0", "runs": []}', "it is not JSON of directus-guard"),
    ],
)
def test_other_documents_are_refused(results: Path, tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, {"x.json": text})
    run = guard("merge", results / "blog.json", tmp_path / "x.json")
    assert run.code == ExitCode.USAGE
    assert says in run.err
    assert run.out == ""


def test_files_that_are_not_there_or_named_twice(results: Path, tmp_path: Path) -> None:
    blog = results / "blog.json"
    for files, says in (
        ((tmp_path / "x.json",), "No such file"),
        ((tmp_path,), "directory"),
        ((blog, blog), "is named twice"),
        ((blog, os.path.relpath(blog)), "is named twice: as "),
        ((), "missing: FILE"),
    ):
        run = guard("merge", *files)
        assert run.code == ExitCode.USAGE
        assert says in run.err


def test_a_copy_is_noticed(results: Path, tmp_path: Path) -> None:
    shutil.copy(results / "blog.json", tmp_path / "copy.json")
    data = table(results / "blog.json", tmp_path / "copy.json")
    assert [notice.endswith("are the same file. Is one a copy?") for notice in data["notices"]] == [True]
    assert "note: The results" in guard("merge", results / "blog.json", tmp_path / "copy.json").out


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.json"], ["a"]),
        (["x/y/a.json"], ["a"]),
        (["x/a.json", "x/b.json"], ["a", "b"]),
        (["x/shop/r.json", "x/blog/r.json"], ["shop", "blog"]),
        (["r/projects/a.json", "r/instances/a.json"], ["projects", "instances"]),
        (["r/projects/a.json", "r/projects/b.json", "r/instances/a.json"], ["projects/a", "projects/b", "instances/a"]),
        (["r/projects/a.json", "r/instances/b.json"], ["a", "b"]),
        (["r.json", "x/r.json"], ["r", "x/r"]),
    ],
)
def test_names(results: Path, paths: list[str], names: list[str]) -> None:
    data = (results / "blog.json").read_bytes()
    fleet = merged({path: data + b" " * number for number, path in enumerate(paths)})
    assert {one.file: one.name for one in fleet.results} == dict(zip(paths, names, strict=True))


def test_a_project_without_a_result_is_missing(results: Path, tmp_path: Path) -> None:
    write(tmp_path, {"projects.json": guard("projects", results / "in").out})
    jobs = {
        job["name"] for job in json.loads((tmp_path / "projects.json").read_text(encoding="utf-8"))["matrix"]["include"]
    }
    assert jobs == {"shop", "blog", "cms-directus"}
    cms = tmp_path / "r" / "cms-directus.json"
    write(tmp_path / "r", {cms.name: (results / "cms.json").read_bytes()})
    data = table(tmp_path / "projects.json", results / "blog.json", cms)
    first = data["results"][0]
    assert (first["name"], first["verdict"], first["file"]) == ("shop", "missing", None)
    assert data["summary"]["missing"] == 1
    alone = guard("merge", tmp_path / "projects.json", results / "blog.json")
    assert alone.code == ExitCode.INCOMPLETE
    assert "missing" in alone.out
    everything = table(tmp_path / "projects.json", results / "blog.json", results / "shop.json", cms)
    assert everything["summary"]["missing"] == 0
    # The result of an instance with the same name is not that of the project.
    folder = write(tmp_path / "r", {f"{kind}/{name}.json": (results / f"{name}.json").read_bytes()
                                    for kind, name in (("projects", "blog"), ("instances", "shop"))})  # fmt: skip
    data = table(tmp_path / "projects.json", folder / "projects" / "blog.json", folder / "instances" / "shop.json")
    assert {one["name"] for one in data["results"] if one["verdict"] == "missing"} == {"shop", "cms-directus"}


def test_only_a_list(results: Path, tmp_path: Path) -> None:
    write(
        tmp_path,
        {"empty.json": '{"schema": "projects-v1", "matrix": {"include": []}}', "bad.json": '{"schema": "projects-v1"}'},
    )
    for name, says in (("empty.json", "there is no result to merge"), ("bad.json", "the list of projects is damaged")):
        run = guard("merge", tmp_path / name)
        assert run.code == ExitCode.USAGE
        assert says in run.err


def hostile(text: str) -> Mapping[str, bytes]:
    finding = {"check": text, "severity": "high", "state": "new"}
    result = {
        "schema": "json-v1", "tool": {"version": text}, "scanned": {"instance": text}, "findings": [finding], "incomplete": False,
        "summary": {"exit_code": 1},
    }  # fmt: skip
    jobs = {"schema": "projects-v1", "matrix": {"include": [{"name": f"no {text}"}]}}
    files = {f"{text}.json": result, "b.json": result, "list.json": jobs}
    return {name: json.dumps(data).encode() for name, data in files.items()} | {
        f"c{text}": b"{" + text.encode("utf-8", "replace")
    }


@pytest.mark.parametrize("text", [*PAYLOADS, EVERYTHING], ids=ascii)
def test_hostile_results(text: str) -> None:
    import io

    fleet = merged(hostile(text))
    assert len(fleet.results) == 4
    for form, write_fleet in FLEET_WRITERS.items():
        stream = io.StringIO()
        write_fleet(fleet, stream, Appearance())
        assert obeyed(stream.getvalue()) == [], form
        assert not FORBIDDEN.search(stream.getvalue()), form
        if form == "markdown":
            assert not any(mark in stream.getvalue() for mark in ("<img", "<script", "](http", "\n# heading"))


def test_text_is_short_and_quiet(results: Path) -> None:
    files = [*results.glob("*.json")]
    run = guard("merge", *files, "--quiet")
    assert run.out == "directus-guard: 5 results: 2 blocked, 1 incomplete, 1 no Directus project found, 1 passed\n"
    assert guard("merge", *files).out.endswith(run.out)
    assert "\x1b[" in guard("merge", *files, "--color=always").out


def test_many_projects_with_a_finding(results: Path) -> None:
    data = (results / "shop.json").read_bytes()
    fleet = merged({f"p{number:03}.json": data + b" " * number for number in range(200)})
    lines = list(fleet_text.text(fleet, Appearance()))
    assert any("and 180 more" in line for line in lines)
    assert {one.verdict for one in fleet.results} == {FleetVerdict.BLOCKED}
    with pytest.raises(MergeError, match="merges `json-v1`"):
        merged({"a": data, "b": b'{"schema": "json-v3"}'})


def test_reading_does_not_grow_with_what_is_not_needed(results: Path) -> None:
    """Members that a later version adds are skipped."""
    data = json.loads((results / "shop.json").read_bytes())
    data["later"] = {"x": [1, 2, 3]}
    data["findings"][0]["later"] = None
    plain, more = (
        merged({"a.json": (results / "shop.json").read_bytes()}),
        merged({"a.json": json.dumps(data).encode()}),
    )
    assert plain == more
