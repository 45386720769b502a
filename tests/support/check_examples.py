"""The example folders of checks, and what a run says about one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TypedDict

import pytest

from directus_guard import config
from directus_guard.audit.options import Options
from directus_guard.audit.project import project_of
from directus_guard.audit.promises import promises_of
from directus_guard.audit.run import run
from directus_guard.directus.access.records import Edition
from directus_guard.live.target import target
from directus_guard.secret import Secret
from directus_guard.sources.collect import collect
from directus_guard.sources.files.repository import Repository
from tests.live.certificate import self_signed
from tests.live.servers import replay
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _pytest.mark.structures import ParameterSet

    from directus_guard.audit.audited import Audited
    from directus_guard.directus.access.promises import Promise
    from directus_guard.directus.project import Project
    from directus_guard.finding import Report, Status
    from directus_guard.live.target import Target


FOLDER: Final = ROOT / "tests" / "checks"
EXAMPLES: Final = sorted(path for path in FOLDER.glob("*/*-*") if path.is_dir())


def named(example: Path) -> str:
    """The name of an example in messages and in the names of tests."""
    return f"{example.parent.name}/{example.name}"


def first_of_each(examples: Iterable[Path]) -> list[ParameterSet]:
    """The examples as cases of a test: the first of each check is fast, the others are thorough."""
    seen: set[str] = set()
    cases = []
    for example in examples:
        marks = [pytest.mark.thorough] if example.parent.name in seen else []
        seen.add(example.parent.name)
        cases.append(pytest.param(example, marks=marks, id=named(example)))
    return cases


@cache
def project(example: Path) -> Project:
    """What is read of an example, on a copy outside of this repository's git. Read once: nothing of it can change."""
    with TemporaryDirectory() as folder:
        repository = Repository(shutil.copytree(example, Path(folder).resolve() / named(example)))
        return project_of(collect(repository), repository, Options())


def judged(example: Path, root: Path) -> tuple[Report, set[Status]]:
    """The report on a copy outside of this repository's git, and the statuses of the example's check."""
    report = audited(example, root).report
    return report, {outcome.status for outcome in report.outcomes if outcome.check == example.parent.name}


def audited(example: Path, root: Path) -> Audited:
    """The run on that copy, with what was read."""
    shutil.copytree(example, root, dirs_exist_ok=True)
    (root / "expect.txt").unlink(missing_ok=True)
    with _instance(root / "live") as asked:
        return run(Options(root=root, target=asked, **from_config(root)))


@contextmanager
def _instance(folder: Path) -> Iterator[Target | None]:
    """The instance whose recorded answers (`tests/live/record.py`) lie in the example, as if it ran here."""
    answers = folder / "answers.json"
    if not answers.exists():
        yield None
        return
    certificate = self_signed() if (folder / "https").exists() else None
    token = Secret("recorded") if '"token /' in answers.read_text(encoding="utf-8") else None
    shutil.move(answers, folder.parent.with_suffix(".json"))
    with replay(folder.parent.with_suffix(".json"), certificate=certificate) as server:
        yield target(server.url, token=token, ca_file=certificate)


class FromConfig(TypedDict):
    """What the config of an example says of a run."""

    edition: Edition | None
    promises: tuple[Promise, ...]


def from_config(root: Path) -> FromConfig:
    """What the example's config says."""
    path = root / "directus-guard.yaml"
    if not path.exists():
        return {"edition": None, "promises": ()}
    content = config.load(path.name, path.read_text(encoding="utf-8"))
    edition = Edition(content.edition) if content.edition else None
    return {"edition": edition, "promises": tuple(promises_of(content, path.name))}
