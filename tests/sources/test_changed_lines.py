from __future__ import annotations

from hypothesis import given, strategies as st

from directus_guard.sources.files import changed_lines
from directus_guard.sources.files.changed_lines import added_lines

TEXTS = st.lists(st.sampled_from([b"{", b"}", b'"a"', b'"b"', b""]), max_size=12).map(b"\n".join)


def test_what_is_added() -> None:
    assert added_lines(b"a\nb\nc\n", b"a\nx\nb\nc\ny\n") == {2, 5}
    assert added_lines(b"a\nb\n", b"a\nB\n") == {2}
    assert added_lines(b"a\nb\nc\n", b"a\nc\n") == frozenset()
    assert added_lines(b"", b"a\nb\n") == {1, 2}
    assert added_lines(b"a\nb\n", b"") == frozenset()


@given(TEXTS, TEXTS)
def test_what_is_not_added_is_kept_in_order(before: bytes, after: bytes) -> None:
    added = added_lines(before, after)
    old, kept = before.split(b"\n"), [line for number, line in enumerate(after.split(b"\n"), 1) if number not in added]
    left = iter(old)
    assert all(line in left for line in kept)
    assert len(added) == len(after.split(b"\n")) - longest(old, after.split(b"\n"))


def longest(old: list[bytes], new: list[bytes]) -> int:
    """The lines of the longest common subsequence."""
    rows = [[0] * (len(new) + 1)]
    for line in old:
        row = [0]
        for number, other in enumerate(new):
            row.append(rows[-1][number] + 1 if line == other else max(rows[-1][number + 1], row[-1]))
        rows.append(row)
    return rows[-1][-1]


def test_of_too_many_differences_lines_are_counted() -> None:
    old = b"\n".join(b"old %d" % number for number in range(changed_lines.MOST_DIFFERENCES))
    new = b"\n".join([*(b"new %d" % number for number in range(changed_lines.MOST_DIFFERENCES)), b"old 7", b"end"])
    added = added_lines(old, new)
    assert changed_lines.MOST_DIFFERENCES + 1 not in added
    assert len(added) == changed_lines.MOST_DIFFERENCES + 1
