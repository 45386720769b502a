"""What the modules of a repository export, and what the configuration of frameworks hands to a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard import limits
from directus_guard.secret import Secret
from directus_guard.sources.code.bindings import ANY
from directus_guard.sources.code.expressions import Surroundings
from directus_guard.sources.code.module_files import SCRIPTS, ModuleFiles
from directus_guard.sources.code.pieces import Lines
from directus_guard.sources.code.traces import CALLED, LOST, Origin, Traces
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.sources.code.bindings import Bindings, Keys
    from directus_guard.sources.code.traces import Trail
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.syntax_tree import Grammar
    from directus_guard.sources.formats.values import Value

GRAMMARS: Final[dict[str, Grammar]] = {
    "js": "javascript", "jsx": "javascript", "mjs": "javascript", "cjs": "javascript",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx",
}  # fmt: skip
_MOST_CHARACTERS: Final = 1024 * 1024
"""A longer module is not read."""
_MOST_STARS: Final = 2000
"""Of a longer list of `export * from` the modules are followed one after the other, as far as the way may be long."""
_WHOLE: Final = ("*", "=")
_CONFIGURED_IN: Final = {
    "expo": (*(f"app.config.{ending}" for ending in SCRIPTS), "app.json", "app.config.json"),
    "app": tuple(f"{folder}app.config.{ending}" for folder in ("", "app/", "src/") for ending in SCRIPTS),
    "runtime": tuple(f"nuxt.config.{ending}" for ending in SCRIPTS),
}

_STARTS: Final[dict[str, tuple[Keys, ...]]] = {
    "expo": (("expo", "extra"), ("extra",)),
    "app": ((),),
    "runtime": (("runtimeConfig",),),
}
"""Where in a configuration such values are."""
_AUTOMATIC: Final = tuple(
    f"{above}{folder}" for above in ("", "app/", "src/", "shared/", "server/") for folder in ("utils", "composables")
)


class _Stars(Struct):
    """The modules that a file exports all of, by their number."""

    by_name: dict[str, list[int]] = field(default_factory=dict)
    """Those that export a name themselves."""
    further: list[int] = field(default_factory=list)
    """Those that may export more than the names they write."""


class Modules:
    """The modules of a repository, each read at most once, and only when a value comes from it."""

    def __init__(self, repository: Repository) -> None:
        self._repository: Final = repository
        self._files: Final = ModuleFiles(repository)
        self._scripts: dict[str, Traces | None] = {}
        self._documents: dict[str, Value | None] = {}
        self._stars: dict[str, _Stars] = {}
        self._is_tired = False

    def follow(self, path: str, module: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where the member `keys` of what a module exports comes from; nothing for a foreign package.

        The first key is the name of the export: `default`, `*` for all of them, `=` for what `require` gives.
        """
        if not self._has_steps(path):
            yield LOST
            return
        found = self._files.find(path, module)
        if found is not None and not found and CALLED not in keys:
            yield LOST
        for file in found or ():
            yield from self._exported(file, keys, trail)

    def _has_steps(self, path: str) -> bool:
        """Whether another file may still be looked at: modules that import each other lead on and on."""
        try:
            self._repository.budgets.of(limits.MODULE_STEPS).spend()
        except limits.OverBudgetError as error:
            if not self._is_tired:
                self._repository.problem(path, f"{error}; what comes from other files is not known", incomplete=True)
            self._is_tired = True
        return not self._is_tired

    def configured(self, path: str, kind: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where a value of a framework's configuration comes from, which is shipped to browsers or in an app.

        `expo`: `Constants.expoConfig.extra`; `app`: `useAppConfig()` and `runtime`: `useRuntimeConfig()` of Nuxt.
        """
        if kind == "expo":
            keys = keys[len(keys) - keys[::-1].index("extra") :] if "extra" in keys else ()
        if keys:
            place = (path, -2, -2, (kind, *keys))
            yield from trail.step(place, lambda: self._configured(path, kind, keys, trail))

    def _configured(self, path: str, kind: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        starts = _STARTS[kind]
        origins = [
            origin
            for file in self._files.nearest(path, *_CONFIGURED_IN[kind])
            for start in starts
            for called in ((), (CALLED,))
            for origin in self._exported(file, ("default", *called, *start, *keys), trail)
            if not origin.lost
        ]
        if kind == "runtime" and keys[0] != "public":
            yield from (origin for origin in origins if origin.text is None or _is_written(origin))
            return
        variable = ".".join(("extra", *keys) if kind == "expo" else keys)
        yield from (origin if _is_written(origin) else Origin(origin.location, variable=variable) for origin in origins)
        if not origins:
            yield Origin(variable=variable) if kind == "runtime" else LOST

    def automatic(self, path: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where a name comes from that Nuxt imports by itself, from `utils` and `composables`."""
        config = self._files.nearest(path, *_CONFIGURED_IN["runtime"])
        root = config[0].rpartition("/")[0] if config else ""
        for folder in _AUTOMATIC if config else ():
            for file in self._files.inside(f"{root}/{folder}".lstrip("/")):
                script = self._script(file)
                if script is not None and keys[0] in script.bindings.exports:
                    yield from self._exported(file, keys, trail)

    def _exported(self, file: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        yield from trail.step((file, -1, -1, keys), lambda: self._export(file, keys, trail))

    def _export(self, file: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        if file.endswith(".json"):
            yield from self._of_json(file, keys if keys[0] not in (*_WHOLE, "default") else keys[1:])
            return
        script = self._script(file)
        if script is None:
            yield from _lost(keys)
            return
        known = script.bindings
        chosen, rest = _chosen(known, keys)
        if chosen:
            # `module.exports.key = …` may follow `module.exports = …`.
            added = chosen == "=" and any(key in known.exports for key in rest[:1])
            for binding in known.exports[chosen]:
                origins = script.trace_binding(binding, rest, trail)
                yield from (origin for origin in origins if not (added and origin.lost))
            if added:
                yield from self._exported(file, rest, trail)
        elif keys[0] in (*_WHOLE, "default"):
            yield from self._exported(file, rest, trail) if rest else _lost(keys)
        else:
            passed_on = self._passed_on(file, known.stars, keys[0])
            inside = (origin for module in passed_on for origin in self.follow(file, module, keys, trail))
            found = [origin for origin in inside if not origin.lost]
            yield from found or _lost(keys)

    def _passed_on(self, file: str, stars: Sequence[str], name: str) -> Sequence[str]:
        """The modules, of those that a file exports all of, that may export a name. A list of a thousand modules, which many
        files import from, is gone through once."""
        if len(stars) > _MOST_STARS:
            return stars
        if file not in self._stars:
            self._stars[file] = self._sorted_stars(file, stars)
        found = self._stars[file]
        return [stars[number] for number in sorted({*found.by_name.get(name, ()), *found.further})]

    def _sorted_stars(self, file: str, stars: Sequence[str]) -> _Stars:
        found = _Stars()
        for number, module in enumerate(stars):
            for other in self._files.find(file, module) or ():
                script = self._script(other)
                known = script.bindings if script is not None else None
                if other.endswith(".json") or (known is not None and (known.stars or "=" in known.exports)):
                    found.further.append(number)
                for name in known.exports if known is not None else ():
                    found.by_name.setdefault(name, []).append(number)
        return found

    def _script(self, file: str) -> Traces | None:
        if file not in self._scripts:
            grammar = GRAMMARS.get(file.rpartition(".")[2])
            text = self._repository.peek(file) if grammar is not None else None
            made = None
            if grammar is not None and text is not None and len(text) <= _MOST_CHARACTERS:
                made = Traces(text, grammar, Lines(file, text).location, around=Surroundings(modules=self))
            self._scripts[file] = made
        return self._scripts[file]

    def _of_json(self, file: str, keys: Keys) -> Iterator[Origin]:
        if file not in self._documents:
            try:
                self._documents[file] = json_document.parse(file, self._repository.peek(file) or "", comments=True)
            except json_document.JsonError:
                self._documents[file] = None
        whole = self._documents[file]
        values: list[Value] = [whole] if whole is not None else []
        for key in keys:
            values = [inner for value in values for inner in _members(value, key)]
        if not values:
            yield LOST
        for value in values:
            if isinstance(value, Text) and value.kind is TextKind.STRING:
                yield Origin(value.location, Secret(value.text))


def _chosen(names: Bindings, keys: Keys) -> tuple[str, Keys]:
    """The export that holds the member, and what remains of the keys."""
    first, rest = keys[0], keys[1:]
    if first in names.exports and first != "*":
        return first, rest
    if "=" in names.exports and rest[:1] != ("default",):
        return "=", rest if first in (*_WHOLE, "default") else keys
    return "", rest


def _members(value: Value, key: str) -> list[Value]:
    """The member of a value, or each of them (`ANY`); an element of a list by whatever index."""
    if isinstance(value, List):
        return list(value.items)
    entries = value.entries if isinstance(value, ObjectValue) else ()
    found = [entry.value for entry in entries if key in (ANY, entry.key.text)]
    return found if key == ANY else found[-1:]


def _is_written(origin: Origin) -> bool:
    return origin.text is not None and bool(origin.text.reveal().strip())


def _lost(keys: Keys) -> Iterable[Origin]:
    """What a function computes when it is called is not known anyway."""
    return () if CALLED in keys else (LOST,)
