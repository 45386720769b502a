"""`prove` writes to an instance that is fresh and was named, and to no other; each refusal says what was found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.versions import Version
from directus_guard.prove import freshness
from directus_guard.prove.freshness import Contents, InstanceRefusal
from tests.lab.install import MAJORS
from tests.lab.server import EMAIL
from tests.prove.servers import client
from tests.support.sampling import one_of, paired

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.server import Lab, Server

HERE = "http://127.0.0.1:8055"


def refusal(server: Server, destroy: str | None = EMAIL) -> InstanceRefusal | None:
    with client(server) as asked:
        return freshness.refusal(asked, destroy, {})


# --- before anything is sent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", [HERE, "http://localhost:8055", "http://[::1]:8055", "https://throw-away.example.com"]
)
def test_a_named_instance_may_be_asked(origin: str) -> None:
    assert freshness.unsafe(origin, EMAIL, {}) is None


@pytest.mark.parametrize("origin", ["http://throw-away.example.com", "http://192.168.0.1:8055", "http://directus:8055"])
def test_http_is_for_this_machine_only(origin: str) -> None:
    refused = freshness.unsafe(origin, EMAIL, {})
    assert refused is not None
    assert "unencrypted" in refused.message


@pytest.mark.parametrize("destroy", [None, ""])
def test_the_instance_must_be_named(destroy: str | None) -> None:
    refused = freshness.unsafe(HERE, destroy, {})
    assert refused is not None
    assert "not named" in refused.message
    assert "--destroy" in refused.message


@pytest.mark.parametrize("event", ["push", "pull_request", "merge_group", "schedule", "workflow_dispatch"])
def test_events_that_run_what_their_author_may(event: str) -> None:
    assert freshness.unsafe(HERE, EMAIL, {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event}) is None


@pytest.mark.parametrize(
    "event", ["pull_request_target", "workflow_run", "issue_comment", "issues", "repository_dispatch", ""]
)
def test_no_event_that_others_cause_with_the_secrets_of_the_repository(event: str) -> None:
    for environ in ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event}, {"GITHUB_EVENT_NAME": event or "issues"}):
        refused = freshness.unsafe(HERE, EMAIL, environ)
        assert refused is not None
        assert event in refused.message or "which event" in refused.message
        assert "push" in refused.message


def test_an_event_is_no_text_for_the_message() -> None:
    refused = freshness.unsafe(HERE, EMAIL, {"GITHUB_EVENT_NAME": "\x1b[31mpwned"})
    assert refused is not None
    assert "pwned" not in refused.message


# --- what is in it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("major", one_of(MAJORS, "a fresh instance is refused unless it is named"))
def test_a_fresh_instance_is_refused_unless_it_is_named(lab: Lab, major: int) -> None:
    """The refusal does not say its name."""
    with lab.server(major) as server:
        assert refusal(server) is None
        assert refusal(server, EMAIL.upper()) is None
        for typed in ("Directus", "127.0.0.1", "admin@example.org"):
            refused = refusal(server, typed)
            assert refused is not None, typed
            assert "another e-mail address" in refused.message, typed
            assert EMAIL not in refused.message, typed


def a_user(server: Server) -> None:
    server.admin.post("/users", {"email": "more@example.com", "status": "draft"})


def a_role(server: Server) -> None:
    server.admin.post("/roles", {"name": "more"})


def a_permission(server: Server) -> None:
    server.grant_public([{"collection": "directus_files", "action": "read", "fields": ["*"]}])


def a_collection(server: Server) -> None:
    server.admin.post("/collections", {"collection": "more", "schema": {}, "meta": {}})


def a_foreign_table(server: Server) -> None:
    with closing(sqlite3.connect(server.folder / "data.db", timeout=20)) as connection:
        connection.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")
        connection.commit()
    server.admin.post("/utils/cache/clear?system", {})


def a_foreign_column(server: Server) -> None:
    server.admin.post("/fields/directus_users", {"field": "more", "type": "string", "schema": {}})


def a_setting(server: Server) -> None:
    server.admin.patch("/settings", {"project_name": "Production"})


def a_flow(server: Server) -> None:
    server.admin.post("/flows", {"name": "more", "status": "inactive", "trigger": "webhook"})


def a_file(server: Server) -> None:
    server.ask("POST", "/files", token=server.token, files={"file": ("a.txt", b"a", "text/plain")})


def a_share(server: Server) -> None:
    a_collection(server)
    item = server.admin.post("/items/more", {})["id"]
    server.admin.post("/shares", {"name": "more", "collection": "more", "item": str(item)})


def activity(server: Server) -> None:
    """Of an instance that was used and emptied; also of one that `prove` has used."""
    rows = [("login", f"2026-01-01T00:00:{number:02}", "directus_users", "1") for number in range(30)]
    with closing(sqlite3.connect(server.folder / "data.db", timeout=20)) as connection:
        connection.executemany(
            "INSERT INTO directus_activity (action, timestamp, collection, item) VALUES (?, ?, ?, ?)", rows
        )
        connection.commit()


MORE: dict[str, tuple[Callable[[Server], None], str]] = {
    "user": (a_user, "2 rows of users, a fresh one has 1"),
    "role": (a_role, "2 rows of roles, a fresh one has 1"),
    "permission": (a_permission, "1 rows of permissions, a fresh one has 0"),
    "collection": (a_collection, "1 table of its own: `more`"),
    "foreign table": (a_foreign_table, "1 table of its own: `more`"),
    "foreign column": (a_foreign_column, "1 field of its own: `directus_users.more`"),
    "setting": (a_setting, "settings were changed: `project_name`"),
    "flow": (a_flow, "1 rows of flows, a fresh one has 0"),
    "file": (a_file, "1 rows of files, a fresh one has 0"),
    "share": (a_share, "1 rows of shares, a fresh one has 0"),
    "activity": (activity, "30 rows of activity, a fresh one has up to 20"),
}


@pytest.mark.parametrize(("what", "major"), paired(MORE, MAJORS))
def test_whatever_is_more_than_in_a_fresh_one_is_refused(lab: Lab, major: int, what: str) -> None:
    """Each on one version; `make every` takes all."""
    make, said = MORE[what]
    with lab.server(major) as server:
        make(server)
        refused = refusal(server)
        assert refused is not None
        assert said in refused.message
        assert "Start a new one" in refused.message


@pytest.mark.parametrize("major", one_of(MAJORS, "another token than the administrators is refused"))
def test_another_token_than_the_administrators_is_refused(lab: Lab, major: int) -> None:
    """It cannot see whether the instance is empty: `prove` must not take that for empty."""
    from directus_guard.live.target import target
    from directus_guard.prove.client import ProveError, WriteClient
    from directus_guard.secret import Secret

    with lab.server(major) as server:
        member = server.member(None)
        with WriteClient(target(server.url, token=Secret(member.token))) as asked, pytest.raises(ProveError):
            freshness.refusal(asked, EMAIL, {})


# --- versions that were not measured ---------------------------------------------------------------------------------


def test_each_major_of_the_lab_was_measured() -> None:
    for major in MAJORS:
        found = freshness.fresh(Version(major, 0, 0))
        assert found is not None, major
        assert found.counts["users"] == 1
    assert freshness.fresh(Version(9, 0, 0)) is None


def test_a_version_that_has_less_is_fresh_too_and_what_is_unknown_must_be_empty() -> None:
    expected = Contents({"users": 1, "comments": 0}, ("directus_users", "directus_comments"), (), {"a": 1})

    def differences(**changed: Any) -> list[str]:
        found = Contents({"users": 1}, ("directus_users",), (), {"a": 1})
        for name, value in changed.items():
            found = Contents(**{**{one: getattr(found, one) for one in found.__struct_fields__}, name: value})
        return list(freshness.differences(expected, found))

    assert differences() == []
    assert differences(settings={"b": None, "c": False, "d": []}) == []
    assert differences(settings={"b": "set"}) == ["settings were changed: `b`"]
    assert differences(counts={"novel": 1}) == ["it has 1 rows of novel, a fresh one has 0"]
    assert differences(collections=("directus_novel",)) == ["it has 1 table of its own: `directus_novel`"]
    assert differences(collections=tuple(f"t{number}" for number in range(9))) == [
        "it has 9 tables of its own: `t0`, `t1`, `t2`, `t3`, `t4` and 4 more"
    ]
