"""What a finding about a promise says, and what it leaves open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from directus_guard.audit.options import Options
from directus_guard.audit.promises import promises_of
from directus_guard.audit.run import audit
from directus_guard.checks.access.access_promise import access_promise
from directus_guard.checks.result import Failure, NotEvaluated, Pass
from directus_guard.config import load
from directus_guard.directus.access.promises import Promise, PromiseKind
from directus_guard.directus.access.records import Edition, User
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.directus.project import Project
from directus_guard.finding import SetMember
from tests.support.each import each_case
from tests.support.worlds import EDITOR, Row, World

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export

ONLY: Final = Promise(
    PromiseKind.ONLY,
    ("Editor",),
    ("*",),
    ("posts",),
    fields=("id",),
    rule={"status": {"_eq": "draft"}},
    place="c.yaml:2",
)
NEVER: Final = Promise(PromiseKind.NEVER, ("Editor",), ("*",), ("posts",), place="c.yaml:2")


def answers(export: Export, *promises: Promise) -> list[CheckResult]:
    return [answer for _, answer in access_promise.judge(Project((), exports=(export,), promises=promises))]


def failure(export: Export, promise: Promise) -> Failure:
    (found,) = [one for one in answers(export, promise) if isinstance(one, Failure)]
    return found


def reasons(export: Export, *promises: Promise) -> str:
    return " ".join(one.reason for one in answers(export, *promises) if isinstance(one, NotEvaluated))


@each_case(
    ("row", "promise", "says", "fix"),
    [
        (Row("posts", "create"), NEVER, "lets `Editor` create items.", "Delete this permission."),
        (Row("posts", "delete", rule={"a": {"_regex": "x"}}), NEVER, "lets `Editor` delete items where", "Delete this permission."),
        (Row("posts", "delete"), NEVER, "lets `Editor` delete every item.", "Delete this permission."),
        (Row("posts", "share"), NEVER, "lets `Editor` share every item.", "Delete this permission."),
        (Row("posts", "update", rule=ONLY.rule), ONLY, "update every other field, too.", "Set `fields` of this permission to `id`."),
        (Row("posts", "read", ("title",), ONLY.rule), ONLY, "read `title`, too.", "Delete this permission."),
        (Row("posts", "read", ("id", "a", "b", "c", "d", "e"), ONLY.rule), ONLY, "`a`, `b`, `c`, `d` and 1 more, too.", "Remove `a`"),
        (Row("posts", "read", ("id",)), ONLY, 'read every item, for example `{"status": "other"}`.', "Set the item rule of this permission"),
        (Row("posts", "read", ("id", "a")), ONLY, "read `a`, too. This permission lets `Editor` read every item", "Remove `a` from `fields`"),
        (Row("posts", "create", ("id", "status")), ONLY, "create `status`, too. This permission lets `Editor` create other items", "Remove `status`"),
        (
            Row("posts", "create", ("id", "status"), validation={"id": {"_nnull": True}}),
            replace(ONLY, fields=()),
            "create other items",
            'Add `{"status": {"_eq": "draft"}}` to `validation` of this permission, in a list of `_and`.',
        ),
        (Row("posts", "create", ("title",)), ONLY, "create `title`, too.", "Delete this permission."),
    ],
)  # fmt: skip
def test_what_a_finding_says(row: Row, promise: Promise, says: str, fix: str) -> None:
    found = failure(World([row]).export(), promise)
    assert says in found.message
    assert found.fix
    assert found.fix.description.startswith(fix)


def test_the_validation_is_added_to_the_present_one() -> None:
    validation: Any = {"id": {"_nnull": True}}
    export = World([Row("posts", "create", ("id", "status"), validation=validation)]).export()
    found = failure(export, replace(ONLY, fields=()))
    assert found.fix
    (patch,) = found.fix.rows
    assert patch.changes == (
        SetMember(("validation",), '{"_and": [{"id": {"_nnull": true}}, {"status": {"_eq": "draft"}}]}'),
    )


def test_on_core_only_deletion_helps() -> None:
    export = World([Row("posts", "create")]).export("12.4.1", Edition.CORE)
    found = failure(export, ONLY)
    assert found.fix
    assert found.fix.description == "Delete this permission."


def test_many_names_are_counted() -> None:
    names = tuple(f"r{number}" for number in range(7))
    promise = replace(NEVER, principals=("*",), excepted=("Administrator", *names), reason="a.")
    found = failure(World([Row("posts", "delete")]).export(), promise)
    assert "`r0`, `r1`, `r2` and 4 more may do anything with `posts`. Its reason: a. This" in found.message


def test_what_only_the_base_names_is_open() -> None:
    export = World().export()
    assert "`Author`, which the promise in `c.yaml:2` names, is not in the export" in reasons(
        export, replace(NEVER, principals=("Author",), of_base=True)
    )
    assert reasons(export, replace(ONLY, principals=("Author",), collections=("directus_users",))) == ""


def test_a_user_whose_role_is_not_known() -> None:
    export = World(users=(User("u1", EDITOR, name="Ada"),)).export()
    gap = Gap(ExportPart.USERS, "the export leaves users out")
    promise = replace(ONLY, principals=("Ada",), collections=("directus_files",))
    assert reasons(export, promise) == ""
    assert reasons(replace(export, gaps=(gap,)), promise) == "the export leaves users out"


def test_two_promises_about_a_row_are_two_findings(tmp_path: Path) -> None:
    config = """access:
  - only: {principal: Editor, action: read, collection: posts, fields: [id]}
  - only: {principal: Editor, action: read, collection: posts, rule: {status: {_eq: draft}}}
