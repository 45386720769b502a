"""The workflow of `prove` in examples/workflows, run by act: Directus is a container of the job's `services:`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.cli.own_revision import PLACEHOLDER
from tests.container import act
from tests.container.engine import BASE
from tests.github.weakened import weakened
from tests.lab.install import RELEASES, environment, install
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from tests.container.engine import Engine

pytestmark = [pytest.mark.real, pytest.mark.waits]

RELEASE: Final = RELEASES[11]
DIRECTUS: Final = f"directus/directus:{RELEASE.version}"
EXAMPLE: Final = "examples/workflows/prove.yml"
DOCKERFILE: Final = f"""\
FROM {BASE}
COPY --from=node bin/node /usr/local/bin/node
COPY --from=directus . /directus
COPY wget /usr/local/bin/wget
ENV DB_CLIENT=sqlite3 DB_FILENAME=/directus/database.sqlite NODE_ENV=production PRESSURE_LIMITER_ENABLED=false
CMD ["sh", "-c", "cd /directus && node node_modules/directus/cli.js bootstrap && exec node node_modules/directus/cli.js start"]
"""
"""What the official image does, with the lab's Directus: no registry of images can be counted on. A busy machine is no reason
to refuse requests."""
WGET: Final = """\
#!/usr/bin/env python3
import sys, urllib.request
urllib.request.urlopen(sys.argv[-1], timeout=5).read()
"""
"""The official image has one, this base has none. The example's health check asks for no more of it."""
SHOWN: Final = """\
      - if: always()
        run: |
          echo "--- sarif"; cat directus-guard.sarif; echo; echo "--- end"
"""


def directus_image(docker: Engine, folder: Path) -> None:
    """Build the image that the example names."""
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (folder / "wget").write_text(WGET, encoding="utf-8")
    (folder / "wget").chmod(0o755)
    node = Path(environment(RELEASE)["PATH"].split(":")[0]).parent
    contexts = (f"directus={install(RELEASE.major)}", f"node={node}")
    docker.run(
        "build", *(part for one in contexts for part in ("--build-context", one)), "--tag", DIRECTUS, str(folder)
    )


def workflow() -> str:
    """The example, filled in as README says.

    Its job runs in a container, because act leaves others on the machine's own network, where services have no names. Its
    report is not uploaded: the network of the containers leads nowhere else.
    """
    text = (ROOT / EXAMPLE).read_text(encoding="utf-8")
    assert DIRECTUS in text
    filled = text.replace(f"{PLACEHOLDER}@<COMMIT>", act.PUBLISHED)
    runner = "    runs-on: ubuntu-latest\n"
    assert filled != text
    assert filled.count(runner) == 1
    filled = filled.replace(runner, f"{runner}    container: {BASE}\n")
    return f'{filled.rstrip()}\n          upload-sarif: "false"\n{SHOWN}'


def test_the_example_proves_what_a_pull_request_opens(act_engine: Engine, tmp_path: Path) -> None:
    directus_image(act_engine, tmp_path / "image")
    folder = tmp_path / "site"
    event = weakened(folder, {".github/workflows/prove.yml": workflow()})
    ran = act.run(
        act_engine, folder, "pull_request", event,
        published={act.PUBLISHED: act.action_repository(tmp_path / "published")},
    )  # fmt: skip
    print(ran.output)
    report = json.loads(ran.section("--- sarif", "--- end"))
    ways: list[dict[str, Any]] = [
        one["properties"] for one in report["runs"][0]["results"] if one["ruleId"] == "escalation-path"
    ]
    assert {(way["proof"], way["proofDirectus"]) for way in ways} == {("proven", RELEASE.version)}
    said = f"Proven on Directus {RELEASE.version} (sqlite)"
    assert said in ran.output
    assert said.replace("(", r"\(").replace(")", r"\)") in ran.output  # the summary, which act prints
    assert not ran.succeeded  # a proven way blocks as one that is only found
