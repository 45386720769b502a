"""A real Docker Engine for the tests: the machine's own where one answers, else one that is unpacked from Debian's packages.

The unpacked engine lives in `.cache/engine` and in a temporary folder, listens on a socket there, leaves the machine's
firewall alone (so its networks lead nowhere but to their own containers), and is stopped by its process id. It needs root
and Linux.
No registry of images can be counted on, so its base image is a Debian with the Python that the official image has, made
by debootstrap and imported under the official name.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.programs import CACHE, debian_mirror, debian_package, once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SUITE: Final = "trixie"
"""Debian 13: what the official image is built on, and whose Python is 3.13."""
BASE: Final = "python:3.13-slim"
IMAGE: Final = "directus-guard-test"
"""The image of this checkout."""
FOLDER: Final = CACHE / "engine"
PACKAGES: Final = ("docker.io", "docker-cli", "containerd", "docker-buildx")
OF_OWN_SUITE: Final = ("runc", "iptables", "libxtables12", "libnftnl11", "libmnl0")
"""From the machine's own suite: those of a newer one want a newer libc."""
IPTABLES: Final = """\
#!/bin/sh
root=$(dirname "$0")/../..
LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*-linux-gnu) XTABLES_LIBDIR=$LD_LIBRARY_PATH/xtables
export LD_LIBRARY_PATH XTABLES_LIBDIR
exec "$root/usr/sbin/xtables-nft-multi" iptables "$@"
"""
"""The engine's name server needs it inside of a container on a network, for names of other containers."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine: the environment that makes the `docker` command (and act) speak to it."""

    environment: Mapping[str, str]
    command: str
    own: bool
    """Whether it is ours; then builds reach no network unless they are given the host's."""

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `docker` with these arguments; what it printed. Fails the test unless it succeeds or `check` is off."""
        done = subprocess.run(
            [self.command, *arguments], env={**os.environ, **self.environment},
            capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def build(self, tag: str, context: Path) -> None:
        """Build the Dockerfile of `context` under a tag."""
        self.run("build", *(("--network", "host") if self.own else ()), "--tag", tag, str(context))


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine for the block; skips the test, loudly, where none can be had."""
    docker = shutil.which("docker")
    if docker and not subprocess.run([docker, "info"], capture_output=True, check=False, timeout=60).returncode:
        yield Engine({}, docker, own=False)
        return
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("NOT RUN IN A CONTAINER: no Docker Engine answers, and starting one needs root on Linux")
    with _lock():
        try:
            programs, base = _programs(), _base_image()
        except pytest.fail.Exception as failure:
            # What cannot be fetched fails other tests in CI; an engine may be missing there too.
            pytest.skip(f"NOT RUN IN A CONTAINER: {failure}")
        with _started(programs, base) as running:
            yield running


