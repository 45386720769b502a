"""Every run ends: files that are made to cost much are read with little time and memory, and what is not read is said."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard import deadline, limits
from directus_guard.deadline import TimeOverError, TimeShare
from directus_guard.sources.files.repository import Repository
from tests.support.cli import guard, write
from tests.support.costly_files import COSTLY, SERVICE

if TYPE_CHECKING:
    from pathlib import Path

SECONDS: Final = 40
"""Of CPU: eight times the five that the files may cost, for slow and busy machines. Without limits each costs minutes or more.
`make every` takes three times as many of what costs the same each."""
ADDRESSES: Final = 700 * 2**20
"""Bytes of addresses: libraries and the interpreter take about 250 MiB of them before anything is read."""


def bounded() -> None:
    """Let this process have little."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


SAID: Final = {
    "extends": "services that extend one another",
    "open_quotes_of_compose": "lines of an environment file",
    "aliases_of_object": "aliases and merge keys add too many entries",
    "dotted": "parts of a dotted key",
    "doubled_locals": "characters that references of Terraform are replaced with: what it makes was not read",
    "files_for_commands": "variables of environment files that are read once more",
    "files_for_units": "variables of environment files that are read once more",
    "tasks": "200 Directus servers in one file; the others were not evaluated",
    "workloads": "200 Directus servers in one file; the others were not evaluated",
    "large_config": "more than 1 MiB bytes of a config file",
    "globs_of_config": "more than 1,000 globs in a config file",
    "large_baseline": "bytes of a baseline",
}
"""What is said of a limit, where one is met."""


@pytest.mark.thorough
@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_file_ends(tmp_path: Path, name: str) -> None:
    COSTLY[name](tmp_path)
    command = [sys.executable, "-m", "directus_guard", "scan", str(tmp_path), "--output=json"]
    done = subprocess.run(command, capture_output=True, check=False, preexec_fn=bounded, encoding="utf-8")
    said = done.stdout + done.stderr
    assert done.returncode in ((1, 2, 4) if name in SAID else (0, 1, 2, 3, 4)), said[-400:]
    assert "this is a bug" not in said
    assert SAID.get(name, "") in said


def test_what_deployments_are_for_that_are_left_out_is_not_known(tmp_path: Path) -> None:
    """Those that are judged are tests of a workflow, which fail no run. The others may be anything."""
    COSTLY["steps"](tmp_path)
    done = guard("scan", tmp_path, "--output=json")
    assert done.code == 4
    (problem,) = json.loads(done.out)["problems"]
    assert problem["incomplete"]
    assert problem["message"] == "more than 200 Directus servers in one file; the others were not evaluated"


def test_a_project_beside_a_costly_one_is_judged(tmp_path: Path) -> None:
    COSTLY["include_fan"](tmp_path)
    write(tmp_path, {"z/compose.yaml": SERVICE})
    done = guard("scan", tmp_path, "--output=json")
    report = json.loads(done.out)
    assert done.code == 1
    assert any(finding["location"]["path"] == "z/compose.yaml" for finding in report["findings"])
    assert any("once more" in problem["message"] for problem in report["problems"])


def test_more_variables_than_any_server_has(tmp_path: Path) -> None:
    many = "".join(f"      V{number}: x\n" for number in range(limits.VARIABLES.number))
    write(tmp_path, {"compose.yaml": SERVICE + many})
    done = guard("scan", tmp_path, "--output=json")
    assert "variables of a deployment; the others were not evaluated" in done.out


def test_a_budget_counts() -> None:
    budget = limits.Budget(limits.Limit(2, "things"))
    budget.spend(2)
    with pytest.raises(limits.OverBudgetError, match="more than 2 things"):
        budget.spend()


def test_only_repeated_work_counts() -> None:
    budgets, limit = limits.Budgets(), limits.Limit(1, "things")
    budgets.again(limit, "a")
    budgets.again(limit, "b")
    budgets.again(limit, "a")
    with pytest.raises(limits.OverBudgetError):
        budgets.again(limit, "b")


def test_bytes_are_shown_as_people_write_them() -> None:
    assert limits.Limit(2**21, "bytes").shown == "2 MiB"
    assert limits.Limit(20_000, "lines").shown == "20,000"


@pytest.mark.parametrize("error", [RecursionError, MemoryError, limits.OverBudgetError])
def test_what_is_too_deep_or_too_large_is_no_bug(tmp_path: Path, error: type[Exception]) -> None:
    repository = Repository(tmp_path)

    def fails() -> None:
        raise error

    assert repository.attempt("manifests", fails, None) is None
    assert [one.incomplete for one in repository.problems] == [True]
    assert "bug" not in repository.problems[0].message


# --- time ---


def forever() -> int:
    """Work without an end."""
    while True:
        pass


def test_a_run_without_time_is_incomplete(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": SERVICE})
    assert guard("scan", tmp_path, "--max-time=0.00001").code == 4


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "86401", "soon"])
def test_a_time_that_is_none(tmp_path: Path, value: str) -> None:
    done = guard("scan", tmp_path, f"--max-time={value}")
    assert done.code == 2
    assert "max-time" in done.err


def test_what_has_no_time_left_is_interrupted() -> None:
    with pytest.raises(TimeOverError), deadline.limited(0.05):
        forever()


def test_a_guarded_block_ends_before_the_run(tmp_path: Path) -> None:
    repository = Repository(tmp_path)

    with deadline.limited(0.4):
        assert repository.attempt("manifests", forever, 7) == 7
        assert deadline.was_cut()
        assert deadline.left(TimeShare.ALL) > 0
    (problem,) = repository.problems
    assert problem.message == f"{deadline.NO_TIME}: manifests not read"
    assert problem.incomplete
    assert problem.out_of_time
    assert deadline.left(TimeShare.ALL) == float("inf")
    assert not deadline.was_cut()


def test_what_is_not_judged_in_time_is_not_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"compose.yaml": SERVICE})
    whole = json.loads(guard("scan", tmp_path, "--output=json").out)
    assert whole["findings"]
    real = deadline._Clock.left

    def left(clock: deadline._Clock, share: TimeShare) -> float:
        return 0.0 if share is TimeShare.JUDGE else real(clock, share)

    monkeypatch.setattr(deadline._Clock, "left", left)
    done = guard("scan", tmp_path, "--output=json")
    report = json.loads(done.out)
    assert done.code == 4
    assert not report["findings"]
    assert {one["reason"] for one in report["checks"] if one["status"] == "not-evaluated"} >= {deadline.NO_TIME}
    assert any(deadline.NO_TIME in problem["message"] for problem in report["problems"])


def test_the_time_over_on_the_base_excuses_nothing() -> None:
    from directus_guard.audit.completeness import settled
    from directus_guard.directus.project import Project
    from directus_guard.finding import Problem

    over = Problem(".", "manifests not read", incomplete=True, out_of_time=True)
    other = Problem(".", "manifests: something else", incomplete=True)
    found = settled([over, other], Project(()), ([over, other], Project(())))
    assert {one.message: one.incomplete for one in found} == {over.message: True, other.message: False}


def test_numbers_of_many_digits_are_not_a_bug(tmp_path: Path) -> None:
    COSTLY["long_numbers"](tmp_path)
    done = guard("scan", tmp_path, "--output=json")
    report = json.loads(done.out)
    assert "this is a bug" not in done.out
    messages = {problem["path"]: problem["message"] for problem in report["problems"]}
    assert "too many digits" in messages["fly.toml"]
    assert "too many digits" in messages["export/directus_permissions.json"]
