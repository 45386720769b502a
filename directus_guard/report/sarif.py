"""`--output sarif`: SARIF 2.1.0 for GitHub code scanning and everybody else.

Only active failures are results: GitHub makes alerts of suppressed and passed ones too. What was not evaluated is in
the invocation's notifications. sarif-om is the object model; its own serialiser drops values that equal its defaults
(an absent `level` means the rule's), so it is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import IO, TYPE_CHECKING, Final, cast
from urllib.parse import quote

import attr
import sarif_om

from directus_guard import __version__
from directus_guard.documentation import repository
from directus_guard.finding import Severity, State, Status
from directus_guard.report.diff_words import new_access_rule
from directus_guard.report.json_v1 import fingerprint, write_data
from directus_guard.report.words import active, granted, proof, proofs

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from directus_guard.finding import Finding, Location, Outcome, Problem, Report, Rule, Step

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
CATEGORY: Final = "directus-guard/"
MAX_RESULTS: Final = 5_000
"""GitHub shows the 5,000 gravest and refuses more than 25,000."""
MAX_TAGS: Final = 10
"""Of a rule, as many as GitHub includes."""
MAX_NOTIFICATIONS: Final = 1_000
_MAX_TEXT: Final = 1_024

_LEVEL: Final = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORE: Final = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}


LineHashes = Mapping[tuple[str, int], str]
"""Path and line → GitHub's `primaryLocationLineHash`."""


def write(
    report: Report, rules: Sequence[Rule], stream: IO[str], category: str = "", hashes: LineHashes | None = None
) -> None:
    """Write one run, indented. `category` tells uploads of one commit apart ("" = ours)."""
    write_data(log(report, rules, category, hashes), stream)


def log(
    report: Report, rules: Sequence[Rule], category: str = "", hashes: LineHashes | None = None
) -> dict[str, object]:
    """The log as plain data."""
    # Without the slash GitHub takes the text for a run's name rather than a category.
    category = f"{category.rstrip('/')}/" if category else CATEGORY
    return cast("dict[str, object]", plain(_log(report, rules, category, hashes or {})))


def _log(report: Report, rules: Sequence[Rule], category: str, hashes: LineHashes) -> object:
    if granted(report):
        rules = [*rules, new_access_rule(report.documentation)]
    index = {rule.id: number for number, rule in enumerate(rules)}
    results = active(report)
    driver = sarif_om.ToolComponent(
        name="directus-guard",
        version=__version__,
        semantic_version=__version__,
        information_uri=repository(report.documentation) or None,
        rules=[_rule(rule) for rule in rules],
    )
    run = sarif_om.Run(
        tool=sarif_om.Tool(driver=driver),
        column_kind="unicodeCodePoints",
        automation_details=sarif_om.RunAutomationDetails(id=category),
        invocations=[_invocation(report)],
        results=[_result(finding, index, hashes) for finding in results[:MAX_RESULTS]],
        properties={
            "deployments": list(report.scanned.deployments),
            "suppressed": sum(finding.state is State.SUPPRESSED for finding in report.findings),
            "left_out": max(len(results) - MAX_RESULTS, 0),
            **_extent(report),
            **({"proofs": said} if (said := list(proofs(report))) else {}),
        },
    )
    return sarif_om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[run])


def _extent(report: Report) -> dict[str, object]:
    """What the run judged at all."""
    if not report.coverage:
        return {}
    return {
        "judged": [one.part.value for one in report.coverage if one.judged],
        "not_judged": {one.part.value: one.reason for one in report.coverage if not one.judged},
        "switched_off": {off.what: off.reason for off in report.switched_off},
        "incomplete": report.incomplete,
    }


def _rule(rule: Rule) -> object:
    page = rule.help_markdown()
    return sarif_om.ReportingDescriptor(
        id=rule.id,
        name=_pascal(rule.id),
        short_description=_text(_sentence(rule.title)),
        full_description=_text(_sentence(rule.summary)),
        help=sarif_om.MultiformatMessageString(text=f"{_sentence(rule.summary)} {_where(rule)}", markdown=page),
        help_uri=rule.documentation or None,
        default_configuration=sarif_om.ReportingConfiguration(level=_LEVEL[rule.severity]),
        properties={
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                _LEVEL[rule.severity]
            ],
            "security-severity": _SCORE[rule.severity],
            "tags": list(_tags(rule))[:MAX_TAGS],
        },
    )


