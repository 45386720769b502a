"""What an audit reports: findings, outcomes and problems. Plain frozen data without imports of the package."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.proof import Proof
    from directus_guard.setting_changes import SettingChange
    from directus_guard.weaknesses import Cwe, OwaspRisk

NEW_ACCESS: Final = "new-access"
"""What new access is called that no check reports."""


class Severity(Enum):
    """How bad a finding is. Compare with `severity.rank`: the worse, the higher."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def __init__(self, word: str) -> None:
        self.rank = ("low", "medium", "high", "critical").index(word) + 1


class Confidence(Enum):
    """How sure a finding is (SARIF's `precision`). The surer, the higher is `rank`."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def __init__(self, word: str) -> None:
        self.rank = ("low", "medium", "high").index(word) + 1


class Context(Enum):
    """What a deployment is for. Only the first two gate."""

    PRODUCTION = "production"
    UNKNOWN = "unknown"
    DEVELOPMENT = "development"
    EXAMPLE = "example"

    @property
    def gates(self) -> bool:
        return self in (Context.PRODUCTION, Context.UNKNOWN)


class State(Enum):
    """The state of a finding, after the baseline and the ignores."""

    NEW = "new"
    EXISTING = "existing"
    SUPPRESSED = "suppressed"


class Status(StrEnum):
    """The four answers of a check."""

    PASS = "pass"
    FAIL = "fail"
    NOT_EVALUATED = "not-evaluated"
    NOT_APPLICABLE = "not-applicable"


class ChecklistPart(StrEnum):
    """A part of Directus' checklist, by the evidence that it is judged from."""

    ENVIRONMENT = "environment"
    PERMISSIONS = "permissions"
    FLOWS = "flows"
    SETTINGS = "settings"
    USERS = "users"
    CODE = "code"
    LIVE = "live"


class _Region(NamedTuple):
    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Location(_Region):
    """A region of a file: lines and columns count from 1 in code points, `end_column` is exclusive (as in SARIF).

    `path` is relative to the scanned root, with `/`. Without an end it is the empty region at its beginning. A tuple,
    because every scalar of every manifest has one.
    """

    __slots__ = ()

    def __new__(cls, path: str, line: int = 1, column: int = 1, end_line: int = 0, end_column: int = 0) -> Self:
        """Fill in the end that is not given."""
        if not end_column:
            end_column = column if end_line in (0, line) else 1
        return tuple.__new__(cls, (path, line, column, end_line or line, end_column))


Member: TypeAlias = tuple[str, ...]
"""The path of a member in a stored row: names, and at last the text of an item of a list (`("fields", "role")`)."""


class Anchor(Struct, frozen=True):
    """The stored row that a finding is about, and what in it matters."""

    row: Location
    members: tuple[Member, ...]  # what matters most comes first
    places: tuple[Location, ...] = ()  # Where the members are, each on one line; () before they are looked up


class Related(Struct, frozen=True):
    """A second place worth a look, and why."""

    location: Location
    message: str


class HttpRequest(Struct, frozen=True):
    """A request of an attack, what is filled in in angle brackets. `path`: with the query; `body`: JSON or ""."""

    method: str
    path: str
    body: str
    sender: str  # Whose account
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        return " ".join((self.method, self.path, *map(": ".join, self.headers), self.body)).rstrip()


class Step(Struct, frozen=True):
    """One step of an attack: what is done, with which permission at which place, and what it gives."""

    action: str
    permission: str
    gives: str
    location: Location | None = None
    id: str = ""  # Its name in the list of steps (`escalation.steps()`)
    request: HttpRequest | None = None


class Edit(Struct, frozen=True):
    """Replace the region by `text`."""

    location: Location
    text: str


class DeleteRow(Struct, frozen=True):
    """Delete the permission."""


class RemoveFields(Struct, frozen=True):
    """Take these names out of `fields` of the permission."""

    names: tuple[str, ...]


class ReplaceFields(Struct, frozen=True):
    """Put these names in the place of everything in `fields` of the permission."""

    names: tuple[str, ...]


class NameFields(Struct, frozen=True):
    """Put names in the place of `*` in `fields` of the permission; these must not be among them."""

    without: tuple[str, ...]


class NarrowRule(Struct, frozen=True):
    """Add a condition to the item rule of the permission."""

    rule: str  # JSON
    example: bool = False  # Whether it only shows what is meant: what is right depends on the project


