"""A PostgreSQL of one's own on loopback, from the machine's programs; for what differs from SQLite."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.lab.mail import free_port
from tests.support.programs import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NOBODY: Final = 65534


def _program(name: str) -> str:
    """The path of a program: on PATH, or where Debian keeps those that are not."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if found is None:
        missing(f"PostgreSQL's `{name}` is not on this machine")
    return found


def _as_nobody() -> list[str]:
    """PostgreSQL does not run as root; and it is to end with this process."""
    if shutil.which("setpriv") is None:
        return []
    nobody = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    return ["setpriv", "--pdeathsig", "INT", *nobody]


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """An empty database for the block; what Directus must be told about it."""
    initdb, program = _program("initdb"), _program("postgres")
    with tempfile.TemporaryDirectory(prefix="directus-guard-pg-", ignore_cleanup_errors=True) as made:
        folder, port = Path(made), free_port()
        if os.getuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        data = str(folder / "data")
        command = [*_as_nobody(), initdb, "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if run.returncode:
            missing(f"initdb failed: {run.stderr[-500:]}")
        start = [
            *_as_nobody(),
            program,
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            made,
            "-c",
            "listen_addresses=127.0.0.1",
            "-F",
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log)
        try:
            _wait(process, folder, port)
            yield {
                "DB_CLIENT": "pg", "DB_HOST": "127.0.0.1", "DB_PORT": str(port), "DB_DATABASE": "postgres",
                "DB_USER": "postgres", "DB_PASSWORD": "",
            }  # fmt: skip
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def postgres_copy(settings: Mapping[str, str]) -> Callable[[], None]:
    """Copy the whole database that Directus uses. What is given back restores it, also while others are connected."""
    where = ["-h", settings["DB_HOST"], "-p", settings["DB_PORT"], "-U", settings["DB_USER"]]
    dump = [_program("pg_dump"), *where, "--schema=public", "--clean", "--if-exists", settings["DB_DATABASE"]]
    kept = subprocess.run(dump, capture_output=True, text=True, check=True).stdout
    everything = f"DROP SCHEMA public CASCADE;\n{kept}"

    def put_back() -> None:
        load = [_program("psql"), *where, "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", settings["DB_DATABASE"]]
        subprocess.run(load, input=everything, capture_output=True, text=True, check=True)

    return put_back


def _wait(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    ready = _program("pg_isready")
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if subprocess.run([ready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