def _tags(rule: Rule) -> Iterator[str]:
    """The tags of a rule. GitHub shows and filters by `external/cwe/cwe-079`."""
    yield from ("security", "directus", rule.chapter)
    yield from (f"external/cwe/cwe-{weakness.number:03}" for weakness in rule.cwe)
    yield from (f"external/owasp/{risk.id.lower().replace(':', '-')}" for risk in rule.owasp)
    yield from (f"checklist-{number}" for number in rule.checklist)


def _where(rule: Rule) -> str:
    """Where the page is, for readers who do not get it as Markdown."""
    return f"See {rule.documentation}." if rule.documentation else f"See the page: directus-guard explain {rule.id}"


def _pascal(rule: str) -> str:
    """The name in the form that SARIF wants, which must not be the id itself (SARIF1001)."""
    words = "".join(part.capitalize() for part in rule.split("-"))
    return words if "-" in rule else f"{words}Found"


def _result(finding: Finding, index: dict[str, int], hashes: LineHashes) -> object:
    return sarif_om.Result(
        rule_id=finding.check,
        rule_index=index[finding.check],
        level=_LEVEL[finding.severity],
        message=_message(finding),
        locations=[_location(finding.location)],
        related_locations=[
            _location(item.location, number, item.message) for number, item in enumerate(finding.related, start=1)
        ]
        or None,
        partial_fingerprints=_fingerprints(finding, hashes),
        code_flows=_code_flows(finding),
        fixes=_fixes(finding),
        properties={
            "context": finding.context.value,
            "confidence": finding.confidence.value,
            "state": finding.state.value,
            "subject": finding.subject.key,
            **({"proof": finding.proof.status.value, "proofDirectus": finding.proof.directus} if finding.proof else {}),
        },
    )


def _fingerprints(finding: Finding, hashes: LineHashes) -> dict[str, str]:
    """GitHub tells alerts apart by the first, and computes it itself where it is missing; baselines use the second."""
    ours = fingerprint(finding)
    # What is found in an instance has no line of its own: the line where it is shown must not move it.
    place = finding.home or finding.location
    line = f"{ours}:1" if finding.live else hashes.get((place.path, place.line))
    return ({"primaryLocationLineHash": line} if line else {}) | {"directusGuard/v1": ours}


def _message(finding: Finding) -> object:
    links = "".join(f" [{number}]({number})" for number in range(1, len(finding.related) + 1))
    see = f" See{links}." if links else ""
    see = f" {_brackets(proof(finding))}{see}" if finding.proof else see
    see += f" [Open it in the Data Studio]({finding.link})." if finding.link else ""
    listed = "".join(f" {_brackets(_sentence(detail))}" for detail in finding.details)
    text = f"{_sentence(finding.title)} {_brackets(finding.message)}{listed} Found: {_brackets(finding.actual)}. {_sentence(_brackets(' '.join(finding.advice.splitlines())))}{see}"
    return sarif_om.Message(text=text)


