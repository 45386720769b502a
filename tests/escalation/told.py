"""What is told of a way, word for word, kept in `ways.txt`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.escalation import Unplanned
from tests.support.worlds import THE_EDITOR, THE_PUBLIC, answer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.worlds import World

KEPT: Final = Path(__file__).with_name("ways.txt")
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")


def told(world: World, version: str) -> Iterator[str]:
    for principal in (THE_EDITOR, THE_PUBLIC):
        answer = answer_of(world, principal, version)
        name = principal.kind.value
        if answer is None:
            yield f"  {name}: none"
        elif isinstance(answer, Unplanned):
            yield f"  {name}: no plan: {answer.last}"
        else:
            yield f"  {name}: {answer.name} ({answer.confidence.value})"
            for step in answer.steps:
                yield f"    {step.id}: {step.action} | {step.permission} | {step.gives}"
                if step.request is not None:
                    yield f"      {step.request.sender}: {step.request.line}"


def kept() -> dict[str, list[str]]:
    sections = f"\n{KEPT.read_text(encoding='utf-8')}".split("\n== ")[1:] if KEPT.exists() else []
    return {name: lines for name, *lines in (section.rstrip("\n").split("\n") for section in sections)}


def compared(name: str, today: list[str]) -> None:
    sections = kept()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        sections[name] = today
        KEPT.write_text(
            "\n".join(line for key in sorted(sections) for line in (f"== {key}", *sections[key], "")), encoding="utf-8"
        )
    assert today == sections.get(name)


def all_compared(table: str, worlds: Mapping[str, World]) -> None:
    """The worlds of a table, in two versions, and that nothing else is kept of it."""
    for name, world in worlds.items():
        lines = [line for version in VERSIONS[:2] for line in (f" {version}", *told(world, version))]
        compared(f"{table}: {name}", lines)
    assert {name for name in kept() if name.startswith(f"{table}: ")} == {f"{table}: {name}" for name in worlds}
