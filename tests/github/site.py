"""A repository with a Directus project, and a pull request that weakens one row of its permissions."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.github.runner import payload
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ADMINISTRATOR: Final = {"id": "5a0c1b0e-0000-4000-8000-000000000001", "name": "Administrator"}
EDITOR: Final = {"id": "5a0c1b0e-0000-4000-8000-000000000002", "name": "Editor"}
OWN: Final = {"author": {"_eq": "$CURRENT_USER"}}
MERGE_REF: Final = "refs/pull/2/merge"
Json = dict[str, Any]


def export(*permissions: Json) -> dict[str, str]:
    """The export of a model with one editor who has these rows."""
    rows = [
        {"id": number, "policy": EDITOR["id"], "validation": None, "presets": None, **row}
        for number, row in enumerate(permissions, 1)
    ]
    policies = [
        {**ADMINISTRATOR, "admin_access": True, "app_access": True, "enforce_tfa": True, "ip_access": None},
        {**EDITOR, "admin_access": False, "app_access": True, "enforce_tfa": True, "ip_access": None},
    ]
    access = [
        {"id": f"a{number}", "policy": held["id"], "role": held["id"], "user": None, "sort": 1}
        for number, held in enumerate((ADMINISTRATOR, EDITOR))
    ]
    roles = [{**held, "icon": "x", "parent": None} for held in (ADMINISTRATOR, EDITOR)]
    files = {"permissions": rows, "policies": policies, "access": access, "roles": roles}
    return {f"directus/{name}.json": json.dumps(data, indent=2) for name, data in files.items()}


def row(collection: str, action: str, rule: Json | None, *fields: str) -> Json:
    """A permission."""
    return {"collection": collection, "action": action, "permissions": rule, "fields": list(fields or ("*",))}


@dataclass(frozen=True)
class Site:
    """The repository as actions/checkout leaves it for a pull request, on the merge commit."""

    folder: Path
    base: str
    head: str
    merge: str

    def pull(self, *, fork: bool = False) -> Json:
        """The event of its pull request."""
        data = payload("pull_request")
        pull = data["pull_request"]
        pull["head"]["sha"], pull["base"]["sha"] = self.head, self.base
        if fork:
            pull["head"]["repo"] = {**pull["head"]["repo"], "full_name": "stranger/Hello-World", "fork": True}
        return data

    def push(self) -> Json:
        """The event of the merge."""
        data = payload("push")
        return {**data, "ref": "refs/heads/main", "before": self.base, "after": self.merge}


def site(folder: Path) -> Site:
    """The hardened example with an export; the change lets editors update every user, and adds an ignore of its own."""
    new_repository(folder)
    shutil.copytree(ROOT / "examples" / "hardened", folder, dirs_exist_ok=True)
    (folder / "README.md").unlink()
    base = commit(folder, export(row("articles", "update", OWN)))
    git(folder, "switch", "-q", "-c", "change")
    head = commit(folder, export(row("articles", "update", {}), row("directus_users", "update", {})))
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
    return Site(folder, base, head, git(folder, "rev-parse", "HEAD"))
