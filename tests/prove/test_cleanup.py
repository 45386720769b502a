"""The whole database is after a run what it was before, however the run ended, but for what Directus itself logs."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.prove import apply, cleanup, data_model, flow_rows, state
from directus_guard.prove.client import ProveError
from tests.lab.install import MAJORS
from tests.prove.models import HERE, export
from tests.prove.servers import client, database
from tests.support.sampling import one_of, paired

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.server import Lab, Server


class BrokenOffError(Exception):
    """What goes wrong in a test."""


def error() -> None:
    raise BrokenOffError


def ctrl_c() -> None:
    raise KeyboardInterrupt


def cancelled() -> None:
    """As a runner cancels a job."""
    os.kill(os.getpid(), signal.SIGTERM)


PHASES = {
    "data model": (data_model, "store"),
    "roles": (apply._Application, "_roles"),
    "policies": (apply._Application, "_policies"),
    "permissions": (apply._Application, "_permissions"),
    "users": (apply, "_members"),
    "attachments": (apply, "_attach"),
    "items": (apply._Application, "_items"),
    "registration": (apply._Application, "_registration"),
    "flows": (flow_rows, "store"),
}


def fail_after(monkeypatch: pytest.MonkeyPatch, phase: str, fail: Callable[[], None]) -> None:
    """Let a phase do its work, and then go wrong."""
    owner, name = PHASES[phase]
    work = getattr(owner, name)

    def broken(*arguments: Any, **more: Any) -> Any:
        result = work(*arguments, **more)
        fail()
        return result

    monkeypatch.setattr(owner, name, broken)


def run(server: Server) -> tuple[str, ...]:
    """Apply the model, and put the instance back; what is left."""
    with client(server) as asked:
        before = state.take(asked)
        with cleanup.restoring(asked, before) as cleaning:
            apply.apply(asked, export(server.major), before)
    return tuple(cleaning.left)


@pytest.mark.parametrize(("phase", "major"), paired(PHASES, MAJORS))
def test_after_an_error_in_each_phase(lab: Lab, major: int, phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each phase on one version; `make every` breaks each off on all."""
    fail_after(monkeypatch, phase, error)
    with lab.server(major) as server:
        before = database(server)
        with pytest.raises(BrokenOffError):
            run(server)
        assert database(server) == before


@pytest.mark.parametrize(("end", "major"), paired([ctrl_c, cancelled], MAJORS))
def test_after_ctrl_c_and_after_a_cancelled_job(
    lab: Lab, major: int, end: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second Ctrl-C waits until everything is back. Each on one version; `make every` takes all."""
    fail_after(monkeypatch, "flows", end)
    work = cleanup.restore

    def impatient(*arguments: Any) -> tuple[str, ...]:
        os.kill(os.getpid(), signal.SIGINT)
        return work(*arguments)

    monkeypatch.setattr(cleanup, "restore", impatient)
    with lab.server(major) as server:
        before = database(server)
        with pytest.raises(KeyboardInterrupt):
            run(server)
        assert database(server) == before
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("major", one_of(MAJORS, "what a plan changes and deletes comes back"))
def test_what_a_plan_changes_and_deletes_comes_back(lab: Lab, major: int) -> None:
    """The public's attachment, the administrator's name, registration, and rows of every kind."""
    with lab.server(major) as server, client(server) as asked:
        before = database(server)
        was = state.take(asked)
        with cleanup.restoring(asked, was) as cleaning:
            applied = apply.apply(asked, export(major), was)
            then = state.take(asked)
            middle = database(server)
            me = server.admin.get("/users/me")["id"]
            server.admin.patch(f"/users/{me}", {"first_name": "Changed"})
            server.admin.patch("/settings", {"public_registration": False, "project_name": "Changed"})
            server.admin.delete("/permissions", {"query": {"filter": {"id": {"_gt": 0}}, "limit": -1}})
            server.admin.delete("/flows", sorted(applied.flows))
            if major >= 11:
                server.admin.delete("/access", [one["id"] for one in server.admin.get("/access") if not one["role"]])
            server.admin.post("/roles", {"name": "more"})
            victim = applied.victim
            assert victim is not None
            server.admin.delete(f"/users/{victim.user}")
            assert cleanup.reset(asked, then, {victim.user: victim.token}) == ()
            assert database(server) == middle
        assert cleaning.left == []
        assert database(server) == before


@pytest.mark.parametrize("major", one_of(MAJORS, "a flow that refuses writes does not keep them"))
def test_a_flow_that_refuses_writes_does_not_keep_them(lab: Lab, major: int) -> None:
    """Blocking flows refuse administrators, too."""
    options = {"type": "filter", "scope": ["items.update"], "collections": ["directus_users"]}
    guard = Flow("5e5e5e5e-0000-4000-8000-000000000006", "Guard", "active", "event", options, "stop", HERE)
    never: dict[str, Any] = {"filter": {"$trigger": {"event": {"_eq": "never"}}}}
    stop = Operation("stop", "stop", "condition", guard.id, never, None, None, HERE)
    model = replace(export(major), flows=(guard,), operations=(stop,))
    with lab.server(major) as server, client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was) as cleaning:
            applied = apply.apply(asked, model, was)
            victim = applied.victim
            assert victim is not None
            then, middle = state.take(asked), database(server)
            time.sleep(0.5)  # a flow that was switched on is loaded a moment later
            refused = server.ask("PATCH", f"/users/{victim.user}", token=server.token, json={"first_name": "x"})
            assert not refused.is_success
            with closing(sqlite3.connect(server.folder / "data.db", timeout=20)) as connection:
                connection.execute(
                    "UPDATE directus_users SET first_name = 'x', token = NULL WHERE id = ?", (victim.user,)
                )
                connection.commit()
            assert cleanup.reset(asked, then, {victim.user: victim.token}) == ()
            assert database(server) == middle
        assert cleaning.left == []


@pytest.mark.parametrize("major", one_of(MAJORS, "what cannot be put back is said"))
def test_what_cannot_be_put_back_is_said(lab: Lab, major: int) -> None:
    """A token that was changed is not shown, and cannot be asked for any more."""
    with lab.server(major) as server, client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was) as cleaning:
            me = server.admin.get("/users/me")["id"]
            server.admin.patch(f"/users/{me}", {"token": "another-token-of-the-administrator"})
        assert len(cleaning.left) == 1
        assert "could not be asked" in cleaning.left[0]
        with closing(sqlite3.connect(server.folder / "data.db", timeout=20)) as connection:
            connection.execute("UPDATE directus_users SET token = ? WHERE id = ?", (server.token, me))
            connection.commit()


def test_nothing_is_asked_of_a_client_that_fails() -> None:
    class Broken:
        def send(self, *_: object, **__: object) -> None:
            raise ProveError("gone")

        admin = send
        administrator = None

    empty = state.ServerState({}, frozenset(), frozenset(), {}, {})
    assert cleanup.restore(Broken(), empty) == ("the instance could not be asked what is left: gone",)  # type: ignore[arg-type]  # only what fails of a client
