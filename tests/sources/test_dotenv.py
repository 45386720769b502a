"""Environment files: values as Node's dotenv parses them; places are right, and a long line is searched once for all of them."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING, SupportsIndex

from dotenv.parser import parse_stream

from directus_guard import limits
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.formats import dotenv
from directus_guard.sources.formats.dotenv import Dialect
from tests.support.each import each_case
from tests.support.recorded import load

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Counted(str):
    """A text that counts the characters in which something was looked for."""

    __slots__ = ("searched",)
    searched: int

    def find(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None) -> int:
        self.searched += int(end or 0) - int(start or 0)
        return super().find(sub, start, end)


def test_a_long_line_is_searched_once() -> None:
    text = _Counted('A=""' * 1_000)
    text.searched = 0
    source = dotenv.DotenvText("")
    source.__dict__["text"] = text
    for index in range(0, len(text), 2):
        assert source.place(index) == (1, index + 1)
    assert text.searched <= len(text)


def test_places_on_a_long_line() -> None:
    text = 'A="x"B="y"\nC="z"D=\'w\''
    found = [(item.name, item.line, item.column) for item in dotenv.parse(text, Dialect.COMPOSE)]
    assert found == [("A", 1, 4), ("B", 1, 9), ("C", 2, 4), ("D", 2, 9)]


def test_places_are_found_in_any_order() -> None:
    source = dotenv.DotenvText("ab\ncd ef\ngh", 5)
    places = [source.place(index) for index in (0, 4, 7, 9, 1, 5, 3)]
    assert places == [(5, 1), (6, 2), (6, 5), (7, 1), (5, 2), (6, 3), (6, 1)]
    source = dotenv.DotenvText("\na")
    assert [source.place(index) for index in (1, 2, 0, 1)] == [(2, 1), (2, 2), (1, 1), (2, 1)]


@each_case("case", load("dotenv"), ids=lambda case: repr(case["text"]))
def test_a_text_is_parsed_as_node_parses_it(case: dict[str, object]) -> None:
    text = str(case["text"])
    found = {item.name: item.text.reveal() for item in dotenv.parse(text, Dialect.NODE)}
    assert sorted(map(list, found.items())) == sorted(case["pairs"])  # type: ignore[call-overload]  # pairs of texts


def test_statements_on_one_line_are_those_of_python_dotenv() -> None:
    """Where each line ends its quotes, python-dotenv is not asked, and would find the same."""
    pieces = [
        "a",
        "A",
        "=",
        "=",
        "#",
        '"',
        '"',
        "'",
        "'",
        "\\",
        " ",
        "\n",
        "\n",
        "\t",
        "export ",
        "`",
        "\f",
        "\u2028",
        "é",
        ":",
    ]
    choose = random.Random(7)
    asked = 0
    for _ in range(20_000):
        text = "".join(choose.choices(pieces, k=choose.randint(1, 14)))
        lines = list(io.StringIO(text))
        if list(dotenv._lenient_statements(text)) != lines:
            continue
        asked += '"' in text or "'" in text
        assert statements(lines) == statements(one.original.string for one in parse_stream(io.StringIO(text))), text
    assert asked > 500


def statements(parts: Iterable[str]) -> list[dotenv.Statement]:
    """What node reads in each part, with the lines that it has in the whole."""
    found: list[dotenv.Statement] = []
    line = 1
    for part in parts:
        found += dotenv._node(dotenv.DotenvText(part, line))
        line += part.count("\n")
    return found


@each_case(
    ("written", "value", "quote"),
    [
        ("x", "x", ""), ("'x'  # y", "x", "'"), (" x' ", "x'", ""),
        # What begins with a quote and ends with one is quoted, though the line has more of them; else nothing is.
        ("'x' y'", "x' y", "'"), ("`x` `y`", "x` `y", "`"), ('"x" "y"', 'x" "y', '"'), ("'x", "'x", ""), (' "x\\" y', '"x\\" y', ""),
    ],
)  # fmt: skip
def test_what_is_quoted_and_where_it_stands(written: str, value: str, quote: str) -> None:
    text = f"A={written}"
    (found,) = dotenv.parse(text, Dialect.NODE)
    assert (found.text.reveal(), found.quote.value) == (value, quote)
    assert text[found.column - 1 : found.end_column - 1] == value


def described(found: Iterable[dotenv.Statement]) -> list[str]:
    """Each with its quote and where its value is written."""
    return [
        f"{one.name}={'~' * one.inherited}{one.text.reveal()} {one.quote.value}{one.line}:{one.column}-{one.end_line}:{one.end_column}"
        for one in found
    ]


@each_case(
    ("text", "expected"),
    [
        ("junk\nA=b", ["A=b 2:3-2:4"]),
        ('A="x\\" # y', ['A=x\\ "1:4-1:6']),
        ('A="x\\" y\\" # z', ['A=x\\" y\\ "1:4-1:10']),
        ("A='x\\' y\\'\n", ["A=x\\' y\\ '1:4-1:10"]),
        ("A=`x\\` # z", ["A=x\\ `1:4-1:6"]),
        ('A="" # "y"', ['A= "1:4-1:4']),
        ("A=x\u2028'y'", ["A=x\u2028y 1:3-1:8"]),
        ("A=x\u2029'y'", ["A=x\u2029y 1:3-1:8"]),
        ('A="a\\rb\\nc"', ['A=a\rb\nc "1:4-1:11']),
        ("A='a\\nb'", ["A=a\\nb '1:4-1:8"]),
        ('A="x\\n" y', ['A="x\n" y "1:4-1:9']),
        ('A="x\\"y\nB="c"', ['A="x\\"y 1:3-1:8', 'B=c "2:4-2:5']),
        ('A="x"\u2028y', ['A=x "1:4-1:5']),
        ("A=~b~", ["A=~b~ 1:3-1:6"]),
        ("~A=b", []),
        ("A=\ufeff\u3000b\u2000\ufeff", ["A=b 1:5-1:6"]),
        ('A="x" \u2029', ['A=x "1:4-1:5']),
        ('A: "b" # c\nB:c\nC:\n"d"', ['A=b "1:5-1:6', 'C=d "4:2-4:3']),
        ('A="b\n#c"  d\nE=f', ['A="b 1:3-1:5', "E=f 3:3-3:4"]),
        ('A="x" y"', ['A=x" y "1:4-1:8']),
        ("export A=b\nexport\n B=c", ["A=b 1:10-1:11", "B=c 3:4-3:5"]),
        ("A.b-C_1=d", ["A.b-C_1=d 1:9-1:10"]),
        ("A=b\r\nC=d\re=f", ["A=b 1:3-1:4", "C=d 2:3-2:4", "e=f 3:3-3:4"]),
        ('A="x\n\n"\nB=c', ['A=x\n\n "1:4-3:1', "B=c 4:3-4:4"]),
        ("A=''", ["A= '1:4-1:4"]),
        ("A=\nB=c", ["A= 1:3-1:3", "B=c 2:3-2:4"]),
    ],
)  # fmt: skip
def test_what_node_reads(text: str, expected: list[str]) -> None:
    assert described(dotenv.parse(text, Dialect.NODE)) == expected
    assert dotenv.accepted(text, Dialect.NODE) == dotenv.parse(text, Dialect.NODE)


@each_case(
    ("text", "expected"),
    [
        ("A=b\nC: d\n# e\n\nF=g", ["A=b 1:3-1:4", "C=d 2:4-2:5", "F=g 5:3-5:4"]),
        ("\ufeffA=b\r\nC=d\re=f", ["A=b 1:3-1:4", "C=d 2:3-2:4", "e=f 3:3-3:4"]),
        ("A='b\nc'\nD=e", ["A=b\nc '1:4-2:2", "D=e 3:3-3:4"]),
        ("A='b\nC=d\n", ["A='b 1:3-1:5", "C=d 2:3-2:4"]),
        ('A="b" # c\nD=\'e\' f\nG=h', ['A=b "1:4-1:5', "D='e' f 2:3-2:8", "G=h 3:3-3:4"]),
        ("export A=b\nA B=c\nD", ["A=b 1:10-1:11"]),
        ("A='b' 'c'\nD=e", ["A=b' 'c '1:4-1:9", "D=e 2:3-2:4"]),
        ("A=b'c\nD='e\nf'\nG=h", ["A=b'c 1:3-1:6", "D=e\nf '2:4-3:2", "G=h 4:3-4:4"]),
        ('A="b\\"c"\nD=e', ['A=b\\"c "1:4-1:8', "D=e 2:3-2:4"]),
        ('A=b"c # d\nE="f # g"\n', ['A=b"c 1:3-1:6', 'E=f # g "2:4-2:9']),
        ("'A'=b\nC=d", ["C=d 2:3-2:4"]),
        ("A='b'\u2028\nC=d", ["A=b '1:4-1:5", "C=d 2:3-2:4"]),
    ],
)  # fmt: skip
def test_what_is_read_where_the_reader_is_not_known(text: str, expected: list[str]) -> None:
    assert described(dotenv.parse(text, Dialect.LENIENT)) == expected


@each_case(
    ("text", "expected", "mistake"),
    [
        ("A=b\n", ["A=b 1:3-1:4"], ""),
        ("A=b c # d\n", ["A=b c 1:3-1:6"], ""),
        ("A=b#c\n", ["A=b#c 1:3-1:6"], ""),
        ("A='b # c'\n", ["A=b # c '1:4-1:9"], ""),
        ('A="b\\nc\\td\\\\e\\"f\\$g\\a\\b\\f\\r\\v\\q"\n', ['A=b\nc\td\\e"f$$g\x07\x08\x0c\r\x0b\\q "1:4-1:32'], ""),
        ("A='b\\nc\\'d'\n", [r"A=b\nc'd '1:4-1:11"], ""),
        ("A: b\n", ["A=b 1:4-1:5"], ""),
        ("export A=b\nexport\tC=d\nexportE=f\n", ["A=b 1:10-1:11", "C=d 2:10-2:11", "exportE=f 3:9-3:10"], ""),
        ("A\nB=c\nexport D\n", ["A=~ 1:1-1:2", "B=c 2:3-2:4", "D=~ 3:1-3:2"], ""),
        ("A B=c\n", [], "1: a name with a space in it"),
        ("x=1\ny=2\n A B=c\n", ["x=1 1:3-1:4", "y=2 2:3-2:4"], "3: a name with a space in it"),
        ("A-b.c[0]=d\n", ["A-b.c[0]=d 1:10-1:11"], ""),
        ("A$=b\n", [], "1: an unexpected character in a name"),
        ("x\nA*=b", ["x=~ 1:1-1:2"], "2: an unexpected character in a name"),
        ("A=b", ["A=b 1:3-1:4"], ""),
        ("A=", ["A= 1:3-1:3"], ""),
        ("A", ["= 1:2-1:2"], ""),
        ("# c\n\n  A=b\n #d\n", ["A=b 3:5-3:6"], ""),
        ('A="b\nc" D=e\n', ['A=b\nc "1:4-2:2', "D=e 2:6-2:7"], ""),
        ("A='b\n", [], "1: a quoted value without its closing quote"),
        ('x=1\nA="b', ["x=1 1:3-1:4"], "2: a quoted value without its closing quote"),
        ("A =  b  \n", ["A=b 1:6-1:7"], ""),
        ("A\t=\tb\n", ["A=b 1:5-1:6"], ""),
        ("\ufeffA=b\n", ["A=b 1:4-1:5"], ""),
        ("=b\n", ["=b 1:2-1:3"], ""),
        ("é=b\n", ["é=b 1:3-1:4"], ""),
        ('A="\\0\\01\\0101\\0377\\0777\\08"\n', [r'A=\0\01A\0377\0777\08 "1:4-1:27'], ""),
        ('A="\\\n"', ['A=\\\n "1:4-2:1'], ""),
        ("A='b'c\n", ["A=b '1:4-1:5", "c=~ 1:6-1:7"], ""),
        ("A=b\r\nC=d\r\n", ["A=b 1:3-1:4", "C=d 2:3-2:4"], ""),
        ("A=b\rC=d", ["A=b 1:3-1:4", "C=d 2:3-2:4"], ""),
        ("  export   A  =b\n", ["A=b 1:16-1:17"], ""),
        ("A=b\xa0\n\x85C=d\n", ["A=b 1:3-1:4", "C=d 2:4-2:5"], ""),
        ("²=b\n", ["²=b 1:3-1:4"], ""),
        ('A="b"#c\nD=e', ['A=b "1:4-1:5', "D=e 2:3-2:4"], ""),
        ("A:b\n", ["A=b 1:3-1:4"], ""),
        ("~A=b\n", [], "1: an unexpected character in a name"),
        ("A~=b\n", [], "1: an unexpected character in a name"),
        ("A=~b~\n", ["A=~b~ 1:3-1:6"], ""),
        ("A=b~ #c", ["A=b~ 1:3-1:5"], ""),
        ("export\nA=b\n", ["=~ 1:1-1:1", "A=b 2:3-2:4"], ""),
        ("export", ["= 1:7-1:7"], ""),
        ("export~A=b\n", [], "1: an unexpected character in a name"),
        ("export\x0bA=b\n", ["export\x0bA=b 1:10-1:11"], ""),
        ("export\x85A=b\n", ["export\x85A=b 1:10-1:11"], ""),
        ("A=\x85\xa0b\n", ["A=b 1:5-1:6"], ""),
        ('A="\\0177\\0200"', ['A=\x7f\\0200 "1:4-1:14'], ""),
        ("A=b\n\u2028 \n#c", ["A=b 1:3-1:4"], ""),
        ("A=  \n", ["A= 1:5-1:5"], ""),
        ("A=b\n#", ["A=b 1:3-1:4"], ""),
        ("A B~=c\n", [], "1: an unexpected character in a name"),
        ("A: ~b\n", ["A=~b 1:4-1:6"], ""),
        ("_A.b-c[1]=d\n", ["_A.b-c[1]=d 1:11-1:12"], ""),
        ("\u3000A=b\u3000\n", ["A=b 1:4-1:5"], ""),
        ("A=\u2028b\n", ["A=\u2028b 1:3-1:5"], ""),
        ("A =b\n", ["A=b 1:4-1:5"], ""),
        ("A\x0b=b\n", ["A=b 1:4-1:5"], ""),
    ],
)  # fmt: skip
def test_what_compose_reads(text: str, expected: list[str], mistake: str) -> None:
    """`~`: the value comes from the environment of Compose."""
    found, refused = dotenv.compose(text)
    assert described(found) == expected
    assert ("" if refused is None else f"{refused[0]}: {refused[1]}") == mistake
    assert dotenv.mistake(text, Dialect.COMPOSE) == refused
    assert dotenv.accepted(text, Dialect.COMPOSE) == (None if refused else found)
    assert dotenv.parse(text, Dialect.COMPOSE) == found


@each_case("dialect", [Dialect.NODE, Dialect.LENIENT])
def test_the_marks_of_a_merge_are_a_mistake(dialect: Dialect) -> None:
    for text, line in (
        ("\n<<<<<<< HEAD\nC=d\n", 2),
        ("A=b\n<<<<<<< HEAD\nC=d\n", 2),
        ("A=b\nC=d\n>>>>>>> x\r\n", 3),
        ("A=b\n<<<<<<<\nC=d", 2),
    ):
        reason = "a merge left its marks in the file: which of its lines count is not known"
        assert dotenv.mistake(text, dialect) == (line, reason)
        assert dotenv.accepted(text, dialect) is None
    for text in ("A=b\n<<<<<< HEAD\n", "A=<<<<<<< HEAD\n", "A=b\n<<<<<<<HEAD\n"):
        assert dotenv.mistake(text, dialect) is None
        assert dotenv.accepted(text, dialect) == dotenv.parse(text, dialect)


@each_case("dialect", Dialect)
def test_what_is_too_large_is_no_environment_file(dialect: Dialect) -> None:
    long, many = "A=" + "b" * (dotenv.MAX_CHARACTERS - 1), "\n" * limits.ENVIRONMENT_LINES.number
    for text, reason in ((long, "more than 1 MiB"), (many, limits.over(limits.ENVIRONMENT_LINES))):
        assert dotenv.parse(text, dialect) == ()
        assert dotenv.accepted(text, dialect) is None
        assert dotenv.mistake(text, dialect) == (1, f"{reason}: no environment file")
        assert dotenv.too_large(text) == Unknown(f"the file has {reason}")
        assert dotenv.too_large(text[1:]) is None
