"""A config below the root speaks of what lies in its folder. In a pull request those of the base count."""

from __future__ import annotations

import contextlib
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


# --- what moves into a folder that excuses it ------------------------------------------------------------------------

CLEAN: Final = COMPOSE.replace("all", "sandbox").replace("4gb", "100mb")
LEGACY: Final = {
    "a check off": "checks:\n  marketplace-trust: {severity: off, reason: old}\n",
    "a lower severity": "checks:\n  marketplace-trust: {severity: low, reason: old}\n",
    "by the root": "checks:\n  marketplace-trust: {severity: off, reason: old, paths: ['apps/legacy/**']}\n",
}


def legacy(root: Path, name: str, text: str = CLEAN) -> None:
    """A base with a folder whose config excuses `marketplace-trust`."""
    config = "directus-guard.yaml" if name == "by the root" else "apps/legacy/directus-guard.yaml"
    commit(root, {"apps/shop/compose.yaml": text, "apps/blog/compose.yaml": CLEAN, config: LEGACY[name]})


def judged(root: Path) -> tuple[int, dict[tuple[str, str], dict[str, Any]], list[str]]:
    """A pull request: exit code, findings, notices. `diff` has the same exit code."""
    code, found, report = scan(root, root, "--new-since=HEAD")
    with contextlib.chdir(root):
        done = guard("diff", "HEAD", ".", "--incomplete=warn")
    assert done.code in (code, 3), done.out
    return code, found, report["notices"]


@pytest.mark.parametrize("name", LEGACY)
def test_a_move_hides_no_new_finding(root: Path, name: str) -> None:
    legacy(root, name)
    (root / "apps/shop/compose.yaml").unlink()
    write(root, {"apps/legacy/compose.yaml": COMPOSE})
    code, found, notices = judged(root)
    assert code == 1
    assert (found["marketplace-trust", "legacy"]["state"], found["marketplace-trust", "legacy"]["severity"]) == (
        "new",
        "high",
    )
    assert any("`apps/legacy/compose.yaml#directus` was `apps/shop/compose.yaml` on HEAD" in one for one in notices)
    commit(root)
    write(root, {"apps/legacy/compose.yaml": f"{COMPOSE}      LOG_LEVEL: info\n"})
    code, found, notices = judged(root)
    assert code == 0
    assert ("marketplace-trust", "legacy") not in found or found["marketplace-trust", "legacy"]["severity"] == "low"
    assert not any("was `apps/" in one for one in notices)


@pytest.mark.parametrize("name", LEGACY)
def test_a_move_alone_adds_no_finding(root: Path, name: str) -> None:
    legacy(root, name, COMPOSE)
    (root / "apps/shop/compose.yaml").unlink()
    write(root, {"apps/legacy/compose.yaml": COMPOSE})
    code, found, _ = judged(root)
    assert (code, found["marketplace-trust", "legacy"]["state"]) == (0, "existing")


def test_what_moves_out_is_judged_there(root: Path) -> None:
    legacy(root, "a check off")
    commit(root, {"apps/legacy/compose.yaml": COMPOSE})
    (root / "apps/legacy/compose.yaml").unlink()
    write(root, {"apps/new/compose.yaml": COMPOSE})
    code, found, _ = judged(root)
    assert (code, found["marketplace-trust", "new"]["state"]) == (1, "new")


def test_a_move_that_git_does_not_see(root: Path) -> None:
    """Few lines are the same. Something is gone, and something is new: it may be the same."""
    legacy(root, "a check off")
    (root / "apps/shop/compose.yaml").unlink()
    other = COMPOSE.replace("  directus:", "  cms:") + "".join(
        f"      X_{number}: '{number}'\n" for number in range(40)
    )
    write(root, {"apps/legacy/stack.compose.yaml": other})
    code, found, notices = judged(root)
    assert (code, found["marketplace-trust", "legacy"]["state"]) == (1, "new")
    assert any("may replace `apps/shop/compose.yaml`, which is gone" in one for one in notices)


def test_a_service_that_moves_into_a_file_of_the_folder(root: Path) -> None:
    """The deployment that was there before keeps its excuse."""
    legacy(root, "a check off")
    commit(root, {"apps/legacy/compose.yaml": COMPOSE})
    (root / "apps/shop/compose.yaml").unlink()
    shop = COMPOSE.replace("services:\n", "").replace("  directus:", "  shop:")
    write(root, {"apps/legacy/compose.yaml": COMPOSE + shop})
    _, _, report = scan(root, root, "--new-since=HEAD")
    objects = [
        one["fingerprint"].partition("|")[2] for one in report["findings"] if one["check"] == "marketplace-trust"
    ]
    assert objects == ["apps/legacy/compose.yaml#shop MARKETPLACE_TRUST"]


def test_what_is_just_new_is_judged_by_its_folder(root: Path) -> None:
    """Its folder excuses it, and a notice says so."""
    legacy(root, "a check off")
    write(root, {"apps/legacy/compose.yaml": COMPOSE})
    _, found, notices = judged(root)
    assert ("marketplace-trust", "legacy") not in found
    said = "`apps/legacy/compose.yaml#directus` is new, and the config switches off what is wrong in it: `marketplace-trust`"
    assert said in notices
    write(root, {"apps/legacy/compose.yaml": CLEAN})
    assert not any("is new, and the config" in one for one in judged(root)[2])


def test_an_upload_size_moves_with_its_deployment(root: Path) -> None:
    commit(root, {
        "apps/shop/compose.yaml": CLEAN, "apps/legacy/directus-guard.yaml": "thresholds: {files-max-upload-size: 5gb}\n",
        "apps/blog/compose.yaml": CLEAN,
    })  # fmt: skip
    (root / "apps/shop/compose.yaml").unlink()
    write(root, {"apps/legacy/compose.yaml": CLEAN.replace("100mb", "4gb")})
    _, found, _ = judged(root)
    assert found["files-max-upload-size", "legacy"]["state"] == "new"


def test_an_export_moves(root: Path) -> None:
    config = "checks:\n  users-update: {severity: off, reason: x}\n"
    before = export(row("articles", "update", {}))
    write(root / "apps" / "shop", before)
    commit(root, {"apps/legacy/directus-guard.yaml": config})
    for path in before:
        (root / "apps" / "shop" / path).unlink()
    write(root / "apps" / "legacy", export(row("articles", "update", {}), row("directus_users", "update", {})))
    _, found, _ = judged(root)
    assert found["users-update", "legacy"]["state"] == "new"


def test_code_moves(root: Path) -> None:
    config = "checks:\n  token-in-url: {severity: off, reason: x}\n"
    asked = "const x = fetch('https://cms.example.com/items/a?access_token=' + token)\n"
    package = '{"name": "web", "dependencies": {"@directus/sdk": "20.0.0"}}\n'
    lines = "".join(f"const a{number} = {number}\n" for number in range(9))
    commit(root, {"apps/web/package.json": package, "apps/web/src/a.js": lines, "apps/legacy/directus-guard.yaml": config,
                  "apps/legacy/package.json": package})  # fmt: skip
    write(root, {"apps/web/src/a.js": lines + asked})
    assert ("token-in-url", "web") in judged(root)[1]
    commit(root)
    (root / "apps/web/src/a.js").unlink()
    write(root, {"apps/legacy/src/a.js": lines + asked + asked.replace("/a?", "/b?")})
    assert ("token-in-url", "legacy") in judged(root)[1]
