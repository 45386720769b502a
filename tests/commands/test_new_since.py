"""`scan --new-since REF`: what the base has does not gate, and a change cannot silence itself."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.cli import guard, write
from tests.support.git import commit, git, new_repository
from tests.support.rows import permission, write as write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark import ParameterSet

COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      KEY: ${KEY:?}
"""
TRUST = "      MARKETPLACE_TRUST: all\n"
CORS = "      CORS_ENABLED: 'true'\n      CORS_ORIGIN: 'true'\n"
UPLOAD = "      FILES_MAX_UPLOAD_SIZE: 4gb\n"


def scan(root: Path, *options: str) -> tuple[int, dict[str, dict[str, Any]], dict[str, Any]]:
    """Exit code, findings by check, and the report."""
    run = guard("scan", root, "--new-since=HEAD", "--output=json", "--fail-on=low", "--debug", *options)
    report: dict[str, Any] = json.loads(run.out)
    found = {finding["check"]: finding for finding in (*report["findings"], *report["nonproduction"])}
    return run.code, found, report


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one finding at its base."""
    folder = new_repository(tmp_path / "r")
    commit(folder, {"compose.yaml": COMPOSE + TRUST})
    return folder


def change(root: Path, text: str, **files: str) -> None:
    for name, content in {"compose.yaml": text, **files}.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(content, encoding="utf-8")


def test_only_what_the_base_does_not_have_is_new(root: Path) -> None:
    assert scan(root)[0] == 0
    change(root, "# moved\n\n" + COMPOSE + CORS + TRUST)
    code, found, report = scan(root)
    assert code == 1
    assert found["cors-any-origin"]["state"] == "new"
    assert found["marketplace-trust"]["state"] == "existing"
    assert "also on HEAD (" in found["marketplace-trust"]["note"]
    assert report["scanned"]["base"].startswith("HEAD (")
    text = guard("scan", root, "--new-since=HEAD").out
    assert "not new" in text
    assert "blocked: new findings at or above high" in text


def test_mending_is_no_finding(root: Path) -> None:
    change(root, COMPOSE)
    assert scan(root)[0] == 0


def test_a_second_object_of_the_same_check_is_new(root: Path) -> None:
    other = COMPOSE.replace("services:\n", "").replace("  directus:", "  second:")
    change(root, COMPOSE + TRUST + other + TRUST)
    code, _, report = scan(root)
    states = {
        finding["subject"]["deployment"]: finding["state"]
        for finding in report["findings"]
        if finding["check"] == "marketplace-trust"
    }
    assert code == 1
    assert states == {"compose.yaml#directus": "existing", "compose.yaml#second": "new"}


def public_export(row: dict[str, Any]) -> dict[str, str]:
    """The files of an export in which the public has one permission."""
    policy = {
        "id": "p",
        "name": "Public",
        "admin_access": False,
        "app_access": False,
        "enforce_tfa": False,
        "ip_access": None,
    }
    files: dict[str, list[dict[str, Any]]] = {
        "permissions.json": [row],
        "policies.json": [policy],
        "access.json": [{"policy": "p", "role": None, "user": None}],
        "roles.json": [],
    }
    return {f"directus/{name}": json.dumps(data) for name, data in files.items()}


def test_the_same_fingerprint_counts_as_often_as_the_base_has_it(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    row = {"collection": "posts", "action": "update", "fields": ["*"], "policy": "p", "permissions": None}
    row |= {"validation": None, "presets": None}
    commit(root, public_export(row))
    assert scan(root)[0] == 0
    second = row | {"permissions": {"id": {"_nnull": True}}}
    # The one that says the same as on the base is the one the base has, wherever it stands.
    (root / "directus" / "permissions.json").write_text(json.dumps([second, row], indent=1))
    code, _, report = scan(root)
    states = {
        finding["location"]["line"]: finding["state"]
        for finding in report["findings"]
        if finding["check"] == "public-write"
    }
    assert code == 1
    assert sorted(states.values()) == ["existing", "new"]
    assert states[max(states)] == "existing"


def test_a_permission_that_grants_more_is_new(tmp_path: Path) -> None:
    """The base has a finding of the same object; what the change adds would fail the check by itself."""
    root = new_repository(tmp_path)
    row: dict[str, Any] = {"collection": "posts", "action": "update", "fields": ["title"], "policy": "p"}
    row |= {"validation": None, "presets": None}
    row["permissions"] = {"status": {"_eq": "draft"}}
    commit(root, public_export(row))
    narrower = row | {"permissions": {"_and": [{"status": {"_eq": "draft"}}, {"a": {"_eq": 1}}]}}
    for changed, state in ((row, "existing"), (narrower, "existing"), (row | {"permissions": {}}, "new")):
        write(root, public_export(changed))
        code, found, _ = scan(root, "--fail-on=high")
        assert (code, found["public-write"]["state"]) == (int(state == "new"), state)
    assert found["public-write"]["note"].startswith("grants more than on HEAD")


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        # GHSA-fm3h-p9wm-h74h is fixed in 11.5.0.
        ("directus/directus:11.9.0", "directus/directus:11.0.0", "new"),
        ("directus/directus:11.0.0", "directus/directus:11.9.0", "existing"),
        ("directus/directus:11.9.0", "directus/directus:11.9.1", "existing"),
        # Two advisories apply only to resumable uploads.
        ("      KEY:", "      TUS_ENABLED: 'true'\n      KEY:", "new"),
    ],
)
def test_further_advisories_are_new(tmp_path: Path, before: str, after: str, state: str) -> None:
    """The version is vulnerable on both sides: by which advisories is what changes."""
    root = new_repository(tmp_path)
    text = COMPOSE.replace("12.4.1", "11.9.0").replace("directus/directus:11.9.0", before, before.count("/"))
    commit(root, {"compose.yaml": text})
    change(root, text.replace(before, after))
    code, found, _ = scan(root, "--fail-on=high")
    assert (code, found["vulnerable-version-high"]["state"]) == (int(state == "new"), state)
    assert ("worse than on HEAD" in found["vulnerable-version-high"]["note"]) == (state == "new")


# --- a change cannot silence itself ----------------------------------------------------------------------------------


CONFIG: Final = "directus-guard.yaml"
SILENCING: Final = (
    "checks: {cors-any-origin: {severity: off, reason: mine}}\n",
    "checks: {cors-any-origin: {severity: low, reason: mine}}\nfail-on: critical\n",
    "fail-on: none\n",
    "min-severity: critical\n",
    "exclude: ['*']\n",
    "exclude: [compose.yaml]\n",
    "context: {'*': development}\n",
    "ignore:\n- {check: cors-any-origin, object: 'compose.yaml#directus CORS_ORIGIN', reason: mine}\n",
)


def of_the_base() -> Iterator[ParameterSet]:
    """Each config in the usual place; in the others, which are read alike, one is enough for a quick run."""
    for place, on_base in product((CONFIG, ".github/directus-guard.yml", "other.yaml"), (False, True)):
        for config in SILENCING:
            quick = config == SILENCING[0] or (place == CONFIG and not on_base)
            yield pytest.param(config, place, on_base, marks=() if quick else pytest.mark.thorough)


@pytest.mark.parametrize(("config", "place", "on_base"), list(of_the_base()))
def test_the_config_is_the_bases(root: Path, config: str, place: str, on_base: bool) -> None:
    if on_base:
        commit(root, {place: "directus-version: 12.4.1\n"})
    change(root, COMPOSE + TRUST + CORS, **{place: config})
    options = ["--config", str(root / place)] if place == "other.yaml" else []
    code, found, report = scan(root, *options)
    assert code == 1
    assert found["cors-any-origin"]["state"] == "new"
    assert found["cors-any-origin"]["severity"] == "high"
    assert found["cors-any-origin"]["context"] == "production"
    assert any(place in notice for notice in report["notices"])
    # Once it is on the base it counts.
    commit(root)
    assert scan(root, *options)[0] in (0, 3)


def test_a_threshold_is_the_bases(root: Path) -> None:
    change(root, COMPOSE + TRUST + UPLOAD, **{"directus-guard.yaml": "thresholds: {files-max-upload-size: 5gb}\n"})
    code, found, _ = scan(root)
    assert (code, found["files-max-upload-size"]["state"]) == (1, "new")
    commit(root, {"compose.yaml": COMPOSE + TRUST})
    change(root, COMPOSE + TRUST + UPLOAD)
    assert scan(root)[0] == 0


def test_a_baseline_is_the_bases(root: Path) -> None:
    line = "cors-any-origin|compose.yaml#directus CORS_ORIGIN\n"
    change(root, COMPOSE + TRUST + CORS, accepted=line)
    code, found, report = scan(root, f"--baseline={root / 'accepted'}")
    assert (code, found["cors-any-origin"]["state"]) == (1, "new")
    assert any("accepted is not on HEAD" in notice for notice in report["notices"])
    git(root, "add", "accepted")
    git(root, "commit", "-q", "-m", "accept")
    code, found, report = scan(root, f"--baseline={root / 'accepted'}")
    assert (code, found["cors-any-origin"]["state"]) == (0, "existing")
    (root / "accepted").write_text("")
    code, _, report = scan(root, f"--baseline={root / 'accepted'}")
    assert code == 0
    assert any("is read from HEAD" in notice for notice in report["notices"])


def test_a_baseline_outside_of_the_repository_is_no_part_of_the_change(root: Path, tmp_path: Path) -> None:
    (tmp_path / "accepted").write_text("cors-any-origin|compose.yaml#directus CORS_ORIGIN\n")
    change(root, COMPOSE + TRUST + CORS)
    assert scan(root, f"--baseline={tmp_path / 'accepted'}")[0] == 0


IGNORED = CORS.replace(
    "'true'\n      CORS_O", "'true'\n      # directus-guard: ignore[cors-any-origin] internal\n      CORS_O"
)


def test_an_ignore_of_the_change_leaves_the_finding_active(root: Path) -> None:
    change(root, COMPOSE + TRUST + IGNORED)
    assert guard("scan", root).code == 1  # the trust
    code, found, _ = scan(root)
    assert (code, found["cors-any-origin"]["state"]) == (1, "new")
    assert found["cors-any-origin"]["note"].startswith("ignored on head")
    assert "(ignored on head" in guard("scan", root, "--new-since=HEAD").out
    commit(root)
    assert scan(root)[1]["cors-any-origin"]["state"] == "suppressed"


def test_an_ignore_cannot_be_moved_to_something_else(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE + TRUST + IGNORED})
    second = COMPOSE.replace("services:\n", "").replace("  directus:", "  second:")
    change(root, COMPOSE + TRUST + second + IGNORED)
    code, _, report = scan(root)
    (cors,) = [finding for finding in report["findings"] if finding["check"] == "cors-any-origin"]
    assert code == 1
    assert (cors["state"], cors["subject"]["deployment"]) == ("new", "compose.yaml#second")


def test_an_ignore_added_to_an_old_finding_changes_nothing_yet(root: Path) -> None:
    change(root, COMPOSE + TRUST.replace("all", "all # directus-guard: ignore[marketplace-trust] ok"))
    code, found, _ = scan(root)
    assert (code, found["marketplace-trust"]["state"]) == (0, "existing")
    assert "ignored on head" in found["marketplace-trust"]["note"]


def test_a_removed_ignore_leaves_an_old_finding(root: Path) -> None:
    commit(root, {"compose.yaml": COMPOSE + TRUST + IGNORED})
    change(root, COMPOSE + TRUST + CORS)
    code, found, _ = scan(root)
    assert (code, found["cors-any-origin"]["state"]) == (0, "existing")


def test_from_development_to_production_is_new(root: Path) -> None:
    commit(root, {"compose.yaml": (COMPOSE + TRUST).replace("https://cms.example.com", "http://localhost:8055")})
    change(root, COMPOSE + TRUST)
    code, found, _ = scan(root)
    assert (code, found["marketplace-trust"]["state"]) == (1, "new")


# --- what cannot be read ---------------------------------------------------------------------------------------------


def test_a_base_that_is_not_there(root: Path, tmp_path: Path) -> None:
    run = guard("scan", root, "--new-since=nowhere")
    assert run.code == 2
    assert "`nowhere` is not in this clone" in run.err
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    run = guard("scan", tmp_path / "shallow", "--new-since=HEAD~1")
    assert run.code == 2
    assert "fetch-depth: 2" in run.err
    (tmp_path / "plain").mkdir()
    assert "in no git work tree" in guard("scan", tmp_path / "plain", "--new-since=HEAD").err


def test_a_base_without_anything(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    commit(root, {"README": "x"})
    change(root, COMPOSE + TRUST)
    code, found, _ = scan(root)
    assert (code, found["marketplace-trust"]["state"]) == (1, "new")


def test_a_broken_config_on_the_base_is_said(root: Path) -> None:
    commit(root, {"directus-guard.yaml": "fail-onn: none\n"})
    change(root, COMPOSE + TRUST, **{"directus-guard.yaml": "fail-on: low\n"})
    code, _, report = scan(root)
    assert code == 0
    assert any("Did you mean `fail-on`" in notice for notice in report["notices"])
    change(root, COMPOSE + TRUST, **{"directus-guard.yaml": "wrong: 1\n"})
    assert guard("scan", root, "--new-since=HEAD").code == 2


def test_what_the_base_hides_is_said(root: Path) -> None:
    commit(root, {"broken.yaml": "services:\n  directus: [\n"})
    _, _, report = scan(root)
    assert any(notice.startswith("broken.yaml on HEAD") for notice in report["notices"])


def test_a_part_of_the_repository(root: Path) -> None:
    commit(root, {"a/compose.yaml": COMPOSE + TRUST, "b/compose.yaml": COMPOSE})
    (root / "b" / "compose.yaml").write_text(COMPOSE + TRUST)
    assert scan(root / "a")[0] == 0
    assert scan(root / "b")[0] == 1
    assert guard("scan", root / "a", root / "b", "--new-since=HEAD").code == 1
    assert guard("scan", root / "a", root / "compose.yaml", "--new-since=HEAD").code == 0


# --- what moved ---------------------------------------------------------------------------------------------------


def move(root: Path, **names: str) -> None:
    """Move files as `git mv` does; `__` stands for `/`."""
    for old, new in names.items():
        path = root / new
        path.parent.mkdir(parents=True, exist_ok=True)
        (root / old.replace("__", "/").replace("DOT", ".")).rename(path)


def states(report: dict[str, Any]) -> set[str]:
    return {finding["state"] for finding in (*report["findings"], *report["nonproduction"])}


@pytest.mark.parametrize(
    "to", ["deploy/compose.yaml", "docker-compose.yml", "infra/cms/docker-compose.prod.yml", "apps/a/b/compose.yaml"]
)
def test_a_deployment_that_moved(root: Path, to: str) -> None:
    move(root, composeDOTyaml=to)
    code, found, report = scan(root)
    assert (code, states(report)) == (0, {"existing"})
    assert "there as `compose.yaml#directus MARKETPLACE_TRUST`" in found["marketplace-trust"]["note"]
    git(root, "add", "-A")
    assert scan(root)[0] == 0


def test_what_a_moved_deployment_adds_is_new(root: Path) -> None:
    move(root, composeDOTyaml="deploy/compose.yaml")
    (root / "deploy" / "compose.yaml").write_text(COMPOSE + TRUST + CORS, encoding="utf-8")
    code, found, _ = scan(root)
    assert code == 1
    assert (found["cors-any-origin"]["state"], found["marketplace-trust"]["state"]) == ("new", "existing")


def test_a_copy_is_new(root: Path) -> None:
    """The first one is still there."""
    change(root, COMPOSE + TRUST, deploy__compose_yaml="")
    (root / "deploy" / "compose_yaml").rename(root / "deploy" / "compose.yaml")
    (root / "deploy" / "compose.yaml").write_text(COMPOSE + TRUST, encoding="utf-8")
    code, _, report = scan(root)
    assert code == 1
    assert states(report) == {"new", "existing"}


def test_another_deployment_is_new(root: Path) -> None:
    """It has the fault of the one that is gone, and nothing else of it."""
    (root / "compose.yaml").unlink()
    other = (
        "name: shop\nservices:\n  db:\n    image: postgres:16\n    volumes:\n      - data:/var/lib/postgresql/data\n  directus:\n"
        "    image: ghcr.io/acme/directus:12.4.1\n    restart: always\n    environment:\n      PUBLIC_URL: https://shop.example.org\n"
        "      DB_CLIENT: pg\n      DB_HOST: db\n      DB_PASSWORD: ${DB_PASSWORD:?}\n      SECRET: ${SHOP_SECRET:?}\n"
        + TRUST
    )
    (root / "shop.compose.yaml").write_text(other, encoding="utf-8")
    code, found, _ = scan(root)
    assert code == 1
    assert found["marketplace-trust"]["state"] == "new"


def test_a_deployment_that_leaves_the_tests_is_new(tmp_path: Path) -> None:
    """What did not gate does now."""
    folder = new_repository(tmp_path / "r")
    commit(folder, {"tests/compose.yaml": COMPOSE + TRUST})
    move(folder, tests__composeDOTyaml="deploy/compose.yaml")
    assert scan(folder)[0] == 1


def test_an_environment_file_and_an_export_that_moved(tmp_path: Path) -> None:
    folder = new_repository(tmp_path / "r")
    environment = (
        "PUBLIC_URL=https://cms.example.com\nSECRET=q8Zr2VxKp0Ls7TmW4bYcJd9f\nDB_CLIENT=pg\nMARKETPLACE_TRUST=all\n"
    )
    commit(folder, {"cms/.env": environment})
    (folder / "cms" / "dump").mkdir()
    rows = [
        permission("editor", "posts", "read", {"_and": []}, id=1),
        permission("editor", "directus_users", "delete", id=2),
    ]
    write_rows(folder / "cms" / "dump", rows)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    (folder / "cms").rename(folder / "backend")
    git(folder, "add", "-A")
    code, found, report = scan(folder)
    assert (code, states(report)) == (0, {"existing"})
    assert {"marketplace-trust", "rule-without-effect", "users-delete", "secret-weak"} <= set(found)


def test_new_findings_come_first_and_known_ones_are_one_line(root: Path) -> None:
    change(root, COMPOSE + CORS + TRUST)
    text = guard("scan", root, "--new-since=HEAD").out
    assert "[cors-any-origin]" in text
    assert "[marketplace-trust]" not in text
    assert "2 known findings (1 high, 1 low): --show known lists them." in text
    assert text.splitlines()[-1] == "directus-guard: blocked: new findings at or above high"
    assert "baseline write" not in text
    for shown in (("--show=known",), ("--show=all",), ("--verbose",)):
        text = guard("scan", root, "--new-since=HEAD", *shown).out
        assert 0 < text.index("[cors-any-origin]") < text.index("[marketplace-trust]")
    page = guard("scan", root, "--new-since=HEAD", "--output=markdown").out
    assert page.startswith("## ❌ directus-guard: blocked by 1 new finding")
    assert "<details><summary>2 known: " in page


def test_without_a_base_the_report_says_how_to_accept(root: Path) -> None:
    for format_ in ("text", "markdown"):
        assert "directus-guard baseline write directus-guard.baseline" in guard(
            "scan", root, f"--output={format_}"
        ).out.replace("&#45;", "-").replace("\\-", "-")
    change(root, COMPOSE)
    assert "baseline write" not in guard("scan", root).out


def test_an_ignored_finding_is_shown_where_all_are_asked_for(root: Path) -> None:
    change(root, COMPOSE + TRUST.replace("\n", " # directus-guard: ignore[marketplace-trust] x\n"))
    assert "marketplace-trust" not in guard("scan", root, "--show=known").out
    assert "(suppressed: x)" in guard("scan", root, "--show=all").out