"""
    row = {"policy": "p", "collection": "posts", "action": "read", "fields": ["id", "title"]}
    files = {
        "permissions": [{**row, "permissions": None, "validation": None, "presets": None}],
        "policies": [{"id": "p", "name": "Editor", "admin_access": False, "app_access": False, "enforce_tfa": True, "ip_access": None}],
        "access": [{"id": "a", "policy": "p", "role": "r", "user": None, "sort": 1}],
        "roles": [{"id": "r", "name": "Editor", "parent": None}],
    }  # fmt: skip
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    promises = tuple(promises_of(load("c.yaml", config), "c.yaml"))
    found = [one for one in audit(Options(root=tmp_path, promises=promises)).findings if one.check == "access-promise"]
    assert {one.fingerprint.rsplit(" ", 1)[-1] for one in found} == {"only:Editor:id", "only:Editor:rule"}


def test_promises_of_a_folder_are_not_about_the_instance() -> None:
    export = replace(World([Row("posts", "read")]).export(), live=True, name="https://cms.example.com")
    assert len([one for one in answers(export, ONLY) if isinstance(one, Failure)]) == 1
    assert answers(export, replace(ONLY, folder="shop")) == []


def test_the_four_answers() -> None:
    """Where nothing is promised the index says that the check is not applicable."""
    export = World([Row("posts", "read", ("id",), ONLY.rule)]).export()
    assert answers(export, replace(ONLY, fields=())) == [Pass("1 promise kept")]
    assert answers(export, replace(ONLY, fields=()), replace(ONLY, folder="elsewhere")) == [Pass("1 promise kept")]
    assert answers(export, replace(ONLY, folder="elsewhere")) == []
    assert answers(export) == []
    ((_, open_),) = access_promise.judge(Project((), promises=(ONLY,)))
    assert isinstance(open_, NotEvaluated)


def test_the_validation_of_a_promise_as_it_is_written() -> None:
    """With the name of the licence where it is not known, and without a place where there is none."""
    rule: Any = {"status": {"_eq": "geprüft"}}
    promise = replace(ONLY, fields=("id", "status"), rule=rule)
    export = World([Row("posts", "create", ("id", "status", "title"))]).export()
    found = failure(export, promise)
    assert found.fix
    text = '{"status": {"_eq": "geprüft"}}'
    remove = "Remove `title` from `fields` of this permission."
    validate = f"Set `validation` of this permission to `{text}`."
    assert found.fix.description == f"{remove} {validate}"
    (patch,) = found.fix.rows
    assert patch.changes[-1] == SetMember(("validation",), text)
    unknown = replace(export, gaps=(Gap(ExportPart.EDITION, "judged as licensed"),))
    found = failure(unknown, promise)
    assert found.fix
    assert found.fix.description.startswith(f"{remove} {validate} ")
    assert "licence" in found.fix.description
    rows = tuple(replace(row, location=None) for row in export.model.permissions)
    found = failure(replace(export, model=replace(export.model, permissions=rows)), promise)
    assert found.fix
    assert found.fix.rows == ()


@each_case("version", ["10.13.4", "11.17.4"])
def test_app_access_of_a_role_or_policy(version: str) -> None:
    """Each that has it is named, and no other."""
    export = World(users=(User("u1", EDITOR, name="Ada"),)).export(version)
    model = export.model
    roles = tuple(replace(one, app_access=one.name == "Editor") for one in model.roles)
    policies = tuple(replace(one, app_access=one.name == "Editor") for one in model.policies)
    export = replace(export, model=replace(model, roles=roles, policies=policies))
    promise = Promise(
        PromiseKind.NEVER, ("*",), ("read",), ("directus_roles",), excepted=("Administrator",), place="c:1"
    )
    found = [one for one in answers(export, promise) if isinstance(one, Failure)]
    assert [one.actual for one in found] == ["app_access"]
    assert [one.members for one in found] == [(("app_access",),)]
    assert found[0].title.endswith("`Editor` has app access against a promise")
    assert dict(found[0].subject.details)["policy"] == "Editor"


@each_case("version", ["10.13.4", "11.17.4"])
def test_who_makes_administrators(version: str) -> None:
    promise = Promise(PromiseKind.NEVER, ("*",), ("read",), ("posts",), place="c:1")
    found = [one for one in answers(World().export(version), promise) if isinstance(one, Failure)]
    (admin,) = [one for one in found if one.actual == "admin_access"]
    assert admin.title.endswith(" makes administrators against a promise")
    assert admin.expected == "no `admin_access`"


def test_what_is_undecided_is_said_once() -> None:
    rows = [
        Row("posts", "read", rule={"title": {"_regex": "x"}}),
        Row("posts", "read", rule={"title": {"_regex": "x"}}),
    ]
    promise = replace(ONLY, fields=(), rule={"status": {"_eq": "draft"}})
    open_ = [one.reason for one in answers(World(rows).export(), promise) if isinstance(one, NotEvaluated)]
    assert len(open_) == len(set(open_))
