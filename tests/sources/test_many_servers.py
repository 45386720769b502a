"""Files with more servers than any has: the first are judged, and it is said that there are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard import limits
from directus_guard.sources.deployments import ansible, compose, docker_run, kubernetes
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

IMAGE = "directus/directus:12.4.1"
SERVICES = "services:\n" + "".join(f"  cms{number}: {{image: '{IMAGE}'}}\n" for number in range(4))
TASKS = "".join(f"- docker_container: {{name: cms{number}, image: '{IMAGE}'}}\n" for number in range(4))
COMMANDS = "".join(f"docker run --name cms{number} {IMAGE}\n" for number in range(4))
PODS = "---\n".join(
    f"apiVersion: v1\nkind: Pod\nmetadata: {{name: cms{number}}}\nspec: {{containers: [{{name: d, image: '{IMAGE}'}}]}}\n"
    for number in range(4)
)


@pytest.mark.parametrize(
    ("reader", "path", "text", "found"),
    [(compose, "compose.yaml", SERVICES, 2), (ansible, "site.yml", TASKS, 2), (docker_run, "up.sh", COMMANDS, 2), (kubernetes, "pods.yaml", PODS, 3)],
    ids=["compose", "ansible", "docker run", "kubernetes"],
)  # fmt: skip
def test_the_first_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: ModuleType, path: str, text: str, found: int
) -> None:
    monkeypatch.setattr(limits, "DEPLOYMENTS", limits.Limit(2, "Directus servers in one file"))
    made = repository(tmp_path, {path: text})
    assert len(reader.read(made)) == found
    noted = [(problem.path, problem.incomplete) for problem in made.problems]
    assert noted == ([] if reader is kubernetes else [(path, True)])  # of manifests `collect` says so
    few = repository(tmp_path / "few", {path: text.replace(IMAGE, "nginx", 2)})
    if reader is not docker_run:  # which counts all containers
        assert (len(reader.read(few)), few.problems) == (2, [])
