"""What was read from inner files, as if it had been read from the files that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Variable
from directus_guard.finding import Location

if TYPE_CHECKING:
    from directus_guard.sources.files.repository import Repository

Found = TypeVar("Found")


def outward(repository: Repository, found: Found) -> Found:
    """The same data with every place, and every path in a set of paths, where a file of the repository has it."""
    return cast("Found", _Mapping(repository).value(found)) if repository.inner else found


class _Mapping:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def value(self, held: object) -> object:
        if isinstance(held, Location):
            return self._repository.outside(held)[0]
        if isinstance(held, Variable):
            return self._variable(held)
        if isinstance(held, Struct):
            return self._struct(held)
        if type(held) is tuple:
            made = tuple(self.value(one) for one in held)
            return held if all(new is old for new, old in zip(made, held, strict=True)) else made
        if isinstance(held, frozenset):
            return frozenset(path for one in held for path in self._paths(one))
        return held

    def _paths(self, one: object) -> frozenset[object]:
        return frozenset(self._repository.holders(one)) if isinstance(one, str) else frozenset({one})

    def _struct(self, held: Struct) -> Struct:
        names = held.__struct_fields__
        changed = {name: new for name in names if (new := self.value(old := getattr(held, name))) is not old}
        return replace(held, **changed) if changed else held

    def _variable(self, held: Variable) -> Variable:
        """A text that is put in is shown where it is written, and where it is taken in as a step."""
        if held.location.path not in self._repository.inner:
            return cast("Variable", self._struct(held))
        place, taken = self._repository.outside(held.location)
        via = tuple(self._repository.outside(one)[0] for one in held.via)
        parts = tuple(replace(one, location=self._repository.outside(one.location)[0]) for one in held.parts)
        return replace(held, location=place, via=via if taken is None else (*via, taken), parts=parts)
