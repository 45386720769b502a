"""A config below the root speaks of what lies in its folder. In a pull request those of the base count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.github.runner import step
from tests.github.site import MERGE_REF, OWN, Site, export, row
from tests.support.cli import guard, write
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all
      FILES_MAX_UPLOAD_SIZE: 4gb
"""
OFF: Final = "checks:\n  marketplace-trust: {severity: off, reason: reviewed}\n"
APPS: Final = {f"apps/{app}/compose.yaml": COMPOSE for app in ("shop", "blog")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = new_repository(tmp_path / "r")
    commit(folder, APPS)
    return folder


def scan(root: Path, *options: str | Path) -> tuple[int, dict[tuple[str, str], dict[str, Any]], dict[str, Any]]:
    """Exit code, the findings by check and app, and the report."""
    done = guard("scan", *(options or (root,)), "--output=json", "--debug")
    assert done.out, done.err
    report: dict[str, Any] = json.loads(done.out)
    found = (*report["findings"], *report["nonproduction"])
    return done.code, {(one["check"], one["location"]["path"].split("/")[1]): one for one in found}, report


def test_a_check_is_off_in_one_folder(root: Path) -> None:
    write(root, {"apps/shop/directus-guard.yaml": OFF})
    _, found, report = scan(root)
    assert ("marketplace-trust", "shop") not in found
    assert ("marketplace-trust", "blog") in found
    assert report["switched_off"] == [{"check": "marketplace-trust", "reason": "reviewed", "where": "apps/shop"}]
    for form in ("text", "markdown"):
        assert "apps/shop" in guard("scan", root, f"--output={form}").out.replace("&#47;", "/").replace("&#45;", "-")


def test_the_nearest_config_wins(root: Path) -> None:
    low = OFF.replace("off", "low")
    write(
        root,
        {
            "directus-guard.yaml": OFF,
            "apps/directus-guard.yml": OFF.replace("off", "critical"),
            "apps/blog/directus-guard.yaml": low,
        },
    )
    _, found, _ = scan(root)
    assert found["marketplace-trust", "shop"]["severity"] == "critical"
    assert found["marketplace-trust", "blog"]["severity"] == "low"
    # The same where only the folder is scanned, or lies above it.
    for folder, severity in (("shop", "critical"), ("blog", "low")):
        _, found, _ = scan(root, root / "apps" / folder)
        assert found["marketplace-trust", folder]["severity"] == severity


def test_keys_are_merged(root: Path) -> None:
    write(root, {
        "directus-guard.yaml": "thresholds: {files-max-upload-size: 5gb}\ncontext: {'apps/**': development}\n",
        "apps/shop/directus-guard.yaml": "thresholds: {files-max-upload-size: 1gb}\ncontext: {'compose.yaml#*': production}\n",
    })  # fmt: skip
    _, found, _ = scan(root)
    assert ("files-max-upload-size", "shop") in found
    assert ("files-max-upload-size", "blog") not in found
    assert found["marketplace-trust", "shop"]["context"] == "production"
    assert found["marketplace-trust", "blog"]["context"] == "development"


def test_an_ignore_is_for_its_folder_alone(root: Path) -> None:
    entry = "ignore:\n" + "".join(
        f"  - {{check: marketplace-trust, object: 'apps/{app}/compose.yaml#directus MARKETPLACE_TRUST', reason: x}}\n"
        for app in ("shop", "blog")
    )
    write(root, {"apps/shop/directus-guard.yaml": entry})
    _, found, report = scan(root)
    assert found["marketplace-trust", "shop"]["state"] == "suppressed"
    assert found["marketplace-trust", "blog"]["state"] == "new"
    assert any(
        one.startswith("apps/shop/directus-guard.yaml: the ignore of `marketplace-trust` matches no finding")
        for one in report["notices"]
    )


@pytest.mark.parametrize(
    "key",
    [
        "fail-on: none",
        "min-severity: high",
        "min-confidence: high",
        "new-access: none",
        "incomplete: warn",
        "exclude: [a]",
        "edition: core",
        "directus-version: 12.4.1",
    ],
)
def test_the_rest_counts_only_at_the_root(root: Path, key: str) -> None:
    plain = scan(root)
    write(root, {"apps/shop/directus-guard.yaml": f"# x\n{key}\n"})
    code, found, report = scan(root)
    assert (code, found) == plain[:2]
    assert (
        f"apps/shop/directus-guard.yaml: `{key.split(':', maxsplit=1)[0]}` only has an effect in the config at the root"
        in report["notices"]
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("checks: {marketplace-trus: {severity: off, reason: x}}\n", "Did you mean `marketplace-trust`?"),
        ("check: {}\n", "Did you mean `checks`?"),
        ("a: [\n", "not valid YAML"),
    ],
)
def test_a_mistake_is_a_usage_error(root: Path, tmp_path: Path, text: str, says: str) -> None:
    write(root, {"apps/shop/directus-guard.yaml": text})
    for command in (("scan", root), ("scan", root, "--new-since=HEAD"), ("diff", root, root), ("projects", root)):
        done = guard(*command)
        assert done.code == 2
        assert says in done.err
        assert "apps/shop/directus-guard.yaml:" in done.err
    ran = step(root, tmp_path / "runner", event="push", data={}, sha="", ref="refs/heads/main")
    assert ran.code == 2
    assert any(says in item.message for item in ran.annotations("error"))


