"""Copies that people keep beside a Compose file or an environment file: what they hold is committed, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = "9c1d8e1b7d24c5f9a6e0b1c2d3e4f5a7"
COMPOSE: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      ADMIN_PASSWORD: password\n"
    f"      SECRET: {SECRET}\n"
)
ENVIRONMENT: Final = f"SECRET={SECRET}\nDB_CLIENT=pg\nADMIN_PASSWORD=password\n"
COPIES: Final = (
    "compose.yml.bak", "compose.yaml.old", "docker-compose.yml.orig", "docker-compose.yml~", "docker-compose.yml copy",
    "docker-compose.yml-old", "docker-compose copy.yml", ".env.bak", ".env.old", ".env~", ".env copy", ".env copy 2", ".env copy.local",
    ".env_old", ".env-backup", "cms.env.bak", "cms.env-old", "cms.env~",
)  # fmt: skip
OTHERS: Final = (
    "compose.yml.prod", "docker-compose.yaml_2", "docker-compose.yml-live", ".env-2", ".env2", ".env_prod", ".environment", ".envrc", "env", "env-prod",
    "env_prod", "prod_env", "prod-env", "cms.env_2", "cms.env 2",
)  # fmt: skip


def failing(root: Path, name: str) -> tuple[set[str], set[str]]:
    """The checks that fail for a file, and those whose finding does not fail the run."""
    write(root, {name: COMPOSE if "compose" in name else ENVIRONMENT})
    report = run(Options(root=root)).report
    assert not report.problems
    checks = {"secret-committed", "bootstrap-credentials"}
    return (
        {one.check for one in report.findings} & checks,
        {one.check for one in report.nonproduction} & checks,
    )


@each_case("name", COPIES)
def test_a_secret_in_a_copy_is_committed_but_a_copy_is_no_deployment(tmp_path: Path, name: str) -> None:
    assert failing(tmp_path, name) == ({"secret-committed"}, {"bootstrap-credentials"})


@each_case("name", OTHERS)
def test_a_name_with_something_added_is_no_copy(tmp_path: Path, name: str) -> None:
    assert failing(tmp_path, name) == ({"secret-committed", "bootstrap-credentials"}, set())
