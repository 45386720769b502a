"""Whatever a repository holds: a problem with file and reason, the rest still judged, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Run, guard, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      MARKETPLACE_TRUST: all\n"


def scan(root: Path, *options: str) -> tuple[Run, dict[str, str]]:
    """The run, and the problems by path. The good part must have been judged all the same."""
    run = guard("scan", root, "--output", "json", "--debug", *options)
    report = json.loads(run.out)
    assert "Traceback" not in run.err
    assert any(finding["check"] == "marketplace-trust" for finding in report["findings"])
    return run, {problem["path"]: problem["message"] for problem in report["problems"]}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bad/compose.yaml", b"services:\n  directus: [\n", "not valid YAML"),
        ("bad/compose.yaml", b"services:\n\tdirectus:\n", "not valid YAML"),
        ("bad/compose.yaml", b"services: {directus: &a {image: directus/directus, x: *a}}\n", "contains itself"),
        ("bad/.env", b"SECRET=\xff\xfe\xfa\n", "not valid UTF-8"),
        ("bad/package.json", b'{"dependencies": {"directus": "11.0.0"', "not valid JSON"),
        ("bad/fly.toml", b"app = 'directus'\n[env\n", "not valid TOML"),
        ("bad/main.tf", b'resource "x" "directus" {\n', "not valid HCL"),
    ],
)
def test_broken_files_are_problems(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    write(tmp_path, {"compose.yaml": GOOD, name: content})
    run, problems = scan(tmp_path)
    assert run.code == 1
    assert reason in problems[name]


def test_an_alias_bomb_costs_nothing(tmp_path: Path) -> None:
    levels = ["a0: &a0 {K: v}"]
    levels += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: v}}" for n in range(1, 40)]
    lists = ["b0: &b0 [x]"] + [f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 40)]
    bomb = "\n".join(levels + lists) + "\nservices:\n  directus:\n    image: directus/directus\n    environment: *b39\n"
    write(tmp_path, {"compose.yaml": GOOD, "bomb/compose.yaml": bomb})
    scan(tmp_path)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "compose.yaml": GOOD,
            "deep/compose.yaml": "services: " + "[" * 100_000,
            "deep/fly.json": '{"app": "directus", "env": ' + "[" * 100_000,
            "deep/ecosystem.config.js": "module.exports = {apps: " + "[" * 20_000 + " // directus",
            "deep/main.tf": "directus = " + "[" * 20_000,
        },
    )
    _, problems = scan(tmp_path)
    assert "deep/compose.yaml" in problems


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  directus:\n    extends: {service: other}\n  other:\n    extends: {service: directus}\n",
        "include: [compose.yaml]\nservices:\n  directus:\n    image: directus/directus\n",
        "services:\n  directus:\n    extends: {file: compose.yaml, service: directus}\n    image: directus/directus\n",
    ],
)
def test_cycles_end(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"compose.yaml": GOOD, "cycle/compose.yaml": text})
    scan(tmp_path)


def test_kustomizations_that_build_upon_each_other(tmp_path: Path) -> None:
    workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: directus}\n"
    write(
        tmp_path,
        {
            "compose.yaml": GOOD,
            "a/kustomization.yaml": "resources: [../b, d.yaml]\n",
            "a/d.yaml": workload,
            "b/kustomization.yaml": "resources: [../a]\n",
        },
    )
    _, problems = scan(tmp_path)
    assert "builds upon itself" in " ".join(problems.values())


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": GOOD})
    (tmp_path / "huge").mkdir()
    (tmp_path / "empty").mkdir()
    with (tmp_path / "huge" / "compose.yaml").open("wb") as file:
        file.write(b"services: {}\n" * 8192)
        file.truncate(200 * 1024 * 1024)
    with (tmp_path / "empty" / "compose.yaml").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    _, problems = scan(tmp_path)
    assert "larger than" in problems["huge/compose.yaml"]
    assert "holds no text" in problems["empty/compose.yaml"]


def test_a_folder_named_env(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": GOOD + "    env_file: .env\n", ".env/readme": "x"})
    scan(tmp_path)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.env"
    outside.write_text("DB_CLIENT=pg\nSECRET=outside\n", encoding="utf-8")
    root = write(tmp_path / "repository", {"compose.yaml": GOOD})
    (root / "prod.env").symlink_to(outside)
    (root / "loop").symlink_to(root)
    _, problems = scan(root)
    assert "leads out" in problems["prod.env"]


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": GOOD})
    os.mkfifo(tmp_path / "prod.env")
    scan(tmp_path)


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system's answer is given here."""
    write(tmp_path, {"compose.yaml": GOOD, "prod.env": "SECRET=x\nKEY=y\n"})
    real = os.open

    def refuse(path: str, flags: int, *rest: int) -> int:
        if str(path).endswith("prod.env"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    _, problems = scan(tmp_path)
    assert "Permission denied" in problems["prod.env"]


def test_strict_makes_a_problem_fail(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": GOOD, "bad/.env": b"\xff\xfa"})
    assert scan(tmp_path, "--fail-on", "none")[0].code == 0
    assert scan(tmp_path, "--fail-on", "none", "--strict")[0].code == 4


def test_an_empty_folder(tmp_path: Path) -> None:
    run = guard("scan", tmp_path)
    assert run.code == 3
    assert "Looked for" in run.err
    assert "compose" in run.err.lower()


def test_only_a_broken_file_is_not_clean(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services:\n  directus: [\n"})
    run = guard("scan", tmp_path)
    assert run.code != 0
    assert "not valid YAML" in run.out


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("fail_on: high\n", "directus-guard.yaml:1: unknown key `fail_on`. Did you mean `fail-on`?"),
        ("exclude: []\nfail-on: hihg\n", "directus-guard.yaml:2:"),
        ("checks:\n  marketplace-trst: {severity: off, reason: x}\n", "Did you mean `marketplace-trust`?"),
        ("ignore:\n  - check: secret-weak\n    object: x\n", "reason"),
        ("thresholds: {files-max-upload-size: huge}\n", "size"),
        ("- a\n", "expected `key: value`"),
        ("a: [\n", "not valid YAML"),
    ],
)
def test_a_wrong_config_is_wrong_use(tmp_path: Path, config: str, message: str) -> None:
    write(tmp_path, {"compose.yaml": GOOD, "directus-guard.yaml": config})
    run = guard("scan", tmp_path)
    assert run.code == 2
    assert message in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scna"], "scan"),
        (["scan", "--fail-onn", "high"], "fail-on"),
        (["scan", "--output", "jsno"], "Did you mean `json`?"),
        (["scan", "--output", "json", "--output", "sarif"], "only one"),
        (["scan", "/does/not/exist"], "no such file"),
        (["scan", "--directus-version", "eleven", "."], "eleven"),
        (["explain", "marketplace"], "Did you mean"),
        (["scan", "--config", "/does/not/exist.yaml"], "exist.yaml"),
        (["scan", "--baseline", "/does/not/exist"], "baseline"),
        ([], "no command"),
    ],
)
def test_wrong_use_says_what_to_do(arguments: list[str], message: str) -> None:
    run = guard(*arguments)
    assert run.code == 2
    assert message in run.err
    assert "Traceback" not in run.err


def test_a_bug_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"compose.yaml": GOOD})

    def broken(*_: object) -> None:
        raise RuntimeError("secret-in-a-message")

    monkeypatch.setattr("directus_guard.audit.run.run", broken)
    run = guard("scan", tmp_path)
    assert run.code == 70
    assert run.err.count("\n") == 1
    assert "secret-in-a-message" not in run.err
    with pytest.raises(RuntimeError):
        guard("scan", tmp_path, "--debug")


def test_the_environment_of_the_runner_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUST", "all")
    write(tmp_path, {"compose.yaml": GOOD.replace("all", "${TRUST}"), "x/.env": "DB_CLIENT=pg\nSECRET=${TRUST}\n"})
    run = guard("scan", tmp_path, "--output", "json", "--fail-on", "none")
    assert not any(finding["check"] == "marketplace-trust" for finding in json.loads(run.out)["findings"])


def test_nothing_heavy_for_the_version() -> None:
    """`--version` answers before anything is imported."""
    import subprocess

    script = "import sys; from directus_guard.cli import main; main(['--version']); print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for heavy in ("pydantic", "yaml", "sarif_om", "httpx", "tree_sitter", "jinja2"):
        assert f"'{heavy}'" not in run.stdout
