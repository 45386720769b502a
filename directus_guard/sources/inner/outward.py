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


def outward(repository: Repository, result: Found) -> Found:
    """The same data with every place, and every path in a set of paths, where a file of the repository has it."""
    return cast("Found", _Mapping(repository).value(result)) if repository.inner else result


class _Mapping:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def value(self, item: object) -> object:
        if isinstance(item, Location):
            return self._repository.outside(item)[0]
        if isinstance(item, Variable):
            return self._variable(item)
        if isinstance(item, Struct):
            return self._struct(item)
        if type(item) is tuple:
            made = tuple(self.value(one) for one in item)
            return item if all(new is old for new, old in zip(made, item, strict=True)) else made
        if isinstance(item, frozenset):
            return frozenset(path for one in item for path in self._paths(one))
        return item

    def _paths(self, item: object) -> frozenset[object]:
        return frozenset(self._repository.holders(item)) if isinstance(item, str) else frozenset({item})

    def _struct(self, struct: Struct) -> Struct:
        names = struct.__struct_fields__
        changed = {name: new for name in names if (new := self.value(old := getattr(struct, name))) is not old}
        return replace(struct, **changed) if changed else struct

    def _variable(self, variable: Variable) -> Variable:
        """A text that is put in is shown where it is written, and where it is taken in as a step."""
        if variable.location.path not in self._repository.inner:
            return cast("Variable", self._struct(variable))
        place, taken = self._repository.outside(variable.location)
        via = tuple(self._repository.outside(one)[0] for one in variable.via)
        parts = tuple(replace(one, location=self._repository.outside(one.location)[0]) for one in variable.parts)
        return replace(variable, location=place, via=via if taken is None else (*via, taken), parts=parts)
