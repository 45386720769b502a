"""Texts of a GitHub workflow: what `env` gives to scripts, and expressions (`${{ … }}`) in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.sources.formats import traced
from directus_guard.sources.formats.traced import Piece
from directus_guard.sources.formats.values import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.sources.formats.dockerfile_syntax import Positions
    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import ObjectValue

_EXPRESSION: Final = re.compile(r"\$\{\{.{0,1000}?\}\}", re.DOTALL)
_ENV: Final = re.compile(r"\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_REASON: Final = "`${{ … }}` is worked out when the workflow runs"


def environment(path: str, text: str, positions: Positions, *nodes: ObjectValue | None) -> dict[str, Traced]:
    """The variables of the `env` of a workflow, a job and a step; the later win. None of them has expressions left."""
    found: dict[str, Traced] = {}
    for node in nodes:
        held = node.object("env") if node is not None else None
        for entry in held.entries if held is not None else ():
            if isinstance(entry.value, Text):
                value = traced.scalar(path, text, entry.value.text, entry.value.location, positions)
                found[entry.key.text] = filled(value, found)
            else:
                found.pop(entry.key.text, None)
    return found


def deploys(path: str, root: ObjectValue, name: str, job: ObjectValue) -> bool:
    """Whether a job of a workflow brings something to where people use it, by its names or its `environment`, not only tests."""
    if job.get("environment") is not None:
        return True
    texts = (path.rpartition("/")[2], root.text("name") or "", name, job.text("name") or "")
    return any(word in _DEPLOYING for text in texts for word in re.split(r"[^a-z]+", text.lower()))


_DEPLOYING: Final = frozenset(
    [
        "deploy",
        "deploys",
        "deploying",
        "deployment",
        "production",
        "prod",
        "release",
        "live",
        "publish",
        "ship",
        "rollout",
        "cd",
        "staging",
    ]
)


def filled(script: Traced, given: Mapping[str, Traced]) -> Traced:
    """The text with the variables that `${{ env.X }}` takes in; what other expressions give is not known."""
    pieces: list[Piece] = []
    begin = 0
    for match in _ENV.finditer(script.text):
        value = given.get(match[1])
        if value is None or len(value) > _MAX_LENGTH:
            continue
        held = script.cut(*match.span()).pieces
        pieces += script.cut(begin, match.start()).pieces if match.start() > begin else ()
        used = held[0].start, held[-1].end
        pieces += (Piece(one.text, one.start, one.end, used, one.unknown, one.fallback) for one in value.pieces)
        begin = match.end()
    if begin:
        script = script.made([*pieces, *(script.cut(begin).pieces if begin < len(script) else ())])
    return script.with_holes(_EXPRESSION, _REASON)


_MAX_LENGTH: Final = 8 * 1024
"""Characters of a variable that is put in."""
