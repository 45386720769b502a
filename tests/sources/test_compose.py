"""Compose, one rule at a time: interpolation, merging, `env_file`, `extends`, `include`, as `docker-compose config` resolves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.differential.cases import COMPOSE
from tests.support.cli import write
from tests.support.compose import environment, ours
from tests.support.each import each_case
from tests.support.recorded import load

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS: Final[dict[str, Any]] = load("compose")


@each_case("name", COMPOSE)
def test_a_project_is_resolved_as_compose_resolves_it(name: str, tmp_path: Path) -> None:
    deployment = ours(write(tmp_path, COMPOSE[name]))
    assert environment(deployment) == ANSWERS[name]["environment"]
    assert deployment.image is not None
    assert deployment.image.reference == ANSWERS[name]["image"]
