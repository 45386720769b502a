"""The reusable workflow for fleets, run by act: three projects, each in its job, and the table of their results.

Nothing is fetched from GitHub here. `actions/checkout` is act's own copy of the work tree. `actions/upload-artifact` and
`actions/download-artifact` are stand-ins of a few lines: they call the client that the real ones are made of
(`@actions/artifact`, from npm), which speaks to act's artifact server. The jobs run on the machine itself, so that
`docker run` of the workflow mounts the folder that it means. act counts a whole matrix as failed when one job of it fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.cli.own_revision import PLACEHOLDER
from tests.container import act
from tests.container.engine import IMAGE
from tests.github.prism import free_port
from tests.github.runner import payload
from tests.github.server import Request
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT, missing, npm

if TYPE_CHECKING:
    from tests.container.engine import Engine

pytestmark = pytest.mark.real

CLIENT: Final = ("@actions/artifact@2.3.2", "@azure/storage-blob@12.17.0")
"""A newer storage client drops the padding of a signature in an address, and this version of act refuses that."""
UPLOAD: Final = """
const path = input('path');
const files = fs.existsSync(path)
  ? fs.statSync(path).isDirectory()
    ? fs.readdirSync(path, { recursive: true }).map((name) => join(path, name)).filter((name) => fs.statSync(name).isFile())
    : [path]
  : [];
const root = files[0] === path ? dirname(path) : path;
if (files.length > 0) await client.uploadArtifact(input('name'), files, root);
"""
DOWNLOAD: Final = """
const pattern = input('pattern');
const { artifacts } = await client.listArtifacts({ latest: true });
for (const { id, name } of artifacts)
  if (name.startsWith(pattern.replace('*', ''))) await client.downloadArtifact(id, { path: input('path') });
"""
SCRIPT: Final = """
import fs from 'node:fs';
import {{ createRequire }} from 'node:module';
import {{ dirname, join }} from 'node:path';
const {{ DefaultArtifactClient }} = createRequire('{modules}/')('@actions/artifact');
const client = new DefaultArtifactClient();
const input = (name) => process.env[`INPUT_${{name.toUpperCase()}}`];
"""


def stand_in(folder: Path, script: str, *inputs: str) -> Path:
    """A local action that runs a script on Node."""
    new_repository(folder)
    action = {
        "name": folder.name, "description": "stand-in", "inputs": {name: {"description": name} for name in inputs},
        "runs": {"using": "node20", "main": "main.mjs"},
    }  # fmt: skip
    text = SCRIPT.format(modules=npm(*CLIENT).resolve()) + script
    commit(folder, {"action.yml": json.dumps(action), "main.mjs": text})
    return folder


def filled_in(path: str) -> str:
    """A workflow of ours, with the placeholders filled in: the image is the one that is built here."""
    text = (ROOT / path).read_text(encoding="utf-8").replace(f"{PLACEHOLDER}@<COMMIT>", act.PUBLISHED)
    text = text.replace(f"{PLACEHOLDER}/.github/workflows/fleet.yml@<COMMIT>",
                        act.PUBLISHED.replace("@", "/.github/workflows/fleet.yml@"))  # fmt: skip
    text = text.replace(f"ghcr.io/{PLACEHOLDER}@<DIGEST>", IMAGE)
    assert not re.search(r"^[^#\n]*<[A-Z]+>", text, re.MULTILINE)
    return text


def test_three_projects(
    docker: Engine, act_engine: Engine, github: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    if shutil.which("jq") is None:
        missing("jq is not here")
    called = ".github/workflows/fleet.yml"
    own = act.action_repository(tmp_path / "published")
    commit(own, {called: filled_in(called)})
    references = dict(re.findall(r"uses: actions/((?:up|down)load-artifact)@(\w+)", filled_in(called)))
    scripts = {"upload-artifact": (UPLOAD, "name", "path"), "download-artifact": (DOWNLOAD, "pattern", "path")}
    published = {act.PUBLISHED: own}
    for name, (script, *inputs) in scripts.items():
        published[f"actions/{name}@{references[name]}"] = stand_in(tmp_path / name, script, *inputs)
    site = new_repository(tmp_path / "site")
    for name, example in {"shop": "flawed", "blog": "hardened", "news": "hardened"}.items():
        shutil.copytree(ROOT / "examples" / example, site / name)
    commit(site, {called: filled_in("examples/workflows/fleet.yml")})
    programs = str(Path(act_engine.command).parent)
    api, all_calls = github
    before = len(all_calls)
    # act hands a container the machine's paths of the runner's files, and mounts them under others.
    mounted = f"--network=host --volume={tmp_path}:{tmp_path}"
    ran = act.run(
        act_engine, site, "workflow_dispatch", payload("workflow_dispatch"), published=published, platform="-self-hosted",
        environment={**docker.environment, "PATH": f"{programs}:{os.environ['PATH']}", "GITHUB_API_URL": api},
        options=("--artifact-server-path", str(tmp_path / "artifacts"), "--artifact-server-port", str(free_port()),
                 "--artifact-server-addr", "127.0.0.1", "--container-options", mounted),
    )  # fmt: skip
    print(ran.output)
    assert not ran.succeeded
    assert "directus-guard: 3 results: 1 blocked, 2 passed" in ran.output
    for name, verdict in {"shop": "blocked", "blog": "passed", "news": "passed"}.items():
        assert f"| <code>{name}</code> | {verdict} |" in ran.output
    calls = all_calls[before:]
    uploads = [call["body"] for call in calls if call["call"].startswith("POST ") and "sarifs" in call["call"]]
    runs = [Request("POST", "", {}, body).sarif["runs"][0] for body in uploads]
    assert {run["automationDetails"]["id"]: bool(run["results"]) for run in runs} == {
        "project-shop/": True, "project-blog/": False, "project-news/": False,
    }  # fmt: skip
    assert [call["violations"] for call in calls if call["violations"]] == []
    assert git(site, "status", "--porcelain") == ""
