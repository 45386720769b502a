"""The commands of a shell text as lists of words that know their place.

Grammar is not judged: keywords and operators only separate commands. A value is known when the text itself assigns it
once on every way to its use; everything else of `$X`, `$(…)` is unknown. The cost is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.secret import Unprinted
from directus_guard.sources.formats.traced import HOLE, Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_CHARACTERS: Final = 256 * 1024
"""A longer text is no script that a person wrote; only its beginning is read."""
_MAX_NESTED: Final = 4
"""`$(…)` and `sh -c '…'` inside each other whose commands are read."""
_MAX_VALUE: Final = 16_384
"""A longer value of a variable is not followed."""
_MAX_ASSIGNMENTS: Final = 100
"""Of one variable; with more of them its value is not followed."""
_MAX_EXPANDED: Final = 4 * 1024 * 1024
"""Characters put in for variables in one script."""

_SHELLS: Final = frozenset(
    {"sh", "bash", "dash", "ash", "zsh", "ksh", "ssh", "su", "eval", "runuser", "gcloud", "watch"}
)
_WRAPPERS: Final = frozenset({
    "sudo", "doas", "exec", "command", "time", "nohup", "env", "nice", "ionice", "timeout", "setsid", "ssh", "eval", "retry", "run", "if", "xargs",
})  # fmt: skip
_MAX_WRAPPING: Final = 16
"""Words in front of a program's name that are looked at."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,200})(\[[^]\s]{0,80}\])?(\+?)=")
_DECLARING: Final = frozenset({"export", "declare", "local", "readonly", "typeset"})
_BRACED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[@*]\])?(?:(:?[-=])|(:?[?]))?")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}  # fmt: skip
_SPACES: Final = " \t\r\n"
_ENDS: Final = frozenset(" \t\r\n;&|()<>")


class Given(Unprinted, frozen=True, eq=False):
    """What a shell variable holds at some command."""

    value: Traced | None
    """None where the text does not tell it."""
    exported: bool


class Command(Unprinted, frozen=True, eq=False):
    """One simple command. `before`: the assignments in front of it; `inputs`: its here-documents."""

    words: tuple[Traced, ...]
    before: tuple[tuple[str, Traced], ...]
    inputs: tuple[Traced, ...]
    _scope: _Scope
    _raw: _Raw

    def variable(self, name: str) -> Given | None:
        """The shell's variable, None where the text does not set it."""
        return self._scope.given(name, self._raw)

    def arguments(self, *programs: str) -> tuple[Traced, ...] | None:
        """The words after the program's name if this command runs one of `programs`, itself or through `sudo` and the like."""
        for index, word in enumerate(self.words[:_MAX_WRAPPING]):
            name = word.text.rpartition("/")[2]
            if name in programs:
                return self.words[index + 1 :]
            if index == 0 and name not in _WRAPPERS and not (word.unknown and word.spread):
                return None
        return None


def commands(script: Traced, given: Mapping[str, Traced] | None = None) -> tuple[Command, ...]:
    """Every command of a script, also those in `$(…)`, in `sh -c '…'`, `ssh host '…'` and in documents given to a shell.

    `given`: what its environment holds at its start, in texts of the same file.
    """
    found: list[Command] = []
    stack = [(script, 0)]
    while stack:
        text, depth = stack.pop()
        text = text.cut(0, MAX_CHARACTERS)
        lexer = _Lexer(text)
        lexer.run()
        made = _Scope(lexer, (given if depth == 0 else None) or {}).commands()
        found += made
        if depth < _MAX_NESTED:
            stack += [(inner, depth + 1) for command in reversed(made) for inner in reversed(list(_inner(command)))]
    return tuple(found)


def words(script: Traced) -> tuple[Traced, ...]:
    """The words of one command line, as systemd and Dockerfiles write one."""
    made = commands(script)
    return made[0].words if made else ()


