"""Which commit of directus-guard is running, as far as its installation or its checkout says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import directus_guard
from directus_guard.lazy_pattern import lazy_pattern

PLACEHOLDER: Final = "<OWNER>/directus-guard"
"""For a repository that is not known. No account can have this name, so GitHub runs nothing until it is replaced."""
_ON_GITHUB: Final = lazy_pattern(
    r"(?:https://|ssh://git@|git@|git\+https://)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?\Z"
)
_COMMIT: Final = lazy_pattern(r"[0-9a-f]{40}\Z")


def own_revision() -> str:
    """`OWNER/NAME@COMMIT`; "" where nothing says it. Nothing is guessed."""
    installed = _installation()
    commit = str(_part(installed, "vcs_info", "commit_id"))
    if _COMMIT.match(commit):
        return f"{_name(str(installed.get('url', '')))}@{commit}"
    places = [Path(directus_guard.__file__).parent.parent]
    url = urlsplit(str(installed.get("url", "")))
    if url.scheme == "file":
        places.append(Path(unquote(url.path)))
    return next(filter(None, map(_of_checkout, places)), "")


def _installation() -> dict[str, object]:
    """Where the package was installed from, as the installer noted it (PEP 610)."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        noted = json.loads(distribution("directus-guard").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _part(data: dict[str, object], outer: str, inner: str) -> object:
    held = data.get(outer)
    return held.get(inner, "") if isinstance(held, dict) else ""


def _of_checkout(folder: Path) -> str:
    """The commit that a checkout of directus-guard is at; "" if the folder is none."""
    from directus_guard.sources.files.git import GitError, remote_address, resolve, top_of

    try:
        if not (folder / "action.yml").is_file() or top_of(folder) != folder.resolve():
            return ""
        return f"{_name(remote_address(folder))}@{resolve(folder, 'HEAD').commit}"
    except GitError:
        return ""


def _name(address: str) -> str:
    """The repository on GitHub that an address names, else the project's own."""
    match = _ON_GITHUB.match(address)
    return match[1] if match else PLACEHOLDER