def _brackets(text: str) -> str:
    """SARIF reads `[text](target)` in a message as a link; what comes from a repository must not make one."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _sentence(text: str) -> str:
    text = text[: _MAX_TEXT - 1].rstrip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _text(text: str) -> object:
    return sarif_om.MultiformatMessageString(text=text)


def _artifact(path: str) -> object:
    return sarif_om.ArtifactLocation(uri=quote(path, safe="/"), uri_base_id="%SRCROOT%")


def _region(location: Location) -> object:
    """A region on one line: GitHub shows a result in a pull request only if every line of it is in the diff."""
    single = location.end_line == location.line and location.end_column >= location.column
    end = location.end_column if single else location.column
    return sarif_om.Region(
        start_line=location.line,
        start_column=location.column,
        end_line=location.line,
        end_column=max(end, location.column + 1),
    )


def _location(location: Location, id_: int | None = None, message: str = "") -> object:
    return sarif_om.Location(
        id=id_ if id_ is not None else -1,
        physical_location=sarif_om.PhysicalLocation(
            artifact_location=_artifact(location.path), region=_region(location)
        ),
        message=sarif_om.Message(text=_brackets(message)) if message else None,
    )


def _of_step(step: Step) -> str:
    sent = f" ({step.request.line})" if step.request else ""
    return f"{step.action}{sent}: {step.permission}; {step.gives}"


def _code_flows(finding: Finding) -> list[object] | None:
    steps = [
        sarif_om.ThreadFlowLocation(
            location=_location(step.location or finding.location, message=_sentence(_of_step(step)))
        )
        for step in finding.steps
    ]
    return [sarif_om.CodeFlow(thread_flows=[sarif_om.ThreadFlow(locations=steps)])] if steps else None


def _fixes(finding: Finding) -> list[object] | None:
    if finding.fix is None or not finding.fix.edits:
        return None
    changes: dict[str, list[object]] = {}
    for edit in finding.fix.edits:
        replacement = sarif_om.Replacement(
            deleted_region=sarif_om.Region(
                start_line=edit.location.line,
                start_column=edit.location.column,
                end_line=edit.location.end_line,
                end_column=edit.location.end_column,
            ),
            inserted_content=sarif_om.ArtifactContent(text=edit.text),
        )
        changes.setdefault(edit.location.path, []).append(replacement)
    return [
        sarif_om.Fix(
            description=sarif_om.Message(text=_brackets(_sentence(finding.fix.description))),
            artifact_changes=[
                sarif_om.ArtifactChange(artifact_location=_artifact(path), replacements=replacements)
                for path, replacements in changes.items()
            ],
        )
    ]


def _invocation(report: Report) -> object:
    """Successful whenever the scan ran; `false` would make GitHub refuse the upload."""
    unknown = [outcome for outcome in report.outcomes if outcome.status is Status.NOT_EVALUATED]
    grave = "error" if report.incomplete_fails else "warning"
    notifications = [
        *(_problem(problem, grave) for problem in report.unread),
        *(_not_evaluated(outcome, grave) for outcome in report.bugs),
        *(_problem(problem, "warning") for problem in report.problems if not problem.incomplete),
        *(_not_evaluated(outcome, "note") for outcome in unknown if not outcome.bug),
    ]
    return sarif_om.Invocation(
        execution_successful=True,
        exit_code=report.exit_code,
        tool_execution_notifications=notifications[:MAX_NOTIFICATIONS],
    )


def _problem(problem: Problem, level: str) -> object:
    region = sarif_om.Region(start_line=problem.line, start_column=1, end_line=problem.line, end_column=2)
    place = sarif_om.PhysicalLocation(
        artifact_location=_artifact(problem.path), region=region if problem.line else None
    )
    return sarif_om.Notification(
        level=level,
        message=sarif_om.Message(text=_brackets(_sentence(f"Not read: {problem.message}"))),
        locations=[sarif_om.Location(physical_location=place)],
    )


def _not_evaluated(outcome: Outcome, level: str) -> object:
    text = f"{outcome.check} was not evaluated for {outcome.subject}: {outcome.reason}"
    return sarif_om.Notification(
        level=level,
        message=sarif_om.Message(text=_brackets(_sentence(text))),
        associated_rule=sarif_om.ReportingDescriptorReference(id=outcome.check),
        locations=[_location(outcome.location)] if outcome.location else None,
    )


_ALWAYS: Final = frozenset({"level", "results", "kind"})


@cache
def _fields(kind: Hashable) -> tuple[tuple[str, str, object], ...]:
    """(attribute, SARIF name, default) of a class of sarif-om."""
    return tuple(
        (item.name, item.metadata.get("schema_property_name", item.name), item.default)
        for item in attr.fields(cast("type", kind))
    )


def plain(node: object) -> object:
    """A tree of sarif-om objects as plain data: defaults left out, except those whose absence means something else."""
    if attr.has(type(node)):
        found: dict[str, object] = {}
        for name, schema_name, default in _fields(cast("Hashable", type(node))):
            value = getattr(node, name)
            if value is None or (value == default and schema_name not in _ALWAYS) or name == "newline_sequences":
                continue
            if schema_name == "kind" and value == "fail":
                continue
            found[schema_name] = plain(value)
        return found
    if isinstance(node, (list, tuple)):
        return [plain(item) for item in node]
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return node
