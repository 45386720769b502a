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


def test_a_variable_that_may_be_set_elsewhere(tmp_path: Path) -> None:
    """The secret may be in the file that is not there: no pass, and no finding."""
    report = judged(tmp_path, GUARDS["header"], "FLOWS_ENV_ALLOW_LIST: HOOK_SECRET")
    path = tmp_path / "compose.yaml"
    path.write_text(f"{path.read_text()}    env_file: secrets.env\n", encoding="utf-8")
    report = audit(Options(root=tmp_path))
    assert statuses(report) == {(check, Status.NOT_EVALUATED) for check in NAMES}
