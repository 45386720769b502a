"""What a finding says to change in a permission is done, and the finding is gone."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ExportCheck
from directus_guard.checks.result import Failure
from directus_guard.directus.access.records import Edition
from directus_guard.directus.versions import Version
from directus_guard.finding import DeleteRow
from tests.support.check_examples import EXAMPLES, from_config, named
from tests.support.each import each_case
from tests.support.row_changes import with_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from directus_guard.directus.export import Export
    from directus_guard.finding import Location

    ExportsOf = Callable[[Path], tuple[Export, ...]]

CHECKS: Final = {
    name: check
    for name, check in catalogue().items()
    if check.chapter == "access" and isinstance(check, ExportCheck) and not name.startswith("escalation-path")
}
FAILING: Final = [example for example in EXAMPLES if example.parent.name in CHECKS and example.name.startswith("fail-")]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> ExportsOf:
    """The exports of an example, read once for all tests."""

    @cache
    def read(example: Path) -> tuple[Export, ...]:
        root = shutil.copytree(example, tmp_path_factory.mktemp(example.parent.name) / "x")
        return run(Options(root=root, **from_config(root))).project.exports

    return read


def failures(check: str, export: Export) -> Iterator[Failure]:
    return (answer for answer in CHECKS[check].judge(export) if isinstance(answer, Failure))


def failing_places(export: Export) -> set[tuple[str, Location]]:
    """Checks of permissions that fail, and where."""
    return {
        (check, failure.location)
        for check in CHECKS
        for failure in failures(check, export)
        if failure.subject.kind == "permission"
    }


@each_case("example", FAILING, ids=named)
def test_what_is_advised_helps(example: Path, exports: ExportsOf) -> None:
    """And no other finding takes its place, unless a milder one."""
    for export in exports(example):
        for failure in failures(example.parent.name, export):
            assert failure.fix is not None
            if failure.fix.changes:
                places = {failure.location, *(related.location for related in failure.related)}
                after = with_changes(export, places, failure.fix.changes)
                left = {(one.subject.key, one.location) for one in failures(example.parent.name, after)}
                assert (failure.subject.key, failure.location) not in left
                new = failing_places(after) - failing_places(export)
                assert all(CHECKS[check].severity.rank < CHECKS[example.parent.name].severity.rank for check, _ in new)


@each_case("example", FAILING, ids=named)
def test_on_core_permissions_are_deleted(example: Path, exports: ExportsOf) -> None:
    """It ignores rules, validations and named fields."""
    for export in exports(example):
        core = replace(export, model=replace(export.model, edition=Edition.CORE, version=Version(12, 4, 1)))
        for failure in failures(example.parent.name, core):
            assert failure.fix is not None
            if failure.subject.kind == "permission" and example.parent.name != "stale-permission":
                assert failure.fix.changes == (DeleteRow(),)
                assert failure.fix.description.startswith("Delete this permission.")


def test_most_fixes_of_permissions_are_data(exports: ExportsOf) -> None:
    """So that they can be tried at all."""
    without = {
        example.parent.name
        for example in FAILING
        for export in exports(example)
        for failure in failures(example.parent.name, export)
        if failure.subject.kind == "permission" and failure.fix and not failure.fix.changes
    }
    assert not without
