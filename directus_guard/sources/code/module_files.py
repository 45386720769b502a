"""Which files of the repository an `import` means: relative paths, aliases of the tools, packages of the same workspace."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

SCRIPTS: Final = ("ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs")
_PLATFORMS: Final = ("native", "ios", "android", "web")
ENDINGS: Final = (
    *(f".{ending}" for ending in SCRIPTS),
    ".json",
    *(f".{platform}.{ending}" for platform in _PLATFORMS for ending in SCRIPTS),
)
_WRITTEN_AS: Final = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""What an import in TypeScript calls `config.js` is `config.ts`."""
_ALIASES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("@/", ("src/", "app/", "")), ("~/", ("src/", "app/", "")), ("@@/", ("",)), ("~~/", ("",)), ("$lib/", ("src/lib/",)),
    ("$/", ("src/", "")), ("#/", ("src/", "")), ("@src/", ("src/",)), ("#shared/", ("shared/",)), ("src/", ("src/",)), ("/", ("",)),
)  # fmt: skip
"""Beginnings that tools and starters give a meaning to, and the folders they stand for."""
_OWN: Final = ("./", "../", "@/", "~/", "@@/", "~~/", "$lib/")
"""Beginnings that no package has: what is not found under them is missing."""
_CONFIGURED: Final = (
    "vite.config", "webpack.config", "babel.config", "astro.config", "svelte.config", "nuxt.config", "next.config", "rspack.config",
)  # fmt: skip
_MOST_EXTENDED: Final = 5