def _inner(command: Command) -> Iterator[Traced]:
    """The texts that a command hands to another shell."""
    if not any(word.text.rpartition("/")[2] in _SHELLS for word in command.words[:_MAX_WRAPPING]):
        return
    for word in command.words[1:]:
        if any(character in word.text for character in _SPACES):
            yield word
    yield from command.inputs


class _Literal(Unprinted, frozen=True, eq=False):
    text: Traced
    quoted: bool


class _Use(Unprinted, frozen=True, eq=False):
    """`$name`, `${name}`, `${name:-text}`; without a name something whose value the text does not tell."""

    name: str
    span: tuple[int, int]
    quoted: bool
    reason: str = ""
    fallback: str | None = None
    every: bool = False
    """`${name[@]}`: all items of a list, one word each where quoted."""


_RawWord = list["_Literal | _Use"]


class _Raw(Struct, eq=False):
    """A command before its words are known."""

    block: int
    words: list[_RawWord] = field(default_factory=list)
    before: list[_Assignment] = field(default_factory=list)
    documents: list[_RawWord] = field(default_factory=list)
    order: int = 0

    __repr__ = object.__repr__


class _Assignment(Struct, eq=False):
    name: str
    value: Sequence[_RawWord]
    """One word, or the items of a list."""
    is_list: bool
    adds: bool
    block: int
    order: int
    exported: bool = False
    kept: tuple[Traced, ...] | None = None
    """The value, once it is worked out; None = not known."""

    __repr__ = object.__repr__


class _Block(Struct):
    """A stretch of commands that run together or not at all."""

    kind: str
    block: int
    function: bool = False


