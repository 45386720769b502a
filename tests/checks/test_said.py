"""What the checks of exports and of environments say where single permissions and variables are bad, word for word.

The examples of a check have a few of these. Here each action, and each variable that a check looks at, is bad once.
`UPDATE_SNAPSHOTS=1` takes today's texts.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.judge import ask_environment
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, ExportCheck, InstanceCheck, ProjectCheck
from directus_guard.checks.result import Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.gaps import Gap, InstancePart
from directus_guard.directus.instance import FOREIGN, Instance, Page
from directus_guard.directus.project import Project
from directus_guard.directus.versions import Version
from directus_guard.finding import Context, Location
from directus_guard.sources.exports.reader import read
from directus_guard.sources.files.repository import Repository
from tests.support.environments import environment, variable
from tests.support.kept_lists import assert_as_kept
from tests.support.rows import flow, operations, permission, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.checks.declaration import Check
    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export

KEPT: Final = Path(__file__).with_name("said")
OF_EXPORTS: Final = [check for check in catalogue().values() if isinstance(check, ExportCheck)]
OF_ENVIRONMENTS: Final = [
    check for check in catalogue().values() if isinstance(check, EnvironmentCheck) and check.id != "hardening-defaults"
]
"""Without the one that always says the same long list."""
VERSIONS: Final = (Version(10, 8, 0), Version(11, 17, 4), Version(12, 4, 1))


class Said:
    """Everything that one check says, and where it says each."""

    def __init__(self) -> None:
        self._where: dict[str, set[str]] = {}

    def add(self, answer: CheckResult, where: str) -> None:
        self._where.setdefault(said(answer), set()).add(where)

    def lines(self) -> Iterator[str]:
        for text, places in self._where.items():
            if text:
                yield f"{text} <- {', '.join(sorted(places))}"


def said(answer: CheckResult) -> str:
    """An answer as one line; "" for a pass that says nothing."""
    match answer:
        case Failure():
            fix = answer.fix.description if answer.fix else ""
            parts = (answer.title, answer.message, *answer.details[:1], answer.expected, fix)
            return " | ".join(("fail", *parts))
        case NotEvaluated(reason=reason):
            return f"not evaluated: {reason}"
        case NotApplicable(reason=reason):
            return f"not applicable: {reason}"
        case Pass(reason=reason):
            return f"pass: {reason}" if reason else ""


# --- exports -----------------------------------------------------------------------------------------------------------

ROLES_OF_10: Final[list[Any]] = [
    {"id": name, "name": name.title(), "icon": "x", "admin_access": name == "admin", "app_access": True, "ip_access": None, "enforce_tfa": True}
    for name in ("admin", "editor")
]  # fmt: skip
SHAPES: Final[tuple[tuple[Any, list[str]], ...]] = (
    (None, ["*"]),
    ({"user_created": {"_eq": "$CURRENT_USER"}}, ["title", "status"]),
)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], list[Export]]:
    """Exports in which a policy, or the public, may do one thing with each of some collections."""
    folder = tmp_path_factory.mktemp("exports")
    return cache(lambda collections: list(_exports(folder, collections)))


def _exports(folder: Path, collections: tuple[str, ...]) -> Iterator[Export]:
    for version in VERSIONS:
        for holder in ("editor", "public"):
            for action in ("create", "read", "update", "delete", "share"):
                for rule, fields in SHAPES:
                    rows = [permission(holder, name, action, rule, fields=fields) for name in collections]
                    yield _export(folder, rows, version)


def _export(folder: Path, rows: list[dict[str, Any]], version: Version) -> Export:
    if version.major > 10:
        write(folder, rows)
    else:
        for row in rows:
            holder = row.pop("policy")
            row["role"] = None if holder == "public" else holder
        write(folder, rows, roles=ROLES_OF_10, policies=[], access=[])
        for name in ("policies", "access"):
            (folder / f"{name}.json").unlink()
    (export,) = read(Repository(folder), version)
    return export


@pytest.mark.parametrize("check", OF_EXPORTS, ids=lambda check: check.id)
def test_each_action(exports: Callable[[tuple[str, ...]], list[Export]], check: ExportCheck) -> None:
    found = Said()
    for export in exports(check.collections or ("posts",)):
        for answer in check.judge(export):
            found.add(answer, answer.actual if isinstance(answer, Failure) else str(export.model.version))
    assert_as_kept(KEPT / f"{check.id}.txt", found.lines())


# --- flows -------------------------------------------------------------------------------------------------------------

SENT: Final = "{{ $trigger.body.text }}"
"""What the caller of a webhook chooses."""
OPERATIONS: Final[tuple[tuple[str, Any], ...]] = (
    *(
        (f"item-{action}", {"collection": "posts", "key": ["1"], "payload": {"n": 1}, "permissions": "$full", **chosen})
        for action in ("create", "read", "update", "delete")
        for chosen in (
            {}, {"permissions": "$trigger"}, {"permissions": "editors"}, {"collection": SENT}, {"key": [SENT]}, {"query": {"filter": SENT}},
            {"payload": SENT}, {"payload": {"title": SENT}}, {"permissions": SENT}, {"collection": "directus_files"},
        )
    ),
    *(("request", {"url": url, "method": "POST", "body": SENT}) for url in (SENT, f"https://api.acme.com/{SENT}", "https://api.acme.com")),
    *(
        (kind, {**options, **chosen})
        for kind, options in (
            ("mail", {"to": ["info@acme.com"], "subject": "Order", "body": "New"}),
            ("notification", {"recipient": ["u1"], "subject": "Order", "message": "New", "permissions": "$full"}),
        )
        for chosen in ({}, *({name: SENT} for name in options), dict.fromkeys(options, SENT))
    ),
    ("exec", {"code": "module.exports = async function(data) { return data }"}),
    ("exec", {"code": f"return fetch('{SENT}')"}),
    ("trigger", {"flow": "f", "payload": SENT}),
    ("json-web-token", {"operation": "sign", "payload": SENT, "secret": "kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sA0"}),
    ("log", {"message": SENT}),
    ("sleep", {"milliseconds": "5"}),
)  # fmt: skip
"""The types of operations, each with one option that the caller chooses."""
TRIGGERS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("webhook", {"method": "POST"}),
    ("webhook", {"method": "GET", "return": "$all"}),
    ("webhook", {"method": "POST", "return": "$last"}),
    ("manual", {"collections": ["posts"]}),
    ("manual", {"collections": ["posts"], "requireSelection": False}),
    ("event", {"type": "filter", "scope": ["items.create"], "collections": ["posts"]}),
    ("event", {"type": "action", "scope": ["items.create"], "collections": ["posts"]}),
    ("schedule", {"cron": "0 * * * *"}),
    ("operation", {}),
)
OF_FLOWS: Final = [check for check in catalogue().values() if check.chapter == "flows"]


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Export]]:
    """Exports with a flow of one operation, each with its name."""
    folder = tmp_path_factory.mktemp("flows")
    return [
        (f"{trigger} {kind} {status}", _flow(folder, trigger, options, (kind, given), status, version))
        for trigger, options in TRIGGERS
        for kind, given in OPERATIONS
        for status, version in (("active", Version(12, 4, 1)), ("inactive", Version(10, 5, 0)))
        if status == "active" or (trigger, kind) in (("webhook", "exec"), ("manual", "exec"))
    ]


def _flow(
    folder: Path, trigger: str, options: Any, operation: tuple[str, Any], status: str, version: Version
) -> Export:
    tables = {
        "flows": [{**flow(trigger)[0], "status": status, "options": options}],
        "operations": operations(operation),
    }
    write(folder, [permission("editor", "posts", "create")], **tables)
    (export,) = read(Repository(folder), version)
    return export


@pytest.mark.parametrize("check", OF_FLOWS, ids=lambda check: check.id)
def test_each_operation(flows: list[tuple[str, Export]], check: Check) -> None:
    found = Said()
    for name, export in flows:
        for answer in _judged(check, export):
            found.add(answer, name)
    assert_as_kept(KEPT / f"{check.id}.operations.txt", found.lines())


def _judged(check: Check, export: Export) -> Iterator[CheckResult]:
    if isinstance(check, ExportCheck):
        yield from check.judge(export)
    else:
        assert isinstance(check, ProjectCheck)
        yield from (answer for _, answer in check.judge(Project((), exports=(export,))))


# --- environments ------------------------------------------------------------------------------------------------------

VALUES: Final = (
    "", "true", "yes", "false", "0", "1", "x", "*", "debug", "--inspect", "http://x.example.net", "ldap://x", "ldaps://x", "rejectUnauthorized",
    "kT7vWq2zLp9", "kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sA0", "100d", "1s", "10.0.0.0/8", "0.0.0.0", "unsafe-inline", "none", "lax", "memory", "redis",
    "-1", "1gb",
)  # fmt: skip
BESIDE: Final = {
    "PUBLIC_URL": "https://cms.acme.com", "EMAIL_TRANSPORT": "smtp", "AUTH_PROVIDERS": "x", "AUTH_X_DRIVER": "openid", "STORAGE_LOCATIONS": "x",
    "METRICS_ENABLED": "true", "CORS_ENABLED": "true", "CORS_CREDENTIALS": "true",
}  # fmt: skip
OUTSIDE: Final = Unknown("`${X}` comes from outside the repository")


FAMILIES: Final = ("AUTH_X_URL", "AUTH_X_CLIENT_URL", "AUTH_X_CLIENT_SECRET", "STORAGE_X_ENDPOINT", "STORAGE_X_SECRET")
"""Of each provider and each storage location."""


def names_of(check: EnvironmentCheck) -> list[str]:
    """The variables that the module of a check names."""
    spec = find_spec(f"directus_guard.checks.{check.chapter}.{check.module}")
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    families = [name for name in FAMILIES if name.partition("_X_")[0] in text]
    return sorted({*re.findall(r'"([A-Z][A-Z_]{3,})"', text), *families})


@pytest.mark.parametrize("check", OF_ENVIRONMENTS, ids=lambda check: check.id)
def test_each_variable(check: EnvironmentCheck) -> None:
    found = Said()
    for version in VERSIONS:
        for name in names_of(check):
            for value in (*VALUES, OUTSIDE):
                given = {**BESIDE, name: value}
                env = environment(*(variable(*one) for one in given.items()), version=version)
                shown = value if isinstance(value, str) else "unknown"
                for context in (Context.PRODUCTION, Context.DEVELOPMENT):
                    for answer in ask_environment(check, replace(env, context=context)):
                        found.add(answer, f"{name}={shown}" if isinstance(answer, Failure) else str(version))
    assert_as_kept(KEPT / f"{check.id}.txt", found.lines())


# --- instances ---------------------------------------------------------------------------------------------------------

STS, CSP, CSPRO, ORIGIN, CREDENTIALS = (
    "strict-transport-security", "content-security-policy", "content-security-policy-report-only", "access-control-allow-origin",
    "access-control-allow-credentials",
)  # fmt: skip
HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {STS: "max-age=15552000; includeSubDomains"},
    {STS: "max-age=60"},
    {STS: "includeSubDomains"},
    {CSP: "script-src 'self' 'unsafe-eval'; object-src 'none'"},
    {CSP: "script-src 'self' 'unsafe-inline'"},
    {CSP: "default-src *"},
    {CSP: "default-src 'none'; img-src *"},
    {CSP: "script-src 'self' https:"},
    {CSP: "img-src 'self'"},
    {CSP: ""},
    {CSPRO: "script-src 'self'"},
    {ORIGIN: FOREIGN, CREDENTIALS: "true"},
    {ORIGIN: FOREIGN},
    {ORIGIN: "*", CREDENTIALS: "true"},
    {ORIGIN: "https://www.acme.com", CREDENTIALS: "true"},
)
OF_HEADERS: Final = [
    check for check in catalogue().values() if isinstance(check, InstanceCheck) and check.id.startswith("response-")
]


@pytest.mark.parametrize("check", OF_HEADERS, ids=lambda check: check.id)
def test_each_header(check: InstanceCheck) -> None:
    found = Said()
    bare = Instance("https://cms.acme.com", Location("compose.yaml"), environment())
    silent = replace(bare, gaps=(Gap(InstancePart.EVERYTHING, "it did not answer"),))
    pages = [
        replace(bare, origin=f"{scheme}://cms.acme.com", page=page, cors=page, custom_css=custom_css)
        for headers in HEADERS
        for page in (Page("/admin", {name: (value,) for name, value in headers.items()}),)
        for scheme in ("https", "http")
        for custom_css in (False, True)
    ]
    for instance in (bare, silent, *pages):
        for answer in check.judge(instance, Project(())):
            found.add(answer, answer.actual if isinstance(answer, Failure) else instance.origin)
    assert_as_kept(KEPT / f"{check.id}.txt", found.lines())