def test_a_config_that_is_named_counts_alone(root: Path) -> None:
    write(root, {"apps/shop/directus-guard.yaml": OFF, "central.yaml": "fail-on: low\n"})
    assert ("marketplace-trust", "shop") in scan(root, root, f"--config={root / 'central.yaml'}")[1]


def test_severity_for_paths(root: Path) -> None:
    write(
        root,
        {
            "directus-guard.yaml": "checks:\n  marketplace-trust: {severity: low, reason: kiosk, paths: [apps/shop]}\n  files-max-upload-size: {severity: off, reason: y, paths: ['apps/b*/**']}\n"
        },
    )
    _, found, report = scan(root)
    assert found["marketplace-trust", "shop"]["severity"] == "low"
    assert found["marketplace-trust", "blog"]["severity"] == "high"
    assert ("files-max-upload-size", "blog") not in found
    assert ("files-max-upload-size", "shop") in found
    assert report["switched_off"] == [{"check": "files-max-upload-size", "reason": "y", "where": "apps/b*/**"}]


def test_an_export_lies_in_a_folder_too(root: Path) -> None:
    write(root / "apps" / "shop", export(row("articles", "update", {}), row("directus_users", "update", {})))
    assert ("users-update", "shop") in scan(root)[1]
    write(
        root,
        {
            "apps/shop/directus-guard.yaml": "checks:\n  users-update: {severity: off, reason: x}\n  escalation-path: {severity: low, reason: x}\n"
        },
    )
    _, found, _ = scan(root)
    assert ("users-update", "shop") not in found
    assert found["escalation-path", "shop"]["severity"] == "low"


# --- a change cannot weaken its own gate -----------------------------------------------------------------------------

WEAKENED: Final = {
    "a check off": OFF,
    "a lower severity": OFF.replace("off", "low"),
    "an ignore": "ignore:\n  - {check: marketplace-trust, object: 'apps/new/compose.yaml#directus MARKETPLACE_TRUST', reason: x}\n",
    "a context": "context: {'*': development}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", WEAKENED)
@pytest.mark.parametrize(
    "place",
    ["directus-guard.yaml", "apps/directus-guard.yaml", "apps/new/directus-guard.yaml", "apps/new/directus-guard.yml"],
)
def test_a_new_config_of_the_change_has_no_effect(root: Path, name: str, place: str) -> None:
    text = WEAKENED[name].replace("'*'", "'apps/**'" if "/" not in place else "'*'")
    write(root, {place: text, "apps/new/compose.yaml": COMPOSE})
    code, found, report = scan(root, root, "--new-since=HEAD")
    assert code == 1
    assert (found["marketplace-trust", "new"]["state"], found["marketplace-trust", "new"]["severity"]) == (
        "new",
        "high",
    )
    assert found["marketplace-trust", "new"]["context"] == "production"
    assert any(place in one and "is not on HEAD" in one for one in report["notices"])
    assert scan(root, root / "apps" / "new", "--new-since=HEAD")[0] == 1


