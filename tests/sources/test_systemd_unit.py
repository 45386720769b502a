"""Unit files: assignments, words, specifiers and environment files as systemd reads them, and where each value is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.formats import systemd_unit, traced
from tests.support.each import each_case
from tests.support.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.environment.deployment import Variable


def described(variables: Iterable[Variable]) -> list[str]:
    found = []
    for one in variables:
        value = f"<{one.value.reason}>" if isinstance(one.value, Unknown) else ""
        value = one.value.text.reveal() if isinstance(one.value, Known) else value
        place = one.location
        found.append(f"{one.name}={value} {place.line}:{place.column}-{place.end_line}:{place.end_column}")
        assert one.origin == "o"
    return found


@each_case(
    ("text", "expected"),
    [
        ("[Service]\nA=b\nC = d \n", ["Service|A|b", "Service|C|d"]),
        ("A=b\n[S]\nA=c\n[T]\nB=d", ["|A|b", "S|A|c", "T|B|d"]),
        ("[S]\nA=b \\\n  c\nD=e", ["S|A|b    c", "S|D|e"]),
        ("[S]\nA=b \\\n# x\n; y\n c\n", ["S|A|b   c"]),
        ("[S]\n# c\n; d\n\nA=b", ["S|A|b"]),
        ("[S]\nA=b\\", ["S|A|b"]),
        ("[S\nA=b", ["|A|b"]),
        ("[S]  \nA=b=c", ["S|A|b=c"]),
        ("\ufeff[S]\nA=b\r\nC=d \\\r\n e\r\n", ["S|A|b", "S|C|d   e"]),
        ("[]\nA=b", ["|A|b"]),
        ("[S]\nA\n=b", ["S||b"]),
        ("[S]\nA=\\\n\\\nb", ["S|A|b"]),
        ("[S]\nA=~b~", ["S|A|~b~"]),
        ("[S]\nA=b~\\\n~c", ["S|A|b~ ~c"]),
        ("~[S]\nA=b", ["|A|b"]),
        ("[S]~\nA=b", ["|A|b"]),
        ("  [S]\n  A=b", ["S|A|b"]),
        ("[S]\nA=b\\\r\nc", ["S|A|b c"]),
        ("[S]\n;\\\nA=b", ["S|A|b"]),
        ("[a b]\nA=b", ["a b|A|b"]),
        ("[S]\nA=b\\\\\nc", ["S|A|b\\ c"]),
    ],
)  # fmt: skip
def test_assignments(text: str, expected: list[str]) -> None:
    found = systemd_unit.assignments("f", text)
    assert [f"{one.section}|{one.key}|{one.value.text}" for one in found] == expected


@each_case(
    ("text", "strict", "relaxed"),
    [
        ("a b", ["a", "b"], ["a", "b"]),
        ('\'a b\' "c d"e', ["a b", "c de"], ["a b", "c de"]),
        (r"a\ b", [], [r"a\ b"]),
        (r"a\sb\tc\nd", ["a b\tc\nd"], ["a b\tc\nd"]),
        (r"\x41\u0042\U00000043\101", ["ABCA"], ["ABCA"]),
        (r"a \q b", ["a"], ["a", r"\q", "b"]),
        ("a 'b", ["a"], ["a", "b"]),
        ("a\\", [], ["a\\"]),
        (r"\x00", [], [r"\x00"]),
        ('"a\\"b" \'c\\\'d\'', ['a"b', "c'd"], ['a"b', "c'd"]),
        ("''", [""], [""]),
        ("a''b", ["ab"], ["ab"]),
        ("  ", [], []),
        ('\\a\\b\\f\\r\\v\\\\\\"\\\'', ['\x07\x08\x0c\r\x0b\\"\''], ['\x07\x08\x0c\r\x0b\\"\'']),
        ('a"b c"d e', ["ab cd", "e"], ["ab cd", "e"]),
        (r"\U00110000", [], [r"\U00110000"]),
        (r"\x4", [], [r"\x4"]),
        (r"\8", [], [r"\8"]),
        (r"a \377 b\400", ["a", "ÿ"], ["a", "ÿ", r"b\400"]),
        ("~a '~b'~", ["~a", "~b~"], ["~a", "~b~"]),
        ("a\\~b", [], ["a\\~b"]),
        ("a\tb\nc", ["a", "b", "c"], ["a", "b", "c"]),
        ("\\x7e\\176\\u007e", ["~~~"], ["~~~"]),
        ("\\x414", ["A4"], ["A4"]),
        ("\\u00410", ["A0"], ["A0"]),
        ("\\101a", ["Aa"], ["Aa"]),
    ],
)  # fmt: skip
def test_words(text: str, strict: list[str], relaxed: list[str]) -> None:
    value = traced.whole("f", text)
    assert [word.text for word in systemd_unit.words(value)] == strict
    assert [word.text for word in systemd_unit.words(value, relaxed=True)] == relaxed


@each_case(
    ("text", "expected"),
    [
        ('A=b C=\'d e\' "F=g h"', ["A=b 1:3-1:4", "C=d e 1:8-1:11", "F=g h 1:16-1:19"]),
        ("A=%h/x B=%%c D=a%i%", ["A=<systemd fills in `%h`> 1:3-1:7", "B=%c 1:10-1:13", "D=<systemd fills in `%i`> 1:16-1:20"]),
        ("A", []),
        ("=b", []),
        ("1A=b", []),
        ("A='b'c", ["A=bc 1:4-1:7"]),
        ("A=", ["A= 1:3-1:3"]),
        ("'A=b c' D=%\u2028", ["A=b c 1:4-1:7", "D=<systemd fills in `%?`> 1:11-1:13"]),
    ],
)  # fmt: skip
def test_environment(text: str, expected: list[str]) -> None:
    assert described(systemd_unit.environment(traced.whole("f", text), "o")) == expected


@each_case(
    ("text", "expected"),
    [
        ("A=b\n", ["A=b 1:3-1:4"]),
        ("A=b c \nD=e", ["A=b c 1:3-1:6", "D=e 2:3-2:4"]),
        ("# A=b\n; C=d\nE=f", ["E=f 3:3-3:4"]),
        ("A='b c'\n", ["A=b c 1:4-1:7"]),
        ('A="b \\"c\\" \\$d \\e"\n', [r'A=b "c" $d \e 1:4-1:18']),
        ("A=b\\\nc\n", ["A=bc 1:3-1:5"]),
        ("A='b\nc'\n", ["A=b\nc 1:4-1:5"]),
        ('A=\'b\'"c"\n', ["A=bc 1:4-1:8"]),
        ("A='b'c\n", ["A=bc 1:4-1:7"]),
        ("A=b'c'\n", ["A=b'c' 1:3-1:7"]),
        ("A=\n", ["A= 1:3-1:3"]),
        ("A", []),
        ("A=b # c", ["A=b # c 1:3-1:8"]),
        ("  A = b", ["A=b 1:7-1:8"]),
        ("A='b", ["A=b 1:4-1:5"]),
        (r"A=b\ c\q", ["A=b cq 1:3-1:9"]),
        ("1A=b\nC=d", ["C=d 2:3-2:4"]),
        ("A=b\r\nC=d\r\n", ["A=b 1:3-1:4", "C=d 2:3-2:4"]),
        ("\ufeffA=b", ["A=b 1:3-1:4"]),
        ("A='b\\\nc'\nD=e", ["A=b\\\nc 1:4-1:6", "D=e 3:3-3:4"]),
        ('A="b\\\nc"', ["A=bc 1:4-1:6"]),
        ("export A=b", []),
        ("A=  ", ["A= 1:3-1:3"]),
        ("A='' ", ["A= 1:3-1:3"]),
        ("A=b  c", ["A=b  c 1:3-1:7"]),
        ("A=b=c\n", ["A=b=c 1:3-1:6"]),
        ("A=~b~\n", ["A=~b~ 1:3-1:6"]),
        ("A=\\b'c'", ["A=b'c' 1:3-1:8"]),
        ("A=b~\\\n~c", ["A=b~~c 1:3-1:6"]),
        ("~A=b", []),
        ('A=\'~\'"~"', ["A=~~ 1:4-1:8"]),
        ("A=b \\\n  c", ["A=b   c 1:3-1:6"]),
        ("A= 'b' 'c'", ["A=b c 1:5-1:10"]),
        ("A='b' c", ["A=b c 1:4-1:8"]),
        ("A=b\n\nC=d\n", ["A=b 1:3-1:4", "C=d 3:3-3:4"]),
        ("\n\nA=b", ["A=b 3:3-3:4"]),
        ("A=\\$b", ["A=$b 1:3-1:6"]),
        ('A="b\\`c\\\\"', ["A=b`c\\ 1:4-1:10"]),
        ("A='b\\\\c'", ["A=b\\\\c 1:4-1:8"]),
        ("A=b\\", ["A=b\\ 1:3-1:5"]),
        ('A="b\\', ["A=b\\ 1:4-1:6"]),
        ("A=b ;c", ["A=b ;c 1:3-1:7"]),
        ("A=b\tc\t\n", ["A=b\tc 1:3-1:6"]),
        ('A="b" \nC=d', ["A=b 1:4-1:5", "C=d 2:3-2:4"]),
        ("A=x'y'z\nB=c", ["A=x'y'z 1:3-1:8", "B=c 2:3-2:4"]),
    ],
)  # fmt: skip
def test_environment_files(text: str, expected: list[str]) -> None:
    assert described(systemd_unit.environment_file("f", text, "o")) == expected


def test_only_the_beginning_of_a_long_file_is_read() -> None:
    for before, is_read in ((systemd_unit.MAX_CHARACTERS - 4, True), (systemd_unit.MAX_CHARACTERS - 3, False)):
        text = f"#{' ' * (before - 1)}\nA=b"
        assert [one.value.text for one in systemd_unit.assignments("f", text)] == ["b" if is_read else ""]
        assert described(systemd_unit.environment_file("f", text, "o")) == [f"A={'b' * is_read} 2:3-2:{3 + is_read}"]


def test_drop_ins_are_laid_over_a_unit() -> None:
    files = {"a.service": "[S]\nA=b\nA=c\nB=d\nB=e\nC=f\nD=g\n", "a.d/x.conf": "[S]\nA=\nA=h\nB=\n[T]\nC=i\n"}
    unit = systemd_unit.unit(in_memory(files), "a.service", ["a.d/x.conf", "a.d/none.conf"])
    assert unit is not None
    assert [[one.text for one in unit.all("S", key)] for key in "ABCDE"] == [["h"], [], ["f"], ["g"], []]
    last = [unit.last(section, key) for section, key in (("S", "A"), ("S", "B"), ("S", "C"), ("T", "C"), ("T", "A"))]
    assert [one.text if one is not None else None for one in last] == ["h", None, "f", "i", None]
    assert [unit.has(section) for section in ("S", "T", "U")] == [True, True, False]
    assert systemd_unit.unit(in_memory(files), "b.service") is None


def test_what_a_service_gives_to_its_commands() -> None:
    text = '[Service]\nEnvironment=A=b "C=d e" 1=f\nEnvironment=A=%i G=\n[Unit]\nEnvironment=H=i\n'
    found = systemd_unit.given("f", text)
    assert {name: value.unknown or value.text for name, value in found.items()} == {
        "A": "systemd fills in `%i`",
        "C": "d e",
        "G": "",
    }
