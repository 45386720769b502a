"""A change cannot take evidence out of sight: what is moved to where nothing looks is read, or the run is incomplete."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.options import Base, Options
from directus_guard.audit.run import audit
from directus_guard.finding import Severity, State
from directus_guard.sources.files.git import resolve
from directus_guard.sources.files.repository import Repository
from tests.support.cli import guard, write
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      DB_HOST: database
      SECRET: ${SECRET:?}
"""
TRUST: Final = "      MARKETPLACE_TRUST: all\n"
SERVICE: Final = """services:
  cms:
    image: directus/directus:12.4.1
    environment:
      MARKETPLACE_TRUST: all
"""
ADMINISTRATOR: Final = {
    "roles.json": [{"id": "r", "name": "Editor", "parent": None, "icon": "x"}],
    "policies.json": [
        {
            "id": "p",
            "name": "Editor",
            "admin_access": False,
            "app_access": True,
            "enforce_tfa": False,
            "ip_access": None,
        }
    ],
    "access.json": [{"policy": "p", "role": "r", "user": None}],
}


def export(folder: str, *actions: str) -> dict[str, str]:
    """An export in which the editor has these actions on roles."""
    rows: list[dict[str, Any]] = [
        {
            "policy": "p",
            "collection": "directus_roles",
            "action": action,
            "fields": ["*"],
            "permissions": {},
            "validation": None,
            "presets": None,
        }
        for action in actions
    ]
    files = {**ADMINISTRATOR, "permissions.json": rows}
    return {f"{folder}/{name}": json.dumps(content, indent=1) for name, content in files.items()}


def new(root: Path) -> tuple[int, set[str], dict[str, Any]]:
    """The exit code of the change, its new high findings that gate, and the report."""
    run = guard("scan", root, "--new-since=HEAD", "--output=json", "--debug")
    report: dict[str, Any] = json.loads(run.out)
    found = {one["check"] for one in report["findings"] if one["state"] == "new" and one["severity"] == "high"}
    return run.code, found, report


def compared(root: Path) -> int:
    """The exit code of `diff` for the change."""
    with contextlib.chdir(root):
        return guard("diff", "HEAD", ".", "--debug").code


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "r")


IN_SKIPPED_FOLDERS: Final[dict[str, dict[str, str]]] = {
    "an include": {
        "compose.yaml": "include: [node_modules/@example/cms/stack.yml]\n",
        "node_modules/@example/cms/stack.yml": COMPOSE + TRUST,
    },
    "what a service extends": {
        "compose.yaml": COMPOSE.replace(
            "image: directus/directus:12.4.1", "extends: {file: venv/base.yml, service: cms}"
        ),
        "venv/base.yml": SERVICE,
    },
    "an env_file": {
        "compose.yaml": COMPOSE.replace("    environment", "    env_file: .cache/cms.env\n    environment"),
        ".cache/cms.env": "MARKETPLACE_TRUST=all\n",
    },
    "what an image gets": {
        "Dockerfile": "FROM directus/directus:12.4.1\nCOPY .venv/settings /directus/.env\n",
        ".venv/settings": "PUBLIC_URL=https://cms.example.com\nMARKETPLACE_TRUST=all\n",
    },
    "a deployment in a folder that programs fill": {".next/standalone/compose.yaml": COMPOSE + TRUST},
    "a link": {"node_modules/cms/stack": COMPOSE + TRUST},
}


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("kind", IN_SKIPPED_FOLDERS)
def test_what_a_deployment_names_in_a_skipped_folder(root: Path, kind: str, tracked: bool) -> None:
    files = IN_SKIPPED_FOLDERS[kind]
    if ".next/standalone/compose.yaml" in files and not tracked:
        pytest.skip("a build's output that nothing names")
    commit(root, {"compose.yaml": COMPOSE})
    write(root, files)
    if kind == "a link":
        (root / "compose.yaml").unlink()
        (root / "compose.yaml").symlink_to("node_modules/cms/stack")
    if tracked:
        git(root, "add", "-A", "-f")
    code, found, _ = new(root)
    assert (code, "marketplace-trust" in found) == (1, True)


