"""A program: runs commands of directus-guard, and notes what the interpreter does that a run must not do.

    python -B -m tests.support.audit_hook JOBS

JOBS is a JSON file: a list of `Job`s as objects. A list of what went wrong is printed, as JSON. Everything is imported, and
one command has run, before the first job: from then on no code is loaded from anywhere.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import io
import json
import os
import pkgutil
import re
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import directus_guard
from directus_guard import cli

if TYPE_CHECKING:
    from types import CodeType, FrameType

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = str(Path(directus_guard.__file__).resolve().parent)
STANDARD: Final = tuple({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})
READABLE: Final = {os.devnull: "what git gets as its input"}
"""Files outside of the scanned folder that a run may open, to read and to write, and why."""
OPTIONAL: Final = dict.fromkeys(
    ("click", "rich", "pygments"),
    "httpx has a command line of its own and loads these for it where they are, as in the environment of the tests",
)
"""Packages beside the locked ones that may be loaded before the first job, and why."""
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES: Final = frozenset({
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.utime",
    "os.setxattr", "os.removexattr", "os.chflags", "shutil.copyfile", "shutil.move", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp",
})  # fmt: skip
_STARTS: Final = frozenset(
    {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile", "pty.spawn"}
)
_NEVER: Final = (
    "ctypes.",
    "pickle.find_class",
    "code.__new__",
    "os.putenv",
    "webbrowser.open",
    "urllib.Request",
    "sys.addaudithook",
)
_LISTING: Final = frozenset({"os.listdir", "os.scandir", "glob.glob", "os.walk", "os.fwalk"})


class Job(NamedTuple):
    """A command, the folder that it reads, the files that it may write, and the host and port that it may ask."""

    arguments: list[str]
    root: str
    outputs: list[str]
    address: list[Any]


def locked() -> frozenset[str]:
    """The files of the locked dependencies, and their folders."""
    names = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    found: set[str] = set()
    for name in names:
        distribution = importlib.metadata.distribution(name)
        files = [os.path.realpath(str(distribution.locate_file(file))) for file in distribution.files or ()]
        # What Python compiled at the first import is in the list of pip, and not in that of uv.
        found.update(files, (importlib.util.cache_from_source(file) for file in files if file.endswith(".py")))
    # The importer lists their folders.
    return frozenset(found | {os.path.dirname(file) for file in found})  # noqa: PTH120 - texts, as the events have them


class Watch:
    """Notes what a job does."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.noted: list[str] = []
        self._locked: Final = locked()

    def is_ours(self, path: str) -> bool:
        """Whether a file is of the package, the standard library or a locked dependency."""
        if path.startswith("<frozen "):
            return True
        real = os.path.realpath(path)
        return (
            real.startswith(f"{PACKAGE}/")
            or real in self._locked
            or any(real.startswith(f"{place}/") and "/site-packages/" not in real for place in STANDARD)
        )

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        job = self.job
        if job is None:
            return
        self.job = None  # what follows is ours
        try:
            said = self._judged(job, event, arguments, sys._getframe(1))  # who calls
            if said:
                self.noted.append(f"{job.arguments[0]} {job.root}: {event}: {said}")
        finally:
            self.job = job

    def _judged(self, job: Job, event: str, arguments: tuple[Any, ...], caller: FrameType) -> str:
        """What is wrong with an event; "" = nothing."""
        if event == "open":
            return self._opened(job, *arguments[:3])
        if event in ("exec", "compile", "import"):
            return self._loaded(event, arguments, caller)
        if event in _LISTING and caller.f_code.co_filename.startswith("<frozen importlib"):
            return ""  # the importer looks for a module in the folders of `sys.path`; what it loads is judged
        if event in _LISTING:
            return "" if self._is_readable(job, arguments[0]) else f"lists {arguments[0]!r}"
        if event == "subprocess.Popen":
            return _started(*arguments[:4])
        if event in _CHANGES:
            return "" if os.fspath(arguments[0]) in _folders_of(job.outputs) else f"changes {arguments[0]!r}"
        if event.startswith("socket."):
            return _connected(job, event, arguments)
        if event in _STARTS or event.startswith(_NEVER):
            return repr(arguments)
        return ""

    def _opened(self, job: Job, path: object, mode: object, flags: object) -> str:
        if isinstance(path, int):
            return ""
        name = str(Path(os.fsdecode(path)).absolute())  # type: ignore[arg-type]  # a path, where it is no number
        writes = (isinstance(mode, str) and bool(set(mode) & set("wax+"))) or (
            isinstance(flags, int) and bool(flags & _WRITING)
        )
        if writes and name not in READABLE:
            return "" if name in job.outputs else f"writes {name}"
        # `baseline write` looks first whether a baseline is what it overwrites.
        return "" if name in job.outputs or self._is_readable(job, name) else f"reads {name}"

    def _is_readable(self, job: Job, path: object) -> bool:
        if isinstance(path, int):
            return True
        name = os.path.realpath(os.fsdecode(path or "."))  # type: ignore[arg-type]  # a path, where it is no number
        root = os.path.realpath(job.root)
        return name == root or name.startswith(f"{root}/") or name in READABLE or self.is_ours(name)

    def _loaded(self, event: str, arguments: tuple[Any, ...], caller: FrameType) -> str:
        if event == "import":
            name, file = arguments[:2]
            return "" if file is None or self.is_ours(file) else f"{name} from {file}"
        held: CodeType | str | None = arguments[0] if event == "exec" else arguments[1]
        file = held if isinstance(held, str) else getattr(held, "co_filename", "")
        if isinstance(file, bytes):
            file = os.fsdecode(file)
        if file.startswith("<") or not file:
            # Made by a program, as `dataclasses` and Jinja do it: then that program counts.
            file = caller.f_code.co_filename
        return "" if self.is_ours(file) else f"code of {file}"


