"""The commands of a shell text: keywords, operators, redirections and here-documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.shell_blocks import ShellBlocks
from directus_guard.sources.formats.shell_word_lexer import NAME, WordLexer
from directus_guard.sources.formats.shell_words import RawCommand, RawWord, ShellAssignment, ShellLiteral, unquoted

if TYPE_CHECKING:
    import re

    from directus_guard.sources.formats.traced import Traced

_ASSIGNMENT: Final = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]{0,200})(\[[^]\s]{0,80}\])?(\+?)=")
_DECLARING: Final = frozenset({"export", "declare", "local", "readonly", "typeset"})


class ShellLexer:
    """Splits a text into commands. Positions are indexes into `text`."""

    def __init__(self, script: Traced) -> None:
        self.script = script
        self.text = script.text
        self.commands: list[RawCommand] = []
        self.assignments: list[ShellAssignment] = []
        self.forgets: list[int] = []
        """Where another script may set variables (`source`)."""
        self.exports: set[str] = set()
        self.exports_all = False
        self.blocks = ShellBlocks()
        self._words = WordLexer(script, self._nested)
        self._current: RawCommand | None = None
        self._finished: RawCommand | None = None
        """The command that ended last."""
        self._pipe: RawCommand | None = None
        """The command whose output the next one reads."""
        self._skip = 0
        self._into: list[RawWord] | None = None
        """Where the next word is kept, if it is the target of a redirection."""
        self._group = (0, 0)
        """The commands of the block that ended last, as a range of `commands`."""
        self._groups: list[int] = []
        self._documents: list[tuple[str, bool, bool, RawCommand]] = []
        self._lines: frozenset[str] | None = None
        self._naming = self._function = False
        self._order = 0

    def run(self) -> None:
        """Read all of the text."""
        self._range(0, len(self.text), 0)

    def _keyword(self, word: str) -> bool:
        """Whether a word at the place of a command's name is part of the grammar; what it opens or closes is noted."""
        if word in ("if", "while", "until", "case", "select", "for"):
            self._groups.append(len(self.commands))
            self.blocks.push(word, apart=False)
            return word in ("if", "while", "until")
        if word in ("then", "else", "elif", "do"):
            self.blocks.branch()
            return True
        if word in ("fi", "done", "esac"):
            self._end_group()
            self.blocks.pop(self.blocks.kind)
            return True
        if word == "{":
            self._groups.append(len(self.commands))
            self.blocks.push("{", apart=self._function, function=self._function)
            self._function = False
            return True
        if word == "}":
            self._end_group()
            self.blocks.pop("{")
            return True
        self._naming = word == "function"
        return self._naming or word == "!"

    def _end_group(self) -> None:
        """A block ends: a redirection that follows is that of all its commands."""
        self._group = (self._groups.pop() if self._groups else len(self.commands), len(self.commands))

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
                index = self._words.line_end(index, end)
            elif character == "\n":
                self._finish()
                self.blocks.rejoin()
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

    def _nested(self, start: int, end: int, depth: int) -> None:
        """The commands of a `$(…)`."""
        outside = self.blocks.enter()
        skip, self._skip = self._skip, 0
        documents, self._documents = self._documents, []
        kept = self._pipe, self._into, self._groups, self._group
        self._pipe, self._into, self._groups = None, None, []
        self._range(start, end, depth)
        self.blocks.leave(outside)
        self._skip, self._documents = skip, documents
        self._pipe, self._into, self._groups, self._group = kept

    def _operator(self, index: int) -> int:
        two = self.text[index : index + 2]
        if two == "&>":  # a redirection, not the end of a command
            self._redirected()
            return index + (3 if self.text.startswith(">", index + 2) else 2)
        self._finish()
        if two == "&&":
            self.blocks.chain = self.blocks.new_block(self.blocks.chain)
        elif two == "||" or (two[:1] == "|" and two != "||"):
            self.blocks.chain = self.blocks.new_block(self.blocks.current)
            self._pipe = self._finished if two != "||" else None
        else:
            self.blocks.rejoin()
        return index + (2 if two in ("&&", "||", ";;", "|&") else 1)

    def _parenthesis(self, index: int) -> int:
        current = self._current
        if self.text[index] == ")":
            self._finish()
            if self.blocks.kind == "case":
                self.blocks.branch()
            else:
                self.blocks.pop("(")
                self._end_group()
            return index + 1
        following = self.text[index + 1 : index + 20].lstrip(" \t")
        named = self._function if current is None else len(current.words) == 1
        if named and following.startswith(")"):
            self._current, self._function = None, True
            return self.text.index(")", index) + 1
        self._finish()
        self._groups.append(len(self.commands))
        self.blocks.push("(", apart=True)
        return index + 1

    def _redirect(self, index: int) -> int:
        text = self.text
        current = self._current
        channel = "1"
        if current is not None and current.words and text[index - 1].isdigit():
            last = current.words[-1]
            if len(last) == 1 and isinstance(last[0], ShellLiteral) and last[0].text.text.isdigit():
                current.words.pop()  # `2>` names a channel
                channel = last[0].text.text
        if text.startswith("<<<", index):
            self._skip, self._into = 1, self._command().documents
            return index + 3
        if text.startswith("<<", index):
            return self._document(index)
        match = _REDIRECT.match(text, index)
        if text[index] == ">" and channel == "1" and match is not None and not match[0].endswith("&"):
            self._redirected()
        self._skip = 1
        return match.end() if match else index + 1

    def _redirected(self) -> None:
        """The next word is the file that the output of the command goes to, or of the block that has just ended."""
        self._skip = 1
        start, end = self._group
        if self._current is not None or start == end or end != len(self.commands):
            self._into = self._command().outputs
            return
        self._into = []
        for command in self.commands[max(start, end - _MAX_GROUP) : end]:
            command.outputs = command.outputs or self._into

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
                last, stop = index, self._words.line_end(index, end)
                line = self.text[index:stop].rstrip("\r")
                index = min(stop + 1, end)
                if (line.lstrip("\t") if tabs else line).strip(" ") == word:
                    break
                last = index
            body: RawWord = (
                [ShellLiteral(self.script.cut(start, last), quoted=True)]
                if quoted
                else self._words.expandable(start, last, depth)
            )
            command.documents.append(body)
        return index

    def _command(self) -> RawCommand:
        if self._current is None:
            self._order += 1
            self._current = RawCommand(self.blocks.chain, order=self._order, source=self._pipe)
            self._pipe = None
        return self._current

    def _finish(self) -> None:
        """The command ends here."""
        current, self._current, self._skip, self._into = self._current, None, 0, None
        self._finished = current
        if current is None:
            return
        if not current.words:
            for one in current.before:
                one.exported = self.exports_all
            self.assignments += current.before
            return
        self.commands.append(current)
        self._effects(current)

    def _effects(self, command: RawCommand) -> None:
        """What a builtin command does to variables."""
        names = [unquoted(word) for word in command.words]
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
                if NAME.fullmatch(changed):
                    self.assignments.append(
                        ShellAssignment(
                            changed, (), is_list=False, adds=False, block=command.block, order=command.order
                        )
                    )

    def _take_word(self, index: int, end: int, depth: int) -> int:
        current = self._command()
        declares = bool(current.words) and unquoted(current.words[0]) in _DECLARING
        match = _ASSIGNMENT.match(self.text, index, end) if not current.words or declares else None
        if match is not None and not self._skip:
            return self._take_assignment(match, end, depth, current, declares=declares)
        word, index = self._words.word(index, end, depth)
        if self._skip:
            self._skip -= 1
            if self._into is not None:
                self._into.append(word)
                self._into = None
        elif self._naming:
            self._naming, self._function, self._current = False, True, None
        elif not current.words and not current.before and self._keyword(unquoted(word)):
            self._current = None
        else:
            current.words.append(word)
        return index

    def _take_assignment(
        self, match: re.Match[str], end: int, depth: int, current: RawCommand, *, declares: bool
    ) -> int:
        index = match.end()
        is_list = self.text.startswith("(", index)
        value: list[RawWord]
        if is_list:
            value, index = self._words.items(index + 1, end, depth)
        else:
            word, index = self._words.word(index, end, depth)
            value = [word or [ShellLiteral(self.script.cut(match.end(), match.end()), quoted=True)]]
        made = ShellAssignment(match[1], value, is_list, bool(match[3]) or bool(match[2]), current.block, current.order)
        if match[2]:
            made.value, made.is_list = (), False  # one item of a list by its number
        if declares:
            made.exported = (
                self.exports_all
                or unquoted(current.words[0]) == "export"
                or any(unquoted(word).startswith("-") and "x" in unquoted(word) for word in current.words[1:3])
            )
            self.assignments.append(made)
        else:
            current.before.append(made)
        return index


_MAX_GROUP: Final = 200
"""Commands of a block that a redirection of all of it is known of: the last ones."""
_REDIRECT: Final = lazy_pattern(r"[<>]{1,2}[|&]?")
_DOCUMENT: Final = lazy_pattern(
    r"<<(-?)[ \t]{0,20}(?:'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"|\\?([A-Za-z0-9_.!+-]{1,80}))"
)
