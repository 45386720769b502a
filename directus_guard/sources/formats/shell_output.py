"""What the commands of a shell text print, and the files it goes to: `echo`, `printf`, `cat <<EOF`, `tee`, `sed -i`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats.traced import Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.formats.shell_commands import Command

_ECHO_OPTION: Final = lazy_pattern(r"-[neE]+")
_SUBSTITUTE: Final = lazy_pattern(r"[0-9$]{0,10}s([|/#,@~!:])")
_REMOTE: Final = lazy_pattern(r"(?:\bcat\b[^;&|>\n]*>{1,2}|\btee\b(?:[ \t]+-a)?)[ \t]*[\"']?([^\s\"';&|>]+)")
"""A command for another shell that writes what it reads: `ssh host 'cat > FILE'`."""
_MAX_FILES: Final = 20
"""Files of one `tee`."""
_MAX_LINES: Final = 2_000
"""Lines of one command's output that are looked at."""


class WrittenLines(Unprinted, frozen=True):
    """Lines that a command writes into a file. `path` is as the command names it."""

    path: Traced
    lines: tuple[Traced, ...]


def written(command: Command) -> Iterator[WrittenLines]:
    """The files that a command writes, and the lines that it adds, as far as they are known."""
    teed = command.arguments("tee")
    if teed is not None:
        lines = tuple(standard_input(command))
        yield from (WrittenLines(word, lines) for word in teed[:_MAX_FILES] if not word.text.startswith("-"))
        return
    remote = command.arguments("ssh", "bash", "sh")
    if remote and (command.inputs or command.source is not None):
        target = _REMOTE.search(remote[-1].text)
        if target is not None:
            yield WrittenLines(remote[-1].cut(*target.span(1)), tuple(standard_input(command)))
            return
    edited = command.arguments("sed", "gsed")
    if edited is not None:
        yield from _edited(edited)
    if command.outputs:
        lines = tuple(printed(command))
        yield WrittenLines(command.outputs[-1], lines)  # of several redirections the last one gets the text


def standard_input(command: Command) -> Iterator[Traced]:
    """The lines that a command reads: its here-document, or what the command before it in the pipe prints."""
    if command.inputs:
        for text in command.inputs:
            yield from text.split("\n")[:_MAX_LINES]
    elif command.source is not None:
        yield from printed(command.source)


def printed(command: Command) -> Iterator[Traced]:
    """The lines that a command prints, as far as they are known."""
    arguments = command.arguments("echo")
    if arguments is not None:
        yield from _echoed(arguments)
        return
    arguments = command.arguments("printf")
    if arguments:
        yield from _formatted(arguments[0], arguments[1:])
    elif command.arguments("cat", "envsubst") is not None:
        for text in command.inputs:
            yield from text.split("\n")[:_MAX_LINES]


def _echoed(words: tuple[Traced, ...]) -> Iterator[Traced]:
    escapes = False
    while words and _ECHO_OPTION.fullmatch(words[0].text):
        escapes = escapes or "e" in words[0].text
        words = words[1:]
    if words:
        first = words[0]
        space = first.made([Piece(" ", first.pieces[-1].end, first.pieces[-1].end)])
        text = first.joined(part for word in words[1:] for part in (space, word))
        for line in text.split("\n")[:_MAX_LINES]:
            yield from line.split("\\n") if escapes else (line,)


def _formatted(template: Traced, values: tuple[Traced, ...]) -> Iterator[Traced]:
    """`printf`: the template is used again as long as there are values."""
    lines = tuple(line for part in template.split("\\n") for line in part.split("\n"))[:_MAX_LINES]
    wanted = template.text.count("%s")
    if not wanted:
        yield from lines
        return
    left = list(reversed(values[:_MAX_LINES]))
    while left:
        for line in lines:
            parts = line.split("%s")
            made = [parts[0]]
            for part in parts[1:]:
                made += [left.pop(), part] if left else [part]
            yield made[0].joined(made[1:])


def _edited(words: tuple[Traced, ...]) -> Iterator[WrittenLines]:
    """`sed -i 's/^SECRET=.*/SECRET=text/' FILE`."""
    if not any(re.match(r"-[a-zA-Z]*i|--in-place", word.text) for word in words):
        return
    plain = [word for word in words if not word.text.startswith("-") and word.text]
    lines = []
    for word in plain:
        match = _SUBSTITUTE.match(word.text)
        parts = word.cut(match.end()).split(match[1]) if match is not None else ()
        if len(parts) > 1:
            lines.append(parts[1])
    if lines and len(plain) > 1:
        yield WrittenLines(plain[-1], tuple(lines))


def without_quotes(value: Traced) -> Traced:
    """A value without quotes that are a part of it, as environment files and `"NAME='value'"` have them."""
    text = value.text
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return value.cut(1, len(text) - 1)
    return value
