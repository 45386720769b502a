"""The audit on real servers of three majors: what it sees, that it only reads, and what it costs."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.directus.access.records import Edition
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.versions import Version
from directus_guard.finding import Location, Status
from directus_guard.live import auditor
from directus_guard.live.collect import collect
from directus_guard.live.target import target
from directus_guard.report.writers import ACCESS_WRITERS, REPORT_WRITERS
from directus_guard.secret import Secret
from tests.github import runner
from tests.lab.install import MAJORS
from tests.lab.server import TOKEN, row
from tests.live.seeds import PLANTED, flawed, many
from tests.live.servers import proxy
from tests.support.cli import guard, guard_once
from tests.support.exports import gaps_of
from tests.support.hostile import is_annotation
from tests.support.sampling import one_of, paired

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.instance import Instance
    from directus_guard.finding import Report
    from tests.lab.server import Lab, Server


def asked(server: Server, token: str | None = TOKEN, **more: Any) -> Instance:
    return collect(target(server.url, token=Secret(token) if token else None), location=Location("x"), **more).instance


def report_on(url: str, root: Path, token: str | None = TOKEN, **more: Any) -> Report:
    return audit(Options(root=root, target=target(url, token=Secret(token) if token else None, **more)))


def an_auditor(server: Server) -> str:
    """The token of a user with exactly what `auditor-policy` prints."""
    version = Version.parse(server.version)
    assert version is not None
    made = json.loads(guard("auditor-policy", "--directus-version", server.version).out)
    assert made == auditor.policy(version, Edition.CORE)
    if server.major < 11:
        role = server.admin.post("/roles", made["role"])["id"]
        server.admin.post("/permissions", [{**one, "role": role} for one in made["permissions"]])
        return server.member(role).token
    policy = server.admin.post("/policies", made)["id"]
    role = server.admin.post("/roles", {"name": auditor.NAME})["id"]
    server.attach(policy, role=role)
    return server.member(role, policy).token


def rows_of_the_auditor(major: int) -> list[dict[str, Any]]:
    permissions: Any = auditor.policy(Version(major, 0, 0), Edition.CORE)["permissions"]
    return [row(one["collection"], "read") for one in permissions]


@pytest.mark.parametrize("major", MAJORS)
def test_what_an_administrator_s_token_sees(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        flawed(server)
        found = asked(server)
        export = found.export
        assert export is not None
        assert (str(found.version), found.set_up in (None, True), found.gaps) == (server.version, True, ())
        assert export.model.edition is (Edition.CORE if HAS_EDITIONS.of_major(major) else Edition.LICENSED)
        stored = {str(one["id"]) for one in server.admin.get("/permissions", limit=-1) if one.get("id")}
        assert {str(one.id) for one in export.model.permissions} == stored
        assert not any(one.system for one in export.model.permissions)
        assert len(export.model.users) == len(server.admin.get("/users", limit=-1))
        assert {user.has_token for user in export.model.users} == {True}
        assert {user.has_second_factor for user in export.model.users} == {False}
        assert export.public_reads == {"articles"}
        assert [(one.collection, one.count, one.fields) for one in found.probes] == [("articles", 2, ("id", "title"))]
        assert found.listed == {"articles": ("read",)}
        assert [flow.trigger for flow in export.flows] == ["webhook"]
        assert export.schema is not None
        assert set(export.schema.by_collection["drafts"]) == {"id", "title"}
        assert export.schema.complete
        assert gaps_of(export) == {}


@pytest.mark.parametrize("major", one_of(MAJORS, "the auditor sees the same"))
def test_the_auditor_sees_the_same(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        flawed(server)
        token = an_auditor(server)
        administrator, found = asked(server).export, asked(server, token)
        export = found.export
        assert administrator is not None
        assert export is not None
        assert set(gaps_of(export)) == {"data model"}
        assert found.gaps == ()
        for part in ("roles", "policies", "access", "permissions", "users"):
            assert sorted(map(repr, getattr(export.model, part))) == sorted(
                map(repr, getattr(administrator.model, part))
            ), part
        assert export.flows == administrator.flows
        assert export.operations == administrator.operations
        assert export.settings == administrator.settings
        # It reads nothing else, and changes nothing.
        assert server.ask("GET", "/items/drafts", token=token).status_code == 403
        assert server.ask("PATCH", "/settings", token=token, json={"project_name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("hidden", "major"), paired(["users", "permissions", "flows", "roles", "settings", "shares"], MAJORS)
)
def test_what_the_token_may_not_see_is_not_evaluated(lab: Lab, major: int, hidden: str) -> None:
    """Each on one version; `make every` takes all."""
    with lab.server(major) as server:
        rows = rows_of_the_auditor(major)
        actor = server.actor([one for one in rows if one["collection"] != f"directus_{hidden}"])
        found = asked(server, actor.token)
        assert found.export is not None
        gaps = {**gaps_of(found.export), **gaps_of(found)}
        key = {"roles": "parents", "users": "users"}.get(hidden, hidden)
        assert key in gaps or "sight" in gaps
        if hidden == "permissions":
            assert found.export.model.permissions == ()


@pytest.mark.parametrize("major", [11, 10])
def test_rows_that_a_rule_hides_from_the_token_are_noticed(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        rows = rows_of_the_auditor(major)
        for one in rows:
            if one["collection"] == "directus_flows":
                one["permissions"] = {"name": {"_neq": "secret"}}
        found = asked(server, server.actor(rows).token)
        assert found.export is not None
        assert "flows" in gaps_of(found.export)


def test_core_hides_rows_and_that_is_said(lab: Lab) -> None:
    with lab.server(12) as server:
        policy = server.policy([row("directus_files", "read")])
        database = sqlite3.connect(server.folder / "data.db")
        database.execute(
            "INSERT INTO directus_permissions (policy, collection, action, permissions, fields) VALUES (?, ?, ?, ?, ?)",
            (policy, "directus_files", "update", '{"uploaded_by":{"_eq":"$CURRENT_USER"}}', "title"),
        )
        database.commit()
        database.close()
        found = asked(server).export
        assert found is not None
        assert found.model.edition is Edition.CORE
        assert "1 permission row is stored" in gaps_of(found)["hidden rows"]


@pytest.mark.parametrize("major", one_of(MAJORS, "a whole audit only reads"))
def test_a_whole_audit_only_reads(lab: Lab, major: int, tmp_path: Path) -> None:
    with lab.server(major) as server:
        flawed(server)
        tokens = (TOKEN, an_auditor(server), None)
        report_on(server.url, tmp_path)  # the first request with a token is noted by Directus itself: last_access
        before = _tables(server)
        with proxy(server.url, lambda _: None) as watched:
            for token in tokens:
                report_on(watched.url, tmp_path, token, probe_all=True)
        assert _tables(server) == before
        requests = watched.requests
        assert {one.method for one in requests} == {"GET"}
        assert not [
            one.path for one in requests if one.path.startswith(("/flows/trigger", "/files/import", "/server/setup"))
        ]
        assert len(requests) > 50


def _tables(server: Server) -> dict[str, list[str]]:
    database = sqlite3.connect(f"file:{server.folder / 'data.db'}?mode=ro", uri=True)
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    rows: dict[str, list[str]] = {}
    for name in names:
        columns = [about[1] for about in database.execute(f'PRAGMA table_info("{name}")')]
        listed = ", ".join(f'"{one}"' for one in columns if (name, one) != ("directus_users", "last_access"))
        rows[name] = sorted(map(repr, database.execute(f'SELECT {listed} FROM "{name}"')))
    database.close()
    return rows


def test_the_token_goes_to_the_instance_only_and_not_with_probes(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as server:
        flawed(server)
        with proxy(server.url, lambda _: None) as watched:
            report_on(watched.url, tmp_path)
        assert all(one.token == f"Bearer {TOKEN}" for one in watched.requests if one.path in ("/permissions", "/users"))
        assert all(
            one.token is None for one in watched.requests if one.path.startswith(("/items", "/server/specs", "/admin"))
        )
        assert not [one for one in watched.requests if TOKEN in one.query or "access_token" in one.query]


@pytest.mark.parametrize("major", one_of(MAJORS, "secrets and addresses of an instance reach no output"))
def test_secrets_and_addresses_of_an_instance_reach_no_output(
    lab: Lab, major: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with lab.server(major) as server:
        flawed(server)
        monkeypatch.setenv("DIRECTUS_TOKEN", TOKEN)
        scan: tuple[str | Path, ...] = ("scan", tmp_path, "--url", server.url, "-v", "--debug", "--probe", "all")
        access = ("access", tmp_path, "--url", server.url)
        (one, reports), (other, tables) = (
            guard_once(*asked, formats=formats, folder=tmp_path)
            for asked, formats in ((scan, REPORT_WRITERS), (access, ACCESS_WRITERS))
        )
        text = "".join((one.err, *reports.values(), other.err, *tables.values()))
        assert PLANTED not in text
        assert TOKEN not in text
        assert "@example.com" not in text
        assert "escalation-path" in text


@pytest.mark.parametrize("major", one_of(MAJORS, "flaws of an instance are found and gate"))
def test_flaws_of_an_instance_are_found_and_gate(
    lab: Lab, major: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with lab.server(major) as server:
        flawed(server)
        monkeypatch.setenv("OTHER", TOKEN)
        run = guard("scan", tmp_path, "--url", server.url, "--token-env", "OTHER", "--output", "json")
        assert run.code == 1
        data = json.loads(run.out)
        assert data["scanned"]["instance"] == server.url
        assert data["scanned"]["access_models"] == [server.url]
        found = {one["check"] for one in data["findings"]}
        assert {"escalation-path", "users-update", "admin-static-token", "public-read"} <= found
        assert {one["location"]["path"] for one in data["findings"]} == {server.url}


def test_hostile_names_are_defused(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hostile = "a\x1b[31m::error::x ##[error]y `z` <b>|[l](u)"
    with lab.server(11) as server:
        server.admin.post("/policies", {"name": hostile})
        policy = server.policy([row("directus_users", "update")], name=hostile)
        server.attach(policy)
        monkeypatch.setenv("DIRECTUS_TOKEN", TOKEN)
        asked = ("scan", tmp_path, "--url", server.url, "--color", "never")
        run, reports = guard_once(*asked, formats=REPORT_WRITERS, folder=tmp_path)
        assert run.code == 1
        for form, text in reports.items():
            assert "\x1b" not in text
            assert "##[" not in text
            commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
            assert all(map(is_annotation, runner.commands(commands))) if form == "github" else not commands
            assert "<b>|" not in text or form in ("text", "json", "sarif", "gitlab-codequality", "github")


# --- cost ---


def test_the_number_of_requests_does_not_grow_with_rows(lab: Lab, tmp_path: Path) -> None:
    """Acceptance: at most 40, and one per collection that something calls public; ten times the rows, at most twice that."""
    counts = []
    for rows in (2_000, 20_000):
        with lab.server(11) as server:
            server.policy([row("directus_files", "read")])
            many(server, 200, rows)
            server.grant_public([row("table_000", "read"), row("table_001", "read")])
            with proxy(server.url, lambda _: None) as watched:
                found = report_on(watched.url, tmp_path)
            assert not found.problems
            counts.append(len(watched.requests))
            assert sum(one.path.startswith("/items/") for one in watched.requests) == 2
    assert counts[0] <= 40 + 2
    assert counts[1] <= 2 * counts[0]


@pytest.mark.real
@pytest.mark.lab
def test_every_page_is_fetched_where_the_server_limits_them(tmp_path: Path) -> None:
    from tests.lab.server import started

    with started(tmp_path / "project", 11, env={"QUERY_LIMIT_MAX": "10"}) as server:
        role, _ = server.role()
        for _ in range(24):
            server.member(role)
        found = asked(server).export
        assert found is not None
        assert len(found.model.users) == 25
        assert len({user.id for user in found.model.users}) == 25
        assert gaps_of(found) == {}


# --- beside a repository ---


def test_without_a_token_only_what_everybody_sees_is_audited(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as server:
        flawed(server)
        found = report_on(server.url, tmp_path, None)
        assert found.scanned.instance == server.url
        assert found.scanned.access_models == ()
        open_ = [one for one in found.outcomes if one.check == "anonymous-read" and one.status is Status.NOT_EVALUATED]
        assert ["articles" in one.reason for one in open_] == [True]
        assert found.exit_code == 0


def _pulled(server: Server, root: Path) -> Path:
    """What the REST API says, as files."""
    for name in ("roles", "policies", "access", "permissions", "settings", "users"):
        rows = server.admin.get(f"/{name}", limit=-1)
        rows = rows if name == "settings" else [one for one in rows if not one.get("system")]
        (root / f"{name}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return root


def test_what_an_instance_grants_that_its_export_does_not(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRECTUS_TOKEN", TOKEN)
    with lab.server(11) as server:
        _, policy = server.role([row("directus_files", "read")])
        root = _pulled(server, tmp_path)
        same = guard("diff", root, "live", "--url", server.url, "--output", "json")
        assert (same.code, json.loads(same.out)["new_access"]) == (0, [])
        agreed = json.loads(guard("scan", root, "--url", server.url, "--output", "json").out)
        assert not [one for one in agreed["findings"] if one["check"] == "drift"]
        server.permissions([row("directus_users", "update")], policy=policy)
        wider = guard("diff", root, "live", "--url", server.url, "--output", "json")
        assert wider.code == 1
        assert "directus_users" in wider.out
        assert guard("diff", "live", root, "--url", server.url).code == 0
        scan = json.loads(guard("scan", root, "--url", server.url, "--output", "json").out)
        drift = [one for one in scan["findings"] if one["check"] == "drift"]
        assert [one["subject"]["wider"] for one in drift] == ["instance"]


def test_nothing_is_compared_with_an_instance_that_tells_nothing(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIRECTUS_TOKEN", raising=False)
    with lab.server(11) as server:
        server.role([row("directus_files", "read")])
        root = _pulled(server, tmp_path)
        run = guard("diff", root, "live", "--url", server.url)
        assert (run.code, run.out) == (4, "")
        assert "DIRECTUS_TOKEN" in run.err
