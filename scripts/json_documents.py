"""The JSON that directus-guard writes, as types: `make generate` makes the schemas under docs/schemas/ of them.

The tests hold every JSON against these schemas, which refuse members that are not declared here. What a member means is in
docs/contract.md.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from directus_guard.finding import ChecklistPart, Confidence, Context, Severity, State, Status
from directus_guard.fleet import FleetVerdict
from directus_guard.new_access import AccessKind
from directus_guard.proof import ProofStatus

Count: TypeAlias = int
Level: TypeAlias = Literal["full", "conditional", "none"]
PrincipalWord: TypeAlias = Literal["public", "role", "user"]
AdministratorWord: TypeAlias = Literal["role", "policy", "user"]
AnswerWord: TypeAlias = Literal["yes", "no", "only where", "cannot tell"]
SubjectMembers: TypeAlias = dict[str, str | list[str]]
"""`kind`, and members that name the object: which these are depends on the kind."""


class Tool(Struct, forbid_unknown_fields=True):
    name: Literal["directus-guard"]
    version: str


class Place(Struct, forbid_unknown_fields=True):
    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class PlaceOfAccess(Struct, forbid_unknown_fields=True):
    path: str
    line: int
    column: int


class RelatedPlace(Struct, forbid_unknown_fields=True):
    path: str
    line: int
    message: str


class Request(Struct, forbid_unknown_fields=True):
    method: str
    path: str
    body: Any
    headers: Any
    sender: str = field(name="as")


class StepOfWay(Struct, forbid_unknown_fields=True):
    id: str
    action: str
    permission: str
    gives: str
    location: Place | None
    request: Request | None


class EditOfFile(Struct, forbid_unknown_fields=True):
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class FixOfFinding(Struct, forbid_unknown_fields=True):
    description: str
    safe: bool
    edits: list[EditOfFile]


class AttemptOfWay(Struct, forbid_unknown_fields=True):
    principal: str
    status: ProofStatus
    sure: bool
    reason: str
    requests: list[str]
    replaced: list[str]


class ProofOfFinding(Struct, forbid_unknown_fields=True):
    status: ProofStatus
    reason: str
    directus: str
    database: str
    attempts: list[AttemptOfWay]


class FindingOfReport(Struct, forbid_unknown_fields=True):
    check: str
    severity: Severity
    confidence: Confidence
    context: Context
    state: State
    title: str
    message: str
    expected: str
    actual: str
    subject: SubjectMembers
    location: Place
    link: str | None
    related: list[RelatedPlace]
    steps: list[StepOfWay]
    fix: FixOfFinding | None
    cwe: list[str]
    owasp: list[str]
    documentation: str
    fingerprint: str
    note: str | UnsetType = UNSET
    details: list[str] | UnsetType = UNSET
    proof: ProofOfFinding | UnsetType = UNSET


class CheckOfSubject(Struct, forbid_unknown_fields=True):
    check: str
    status: Status
    reason: str
    subject: str
    location: Place | UnsetType = UNSET
    bug: Literal[True] | UnsetType = UNSET


class AdministratorOfModel(Struct, forbid_unknown_fields=True):
    kind: AdministratorWord
    id: str
    name: str
    through: str
    state: list[str]
    location: Place | UnsetType = UNSET


class AdministratorsOfModel(Struct, forbid_unknown_fields=True):
    model: str
    administrators: list[AdministratorOfModel]
    unknown: list[str]


class UnreadFile(Struct, forbid_unknown_fields=True):
    path: str
    line: int | None
    message: str
    incomplete: bool


class JudgedPart(Struct, forbid_unknown_fields=True):
    judged: bool
    reason: str | UnsetType = UNSET


class SwitchedOffCheck(Struct, forbid_unknown_fields=True):
    check: str
    reason: str
    where: str | UnsetType = UNSET


class ScannedPart(Struct, forbid_unknown_fields=True):
    root: str
    files: int
    deployments: list[str]
    access_models: list[str]
    packages: list[str]
    instance: str | None
    base: str | UnsetType = UNSET


class Summary(Struct, forbid_unknown_fields=True):
    critical: Count
    high: Count
    medium: Count
    low: Count
    nonproduction: Count
    suppressed: Count
    not_evaluated: Count
    exit_code: int


class JsonV1(Struct, forbid_unknown_fields=True):
    """The report of `scan`."""

    schema: Literal["json-v1"]
    tool: Tool
    scanned: ScannedPart
    findings: list[FindingOfReport]
    nonproduction: list[FindingOfReport]
    checks: list[CheckOfSubject]
    administrators: list[AdministratorsOfModel]
    problems: list[UnreadFile]
    judged: dict[ChecklistPart, JudgedPart]
    new_access: list[FindingOfReport]
    switched_off: list[SwitchedOffCheck]
    incomplete: bool
    notices: list[str]
    summary: Summary


class EntryOfAccess(Struct, forbid_unknown_fields=True):
    collection: str
    action: str  # one of the five, or what a damaged export holds
    level: Level
    fields: list[str]
    excluded_fields: list[str]
    rule: Any
    rule_in_words: str
    validation: Any
    presets: Any
    granted_by: list[str]


class PrincipalOfModel(Struct, forbid_unknown_fields=True):
    kind: PrincipalWord
    id: str | None
    name: str
    admin: bool
    app: bool
    access_known: bool
    access: list[EntryOfAccess]
    escalates: bool
    escalates_known: bool


class ModelOfAccess(Struct, forbid_unknown_fields=True):
    source: str
    directus: str
    edition: Literal["core", "licensed"]
    principals: list[PrincipalOfModel]
    not_evaluated: dict[str, str]


class AccessV1(Struct, forbid_unknown_fields=True):
    """Who can do what: `access`."""

    schema: Literal["access-v1"]
    models: list[ModelOfAccess]


class AskedPrincipal(Struct, forbid_unknown_fields=True):
    kind: PrincipalWord
    id: str | None
    name: str


class NamedPermission(Struct, forbid_unknown_fields=True):
    text: str
    path: str | None
    line: int | None


class AnswerOfModel(Struct, forbid_unknown_fields=True):
    source: str
    directus: str
    principal: AskedPrincipal
    answer: AnswerWord
    sentence: str
    reasons: list[str]
    notes: list[str]
    rule: Any
    rule_in_words: str
    validations: list[Any]
    fields: list[str]
    permissions: list[NamedPermission]
    escalates: bool
    escalates_known: bool


class AnswersV1(Struct, forbid_unknown_fields=True):
    """The answers of `can` and `who-can`."""

    schema: Literal["answers-v1"]
    question: str
    answers: list[AnswerOfModel]


class NewAccessEntry(Struct, forbid_unknown_fields=True):
    kind: AccessKind
    model: str
    principals: list[str]
    severity: Severity
    check: str | None
    confidence: Confidence
    context: Context
    message: str
    title: str | None
    subject: SubjectMembers | None
    collection: str | None
    action: str | None
    fields: list[str]
    excluded_fields: list[str]
    rule: Any
    rule_in_words: str | None
    before: Any
    before_in_words: str | None
    example: dict[str, Any] | None
    granted_by: list[str]
    location: PlaceOfAccess
    steps: list[StepOfWay]


class PartNotTold(Struct, forbid_unknown_fields=True):
    side: Literal["BASE", "HEAD"]
    model: str
    reason: str


class SummaryOfDiff(Struct, forbid_unknown_fields=True):
    critical: Count
    high: Count
    medium: Count
    low: Count
    exit_code: int


class DiffV1(Struct, forbid_unknown_fields=True):
    """What HEAD grants that BASE did not: `diff`."""

    schema: Literal["diff-v1"]
    tool: Tool
    base: str
    head: str
    access_models: list[str]
    new_access: list[NewAccessEntry]
    narrowed: Count
    not_told: list[PartNotTold]
    problems: list[str]
    notices: list[str]
    summary: SummaryOfDiff


class ProjectOfFolder(Struct, forbid_unknown_fields=True):
    deployment: str
    path: str


class JobOfMatrix(Struct, forbid_unknown_fields=True):
    name: str
    path: str


class Matrix(Struct, forbid_unknown_fields=True):
    include: list[JobOfMatrix]


class ProjectsV1(Struct, forbid_unknown_fields=True):
    """The projects of a repository, and the matrix of a CI job: `projects`."""

    schema: Literal["projects-v1"]
    projects: list[ProjectOfFolder]
    access_models: list[str]
    matrix: Matrix


class CellOfCheck(Struct, forbid_unknown_fields=True):
    severity: Severity
    findings: Count
    new: Count


class ResultOfFleet(Struct, forbid_unknown_fields=True):
    name: str
    file: str | None
    verdict: FleetVerdict
    reason: str | None
    version: str | None
    instance: str | None
    critical: Count
    high: Count
    medium: Count
    low: Count
    new: Count
    suppressed: Count
    nonproduction: Count
    not_evaluated: Count
    unread: Count
    checks: dict[str, CellOfCheck]


class CheckOfFleet(Struct, forbid_unknown_fields=True):
    check: str
    severity: Severity
    findings: Count
    results: list[str]


class SummaryOfFleet(Struct, forbid_unknown_fields=True):
    results: Count
    unreadable: Count
    missing: Count
    blocked: Count
    incomplete: Count
    nothing_found: Count
    passed: Count
    critical: Count
    high: Count
    medium: Count
    low: Count
    exit_code: int


class MergeV1(Struct, forbid_unknown_fields=True):
    """The results of many projects in one table: `merge`."""

    schema: Literal["merge-v1"]
    tool: Tool
    results: list[ResultOfFleet]
    checks: list[CheckOfFleet]
    notices: list[str]
    summary: SummaryOfFleet


DOCUMENTS: Final[dict[str, type[Struct]]] = {
    "json-v1": JsonV1,
    "access-v1": AccessV1,
    "answers-v1": AnswersV1,
    "diff-v1": DiffV1,
    "projects-v1": ProjectsV1,
    "merge-v1": MergeV1,
}
"""By the member `schema`."""


def schema_of(name: str) -> str:
    """The JSON Schema of a document, as a file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(DOCUMENTS[name])
    for definition in schema["$defs"].values():
        # The names of the types say it.
        definition.pop("title", None)
    return json.dumps(schema | {"title": name}, indent=2) + "\n"
