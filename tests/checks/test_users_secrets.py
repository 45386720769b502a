"""What users-secrets-read says where several policies read secrets, and where the version hides some of them."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from directus_guard.checks.access.users_secrets_read import users_secrets_read
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.finding import Confidence
from tests.support.worlds import ME, Row, World

USERS: Final = "directus_users"
ALL: Final = World(
    [Row(USERS, "read", ("*",), {"status": {"_eq": "active"}})], customer=[Row(USERS, "read", ("id", "tfa_secret"))]
)


def test_one_finding_names_all_policies() -> None:
    (failure,) = users_secrets_read.judge(ALL.export("11.16.0"))
    assert isinstance(failure, Failure)
    assert failure.subject.key == "test Customer Editor read directus_users secrets"
    assert len(failure.related) == 2
    assert failure.fix is not None
    assert failure.fix.description == (
        "Remove `auth_data`, `token` and `tfa_secret` from `fields` of the permissions of policies `Customer`, `Editor` to read `directus_users`."
        " Name the other fields in place of `*`."
    )
    assert "11.17.0" in failure.message


def test_newer_versions_hide_what_is_concealed() -> None:
    (failure,) = users_secrets_read.judge(ALL.export("12.4.1"))
    assert isinstance(failure, Failure)
    assert dict(failure.subject.details)["policies"] == ("Editor",)
    assert "11.17.0" not in failure.message
    assert list(users_secrets_read.judge(World([Row(USERS, "read", rule=ME)]).export("10.13.4"))) == []
    assert list(users_secrets_read.judge(World([Row(USERS, "read", ("token",))]).export("11.17.0"))) == []
    assert len(list(users_secrets_read.judge(World([Row(USERS, "read", ("token",))]).export("10.13.4")))) == 1


def test_without_the_version_tokens_are_not_evaluated() -> None:
    export = World([Row(USERS, "read", ("id", "token"))]).export()
    unknown = replace(export, gaps=(Gap(ExportPart.VERSION, "the export does not have the version of Directus"),))
    (answer,) = users_secrets_read.judge(unknown)
    assert isinstance(answer, NotEvaluated)


def test_who_has_a_policy_may_not_be_known() -> None:
    export = World([Row(USERS, "read", ("id", "auth_data"))]).export()
    assumed = tuple(replace(row, assumed=True) for row in export.model.access)
    gaps = (Gap(ExportPart.ATTACHMENTS, "the export has no directus_access"),)
    (failure,) = users_secrets_read.judge(replace(export, model=replace(export.model, access=assumed), gaps=gaps))
    assert isinstance(failure, Failure)
    assert failure.confidence is Confidence.MEDIUM
