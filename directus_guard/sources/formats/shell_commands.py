"""The commands of a shell text as lists of words that know their place.

Grammar is not judged: keywords and operators only separate commands. A value is known when the text itself assigns it
once on every way to its use; everything else of `$X`, `$(…)` is unknown. The cost is linear in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.secret import Unprinted
from directus_guard.sources.formats.shell_lexer import ShellLexer
from directus_guard.sources.formats.shell_scope import ShellScope, ShellVariable
from directus_guard.sources.formats.shell_words import MAX_NESTED, SPACES, RawCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from directus_guard.sources.formats.traced import Traced


MAX_CHARACTERS: Final = 256 * 1024
"""A longer text is no script that a person wrote; only its beginning is read."""
_SHELLS: Final = frozenset(
    {"sh", "bash", "dash", "ash", "zsh", "ksh", "ssh", "su", "eval", "runuser", "gcloud", "watch"}
)
_WRAPPERS: Final = frozenset({
    "sudo", "doas", "exec", "command", "time", "nohup", "env", "nice", "ionice", "timeout", "setsid", "ssh", "eval", "retry", "run", "if", "xargs", "npx", "bunx",
})  # fmt: skip
_MAX_WRAPPING: Final = 16
"""Words in front of a program's name that are looked at."""


class Command(Unprinted, frozen=True, eq=False):
    """One simple command. `before`: the assignments in front of it; `inputs`: its here-documents and here-strings.

    `outputs`: the files that its output goes to; `source`: the command whose output it reads.
    """

    words: tuple[Traced, ...]
    before: tuple[tuple[str, Traced], ...]
    inputs: tuple[Traced, ...]
    outputs: tuple[Traced, ...]
    source: Command | None
    _scope: ShellScope
    _raw: RawCommand

    def variable(self, name: str) -> ShellVariable | None:
        """The shell's variable, None where the text does not set it."""
        return self._scope.given(name, self._raw)

    def exported(self, wanted: Callable[[str], bool], *, after: bool = False) -> Iterator[tuple[str, Traced]]:
        """The variables with a wanted name that the text exports to this command, as far as their values are known.

        `after`: to what comes after it, what it exports itself included.
        """
        for name in filter(wanted, self._scope.names()):
            held = self._scope.given(name, self._raw, after=after)
            if held is not None and held.exported and held.value is not None:
                yield name, held.value

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
        lexer = ShellLexer(text)
        lexer.run()
        scope = ShellScope(lexer, (given if depth == 0 else None) or {})
        made = _commands(scope, sorted(lexer.commands, key=lambda raw: raw.order))
        found += made
        if depth < MAX_NESTED:
            stack += [(inner, depth + 1) for command in reversed(made) for inner in reversed(list(_inner(command)))]
    return tuple(found)


def words(script: Traced) -> tuple[Traced, ...]:
    """The words of one command line, as systemd and Dockerfiles write one."""
    made = commands(script)
    return made[0].words if made else ()


def _commands(scope: ShellScope, raw_commands: Iterable[RawCommand]) -> list[Command]:
    made: dict[int, Command] = {}
    for raw in raw_commands:  # what a command reads from begins before it
        made[raw.order] = _command(scope, raw, made.get(raw.source.order) if raw.source is not None else None)
    return list(made.values())


def _command(scope: ShellScope, raw: RawCommand, source: Command | None) -> Command:
    words = tuple(word for held in raw.words for word in scope.expand(held, raw.block, raw.order))
    before = tuple((one.name, scope.single(one.value[0], one)) for one in raw.before if one.value)
    inputs = tuple(scope.text(held, raw.block, raw.order) for held in raw.documents)
    outputs = tuple(scope.text(held, raw.block, raw.order) for held in raw.outputs)
    return Command(words, before, inputs, outputs, source, scope, raw)


def _inner(command: Command) -> Iterator[Traced]:
    """The texts that a command hands to another shell."""
    if not any(word.text.rpartition("/")[2] in _SHELLS for word in command.words[:_MAX_WRAPPING]):
        return
    for word in command.words[1:]:
        if any(character in word.text for character in SPACES):
            yield word
    yield from command.inputs
