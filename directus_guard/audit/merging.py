"""Many results of `scan --output json` as one table. It reads what its columns need, so members that are added later do not matter."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, field

from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity, State
from directus_guard.fleet import CheckCell, Fleet, FleetCheck, FleetResult, FleetVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RESULT: Final = "json-v1"
PROJECTS: Final = "projects-v1"
_VERDICTS: Final[Mapping[int, FleetVerdict]] = {
    ExitCode.OK: FleetVerdict.PASSED,
    ExitCode.FINDINGS: FleetVerdict.BLOCKED,
    ExitCode.NOTHING_FOUND: FleetVerdict.NOTHING_FOUND,
}
_REASONS: Final = {
    FleetVerdict.INCOMPLETE: "Something could not be read or evaluated.",
    FleetVerdict.NOTHING_FOUND: "No part of a Directus project was found.",
}


class MergeError(Exception):
    """Files that cannot be merged. The message says which, why, and what to do."""


class _Tool(Struct, frozen=True):
    version: str


class _Scanned(Struct, frozen=True):
    instance: str | None = None


class _Finding(Struct, frozen=True):
    check: str
    severity: Severity
    state: State


class _Problem(Struct, frozen=True):
    incomplete: bool = False


class _Summary(Struct, frozen=True):
    exit_code: int
    nonproduction: int = 0
    suppressed: int = 0
    not_evaluated: int = 0


class _Result(Struct, frozen=True):
    tool: _Tool
    scanned: _Scanned
    findings: tuple[_Finding, ...]
    summary: _Summary
    incomplete: bool
    problems: tuple[_Problem, ...] = ()
    new_access: tuple[_Finding, ...] = ()


class _Job(Struct, frozen=True):
    name: str


class _Matrix(Struct, frozen=True):
    include: tuple[_Job, ...]


class _Projects(Struct, frozen=True):
    matrix: _Matrix


class _Head(Struct, frozen=True):
    schema: str = field(default="")


_DAMAGED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_HEAD: Final = msgspec.json.Decoder(_Head)
_RESULT: Final = msgspec.json.Decoder(_Result)
_PROJECTS: Final = msgspec.json.Decoder(_Projects)


def merged(files: Mapping[str, bytes]) -> Fleet:
    """The table of some files: results, and lists of the projects that are expected. Raises `MergeError`."""
    lists = {path: data for path, data in files.items() if _schema(path, data) == PROJECTS}
    contents = {path: data for path, data in files.items() if path not in lists}
    names = dict(zip(contents, _names(list(contents)), strict=True))
    results = [_result(names[path], path, data) for path, data in contents.items()]
    results += _missing(lists, {PurePath(one.file).stem for one in results if not _is_instance(one)})
    if not results:
        raise MergeError("there is no result to merge: the files only list projects")
    results.sort(key=_order)
    return Fleet(tuple(results), tuple(_checks(results)), _exit_code(results), tuple(_twins(contents, names)))


def _schema(path: str, data: bytes) -> str:
    """`json-v1`, `projects-v1`, or "" for what is damaged. Raises `MergeError` for what is something else."""
    try:
        schema = _HEAD.decode(data).schema
    except _DAMAGED:
        return ""
    if schema in (RESULT, PROJECTS):
        return schema
    family, _, version = schema.rpartition("-v")
    if family == "json" and version.isdecimal():
        raise MergeError(
            f"{path}: it is `{schema}`, and this version of directus-guard merges `{RESULT}`. Scan again with it."
        )
    what = f"it is `{schema}`" if schema else "it is not JSON of directus-guard"
    raise MergeError(f"{path}: {what}. `merge` takes files that `scan --output json=FILE` or `projects` wrote.")


def _result(name: str, path: str, data: bytes) -> FleetResult:
    try:
        result = _RESULT.decode(data)
    except _DAMAGED as error:
        return FleetResult(name, path, FleetVerdict.UNREADABLE, f"The file is damaged: {error}.")
    active = [one for one in (*_granted(result), *result.findings) if one.state is not State.SUPPRESSED]
    verdict = _VERDICTS.get(result.summary.exit_code, FleetVerdict.INCOMPLETE)
    unread = sum(problem.incomplete for problem in result.problems)
    reason = _REASONS.get(
        FleetVerdict.INCOMPLETE if result.incomplete and verdict is not FleetVerdict.NOTHING_FOUND else verdict, ""
    )
    return FleetResult(
        name,
        path,
        verdict,
        reason,
        result.tool.version,
        result.scanned.instance or "",
        Counter(finding.severity for finding in active),
        sum(finding.state is State.NEW for finding in active),
        result.summary.suppressed,
        result.summary.nonproduction,
        result.summary.not_evaluated,
        unread,
        _cells(active),
    )


def _granted(result: _Result) -> Iterator[_Finding]:
    """What a change grants and no check reports; the rest of it is among the findings, too."""
    return (finding for finding in result.new_access if finding.check == "new-access")


def _cells(findings: Sequence[_Finding]) -> dict[str, CheckCell]:
    by_check: dict[str, list[_Finding]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding)
    cells = {
        check: CheckCell(
            max((one.severity for one in listed), key=lambda severity: severity.rank),
            len(listed),
            sum(one.state is State.NEW for one in listed),
        )
        for check, listed in by_check.items()
    }
    return dict(sorted(cells.items(), key=lambda item: (-item[1].severity.rank, -item[1].findings, item[0])))


def _is_instance(result: FleetResult) -> bool:
    """Whether a result is that of an instance: it may be called like a project."""
    return bool(result.instance) or PurePath(result.file).parent.name == "instances"


def _missing(lists: Mapping[str, bytes], present: set[str]) -> Iterator[FleetResult]:
    """The projects that a list names and no result is of. `present`: the results of projects, by the names of their files."""
    for path, data in lists.items():
        try:
            jobs = _PROJECTS.decode(data).matrix.include
        except _DAMAGED as error:
            raise MergeError(f"{path}: the list of projects is damaged: {error}") from None
        for job in jobs:
            if job.name not in present:
                yield FleetResult(job.name, "", FleetVerdict.MISSING, f"{path} lists it, and no file has its result.")


def _names(paths: Sequence[str]) -> Iterator[str]:
    """What the results are called: their files without the ending, with folders where that is needed to tell them apart."""
    stems = [PurePath(path).stem for path in paths]
    if len(set(stems)) == len(stems):
        return iter(stems)
    parts = [PurePath(path).with_suffix("").parts for path in paths]
    if len(parts) > 1 and len({one[-1] for one in parts}) == 1 and all(len(one) > 1 for one in parts):
        parts = [one[:-1] for one in parts]
    shared = 0
    while all(len(one) > shared + 1 for one in parts) and len({one[shared] for one in parts}) == 1:
        shared += 1
    return ("/".join(one[shared:]) for one in parts)


def _twins(files: Mapping[str, bytes], names: Mapping[str, str]) -> Iterator[str]:
    """Results that are the same byte by byte: perhaps a file was copied, and a project has no result of its own."""
    first: dict[bytes, str] = {}
    for path, data in files.items():
        if data in first:
            yield f"The results `{names[first[data]]}` and `{names[path]}` are the same file. Is one a copy?"
        first.setdefault(data, path)


def _order(result: FleetResult) -> tuple[object, ...]:
    """What is not known comes first, then the most findings of the worst severity."""
    counts = tuple(-result.counts.get(severity, 0) for severity in Severity)
    return (result.is_known, *counts, list(FleetVerdict).index(result.verdict), result.name)


def _checks(results: Sequence[FleetResult]) -> list[FleetCheck]:
    found: dict[str, list[FleetResult]] = {}
    for result in results:
        for check in result.checks:
            found.setdefault(check, []).append(result)
    checks = []
    for check, of in found.items():
        worst = sorted(of, key=lambda result: (-result.checks[check].severity.rank, -result.checks[check].findings))
        listed = tuple((result.name, result.checks[check].findings) for result in worst)
        checks.append(FleetCheck(check, worst[0].checks[check].severity, listed))
    return sorted(checks, key=lambda one: (-one.severity.rank, -len(one.results), -one.findings, one.check))


def _exit_code(results: Sequence[FleetResult]) -> ExitCode:
    """Findings that fail a project, else what is not wholly known."""
    verdicts = {result.verdict for result in results}
    if FleetVerdict.BLOCKED in verdicts:
        return ExitCode.FINDINGS
    return ExitCode.OK if verdicts == {FleetVerdict.PASSED} else ExitCode.INCOMPLETE
