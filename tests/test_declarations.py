"""What modules declare: data do not change, and a default has the type that is written before it.

`make mutants` tries these tests for each mistake outside of functions.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from functools import cache
from inspect import get_annotations, unwrap
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

import directus_guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

TYPES: Final = MappingProxyType({bool: "bool", int: "int", float: "float", str: "str", bytes: "bytes"})
OTHER_NAMES: Final = frozenset({"directus_guard.directus.access.filters.Condition operand"})
"""Where the type of a default has a name of its own."""
BEING_FILLED: Final = frozenset({
    "ActionLog", "BuildStage", "Cleaning", "CodeEvidence", "Container", "Deploy", "Draft", "FoundRecords", "RawCommand",
    "SharedRule", "ShellAssignment", "ShellBlock", "SnapshotParts", "Trail", "Way", "YamlNode", "_Block", "_Group", "_Open",
    "_Options", "_Searched", "_Stars", "_Table", "_Trouble", "_Walk",
})  # fmt: skip
"""Records that one function fills, or that keep what they have worked out. All others are frozen."""


@cache
def declared() -> tuple[tuple[str, Any], ...]:
    """The classes and functions of each module, with their full names."""
    names = sorted(found.name for found in pkgutil.walk_packages(directus_guard.__path__, "directus_guard."))
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    return tuple(found for module in modules for found in _declared(module))


def _declared(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, thing in vars(module).items():
        if getattr(thing, "__module__", "") == module.__name__:
            yield f"{module.__name__}.{name}", thing


def records() -> Iterator[tuple[str, Any]]:
    """The classes that hold data."""
    for name, thing in declared():
        if isinstance(thing, type) and (issubclass(thing, msgspec.Struct) or dataclasses.is_dataclass(thing)):
            yield name, thing


def functions() -> Iterator[tuple[str, FunctionType]]:
    """Functions and methods, without what decorates them."""
    for name, thing in declared():
        members = vars(thing).items() if isinstance(thing, type) else [("", thing)]
        for member, found in members:
            plain = getattr(found, "__func__", None) or getattr(found, "fget", None) or found
            if callable(plain) and isinstance(function := unwrap(plain), FunctionType):
                yield f"{name}.{member}".rstrip("."), function


def defaults_of_record(thing: Any) -> Iterator[tuple[str, object, str]]:
    """Each field that has a default, with its type as it is written."""
    types: dict[str, str] = {}
    for above in reversed(thing.__mro__):
        types |= get_annotations(above)
    if issubclass(thing, msgspec.Struct):
        names, values = thing.__struct_fields__, thing.__struct_defaults__
        pairs = list(zip(names[len(names) - len(values) :], values, strict=True))
    else:
        pairs = [(field.name, field.default) for field in dataclasses.fields(thing)]
    yield from ((name, value, types[name]) for name, value in pairs)


def defaults_of_function(function: FunctionType) -> Iterator[tuple[str, object, str]]:
    """Each parameter that has a default, with its type as it is written."""
    code, values = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
    named: Mapping[str, object] = function.__kwdefaults__ or {}
    for name, value in (*zip(names, values, strict=True), *named.items()):
        if name in function.__annotations__:
            yield name, value, str(function.__annotations__[name])


def test_data_are_frozen() -> None:
    changing = {
        name.rpartition(".")[2]
        for name, thing in records()
        if not (thing.__struct_config__ if issubclass(thing, msgspec.Struct) else thing.__dataclass_params__).frozen
    }
    assert changing == BEING_FILLED


def test_a_default_has_its_type() -> None:
    """`None` for what may be missing, and no truth value in its place."""
    found = {
        f"{name} {field}": (value, type_)
        for name, thing in records()
        for field, value, type_ in defaults_of_record(thing)
    }
    found |= {
        f"{name} {field}": (value, type_)
        for name, function in functions()
        for field, value, type_ in defaults_of_function(function)
    }
    assert len(found) > 1000
    assert {name for name, (value, type_) in found.items() if TYPES.get(type(value), "") not in type_} == OTHER_NAMES
