"""The names of system collections and fields are those of the published packages."""

from __future__ import annotations

import pytest

from directus_guard.directus.access.system_data import system_fields, system_relations
from directus_guard.directus.versions import Version
from tests.differential import generate_system_fields


@pytest.mark.real
def test_every_release_has_its_names() -> None:
    """For each release that was read: what the package names is known, and what only others name is known to be missing."""
    table = generate_system_fields.table()
    for release in generate_system_fields.PACKAGES:
        major, minor = map(int, release.split("."))
        known = system_fields(Version(major, minor, 0))
        for collection, fields in table.items():
            there = {field for field, mark in fields.items() if _in(mark, (major, minor))}
            assert (collection in known) is ("" in there), (release, collection)
            if collection in known:
                assert set(known[collection]) == there - {""}, (release, collection)


@pytest.mark.real
def test_every_release_has_its_relations() -> None:
    table = generate_system_fields.relations()
    for release in generate_system_fields.PACKAGES:
        major, minor = map(int, release.split("."))
        there = {name for name, mark in table.items() if _in(mark, (major, minor))}
        known = system_relations(Version(major, minor, 0))
        texts = ((one.collection, one.field, one.related_collection, one.one_field) for one in known)
        assert {" ".join(filter(None, one)) for one in texts} == there, release


def _in(mark: str, release: tuple[int, int]) -> bool:
    later, _, until = mark.removeprefix("*").partition("<")
    last_without = _pair(later.removeprefix(">"))
    return not (last_without and release <= last_without) and not (until and release >= _pair(until))


def _pair(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split("."))) if text else ()
