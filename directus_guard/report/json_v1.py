"""`--output json`: docs/contract.md#json-v1. Fields are only ever added."""

from __future__ import annotations

import hashlib
import json
from typing import IO, TYPE_CHECKING, Final

import msgspec

from directus_guard import __version__
from directus_guard.finding import NEW_ACCESS
from directus_guard.report.diff_words import new_access_rule
from directus_guard.report.words import proofs
from directus_guard.text_safety import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.finding import Administrators, Finding, Fix, HttpRequest, Location, Report, Rule, Step
    from directus_guard.proof import Proof

Json = dict[str, object]


def write(report: Report, rules: Sequence[Rule], stream: IO[str]) -> None:
    """Write the report as one JSON object, indented, UTF-8."""
    write_data(as_json(report, rules), stream)


def write_data(data: object, stream: IO[str]) -> None:
    """Write JSON, in pieces: an export of a hundred thousand rows makes a text of a hundred megabytes.

    GitHub's runner takes `##[name]` on stdout for a command anywhere in a line, so it never occurs. No piece ends within
    a string, so the pieces can be looked through one by one.
    """
    for piece in _pieces(data, ""):
        stream.write(json_text(piece))
    stream.write("\n")


def _pieces(data: object, indent: str) -> Iterator[str]:
    """Indented JSON in parts: the members of an object, and some items of a list at a time."""
    inner = f"{indent}  "
    if isinstance(data, dict) and data:
        for number, (key, value) in enumerate(data.items()):
            yield f"{',' if number else '{'}\n{inner}{_indented(key, '')}: "
            yield from _pieces(value, inner)
        yield f"\n{indent}}}"
    elif isinstance(data, list) and len(data) > _AT_ONCE:
        for start in range(0, len(data), _AT_ONCE):
            items = _indented(data[start : start + _AT_ONCE], indent)
            yield f"{',' if start else '['}{items[1 : -len(indent) - 2]}"
        yield f"\n{indent}]"
    else:
        yield _indented(data, indent)


_AT_ONCE: Final = 100
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _indented(data: object, indent: str) -> str:
    """As `json.dumps(data, indent=2)` writes it, the lines after the first moved in. That one is written in Python, and takes
    several times as long."""
    try:
        text = msgspec.json.format(_ENCODER.encode(data), indent=2)
    except (UnicodeEncodeError, msgspec.DecodeError):  # half a character, or a number that JSON does not have
        text = json.dumps(data, indent=2, ensure_ascii=False)
    return text.replace("\n", f"\n{indent}") if indent else text


def as_json(report: Report, rules: Sequence[Rule]) -> Json:
    """The report as plain data."""
    by_id = {rule.id: rule for rule in (new_access_rule(report.documentation), *rules)}
    scanned = report.scanned
    return {
        "schema": "json-v1",
        "tool": {"name": "directus-guard", "version": __version__},
        "scanned": {
            "root": scanned.root,
            "files": scanned.files,
            "deployments": list(scanned.deployments),
            "access_models": list(scanned.access_models),
            "packages": list(scanned.packages),
            "instance": scanned.instance,
            **({"base": report.base} if report.base else {}),
        },
        "findings": [_finding(finding, by_id[finding.check]) for finding in report.findings],
        "nonproduction": [_finding(finding, by_id[finding.check]) for finding in report.nonproduction],
        "checks": [
            {
                "check": outcome.check,
                "status": outcome.status.value,
                "reason": outcome.reason,
                "subject": outcome.subject,
                **({"location": _location(outcome.location)} if outcome.location else {}),
                **({"bug": True} if outcome.bug else {}),
            }
            for outcome in report.outcomes
        ],
        "administrators": [_administrators(listed) for listed in report.administrators],
        "problems": [
            {
                "path": problem.path,
                "line": problem.line or None,
                "message": problem.message,
                "incomplete": problem.incomplete,
            }
            for problem in report.problems
        ],
        "judged": {
            one.part.value: {"judged": one.judged, **({"reason": one.reason} if one.reason else {})}
            for one in report.coverage
        },
        "new_access": [_finding(finding, by_id[finding.check]) for finding in report.new_access],
        "switched_off": [
            {"check": off.check, "reason": off.reason, **({"where": off.where} if off.where else {})}
            for off in report.switched_off
        ],
        "incomplete": report.incomplete,
        "notices": [*report.notices, *proofs(report)],
        "summary": report.summary,
    }


def _administrators(listed: Administrators) -> Json:
    return {
        "model": listed.model,
        "administrators": [
            {
                "kind": one.kind,
                "id": one.id,
                "name": one.name,
                "through": one.through,
                "state": list(one.state),
                **({"location": _location(one.location)} if one.location else {}),
            }
            for one in listed.listed
        ],
        "unknown": list(listed.unknown),
    }


def fingerprint(finding: Finding) -> str:
    """SARIF's form of the fingerprint: 32 hex digits."""
    return hashlib.sha256(finding.fingerprint.encode()).hexdigest()[:32]


def _finding(finding: Finding, rule: Rule) -> Json:
    subject = finding.subject
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "context": finding.context.value,
        "state": finding.state.value,
        **({"note": finding.note} if finding.note else {}),
        "title": finding.title,
        "message": finding.message,
        **({"details": list(finding.details)} if finding.details else {}),
        "expected": finding.expected,
        "actual": finding.actual,
        "subject": {
            "kind": subject.kind,
            **{key: list(value) if isinstance(value, tuple) else value for key, value in subject.details},
        },
        "location": _location(finding.location),
        "link": finding.link or None,
        "related": [
            {"path": item.location.path, "line": item.location.line, "message": item.message}
            for item in finding.related
        ],
        "steps": [step_json(step) for step in finding.steps],
        **({"proof": _proof(finding.proof)} if finding.proof else {}),
        "fix": _fix(finding.fix),
        "cwe": [weakness.id for weakness in rule.cwe],
        "owasp": [risk.id for risk in rule.owasp],
        "documentation": "" if finding.check == NEW_ACCESS else rule.documentation,
        "fingerprint": finding.fingerprint,
    }


def _proof(proof: Proof) -> Json:
    return {
        "status": proof.status.value,
        "reason": proof.reason,
        "directus": proof.directus,
        "database": proof.database,
        "attempts": [
            {
                "principal": one.principal,
                "status": one.status.value,
                "sure": one.sure,
                "reason": one.reason,
                "requests": list(one.requests),
                "replaced": list(one.replaced),
            }
            for one in proof.attempts
        ],
    }


def _location(location: Location) -> Json:
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def step_json(step: Step) -> Json:
    """A step of a way to administrator, as json-v1 and diff-v1 have it."""
    location = _location(step.location) if step.location else None
    return {
        "id": step.id,
        "action": step.action,
        "permission": step.permission,
        "gives": step.gives,
        "location": location,
        "request": None if step.request is None else _request(step.request),
    }


def _request(request: HttpRequest) -> Json:
    return {
        "method": request.method,
        "path": request.path,
        "body": json.loads(request.body or "{}"),
        "headers": dict(request.headers),
        "as": request.sender,
    }


def _fix(fix: Fix | None) -> Json | None:
    if fix is None:
        return None
    edits = [{**_location(edit.location), "text": edit.text} for edit in fix.edits]
    return {"description": fix.description, "safe": fix.safe, "edits": edits}
