"""Ways to hide evidence: every file of an example, and every member of it, is taken away, broken, changed to another type, put
behind a reference, or made unreadable. `hidings` lists them; `silent` says whether a check then has nothing to say.
"""

from __future__ import annotations

import io
import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar
from urllib.parse import urlsplit

import pytest
import yaml

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.finding import ChecklistPart, Status
from directus_guard.live.client import Client, Reply
from directus_guard.live.target import target
from directus_guard.secret import Secret
from directus_guard.sources.formats import json_records
from tests.support.check_examples import FromConfig, from_config, named as name_of
from tests.support.sampling import EVERY_CASE, one_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.finding import Report
    from directus_guard.live.target import Target

Files = Mapping[str, "bytes | OSError"]
Case = TypeVar("Case")

NOT_EVIDENCE: Final = ("expect.txt", "directus-guard.yaml", "directus.config.json", "https")
"""Files of an example that say how it is asked, or where the exports are."""


class Memory:
    """Files without a disk."""

    def __init__(self, files: Files) -> None:
        self.root: Final = Path("/example")
        self._files = files

    def files(
        self, only: Sequence[Path], excluded: Callable[[str], bool], problem: Callable[[str, str], None]
    ) -> Iterator[str]:
        del only, excluded, problem
        yield from self._files

    def has(self, path: str) -> bool:
        return path in self._files

    def open(self, path: str) -> BinaryIO:
        content = self._files.get(path, FileNotFoundError(2, "No such file"))
        if isinstance(content, OSError):
            raise content
        return io.BytesIO(content)

    def tracked(self, path: str) -> bool:
        return path in self._files

    def ignored(self, path: str) -> bool:
        return False

    def real(self, path: str) -> str:
        return path


def files_of(example: Path) -> dict[str, bytes]:
    """The files of an example by path; recorded answers too."""
    return {
        path.relative_to(example).as_posix(): path.read_bytes()
        for path in sorted(example.rglob("*"))
        if path.is_file() and path.name not in ("expect.txt", "https")
    }


@dataclass(frozen=True)
class Hiding:
    """One way to hide something of an example."""

    kind: str
    """`removed`, `broken`, `retyped`, `reference` or `unreadable`."""
    path: str
    place: str
    """Which member, as keys with dots (indices as `[]`); "" for the file as a whole."""
    how: str
    files: Files

    @property
    def limit(self) -> int | None:
        """Bytes of the largest file that is read with it, if not as always."""
        return LIMIT if self.how == TOO_LARGE else None

    def __str__(self) -> str:
        return f"{self.kind} {self.path} {self.place or '(file)'} {self.how}"


def hidings(files: Mapping[str, bytes], named: Mapping[str, Sequence[int]], *, every: bool = True) -> Iterator[Hiding]:
    """Every hiding of every file that is evidence. `named`: lines that the check names, by path; the records there are
    changed one by one, all others column by column. Without `every` only the files as a whole and those records are."""
    for path, content in files.items():
        if path.rpartition("/")[2] in NOT_EVIDENCE:
            continue

        def hiding(kind: str, place: str, how: str, new: bytes | OSError | None, path: str = path) -> Hiding:
            left: dict[str, bytes | OSError] = {name: data for name, data in files.items() if name != path}
            if new is not None:
                left[path] = new
            return Hiding(kind, path, place, how, left)

        for kind, how, new in whole(path, content):
            yield hiding(kind, "", how, new)
        for kind, place, how, text in members(path, content, named.get(path, ()), every=every):
            yield hiding(kind, place, how, text)


# --- files as a whole -------------------------------------------------------------------------------------------------

POINTER: Final = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
TOO_LARGE: Final = "too large"
LIMIT: Final = 64 * 1024
"""Bytes of the largest file that is read, where a hiding is one more than that: the real limits would cost minutes."""
CONFLICT: Final = b"<<<<<<< HEAD\n=======\n>>>>>>> other\n"


