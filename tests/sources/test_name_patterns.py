"""Names match as they do in a shell, where `*` is the only sign with a meaning."""

from __future__ import annotations

import fnmatch
from itertools import product

from directus_guard.sources.files.name_patterns import matches
from tests.support.each import each_case


@each_case("length", range(6))
def test_a_star_stands_for_any_text(length: int) -> None:
    names = ["".join(letters) for size in range(6) for letters in product("a.", repeat=size)]
    patterns = ["".join(letters) for letters in product("a.*", repeat=length)]
    differing = [
        (name, pattern)
        for name, pattern in product(names, patterns)
        if matches(name, pattern) is not fnmatch.fnmatchcase(name, pattern)
    ]
    assert differing == []


@each_case("sign", ["[ab]", "?", "[", "a+", "\\", "$"])
def test_other_signs_are_letters(sign: str) -> None:
    assert matches(f"x{sign}y", f"x{sign}*")
    assert not matches("xay", f"x{sign}y")
