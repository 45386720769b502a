"""Many globs match as each of them does alone, and all are compiled once."""

from __future__ import annotations

import fnmatch

from hypothesis import given, strategies as st

from directus_guard.sources.files.globs import covering

PATHS = st.text(st.sampled_from("ab/.*?[]!\n"), min_size=1, max_size=6)


@given(globs=st.lists(PATHS, min_size=1, max_size=4), path=PATHS)
def test_a_path_is_covered_by_one_glob_or_by_a_folder_above_it(globs: list[str], path: str) -> None:
    expected = any(
        fnmatch.fnmatchcase(path, glob) or fnmatch.fnmatchcase(path, f"{glob.rstrip('/')}/*") for glob in globs
    )
    assert (covering(tuple(globs)).match(path) is not None) == expected
