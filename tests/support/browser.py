"""Chromium of Debian, for tests of pages: the machine's own, or unpacked into `.cache/` without root."""

from __future__ import annotations

import hashlib
import json
import select
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

from tests.support.programs import CACHE, beside, fetch, missing, node, npm, once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES: Final = ("chromium", "fonts-liberation", "fonts-dejavu-core", "fonts-noto-color-emoji")
DRIVER: Final = ("playwright-core@1.65.1", "axe-core@4.14.1")
SCRIPTS: Final = Path(__file__).parents[1] / "html"
_WRAPPER: Final = """#!/bin/sh
for folder in "{root}"/usr/lib/*-linux-gnu "{root}"/usr/lib/*-linux-gnu/pulseaudio; do
  LD_LIBRARY_PATH="$folder:$LD_LIBRARY_PATH" # libpulse names the second by its place in an installed system
done
export LD_LIBRARY_PATH
export FONTCONFIG_FILE="{root}/fonts.conf"
exec "{root}/usr/lib/chromium/chromium" "$@"
"""
_FONTS: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{root}/usr/share/fonts</dir><cachedir>{root}/font-cache</cachedir></fontconfig>
"""


def chromium() -> Path:
    """The program to start."""
    if own := shutil.which("chromium"):
        return Path(own)
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        missing("Chromium is not installed, and this is no Debian: apt-get is not here")
    folder = CACHE / "debian" / f"chromium-{hashlib.sha256(' '.join((*PACKAGES, _WRAPPER)).encode()).hexdigest()[:8]}"
    with once(folder) as fresh:
        if fresh:
            _unpack(folder)
    return folder / "root" / "start"


def _unpack(folder: Path) -> None:
    """Chromium with every library that the machine does not have."""
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-qq", "-y", "-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}",
           "-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=1"]  # fmt: skip
    fetch([*apt, "update"], folder, timeout=300)
    fetch([*apt, "install", "--no-install-recommends", "--download-only", *PACKAGES], folder, timeout=600)
    root = folder.resolve() / "root"
    for archive in sorted((folder / "archives").glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(archive), str(root)], check=True)
        archive.unlink()
    (root / "fonts.conf").write_text(_FONTS.format(root=root), encoding="utf-8")
    start = root / "start"
    start.write_text(_WRAPPER.format(root=root), encoding="utf-8")
    start.chmod(0o755)


@contextmanager
def pages(*, timeout: float = 900) -> Iterator[Callable[[dict[str, object]], object]]:
    """Ask `pages.mjs` about many pages, one after the other, in one Chromium: each start of it costs more than most pages.

    A page at which the script fails is an `AssertionError`, and so is each that follows.
    """
    modules, program = npm(*DRIVER), str(chromium())
    command = ["node", str(beside(SCRIPTS / "pages.mjs", modules))]
    with (
        TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", cwd=modules
        ) as process,
    ):
        asked, answered = process.stdin, process.stdout
        assert asked is not None
        assert answered is not None

        def ask(data: dict[str, object]) -> object:
            assert process.poll() is None, "Chromium is gone since an earlier page"
            print(json.dumps({"browser": program, **data}), file=asked, flush=True)
            answers, _, _ = select.select([answered], [], [], timeout)
            line = answered.readline() if answers else ""
            if not line:
                process.kill()
                errors.seek(0)
                raise AssertionError(errors.read().decode(errors="replace")[-3000:] or f"no answer in {timeout:g} s")
            answer: object = json.loads(line)
            return answer

        yield ask


def browse(script: str, data: dict[str, object], *, timeout: float = 900) -> object:
    """What a script of `tests/html/` answers. It drives Chromium with Playwright, and has axe."""
    return node(SCRIPTS / script, {"browser": str(chromium()), **data}, npm(*DRIVER), timeout=timeout)