class ReplaceRule(Struct, frozen=True):
    """Put another item rule in the place of the permission's own: which depends on the project."""

    rule: str = ""
    """An example, JSON; "" = none is known."""


class PinFields(Struct, frozen=True):
    """Add a validation to the permission that leaves only allowed values for these fields."""

    names: tuple[str, ...]
    value: str = ""  # The value that each must have, where it is known


class MoveRuleToValidation(Struct, frozen=True):
    """Make the item rule of the permission its validation."""


RowChange: TypeAlias = (
    DeleteRow | RemoveFields | ReplaceFields | NameFields | NarrowRule | ReplaceRule | PinFields | MoveRuleToValidation
)
"""What to change in one stored permission. The sentences for them are in `checks.shared.row_fixes`."""


class SetMember(Struct, frozen=True):
    """Give a member of a stored row another value."""

    member: Member
    value: str  # JSON


class RowPatch(Struct, frozen=True):
    """What to change in one stored row."""

    row: Location
    changes: tuple[RowChange | SetMember, ...]


class Fix(Struct, frozen=True):
    """How to mend it. `safe`: applying the edits cannot break a working project."""

    description: str  # What to change, in the imperative: whole sentences, exact for the value or row at hand
    safe: bool = False
    edits: tuple[Edit, ...] = ()
    changes: tuple[RowChange, ...] = ()
    """The same as data, where the permission at the finding's place is to be changed."""
    rows: tuple[RowPatch, ...] = ()
    """The same as data, where stored rows are to be changed. All of them, or none."""
    settings: tuple[SettingChange, ...] = ()
    """The same as data, where the deployment that the finding is about is to be changed. All of them, or none."""


class Subject(Struct, frozen=True):
    """The object a finding is about.

    `kind` is one of the words of docs/contract.md#json-v1 (`setting`, `image`, `service`, `permission`, …); `details`
    are its further JSON members in order, e.g. `(("deployment", "compose.yaml#directus"), ("name", "SECRET"))`. `key`
    names the object in fingerprints, ignores and baselines: never a line number, never a random id.
    """

    kind: str
    key: str
    details: tuple[tuple[str, str | tuple[str, ...]], ...] = ()


class Frame(Struct, frozen=True):
    """The one line a finding points at, safe to print: everything secret or hostile is already masked.

    `text` is the line, `column` and `end_column` (from 1, exclusive) the part the caret underlines within `text`.
    """

    line: int
    text: str
    column: int
    end_column: int


class Finding(Struct, frozen=True):
    """One failed check on one object. All texts are safe to show: secrets masked."""

    check: str
    severity: Severity
    confidence: Confidence
    context: Context
    title: str
    message: str  # What Directus does with this and why it hurts: whole sentences
    expected: str
    actual: str
    subject: Subject
    location: Location
    related: tuple[Related, ...] = ()
    steps: tuple[Step, ...] = ()
    fix: Fix | None = None
    frame: Frame | None = None
    state: State = State.NEW
    live: bool = False  # Found in an instance: `location` is only where it is shown, no part of what it is
    note: str = ""
    """Why the state is what it is: the reason of an ignore, "ignored on head", …"""
    details: tuple[str, ...] = ()  # What the message counts, listed one by one (the advisories of a version)
    variants: tuple[Finding, ...] = ()
    """Equal findings of the deployment's variants, that this finding represents; `related` has their places."""
    link: str = ""  # Of a finding of an instance, the address of its object in the Data Studio
    home: Location | None = None
    """Its own place, where `location` is another one that lies in the diff: what it is known by on GitHub."""
    in_diff: bool | None = None  # With a base, of what is new: whether `location` is on a line that the change adds
    anchor: Anchor | None = None  # Of a finding about a stored row in a file: `location` is a member of that row
    proof: Proof | None = None  # Of a way to administrator: what came of carrying it out, if that was asked for

    @property
    def row(self) -> Location:
        """All of what it is about: the stored row, else its place."""
        return self.anchor.row if self.anchor else self.location

    @property
    def advice(self) -> str:
        """What to change, labelled; where that is not known, what is expected."""
        return f"Fix: {self.fix.description}" if self.fix else f"Expected: {self.expected}"

    @property
    def fingerprint(self) -> str:
        """`check|object`: readable and stable over moves and reformatting."""
        return f"{self.check}|{self.subject.key}"


class Outcome(Struct, frozen=True, gc=False):
    """What one check answered about one subject."""

    check: str
    status: Status
    subject: str  # The deployment's, access model's or source's name
    reason: str = ""
    location: Location | None = None
    bug: bool = False  # Whether the check failed inside: a bug in this program, and the run is incomplete


