"""Answers of checks on exported configuration and on running instances that few projects get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import InstanceCheck
from directus_guard.checks.flows._credentials import credentials
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.access.records import Role
from directus_guard.directus.export import Settings
from directus_guard.directus.flows.data import MAX_DEPTH
from directus_guard.directus.flows.records import Operation
from directus_guard.directus.gaps import Gap, InstancePart
from directus_guard.directus.instance import Instance, Probe
from directus_guard.directus.project import Project
from directus_guard.directus.versions import Version
from directus_guard.finding import Confidence, Location, Status
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.support.deployment_findings import answered
from tests.support.environments import environment
from tests.support.flows import HERE
from tests.support.rows import ACCESS, POLICIES, flow, operations, permission, write

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.finding import Finding, Report

SETTINGS: Final = {"id": 1, "project_name": "x", "public_registration": True, "public_registration_verify_email": True,
                   "public_registration_email_filter": {"email": {"_ends_with": "@acme.com"}}}  # fmt: skip
OLD: Final[list[Any]] = [
    {"id": "admins", "name": "Administrator", "icon": "x", "admin_access": True, "app_access": True, "ip_access": None, "enforce_tfa": True},
    {"id": "editors", "name": "Editor", "icon": "x", "admin_access": False, "app_access": True, "ip_access": None, "enforce_tfa": False},
]  # fmt: skip
"""Roles of Directus 10, which has no policies."""


def report(folder: Path, version: str = "") -> Report:
    told = Version(*map(int, version.split("."))) if version else None
    return audit(Options(root=folder, directus_version=told))


def of(told: Report, check: str) -> list[Finding]:
    return [finding for finding in (*told.findings, *told.nonproduction) if finding.check == check]


def old(folder: Path, permissions: list[Any]) -> Path:
    """An export of Directus 10."""
    write(folder, permissions, roles=OLD)
    for name in ("policies", "access"):
        (folder / f"{name}.json").unlink()
    return folder


def only(folder: Path) -> Export:
    (export,) = exports.read(Repository(folder))
    return export


# --- access ------------------------------------------------------------------------------------------------------------


def test_a_collection_that_calls_itself_a_junction(tmp_path: Path) -> None:
    rows = [permission("editor", "junction_authors", "create", id=1), permission("editor", "authors", "create", id=2)]
    found = of(report(write(tmp_path, rows)), "junction-create")
    assert [(finding.row.line, finding.confidence) for finding in found] == [(2, Confidence.LOW)]


@pytest.mark.parametrize(("version", "count"), [("12.4.1", 1), ("12.5.0", 0)])
def test_a_second_factor_of_a_policy_that_a_user_has(tmp_path: Path, version: str, count: int) -> None:
    access = [{**one, "role": None, "user": "u"} if one["policy"] == "admin" else one for one in ACCESS]
    folder = write(tmp_path, [permission("editor", "posts", "read")], access=access)
    assert len(of(report(folder, version), "admin-two-factor")) == count


@pytest.mark.parametrize(("studio", "count"), [("editor", 1), ("public", 0)])
def test_registration_into_a_role_that_opens_the_studio(tmp_path: Path, studio: str, count: int) -> None:
    policies = [{**one, "app_access": one["id"] == studio} for one in POLICIES]
    folder = write(
        tmp_path, [permission("editor", "posts", "read")], policies=policies,
        settings={**SETTINGS, "public_registration_role": "editors"},
    )  # fmt: skip
    found = of(report(folder), "public-registration")
    assert [finding.message.count("The role opens the Data Studio.") for finding in found] == [1] * count


@pytest.mark.parametrize(("role", "count"), [("editors", 1), (None, 0)])
def test_copied_rows_on_users_before_there_were_policies(tmp_path: Path, role: str | None, count: int) -> None:
    row = {**permission("x", "directus_users", "read"), "role": role, "permissions": {}}
    del row["policy"]
    assert len(of(report(old(tmp_path, [row])), "recommended-app-access")) == count


def test_a_rule_on_a_create_row_that_its_validation_repeats(tmp_path: Path) -> None:
    rule = {"status": {"_eq": "draft"}}
    held = permission(
        "editor", "posts", "create", rule, id=1, validation={"_and": [rule, {"status": {"_nnull": True}}]}
    )
    free = permission("editor", "pages", "create", rule, id=2)
    found = of(report(write(tmp_path, [held, free])), "rule-without-effect")
    assert [finding.subject.key for finding in found] == [". Editor create pages"]


def test_two_rows_with_rules_that_match_everything(tmp_path: Path) -> None:
    rows = [permission("editor", "posts", "read", {"id": {"_nnull": True}}, id=number) for number in (1, 2)]
    assert of(report(write(tmp_path, rows)), "rule-without-effect")


# --- who has a row -----------------------------------------------------------------------------------------------------


def test_validations_before_there_were_policies(tmp_path: Path) -> None:
    """10 joins the validations of a role's rows by OR: what one of them holds, another one frees."""
    held = {**permission("x", "posts", "create", {"status": {"_eq": "draft"}}), "role": "editors", "id": 1}
    del held["policy"]
    held["validation"] = {"_and": [{"status": {"_eq": "draft"}}, {"status": {"_nnull": True}}]}
    assert of(report(old(tmp_path, [held])), "rule-without-effect") == []
    assert of(report(old(tmp_path, [{**held, "validation": None}])), "rule-without-effect") != []


