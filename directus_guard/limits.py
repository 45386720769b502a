"""What a file of a repository, or an answer of an instance, may cost: counted and never timed, so that the same input ends the same.

All limits that hostile input can reach are here; `docs/limits.md` is made from them. What is over one is a problem of its
file, and what rests on that file is *not evaluated*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Hashable


class Limit(Struct, frozen=True):
    """How much of something there may be, and what that is, for people."""

    number: int
    what: str
    then: str = "the file is not read"
    """What becomes of the rest."""

    @property
    def shown(self) -> str:
        """The number as people write it."""
        whole, unit = next(
            ((self.number // size, name) for size, name in _UNITS if "bytes" in self.what and self.number % size == 0),
            (self.number, ""),
        )
        return f"{whole:,}{unit}"


_UNITS: Final = ((2**30, " GiB"), (2**20, " MiB"), (2**10, " KiB"))


class OverBudgetError(Exception):
    """There is more of something than a limit allows. The message is a phrase for the report."""


class Budget:
    """How much of something is left."""

    def __init__(self, limit: Limit) -> None:
        """Start with all that the limit allows."""
        self._limit: Final = limit
        self._left = limit.number

    def spend(self, number: int = 1) -> None:
        """Take some. Raises `OverBudgetError` once nothing is left."""
        self._left -= number
        if self._left < 0:
            raise OverBudgetError(over(self._limit))

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self._left <= 0


class Budgets:
    """What is left of each limit, for all files of a repository together."""

    def __init__(self) -> None:
        """Start with all of each."""
        self._left: Final[dict[Limit, Budget]] = {}
        self._done: Final[set[tuple[Limit, Hashable]]] = set()

    def of(self, limit: Limit) -> Budget:
        """What is left of a limit."""
        return self._left.setdefault(limit, Budget(limit))

    def again(self, limit: Limit, work: Hashable, number: int = 1) -> None:
        """Count work that is done once more for the same thing. What is done once is as long as what is written."""
        if (limit, work) in self._done:
            self.of(limit).spend(number)
        self._done.add((limit, work))


def over(limit: Limit) -> str:
    """What is wrong with a file that is over a limit."""
    return f"more than {limit.shown} {limit.what}"


DEPTH: Final = Limit(200, "levels of nesting in a manifest")
EXPANDED: Final = Limit(200_000, "entries that aliases and merge keys of YAML add, besides as many as are written")
ENVIRONMENT_LINES: Final = Limit(20_000, "lines of an environment file")
VARIABLES: Final = Limit(2_000, "variables of a deployment", "the first are judged, the others are unknown")
COMPOSE_AGAIN: Final = Limit(
    20_000, "files and services that Compose reads once more, for another project", "that project is not evaluated"
)
COMPOSE_INCLUDES: Final = Limit(40, "Compose files that include one another")
COMPOSE_EXTENDS: Final = Limit(100, "services that extend one another", "what they extend is unknown")
REFERENCES: Final = Limit(
    32_000_000, "characters that references of Compose are replaced with", "that project is not evaluated"
)
ENVIRONMENT_AGAIN: Final = Limit(
    100_000, "variables of environment files that are read once more", "the project, or the command, is not evaluated"
)
MODULE_STEPS: Final = Limit(
    30_000, "steps from a file of code to another", "what comes from other files is unknown from there on"
)
TOML_PARTS: Final = Limit(20, "parts of a dotted key in TOML")
TOML: Final = Limit(256 * 2**10, "bytes of TOML")
CONFIG: Final = Limit(2**20, "bytes of a config file", "a usage error")
GLOBS: Final = Limit(1_000, "globs in a config file", "a usage error")
OWN_FILE: Final = Limit(16 * 2**20, "bytes of a baseline, or of a file that an option names", "a usage error")
DEPLOYMENTS: Final = Limit(200, "Directus servers in one file", "the first are judged")
TEMPLATE_TAGS: Final = Limit(10_000, "template tags in a YAML file")
REQUESTS: Final = Limit(5_000, "requests to an instance", "what was not asked for is not evaluated")
ANSWERS: Final = Limit(128 * 2**20, "bytes of answers of an instance", "what was not asked for is not evaluated")
PAGES: Final = Limit(1_000, "pages of rows of a collection", "these rows are not evaluated")
ROWS: Final = Limit(200_000, "rows of a collection, page by page", "these rows are not evaluated")
ANSWER_VALUES: Final = Limit(3_000_000, "values in one answer of an instance", "this answer is not read")
JSON_PIECES: Final = Limit(100_000, "texts, numbers and marks in a manifest in JSON")
TERRAFORM_TEXTS: Final = Limit(
    32_000_000, "characters that references of Terraform are replaced with", "what the module makes is not read"
)
KUSTOMIZE: Final = Limit(1_000, "objects of a kustomization", "it is not evaluated")
EDITED: Final = Limit(
    2_000_000,
    "characters of files that are read again to try edits, for each at least 400",
    "the other findings have no edits",
)