class Coverage(Struct, frozen=True):
    """Whether a part of the checklist was judged at all."""

    part: ChecklistPart
    judged: bool
    reason: str = ""
    """Why not, a phrase; "" = it was judged."""


class SwitchedOff(Struct, frozen=True):
    """A check that the config switches off, and the reason it gives."""

    check: str
    reason: str
    where: str = ""
    """The folder, or the paths, where it is off; "" = everywhere."""

    @property
    def what(self) -> str:
        """The check, and where it is off."""
        return f"{self.check} in {self.where}" if self.where else self.check


class Problem(Struct, frozen=True):
    """Something that could not be read, and why."""

    path: str
    message: str
    line: int = 0  # 0: the file as a whole
    incomplete: bool = False
    """Whether it is part of a Directus project: the verdict is *incomplete*. False: as far as we know a mere notice."""
    broken: bool = False  # Whether the file as a whole could not be read. False: something in it was not understood.
    others: bool = False  # Whether deployments of the file were left out, of which it is not known what they are for.
    out_of_time: bool = False  # Whether the run had no time left for it: then it is incomplete, with a base too.


class Administrator(Struct, frozen=True):
    """One role, policy or user that is, or makes, an administrator. All texts are safe to show."""

    kind: str  # `role`, `policy` or `user`
    id: str
    name: str
    through: str  # What makes it one, a phrase
    location: Location | None = None
    state: tuple[str, ...] = ()
    """Of a user: status, second factor, static token, last seen, as far as it is known."""


class Administrators(Struct, frozen=True):
    """The administrators of one access model, for review: no finding."""

    model: str
    listed: tuple[Administrator, ...]
    unknown: tuple[str, ...] = ()  # Why there may be others


class Scanned(Struct, frozen=True):
    """What was looked at."""

    root: str
    files: int
    deployments: tuple[str, ...] = ()
    access_models: tuple[str, ...] = ()
    instance: str | None = None
    packages: tuple[str, ...] = ()  # Folders of code that asks a Directus


class Report(Struct, frozen=True):
    """The whole answer, ordered and complete: a writer only prints it."""

    scanned: Scanned
    findings: tuple[Finding, ...]
    """Active and suppressed ones, in the order of docs/contract.md#json-v1: severity, check, path, line."""
    nonproduction: tuple[Finding, ...]
    """Findings of development and example contexts, listed apart, unless `--include-nonproduction` put them above."""
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    administrators: tuple[Administrators, ...] = ()  # Per access model, who is administrator and through what
    notices: tuple[str, ...] = ()  # Unused or expired ignores, versions newer than known, …
    exit_code: int = 0
    fail_on: Severity | None = Severity.HIGH
    base: str = ""
    """What findings were compared with (`--new-since`); "" = nothing."""
    summary: dict[str, int] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()  # Each part of the checklist once, in the order of `ChecklistPart`
    switched_off: tuple[SwitchedOff, ...] = ()
    incomplete_fails: bool = True  # Whether an incomplete run fails (exit code 4), or is only a warning
    documentation: str = ""
    """The address before the path of a page of the documentation; "" = not known."""
    new_access: tuple[Finding, ...] = ()
    """What the change grants that the base does not, from the severity `new_access_from` on: it fails the run."""
    new_access_from: Severity | None = None  # None: new access fails no run

    @property
    def unread(self) -> tuple[Problem, ...]:
        """What belongs to a Directus project and could not be read."""
        return tuple(problem for problem in self.problems if problem.incomplete)

    @property
    def bugs(self) -> tuple[Outcome, ...]:
        """The checks that failed inside."""
        return tuple(outcome for outcome in self.outcomes if outcome.bug)

    @property
    def incomplete(self) -> bool:
        """Whether a part of the project, or a check, gave no answer that it should have given."""
        return bool(self.unread or self.bugs)


class Rule(Struct, frozen=True):
    """One check as the reports list it."""

    id: str
    title: str
    severity: Severity
    chapter: str
    checklist: tuple[int, ...]  # Bullets of Directus' checklist that it implements
    summary: str
    help_markdown: Callable[[], str]
    """Reads the documentation page; called only by writers that embed it."""
    documentation: str
    """The page's address; "" = not known."""
    cwe: tuple[Cwe, ...] = ()
    owasp: tuple[OwaspRisk, ...] = ()
