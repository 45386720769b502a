"""`directus-guard prove` as a user runs it, on real servers."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard import deadline
from directus_guard.finding import Confidence
from directus_guard.prove import carry_out, run, state
from directus_guard.prove.client import UnansweredError
from tests.lab import pull
from tests.lab.attack import Attempt
from tests.lab.seed import seed
from tests.lab.server import EMAIL, TOKEN, started
from tests.prove.servers import database
from tests.support.cli import Run, guard
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from directus_guard import escalation
    from tests.lab.server import Lab, Server

MAJORS = (10, 11, 12)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTUS_TOKEN", TOKEN)


@pytest.fixture(scope="module")
def magazine(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The answers of a careless project of each major, and its data model."""
    found = {}
    for major in MAJORS:
        folder = tmp_path_factory.mktemp(f"magazine-{major}")
        with lab.server(major) as server:
            seed(server)
            pull.save(server, folder / "export")
            snapshot = server.ask("GET", "/schema/snapshot", token=server.token)
            (folder / "export" / "snapshot.json").write_text(snapshot.text, encoding="utf-8")
        found[major] = folder
    return found


def prove(server: Server, folder: Path, *options: str) -> Run:
    edition = ("--edition=core",) if server.major == 12 else ()
    named = ("--directus-version", server.version, *edition)
    return guard("prove", folder, "--url", server.url, "--destroy", EMAIL, "--timeout", "60", *named, *options)


def ways(done: Run) -> list[dict[str, Any]]:
    report = json.loads(done.out)
    return [one["proof"] for one in report["findings"] if "proof" in one]


@pytest.mark.parametrize("major", MAJORS)
def test_what_a_careless_project_opens_is_proven(lab: Lab, magazine: dict[int, Path], major: int) -> None:
    with lab.server(major) as server:
        before = database(server)
        done = prove(server, magazine[major], "--output", "json")
        assert done.code == 1, done.err
        assert database(server) == before
        found = ways(done)
        assert found
        assert {one["status"] for one in found} == {"proven"}, found
        assert {(one["directus"], one["database"]) for one in found} == {(server.version, "sqlite")}


def test_every_report_says_so(lab: Lab, magazine: dict[int, Path], tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("sarif", "markdown", "json")}
    with lab.server(11) as server:
        done = prove(
            server, magazine[11], *(f"--output={name}={path}" for name, path in files.items()), "--output=text"
        )
    said = f"Proven on Directus {server.version} (sqlite): "
    assert said in done.out
    assert f"Proven on Directus {server.version} (sqlite)." in done.out
    assert said.replace("(", "\\(").replace(")", "\\)") in files["markdown"].read_text(encoding="utf-8")
    sarif = json.loads(files["sarif"].read_text(encoding="utf-8"))
    assert said in json.loads(files["json"].read_text(encoding="utf-8"))["notices"][-1]
    assert said in files["sarif"].read_text(encoding="utf-8")
    (proven,) = (one for one in sarif["runs"][0]["results"] if one["ruleId"] == "escalation-path")
    assert proven["properties"]["proof"] == "proven"
    assert proven["properties"]["proofDirectus"] == server.version
    assert "Proven on Directus" in proven["message"]["text"]
    assert TOKEN not in done.out + done.err + "".join(path.read_text(encoding="utf-8") for path in files.values())