def test_a_weaker_config_of_the_change_has_no_effect(root: Path) -> None:
    commit(root, {"apps/shop/directus-guard.yaml": OFF.replace("off", "critical").replace("reviewed", "never")})
    fault = COMPOSE.replace("MARKETPLACE_TRUST: all", "CORS_ENABLED: 'true'\n      CORS_ORIGIN: 'true'")
    write(
        root,
        {
            "apps/shop/directus-guard.yaml": "checks: {cors-any-origin: {severity: off, reason: x}}\n",
            "apps/shop/compose.yaml": fault,
        },
    )
    code, found, report = scan(root, root, "--new-since=HEAD")
    assert (code, found["cors-any-origin", "shop"]["state"]) == (1, "new")
    assert any("apps/shop/directus-guard.yaml is read from HEAD" in one for one in report["notices"])


def test_the_config_of_the_base_counts_where_the_change_removes_it(root: Path) -> None:
    commit(root, {"apps/shop/directus-guard.yaml": OFF})
    (root / "apps/shop/directus-guard.yaml").unlink()
    assert ("marketplace-trust", "shop") not in scan(root, root, "--new-since=HEAD")[1]


def test_a_broken_config_of_the_base_has_no_effect(root: Path) -> None:
    commit(root, {"apps/shop/directus-guard.yaml": "a: [\n"})
    write(root, {"apps/shop/directus-guard.yaml": OFF})
    _, found, report = scan(root, root, "--new-since=HEAD")
    assert ("marketplace-trust", "shop") in found
    assert any("on HEAD" in one and "has no effect" in one for one in report["notices"])


@pytest.mark.parametrize("new_only", ["true", "false"])
def test_in_the_action(root: Path, tmp_path: Path, new_only: str) -> None:
    base = git(root, "rev-parse", "HEAD")
    git(root, "switch", "-q", "-c", "change")
    head = commit(
        root,
        {
            "apps/new/directus-guard.yaml": OFF + "  files-max-upload-size: {severity: off, reason: x}\n",
            "apps/new/compose.yaml": COMPOSE,
        },
    )
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "change")
    made = Site(root, base, head, git(root, "rev-parse", "HEAD"))
    for path in (".", "apps/new"):
        ran = step(
            root,
            tmp_path / "runner",
            event="pull_request",
            data=made.pull(),
            sha=made.merge,
            ref=MERGE_REF,
            new_only=new_only,
            path=path,
        )
        assert ran.code == 1
        assert any(item.properties["file"] == "apps/new/compose.yaml" for item in ran.annotations("error"))
    # Without the base no config of the change counts, either.
    shallow = tmp_path / f"shallow-{new_only}"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", str(shallow))
    ran = step(
        shallow,
        tmp_path / "runner",
        event="pull_request",
        data=made.pull(),
        sha=made.merge,
        ref=MERGE_REF,
        path="apps/new",
    )
    assert ran.code == 1
    # After the merge it counts.
    ran = step(
        root,
        tmp_path / "runner",
        event="push",
        data=made.push(),
        sha=made.merge,
        ref="refs/heads/main",
        path="apps/new",
    )
    assert ran.code == 0


def test_diff_goes_by_the_config_of_base(root: Path) -> None:
    shop = root / "apps" / "shop"
    commit(root, {f"apps/shop/{name}": text for name, text in export(row("articles", "update", OWN)).items()})
    write(shop, export(row("articles", "update", OWN), row("directus_users", "update", {})))
    write(
        shop,
        {
            "directus-guard.yaml": "checks:\n  users-update: {severity: off, reason: x}\n  escalation-path: {severity: off, reason: x}\n"
        },
    )
    before = json.loads(guard("diff", shop, shop, "--output=json").out)
    assert before["new_access"] == []
    import contextlib

    with contextlib.chdir(root):
        done = guard("diff", "HEAD", shop, "--output=json")
        assert {one["severity"] for one in json.loads(done.out)["new_access"]} >= {"critical"}
        commit(root, {})
        git(root, "reset", "-q", "--soft", "HEAD~1")


def test_a_workflow_of_the_same_name_is_no_config(root: Path) -> None:
    write(root, {f"{folder}.github/workflows/directus-guard.yml": "on: push\n" for folder in ("", "apps/shop/")})
    assert scan(root)[2]["switched_off"] == []
