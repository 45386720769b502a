"""Shell texts: the words of their commands are those that a real shell makes, and each knows its place."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.formats import holes, traced
from directus_guard.sources.formats.shell_commands import commands
from tests.support.each import each_case

if TYPE_CHECKING:
    from directus_guard.sources.formats.shell_commands import Command


def read(script: str) -> tuple[Command, ...]:
    return commands(traced.whole("run.sh", script))


def lists(script: str) -> list[list[str]]:
    return [[holes.filled(word.text, "?") for word in command.words] for command in read(script)]


@each_case(
    ("script", "expected"),
    [
        ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
        ("a \\\n  b \\\r\n c", ["a", "b", "c"]),
        ("a b # c", ["a", "b"]),
        ("a b#c", ["a", "b#c"]),
        ('a ""', ["a", ""]),
        ("a $'x\\ty'", ["a", "x\ty"]),
        ('a "\\$X \\" \\n"', ["a", '$X " \\n']),
        ("a '$X'", ["a", "$X"]),
        ("a 2>&1 >out <in &>all", ["a"]),
        ("a <<< text b", ["a", "b"]),
        ("if a b; then :; fi", ["a", "b"]),
        ("! a b", ["a", "b"]),
        ("{ a b; }", ["a", "b"]),
        ("( a b )", ["a", "b"]),
        ("f() { a b; }", ["a", "b"]),
        ("function f { a b; }", ["a", "b"]),
        ("X=1 a b", ["a", "b"]),
        ("a $(b) $((1 + 2)) `c` $X ${X} ${X%y} $1", ["a", "?", "?", "?", "?", "?", "?", "?"]),
        ("a x$X", ["a", "x?"]),
    ],
)
def test_words(script: str, expected: list[str]) -> None:
    assert lists(script)[0] == expected


@each_case(
    ("script", "expected"),
    [
        ("X=1\nuse $X", "1"),
        ("X='a b'\nuse \"$X\"", "a b"),
        ("X=1; export Y=$X\nuse ${Y}2", "12"),
        ("export X=1 && use $X", "1"),
        ("X=a\nX=b\nuse $X", "b"),
        ("X=a\nX+=b\nuse $X", "ab"),
        ("use ${X:-b}", "?"),
        ("X=\nuse ${X:-b}", "b"),
        ("X=$(date)\nuse $X", "?"),
        ("X=a\nif c; then X=b; fi\nuse $X", "?"),
        ("X=a\nif c; then X=a; fi\nuse $X", "a"),
        ("if c; then X=b; use $X; fi", "b"),
        ("c && X=b\nuse $X", "?"),
        ("X=a\nsource ./more.sh\nuse $X", "?"),
        ("source ./more.sh\nX=a\nuse $X", "a"),
        ("X=a\nread -r X\nuse $X", "?"),
        ("for X in 1 2; do use $X; done", "?"),
        ("(X=a)\nuse $X", "?"),
        ("f() { local X=a; use $X; }", "a"),
        ("f() { use $X; }\nX=a\nf", "a"),
        ("X=b\nf() { use $X; }\nX=a\nf", "?"),
        ("X=a\nf() { X=b; }\nf\nuse $X", "?"),
        ("case $1 in a) X=b ;; c) use $X ;; esac", "?"),
        ("echo x | X=a\nuse $X", "?"),
        ("X=1 use $X", "?"),
        ("while c; do X=1; done\nuse $X", "?"),
    ],
)
def test_a_variable_is_known_where_every_way_to_it_gives_it_the_same_text(script: str, expected: str) -> None:
    (found,) = [command for command in read(script) if command.words and command.words[0].text == "use"]
    assert holes.filled(found.words[1].text, "?") == expected


def test_variables_without_quotes_and_lists_become_words() -> None:
    script = 'O=\'-e A=1 -p 80\'\nL=(-v "x y")\nL+=(--rm)\na $O "${L[@]}" "$O"'
    assert lists(script)[-1] == ["a", "-e", "A=1", "-p", "80", "-v", "x y", "--rm", "-e A=1 -p 80"]


def test_what_may_be_any_number_of_words_says_so() -> None:
    (found,) = read('a $OPTIONS "$ONE" "${LIST[@]}" x$REST')
    assert [word.spread for word in found.words] == [False, True, False, True, False]


@each_case(
    "script",
    [
        "ID=$(docker run x)",
        'ssh host "docker run x"',
        "bash -c 'docker run x'",
        "ssh host <<'END'\ndocker run x\nEND\n",
        "ssh -T host <<-END\n\tdocker run x\n\tEND\n",
        'echo "$(docker run x)"',
        "echo `docker run x`",
        "su -c 'cd / && docker run x' user",
        "cat <<E >f\ntext with ' and \"\nE\ndocker run x",
        "f <<A <<B\nA\n$(\nB\ndocker run x",
        "x() {\n  docker run x\n}",
        "test -n y && docker run x || exit 1",
        "case $1 in\n  start) docker run x ;;\nesac",
        "echo $(( 1 << 2 ))\ndocker run x",
    ],
)
def test_commands_are_found_inside_others(script: str) -> None:
    assert ["docker", "run", "x"] in lists(script)


def test_a_document_is_no_command() -> None:
    assert lists("cat <<END >.env\ndocker run x\nEND\nls") == [["cat"], ["ls"]]


@each_case(
    "script",
    [
        "sudo -E docker run x",
        "env A=b docker run x",
        "exec /usr/bin/docker run x",
        "$SUDO docker run x",
        "timeout 10 docker run x",
        "ssh host docker run x",
    ],
)
def test_a_program_behind_another(script: str) -> None:
    arguments = read(script)[0].arguments("docker")
    assert arguments is not None
    assert [word.text for word in arguments] == ["run", "x"]


@each_case("script", ["echo docker run x", "grep docker run", "x=docker run"])
def test_other_programs(script: str) -> None:
    assert read(script)[0].arguments("docker") is None


def test_each_part_knows_its_place() -> None:
    script = 'TAG=1.2\ndocker run \\\n  -e "SECRET=a b" -e KEY=$TAG img:$TAG'
    words = read(script)[0].words
    assert words[3].partition("=")[2].location.line == 3
    assert (words[3].partition("=")[2].location.column, words[3].partition("=")[2].location.end_column) == (14, 17)
    key = words[5].partition("=")[2].variable("KEY", "here")
    assert (key.location.line, key.location.column, key.location.end_column) == (1, 5, 8)
    assert [place.line for place in key.via] == [3]
    image = words[6]
    assert (image.location.column, image.location.end_column) == (31, 39)
    assert image.variable("I", "").parts[0].location.line == 1


def test_values_are_never_printed() -> None:
    (found,) = read("a -e SECRET=hidden")
    assert "hidden" not in repr(found)
    assert "hidden" not in repr(found.words[2])
    value = found.words[2].partition("=")[2].value
    assert isinstance(value, Known)
    assert value.text.reveal() == "hidden"


@each_case("folded", ["|", ">", '"', "'", ""])
def test_scalars_of_yaml(folded: str) -> None:
    text = {
        "|": "run: |\n  a b\n  c --x d\n",
        ">": "run: >\n  a b\n  c --x d\n",
        '"': 'run: "a b\\nc --x d"\n',
        "'": "run: 'a b\n  c --x d'\n",
        "": "run: a b\n  c --x d\n",
    }[folded]
    from directus_guard.sources.formats import yaml_document

    (document,) = yaml_document.parse("w.yml", text)
    assert isinstance(document, yaml_document.Mapping)
    scalar = document.scalar("run")
    assert scalar is not None
    found = traced.scalar("w.yml", text, scalar.text, scalar.location)
    assert found.text == scalar.text
    lines = text.split("\n")
    for command in commands(found):
        for word in command.words:
            place = word.location
            assert lines[place.line - 1][place.column - 1 : place.end_column - 1] == word.text


SMALL = st.sampled_from(
    ["a", "b", "=", " ", "'", '"', "\\", "$X", "${X}", "${X:-d}", "\\\n", "-e ", "#", "${Y}", "x y"]
)
"""Pieces of which argument lists are made."""


@pytest.mark.real
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_words_are_those_of_a_real_shell() -> None:
    """Random lines, all handed to one bash: wherever every word is known, bash has the same words."""
    compared = 0
    texts: list[str] = []

    @settings(max_examples=1500, database=None, deadline=None)
    @given(st.lists(SMALL, max_size=12).map("".join))
    def collect(line: str) -> None:
        texts.append(line)

    collect()
    texts = sorted(set(texts))
    head = "X='1 2'\nshow() { for w in \"$@\"; do printf '%s\\0' \"$w\"; done; }\n"
    for line in texts:
        script = f"{head}show {line}\n"
        run = subprocess.run(["bash", "-f", "-c", script], capture_output=True, check=False, timeout=20)
        if run.returncode or run.stderr:
            continue
        found = [command.words[1:] for command in read(script) if command.words and command.words[0].text == "show"]
        if not found or any(word.unknown for word in found[-1]):
            continue
        compared += 1
        assert [word.text for word in found[-1]] == run.stdout.decode().split("\0")[:-1], json.dumps(line)
    assert compared > 300


@given(st.text(alphabet="abX=$(){}[]'\"`\\;&|<>#\n\t -!@*:0123456789EOF", max_size=300))
def test_any_text_is_read(script: str) -> None:
    for command in read(script):
        for word in command.words:
            assert word.location.line >= 1


HOSTILE = ["(", "$(", "`", "{ ", "${", "<<A ", "<<", '"', "'", "if x; then ", "case x in a) ", '"$(', "<(", "a=(", "[[ ", "((", "||", "&& ",
           "a\\\n", "f() ", "cat <<-'E'\n", ") } fi done\n", "$((", "X=$X$X\n", "a=b ", "X+=abc\n", "echo $X\n", "source a\nX=1\necho $X\n", "x() { X=1; }\n"]  # fmt: skip


@pytest.mark.thorough
@each_case("piece", HOSTILE)
def test_hostile_texts_are_read(piece: str) -> None:
    """Five thousand of each: what is not linear does not end."""
    read(piece * 5_000)