def test_an_export_without_attachments_says_so(tmp_path: Path) -> None:
    folder = write(tmp_path, [permission("editor", "directus_permissions", "create")])
    (folder / "access.json").unlink()
    found = [finding for finding in report(folder).findings if finding.subject.kind == "permission"]
    assert found
    assert all("does not say who has which policy" in finding.message for finding in found)


def test_a_policy_that_may_be_the_publics(tmp_path: Path) -> None:
    """directus-sync does not tell users: what is attached to no role may be the public's."""
    policies = [{**POLICY, "_syncId": "own", "roles": [{"role": None, "sort": 1}]}]
    rows = [{**permission("own", "directus_users", "read", {}), "_syncId": "1"}]
    for name, records in (("policies", policies), ("permissions", rows), ("roles", [])):
        path = tmp_path / "directus-config" / "collections" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(records), encoding="utf-8")
    found = [one for one in report(tmp_path).findings if one.check.startswith("public-")]
    assert found
    words = "does not say whether `Members` is attached to the public or to a user"
    assert all(words in one.message for one in found)


# --- flows -------------------------------------------------------------------------------------------------------------

POLICY: Final = {"name": "Members", "icon": "x", "description": None, "admin_access": False, "app_access": False,
                 "enforce_tfa": False, "ip_access": None}  # fmt: skip


def flows(folder: Path, *given: tuple[str, Any], **options: Any) -> Path:
    return write(folder, [permission("editor", "posts", "read")], flows=flow(**options), operations=operations(*given))


@pytest.mark.parametrize(("code", "count"), [("return '{{ $trigger.body }}'", 1), ("return '{{ $trigger.body'", 0)])
def test_code_with_a_template_that_cannot_be_rendered(tmp_path: Path, code: str, count: int) -> None:
    assert len(of(report(flows(tmp_path, ("exec", {"code": code}))), "script-injection")) == count


@pytest.mark.parametrize(
    ("version", "words"), [("10.5.3", "runs scripts in vm2"), ("10.13.4", "sees all data of the flow")]
)
def test_where_a_script_runs(tmp_path: Path, version: str, words: str) -> None:
    (found,) = of(report(flows(tmp_path, ("exec", {"code": "return 1"})), version), "script-operation")
    assert words in found.message


@pytest.mark.parametrize(("collection", "count"), [("directus_files", 1), ("posts", 0)])
def test_a_webhook_that_makes_files_for_the_public(tmp_path: Path, collection: str, count: int) -> None:
    options = {"collection": collection, "permissions": "$public", "payload": {"title": "{{ $trigger.body.t }}"}}
    told = flows(tmp_path, ("item-create", options))
    rows = [permission("public", name, "create", id=number) for number, name in enumerate(("directus_files", "posts"))]
    found = of(report(write(told, rows)), "webhook-privileged")
    assert [finding.message.count("writes files") for finding in found] == [1] * count


@pytest.mark.parametrize(
    ("name", "status"), [("docker-compose.dev.yml", Status.NOT_EVALUATED), ("compose.yaml", Status.PASS)]
)
def test_a_webhook_that_is_closed_in_development(tmp_path: Path, name: str, status: Status) -> None:
    closed = ("condition", {"filter": {"$env": {"OPEN": {"_eq": "yes"}}}})
    making = ("item-create", {"collection": "posts", "permissions": "$full", "payload": {"a": "{{ $trigger.body.a }}"}})
    (tmp_path / name).write_text(
        "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n"
        "      FLOWS_ENV_ALLOW_LIST: OPEN\n      OPEN: 'no'\n      PUBLIC_URL: https://cms.acme.com\n",
        encoding="utf-8",
    )
    assert answered(report(flows(tmp_path, closed, making)), "webhook-privileged") == {status}


def test_a_credential_that_lies_deep() -> None:
    def held(value: str) -> list[str]:
        option: Any = value
        for _ in range(MAX_DEPTH + 1):
            option = {"a": option}
        return list(credentials(Operation("a", "a", "mail", "f", {"x": option}, None, None, HERE)))

    assert len(held("ghp_" + "a1B2" * 9)) == 1
    assert held("a text") == []


# --- instances ---------------------------------------------------------------------------------------------------------

REFUSED: Final = "/server/specs/oas answered with status 500"
ASKED: Final = Instance(
    "https://cms.example.com", Location("compose.yaml"), environment(), gaps=(Gap(InstancePart.LISTED, REFUSED),)
)
NOTHING: Final = Project(environments=())


def answers(check: str, instance: Instance, project: Project = NOTHING) -> list[CheckResult]:
    found = catalogue()[check]
    assert isinstance(found, InstanceCheck)
    return list(found.judge(instance, project))


