"""What the command of a container adds to its environment: `sh -c "export A=b; node cli.js start"`, `env A=b …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Unknown, Variable
from directus_guard.directus.environment.variables import is_known_variable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository

_SET: Final = re.compile(r"(?:\A|[\s;&|(\"'])([A-Z][A-Z0-9_]{1,80})=(?!=)")
_TAKES: Final = re.compile(
    r"(?:\A|[\s;&|(\"'/])(?:(?:source|eval)\s|\.\s{1,4}[\w./~$-]|(?:doppler|infisical|op|sops|chamber|envconsul|vault-env|aws-vault|"
    r"dotenvx?|env-cmd|teller|phase|bao|vals|summon|berglas|dotenv-cli)\s{1,4}(?:run|exec|exec-env|exec-file|-\S))"
)
_SCRIPT: Final = re.compile(r"([A-Za-z0-9_.-]{1,80}\.(?:sh|bash))(?=[\s\"';&|,)\]]|\Z)")
_COMMENT: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_MAX: Final = 64 * 1024
"""Characters of a command, and of a script, that are looked at."""
_MAX_SCRIPTS: Final = 5


def environment(
    words: Iterable[str], location: Location, repository: Repository | None = None
) -> tuple[tuple[Variable, ...], tuple[str, ...]]:
    """The variables of Directus that a command sets, and why there may be others. Scripts of the repository that it names
    (by their names: where the image has them is not looked up) count as the command.

    When and to what it sets them is for the shell to say: no value is known.
    """
    text = " ".join(words)[:_MAX]
    if repository is not None:
        text = "\n".join((text, *_scripts(text, repository)))
    if "=" not in text and _TAKES.search(text) is None:
        return (), ()
    names = dict.fromkeys(name for name in _SET.findall(text) if is_known_variable(name))
    variables = tuple(Variable(name, Unknown("its command sets it"), location, "command") for name in names)
    return variables, ("its command takes in further variables",) if _TAKES.search(text) else ()


def _scripts(command: str, repository: Repository) -> Iterable[str]:
    """The texts of the scripts that a command runs."""
    names = {name.lower() for name in _SCRIPT.findall(command)}
    for path in repository.named(*sorted(names))[:_MAX_SCRIPTS] if names else ():
        yield _COMMENT.sub("", (repository.text(path) or "")[:_MAX])
