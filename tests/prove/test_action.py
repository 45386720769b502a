"""`prove` in the Action, on real servers: the step's summary, its SARIF report and its log say what came of each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.runner import Ran, payload, step
from tests.lab import pull
from tests.lab.seed import seed
from tests.lab.server import EMAIL, TOKEN
from tests.prove.servers import database
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.server import Lab, Server


def project(server: Server, folder: Path) -> None:
    """A repository with the answers of a careless project, whose server is as new afterwards."""
    seed(server)
    pull.save(server, folder / "export")
    snapshot = server.ask("GET", "/schema/snapshot", token=server.token)
    (folder / "export" / "snapshot.json").write_text(snapshot.text, encoding="utf-8")
    new_repository(folder)
    commit(folder)


def run(folder: Path, event: str = "push", **inputs: Any) -> Ran:
    data: Any = payload("push")
    sha = git(folder, "rev-parse", "HEAD").strip()
    return step(folder, folder.parent / "runner", event=event, data=data, sha=sha, ref="refs/heads/main", **inputs)


def test_the_step_says_what_was_proven(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    with lab.server(11) as server:
        project(server, folder)
    with lab.server(11) as server:
        before = database(server)
        ran = run(folder, prove=server.url, prove_token=server.token, prove_destroy=EMAIL, fail_on="none")
        assert database(server) == before
    assert ran.code == 0, ran.out
    (finding,) = (one for one in ran.sarif["results"] if one["ruleId"] == "escalation-path")
    assert finding["properties"]["proof"] == "proven"
    assert finding["properties"]["proofDirectus"] == server.version
    assert "proven" in ran.summary.lower()
    assert f"Proven on Directus {server.version} (sqlite)." in ran.out
    assert TOKEN not in ran.out + ran.err + ran.summary


def test_what_is_missing_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    """No server is there: whoever asked one would say so."""
    folder = tmp_path / "site"
    (folder / "directus").mkdir(parents=True)
    (folder / "directus" / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    new_repository(folder)
    commit(folder)
    here = "http://127.0.0.1:9"
    for inputs, said in (
        ({"prove": here, "prove_destroy": EMAIL}, "prove-token"),
        ({"prove": here, "prove_token": "t"}, "prove-destroy"),
        ({"prove": "http://directus.example.com", "prove_token": "t", "prove_destroy": EMAIL}, "unencrypted"),
    ):
        ran = run(folder, **inputs)
        assert ran.code == 2, ran.out
        assert said in ran.out, ran.out
        assert "could not run" in ran.summary
    refused = run(folder, event="pull_request_target", prove=here, prove_token="t", prove_destroy=EMAIL)
    assert refused.code == 2
    assert "pull_request_target" in refused.out
