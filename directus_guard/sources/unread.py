"""Files that name a Directus and that no source reads (Nix, Bicep, Pulumi in TypeScript, Jsonnet, …): they are listed, never passed over.

One look at the first bytes of each file that may be configuration; nothing is parsed. Documentation, lock files and what
programs write are left out: they name Directus all the time.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.recognise import CORE, ITS_OWN
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments.application import plain
from directus_guard.sources.files import registry
from directus_guard.sources.formats import templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.directus.export import Export
    from directus_guard.sources.files.repository import Repository

_OTHER: Final = (
    # documentation and pages
    ".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt", ".html", ".htm", ".css", ".scss", ".sass", ".less", ".ipynb", ".po", ".tex",
    # what programs write
    ".lock", ".lockb", ".map", ".snap", ".log", ".csv", ".tsv", ".sql", ".diff", ".patch", ".min.js", ".sum", ".mod", ".tsbuildinfo",
    "/package-lock.json", "/npm-shrinkwrap.json", "/pnpm-lock.yaml", "/deno.lock", "/composer.lock", ".sarif",
    # no text
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".bmp", ".tiff", ".svg", ".pdf", ".woff", ".woff2", ".ttf", ".otf", ".eot",
    ".mp3", ".mp4", ".webm", ".mov", ".wav", ".ogg", ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".jar", ".wasm",
    ".db", ".sqlite", ".sqlite3", ".bin", ".exe", ".dll", ".so", ".dylib", ".class", ".pyc", ".node", ".psd", ".sketch", ".parquet",
    # what is always read: a server is started by it, or by what is around it
    "/package.json",
    # tools that look for newer versions
    "/renovate.json", "/renovate.json5", "/.renovaterc", "/.renovaterc.json", "/dependabot.yml", "/.directus-guard.yaml",
    "/directus-guard.yaml",
)  # fmt: skip
_NAMES: Final = lazy_pattern(
    r"(?:licen[cs]e|copying|changelog|changes|readme|authors|notice|codeowners)(?:[._-].*)?", re.IGNORECASE | re.DOTALL
)
_FOLDERS: Final = frozenset(
    {"node_modules", "vendor", "dist", ".cache", ".git", "__snapshots__", ".yarn", ".pnpm-store", "bower_components"}
)
_CODE: Final = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".py", ".go", ".cs", ".java", ".kt", ".rb", ".php", ".vue", ".svelte", ".astro", ".rs")  # fmt: skip

_IMAGE: Final = lazy_pattern(rb"directus/directus(?=[:@\"'`\s,;)\]}\\]|\Z)")
_BEFORE: Final = lazy_pattern(rb"(?:\A|[^A-Za-z0-9_./|-])(?:[a-z0-9.-]{1,100}(?::[0-9]{1,5})?/)?\Z")
_STARTED: Final = lazy_pattern(
    rb"(?<![\w./@-])directus[\"']?,?[ \t]+[\"']?(?:start|bootstrap)\b|\bchart[\"']?[ \t]*[:=][ \t]*[\"']?directus[\"'\s]"
)
"""A command that starts the server, a Helm chart of that name."""
_COMMENT: Final = (b"#", b"//", b"*", b"--", b";")
_MAX_LINE: Final = 2000
_MAX_PLACES: Final = 100
"""Of the image's name in one file that are looked at."""
_CORE: Final = lazy_pattern(
    rb"(?<![A-Za-z0-9_])("
    + b"|".join(name.encode() for name in sorted(CORE))
    + rb")(?![A-Za-z0-9_])[\"']?[ \t]*(?:[:=]|,[ \t]*[\"']?value)"
)
_OWN: Final = lazy_pattern(
    rb"(?<![A-Za-z0-9_])(?:"
    + b"|".join(name.encode() for name in sorted(ITS_OWN))
    + rb")(?![A-Za-z0-9_])[\"']?[ \t]*(?:[:=]|,[ \t]*[\"']?value)"
)
"""One of the variables that no other program reads."""
_INFRASTRUCTURE: Final = (b"pulumi", b"aws-cdk", b"aws_cdk", b"cdktf", b"cdk8s", b"constructs")
_SHOWN: Final = 10