class _Lexer:
    """Splits a text into commands. Positions are indexes into `text`."""

    def __init__(self, script: Traced) -> None:
        self.script = script
        self.text = script.text
        self.commands: list[_Raw] = []
        self.assignments: list[_Assignment] = []
        self.forgets: list[int] = []
        """Where another script may set variables (`source`)."""
        self.exports: set[str] = set()
        self.exports_all = False
        self.parents: list[int] = [-1]
        self.functions: list[int] = [0]
        """Block to the function it is in; 0 = none."""
        self._blocks: list[_Block] = []
        self._chain = 0
        self._broken = False
        self._current: _Raw | None = None
        self._skip = 0
        self._documents: list[tuple[str, bool, bool, _Raw]] = []
        self._lines: frozenset[str] | None = None
        self._naming = self._function = False
        self._order = 0

    def run(self) -> None:
        """Read all of the text."""
        self._range(0, len(self.text), 0)

    # --- blocks

    def _new_block(self, parent: int, *, function: bool = False) -> int:
        self.parents.append(parent)
        block = len(self.parents) - 1
        self.functions.append(block if function else self.functions[parent])
        return block

    @property
    def _block(self) -> int:
        return self._blocks[-1].block if self._blocks else 0

    def _push(self, kind: str, *, apart: bool, function: bool = False) -> None:
        block = self._new_block(self._block, function=function) if apart else self._block
        self._blocks.append(_Block(kind, block))
        self._chain = block

    def _pop(self, kind: str) -> None:
        if self._blocks and self._blocks[-1].kind == kind:
            self._blocks.pop()
        self._chain = self._block

    def _branch(self) -> None:
        """`then`, `else`, `do`, `;;`: what follows may not run."""
        if self._blocks:
            outer = self._blocks[-2].block if len(self._blocks) > 1 else 0
            self._blocks[-1].block = self._new_block(outer)
        self._chain = self._block

    def _keyword(self, word: str) -> bool:
        """Whether a word at the place of a command's name is part of the grammar; what it opens or closes is noted."""
        if word in ("if", "while", "until", "case", "select", "for"):
            self._push(word, apart=False)
            return word in ("if", "while", "until")
        if word in ("then", "else", "elif", "do"):
            self._branch()
            return True
        if word in ("fi", "done", "esac"):
            self._pop(self._blocks[-1].kind if self._blocks else "")
            return True
        if word == "{":
            self._push("{", apart=self._function, function=self._function)
            self._function = False
            return True
        if word == "}":
            self._pop("{")
            return True
        self._naming = word == "function"
        return self._naming or word == "!"

    # --- commands

    def _range(self, index: int, end: int, depth: int) -> None:
        outer, self._current = self._current, None
        text = self.text
        while index < end:
            character = text[index]
            if character in " \t\r":
                index += 1
            elif character == "\\" and text.startswith(("\n", "\r\n"), index + 1):
                index = text.index("\n", index) + 1
            elif character == "#":
                index = self._line_end(index, end)
            elif character == "\n":
                self._finish()
                self._chain = self._block
                index = self._read_documents(index + 1, end, depth)
            elif character in ";&|":
                index = self._operator(index)
            elif character in "()":
                index = self._parenthesis(index)
            elif character in "<>":
                index = self._redirect(index)
            else:
                index = self._take_word(index, end, depth)
        self._finish()
        self._current = outer

    def _line_end(self, index: int, end: int) -> int:
        found = self.text.find("\n", index, end)
        return end if found < 0 else found

    def _operator(self, index: int) -> int:
        two = self.text[index : index + 2]
        if two == "&>":  # a redirection, not the end of a command
            self._skip = 1
            return index + (3 if self.text.startswith(">", index + 2) else 2)
        self._finish()
        if two == "&&":
            self._chain = self._new_block(self._chain)
        elif two == "||" or (two[:1] == "|" and two != "||"):
            self._chain = self._new_block(self._block)
        else:
            self._chain = self._block
        if two == ";;" and self._blocks and self._blocks[-1].kind == "case":
            self._branch()
        return index + (2 if two in ("&&", "||", ";;", "|&") else 1)

    def _parenthesis(self, index: int) -> int:
        current = self._current
        if self.text[index] == ")":
            self._finish()
            if self._blocks and self._blocks[-1].kind == "case":
                self._branch()
            else:
                self._pop("(")
            return index + 1
        following = self.text[index + 1 : index + 20].lstrip(" \t")
        named = self._function if current is None else len(current.words) == 1
        if named and following.startswith(")"):
            self._current, self._function = None, True
            return self.text.index(")", index) + 1
        self._finish()
        self._push("(", apart=True)
        return index + 1

    def _redirect(self, index: int) -> int:
        text = self.text
        current = self._current
        if current is not None and current.words and index and text[index - 1].isdigit():
            last = current.words[-1]
            if len(last) == 1 and isinstance(last[0], _Literal) and last[0].text.text.isdigit():
                current.words.pop()  # `2>` names a channel
        if text.startswith("<<<", index):
            self._skip = 1
            return index + 3
        if text.startswith("<<", index):
            return self._document(index)
        if text.startswith(("<(", ">("), index):
            return index + 1
        match = _REDIRECT.match(text, index)
        self._skip = 1
        return match.end() if match else index + 1

    def _document(self, index: int) -> int:
        """`<<WORD`: its text comes after this line. Without a line WORD it is none."""
        match = _DOCUMENT.match(self.text, index)
        if match is None:
            return index + 2
        word = match[2] or match[3] or match[4]
        if self._lines is None:
            self._lines = frozenset(line.strip() for line in self.text.splitlines())
        if word in self._lines:
            self._documents.append((word, bool(match[1]), match[4] is None, self._command()))
        return match.end()

    def _read_documents(self, index: int, end: int, depth: int) -> int:
        waiting, self._documents = self._documents, []
        for word, tabs, quoted, command in waiting:
            start = last = index
            while index < end:
                last, stop = index, self._line_end(index, end)
                line = self.text[index:stop].rstrip("\r")
                index = min(stop + 1, end)
                if (line.lstrip("\t") if tabs else line).strip(" ") == word:
                    break
                last = index
            body: _RawWord = (
                [_Literal(self.script.cut(start, last), quoted=True)]
                if quoted
                else self._expandable(start, last, depth)
            )
            command.documents.append(body)
        return index

    def _command(self) -> _Raw:
        if self._current is None:
            self._order += 1
            self._current = _Raw(self._chain, order=self._order)
        return self._current

    def _finish(self) -> None:
        """The command ends here."""
        current, self._current, self._skip = self._current, None, 0
        if current is None:
            return
        if not current.words:
            for one in current.before:
                one.exported = self.exports_all
            self.assignments += current.before
            current.before = []
            if current.documents:
                self.commands.append(current)
            return
        self.commands.append(current)
        self._effects(current)

    def _effects(self, command: _Raw) -> None:
        """What a builtin command does to variables."""
        names = [_plain(word) for word in command.words]
        name = names[0]
        if name in ("source", ".", "eval"):
            self.forgets.append(command.order)
        elif name == "set" and ("-a" in names or "allexport" in names):
            self.exports_all = True
        elif name in ("export", "declare", "typeset"):
            if name == "export" or any(word.startswith("-") and "x" in word for word in names):
                self.exports.update(names[1:])
        elif name in ("read", "unset", "mapfile", "readarray", "getopts", "for", "select", "printf", "let"):
            for changed in names[1:]:
                if _NAME.fullmatch(changed):
                    self.assignments.append(
                        _Assignment(changed, (), is_list=False, adds=False, block=command.block, order=command.order)
                    )

    # --- words

    def _take_word(self, index: int, end: int, depth: int) -> int:
        current = self._command()
        declares = bool(current.words) and _plain(current.words[0]) in _DECLARING
        match = _ASSIGNMENT.match(self.text, index, end) if not current.words or declares else None
        if match is not None and not self._skip:
            return self._take_assignment(match, end, depth, current, declares=declares)
        word, index = self._word(index, end, depth)
        if self._skip:
            self._skip -= 1
        elif self._naming:
            self._naming, self._function, self._current = False, True, None
        elif not current.words and not current.before and self._keyword(_plain(word)):
            self._current = None
        else:
            current.words.append(word)
        return index

    def _take_assignment(self, match: re.Match[str], end: int, depth: int, current: _Raw, *, declares: bool) -> int:
        index = match.end()
        is_list = self.text.startswith("(", index)
        value: list[_RawWord]
        if is_list:
            value, index = self._list(index + 1, end, depth)
        else:
            word, index = self._word(index, end, depth)
            value = [word or [_Literal(self.script.cut(match.end(), match.end()), quoted=True)]]
        made = _Assignment(match[1], value, is_list, bool(match[3]) or bool(match[2]), current.block, current.order)
        if match[2]:
            made.value, made.is_list = (), False  # one item of a list by its number
        if declares:
            made.exported = (
                self.exports_all
                or _plain(current.words[0]) == "export"
                or any(_plain(word).startswith("-") and "x" in _plain(word) for word in current.words[1:3])
            )
            self.assignments.append(made)
        else:
            current.before.append(made)
        return index

    def _list(self, index: int, end: int, depth: int) -> tuple[list[_RawWord], int]:
        found: list[_RawWord] = []
        while index < end:
            character = self.text[index]
            if character == ")":
                return found, index + 1
            if character in _SPACES:
                index += 1
            elif character == "#":
                index = self._line_end(index, end)
            elif character == "\\" and self.text.startswith(("\n", "\r\n"), index + 1):
                index = self.text.index("\n", index) + 1
            elif character in ";&|(<>":
                index += 1
            else:
                word, index = self._word(index, end, depth)
                found.append(word)
        return found, index

    def _word(self, index: int, end: int, depth: int) -> tuple[_RawWord, int]:
        """The word that begins at `index`, and where it ends."""
        parts: _RawWord = []
        text, begin = self.text, index
        while index < end and text[index] not in _ENDS:
            character = text[index]
            if character == "\\":
                self._literal(parts, begin, index)
                if text.startswith(("\n", "\r\n"), index + 1):
                    index = text.index("\n", index) + 1
                else:
                    self._literal(parts, index + 1, min(index + 2, end), quoted=True)
                    index = min(index + 2, end)
                begin = index
            elif character == "'" and (close := text.find("'", index + 1, end)) >= 0:
                self._literal(parts, begin, index)
                self._literal(parts, index + 1, close, quoted=True, empty=True)
                index = begin = close + 1
            elif character == '"' and (close := self._closing(index + 1, end, '"')) >= 0:
                self._literal(parts, begin, index)
                parts += self._expandable(index + 1, close, depth) or [
                    _Literal(self.script.cut(index + 1, index + 1), quoted=True)
                ]
                index = begin = close + 1
            elif character in "\"'":
                self._literal(parts, begin, index)
                begin, index = index, self._line_end(index, end)
                parts.append(self._hole(begin, index, "its quotes are not closed", quoted=False))
                begin = index
            elif character in "$`":
                self._literal(parts, begin, index)
                part, index = self._dollar(index, end, depth, quoted=False)
                parts.append(part)
                begin = index
            else:
                index += 1
        self._literal(parts, begin, index)
        return parts, max(index, begin)

    def _literal(self, parts: _RawWord, start: int, end: int, *, quoted: bool = False, empty: bool = False) -> None:
        if end > start or empty:
            parts.append(_Literal(self.script.cut(start, end), quoted))

    def _expandable(self, index: int, end: int, depth: int) -> _RawWord:
        """A text in double quotes, or a here-document."""
        parts: _RawWord = []
        text, begin = self.text, index
        while index < end:
            character = text[index]
            if character == "\\" and text[index + 1 : index + 2] in ('"', "\\", "$", "`", "\n"):
                self._literal(parts, begin, index, quoted=True)
                begin = index + 1 if text[index + 1] != "\n" else index + 2
                index += 2
            elif character in "$`":
                self._literal(parts, begin, index, quoted=True)
                part, index = self._dollar(index, end, depth, quoted=True)
                parts.append(part)
                begin = index
            else:
                index += 1
        self._literal(parts, begin, end, quoted=True)
        return parts

    def _dollar(self, index: int, end: int, depth: int, *, quoted: bool) -> tuple[_Literal | _Use, int]:
        """What begins with `$` or a backquote, and where it ends."""
        text = self.text
        if text[index] == "`":
            close = text.find("`", index + 1, end)
            if close >= 0:
                return self._substituted(index, index + 1, close, depth, quoted=quoted), close + 1
            return _Literal(self.script.cut(index, index + 1), quoted), index + 1
        following = text[index + 1 : index + 2]
        if following == "(":
            close = self._closing(index + 2, end, ")")
            if close < 0:
                return self._hole(index, index + 2, _COMPUTED, quoted=quoted), index + 2
            if text.startswith("((", index + 1):
                return self._hole(index, close + 1, _COMPUTED, quoted=True), close + 1
            return self._substituted(index, index + 2, close, depth, quoted=quoted), close + 1
        if following == "{":
            close = self._closing(index + 2, end, "}")
            if close < 0:
                return self._hole(index, index + 2, _COMPUTED, quoted=quoted), index + 2
            return self._braced(index, close, quoted=quoted), close + 1
        if following == "'" and not quoted:
            match = _ANSI.match(text, index + 2, end)
            if match is not None and match.end() < end and text[match.end()] == "'":
                return self._ansi(match), match.end() + 1
        if following == '"' and not quoted:
            return _Literal(self.script.cut(index, index), quoted=False), index + 1
        name = _NAME.match(text, index + 1, end)
        if name is not None:
            if _CONTINUED.match(text, name.end()):  # the name goes on in the next line
                return self._hole(index, name.end(), _COMPUTED, quoted=quoted), name.end()
            return _Use(name[0], (index, name.end()), quoted), name.end()
        if following and following in "0123456789@*#?$!-":
            return self._hole(index, index + 2, "it is an argument of the script", quoted=quoted), index + 2
        return _Literal(self.script.cut(index, index + 1), quoted), index + 1

    def _braced(self, index: int, close: int, *, quoted: bool) -> _Use:
        match = _BRACED.match(self.text, index + 2, close)
        span = (index, close + 1)
        if match is None:
            return self._hole(*span, _COMPUTED, quoted=quoted)
        rest = self.text[match.end() : close]
        if match[4] or (not match[3] and not rest):
            return _Use(match[1], span, quoted, every=bool(match[2]))
        if match[3]:
            plain = rest[1:-1] if len(rest) > 1 and rest[0] == rest[-1] and rest[0] in "\"'" else rest
            simple = HOLE not in plain and not _NOT_PLAIN.search(plain)
            return _Use(match[1], span, quoted, fallback=plain if simple else None)
        return self._hole(*span, _COMPUTED, quoted=quoted)

    def _substituted(self, index: int, start: int, close: int, depth: int, *, quoted: bool) -> _Use:
        """`$(…)`: its value is not known; the commands in it are commands too."""
        if depth < _MAX_NESTED:
            chain, self._chain = self._chain, self._new_block(self._chain)
            blocks, self._blocks = self._blocks, [_Block("$(", self._chain)]
            skip, self._skip = self._skip, 0
            documents, self._documents = self._documents, []
            self._range(start, close, depth + 1)
            self._chain, self._blocks, self._skip, self._documents = chain, blocks, skip, documents
        return self._hole(index, close + 1, _COMPUTED, quoted=quoted)

    def _hole(self, start: int, end: int, reason: str, *, quoted: bool) -> _Use:
        return _Use("", (start, end), quoted, reason)

    def _ansi(self, match: re.Match[str]) -> _Literal:
        if "\\" not in match[0]:
            return _Literal(self.script.cut(*match.span()), quoted=True)
        pieces = self.script.cut(*match.span()).pieces
        text = _ANSI_ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), match[0]).replace(HOLE, " ")
        return _Literal(self.script.made([Piece(text, pieces[0].start, pieces[-1].end)]), quoted=True)

    def _closing(self, index: int, end: int, opener: str) -> int:
        """The index of the character that closes, -1 where there is none: then no further search is made."""
        if self._broken:
            return -1
        text, stack = self.text, [opener]
        while index < end:
            character, top = text[index], stack[-1]
            if character == "\\":
                index += 2
                continue
            if character == top:
                stack.pop()
                if not stack:
                    return index
            elif character == "$" and text.startswith(("(", "{"), index + 1):
                stack.append(")" if text[index + 1] == "(" else "}")
                index += 1
            elif character == "`":
                stack.append("`")
            elif top != '"':
                if character == "'":
                    close = text.find("'", index + 1, end)
                    index = close if close >= 0 else index
                elif character == '"':
                    stack.append('"')
                elif character == "(" and top == ")":
                    stack.append(")")
                elif character == "#" and top == ")" and text[index - 1] in _SPACES:
                    index = self._line_end(index, end)
                    continue
            index += 1
        self._broken = True
        return -1


