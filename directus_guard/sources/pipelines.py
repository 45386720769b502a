"""Pipelines other than GitHub's: GitLab, CircleCI, Woodpecker, Drone, Azure and the like, and the variables they give to their scripts.

Where a mapping has variables, all scripts below it have them; the inner ones win.
"""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources import workflow_texts
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.values import List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.formats.dockerfile_syntax import Positions
    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import Value

_FILES: Final = lazy_pattern(
    r"(?:.*/)?(?:[^/]*gitlab-ci[^/]*|(?:\.gitlab(?:-ci)?|\.circleci|\.woodpecker|\.drone|\.buildkite|\.semaphore|\.azure[^/]*|\.?ci|\.?pipelines?)/.*"
    r"|\.?(?:woodpecker|drone|cirrus|travis|appveyor)(?:[.-][^/]*)?|[^/]*azure[^/]*pipeline[^/]*|[^/]*pipeline[^/]*)\.ya?ml",
    re.IGNORECASE,
)
_OTHERS: Final = lazy_pattern(r"(?:^|/)\.(?:github|gitea|forgejo)/|compose[^/]*\Z", re.IGNORECASE)
_KEYS: Final = ("variables", "environment", "env", "env_vars")
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_.]*")
_MAX_DEPTH: Final = 40
_MOST: Final = 10_000
"""Mappings of one file that are looked at: aliases may repeat them without an end."""
_MOST_EXTENDED: Final = 10


class PipelineStep(Unprinted, frozen=True):
    """A text or a list of texts that may be a script, what the pipeline gives to it, and the keys that lead to it."""

    part: Value
    environment: Mapping[str, Traced]
    hints: tuple[str, ...]


def is_pipeline(path: str) -> bool:
    """Whether a YAML file is a pipeline, and none of GitHub's, by its name or its folder."""
    return _FILES.fullmatch(path) is not None and _OTHERS.search(path) is None


def steps(path: str, text: str, positions: Positions, root: Value) -> Iterator[PipelineStep]:
    """Everything in a pipeline that may be a script."""
    yield from _Pipeline(path, text, positions, root).steps(root, ChainMap(), ())


class _Pipeline:
    def __init__(self, path: str, text: str, positions: Positions, root: Value) -> None:
        self._path, self._text, self._positions, self._root = path, text, positions, root
        self._left = _MOST

    def steps(self, part: Value, given: ChainMap[str, Traced], keys: tuple[str, ...]) -> Iterator[PipelineStep]:
        self._left -= 1
        if self._left < 0 or len(keys) > _MAX_DEPTH:
            return
        if isinstance(part, Text):
            yield PipelineStep(part, given, keys)
        elif isinstance(part, List):
            yield PipelineStep(
                List(tuple(item for item in part.items if isinstance(item, Text)), part.location), given, keys
            )
            for item in part.items:
                if not isinstance(item, Text):
                    yield from self.steps(item, given, keys)
        elif isinstance(part, ObjectValue):
            given = self._with_own(part, given)
            for entry in part.entries:
                if entry.key.text not in _KEYS:
                    yield from self.steps(entry.value, given, (*keys, entry.key.text))

    def _with_own(self, node: ObjectValue, given: ChainMap[str, Traced]) -> ChainMap[str, Traced]:
        """What is given around a mapping, what the jobs give that it extends (GitLab), and what it gives itself."""
        own = [pair for one in (*self._extended(node), node) for key in _KEYS for pair in _pairs(one.get(key))]
        if not own:
            return given
        found: ChainMap[str, Traced] = ChainMap({}, *given.maps)
        for name, held in own:
            value = traced.scalar(self._path, self._text, held.text, held.location, self._positions)
            found[name] = workflow_texts.filled(value, found)
            # Azure gives a variable to a shell by its name in capitals, with `_` for a point.
            found[name.upper().replace(".", "_")] = found[name]
        return found

    def _extended(self, node: ObjectValue) -> list[ObjectValue]:
        found: list[ObjectValue] = []
        at: ObjectValue | None = node
        while at is not None and len(found) < _MOST_EXTENDED:
            held = at.get("extends")
            names = held.items if isinstance(held, List) else (held,)
            root = self._root if isinstance(self._root, ObjectValue) else node
            jobs = (root.object(name.text) for name in names if isinstance(name, Text))
            known = [job for job in jobs if job is not None]
            found[:0] = known
            at = known[-1] if known else None
        return found


def _pairs(environment: Value | None) -> Iterator[tuple[str, Text]]:
    """The names and texts of a mapping (GitLab: also `NAME: {value: …}`), of a list of `name:` and `value:`, of a list of mappings,
    and of a list of `NAME=text`."""
    if isinstance(environment, ObjectValue):
        for entry in environment.entries:
            value = entry.value.get("value") if isinstance(entry.value, ObjectValue) else entry.value
            if isinstance(value, Text) and _NAME.fullmatch(entry.key.text):
                yield entry.key.text, value
    elif isinstance(environment, List):
        for item in environment.items:
            if isinstance(item, Text):
                name, equals, text = item.text.partition("=")
                if equals and _NAME.fullmatch(name):
                    yield name, Text(text, item.kind, item.location)
            elif isinstance(item, ObjectValue):
                named, value = item.scalar("name"), item.scalar("value")
                if named is None:
                    yield from _pairs(item)
                elif value is not None and _NAME.fullmatch(named.text):
                    yield named.text, value
