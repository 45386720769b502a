"""Compose, one rule at a time: interpolation, merging, `env_file`, `extends`, `include`, as `docker-compose config` resolves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.sources.deployments import compose
from tests.differential.cases import COMPOSE
from tests.support.cli import write
from tests.support.compose import environment, ours
from tests.support.each import each_case
from tests.support.recorded import load
from tests.support.repositories import repository, texts

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS: Final[dict[str, Any]] = load("compose")


@each_case("name", COMPOSE)
def test_a_project_is_resolved_as_compose_resolves_it(name: str, tmp_path: Path) -> None:
    deployment = ours(write(tmp_path, COMPOSE[name]))
    assert environment(deployment) == ANSWERS[name]["environment"]
    assert deployment.image is not None
    assert deployment.image.reference == ANSWERS[name]["image"]


@each_case(
    ("command", "serves"),
    [
        ("npx directus schema apply --yes ./snapshot.yaml", False),
        ("sh -c 'npx directus bootstrap && npx directus schema apply /s.yaml --yes && node /scripts/seed.js'", False),
        ("[node, cli.js, database, 'migrate:latest']", False),
        ("npx directus bootstrap && npx directus start", True),
        ("sh -c 'node cli.js bootstrap && pm2-runtime start ecosystem.config.cjs'", True),
        ("sh -c 'npx directus bootstrap && $$START'", True),
        ("npx directus start", True),
        ("/entrypoint.sh", True),
    ],
)
def test_a_service_that_prepares_the_database_and_ends(tmp_path: Path, command: str, *, serves: bool) -> None:
    """What it lacks, another service may have; what it has is judged."""
    text = f"services:\n  setup:\n    image: directus/directus:12.4.1\n    command: {command}\n    environment: {{SECRET: abc}}\n"
    (made,) = compose.read(repository(tmp_path, {"compose.yaml": text}))
    assert made.partial is not serves
    assert bool(made.gaps) is not serves
    assert texts(made.variables) == [("SECRET", "abc")]