class ModuleFiles:
    """The files of a repository, as its code names them."""

    def __init__(self, repository: Repository) -> None:
        self._repository: Final = repository
        self._paths: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
        self._found: dict[tuple[str, str], tuple[str, ...] | None] = {}
        self._bases: frozenset[str] = frozenset()
        """Every path, without an ending too, that `_file` finds a file for."""
        self._counted = 0
        """The files of the repository that `_found` and `_bases` know: files inside of others may be added."""
        self._bundlers: dict[str, tuple[str, ...]] = {}
        self._aliases: dict[tuple[str, str], tuple[str, ...]] = {}
        self._documents: dict[str, Value | None] = {}

    def find(self, path: str, specifier: str) -> tuple[str, ...] | None:
        """The files that `import … from "specifier"` in `path` may mean; () where they are missing, None for a foreign package.

        There is more than one where a build replaces a file: `environment.ts` of Angular by `environment.prod.ts`.
        """
        self._renew()
        key = path.rpartition("/")[0], specifier.split("?", 1)[0]
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _renew(self) -> None:
        """Index the files, if there are others than before."""
        count = len(self._repository.files) + len(self._repository.inner)
        if self._counted != count:
            self._counted = count
            self._found.clear()
            self._bundlers.clear()
            self._bases = frozenset(
                base for path in (*self._repository.files, *self._repository.inner) for base in bases_of(path)
            )

    def _find(self, folder: str, specifier: str) -> tuple[str, ...] | None:
        if specifier in (".", "..") or specifier.startswith(("./", "../")):
            return self._replaced(self._repository.resolve(folder, specifier))
        found, configured = self._configured(folder, specifier)
        if not found:
            bases = (*_by_convention(folder, specifier), *self._of_workspace(specifier))
            found = next((files for base in bases if (files := self._replaced(base))), ())
        return found or (() if configured or specifier.startswith(_OWN) else None)

    def nearest(self, path: str, *names: str) -> tuple[str, ...]:
        """Those of the files that lie in the nearest folder upwards that has one."""
        for folder in _upwards(path.rpartition("/")[0]):
            found = tuple(name for one in names if (name := f"{folder}{one}") in self._repository)
            if found:
                return found
        return ()

    def inside(self, folder: str) -> tuple[str, ...]:
        """The scripts right in a folder."""
        if self._by_folder is None:
            self._by_folder = {}
            for path in self._repository.named(*(f"*.{ending}" for ending in SCRIPTS)):
                self._by_folder.setdefault(path.rpartition("/")[0], []).append(path)
        return tuple(self._by_folder.get(folder, ()))

    _by_folder: dict[str, list[str]] | None = None

    def _replaced(self, base: str | None) -> tuple[str, ...]:
        first = self._file(base) if base is not None else None
        folder, _, name = (base or "").rpartition("/")
        if name.removesuffix(".ts") != "environment":
            return (first,) if first is not None else ()
        others = (one for one in self._repository.named("environment.*.ts") if one.rpartition("/")[0] == folder)
        return tuple(dict.fromkeys([*([first] if first is not None else []), *others]))

    def _file(self, base: str) -> str | None:
        """The file that a path without its ending, or a folder, means."""
        if base not in self._bases:
            return None
        stem, dot, ending = base.rpartition(".")
        written = [f"{stem}{other}" for other in _WRITTEN_AS.get(f".{ending}", ())] if dot else []
        candidates = (
            base,
            *written,
            *(base + one for one in ENDINGS),
            *(f"{base}/index{one}".lstrip("/") for one in ENDINGS),
        )
        return next((one for one in candidates if one in self._repository and not one.endswith(".d.ts")), None)

    # --- what configuration says ---

    def _configured(self, folder: str, specifier: str) -> tuple[tuple[str, ...], bool]:
        """The files by `paths` of a tsconfig, `imports` of a package or `alias` of a bundler; and whether one names it."""
        named = False
        for above in _upwards(folder):
            aliased = (*self._by_imports(above, specifier), *self._by_alias(above, specifier))
            for base, own in (*self._by_paths(above, specifier), *((base, True) for base in aliased)):
                named = named or own
                found = self._replaced(base)
                if found:
                    return found, True
        return (), named

    def _by_paths(self, folder: str, specifier: str) -> Iterator[tuple[str, bool]]:
        """By a tsconfig or jsconfig in the folder; and whether the alias is named there (`*` is every package, too)."""
        for name in ("tsconfig.json", "jsconfig.json", "tsconfig.app.json", "tsconfig.base.json"):
            if f"{folder}{name}" in self._repository:
                for pattern, targets in self._pairs(f"{folder}{name}"):
                    bases = [base for target in targets if (base := _matched(pattern, target, specifier)) is not None]
                    yield from ((base, pattern != "*") for base in bases)

    def _pairs(self, path: str, left: int = _MOST_EXTENDED) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The patterns of a tsconfig, and the paths in the repository that each means."""
        if path not in self._paths:
            self._paths[path] = ()
            self._paths[path] = tuple(self._read_pairs(path, left))
        return self._paths[path]

    def _read_pairs(self, path: str, left: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        document = self._json(path)
        folder = path.rpartition("/")[0]
        options = _member(document, "compilerOptions")
        base = _member(options, "baseUrl")
        origin = self._repository.resolve(folder, base.text) if isinstance(base, Text) else folder
        paths = _member(options, "paths")
        for entry in paths.entries if isinstance(paths, ObjectValue) and origin is not None else ():
            texts = (
                [item.text for item in entry.value.items if isinstance(item, Text)]
                if isinstance(entry.value, List)
                else []
            )
            targets = [self._repository.resolve(origin or "", text) for text in texts]
            yield entry.key.text, tuple(target for target in targets if target is not None)
        extended = _member(document, "extends")
        above = [extended] if isinstance(extended, Text) else extended.items if isinstance(extended, List) else ()
        for item in above:
            other = self._repository.resolve(folder, item.text) if isinstance(item, Text) else None
            for name in (other, f"{other}.json"):
                if name is not None and name in self._repository and left:
                    yield from self._pairs(name, left - 1)
        if isinstance(base, Text) and origin is not None:
            yield "*", (f"{origin}/*".lstrip("/"),)

    def _by_imports(self, folder: str, specifier: str) -> Iterator[str]:
        """By `imports` of a package.json in the folder."""
        if not specifier.startswith("#") or f"{folder}package.json" not in self._repository:
            return
        imports = _member(self._json(f"{folder}package.json"), "imports")
        for entry in imports.entries if isinstance(imports, ObjectValue) else ():
            for text in _texts(entry.value):
                target = self._repository.resolve(folder, text)
                base = _matched(entry.key.text, target, specifier) if target is not None else None
                if base is not None:
                    yield base

    def _by_alias(self, folder: str, specifier: str) -> Iterator[str]:
        """By `alias: { "@config": path.resolve(__dirname, "src/config") }` of a bundler's configuration in the folder."""
        head, _, rest = specifier.partition("/")
        if not re.match(r"[@~#$\w]", head):
            return
        for path in self._bundlers_of(folder):
            for place in self._aliased(path, head):
                base = self._repository.resolve(folder, f"{place.lstrip('/')}/{rest}")
                if base is not None:
                    yield base

    def _bundlers_of(self, folder: str) -> tuple[str, ...]:
        """The configurations of bundlers in a folder."""
        if folder not in self._bundlers:
            names = (f"{folder}{name}.{ending}" for name in _CONFIGURED for ending in SCRIPTS)
            self._bundlers[folder] = tuple(name for name in names if name in self._repository)
        return self._bundlers[folder]

    def _aliased(self, path: str, head: str) -> tuple[str, ...]:
        """What a bundler's configuration writes behind an alias."""
        if (path, head) not in self._aliases:
            pattern = rf"(?<![\w@~#$]){re.escape(head)}/?[\"'`]?\s{{0,8}}:[^\n,]{{0,200}}?[^\n]{{0,40}}?[\"'`](\.{{0,2}}/?[\w./-]{{1,100}})[\"'`]"
            places = re.finditer(pattern, self._repository.peek(path) or "")
            self._aliases[path, head] = tuple(match[1] for match in places)
        return self._aliases[path, head]

    def _json(self, path: str) -> Value | None:
        if path not in self._documents:
            try:
                self._documents[path] = json_document.parse(path, self._repository.peek(path) or "", comments=True)
            except json_document.JsonError:
                self._documents[path] = None
        return self._documents[path]

    # --- packages of the same workspace ---

    @cached_property
    def _packages(self) -> Mapping[str, str]:
        """The manifests of the repository's packages, by their names."""
        found: dict[str, str] = {}
        for path in registry.PACKAGE.named(self._repository):
            name = _member(self._json(path), "name")
            if isinstance(name, Text):
                found.setdefault(name.text, path)
        return found

    def _of_workspace(self, specifier: str) -> Iterator[str]:
        parts = specifier.split("/")
        count = 2 if specifier.startswith("@") else 1
        path = self._packages.get("/".join(parts[:count]))
        if path is None:
            return
        inside = "/".join(parts[count:])
        manifest = self._json(path)
        exports = _member(manifest, "exports")
        named = [_member(exports, f"./{inside}" if inside else "."), exports if not inside else None]
        if not inside:
            named += [_member(manifest, key) for key in ("source", "module", "main", "types")]
        written = [text for value in named for text in _texts(value)]
        for text in (*written, *((f"{inside}", f"src/{inside}", f"lib/{inside}") if inside else (".", "src", "lib"))):
            base = self._repository.resolve(path.rpartition("/")[0], text)
            if base is not None:
                yield base


