"""Texts of a GitHub workflow: what `env` gives to scripts, and expressions (`${{ … }}`) in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import traced, values
from directus_guard.sources.formats.traced import Piece
from directus_guard.sources.formats.values import List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.sources.formats.dockerfile_syntax import Positions
    from directus_guard.sources.formats.traced import Traced

_EXPRESSION: Final = lazy_pattern(r"\$\{\{.{0,1000}?\}\}", re.DOTALL)
_ENV: Final = lazy_pattern(
    r"\$\{\{\s*(?:env|variables)\.([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}|\$\(([A-Za-z_][A-Za-z0-9_.]*)\)"
)
"""`${{ env.X }}`; Azure's `$(X)` and `${{ variables.X }}`. (A command with the name of a known variable there is none.)"""
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
    """Whether a job of a workflow brings something to where people use it, not only tests: by its names, its `environment`, or
    because it runs on a machine of its own, or only for what was pushed to some branches, and its steps test nothing."""
    if job.get("environment") is not None:
        return True
    texts = (path.rpartition("/")[2], root.text("name") or "", name, job.text("name") or "")
    if any(word in _DEPLOYING for text in texts for word in re.split(r"[^a-z]+", text.lower())):
        return True
    if tests(*texts) or job.get("services") is not None or _triggers(root) & _FOR_CHANGES or not _triggers(root):
        return False
    steps = "\n".join(step.text("run") or step.text("uses") or "" for step in job.objects("steps"))
    if _TESTS.search(steps) is not None:
        return False
    runner = job.get("runs-on")
    labels = values.walk(runner) if runner is not None else ()
    hosted_by_itself = any(isinstance(label, Text) and "self-hosted" in label.text for label in labels)
    return hosted_by_itself or (_is_for_branches(root) and _LOCAL.search(steps) is None)


def _triggers(root: ObjectValue) -> set[str]:
    """The events that start a workflow."""
    held = root.get("on")
    if isinstance(held, ObjectValue):
        return {entry.key.text for entry in held.entries}
    return {item.text for item in (held.items if isinstance(held, List) else (held,)) if isinstance(item, Text)}


def _is_for_branches(root: ObjectValue) -> bool:
    """Whether it runs for pushes to branches that it names, or for tags."""
    held = root.object("on")
    push = held.object("push") if held is not None else None
    return push is not None and any(push.get(key) is not None for key in ("branches", "tags"))


_FOR_CHANGES: Final = frozenset(["pull_request", "pull_request_target", "merge_group", "workflow_call"])
"""Events of what is not yet in the branch that is deployed, or that tell nothing."""
_TESTS: Final = lazy_pattern(
    r"\b(?:test|tests|e2e|jest|vitest|pytest|cypress|playwright|phpunit|newman|k6|lint|typecheck|coverage)\b|wait-on|github-script",
    re.IGNORECASE,
)
_LOCAL: Final = lazy_pattern(r"localhost|127\.0\.0\.1|\[::1\]")


def tests(*names: str) -> bool:
    """Whether a job tests, by its names."""
    return any(word in _TESTING for name in names for word in re.split(r"[^a-z0-9]+", name.lower()))


_TESTING: Final = frozenset(
    [
        "test",
        "tests",
        "testing",
        "e2e",
        "spec",
        "specs",
        "lint",
        "check",
        "checks",
        "integration",
        "unit",
        "cypress",
        "playwright",
        "smoke",
    ]
)
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
    """The text with the variables that `${{ env.X }}` and Azure's `$(X)` take in; what other expressions give is not known."""
    pieces: list[Piece] = []
    begin = 0
    for match in _ENV.finditer(script.text):
        value = given.get(match[1] or match[2])
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
