"""The attack cases, carried out by `prove` on a server that knows nothing of them.

`python -m tests.lab.prove_trial MAJOR [PART OF A NAME…]` prints what comes of each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.directus.access.principals import PUBLIC
from directus_guard.live.target import target
from directus_guard.proof import ProofStatus
from directus_guard.prove.client import WriteClient
from directus_guard.prove.run import prove
from directus_guard.secret import Secret
from tests.lab.proof import attempt, of, rows
from tests.lab.pull import pulled
from tests.lab.server import started

if TYPE_CHECKING:
    from directus_guard.directus.export import Export
    from directus_guard.proof import Attempt
    from directus_guard.prove.run import Proven
    from tests.lab.attack import Attempt as CaseAttempt
    from tests.lab.cases import Case
    from tests.lab.server import Server


def exported(server: Server, case: Case) -> tuple[Export, str]:
    """The access model of a case, as the server says it, and the principal who attacks."""
    at = set_up(server, case)
    export = pulled(server, snapshot=True)
    principal = PUBLIC if case.anonymous else next(one for one, _ in export.actors if one.id == at.actor.role)
    return export, export.names[principal]


def set_up(server: Server, case: Case) -> CaseAttempt:
    """Give the attacker of a case what it needs."""
    at = attempt(server, case)
    case.prepare(at)
    given = rows(case, at, granted=True)
    if case.anonymous:
        server.grant_public(given)
    else:
        server.permissions(given, **at.holder)
    return at


def proven(server: Server, *exports: Export) -> Proven:
    """What `prove` says of models on a server."""
    with WriteClient(target(server.url, token=Secret(server.token), timeout=60)) as client:
        return prove(client, exports)


def tried(made: Server, fresh: Server, case: Case) -> tuple[Attempt | None, Proven]:
    """One case: made on one server, and carried out on the other."""
    try:
        export, principal = exported(made, case)
    finally:
        made.clean()
    outcome = proven(fresh, export)
    return outcome.ways[0].attempts.get(principal), outcome


def main() -> int:
    """Try every case of a version."""
    major, names = int(sys.argv[1]), sys.argv[2:]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="directus-guard-lab-") as folder, \
            started(Path(folder) / "made", major) as made, started(Path(folder) / "fresh", major) as fresh:  # fmt: skip
        for case in of(major):
            if names and not any(name in case.id for name in names):
                continue
            began = time.monotonic()
            one, outcome = tried(made, fresh, case)
            status = one.status if one else "no way"
            counts[status] += 1
            print(f"{time.monotonic() - began:5.1f} s {status:9} {case.id} {one.reason if one else ''}", flush=True)
            if outcome.left or outcome.trouble:
                print("   left:", *outcome.left, outcome.trouble)
            if one and one.status is not ProofStatus.PROVEN:
                print(*(f"     {line}" for line in one.requests), sep="\n")
            for notice in outcome.ways[0].notices:
                print("    ", notice)
    print(dict(counts))
    return int(bool(counts[ProofStatus.REFUTED]))


if __name__ == "__main__":
    sys.exit(main())
