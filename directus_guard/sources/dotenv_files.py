"""Environment files: found under every name people use, and turned into deployments where no manifest owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.deployment import Deployment, Known, Platform, Unknown, Variable
from directus_guard.directus.recognise import is_directus_environment
from directus_guard.finding import Location
from directus_guard.sources.dotenv import Dialect, Statement, parse

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from directus_guard.sources.repository import Repository

NAMES: Final = (".env", ".env.*", "*.env", "*.env.*", "env.*", "*-env", "dotenv*", ".envrc")
_NOT_ENV: Final = (".d.ts", ".ts", ".js", ".mjs", ".py", ".yaml", ".yml", ".json", ".toml", ".sh", ".md", ".go", ".rs", ".tf",
                   ".j2.yml", ".enc", ".gpg", ".age", ".key", ".vue", ".tsx", ".php", ".rb", ".txt", ".lock")  # fmt: skip


def paths(repository: Repository) -> tuple[str, ...]:
    """Every file that is an environment file by its name."""
    return tuple(path for path in repository.named(*NAMES) if not path.lower().endswith(_NOT_ENV))


def read(repository: Repository, owned: AbstractSet[str] = frozenset()) -> tuple[Deployment, ...]:
    """A deployment for each environment file that is a Directus server's own and that no manifest in `owned` uses.

    Two or more of the core variables make it a Directus server's (the contract, "Whose is an `.env`?"). A `${X}` in it
    is unknown, for whoever reads the file is.
    """
    found: list[Deployment] = []
    for path in paths(repository):
        if path in owned:
            continue
        text = repository.text(path)
        if text is None:
            continue
        variables = tuple(_variable(path, statement) for statement in parse(text, Dialect.LENIENT) if not statement.ignored_reason)
        if is_directus_environment({variable.name for variable in variables}):
            found.append(Deployment(path, Platform.DOTENV, Location(path), variables, consumed=frozenset({path})))
    return tuple(found)


def _variable(path: str, statement: Statement) -> Variable:
    raise NotImplementedError
