"""GitHub's hash of a line: the vectors of github/codeql-action's own test, and a second way to compute it."""

from __future__ import annotations

from hypothesis import given, strategies as st

from directus_guard.github.fingerprints import line_hashes
from tests.support.each import each_case

LOREM = "Lorem ipsum dolor sit amet.\n"
VECTORS = {
    "": "c129715d7a2bc9a3:1",
    " a\nb\n  \t\tc\n d": "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1",
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End": "8b7cf3e952e7aeb2:1 b1ae1287ec4718d9:1 bff680108adb0fcc:1"
    " c6805c5e1288b612:1 b86d3392aea1be30:1 e6ceba753e1a442:1",
    "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n": "e54938cc54b302f1:1 bb609acbe9138d60:1"
    " 1131fd5871777f34:1 5c482a0f8b35ea28:1 54517377da7028d2:1 2c644846cb18d53e:1 f1b89f20de0d133:1 c129715d7a2bc9a3:1",
    LOREM * 10: "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5"
    " a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1",
}  # fmt: skip


def every(text: str) -> str:
    return " ".join(line_hashes(text.encode(), range(1, 100)).values())


@each_case("text", VECTORS)
def test_the_vectors(text: str) -> None:
    assert every(text) == VECTORS[text]


@each_case("text", VECTORS)
def test_line_ends_and_blanks_make_no_difference(text: str) -> None:
    assert every(text.replace("\n", "\r\n")) == VECTORS[text]
    assert every(text.replace("\n", "\r")) == VECTORS[text]
    assert every(text.replace("\n", "  \t\n")) == VECTORS[text]


def rolling(text: str) -> dict[int, str]:
    """The same as a rolling hash over a ring of a hundred units, unit by unit."""
    ring, numbers, found = [0] * 100, [-1] * 100, {}
    value, index, line, start, after_return = 0, 0, 0, True, False
    seen: dict[str, int] = {}
    units = [int.from_bytes(pair, "little") for pair in _pairs(text.encode("utf-16-le", "surrogatepass"))]
    modulus = 1 << 64
    for unit in [*units, 65535, *[0] * 100]:
        if unit in (32, 9) or (after_return and unit == 10):
            after_return = False
            continue
        after_return = unit == 13
        current = 10 if after_return else unit
        if numbers[index] != -1:
            text_ = f"{value:x}"
            seen[text_] = seen.get(text_, 0) + 1
            found[numbers[index]] = f"{text_}:{seen[text_]}"
            numbers[index] = -1
        if start:
            start, line = False, line + 1
            numbers[index] = line
        start = current == 10
        value = (37 * value + current - pow(37, 100, modulus) * ring[index]) % modulus
        ring[index], index = current, (index + 1) % 100
    return found


def _pairs(data: bytes) -> list[bytes]:
    return [data[at : at + 2] for at in range(0, len(data), 2)]


@given(st.text(st.sampled_from("ab \t\r\n\u2028é😀\ufeff"), max_size=400))
def test_equal_to_the_rolling_form_on_any_text(text: str) -> None:
    assert line_hashes(text.encode(), range(1, 500)) == rolling(text)


def test_only_lines_that_exist() -> None:
    assert sorted(line_hashes(b"a\nb\n", [0, -1, 2, 9])) == [2]
    assert line_hashes(b"\xff\xfea", [1]) == line_hashes("\ufffd\ufffda".encode(), [1])