def test_a_revision_has_the_files_of_skipped_folders_too(root: Path) -> None:
    commit(root, {**IN_SKIPPED_FOLDERS["an include"], ".next/x/compose.yaml": COMPOSE + TRUST})
    code, found, report = new(root)
    assert (code, found) == (0, set())
    assert {one["state"] for one in report["findings"] if one["check"] == "marketplace-trust"} == {"existing"}


def test_packages_of_others_are_not_looked_through(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE, "node_modules/other/compose.yaml": COMPOSE + TRUST})
    report = json.loads(guard("scan", root, "--output=json").out)
    assert report["scanned"]["deployments"] == ["compose.yaml#directus"]


def test_an_export_in_a_folder_that_programs_fill(root: Path) -> None:
    commit(root, export("dump"))
    shutil.move(root / "dump", root / ".cache")
    write(root, export(".cache", "update"))
    git(root, "add", "-A", "-f")
    assert new(root)[:2] == (1, {"roles-write"})


@pytest.mark.parametrize("files", [{"cms/compose.yaml": COMPOSE}, {"cms/dump/x": "", **export("cms/dump")}])
def test_a_folder_that_becomes_a_submodule(root: Path, files: Mapping[str, str]) -> None:
    commit(root, {**files, "other/compose.yaml": COMPOSE})
    git(root, "rm", "-r", "-q", "cms")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},cms")
    write(root, {".gitmodules": '[submodule "cms"]\n\tpath = cms\n\turl = https://example.com/cms.git\n'})
    code, _, report = new(root)
    assert code == 4
    assert [one["path"] for one in report["problems"] if one["incomplete"]] == ["cms"]
    assert compared(root) == 4


def test_a_submodule_beside_the_project_is_a_notice(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE})
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},themes/x")
    write(root, {".gitmodules": '[submodule "x"]\n\tpath = themes/x\n\turl = https://example.com/x.git\n'})
    assert new(root)[0] == 0


def put_raw(root: Path, path: bytes, content: str) -> None:
    """Write a file whose name is no UTF-8."""
    full = os.fsencode(root) + b"/" + path
    os.makedirs(os.path.dirname(full), exist_ok=True)  # noqa: PTH103, PTH120 - bytes
    with open(full, "wb") as file:  # noqa: PTH123 - bytes
        file.write(content.encode())


def test_a_name_that_is_no_utf_8_hides_nothing(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE, **export("dump")})
    git(root, "rm", "-r", "-q", "compose.yaml", "dump")
    put_raw(root, b"k\xf6ln.yaml", COMPOSE + TRUST)
    for name, content in export("x", "update").items():
        put_raw(root, b"k\xf6nfig/" + os.path.basename(name).encode(), content)  # noqa: PTH119 - as above
    git(root, "add", "-A")
    code, found, report = new(root)
    assert (code, found) == (1, {"marketplace-trust", "roles-write"})
    assert report["scanned"]["deployments"] == ["k\\xf6ln.yaml#directus"]
    assert report["scanned"]["access_models"] == ["k\\xf6nfig"]
    assert not report["problems"]
    commit(root)
    assert new(root)[:2] == (0, set())


def test_a_name_that_another_file_has_is_said(root: Path) -> None:
    put_raw(root, b"k\xf6ln.yaml", COMPOSE + TRUST)
    commit(root, {"k\\xf6ln.yaml": COMPOSE})
    for read in (Repository(root), Repository(resolve(root, "HEAD").tree())):
        assert [(one.path, "not valid UTF-8" in one.message) for one in read.problems] == [("k\\xf6ln.yaml", True)]
        assert read.text("k\\xf6ln.yaml") == COMPOSE


def test_links_to_and_from_such_a_name(root: Path) -> None:
    put_raw(root, b"k\xf6ln", COMPOSE + TRUST)
    (root / "compose.yaml").symlink_to(os.fsdecode(b"k\xf6ln"))
    report = json.loads(guard("scan", root, "--output=json").out)
    assert report["scanned"]["deployments"] == ["compose.yaml#directus"]
    commit(root)
    assert new(root)[0] == 0