def _folders_of(outputs: list[str]) -> set[str]:
    return {str(folder) for output in outputs for folder in Path(output).parents}


def _started(program: object, arguments: object, _: object, environ: object) -> str:
    """git alone may be started, by its whole path, with the environment that bars its own children."""
    name = os.fsdecode(program) if isinstance(program, (str, bytes)) else ""
    barred = isinstance(environ, dict) and environ.get("GIT_ALLOW_PROTOCOL") == ""
    return "" if name.startswith("/") and Path(name).name == "git" and barred else f"starts {arguments!r}"


def _connected(job: Job, event: str, arguments: tuple[Any, ...]) -> str:
    if not job.address:
        return repr(arguments)
    if event == "socket.connect":
        return "" if list(arguments[1][:2]) == job.address else f"connects to {arguments[1]!r}"
    if event == "socket.getaddrinfo":
        return "" if list(arguments[:2]) == job.address else f"looks up {arguments[0]!r}"
    return "" if event == "socket.__new__" else repr(arguments)


def foreign(watch: Watch) -> list[str]:
    """The modules of this process that are of none of the three, this program aside."""
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    own = str(ROOT / "tests")
    return [
        f"{name} from {file}"
        for name, file in files.items()
        if file
        and name.partition(".")[0] not in OPTIONAL
        and not watch.is_ours(file)
        and not os.path.realpath(file).startswith(own)
    ]


def warm_up() -> None:
    """Import everything, and run each command once."""
    for module in pkgutil.walk_packages(directus_guard.__path__, "directus_guard."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with TemporaryDirectory() as folder:
        for path in sorted((ROOT / "examples").rglob("*.yaml")):
            for command in (["scan"], ["fix"], ["access"], ["projects"]):
                run([*command, str(path)])
        for form in ("html", "sarif", "markdown", "json"):
            run(["scan", str(ROOT / "examples" / "access"), "--output", f"{form}={folder}/x"])
        run(["scan", folder, "--url", "http://127.0.0.1:1", "--timeout", "1"])


def run(arguments: list[str]) -> int:
    """One command, silent."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return cli.main(arguments)


def misbehave(arguments: list[str]) -> None:
    """What a run must not do: the test of the test."""
    import socket
    import subprocess

    kind, *more = arguments
    if kind == "exec":
        exec(compile(Path(more[0]).read_text(encoding="utf-8"), more[0], "exec"))
    elif kind == "import":
        sys.path.insert(0, more[0])
        importlib.import_module("foreign_module")
    elif kind == "start":
        subprocess.run(["/bin/true"], check=False)
    elif kind == "shell":
        os.system("true")
    elif kind == "connect":
        with contextlib.suppress(OSError), socket.socket() as made:
            made.connect(("127.0.0.1", 1))
    elif kind == "write":
        Path(more[0]).write_text("x", encoding="utf-8")
    elif kind == "read":
        Path(more[0]).read_text(encoding="utf-8")
    elif kind == "list":
        list(Path(more[0]).iterdir())
    elif kind == "make":
        Path(more[0]).mkdir()


def main(jobs: str) -> None:
    """Print what went wrong."""
    warm_up()
    watch = Watch()
    sys.addaudithook(watch)
    for given in json.loads(Path(jobs).read_text(encoding="utf-8")):
        job = Job(**given)
        watch.job = job
        if job.arguments[0] == "misbehave":
            misbehave(job.arguments[1:])
            code = 0
        else:
            code = run(job.arguments)
        watch.job = None
        if code not in (0, 1, 3, 4):
            watch.noted.append(f"{' '.join(job.arguments)} ended with {code}")
    json.dump([*watch.noted, *foreign(watch)], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
