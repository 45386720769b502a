"""Patterns that are compiled when they are first used: every one of them can be, and then is a pattern like any other."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re

import pytest

import directus_guard
from directus_guard.lazy_pattern import LazyPattern, lazy_pattern


def test_it_does_what_a_pattern_does() -> None:
    made = lazy_pattern(r"(a)(?P<b>B)", re.IGNORECASE)
    assert made.search("xab") is not None
    assert made.sub("-", "abAB") == "--"
    assert made.pattern == "(a)(?P<b>B)"
    assert dict(made.groupindex) == {"b": 2}
    assert lazy_pattern(rb"a").fullmatch(b"a") is not None


def test_nothing_is_compiled_before() -> None:
    made = lazy_pattern("(")
    with pytest.raises(re.error):
        made.search("")


def test_every_pattern_of_the_package_can_be_compiled() -> None:
    for module in pkgutil.walk_packages(directus_guard.__path__, "directus_guard."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.unfreeze()  # what was imported before the first test
    made = [one for one in gc.get_objects() if isinstance(one, LazyPattern) and one.pattern != "("]
    gc.freeze()
    assert len(made) > 400
    assert all(one.groups is not None for one in made)
