"""How long `prove` takes for 50 principals of two access models, which have 100 ways together, on a server of its own.

`python -m tests.lab.prove_bench MAJOR` prints seconds, requests, and what of the processor client and server used: on a machine that
does much else, only that can be compared.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.access.records import Edition
from directus_guard.directus.versions import Version
from directus_guard.live.target import target
from directus_guard.prove.client import MAX_REQUESTS, WriteClient
from directus_guard.prove.run import prove
from directus_guard.secret import Secret
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab.server import started

if TYPE_CHECKING:
    from tests.lab.server import Server

ROLES: Final = 50
MODELS: Final = 2
DEFAULTS: Final = {
    "HASH_MEMORY_COST": "65536", "HASH_TIME_COST": "3", "HASH_PARALLELISM": "4", "LOGIN_STALL_TIME": "500",
    "REGISTER_STALL_TIME": "750",
}  # fmt: skip
"""What Directus has where nothing is set; the lab saves this time."""
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
            started(Path(folder) / "server", major, env=DEFAULTS) as server:  # fmt: skip
        models = []
        for model in range(MODELS):
            place = Path(folder) / str(model)
            place.mkdir()
            for name, found in rows(model).items():
                (place / f"{name}.json").write_text(json.dumps({"data": found}), encoding="utf-8")
            (export,) = exports.read(Repository(place), Version.parse(server.version), Edition.LICENSED)
            models.append(export)
        plain = requests(server)
        before, began = used(server.process.pid), time.monotonic()
        with WriteClient(target(server.url, token=Secret(server.token), timeout=60)) as client:
            outcome = prove(client, models)
            sent = MAX_REQUESTS - client._left
        took, after = time.monotonic() - began, used(server.process.pid)
    counts = Counter(one.status.value for ways in outcome.ways for one in ways.attempts.values())
    client_used, server_used = (now - then for now, then in zip(after, before, strict=True))
    print(f"{took:.1f} s for {dict(counts)}, {sent} requests; left: {outcome.left}")
    print(
        f"processor: client {client_used:.1f} s, server {server_used:.1f} s; {_PINGS} single requests: {plain:.1f} s of the server"
    )
    return 0


def requests(server: Server) -> float:
    """The seconds of the server's processor that the plainest requests take."""
    before = used(server.process.pid)[1]
    for _ in range(_PINGS):
        server.admin.get("/users/me", fields="id")
    return used(server.process.pid)[1] - before


def used(pid: int) -> tuple[float, float]:
    """The seconds of the processor that this process, and another one, used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return time.process_time(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