DECLARED: Final[dict[str, dict[str, str | None]]] = {
    "a PUBLIC_URL of this machine": {
        "compose.yaml": COMPOSE.replace("https://cms.example.com", "http://localhost:8055") + TRUST
    },
    "a profile": {"compose.yaml": COMPOSE.replace("    environment", "    profiles: [dev]\n    environment") + TRUST},
    "a profile and another name": {
        "compose.yaml": COMPOSE.replace("  directus:\n", "  cms:\n    profiles: [dev]\n") + TRUST
    },
    "a name of development": {"compose.yaml": None, "compose.dev.yaml": COMPOSE + TRUST},
    "names of development": {
        "compose.yaml": None,
        "compose.dev.yaml": COMPOSE.replace("  directus:", "  cms:") + TRUST,
    },
    "a folder of tests": {"compose.yaml": None, "tests/compose.yaml": COMPOSE + TRUST},
    "a folder of examples": {"compose.yaml": None, "examples/cms/stack.yaml": COMPOSE + TRUST},
    "a template": {"compose.yaml": None, "compose.yaml.tmpl": COMPOSE + TRUST},
    "an export among fixtures": {
        **dict.fromkeys(export("dump")),
        **export("tests/fixtures/dump", "update"),
    },
}


@pytest.mark.parametrize("new_only", [True, False])
@pytest.mark.parametrize("kind", DECLARED)
def test_a_change_cannot_declare_its_files_harmless(root: Path, kind: str, new_only: bool) -> None:
    commit(root, {"compose.yaml": COMPOSE, **export("dump")})
    for path, content in DECLARED[kind].items():
        if content is None:
            (root / path).unlink()
        else:
            write(root, {path: content})
    expected = {"roles-write"} if "export" in kind else {"marketplace-trust"}
    if new_only:
        assert new(root)[:2] == (1, expected)
        assert compared(root) == 1
        return
    base = resolve(root, "HEAD")
    options = Options(root, base=Base(str(base), base.tree()), new_only=False)
    found = {one.check for one in audit(options).findings if one.state is State.NEW and one.severity is Severity.HIGH}
    assert found == expected


def test_what_the_base_calls_development_stays_it(root: Path) -> None:
    commit(root, {"compose.dev.yaml": COMPOSE, "compose.yaml": COMPOSE})
    write(root, {"compose.dev.yaml": COMPOSE + TRUST, "examples/compose.yaml": COMPOSE + TRUST})
    assert new(root)[:2] == (0, set())


def test_a_second_service_for_development_is_one(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE})
    second = SERVICE.partition("\n")[2].replace("    image", "    profiles: [dev]\n    image")
    write(root, {"compose.yaml": COMPOSE + second})
    assert new(root)[:2] == (0, set())


def test_the_config_of_the_base_says_what_a_deployment_is_for(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE, "directus-guard.yaml": "context:\n  compose.dev.yaml#*: development\n"})
    write(root, {"compose.dev.yaml": COMPOSE + TRUST})
    assert new(root)[:2] == (0, set())


def test_a_move_below_a_glob_of_the_config_hides_nothing_new(root: Path) -> None:
    """A production deployment becomes one for development by a move alone, and what the move adds to it gates."""
    commit(root, {"compose.yaml": COMPOSE, "directus-guard.yaml": "context:\n  staging/**: development\n"})
    (root / "compose.yaml").unlink()
    write(root, {"staging/compose.yaml": COMPOSE + TRUST})
    assert new(root)[:2] == (1, {"marketplace-trust"})
    write(root, {"staging/compose.yaml": COMPOSE})
    assert new(root)[:2] == (0, set())
    commit(root)
    write(root, {"staging/compose.yaml": COMPOSE + TRUST})
    assert new(root)[:2] == (0, set())


@pytest.mark.parametrize(
    "include", ["https://example.com/stack.git", "../elsewhere/compose.yaml", "{path: [base.yaml]}", "$STACK/a.yaml"]
)
def test_an_include_of_what_is_elsewhere(root: Path, include: str) -> None:
    commit(root, {"compose.yaml": COMPOSE, "cms/compose.yaml": COMPOSE})
    write(root, {"compose.yaml": f"include:\n  - {include}\n"})
    code, _, report = new(root)
    assert code == 4
    assert [(one["path"], one["line"]) for one in report["problems"] if one["incomplete"]] == [("compose.yaml", 2)]