def test_a_way_that_does_not_work_is_refuted(
    lab: Lab, magazine: dict[int, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The plan of each principal becomes one that asks for nothing that helps."""
    real = run.plans_of

    def planted(export: Any) -> Any:
        return {who: _harmless(path) for who, path in real(export).items()}

    monkeypatch.setattr(run, "plans_of", planted)
    with lab.server(11) as server:
        done = prove(server, magazine[11], "--output=json", f"--output=text={tmp_path / 'text'}")
    assert done.code == 70
    assert "refuted" in {one["status"] for one in ways(done)}
    assert "proven" not in {one["status"] for one in ways(done)}
    text = (tmp_path / "text").read_text(encoding="utf-8")
    assert "A way that was reported for sure is refuted: a bug of directus-guard." in text
    assert "directus-guard: refuted" in text


def _harmless(path: escalation.Path) -> escalation.Path:
    from msgspec.structs import replace

    requests = tuple(
        None if one is None else replace(one, body={"first_name": "Eve"} if one.body else {}) for one in path.requests
    )
    return replace(path, requests=requests, confidence=Confidence.HIGH)


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port of loopback, and the first bytes of each connection to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)


def test_nothing_leaves(magazine: dict[int, Path], tmp_path: Path) -> None:
    """Flows of the project that would ask another server or send letters, and a registration that would send one; every other
    address than the server's own is behind a proxy. What the proxy and the port hear is recorded."""
    from shutil import copytree

    with listening() as (port, heard):
        place = f"http://127.0.0.1:{port}/"
        proxies = {name: place for pair in ("http_proxy", "https_proxy") for name in (pair, pair.upper())}
        with started(tmp_path / "own", 11, env={"IMPORT_IP_DENY_LIST": "", **proxies}) as server:
            copytree(magazine[11], tmp_path / "project")
            export = tmp_path / "project" / "export"
            flows = json.loads((export / "flows.json").read_text(encoding="utf-8"))
            operations = json.loads((export / "operations.json").read_text(encoding="utf-8"))
            for one in operations["data"]:
                if one["type"] == "request":
                    one["options"]["url"] = place
            (export / "operations.json").write_text(json.dumps(operations), encoding="utf-8")
            assert any(one["type"] == "request" for one in operations["data"])
            assert flows["data"]
            settings = json.loads((export / "settings.json").read_text(encoding="utf-8"))
            settings["data"]["public_registration_verify_email"] = True
            (export / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
            done = prove(server, tmp_path / "project", "--output", "json")
            assert done.code == 1, done.err
            assert {one["status"] for one in ways(done)} == {"proven"}
            assert server.mail._letters == []
            # A server that starts asks for its own newest version.
            assert [one for one in heard if b"/directus HTTP/" not in one] == []
            for url in (place, "http://elsewhere.example/", "https://elsewhere.example/"):
                heard.clear()
                _ask(server, url)
                assert heard, f"{url} would not be seen"


def _ask(server: Server, url: str) -> None:
    """Let the server ask for an address, by a flow."""
    made = server.admin.post("/flows", {"name": "ask", "status": "active", "trigger": "webhook", "options": {}})
    place = {"flow": made["id"], "key": "ask", "position_x": 1, "position_y": 1}
    asked = server.admin.post("/operations", {**place, "type": "request", "options": {"method": "GET", "url": url}})
    server.admin.patch(f"/flows/{made['id']}", {"operation": asked["id"]})
    Attempt(server, server.actor(), "", None, server.actor()).request("GET", f"/flows/trigger/{made['id']}")


@pytest.mark.parametrize("broken", ["apply", "carry out"])
def test_after_an_error_everything_is_put_back(
    lab: Lab, magazine: dict[int, Path], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise UnansweredError("POST /roles: the connection broke off")

    with lab.server(11) as server:
        before = database(server)
        if broken == "apply":
            monkeypatch.setattr(f"{run.__name__}.take", _second(state.take, breaks))
        else:
            monkeypatch.setattr(carry_out.CarriedPlan, "_is_won", breaks)
        done = prove(server, magazine[11], "--output", "json", "--fail-on", "none")
        assert database(server) == before
    assert done.code == 4
    assert {one["status"] for one in ways(done)} == {"not run"}
    assert any("broke off" in notice for notice in json.loads(done.out)["notices"])


def test_once_the_time_is_over_no_other_way_is_carried_out(
    lab: Lab, magazine: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends between two ways, and what was written is taken back."""
    left = iter([60.0, 60.0])
    monkeypatch.setattr(deadline, "left", lambda _share: next(left, 0.0))
    with lab.server(11) as server:
        before = database(server)
        done = prove(server, magazine[11], "--output", "json", "--fail-on", "none")
        assert database(server) == before
    assert done.code == 4
    attempts = [attempt["status"] for one in ways(done) for attempt in one["attempts"]]
    assert attempts.count("proven") == 1
    assert attempts.count("not run") == len(attempts) - 1 > 0
    assert any(deadline.NO_TIME in notice for notice in json.loads(done.out)["notices"])


def test_without_time_nothing_is_written(lab: Lab, magazine: dict[int, Path]) -> None:
    with lab.server(11) as server:
        before = database(server)
        done = prove(server, magazine[11], "--output", "json", "--max-time=0.00001")
        assert database(server) == before
    assert done.code == 4


def _second(real: Any, then: Any) -> Any:
    """The first call as it is, then something else."""
    calls: list[None] = []

    def call(*given: Any) -> Any:
        calls.append(None)
        return real(*given) if len(calls) == 1 else then()

    return call


def test_after_an_interruption_everything_is_put_back(
    lab: Lab, magazine: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(carry_out.CarriedPlan, "_is_won", interrupted)
    with lab.server(11) as server:
        before = database(server)
        assert prove(server, magazine[11]).code == 130
        assert database(server) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "the instance is not named"),
        (("--destroy", "Directus"), "--destroy takes the e-mail address"),
        (("--destroy", "other@example.com"), "another e-mail address"),
        (("--destroy", EMAIL, "--token-env", "NOT_SET_HERE"), "administrator's token"),
    ],
)
def test_what_is_refused(lab: Lab, magazine: dict[int, Path], options: Sequence[str], said: str) -> None:
    with lab.server(11) as server:
        before = database(server)
        done = guard("prove", magazine[11], "--url", server.url, *options)
        assert done.code == 2
        assert said in done.err
        assert database(server) == before


def test_a_used_instance_is_refused(lab: Lab, magazine: dict[int, Path]) -> None:
    with lab.server(11) as server:
        server.admin.post("/roles", {"name": "Editors"})
        done = prove(server, magazine[11])
    assert done.code == 2
    assert "nothing was written" in done.err
    assert "rows of roles" in done.err


def test_an_event_of_others_is_refused(magazine: dict[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request_target")
    done = guard("prove", magazine[11], "--url", "http://127.0.0.1:9", "--destroy", EMAIL)
    assert done.code == 2
    assert "pull_request_target" in done.err


def test_another_version_is_said(lab: Lab, magazine: dict[int, Path]) -> None:
    with lab.server(11) as server:
        done = guard("prove", magazine[11], "--url", server.url, "--destroy", EMAIL, "--directus-version", "11.0.0")
    assert f"judged as Directus 11.0.0, carried out on {server.version}" in done.out


def test_another_database_is_said(lab: Lab, magazine: dict[int, Path], tmp_path: Path) -> None:
    """The snapshot names that of the instance it is of."""
    said = "the data model is of a database postgres, the ways were carried out on sqlite"
    with lab.server(11) as server:
        assert said not in prove(server, magazine[11]).out
    shutil.copytree(magazine[11], tmp_path / "project")
    snapshot = tmp_path / "project" / "export" / "snapshot.json"
    snapshot.write_text(snapshot.read_text(encoding="utf-8").replace('"sqlite"', '"postgres"'), encoding="utf-8")
    with lab.server(11) as server:
        assert said in prove(server, tmp_path / "project").out


def test_a_model_of_another_generation_is_not_run(lab: Lab, magazine: dict[int, Path]) -> None:
    with lab.server(11) as server:
        done = guard(
            "prove",
            magazine[10],
            "--url",
            server.url,
            "--destroy",
            EMAIL,
            "--directus-version",
            "10.13.4",
            "--output=json",
        )
    assert {one["status"] for one in ways(done)} == {"not run"}
    assert "permissions in roles" in ways(done)[0]["reason"]


def test_a_project_without_a_way_is_said(lab: Lab) -> None:
    with lab.server(11) as server:
        before = database(server)
        done = guard(
            "prove", ROOT / "examples" / "access", "--url", server.url, "--destroy", EMAIL,
            "--directus-version", server.version, "--output", "json", "--fail-on", "none",
        )  # fmt: skip
        assert database(server) == before
    assert done.code == 0, done.err
    (said,) = (one for one in json.loads(done.out)["notices"] if "no way to administrator" in one)
    assert said.endswith(f"nothing was written to the Directus {server.version}")


def test_a_folder_without_a_project(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as server:
        assert prove(server, tmp_path).code == 3
