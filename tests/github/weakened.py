"""A pull request that weakens a project: what the README's workflow is run on, and the picture in it is taken of."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.github.runner import payload
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def weakened(folder: Path, files: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The event of a pull request, merged in the new repository `folder`, that lets the editors of `examples/access` set their
    own role. `files` are on its base."""
    new_repository(folder)
    shutil.copytree(ROOT / "examples" / "access", folder, dirs_exist_ok=True)
    base = commit(folder, files)
    git(folder, "switch", "-q", "-c", "change")
    permissions = next((folder / "directus").rglob("directus-permissions_*.json"))
    data = json.loads(permissions.read_text(encoding="utf-8"))
    row = next(one for one in data["records"] if (one["collection"], one["action"]) == ("directus_users", "update"))
    row["fields"].append("role")
    permissions.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    head = commit(folder)
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "Merge", "change")
    event = payload("pull_request")
    event["pull_request"]["head"]["sha"], event["pull_request"]["base"]["sha"] = head, base
    return event
