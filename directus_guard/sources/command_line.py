"""What the command of a container adds to its environment: `sh -c "export A=b; node cli.js start"`, `env A=b …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.deployment import Unknown, Variable
from directus_guard.directus.variables import is_known_variable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Location

_SET: Final = re.compile(r"(?:\A|[\s;&|(\"'])([A-Z][A-Z0-9_]{1,80})=(?!=)")
_TAKES: Final = re.compile(
    r"(?:\A|[\s;&|(\"'/])(?:(?:source|eval)\s|\.\s{1,4}[\w./~$-]|(?:doppler|infisical|op|sops|chamber|envconsul|vault-env|aws-vault|"
    r"dotenvx?|env-cmd|teller|phase|bao|vals|summon|berglas|dotenv-cli)\s{1,4}(?:run|exec|exec-env|exec-file|-\S))"
)
_MAX: Final = 64 * 1024
"""Characters of a command that are looked at."""


def environment(words: Iterable[str], location: Location) -> tuple[tuple[Variable, ...], tuple[str, ...]]:
    """The variables of Directus that a command sets, and why there may be others.

    When and to what it sets them is for the shell to say: no value is known.
    """
    text = " ".join(words)[:_MAX]
    if "=" not in text and _TAKES.search(text) is None:
        return (), ()
    names = dict.fromkeys(name for name in _SET.findall(text) if is_known_variable(name))
    variables = tuple(Variable(name, Unknown("its command sets it"), location, "command") for name in names)
    return variables, ("its command takes in further variables",) if _TAKES.search(text) else ()
