"""A project with one small mistake or change in one of its files: what is read, or said, of it is kept as a digest.

People leave lines out, write a list where a text belongs, and forget a quote. A test says how a reader takes what its author thought
of. These changes are drawn, and reach what was not thought of.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST: Final = 20_000
"""Bytes of a file that is changed."""
_VALUES: Final = (
    "null",
    "true",
    "0",
    '""',
    "'x'",
    "[]",
    "{}",
    "${X}",
    "$X",
    "{{ x }}",
    "-1",
    "[a, b]",
    "a: b",
    "x y",
    '"x',
    "$(x)",
)
_JSON: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    2.5,
    "",
    "x",
    "*",
    "null",
    "[]",
    '{"a": 1}',
    [],
    {},
    [None],
    {"x": 1},
)
_WORD: Final = re.compile(r"[^\s\"'=:,(){}\[\]]+")
_VALUE: Final = re.compile(r"^(\s*(?:-\s+)?[^:=\s]+\s*[:=]\s*)(.*)$")


def variants(root: Path, seed: str, count: int) -> Iterator[str]:
    """The folder with one change at a time: what is yielded is the name of the file. Afterwards it is as before."""
    files = [path for path in sorted(root.rglob("*")) if _may_change(root, path)]
    for number in range(count if files else 0):
        chance = Random(f"{seed} {number}")
        path = chance.choice(files)
        data = path.read_bytes()
        changed = _changed(data.decode("utf-8", "surrogateescape"), chance).encode("utf-8", "surrogateescape")
        path.write_bytes(changed)
        yield path.relative_to(root).as_posix()
        path.write_bytes(data)


def _may_change(root: Path, path: Path) -> bool:
    if ".git" in path.relative_to(root).parts or path.is_symlink() or not path.is_file():
        return False
    return (
        path.resolve().is_relative_to(root.resolve())
        and path.stat().st_size <= LONGEST
        and b"\0" not in path.read_bytes()
    )


def _changed(text: str, chance: Random) -> str:
    if text.lstrip().startswith(("{", "[")) and chance.random() < 0.8:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return _changed_json(value, chance)
    lines = text.split("\n")
    places = [number for number, line in enumerate(lines) if line.strip()]
    if not places:
        return f"x\n{text}"
    number = chance.choice(places)
    lines[number : number + 1] = chance.choice(_OF_LINES)(lines[number], chance)
    return "\n".join(lines)


def _without(line: str, chance: Random) -> list[str]:
    return []


def _twice(line: str, chance: Random) -> list[str]:
    return [line, line]


def _other_value(line: str, chance: Random) -> list[str]:
    return [_VALUE.sub(lambda found: found[1] + chance.choice(_VALUES), line)]


def _no_value(line: str, chance: Random) -> list[str]:
    return [_VALUE.sub(r"\1", line)]


def _quoted(line: str, chance: Random) -> list[str]:
    quote = chance.choice("\"'`")
    return [_VALUE.sub(lambda found: f"{found[1]}{quote}{found[2]}{quote}", line)]


def _unquoted(line: str, chance: Random) -> list[str]:
    return [re.sub(r"[\"']", "", line)]


def _comment(line: str, chance: Random) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return [f"{indent}{chance.choice(('# ', '// '))}{line.lstrip()}"]


def _commented(line: str, chance: Random) -> list[str]:
    return [f"{line} # x"]


def _moved(line: str, chance: Random) -> list[str]:
    return [chance.choice((f"  {line}", line.removeprefix("  "), f"\t{line}"))]


def _other_word(line: str, chance: Random) -> list[str]:
    words = list(_WORD.finditer(line))
    if not words:
        return [line]
    word = chance.choice(words)
    now = chance.choice(
        (
            "",
            "x",
            word[0].upper(),
            word[0].lower(),
            f"{word[0]}x",
            f"{word[0]} {word[0]}",
            "${X}",
            "${X:-y}",
            "$X",
            "*",
            ".",
            "/a",
        )
    )
    return [line[: word.start()] + now + line[word.end() :]]


def _without_word(line: str, chance: Random) -> list[str]:
    words = line.split(" ")
    words.pop(chance.randrange(len(words)))
    return [" ".join(words)]


def _without_sign(line: str, chance: Random) -> list[str]:
    signs = [place for place, sign in enumerate(line) if not sign.isalnum() and not sign.isspace()]
    if not signs:
        return [line]
    place = chance.choice(signs)
    return [line[:place] + chance.choice(("", " ", line[place] * 2, "\\" + line[place])) + line[place + 1 :]]


def _continued(line: str, chance: Random) -> list[str]:
    place = chance.randrange(len(line) + 1)
    return [f"{line[:place]}{chance.choice(('', ' ' + chr(92)))}", line[place:]]


def _in_between(line: str, chance: Random) -> list[str]:
    return [chance.choice(("", "x", "{", "}", "---", "x: y", "X=y", "- x")), line]


_OF_LINES: Final[tuple[Callable[[str, Random], list[str]], ...]] = (
    _without, _without, _twice, _other_value, _other_value, _no_value, _quoted, _unquoted, _comment, _commented, _moved,
    _other_word, _other_word, _other_word, _without_word, _without_sign, _continued, _in_between,
)  # fmt: skip


def _changed_json(value: Any, chance: Random) -> str:
    places = list(_places(value))
    if not places:
        return json.dumps(chance.choice(_JSON))
    holder, key = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif kind == 1:
        holder[f"{key}x"] = holder.pop(key)
    elif kind == 2:
        holder[key] = [holder[key]]
    elif kind == 3:
        holder[key] = json.dumps(holder[key])
    else:
        holder[key] = chance.choice(_JSON)
    return json.dumps(value, indent=chance.choice((None, 1, 2)))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in list(items):
        yield value, key
        yield from _places(below)
