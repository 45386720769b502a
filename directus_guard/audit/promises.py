"""The promises of the config that count for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.config import FolderConfig
    from directus_guard.directus.access.promises import Promise


def promises_of(content: FolderConfig, path: str, folder: str = "") -> Iterator[Promise]:
    """What a config promises. `path`: its file; `folder`: where it applies."""
    if not content.promises:
        return
    from directus_guard.directus.access.promises import Promise, PromiseKind  # noqa: PLC0415 - few configs have any

    for line, entry in content.promises:
        said = entry.only or entry.never
        if said is None:  # pragma: no cover - the config refuses it
            continue
        yield Promise(
            kind=PromiseKind.ONLY if entry.only else PromiseKind.NEVER,
            principals=said.principal,
            actions=said.action,
            collections=said.collection,
            excepted=said.excepted or (),
            fields=(entry.only and entry.only.fields) or (),
            rule=entry.only.rule if entry.only else None,
            reason=said.reason or "",
            severity=Severity(said.severity) if said.severity else None,
            place=f"{path}:{line}",
            folder=folder,
        )


def of_both(own: Iterable[Promise], base: Iterable[Promise]) -> tuple[Promise, ...]:
    """The promises of a change and of its base: a change may add some, and neither takes any away nor lowers a severity."""
    there = {promise.content: promise for promise in own}
    held = {promise.content: promise for promise in base}
    kept = (
        replace(promise, severity=held[content].severity) if content in held else promise
        for content, promise in there.items()
    )
    return (*kept, *(replace(promise, of_base=True) for content, promise in held.items() if content not in there))
