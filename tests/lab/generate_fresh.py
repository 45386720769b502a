"""`python -m tests.lab.generate_fresh [MAJOR…]`: writes what a fresh instance has, as real servers say it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import msgspec

from directus_guard.live.target import target
from directus_guard.prove.client import WriteClient
from directus_guard.prove.freshness import TABLE, contents
from directus_guard.secret import Secret
from tests.lab.install import MAJORS
from tests.lab.server import started


def main() -> int:
    """Start one server after the other, and ask it."""
    found: dict[str, object] = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    for major in [int(one) for one in sys.argv[1:]] or sorted(MAJORS):
        with (
            tempfile.TemporaryDirectory(prefix="directus-guard-") as folder,
            started(Path(folder) / "own", major) as server,
            WriteClient(target(server.url, token=Secret(server.token))) as client,
        ):
            found[server.version] = msgspec.to_builtins(contents(client))
    text = json.dumps(dict(sorted(found.items())), indent=1, sort_keys=True, ensure_ascii=False)
    TABLE.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
