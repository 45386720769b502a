"""Builds the site into build/site/html and checks it; `serve` shows it on this machine.

Run: `python -m scripts.site [build|serve] [--port 8000]`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scripts.site.assemble import assemble, published_at
from scripts.site.check import problems
from scripts.site.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILT = ROOT / "build" / "site"


def build(target: Path, root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Build the site below `target`; returns what is wrong with it."""
    missing = assemble(target, root, environ)
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--config-file", str(target / "zensical.toml")]
    ran = subprocess.run([*command, "--clean"], capture_output=True, text=True, check=False)
    if ran.returncode:
        return [f"zensical ended with {ran.returncode}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"]
    return [*missing, *problems(target / "html", urlsplit(published_at(environ)).path or "/")]


def serve(folder: Path, port: int) -> None:
    """Serve a folder on the loopback address until interrupted."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl+C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def main() -> int:
    """Build, check and perhaps serve. Returns 1 if anything is wrong with the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs="?", choices=["build", "serve"], default="build")
    parser.add_argument("--port", type=int, default=8000)
    args = parser.parse_args()
    found = build(BUILT)
    for line in found:
        print(line)
    if args.command == "serve":
        serve(BUILT / "html", args.port)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
