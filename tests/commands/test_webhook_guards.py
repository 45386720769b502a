"""A webhook guarded by a secret of the environment needs no finding, once FLOWS_ENV_ALLOW_LIST names the variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Status
from tests.support.rows import create, flow, operations, write

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Report

SECRET: Final = "{{$env.HOOK_SECRET}}"
NAMES: Final = ("webhook-open", "webhook-privileged")


def asked(*path: str, expected: Any = SECRET, operator: str = "_eq") -> tuple[str, Any]:
    filter_: Any = {operator: expected}
    for name in reversed(path):
        filter_ = {name: filter_}
    return "condition", {"filter": {"$trigger": filter_}}


GUARDS: Final[dict[str, tuple[str, Any]]] = {
    "header": asked("headers", "x-hook-secret"),
    "header without a telling name": asked("headers", "x-caller"),
    "bearer": asked("headers", "authorization", expected=f"Bearer {SECRET}"),
    "spaces in the template": asked("headers", "x-hook-secret", expected="{{ $env.HOOK_SECRET }}"),
    "query": asked("query", "secret"),
    "body": asked("body", "secret"),
    "one of a list": asked("headers", "x-hook-secret", operator="_in", expected=[SECRET]),
    "with other conditions": ("condition", {"filter": {"_and": [
        {"$trigger": {"headers": {"x-hook-secret": {"_eq": SECRET}}}}, {"$trigger": {"body": {"n": {"_gt": 0}}}}]}}),
}  # fmt: skip


def compose(*lines: str) -> str:
    given = "".join(
        f"      {line}\n" for line in ("PUBLIC_URL: https://cms.example.com", "SECRET: ${SECRET:?}", *lines)
    )
    return f"services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n{given}"


def judged(folder: Path, guard: tuple[str, Any], *lines: str) -> Report:
    tables = {"flows": flow(), "operations": operations(guard, create("$full")), "settings": [], "users": []}
    write(folder, [], **tables)
    (folder / "compose.yaml").write_text(compose(*lines), encoding="utf-8")
    return audit(Options(root=folder))


def statuses(report: Report) -> set[tuple[str, Status]]:
    return {(one.check, one.status) for one in report.outcomes if one.check in NAMES}


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize("value", ["${HOOK_SECRET:?}", "${HOOK_SECRET}", "q8Zr2VxKp0Ls7TmW4bYc"])
def test_a_guard_that_the_list_names(tmp_path: Path, name: str, value: str) -> None:
    report = judged(tmp_path, GUARDS[name], "FLOWS_ENV_ALLOW_LIST: PUBLIC_URL,HOOK_SECRET", f"HOOK_SECRET: {value}")
    assert statuses(report) == {(check, Status.PASS) for check in NAMES}
    assert "flows-env-allow-list" not in {finding.check for finding in report.findings}


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize("lines", [(), ("FLOWS_ENV_ALLOW_LIST: PUBLIC_URL",), ('FLOWS_ENV_ALLOW_LIST: "*"',)])
def test_a_guard_that_compares_with_nothing(tmp_path: Path, name: str, lines: tuple[str, ...]) -> None:
    """Without the name in the list the condition compares with the word `undefined`."""
    report = judged(tmp_path, GUARDS[name], *lines, "HOOK_SECRET: ${HOOK_SECRET:?}")
    assert statuses(report) == {(check, Status.FAIL) for check in NAMES}


def test_a_variable_that_nobody_sets(tmp_path: Path) -> None:
    report = judged(tmp_path, GUARDS["header"], "FLOWS_ENV_ALLOW_LIST: HOOK_SECRET")
    assert statuses(report) == {(check, Status.FAIL) for check in NAMES}


def test_a_list_from_outside(tmp_path: Path) -> None:
    report = judged(tmp_path, GUARDS["header"], "FLOWS_ENV_ALLOW_LIST: ${NAMES}", "HOOK_SECRET: ${HOOK_SECRET:?}")
    assert statuses(report) == {(check, Status.NOT_EVALUATED) for check in NAMES}


def test_a_variable_that_may_be_set_elsewhere(tmp_path: Path) -> None:
    """The secret may be in the file that is not there: no pass, and no finding."""
    report = judged(tmp_path, GUARDS["header"], "FLOWS_ENV_ALLOW_LIST: HOOK_SECRET")
    path = tmp_path / "compose.yaml"
    path.write_text(f"{path.read_text()}    env_file: secrets.env\n", encoding="utf-8")
    report = audit(Options(root=tmp_path))
    assert statuses(report) == {(check, Status.NOT_EVALUATED) for check in NAMES}


# --- guards that let everybody in ---------------------------------------------------------------------------------


def header(operator: str, expected: Any = SECRET, name: str = "x-hook-secret") -> Any:
    return {"$trigger": {"headers": {name: {operator: expected}}}}


def flow_of(*given: tuple[str, Any, int | None, int | None]) -> list[Any]:
    """Operations with what follows each when it ends well and when it ends badly."""

    def name(number: int | None) -> str | None:
        return None if number is None else f"o{number}"

    return [
        {"id": f"o{n}", "name": f"o{n}", "key": f"o{n}", "type": kind, "position_x": n, "position_y": 1, "flow": "f",
         "options": options, "resolve": name(resolve), "reject": name(reject)}
        for n, (kind, options, resolve, reject) in enumerate(given)
    ]  # fmt: skip


def condition(filter_: Any, resolve: int | None, reject: int | None = None) -> tuple[str, Any, int | None, int | None]:
    return "condition", {"filter": filter_}, resolve, reject


def work(resolve: int | None = None) -> tuple[str, Any, int | None, int | None]:
    return *create("$full"), resolve, None


NO: Final = ("throw-error", {"code": "x", "status": "403", "message": "no"}, None, None)
LOG: Final = ("log", {"message": "x"}, None, None)
OPEN: Final[dict[str, list[Any]]] = {
    "work on reject": flow_of(condition(header("_eq"), None, 1), work()),
    "work on both ways": flow_of(condition(header("_eq"), 1, 1), work()),
    "other work on reject": flow_of(condition(header("_eq"), 1, 2), work(), work()),
    "work on reject, later": flow_of(condition(header("_eq"), None, 1), ("log", {"message": "x"}, 2, None), work()),
    "work first": flow_of(work(1), condition(header("_eq"), 2), LOG),
    "not the secret": flow_of(condition(header("_neq"), 1), work()),
    "not the secret, and an error": flow_of(condition(header("_neq"), 2, 1), NO, work()),
    "not the secret, error on resolve": flow_of(condition(header("_neq"), 1, 2), NO, work()),
    "none of a list": flow_of(condition(header("_nin", [SECRET]), 1), work()),
    "one of a list with a word": flow_of(condition(header("_in", [SECRET, "test"]), 1), work()),
    "does not contain it": flow_of(condition(header("_ncontains"), 1), work()),
    "something is sent": flow_of(condition(header("_nnull", expected=True), 1), work()),
    "nothing is sent": flow_of(condition({"$trigger": {"body": {"secret": {"_null": True}}}}, 1), work()),
    "or something else": flow_of(condition({"_or": [header("_eq"), header("_nnull", name="x-debug")]}, 1), work()),
    "or an empty one": flow_of(condition({"_or": [header("_eq"), header("_neq", "")]}, 1), work()),
    "or a header that all send": flow_of(
        condition({"_or": [header("_eq"), header("_nempty", name="host")]}, 1), work()
    ),
    "two inverted": flow_of(condition(header("_eq"), None, 1), condition(header("_eq"), None, 2), work()),
    "variable first, on reject": flow_of(
        condition({"$env": {"HOOK_SECRET": {"_eq": "{{$trigger.query.secret}}"}}}, None, 1), work()
    ),
}
SET: Final = ("FLOWS_ENV_ALLOW_LIST: HOOK_SECRET", "HOOK_SECRET: ${HOOK_SECRET:?}")


def ran(folder: Path, steps: list[Any], lines: tuple[str, ...] | None) -> set[tuple[str, Status]]:
    """What is said of a webhook of these operations. `lines`: of its deployment, None if there is none."""
    write(folder, [], flows=flow(), operations=steps, settings=[], users=[])
    if lines is not None:
        (folder / "compose.yaml").write_text(compose(*lines), encoding="utf-8")
    return statuses(audit(Options(root=folder)))


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize("lines", [None, SET])
def test_a_guard_that_lets_anyone_in(tmp_path: Path, name: str, lines: tuple[str, ...] | None) -> None:
    """Whatever the secret is, and whether or not the environment is known."""
    assert ran(tmp_path, OPEN[name], lines) == {(check, Status.FAIL) for check in NAMES}


GUARDED: Final[dict[str, list[Any]]] = {
    "equal": flow_of(condition(header("_eq"), 1), work()),
    "or another header with it": flow_of(
        condition({"_or": [header("_eq"), header("_eq", f"Bearer {SECRET}", "authorization")]}, 1), work()
    ),
    "a pattern": flow_of(condition(header("_regex", f"^{SECRET}$"), 1), work()),
    "inverted, and then right": flow_of(
        condition(header("_eq", name="x-old"), None, 1), condition(header("_eq"), 2), work()
    ),
    "variable first": flow_of(condition({"$env": {"HOOK_SECRET": {"_eq": "{{$trigger.query.secret}}"}}}, 1), work()),
    "unless there is no secret": flow_of(condition({"$env": {"HOOK_SECRET": {"_nempty": True}}}, None, 1), work()),
}


@pytest.mark.parametrize("name", GUARDED)
def test_a_guard_that_holds(tmp_path: Path, name: str) -> None:
    assert ran(tmp_path, GUARDED[name], SET) == {(check, Status.PASS) for check in NAMES}


@pytest.mark.parametrize("name", GUARDED)
def test_a_guard_that_may_hold(tmp_path: Path, name: str) -> None:
    assert ran(tmp_path, GUARDED[name], None) == {(check, Status.NOT_EVALUATED) for check in NAMES}


def test_a_pattern_around_a_secret(tmp_path: Path) -> None:
    """Whether the pattern lets anything else through is not known."""
    steps = flow_of(condition(header("_regex", f"{SECRET}|.*"), 1), work())
    assert ran(tmp_path, steps, SET) == {(check, Status.NOT_EVALUATED) for check in NAMES}


def test_a_part_of_the_variable(tmp_path: Path) -> None:
    """Whoever sends nothing sends a part of it."""
    steps = flow_of(condition({"$env": {"HOOK_SECRET": {"_contains": "{{$trigger.query.secret}}"}}}, 1), work())
    assert ran(tmp_path, steps, SET) == {(check, Status.FAIL) for check in NAMES}


@pytest.mark.parametrize(
    ("name", "lines", "why"),
    [
        ("work on reject", None, "its `reject` leads on"),
        ("work on reject", SET, "its `reject` leads on"),
        ("not the secret", SET, "anyone can meet it"),
        ("or something else", (), "anyone can meet it"),
        ("work first", SET, ""),
    ],
)
def test_what_the_guard_does(tmp_path: Path, name: str, lines: tuple[str, ...] | None, why: str) -> None:
    ran(tmp_path, OPEN[name], lines)
    (message,) = (one.message for one in audit(Options(root=tmp_path)).findings if one.check == "webhook-open")
    assert why in message
    assert ("Condition `" in message) is bool(why)
