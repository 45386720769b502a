"""Keys are random: which plan is found, and how sure it is, does not depend on them."""

from __future__ import annotations

import uuid
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from msgspec import Struct
from msgspec.structs import asdict, replace

from directus_guard.directus.access.records import PUBLIC_POLICY
from directus_guard.escalation import Path, Paths
from tests.support.random_escalations import instance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.export import Export

T = TypeVar("T")


def renamed(value: T, keys: Mapping[str, str]) -> T:
    """The same with other keys."""
    made: Any = value
    kind: Any = type(value)
    if isinstance(value, str):
        made = keys.get(value, value)
    elif isinstance(value, Struct):
        members = {name: one if name == "name" else renamed(one, keys) for name, one in asdict(value).items()}
        made = replace(value, **members)
    elif isinstance(value, dict):
        made = {name: renamed(one, keys) for name, one in value.items()}
    elif kind in (list, tuple):
        made = kind(renamed(one, keys) for one in made)
    return made  # type: ignore[no-any-return]  # of the same kind


def keys_of(export: Export) -> list[str]:
    model = export.model
    found = {role.id for role in model.roles} | {policy.id for policy in model.policies}
    found |= {user.id for user in model.users} | {row.id for row in model.access if row.id is not None}
    return sorted(found - {PUBLIC_POLICY})


def answers(export: Export, keys: Mapping[str, str]) -> list[Any]:
    """What is said of each role and the public; `keys` lead back to those of the original."""
    paths = Paths(export)
    found: list[Any] = []
    for principal, _ in sorted(export.actors, key=lambda one: keys.get(one[0].id or "", one[0].id or "")):
        answer = paths.answer(principal)
        if not isinstance(answer, Path):
            found.append(answer)
            continue
        lines = [_with_names(step.request.line if step.request else "", keys) for step in answer.steps]
        found.append((answer.name, answer.confidence, [step.action for step in answer.steps], lines))
    return found


def _with_names(text: str, keys: Mapping[str, str]) -> str:
    for key, name in keys.items():
        text = text.replace(key, name)
    return text


def with_random_keys(export: Export, seed: str) -> tuple[Export, dict[str, str]]:
    random = Random(seed)
    fresh = {key: str(uuid.UUID(int=random.getrandbits(128), version=4)) for key in keys_of(export)}
    return renamed(export, fresh), {key: name for name, key in fresh.items()}


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 40), marks=pytest.mark.thorough)])
def test_a_plan_does_not_depend_on_keys(seeds: range) -> None:
    for seed in seeds:
        original, _ = instance(seed)
        first, *others = (with_random_keys(original, f"{seed} {number}") for number in range(4))
        expected = answers(*first)
        for export, keys in others:
            assert answers(export, keys) == expected, seed