def test_an_include_without_directus_is_nothing(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE, "web/compose.yaml": "include: [oci://example.com/x]\n"})
    assert new(root)[0] == 0


@pytest.mark.parametrize(
    ("files", "gone"),
    [
        ({"compose.yaml": None}, ["compose.yaml#directus"]),
        ({"compose.yaml": "services: {web: {image: 'nginx:1'}}\n"}, ["compose.yaml#directus"]),
        ({"compose.yaml": COMPOSE.replace("  directus:", "  cms:")}, []),
        ({"compose.yaml": None, "deploy/stack.yaml": COMPOSE}, []),
        ({"dev/compose.dev.yaml": None}, []),
    ],
)
def test_a_deployment_that_is_gone_is_said(root: Path, files: Mapping[str, str | None], gone: list[str]) -> None:
    commit(root, {"compose.yaml": COMPOSE, "dev/compose.dev.yaml": COMPOSE, "other/compose.yaml": COMPOSE})
    for path, content in files.items():
        if content is None:
            (root / path).unlink()
        else:
            write(root, {path: content})
    report = new(root)[2]
    assert [one.partition(":")[0] for one in report["notices"] if "this deployment" in one] == gone


FLY: Final = "app = 'cms'\n[build]\nimage = 'directus/directus:12.4.1'\n[env]\nPUBLIC_URL = 'https://cms.example.com'\n"
CHART: Final = """helmCharts:
  - name: directus
    repo: https://charts.example.com
    releaseName: cms
    valuesInline:
      image: {tag: 12.4.1}
      extraEnvVars:
        - {name: MARKETPLACE_TRUST, value: all}
"""
OTHER_WAYS: Final[dict[str, tuple[dict[str, str], tuple[str, int]]]] = {
    "a process of Fly": (
        {"fly.toml": FLY + "[processes]\napp = 'sh -c \"MARKETPLACE_TRUST=all npx directus start\"'\n"},
        ("fly.toml", 7),
    ),
    "an env_file by default": (
        {
            "compose.yaml": COMPOSE.replace("    environment", "    env_file: ['${FILE:-live.env}']\n    environment"),
            "live.env": "TZ=UTC\nMARKETPLACE_TRUST=all\n",
        },
        ("live.env", 2),
    ),
    "a chart of a kustomization": ({"cms/kustomization.yaml": CHART}, ("cms/kustomization.yaml", 8)),
}


@pytest.mark.parametrize("kind", OTHER_WAYS)
def test_other_ways_to_set_a_variable(root: Path, kind: str) -> None:
    files, place = OTHER_WAYS[kind]
    commit(root, {"README": "x"})
    write(root, files)
    found = [one for one in new(root)[2]["findings"] if one["check"] == "marketplace-trust"]
    assert [(one["location"]["path"], one["location"]["line"]) for one in found] == [place]
    assert found[0]["confidence"] == ("medium" if "default" in kind else "high")


def test_a_secret_in_an_env_file_by_default_is_committed(root: Path) -> None:
    secret = "6f1d2f0c9be84c3f8a7d5e2b1c0f9e8d7c6b5a493827160514233241506978ab"
    compose = COMPOSE.replace("    environment", "    env_file: ${FILE:-live.env}\n    environment")
    commit(root, {"compose.yaml": compose.replace("      SECRET: ${SECRET:?}\n", ""), "live.env": f"SECRET={secret}\n"})
    found = {
        one["check"]: one["confidence"] for one in json.loads(guard("scan", root, "--output=json").out)["findings"]
    }
    assert found.get("secret-committed") == "medium"


def test_a_file_of_schema_sync_with_a_prefix_beside_one_without(root: Path) -> None:
    files = {path.replace("dump/", "data/directus_"): content for path, content in export("dump").items()}
    commit(root, files)
    rows = json.loads(export("dump", "update")["dump/permissions.json"])
    write(root, {"data/2_directus_permissions.json": json.dumps(rows), "data/users.json": json.dumps([{"role": "r"}])})
    assert new(root)[:2] == (1, {"roles-write"})
