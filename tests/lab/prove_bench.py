"""How long `prove` takes for 50 principals of two access models, which have 100 ways together, on a server of its own.

`python -m tests.lab.prove_bench MAJOR` prints seconds, and how long so many single requests take without it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from directus_guard.directus.access.records import Edition
from directus_guard.directus.versions import Version
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab.prove_trial import proven
from tests.lab.server import started

ROLES: Final = 50
MODELS: Final = 2
_PINGS: Final = 500


def rows(model: int) -> dict[str, list[dict[str, Any]]]:
    """Roles of editors, each of which may set the role of its own user."""
    keys = [f"{model:08d}-0000-4000-8000-{number:012d}" for number in range(ROLES)]
    policies = [f"{model:08d}-0000-4000-9000-{number:012d}" for number in range(ROLES)]
    administrator = f"{model:08d}-0000-4000-a000-000000000000"
    me = {"id": {"_eq": "$CURRENT_USER"}}
    roles = [{"id": key, "name": f"Editors {number}", "parent": None} for number, key in enumerate(keys)]
    return {
        "roles": [*roles, {"id": administrator, "name": "Administrator", "parent": None}],
        "policies": [
            *(
                {"id": key, "name": f"Editors {number}", "admin_access": False, "app_access": True}
                for number, key in enumerate(policies)
            ),
            {"id": administrator, "name": "Administrator", "admin_access": True, "app_access": True},
        ],
        "access": [
            *(
                {"id": key.replace("-9000-", "-b000-"), "role": role, "user": None, "policy": key, "sort": 1}
                for role, key in zip(keys, policies, strict=True)
            ),
            {"id": administrator, "role": administrator, "user": None, "policy": administrator, "sort": 1},
        ],
        "permissions": [
            {
                "id": number + 1, "policy": key, "collection": "directus_users", "action": "update", "permissions": me,
                "validation": None, "presets": None, "fields": ["*"],
            }
            for number, key in enumerate(policies)
        ],
        "flows": [], "operations": [], "users": [],
    }  # fmt: skip


def main() -> int:
    """Measure on a server of a major version."""
    major = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="directus-guard-lab-") as folder, \
            started(Path(folder) / "server", major) as server:  # fmt: skip
        models = []
        for model in range(MODELS):
            place = Path(folder) / str(model)
            place.mkdir()
            for name, found in rows(model).items():
                (place / f"{name}.json").write_text(json.dumps({"data": found}), encoding="utf-8")
            (export,) = exports.read(Repository(place), Version.parse(server.version), Edition.LICENSED)
            models.append(export)
        began = time.monotonic()
        for _ in range(_PINGS):
            server.admin.get("/users/me", fields="id")
        alone = time.monotonic() - began
        began = time.monotonic()
        outcome = proven(server, *models)
        took = time.monotonic() - began
    counts = Counter(one.status.value for ways in outcome.ways for one in ways.attempts.values())
    print(f"{took:.1f} s for {dict(counts)}; {_PINGS} single requests take {alone:.1f} s; left: {outcome.left}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