def bases_of(path: str) -> Iterator[str]:
    """What an import may call a file: its path, without its ending, with the ending of what it is built to, its folder."""
    yield path
    stem, _, ending = path.rpartition(".")
    if ending != "json" and ending not in SCRIPTS:
        return
    yield from (f"{stem}{built}" for built, written in _WRITTEN_AS.items() if f".{ending}" in written)
    plain, _, platform = stem.rpartition(".")
    stems = (stem, plain) if platform in _PLATFORMS and ending != "json" else (stem,)
    for one in stems:
        yield one
        folder, _, name = one.rpartition("/")
        if name == "index":
            yield folder


def _upwards(folder: str) -> Iterator[str]:
    """The folder and those above it, each with a slash at its end; the root is empty."""
    while folder:
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]
    yield ""


def _by_convention(folder: str, specifier: str) -> Iterator[str]:
    for head, places in _ALIASES:
        if specifier.startswith(head):
            rest = specifier[len(head) :]
            yield from (f"{above}{place}{rest}" for above in _upwards(folder) for place in places)


def _matched(pattern: str, target: str, specifier: str) -> str | None:
    """Where a pattern with at most one `*` leads; None if it does not match."""
    before, star, after = pattern.partition("*")
    if not star:
        return target if specifier == pattern else None
    if not (specifier.startswith(before) and specifier.endswith(after) and len(specifier) >= len(before) + len(after)):
        return None
    return target.replace("*", specifier[len(before) : len(specifier) - len(after)], 1)


def _member(value: Value | None, key: str) -> Value | None:
    entries = value.entries if isinstance(value, ObjectValue) else ()
    return next((entry.value for entry in reversed(entries) if entry.key.text == key), None)


def _texts(value: Value | None) -> Iterator[str]:
    """The texts of a value: itself, or those of its conditions (`{ "import": …, "default": … }`)."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, Text):
            yield one.text
        elif isinstance(one, ObjectValue) and not any(entry.key.text.startswith(".") for entry in one.entries):
            stack.extend(entry.value for entry in reversed(one.entries))
