"""The index of checks says what their modules declare, so that a run imports only what it has evidence for."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.judge import judge
from directus_guard.audit.options import Options
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import (
    EnvironmentCheck,
    ExportCheck,
    ExportMember,
    InstanceCheck,
    ProjectCheck,
    ProjectPart,
)
from directus_guard.checks.index import INDEX
from directus_guard.checks.modules import declared, modules
from directus_guard.checks.result import Failure, NotApplicable, Pass
from directus_guard.checks.unseen import judge_at_defaults, judge_itself
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.environment.variables import known_variables
from directus_guard.directus.gaps import unseen
from directus_guard.directus.project import Project
from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version
from directus_guard.finding import Context
from directus_guard.sources.exports.reader import read
from directus_guard.sources.files.repository import Repository
from tests.support.check_examples import EXAMPLES, project
from tests.support.cli import write
from tests.support.environments import environment, variable
from tests.support.programs import ROOT
from tests.support.rows import permission, write as write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.checks.declaration import CatalogueRow
    from directus_guard.directus.export import Export

COMPOSE: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n"
LOADED: Final = """
import sys
from directus_guard.cli import main
main(["scan", sys.argv[1], "--quiet", "--fail-on=none"])
print(*sorted(name for name in sys.modules if name.startswith("directus_guard.")), sep="\\n")
"""


def test_it_says_what_the_modules_declare() -> None:
    known = [replace(check, judge=print) for check in catalogue().values()]
    assert known == [replace(declared(*place), judge=print) for place in modules()]


def test_no_module_is_imported_to_list_the_checks() -> None:
    """A module that the index does not have would be imported in each run."""
    assert [(check.chapter, check.module) for check in INDEX] == list(modules())


@pytest.mark.parametrize(("judged", "not_judged"), [(EnvironmentCheck, ExportCheck), (ExportCheck, EnvironmentCheck)])
def test_a_module_is_imported_where_its_evidence_is(
    tmp_path: Path, judged: type[CatalogueRow], not_judged: type[CatalogueRow]
) -> None:
    if judged is ExportCheck:
        write_rows(tmp_path, [permission("p", "posts", "read")])
    else:
        write(tmp_path, {"compose.yaml": COMPOSE})
    command = [sys.executable, "-c", LOADED, str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert len(names(judged) & loaded) > 20
    assert not (names(not_judged) | names(InstanceCheck)) & loaded


OF_PROJECTS: Final = [check for check in catalogue().values() if isinstance(check, ProjectCheck)]


def test_evidence_is_what_a_project_has() -> None:
    assert all(hasattr(Project(()), part) for part in ProjectPart)


@pytest.mark.parametrize("check", OF_PROJECTS, ids=lambda check: check.id)
def test_without_its_evidence_a_check_of_projects_finds_nothing(check: ProjectCheck, tmp_path: Path) -> None:
    """In each of its examples: there the module is asked, and finds nothing once that evidence is taken away."""
    gone: dict[str, object] = {"exports" if part is ProjectPart.EXPORTS else part.value: () for part in check.evidence}
    if {ProjectPart.EXPORTS, ProjectPart.INSTANCE} & set(check.evidence):
        gone["instance"] = None
    asked = declared(check.chapter, check.module)
    assert isinstance(asked, ProjectCheck)
    failed = 0
    for example in (one for one in EXAMPLES if one.parent.name == check.id):
        whole = project(example)
        failed += any(isinstance(answer, Failure) for _, answer in asked.judge(whole))
        answers = [answer for _, answer in asked.judge(replace(whole, **gone))]
        assert not any(isinstance(answer, Failure) for answer in answers)
        assert {one.reason for one in answers if isinstance(one, NotApplicable)} <= {check.without}
    assert failed or check.id in ("access-promise", "extension-source")  # their examples need a config, or a server
    said = {one.check.id: one.answer for one in judge(Project(()), Options(tmp_path))}
    assert said[check.id] == (NotApplicable(check.without) if check.without else Pass())


OF_ENVIRONMENTS: Final = [
    check for check in catalogue().values() if isinstance(check, EnvironmentCheck) and check.variables
]
OUTSIDE: Final = Unknown("`${X}` comes from outside the repository")
KNOWN: Final = sorted(
    {*known_variables(), "CONTENT_SECURITY_POLICY_REPORT_ONLY", "HASH_TIME_COST", "HTTPS_PROXY", "STORAGE_LOCAL_ACL", "AUTH_LDAP_CLIENT_URL"}
)  # fmt: skip
VERSIONS: Final = sorted({NEWEST, *NEWEST_OF.values(), Version(10, 0, 0), Version(11, 0, 0)})


@pytest.mark.parametrize("check", OF_ENVIRONMENTS, ids=lambda check: check.id)
def test_a_check_passes_where_none_of_its_variables_is_set(check: EnvironmentCheck) -> None:
    """Whatever else is set: the module, asked, looks at no other variable. One that is set makes it asked."""
    asked = declared(check.chapter, check.module)
    assert isinstance(asked, EnvironmentCheck)
    judge_unseen = judge_itself if check.itself else judge_at_defaults
    for version in VERSIONS:
        for value in (OUTSIDE, "true", "example"):
            whole = environment(*(variable(name, value) for name in KNOWN), version=version)
            assert not check.has_passed(whole)
            others = {
                name: one for name, one in whole.settings.items() if not check.concerns(frozenset({name.upper()}))
            }
            for settings, context in itertools.product((others, {}), Context):
                env = replace(whole, settings=settings, context=context)
                assert check.has_passed(env)
                assert (judge_unseen(env, asked.judge) or (Pass(),)) == (Pass(check.unset),)
    gap = unseen("env_file `gone.env` is not in the repository")
    assert not check.has_passed(replace(environment(), gaps=(gap,)))


OF_MEMBERS: Final = [check for check in catalogue().values() if isinstance(check, ExportCheck) and check.evidence]


@pytest.mark.parametrize("check", OF_MEMBERS, ids=lambda check: check.id)
def test_without_its_evidence_a_check_of_exports_finds_nothing(check: ExportCheck, tmp_path: Path) -> None:
    """In each of its examples: there the module is asked, and finds nothing once that evidence is taken away."""
    asked = declared(check.chapter, check.module)
    assert isinstance(asked, ExportCheck)
    failed = 0
    for example in (one for one in EXAMPLES if one.parent.name == check.id):
        for export in project(example).exports:
            failed += any(isinstance(answer, Failure) for answer in asked.judge(export))
            model = export.model if ExportMember.SETTINGS in check.evidence else replace(export.model, users=())
            bare = replace(export, model=model, settings=None if model is export.model else export.settings, gaps=())
            assert set(asked.judge(bare)) == {NotApplicable(check.without)}
            said = {one.check.id: one.answer for one in judge(Project((), exports=(bare,)), Options(tmp_path))}
            assert said[check.id] in (NotApplicable(check.without), *_older(check, bare))
    assert failed


def _older(check: ExportCheck, export: Export) -> list[NotApplicable]:
    """What a check says about a version that does not have what it judges."""
    version = export.model.version
    return [] if check.feature.of(version) else [NotApplicable(f"Directus {version} does not have it")]


OF_ROWS: Final = [check for check in catalogue().values() if isinstance(check, ExportCheck) and check.collections]


@pytest.mark.parametrize("check", OF_ROWS, ids=lambda check: check.id)
def test_a_check_of_permissions_finds_nothing_on_other_collections(check: ExportCheck, tmp_path: Path) -> None:
    """The module, asked, finds nothing where users and visitors may do everything with all other collections."""
    asked = declared(check.chapter, check.module)
    assert isinstance(asked, ExportCheck)
    every = {collection for one in OF_ROWS for collection in one.collections} | {"posts"}
    found = []
    for rule, fields in (
        (None, ["*"]),
        ({"id": {"_eq": "$CURRENT_USER"}}, ["name"]),
        ({"status": {"_eq": "active"}}, ["email", "token"]),
    ):
        for collections in (every, every.difference(check.collections), set[str]()):
            rows = [
                permission(policy, collection, action, rule, fields=fields)
                for policy in ("editor", "public")
                for collection in sorted(collections)
                for action in ("create", "read", "update", "delete", "share")
            ]
            (export,) = read(Repository(write_rows(tmp_path, rows)))
            assert check.finds_nothing(export) is (collections is not every)
            answers = list(asked.judge(export))
            found += answers if collections is every else []
            assert collections is every or not answers
    assert found


def names(kind: type[CatalogueRow]) -> set[str]:
    """The modules of a kind of check."""
    of_kind = (check for check in catalogue().values() if isinstance(check, kind))
    return {f"directus_guard.checks.{check.chapter}.{check.module}" for check in of_kind}