def reasons(check: str, instance: Instance, project: Project = NOTHING) -> list[str]:
    told = answers(check, instance, project)
    assert all(isinstance(answer, NotEvaluated) for answer in told)
    return [answer.reason for answer in told if isinstance(answer, NotEvaluated)]


def test_what_is_public_where_the_instance_does_not_tell() -> None:
    assert reasons("anonymous-schema", ASKED) == [REFUSED]
    asked = replace(ASKED, probes=(Probe("posts", refused=True),))
    assert reasons("anonymous-read", asked) == [f"it is not known which collections are public: {REFUSED}"]
    assert answers("anonymous-read", replace(asked, gaps=())) == []


def test_an_instance_that_two_exports_may_describe(tmp_path: Path) -> None:
    export = only(write(tmp_path, [permission("editor", "posts", "read")]))
    instance = replace(ASKED, export=export, gaps=())
    two = Project(environments=(), exports=(export, replace(export, name="other")))
    assert reasons("drift", instance, two) == [
        f"it is not known which export describes this instance: {export.name}, other"
    ]
    assert not any("which export" in reason for reason in reasons("drift", instance, Project((), (), (export,))))


def test_a_difference_that_cannot_be_weighed(tmp_path: Path) -> None:
    """Which of two rules lets more through is not known: neither implies the other as far as can be seen."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    rule = {"title": {"_regex": "^a+$"}}
    told = only(write(tmp_path / "a", [permission("editor", "posts", "read", rule)]))
    live = only(write(tmp_path / "b", [permission("editor", "posts", "read", {"title": {"_regex": "^b*$"}})]))
    found = answers("drift", replace(ASKED, export=live, gaps=()), Project((), (), (told,)))
    open_ = [answer.reason for answer in found if isinstance(answer, NotEvaluated)]
    assert any("Whether that is more than the other side allows is not known." in reason for reason in open_)
    assert not any(isinstance(answer, Failure) for answer in found)


def test_a_setting_that_differs_is_set_to_the_narrower_value(tmp_path: Path) -> None:
    export = only(write(tmp_path, [permission("editor", "posts", "read")]))

    def fix(live: bool, told: bool) -> str:
        sides = [
            replace(export, settings=Settings({"public_registration": value}, export.location))
            for value in (live, told)
        ]
        (answer,) = (
            one
            for one in answers("drift", replace(ASKED, export=sides[0], gaps=()), Project((), (), (sides[1],)))
            if isinstance(one, Failure)
        )
        return fix_of(answer)

    assert fix(True, False).startswith("Set `public_registration` in the instance to `false`.")
    assert fix(False, True).startswith("Set `public_registration` in the repository to `false`.")


def test_a_role_of_one_side_only_says_which_side(tmp_path: Path) -> None:
    export = only(write(tmp_path, [permission("editor", "posts", "read")]))
    more = replace(export, model=replace(export.model, roles=(*export.model.roles, Role("extra", "Extra"))))
    for live, told, where in ((more, export, "instance"), (export, more, "repository")):
        found = answers("drift", replace(ASKED, export=live, gaps=()), Project((), (), (told,)))
        (answer,) = (one for one in found if isinstance(one, Failure))
        assert answer.actual == f"more in the {where}"
        assert fix_of(answer).startswith(f"Change the role `Extra` in the {where} ")


def fix_of(answer: CheckResult) -> str:
    assert isinstance(answer, Failure)
    assert answer.fix is not None
    return answer.fix.description


def test_what_takes_public_access_back(tmp_path: Path) -> None:
    """The permission of the version's public; where no permission allows it, what answers in place of Directus."""
    export = only(write(tmp_path, [permission("editor", "posts", "read")]))
    asked = replace(ASKED, gaps=(), probes=(Probe("posts", count=3, fields=("id",)),))
    repository = Project(environments=(), exports=(export,))
    for version, holder in (
        (None, "Public policy"),
        (Version(12, 4, 1), "Public policy"),
        (Version(10, 13, 4), "Public role"),
    ):
        (answer,) = answers("anonymous-read", replace(asked, version=version), repository)
        assert fix_of(answer).startswith(f"Remove read on `posts` from the {holder} of this instance.")
    (answer,) = answers("anonymous-read", replace(asked, export=export))
    assert fix_of(answer).startswith("Remove what answers in place of Directus")


def test_several_values_that_no_condition_tests(tmp_path: Path) -> None:
    payload = {"name": "{{ $trigger.body.name }}", "note": "{{ $trigger.body.note }}"}
    written = ("item-create", {"collection": "orders", "payload": payload})
    (found,) = of(report(flows(tmp_path, written)), "webhook-unvalidated")
    assert found.fix is not None
    assert (
        "It has to test `$trigger.body.name`, `$trigger.body.note`: for the first, a filter such as"
        in found.fix.description
    )
    assert '{"$trigger": {"body": {"name": {"_regex":' in found.fix.description
