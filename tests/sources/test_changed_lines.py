from __future__ import annotations

import random

from hypothesis import given, strategies as st

from directus_guard.sources.files import changed_lines
from directus_guard.sources.files.changed_lines import added_lines
from tests.support.each import each_case

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


@each_case(
    ("before", "after", "expected"),
    [
        ("{a{a{{b", "}{}}bb{", [1, 3, 4, 6, 7]),
        ("aaa}", "}{bba", [2, 3, 4, 5]),
        ("b}{b{}", "b{aab{", [3, 4]),
        ("{a{{", "b}a{b}", [1, 2, 5, 6]),
        ("b{}b", "a{a}b{", [1, 3, 6]),
        ("{a}b}", "aaaa", [2, 3, 4]),
        ("ba", "b{aa{}b}", [2, 4, 5, 6, 7, 8]),
        ("b}}", "ab}}b}b}", [1, 5, 6, 7, 8]),
        ("aa{", "bbb}{", [1, 2, 3, 4]),
        ("bb{{}{", "b{{}}a{", [5, 6]),
        ("a}b", "ab}}}", [3, 4, 5]),
        ("babba{", "}}", [1, 2]),
        ("{ba{aa{", "aa}}b{", [3, 4, 5]),
        ("aa}}", "b}", [1]),
        ("b{aa}", "{{{", [2, 3]),
        ("{}}a{", "}{}", [3]),
        ("aba}{{", "{}", [2]),
        ("}ab", "a{ba", [2, 4]),
        ("}{", "b", [1]),
        ("ab", "{", [1]),
        ("a", "a{bb}", [2, 3, 4, 5]),
        ("a{", "b", [1]),
        ("", "a{bab", [1, 2, 3, 4, 5]),
        ("a", "ba}b", [1, 3, 4]),
        ("}{bba}{", "}ab{{", [3, 4]),
        ("ab", "aab", [2]), ("{}", "{}{}", [3, 4]), ("ab", "abab", [3, 4]), ("a", "aaa", [2, 3]), ("xay", "xaaay", [3, 4]), ("{a}{b}", "{a}{c}{b}", [5, 6, 7]),
    ],
)  # fmt: skip
def test_the_lines_are_those_that_git_shows(before: str, after: str, expected: list[int]) -> None:
    """Each character is a line. `git diff --diff-algorithm=myers --no-indent-heuristic` shows the same."""
    old, new = ("".join(f"{line}\n" for line in text).encode() for text in (before, after))
    assert added_lines(old, new) == set(expected)


def test_as_few_lines_as_possible_are_added() -> None:
    choose = random.Random(1)
    for _ in range(300):
        before, after = (choose.choices(b"abc", k=choose.randint(1, 9)) for _ in "12")
        old, new = ([bytes([line]) for line in text] for text in (before, after))
        added = added_lines(b"\n".join(old), b"\n".join(new))
        left = iter(old)
        assert all(line in left for number, line in enumerate(new, 1) if number not in added)
        assert len(added) == len(new) - longest(old, new)
