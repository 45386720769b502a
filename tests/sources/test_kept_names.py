"""The names of the files that are read, and of the folders that are not, kept in `names.txt`.

A name that is lost is a project that is not seen. `make snapshots` takes today's: read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files import command_files, registry, store
from directus_guard.sources.files.file_set import LOCK_FILES, FileSet, Source
from tests.support.repositories import repository

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT: Final = Path(__file__).with_name("names.txt")


def lines(name: str, value: object) -> Iterator[str]:
    match value:
        case Source():
            yield f"{name}: read by {value.module}"
            for files in value.files:
                yield from lines(" ", files)
        case FileSet():
            marks = [
                mark
                for mark, given in (("text", value.relevant), ("bytes", value.holds), ("bare", value.bare))
                if given
            ]
            yield f"{name} {' '.join(value.names)}{' (' + ', '.join(marks) + ')' if marks else ''}"
            for word, more in (("not", value.other), ("below", sorted(value.below))):
                if more:
                    yield f"    {word} {' '.join(more)}"
        case tuple() | frozenset() if value and all(isinstance(one, str) for one in value):
            yield f"{name} {' '.join(sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value))}"
        case tuple() if value and all(isinstance(one, Source) for one in value):
            yield f"{name}: {' '.join(one.module for one in value if isinstance(one, Source))}"
        case _:
            pass


def test_the_names_are_as_kept() -> None:
    today = [
        line
        for module in (registry, command_files, store)
        for name, value in sorted(vars(module).items())
        if not name.startswith("__")
        for line in lines(name, value)
    ]
    if os.environ.get("UPDATE_SNAPSHOTS"):
        KEPT.write_text("\n".join(today) + "\n", encoding="utf-8")
    assert today == KEPT.read_text(encoding="utf-8").splitlines()


def test_a_lock_file_is_read_for_versions_only(tmp_path: Path) -> None:
    """It holds megabytes that look like anything. A set of files that names it gets it, a pattern does not."""
    made = repository(tmp_path, dict.fromkeys(LOCK_FILES, "directus: docker run services: image:"))
    sets = [value for value in vars(registry).values() if isinstance(value, FileSet)]
    sets += [files for value in vars(registry).values() if isinstance(value, Source) for files in value.files]
    assert len(sets) > 40
    assert not {path for files in sets for path in files.named(made)}
    assert FileSet(("pnpm-lock.yaml",)).named(made) == ("pnpm-lock.yaml",)