def whole(path: str, content: bytes) -> Iterator[tuple[str, str, bytes | OSError | None]]:
    """What happens to a file: kind, how, what is there now.

    A file is cut where that breaks it: half a list of YAML, half a dotenv file and half a program are whole ones of another
    project, and no reader can tell.
    """
    lines = content.splitlines(keepends=True)
    middle = len(lines) // 2
    if not path.endswith(".tfvars"):  # without it the values come from outside, and a secret is committed no more
        yield "removed", "deleted", None
    if not is_whole(path, b""):
        yield "broken", "emptied", b""
    for share in (4, 2, 1.3, len(content) / max(len(content.rstrip()) - 1, 1)):
        half = content[: int(len(content) / share)]
        if not is_whole(path, half):
            yield "broken", f"cut after {len(half)} bytes", half
    yield "broken", "conflict at its beginning", CONFLICT + content
    yield "broken", "conflict in the middle", b"".join([*lines[:middle], CONFLICT, *lines[middle:]])
    yield "broken", "byte that is no UTF-8", content[: len(content) // 2] + b"\xff" + content[len(content) // 2 :]
    yield "unreadable", "permission denied", PermissionError(13, "Permission denied")
    yield "unreadable", "LFS pointer", POINTER
    yield "unreadable", "random bytes", b"SQLite format 3\0\xfe\xfd" + bytes(range(256))
    yield "unreadable", TOO_LARGE, content + b"\n" * (LIMIT + 1 - len(content))


def is_whole(path: str, content: bytes) -> bool:
    """Whether a file that was cut off may as well be a whole one."""
    try:
        if path.endswith(".json"):
            json.loads(content)
        elif path.endswith((".yaml", ".yml")):
            list(yaml.safe_load_all(content))
    except (ValueError, yaml.YAMLError):
        return False
    return True


# --- members ----------------------------------------------------------------------------------------------------------

REMOVED: Final = object()


def members(path: str, content: bytes, lines: Sequence[int], *, every: bool) -> Iterator[tuple[str, str, str, bytes]]:
    """What happens to members of structured files: kind, place, how, the new content."""
    name = path.rpartition("/")[2]
    text = content.decode()
    if name.endswith(".json"):
        data = json.loads(text)
        routes = columns(data) if every else []
        alone = {group[0] for group in routes if len(group) == 1}
        named = (route for index in records_at(text, lines) for route in routes_of(data, (index,)))
        routes += [[route] for route in named if route not in alone]
        table = name.removesuffix(".json")
        for kind, place, how, new in changes(data, routes, is_manifest=table not in NULLABLE, table=table):
            yield kind, place, how, json.dumps(new, indent=2).encode()
    elif name.endswith((".yaml", ".yml")):
        documents = list(yaml.safe_load_all(text))
        for index, document in enumerate(documents):
            for kind, place, how, new in changes(
                document, [[route] for route in routes_of(document)], is_manifest=True
            ):
                dumped = [*documents[:index], new, *documents[index + 1 :]]
                yield kind, place, how, yaml.safe_dump_all(dumped, sort_keys=False).encode()
    elif ".env" in name:
        yield from variables(text)


def records_at(text: str, lines: Sequence[int]) -> list[int]:
    """Which items of the list at the top of a file cover these lines."""
    start = text.find("[")
    if not lines or text[:start].strip():
        return []
    regions = []
    for _, offset, end in json_records.items(json.JSONDecoder(), text, start):
        regions.append((text.count("\n", 0, offset) + 1, text.count("\n", 0, end) + 1))
    return [index for index, (first, last) in enumerate(regions) if any(first <= line <= last for line in lines)]


def variables(text: str) -> Iterator[tuple[str, str, str, bytes]]:
    """Variables of a dotenv file."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        variable = re.match(r"\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=", line)
        if variable is None:
            continue
        for kind, how, new in (
            ("removed", "removed", None),
            ("reference", "${HIDDEN}", f"{variable[1]}=${{HIDDEN}}"),
        ):
            changed = [*lines[:index], *([] if new is None else [new]), *lines[index + 1 :]]
            yield kind, variable[1], how, "\n".join(changed).encode()


Route = tuple[str | int, ...]


def changes(
    data: Any, routes: Sequence[Sequence[Route]], *, is_manifest: bool = False, table: str = ""
) -> Iterator[tuple[str, str, str, Any]]:
    """Every change of nodes, those of one group together: kind, place, how, the whole with it."""
    for group in routes:
        value = at(data, group[0])
        place = ".".join("[]" if isinstance(key, int) else str(key) for key in group[0])
        inside = is_inside_json(group[0])
        if group[0] and not isinstance(group[0][-1], int) and not inside:
            yield "removed", place, "removed", with_all(data, group, constantly(REMOVED))
        for how, new in retyped(value):
            if not is_other_value(group[0], value, new, inside=inside, is_manifest=is_manifest, table=table):
                yield "retyped", place, how, with_all(data, group, partial(as_type, how))
        for reference in ("${HIDDEN}",) if is_manifest else ("${HIDDEN}", {"$ref": "#/hidden"}):
            yield "reference", place, str(reference), with_all(data, group, constantly(reference))


JSON_COLUMNS: Final = frozenset({"permissions", "validation", "presets", "options", "public_registration_email_filter"})
NULLABLE: Final = {
    "permissions": {"permissions", "validation", "presets", "fields", "id"},
    "access": {"role", "user", "sort", "id"},
    "policies": {"ip_access", "icon", "description"},
    "roles": {"parent", "icon", "description", "ip_access"},
    "users": {"role", "token", "tfa_secret", "provider", "last_access", "email"},
    "flows": {"options", "operation", "accountability", "name", "icon", "trigger"},
    "operations": {"options", "resolve", "reject", "name"},
    "snapshot": {"meta", "schema", "junction_field", "one_field", "special", "accountability", "one_allowed_collections"},
    "settings": {
        "auth_login_attempts", "auth_password_policy", "public_registration_role", "public_registration_email_filter", "custom_css",
        "ai_openai_compatible_base_url", "ai_openai_compatible_headers", "id", "project_name",
    },
}  # fmt: skip
"""Columns of Directus that may be null, by table: there null is another value, as another role or another rule is."""


def is_inside_json(route: Route) -> bool:
    """Whether a node is part of a rule, a preset or an option: taken away, or of another type, it is another rule."""
    names = [key for key in route if isinstance(key, str)]
    return any(name in JSON_COLUMNS for name in names[:-1])


def is_other_value(route: Route, value: Any, new: Any, *, inside: bool, is_manifest: bool, table: str) -> bool:
    """Whether a change of type gives another value that Directus, or the platform, takes as well: that hides nothing."""
    name = route[-1] if route else ""
    if is_manifest:
        # Every scalar of an environment is a text, and nothing written is nothing set.
        return (not isinstance(value, dict | list) and not isinstance(new, dict | list)) or new is None
    if inside:
        return name not in ("_and", "_or") or new is None
    if name in JSON_COLUMNS and isinstance(new, dict):
        return True
    return new is None and (name in NULLABLE.get(table, ()) or table == "")


def as_type(how: str, value: Any) -> Any:
    return dict(retyped(value)).get(how, value)


def constantly(new: Any) -> Callable[[Any], Any]:
    return lambda _: new


def with_all(data: Any, group: Sequence[Route], change: Callable[[Any], Any]) -> Any:
    for route in group:
        data = replaced(data, route, change(at(data, route)))
    return data


def at(data: Any, route: Route) -> Any:
    for key in route:
        data = data[key]
    return data


def columns(data: Any) -> list[list[Route]]:
    """The nodes grouped by place: the same member of all records of a list together."""
    found: dict[tuple[object, ...], list[Route]] = {}
    for route in routes_of(data):
        found.setdefault(tuple("[]" if isinstance(key, int) else key for key in route), []).append(route)
    return list(found.values())


def retyped(value: Any) -> Iterator[tuple[str, Any]]:
    """A value as other types. Null for a value that is there is one too."""
    match value:
        case bool():
            yield "as text", str(value).lower()
            yield "as number", int(value)
        case int() | float():
            yield "as text", str(value)
        case str():
            yield "as number", 5
            yield "as boolean", True
        case list() | dict():
            yield "as JSON text", json.dumps(value)
            yield "as number", 5
    if value is None:
        yield "as text", "null"
        yield "as boolean", False
    else:
        yield "as null", None
    if isinstance(value, list):
        yield "as object", {str(index): item for index, item in enumerate(value)}
        yield "in a list", [value]
    elif isinstance(value, dict):
        yield "in a list", [value]
    else:
        yield "in a list", [value]
        yield "in an object", {"value": value}


def routes_of(data: Any, route: Route = ()) -> Iterator[Route]:
    """The keys that lead to every node, at or below one."""
    yield route
    value = at(data, route)
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from routes_of(data, (*route, key))


def replaced(data: Any, route: Route, new: Any) -> Any:
    """A copy with one node replaced, or removed."""
    if not route:
        return new
    key, *rest = route
    if isinstance(data, list):
        return [replaced(item, tuple(rest), new) if index == key else item for index, item in enumerate(data)]
    if not rest and new is REMOVED:
        return {name: value for name, value in data.items() if name != key}
    return {name: replaced(value, tuple(rest), new) if name == key else value for name, value in data.items()}


# --- answers ----------------------------------------------------------------------------------------------------------


def _is_same(name: str, check: str) -> bool:
    """Whether a check may have the finding of another: without settings an advisory is rated higher."""
    prefix = "vulnerable-version-"
    return name == check or (name.startswith(prefix) and check.startswith(prefix))


def asked(
    check: str, files: Files, settings: FromConfig | None, of: Target | None = None, *, limit: int | None = None
) -> Report:
    """The report of one check alone. `limit`: bytes of the largest file that is read, if not as always."""
    off = tuple((name, None) for name in catalogue() if not _is_same(name, check))
    with pytest.MonkeyPatch.context() as patch:
        if limit is not None:
            for module in ("files.repository", "formats.json_records"):
                patch.setattr(f"directus_guard.sources.{module}.MAX_BYTES", limit)
        said = settings or {"edition": None, "promises": ()}
        return audit(Options(root=Path("/example"), store=Memory(files), severities=off, target=of, **said))


def answer(report: Report, check: str, before: Report | None = None) -> str:
    """`fail`, `incomplete`, `not evaluated`, `nothing found` (the exit code is 3), `not judged` (the report says that it found no
    deployment, and nothing passes), `notice` (a problem with a file, and the run passes); "" where the check is silent or passes.

    `before`: the report without the hiding. A problem that it has, too, says nothing of what is hidden.
    """
    if any(_is_same(finding.check, check) for finding in (*report.findings, *report.nonproduction)):
        return "fail"
    known = {(problem.path, problem.message) for problem in before.problems} if before else set()
    problems = [problem for problem in report.problems if (problem.path, problem.message) not in known]
    if any(problem.incomplete for problem in problems):
        return "incomplete"
    if any(outcome.check == check and outcome.status is Status.NOT_EVALUATED for outcome in report.outcomes):
        return "not evaluated"
    if report.exit_code == 3:
        return "nothing found"
    environment = next(one for one in report.coverage if one.part is ChecklistPart.ENVIRONMENT)
    if not environment.judged and all(outcome.status is Status.NOT_APPLICABLE for outcome in report.outcomes):
        return "not judged"
    return "notice" if problems else ""


# --- one check --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Allowed:
    """Hidings after which silence is right: what remains is a complete project that is in order."""

    checks: str
    """A regular expression on the check's id."""
    kind: str
    path: str
    """A regular expression on the file."""
    place: str
    """A regular expression on the member; never the file as a whole."""
    reason: str
    answer: str = ""
    """What is right there."""

    def covers(self, check: str, hiding: Hiding) -> bool:
        return (
            hiding.kind == self.kind
            and bool(hiding.place)
            and re.fullmatch(self.checks, check) is not None
            and re.fullmatch(self.path, hiding.path) is not None
            and re.fullmatch(self.place, hiding.place) is not None
        )


def hidden_of(check: str, example: Path) -> Iterator[tuple[Hiding, str]]:
    """Hidings of a failing example, and what the check then answers: of the first one every file and each sixteenth member, of
    the others a 24th of all."""
    files = files_of(example)
    settings = from_config(example)
    every = example.name == "fail-1" or EVERY_CASE
    if (example / "live").exists():
        yield from _hidden_answers(check, example, files, every=every)
        return
    report = asked(check, files, settings)
    assert answer(report, check) == "fail"
    named: dict[str, list[int]] = {}
    for finding in (*report.findings, *report.nonproduction):
        named.setdefault(finding.location.path, []).append(finding.location.line)
    found = [(hiding, None) for hiding in hidings(files, named, every=every)]
    for hiding, _ in _taken(found, example):
        yield hiding, answer(asked(check, hiding.files, settings, limit=hiding.limit), check, report)


def _taken(cases: Sequence[tuple[Hiding, Case]], example: Path) -> Iterator[tuple[Hiding, Case]]:
    """The hidings that are tried: neighbours change the same member in several ways, or members alike in the same way."""
    seed = name_of(example)
    if example.name != "fail-1":
        return one_in(24, cases, seed)
    whole, members = ([one for one in cases if bool(one[0].place) is inside] for inside in (False, True))
    return chain(whole, one_in(16, members, seed))


def _hidden_answers(
    check: str, example: Path, files: Mapping[str, bytes], *, every: bool
) -> Iterator[tuple[Hiding, str]]:
    path = next(path for path in files if path.endswith("answers.json"))
    left = {name: data for name, data in files.items() if name != path}
    token = b'"token /' in files[path]
    with instance(json.loads(files[path]), token=token) as one:
        report = asked(check, left, None, one)
    assert answer(report, check) == "fail"
    for hiding, answers in _taken(list(live_hidings(files, every=every)), example):
        with instance(answers, token=token) as one:
            yield hiding, answer(asked(check, hiding.files, None, one), check, report)


# --- recorded answers of an instance ----------------------------------------------------------------------------------


def _nobody(_: Target) -> ssl.SSLContext:
    """No certificates: nothing is connected to."""
    return _CONTEXT


_CONTEXT: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def instance(answers: Any, *, token: bool) -> Iterator[Target]:
    """An instance that gives these answers (`tests/live/record.py`), without a server and without waiting."""

    async def answered(client: Client, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        del client, query
        kind = "token " if "authorization" in headers else "origin " if "origin" in headers else ""
        found = answers.get(f"{kind}{urlsplit(url).path}") if isinstance(answers, dict) else None
        if not isinstance(found, dict):
            return Reply(403, {}, b'{"errors": [{"extensions": {"code": "FORBIDDEN"}}]}')
        named = found.get("headers")
        sent = {str(name).lower(): (str(value),) for name, value in named.items()} if isinstance(named, dict) else {}
        body = found.get("body")
        content = body if isinstance(body, str) else json.dumps(body)
        status = found.get("status")
        return Reply(status if isinstance(status, int) else 500, sent, content.encode())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "_persistently", answered)
        patch.setattr("directus_guard.live.client._trusted", _nobody)
        yield target("https://cms.example.com", token=Secret("recorded") if token else None)


MODEL: Final = ("collections", "fields", "relations", "oas")
"""Large answers about the data model, hidden as a whole only."""


_ANONYMOUS: Final = ("/items/", "/server/specs/")
"""What is asked without a token, to see whether anybody gets an answer."""


def live_hidings(files: Mapping[str, bytes], *, every: bool) -> Iterator[tuple[Hiding, Any]]:
    """Hidings of what an instance answers: with each the answers that are left."""
    path = next(path for path in files if path.endswith("answers.json"))
    left = {name: data for name, data in files.items() if name != path}
    answers = json.loads(files[path])
    for name in answers:
        for how, found in (("no answer", None), ("403", {"status": 403, "headers": {}, "body": {}}),
                           ("500", {"status": 500, "headers": {}, "body": ""}), ("HTML", {**answers[name], "body": "<html>"}),
                           ("null", {**answers[name], "body": None}), ("no data", {**answers[name], "body": {}})):  # fmt: skip
            if how in ("no answer", "403") and name.startswith(_ANONYMOUS):
                continue  # that is how an instance answers that lets nobody in: nothing is hidden
            yield Hiding("unreadable", name, "", how, left), {**answers, name: found}
        body = answers[name]["body"]
        if every and isinstance(body, dict) and name.rpartition("/")[2] not in MODEL:
            for kind, place, how, new in changes(body, columns(body)):
                if kind == "reference" or how == "as text":
                    continue  # no server answers with a placeholder, and a text of a field is as good as another
                yield Hiding(kind, name, place, how, left), {**answers, name: {**answers[name], "body": new}}
