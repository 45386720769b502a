"""Dockerfiles as Docker reads them: instructions, here-documents, words, variables, and what `.dockerignore` leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.formats import docker_env_file, dockerfile_syntax, dockerignore
from directus_guard.sources.formats.dockerfile_syntax import BuildScope, Positions
from tests.support.each import each_case
from tests.support.in_memory import in_memory

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Value


@each_case(
    ("text", "expected", "escape"),
    [
        ("FROM a\nRUN b \\\n  c\n", ["FROM 'a'", "RUN 'b   c'"], "\\"),
        ("# escape=`\nFROM a\nRUN b `\n c \\\n", ["FROM 'a'", r"RUN 'b  c \\'"], "`"),
        ("#escape = \\\nRUN a \\\n b", ["RUN 'a  b'"], "\\"),
        ("# syntax=x\n# Escape=`\nRUN a `\nb", ["RUN 'a b'"], "`"),
        ("\n# escape=`\nRUN a `\nb", ["RUN 'a `'", "B ''"], "\\"),
        ("FROM a\n# escape=`\nRUN a \\\nb", ["FROM 'a'", "RUN 'a b'"], "\\"),
        ("RUN a \\\n# c\n\n  b \\  \n c\\\\\nENV d", [r"RUN 'a   b  c\\\\'", "ENV 'd'"], "\\"),
        ("run a\nEnv b c\n 1x y\nX-Y z\nFROM\n", ["RUN 'a'", "ENV 'b c'", "FROM ''"], "\\"),
        ("RUN <<E\na\n b\nE\nENV x", [r"RUN '<<E' <E 'a\n b\n'@8", "ENV 'x'"], "\\"),
        ("RUN <<-E\n\ta\n\t E\n\tE\nENV x", [r"RUN '<<-E' <E 'a\n E\n'@9", "ENV 'x'"], "\\"),
        ('COPY <<\'A\' <<"B" /c\na\nA\nb\nB\nENV x', ['COPY \'<<\\\'A\\\' <<"B" /c\' <A! \'a\\n\'@20 <B! \'b\\n\'@24', "ENV 'x'"], "\\"),
        ("ADD <<A <<B\na\nB\nA\nb\nB", [r"ADD '<<A <<B' <A 'a\nB\n'@12 <B 'b\n'@18"], "\\"),
        ("RUN 3<<E\na\nE", [r"RUN '3<<E' <E 'a\n'@9"], "\\"),
        ("ENV <<E\na\nE", ["ENV '<<E'", "A ''", "E ''"], "\\"),
        ("RUN <<E\na", ["RUN '<<E'", "A ''"], "\\"),
        ("RUN a <<E b\nE", ["RUN 'a <<E b' <E ''@12"], "\\"),
        ("RUN <<-E\na\nE", [r"RUN '<<-E' <E 'a\n'@9"], "\\"),
        ("RUN <<E\n\tE\nE", [r"RUN '<<E' <E '\tE\n'@8"], "\\"),
        ('RUN <<\'E"\nE', ['RUN \'<<\\\'E"\'', "E ''"], "\\"),
        ("\ufeffFROM a", ["FROM 'a'"], "\\"),
        ("RUN a\r\nRUN b \\\r\n c\r\n", ["RUN 'a'", "RUN 'b  c'"], "\\"),
        ("FROM\\\na", ["FROM 'a'"], "\\"),
        ("RUN a \\", ["RUN 'a'"], "\\"),
        ("RUN a b  \t", ["RUN 'a b'"], "\\"),
        ("  RUN a", ["RUN 'a'"], "\\"),
        (" \t# escape=`\nRUN a `\nb", ["RUN 'a b'"], "`"),
        ("~# escape=`\nRUN a `\nb", ["RUN 'a `'", "B ''"], "\\"),
        ("RUN a \\\n \t\n  # c\n~# d\nENV b", ["RUN 'a ~# d'", "ENV 'b'"], "\\"),
        ("RUN a \\~\nb", [r"RUN 'a \\~'", "B ''"], "\\"),
        ("# RUN a\n  # RUN b\nRUN c", ["RUN 'c'"], "\\"),
    ],
)  # fmt: skip
def test_instructions(text: str, expected: list[str], escape: str) -> None:
    instructions, found = dockerfile_syntax.read(text)
    described = [
        f"{one.keyword} {one.text!r}"
        + "".join(f" <{doc.name}{'!' * doc.quoted} {doc.text!r}@{doc.offset}" for doc in one.heredocs)
        for one in instructions
    ]
    assert (described, found) == (expected, escape)


def test_where_the_parts_of_an_instruction_are() -> None:
    text = "FROM a\nENV b=c \\\n# d\n\n  e=f \\\ng=h\n"
    _, instruction = dockerfile_syntax.read(text)[0]
    runs = list(instruction.runs(0))
    assert runs == [("b=c ", 11), ("  e=f ", 22), ("g=h", 30)]
    assert all(text.startswith(part, offset) for part, offset in runs)
    assert list(instruction.runs(6)) == [("e=f ", 24), ("g=h", 30)]
    assert list(instruction.runs(10)) == [("g=h", 30)]
    assert [text[instruction.offset(index)] for index in range(len(instruction.text))] == list(instruction.text)


@each_case(
    ("word", "complete", "open_"),
    [
        ("a", "a", "a"),
        ("'a $A'", "a $A", "a $A"),
        ('"a $A"', "a x", "a x"),
        ("$A", "x", "x"),
        ("${A}b", "xb", "xb"),
        ("$A$N", "x", "x"),
        ("$U", " (why, no fallback)", " (why, no fallback)"),
        ("x${U}y", "xy (why, no fallback)", "xy (why, no fallback)"),
        ("${F}", "f (why)", "f (why)"),
        ("${U:-d}", "d (why)", "d (why)"),
        ("${F:-d}", "f (why)", "f (why)"),
        ("${E:-d}", "d (why)", "d (why)"),
        ("${E-d}", " (why)", " (why)"),
        ("${N:-d}", "d", "d"),
        ("${N-d}", "", ""),
        ("${A:-d}", "x", "x"),
        ("${A-d}", "x", "x"),
        ("${Q:-d}", "d", "d (`$Q` is not set in the Dockerfile)"),
        ("${Q-d}", "d", "d (`$Q` is not set in the Dockerfile)"),
        ("${Q}", "", " (`$Q` is not set in the Dockerfile, no fallback)"),
        ("$Q", "", " (`$Q` is not set in the Dockerfile, no fallback)"),
        ("${A:+d}", "d", "d"),
        ("${N:+d}", "", ""),
        ("${N+d}", "d", "d"),
        ("${Q+d}", "", "d (`$Q` is not set in the Dockerfile, no fallback)"),
        ("${U:+d}", "d (why, no fallback)", "d (why, no fallback)"),
        ("${F:+d}", "d (why, no fallback)", "d (why, no fallback)"),
        ("${A:?d}", "x", "x"),
        ("${Q?d}", "", " (`$Q` is not set in the Dockerfile, no fallback)"),
        ("${A%x}", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)"),
        ("${A#x}", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)"),
        ("${}", " (a variable reference is malformed, no fallback)", " (a variable reference is malformed, no fallback)"),
        ("${A", "x", "x"),
        ("$", "$", "$"),
        ("$$", "", " (`$$` is not set in the Dockerfile, no fallback)"),
        ("$1", "", " (`$1` is not set in the Dockerfile, no fallback)"),
        ("${-}", "", " (`$-` is not set in the Dockerfile, no fallback)"),
        (r"\$A", "$A", "$A"),
        (r"\a", "a", "a"),
        (r'"\a\"\$A\\"', '\\a"$A\\', '\\a"$A\\'),
        (r"'\'", "\\", "\\"),
        ("`$A", "`x", "`x"),
        ("a\\", "a", "a"),
        ("${Q:-${A}}", "x", "x (`$Q` is not set in the Dockerfile)"),
        ("${Q:-${Q:-z}}", "z", "z (`$Q` is not set in the Dockerfile)"),
        ('${Q:-"a b"}', "a b", "a b (`$Q` is not set in the Dockerfile)"),
        ("${Q:-'$A'}b", "$Ab", "$Ab (`$Q` is not set in the Dockerfile)"),
        ('"$A"\'$A\'$A', "x$Ax", "x$Ax"),
        ("${A:=d}", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)"),
        ("${A:x}", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)", " (`${A…}` is changed by the Dockerfile in a way that is not followed, no fallback)"),
        ('a"b\'c"d\'e"f\'', 'ab\'cde"f', 'ab\'cde"f'),
        ("${Q:-${U}}", " (why, no fallback)", " (`$Q` is not set in the Dockerfile, no fallback)"),
        ("$U$F", "f (why, no fallback)", "f (why, no fallback)"),
        ("$F$A", "fx (why)", "fx (why)"),
        ("'a'\"b\"c", "abc", "abc"),
        ("$.$A", "$.x", "$.x"),
        ("${}b", "b (a variable reference is malformed, no fallback)", "b (a variable reference is malformed, no fallback)"),
        ("${Q:-{}b}", "{b}", "{b} (`$Q` is not set in the Dockerfile)"),
        ("${Q:-$}b}", "$b}", "$b} (`$Q` is not set in the Dockerfile)"),
    ],
)  # fmt: skip
def test_variables(word: str, complete: str, open_: str) -> None:
    values: dict[str, Value] = {
        "A": Known(Secret("x")), "N": Known(Secret("")), "U": Unknown("why"), "F": Unknown("why", Secret("f")), "E": Unknown("why", Secret("")),
    }  # fmt: skip
    for whole, expected in ((True, complete), (False, open_)):
        found = dockerfile_syntax.expand(word, BuildScope(values, whole, "\\"))
        reason = f" ({found.reason}{'' if found.has_fallback else ', no fallback'})" if found.reason else ""
        assert f"{found.text}{reason}" == expected
        if found.reason:
            fallback = Secret(found.text) if found.has_fallback else None
            assert found.value == Unknown(found.reason, fallback, written=fallback)
        else:
            assert found.value == Known(Secret(found.text))


def test_variables_end() -> None:
    scope = BuildScope({"A": Known(Secret("x" * 100_000))}, complete=True, escape="\\")
    assert dockerfile_syntax.expand("$A", scope).reason == ""
    longer = dockerfile_syntax.expand("$A$A", scope)
    assert longer == dockerfile_syntax.Expansion(
        "x" * 100_000, "its text is longer than any environment takes", has_fallback=False
    )
    half = BuildScope({"A": Known(Secret("x" * 64 * 1024)), "B": Known(Secret("y"))}, complete=True, escape="\\")
    assert [bool(dockerfile_syntax.expand(word, half).reason) for word in ("$A$A", "$A$A$B")] == [False, True]
    for depth, known in ((20, True), (21, False)):
        word = "${B:-" * depth + "x" + "}" * depth
        assert (dockerfile_syntax.expand(word, scope).text == "x") is known


@each_case(
    ("text", "expected"),
    [
        ("a b", ["a@0-1", "b@2-3"]),
        ('a  \'b c\' "d e"f', ["a@0-1", "'b c'@3-8", '"d e"f@9-15']),
        (r"a\ b c", [r"a\ b@0-4", "c@5-6"]),
        (r"a\b c", [r"a\b@0-3", "c@4-5"]),
        (r"'a\' b", [r"'a\'@0-4", "b@5-6"]),
        (r'"a\" b" c', [r'"a\" b"@0-7', "c@8-9"]),
        ("a 'b", ["a@0-1", "'b@2-4"]),
        ("a\\", ["a@0-1"]),
        ('"a\'b" c\'d"e\'', ['"a\'b"@0-5', 'c\'d"e\'@6-12']),
    ],
)  # fmt: skip
def test_words(text: str, expected: list[str]) -> None:
    (instruction,), escape = dockerfile_syntax.read(f"RUN {text}")
    found = dockerfile_syntax.words(instruction, escape)
    assert [f"{word.text}@{word.start}-{word.end}" for word in found] == expected
    assert dockerfile_syntax.words(instruction, escape, found[0].end) == found[1:]


@each_case(
    ("patterns", "path", "excluded"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a", "b/a", False),
        ("/a", "a", True),
        ("*/a", "b/a", True),
        ("*/a", "a", False),
        ("**/a", "a", True),
        ("**/a", "b/c/a", True),
        ("a/**", "a/b", True),
        ("a/**", "a", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/c/d/b", True),
        ("*.md", "a.md", True),
        ("*.md", "b/a.md", False),
        ("*\n!a", "a", False),
        ("*\n!a", "b", True),
        ("!a\n*", "a", True),
        ("#a", "#a", False),
        ("# a\nb", "b", True),
        ("a?", "ab", True),
        ("[ab]", "a", True),
        ("a/", "a", True),
        ("./a", "a", True),
        ("a/../b", "b", True),
        (" a ", "a", True),
        ("!", "a", False),
        ("/", "a", False),
        ("", "", False),
        ("*\n!a/b", "a/b", False),
        ("*\n!a/b", "a/c", True),
        ("\ufeffa", "a", True),
        ("**", "a/b", True),
        ("**/", "a", True),
        ("a/**/**/b", "a/b", True),
        ("a\n!a\na", "a", True),
        ("A", "a", False),
        ("a/*", "a/b/c", True),
        ("~**", "a/b", False),
    ],
)  # fmt: skip
def test_what_dockerignore_leaves_out(patterns: str, path: str, excluded: bool) -> None:
    ignore = dockerignore.of(in_memory({".dockerignore": patterns}), "Dockerfile", "")
    assert ignore.file == ".dockerignore"
    assert ignore.excludes(path) is excluded


def test_which_dockerignore_counts() -> None:
    files = {"a/Dockerfile.dockerignore": "x", "b/.dockerignore": "y", ".dockerignore": "z"}
    cases = [("a/Dockerfile", "b"), ("Dockerfile", "b"), ("Dockerfile", ""), ("Dockerfile", "c")]
    found = [dockerignore.of(in_memory(files), dockerfile, context) for dockerfile, context in cases]
    assert [one.file for one in found] == [*files, ""]
    assert [[one.excludes(path) for path in "xyz"].count(True) for one in found] == [1, 1, 1, 0]


@each_case(
    ("text", "expected"),
    [
        ("A=b\n", ["A=b 1:3-4 o"]),
        ("A='b' # c\n", ["A='b' # c 1:3-10 o"]),
        ("A\n", ["A=it is handed on from the shell that starts the container 1:2-2 o"]),
        ("#A=b\n", []),
        ("=b\n", []),
        ("A B=c\n", []),
        ("A=b\r\nC=d=e\n", ["A=b 1:3-4 o", "C=d=e 2:3-6 o"]),
        ("\ufeffA=b", ["A=b 1:3-4 o"]),
        ("\n\nA=", ["A= 3:3-3 o"]),
        ("A*=b\n", []),
        ("  # A=b", []),
        ("~A~=~b", ["~A~=~b 1:5-7 o"]),
        (" A =b", ["A=b 1:5-6 o"]),
        ("*\nB", ["B=it is handed on from the shell that starts the container 2:2-2 o"]),
    ],
)  # fmt: skip
def test_env_files_of_docker(text: str, expected: list[str]) -> None:
    found = []
    for one in docker_env_file.read("f", text, "o"):
        value = one.value.text.reveal() if isinstance(one.value, Known) else getattr(one.value, "reason", "")
        place = one.location
        found.append(f"{one.name}={value} {place.line}:{place.column}-{place.end_column} {one.origin}")
        assert (place.path, place.end_line) == ("f", place.line)
    assert found == expected


@each_case(
    ("text", "start", "end", "place"),
    [
        ("ab\ncd\n\nef", 0, 2, (1, 1, 3)),
        ("ab\ncd\n\nef", 1, 1, (1, 2, 2)),
        ("ab\ncd\n\nef", 3, 5, (2, 1, 3)),
        ("ab\ncd\n\nef", 1, 9, (1, 2, 3)),
        ("ab\ncd\n\nef", 6, 8, (3, 1, 1)),
        ("ab\ncd\n\nef", 8, 9, (4, 2, 3)),
        ("\ufeffab\ncd", 0, 3, (1, 1, 4)),
        ("\ufeffab\ncd", 1, 3, (1, 1, 3)),
        ("\ufeffab\ncd", 2, 3, (1, 2, 3)),
        ("\ufeffab\ncd", 5, 6, (2, 2, 3)),
    ],
)
def test_lines_and_columns(text: str, start: int, end: int, place: tuple[int, int, int]) -> None:
    """A mark at the beginning of a file is no column; of several lines the first one's region is given."""
    positions = Positions("f", text)
    line, column, end_column = place
    assert positions.region(start, end) == Location("f", line, column, line, end_column)
    if start != 1 or not text.startswith("\ufeff"):
        assert positions.offset(line, column) == start
    assert positions.offset(99, 1) == text.rindex("\n") + 1
    assert positions.offset(0, 1) == 0