def notices(
    repository: Repository, deployments: Sequence[Deployment], exports: Sequence[Export] = ()
) -> tuple[str, ...]:
    """Sentences that list the files, () where there are none. What `deployments` and `exports` rest on is read."""
    return (*_naming(repository, deployments, exports), *(() if deployments or exports else _snapshots(repository)))


def _snapshots(repository: Repository) -> Iterator[str]:
    """What a repository has that holds nothing but schema snapshots."""
    paths = registry.WHOLE_SNAPSHOTS.paths(repository)
    if paths:
        yield f"A schema snapshot holds no permissions, flows or settings: {_listed(paths)}. Export them too, or nothing is judged."


def _naming(repository: Repository, deployments: Sequence[Deployment], exports: Sequence[Export]) -> tuple[str, ...]:
    """The files that name Directus and are not read."""
    read = {path for found in deployments for path in _paths(found)}
    read |= {path for export in exports for path in _tables(export)}
    read |= {problem.path for problem in repository.problems}  # said already
    paths = [
        path
        for path in repository.files
        if path not in read and _may_configure(path) and _names_it(repository, path) and not _of_chart(repository, path)
    ]
    if not paths:
        return ()
    files = "a file that is not read" if len(paths) == 1 else "files that are not read"
    advice = "To have it judged, write it as Compose, a Kubernetes manifest or an environment file, or give the running instance with `--url`."
    return (f"Directus is named in {files}: {_listed(paths)}. {advice}",)


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(f"`{plain(path, 200)}`" for path in paths[:_SHOWN])
    return shown + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")


def _paths(deployment: Deployment) -> Iterator[str]:
    yield deployment.location.path
    yield f"{deployment.location.path.rpartition('/')[0]}/package.json".lstrip(
        "/"
    )  # its version and its start were read
    yield from deployment.consumed
    yield from (variable.location.path for variable in deployment.variables)
    if deployment.image is not None:
        yield deployment.image.location.path
    if deployment.version is not None:
        yield deployment.version.location.path
    if deployment.dockerfile is not None:
        yield deployment.dockerfile


def _tables(export: Export) -> Iterator[str]:
    """The files of an export's larger tables."""
    for table in export.tables:
        yield from (record.location.path for record in table if record.location is not None)


def _may_configure(path: str) -> bool:
    lower = f"/{path.lower()}"
    *folders, name = lower.split("/")
    return not (lower.endswith(_OTHER) or _NAMES.fullmatch(name) or not _FOLDERS.isdisjoint(folders))


def _of_chart(repository: Repository, path: str) -> bool:
    """Whether it is a template of a Helm chart: those are never read, and another notice says so."""
    return templates.of_chart(repository, path, "{{")


def _names_it(repository: Repository, path: str) -> bool:
    if path.lower().endswith(_CODE):
        return repository.holds(path, _in_code)
    return repository.holds(path, _in_configuration)


def _in_code(data: bytes) -> bool:
    """Whether code sets a Directus up: it names the image, or sets its variables with a library for infrastructure."""
    if b"directus" not in data:
        return False
    return _is_named(data) or (any(word in data for word in _INFRASTRUCTURE) and _sets_core(data))


def _in_configuration(data: bytes) -> bool:
    if b"directus" not in data and b"Directus" not in data and b"DIRECTUS" not in data:
        return False
    return _is_named(data) or _sets_core(data) or _is_started(data)


def _is_started(data: bytes) -> bool:
    for match in islice(_STARTED.finditer(data), _MAX_PLACES):
        start = data.rfind(b"\n", max(match.start() - _MAX_LINE, 0), match.start()) + 1
        if not data[start : match.start()].lstrip().startswith(_COMMENT):
            return True
    return False


def _is_named(data: bytes) -> bool:
    for match in islice(_IMAGE.finditer(data), _MAX_PLACES):
        start = match.start()
        line = data[max(data.rfind(b"\n", max(start - _MAX_LINE, 0), start) + 1, start - _MAX_LINE) : start]
        if _BEFORE.search(line[-120:]) and not line.lstrip().startswith(_COMMENT):
            return True
    return False


def _sets_core(data: bytes) -> bool:
    return len(set(_CORE.findall(data))) > 1 or _OWN.search(data) is not None
