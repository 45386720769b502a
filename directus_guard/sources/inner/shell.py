"""Files in shell texts: `cat > docker-compose.yml <<EOF`, `kubectl apply -f - <<EOF`, `tee x.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources import script_texts
from directus_guard.sources.deployments.dotenv_files import is_environment_file
from directus_guard.sources.files import signs
from directus_guard.sources.files.inner_file import InnerFile, stretches
from directus_guard.sources.formats import shell_output
from directus_guard.sources.formats.traced import Piece
from directus_guard.sources.inner import naming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_READERS: Final = {
    "kubectl": "manifest.yaml", "oc": "manifest.yaml", "k3s": "manifest.yaml", "microk8s": "manifest.yaml",
    "helm": "values.yaml", "docker": "compose.yaml", "docker-compose": "compose.yaml", "podman": "compose.yaml", "nerdctl": "compose.yaml",
}  # fmt: skip
"""Programs that take a manifest from their standard input, and what it is called."""
_MAX_FILES: Final = 50
"""Files of one shell text that are followed."""


def files(repository: Repository, path: str) -> Iterator[InnerFile]:
    """The files that the commands of a script write, and the manifests that they hand on, in the order of their names.

    An environment file is left to `script_settings`, which reads what is added to one line by line.
    """
    source = repository.text(path) or ""
    taken: set[str] = set()
    for script in script_texts.scripts(repository, path, signs.writes_files):
        for number, (name, text) in enumerate(_texts(script.commands)):
            if number == _MAX_FILES:
                naming.too_many(repository, path)
                break
            if not signs.concerns_directus(text.text):
                continue
            runs = tuple(stretches(text, source))
            made = naming.path(path, name, "".join(run.text for run in runs))
            if made is not None:
                hint = " ".join((*script.hints, *(("ci",) if script.trial else ())))
                yield InnerFile(naming.free(made, taken), path, runs, hint=hint)


def _texts(commands: Sequence[Command]) -> Iterator[tuple[str, Traced]]:
    """Names and texts. What begins a manifest of its own is a file of its own, anything else is added to the one before."""
    written: list[tuple[str, list[Traced]]] = []
    last: dict[str, list[Traced]] = {}
    for command in commands:
        for name, lines in _written(command):
            if name in last and not naming.kind("\n".join(line.text for line in lines)):
                last[name].extend(lines)
            else:
                last[name] = list(lines)
                written.append((name, last[name]))
    return ((name, _joined(lines)) for name, lines in written)


def _written(command: Command) -> Iterator[tuple[str, Sequence[Traced]]]:
    """Names and lines of what a command writes or reads as a file."""
    for found in shell_output.written(command):
        name = found.path.text
        if found.lines and not is_environment_file(name.rpartition("/")[2]):
            yield name, found.lines
    for program, name in _READERS.items():
        given = command.arguments(program)
        if given is not None and any(word.text in ("-", "-f-", "/dev/stdin", "--filename=-", "-c-") for word in given):
            lines = tuple(shell_output.standard_input(command))
            if lines:
                yield "Dockerfile" if any(word.text == "build" for word in given) else name, lines


def _joined(lines: Sequence[Traced]) -> Traced:
    """Lines as one text; each line end has the place of its line's end."""
    return lines[0].joined(part for line in lines for part in (line, _line_end(line)) if part is not lines[0])


def _line_end(line: Traced) -> Traced:
    end = line.pieces[-1].end if line.pieces else 0
    return line.made([Piece("\n", end, end)])