@contextmanager
def _lock() -> Iterator[None]:
    """One engine at a time: it is heavy, and its folders are shared."""
    import fcntl

    FOLDER.mkdir(parents=True, exist_ok=True)
    with (CACHE / "engine.in-use.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stop_left_behind(programs: Path) -> None:
    """A run that was killed leaves its engine behind, which holds the data."""
    noted = FOLDER / "dockerd.pid"
    if noted.exists():
        process = Path("/proc") / noted.read_text(encoding="utf-8").strip()
        if process.is_dir() and str(programs / "usr/sbin/dockerd").encode() in (process / "cmdline").read_bytes():
            os.kill(int(process.name), signal.SIGTERM)
            for _ in range(300):
                if not process.is_dir():
                    break
                time.sleep(0.1)
        noted.unlink()


@contextmanager
def _started(programs: Path, base: Path) -> Iterator[Engine]:
    _stop_left_behind(programs)
    state = Path(os.environ.get("TMPDIR", "/tmp")) / f"directus-guard-engine-{os.getpid()}"
    socket = f"unix://{state}/docker.sock"
    state.mkdir(mode=0o700)
    config = {
        "data-root": str(FOLDER.resolve() / "data"), "exec-root": str(state / "exec"), "pidfile": str(state / "docker.pid"),
        "hosts": [socket], "iptables": False, "ip6tables": False, "bridge": "none", "storage-driver": "overlay2",
    }  # fmt: skip
    (state / "daemon.json").write_text(json.dumps(config), encoding="utf-8")
    path = os.pathsep.join([str(programs / "usr/bin"), str(programs / "usr/sbin"), os.environ["PATH"]])
    plugins = state / "config" / "cli-plugins"
    plugins.mkdir(parents=True)
    shutil.copy(programs / "usr/libexec/docker/cli-plugins/docker-buildx", plugins)
    with (state / "log").open("wb") as log:
        daemon = subprocess.Popen(
            [str(programs / "usr/sbin/dockerd"), "--config-file", str(state / "daemon.json")],
            env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    (FOLDER / "dockerd.pid").write_text(str(daemon.pid), encoding="utf-8")
    environment = {"DOCKER_HOST": socket, "DOCKER_CONFIG": str(state / "config")}
    made = Engine(environment, str(programs / "usr/bin/docker"), own=True)
    try:
        _wait(made, daemon, state / "log")
        if made.run("image", "inspect", BASE, check=False).returncode:
            path_ = "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
            made.run("import", "-c", 'CMD ["python3"]', "-c", path_, str(base), BASE)
        yield made
    finally:
        containers = made.run("ps", "--all", "--quiet", check=False).stdout.split()
        if containers:
            made.run("rm", "--force", *containers, check=False)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)
        (FOLDER / "dockerd.pid").unlink(missing_ok=True)
        for mount in (state / "exec" / "netns" / "default", FOLDER.resolve() / "data"):
            subprocess.run(["umount", str(mount)], capture_output=True, check=False)
        shutil.rmtree(state, ignore_errors=True)


def _wait(made: Engine, daemon: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if not made.run("info", check=False).returncode:
            return
        if daemon.poll() is not None:
            break
        time.sleep(0.1)
    pytest.skip(f"NOT RUN IN A CONTAINER: the engine does not start here: {log.read_text(errors='replace')[-600:]}")


def _programs() -> Path:
    """The engine's programs in one folder."""
    folder = FOLDER / "unpacked"
    with once(folder) as fresh:
        if fresh:
            own = _own_suite()
            for package, suite in (*((one, SUITE) for one in PACKAGES), *((one, own) for one in OF_OWN_SUITE)):
                shutil.copytree(debian_package(package, suite), folder, symlinks=True, dirs_exist_ok=True)
            wrapper = folder / "usr" / "sbin" / "iptables"
            wrapper.unlink(missing_ok=True)
            wrapper.write_text(IPTABLES, encoding="utf-8")
            wrapper.chmod(0o755)
    return folder


def _own_suite() -> str:
    for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name == "VERSION_CODENAME":
            return value.strip('"')
    pytest.skip("NOT RUN IN A CONTAINER: this is no Debian")


def _base_image() -> Path:
    """A root file system with Python, as a tar archive; the machine's own certificates stand in it, for pip."""
    folder = FOLDER / "base"
    archive = folder / "base.tar"
    with once(folder) as fresh:
        if fresh:
            root = folder / "root"
            scripts = debian_package("debootstrap", _own_suite())
            done = subprocess.run(
                [str(scripts / "usr/sbin/debootstrap"), "--variant=minbase",
                 "--include=ca-certificates,netbase,tzdata,python3,python3-venv,python3-pip",
                 SUITE, str(root.resolve()), debian_mirror()],
                env={**os.environ, "DEBOOTSTRAP_DIR": str((scripts / "usr/share/debootstrap").resolve())},
                capture_output=True, text=True, check=False, timeout=900,
            )  # fmt: skip
            if done.returncode:
                pytest.skip(f"NOT RUN IN A CONTAINER: debootstrap failed: {done.stdout[-600:]}{done.stderr[-300:]}")
            for name in ("python", "python3", "python3.13"):
                (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3.13")
            (root / "usr/local/bin/pip").symlink_to("/usr/bin/pip3")
            for marker in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
                marker.unlink()
            for part in ("var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"):
                shutil.rmtree(root / part, ignore_errors=True)
            for package in root.glob("var/cache/apt/archives/*.deb"):
                package.unlink()
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/")
            subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
            shutil.rmtree(root)
    return archive


@contextmanager
def reached_by_act(running: Engine) -> Iterator[Engine]:
    """The engine as act needs it: act builds images on the default network, which leads nowhere in an engine of ours.

    A socket in front of the engine's own adds `networkmode=host` to the requests that build.
    """
    if not running.own:
        yield running
        return
    behind = running.environment["DOCKER_HOST"].removeprefix("unix://")
    front = str(Path(behind).with_name("front.sock"))
    stopping: list[Callable[[], object]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        async with await asyncio.start_unix_server(partial(_relay, behind), front):
            loop = asyncio.get_running_loop()
            stopping.append(lambda: loop.call_soon_threadsafe(stop.set))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    while not stopping:
        time.sleep(0.02)
    try:
        yield replace(running, environment={**running.environment, "DOCKER_HOST": f"unix://{front}"})
    finally:
        stopping[0]()
        thread.join(10)


async def _relay(behind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    answers, requests = await asyncio.open_unix_connection(behind)
    await asyncio.gather(_pump(reader, requests, _on_host_network), _pump(answers, writer), return_exceptions=True)


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, change: Callable[[bytes], bytes] = bytes
) -> None:
    try:
        while data := await source.read(65536):
            sink.write(change(data))
            await sink.drain()
    finally:
        sink.close()


def _on_host_network(data: bytes) -> bytes:
    return re.sub(rb"\A(POST /(?:v[0-9.]+/)?build\?)", rb"\1networkmode=host&", data)