_COMPUTED: Final = "it is worked out when the script runs"
_CONTINUED: Final = re.compile(r"(?:\\\r?\n){1,40}[A-Za-z0-9_]")
_REDIRECT: Final = re.compile(r"[<>]{1,2}[|&]?")
_DOCUMENT: Final = re.compile(r"<<(-?)[ \t]{0,20}(?:'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"|\\?([A-Za-z0-9_.!+-]{1,80}))")
_ANSI: Final = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
_ANSI_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_NOT_PLAIN: Final = re.compile(r"[$`\\\"']")


def _plain(word: _RawWord) -> str:
    """The text of a word that is written without quotes and variables, else ""."""
    if any(not isinstance(part, _Literal) or part.quoted for part in word):
        return ""
    return "".join(part.text.text for part in word if isinstance(part, _Literal))


class _Scope:
    """What variables hold, command by command."""

    def __init__(self, lexer: _Lexer, given: Mapping[str, Traced]) -> None:
        self._lexer = lexer
        self._given = given
        self._script = lexer.script
        self._by_name: dict[str, list[_Assignment]] = {}
        self._forgets = sorted(lexer.forgets)
        for assignment in sorted(lexer.assignments, key=lambda one: one.order):
            self._by_name.setdefault(assignment.name, []).append(assignment)
        self._left = _MAX_EXPANDED

    def commands(self) -> list[Command]:
        """All commands in their order. What functions use may be assigned after them, so they come last."""
        functions = self._lexer.functions
        for inside in (False, True):
            for assignment in self._lexer.assignments:
                if bool(functions[assignment.block]) is inside and assignment.value:
                    self._work_out(assignment)
        return [self._command(raw) for raw in sorted(self._lexer.commands, key=lambda raw: raw.order)]

    def _command(self, raw: _Raw) -> Command:
        words = tuple(word for held in raw.words for word in self._expand(held, raw.block, raw.order))
        before = tuple((one.name, self._single(one.value[0], one)) for one in raw.before if one.value)
        inputs = tuple(self._text(held, raw.block, raw.order) for held in raw.documents)
        return Command(words, before, inputs, self, raw)

    def given(self, name: str, raw: _Raw) -> Given | None:
        """What a variable holds at a command."""
        for one in reversed(raw.before):
            if one.name == name and one.value:
                return Given(self._single(one.value[0], one), exported=True)
        known = self._by_name.get(name)
        if not known:
            return None
        values = self._lookup(name, raw.block, raw.order)
        exported = name in self._lexer.exports or any(one.exported for one in known)
        return Given(values[0] if values and len(values) == 1 else None, exported)

    def _single(self, word: _RawWord, at: _Assignment) -> Traced:
        return self._text(word, at.block, at.order)

    def _work_out(self, one: _Assignment) -> None:
        if one.is_list:
            one.kept = tuple(word for held in one.value for word in self._expand(held, one.block, one.order))
        else:
            one.kept = (self._text(one.value[0], one.block, one.order),)
        if one.adds:
            before = self._lookup(one.name, one.block, one.order)
            if before is None:
                one.kept = None
            elif one.is_list:
                one.kept = (*before, *one.kept)
            else:
                one.kept = (before[0].joined(one.kept) if before else one.kept[0],)
        if one.kept is not None and sum(map(len, one.kept)) + len(one.kept) > _MAX_VALUE:
            one.kept = None

    def _lookup(self, name: str, block: int, order: int) -> tuple[Traced, ...] | None:
        """The value at a place, None where the text does not tell it."""
        last = self._by_name.get(name, ())
        if not last and name in self._given and not self._lexer.forgets:
            return (self._given[name],)
        if not last or len(last) > _MAX_ASSIGNMENTS:
            return None
        function = self._lexer.functions[block]
        own = [one for one in last if self._lexer.functions[one.block] == function and one.order < order]
        if function and not own:
            return self._agreed([one for one in last if not self._lexer.functions[one.block]])
        if any(self._lexer.functions[one.block] not in (0, function) for one in last):
            return None
        value: tuple[Traced, ...] | None = None
        since = 0
        for one in own:
            if self._contains(one.block, block):
                value, since = one.kept, one.order
            elif one.kept is None or value is None or _texts(one.kept) != _texts(value):
                value = None
        if value is not None:
            forgotten = bisect_right(self._forgets, order - 1)
            if forgotten and self._forgets[forgotten - 1] > since:
                return None
        return value

    def _agreed(self, assignments: Sequence[_Assignment]) -> tuple[Traced, ...] | None:
        values = [one.kept for one in assignments]
        first = values[0] if values else None
        if first is None or self._forgets:
            return None
        return first if all(value is not None and _texts(value) == _texts(first) for value in values) else None

    def _contains(self, outer: int, inner: int) -> bool:
        parents = self._lexer.parents
        for _ in range(_MAX_WRAPPING * 4):
            if inner == outer:
                return True
            inner = parents[inner]
            if inner < 0:
                break
        return False

    # --- expansion

    def _text(self, word: _RawWord, block: int, order: int) -> Traced:
        """A word as one text: nothing is split."""
        pieces: list[Piece] = []
        for part in word:
            if isinstance(part, _Literal):
                pieces += part.text.pieces
            else:
                pieces += self._pieces(part, block, order)
        return self._script.made(pieces)

    def _pieces(self, use: _Use, block: int, order: int) -> Iterator[Piece]:
        values = self._use(use, block, order)
        if values is None:
            yield self._unknown(use, spread=False)
            return
        for index, value in enumerate(values):
            if index:
                yield Piece(" ", *self._offsets(use))
            yield from self._taken(value, use)

    def _expand(self, word: _RawWord, block: int, order: int) -> Iterator[Traced]:
        """The words that a word becomes."""
        pieces: list[Piece] = []
        quoted = False
        for part in word:
            if isinstance(part, _Literal):
                pieces += part.text.pieces
                quoted = quoted or part.quoted
                continue
            values = self._use(part, block, order)
            if values is None:
                pieces.append(self._unknown(part, spread=not part.quoted or part.every))
                continue
            items = values if part.every else (values[0] if values else self._script.made(()),)
            parts = list(items) if part.quoted else [piece for item in items for piece in _split(item)]
            quoted = quoted or (part.quoted and not part.every)
            for index, item in enumerate(parts):
                if index:
                    yield self._script.made(pieces)
                    pieces = []
                pieces += self._taken(item, part)
        if any(piece.text for piece in pieces) or quoted:
            yield self._script.made(pieces)

    def _use(self, use: _Use, block: int, order: int) -> tuple[Traced, ...] | None:
        if not use.name or self._left <= 0:
            return None
        values = self._lookup(use.name, block, order)
        if values is None:
            return None
        self._left -= sum(map(len, values)) + 1
        if use.fallback is not None and len(values) == 1 and values[0].text in ("", HOLE):
            return (self._script.made([self._with_fallback(values[0], use)]),)
        return values

    def _with_fallback(self, value: Traced, use: _Use) -> Piece:
        """`${X:-text}` where X is empty, or comes from outside itself."""
        place = self._offsets(use)
        if not value.unknown:
            return Piece(use.fallback or "", *place)
        return Piece(HOLE, *place, unknown=value.unknown, fallback=use.fallback, spread=not use.quoted)

    def _unknown(self, use: _Use, *, spread: bool) -> Piece:
        reason = use.reason or _outside(use.name)
        fallback = use.fallback
        return Piece(HOLE, *self._offsets(use), unknown=reason, fallback=fallback, spread=spread)

    def _offsets(self, use: _Use) -> tuple[int, int]:
        pieces = self._script.cut(*use.span).pieces
        return (pieces[0].start, max(pieces[0].start, pieces[-1].end)) if pieces else (0, 0)

    def _taken(self, value: Traced, use: _Use) -> Iterator[Piece]:
        place = self._offsets(use)
        for piece in value.pieces:
            yield Piece(
                piece.text,
                piece.start,
                piece.end,
                place,
                piece.unknown,
                piece.fallback,
                piece.spread and not use.quoted,
            )


def _texts(values: Sequence[Traced]) -> list[str]:
    return [value.text for value in values]


def _split(value: Traced) -> Iterator[Traced]:
    """The words of a value that is taken in without quotes."""
    for match in re.finditer(r"[^ \t\n]+", value.text):
        yield value.cut(*match.span())


def _outside(name: str) -> str:
    return f"`${name[:60]}` comes from outside the script"
