"""However a Compose file is written: it is read, or the run is not green."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.finding import Status
from tests.support.cli import guard, write
from tests.support.compose_spellings import PROJECT, Speller, keys
from tests.support.each import each_case
from tests.support.repositories import reasons

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.audit.audited import Audited


SEEDS: Final = 150
SERVICE: Final = "  directus:\n    image: directus/directus:12.4.1\n    environment:\n      MARKETPLACE_TRUST: all\n"
BELOW: Final = SERVICE.replace("\n  ", "\n    ").replace("  directus:", "    directus:", 1)
BINARY: Final = "!!binary c2VydmljZXM="  # services
BASE: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n"
    "      PUBLIC_URL: https://cms.example.com\n      SECRET: ${SECRET:?}\n"
)
INCLUDED: Final = {"part/app.yaml": f"services:\n{SERVICE}"}


@each_case(
    "text",
    [
        f"services:\n{SERVICE}",
        f'"services":\n{SERVICE}',
        f"'services':\n{SERVICE}",
        f"services :\n{SERVICE}",
        f"services\t:\n{SERVICE}",
        f"services:\t\n{SERVICE}",
        f"? services\n:\n{SERVICE}",
        f"? |-\n  services\n:\n{SERVICE}",
        f"? >-\n  services\n:\n{SERVICE}",
        f'"\\x73ervices":\n{SERVICE}',
        f'"s\\u0065rvices":\n{SERVICE}',
        f'"servic\\U00000065s":\n{SERVICE}',
        f'? "serv\\\n  ices"\n:\n{SERVICE}',
        f"!!str services:\n{SERVICE}",
        f"!word services:\n{SERVICE}",
        f"! services:\n{SERVICE}",
        f"!<tag:yaml.org,2002:str> services:\n{SERVICE}",
        f"{BINARY}:\n{SERVICE}",
        f"&k services:\n{SERVICE}",
        f"x-k: &k services\n*k :\n{SERVICE}",
        f"x-y: &y\n  services:\n{BELOW}<<: *y\n",
        f"x-y: &y\n  services:\n{BELOW}<<: [*y]\n",
        f"x-y: &y\n  services:\n{BELOW}!!merge <<: *y\n",
        f"<<: {{services: {json.dumps({'directus': {'image': 'directus/directus:12.4.1', 'environment': ['MARKETPLACE_TRUST=all']}})}}}\n",
        f"x-s: &s\n{SERVICE}services: *s\n",
        f"# a comment\x85services:\n{SERVICE}",
        f"# a comment\u2028services:\n{SERVICE}",
        f"# a comment\u2029services:\n{SERVICE}",
        f"services:\n{SERVICE}".replace("\n", "\x85"),
        f"services:\n{SERVICE}".replace("\n", "\u2028"),
        f"services:\n{SERVICE}".replace("\n", "\r"),
        f"services:\n{SERVICE}".replace("\n", "\r\n"),
        f"\ufeffservices:\n{SERVICE}",
        f"\ufeff\ufeffservices:\n{SERVICE}",
        f"%YAML 1.1\n---\nservices:\n{SERVICE}",
        f"%TAG !y! tag:yaml.org,2002:\n---\n!y!str services:\n{SERVICE}",
        f"name: x\n---\nservices:\n{SERVICE}",
        "services: {directus: {image: directus/directus:12.4.1}}\n---\nservices: {directus: {environment: {MARKETPLACE_TRUST: all}}}\n",
        "  services:\n    directus:\n      image: directus/directus:12.4.1\n      environment: {MARKETPLACE_TRUST: all}\n",
        "{services: {directus: {image: directus/directus:12.4.1, environment: [MARKETPLACE_TRUST=all]}}}\n",
        '{"services":\t{"directus":\t{"image":\t"directus/directus:12.4.1",\n\t"environment":\t{"MARKETPLACE_TRUST":\t"all"}}}}',
        '{"services":{"directus":{"image":"\\u0064irectus/directus:12.4.1","environment":{"MARKETPLACE_TRUST":"all"}}}}',
        "include:\n  - part/app.yaml\n",
        '"include": [part/app.yaml]\n',
        "include:\n  - path: part/app.yaml\n",
        "services:\n  directus:\n    image: !!binary ZGlyZWN0dXMvZGlyZWN0dXM6MTIuNC4x\n    environment: {MARKETPLACE_TRUST: all}\n",
    ],
)
def test_every_spelling_is_read(tmp_path: Path, text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        for number, name in enumerate(("compose.yaml", "templates/deploy.yml", ".github/cms.yaml")):
            is_read(tmp_path / encoding / str(number), text, name, encoding)


def is_read(folder: Path, text: str, name: str, encoding: str) -> None:
    root = write(folder, {name: text.encode(encoding), **(INCLUDED if "include" in text else {})})
    if "include" in text:
        (root / "part").mkdir(exist_ok=True)
        if "/" in name:
            write(root / name.partition("/")[0], INCLUDED)
    audited = run(Options(root=root))
    found = [finding for finding in audited.report.findings if finding.check == "marketplace-trust"]
    assert any(finding.subject.key == f"{name}#directus MARKETPLACE_TRUST" for finding in found)
    for finding in found:
        lines = (
            (root / finding.location.path)
            .read_bytes()
            .decode(encoding if finding.location.path == name else "utf-8")
            .split("\n")
        )
        assert 1 <= finding.location.line <= len(lines)
        line = lines[finding.location.line - 1].removeprefix("\ufeff")
        assert "all" in line[finding.location.column - 1 :]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The project in its plainest spelling."""
    return run(Options(root=write(tmp_path_factory.mktemp("plain"), {"compose.yaml": json.dumps(PROJECT)})))


@pytest.mark.thorough
def test_random_spellings_are_read_or_make_the_run_incomplete(tmp_path: Path, plain: Audited) -> None:
    differing: list[int] = []
    for seed in range(SEEDS):
        spelled = run(Options(root=write(tmp_path / str(seed), {"compose.yaml": Speller(seed).file()})))
        incomplete = any(problem.incomplete for problem in spelled.report.problems)
        if not incomplete and keys(spelled) != keys(plain):
            differing.append(seed)
    assert differing == []
    assert keys(plain)


@each_case(
    "content",
    [
        b"services:\n  directus:\n    image: [\n",
        b"services:\n  directus:\n    image: directus/directus:12.4.1 # \xe9\n",
        f"services:\n{SERVICE}".encode("utf-16-le"),
        f"services:\n{SERVICE}\0".encode(),
        f"services:\n{SERVICE}".encode() + b"# " + b"x" * (16 * 1024 * 1024),
        f"%FOO bar baz\n%YAML 3.0\n---\nservices:\n{SERVICE}".encode(),
        b"<<<<<<< HEAD\nservices:\n  directus:\n=======\nservices: {}\n>>>>>>> other\n",
        b"",
    ],
)  # fmt: skip
@each_case("name", ["compose.yaml", "docker-compose.prod.yml"])
def test_a_compose_file_that_cannot_be_read_is_not_green(tmp_path: Path, name: str, content: bytes) -> None:
    answer = guard("scan", write(tmp_path, {name: content}))
    assert answer.code == (4 if content else 3)
    assert "Traceback" not in answer.err


@each_case("name", ["compose.override.yaml", "compose.prod.yaml", "docker-compose.override.yml"])
def test_what_an_unreadable_override_may_change_is_not_passed(tmp_path: Path, name: str) -> None:
    audited = run(Options(root=write(tmp_path, {"compose.yaml": BASE, name: "services: [\n"})))
    assert audited.report.exit_code == 4
    over = [env for env in audited.project.environments if name.rpartition("/")[2] in env.deployment.hints]
    assert over
    assert all(any(name in phrase for phrase in reasons(env.deployment)) for env in over)
    assert any(outcome.check == "marketplace-trust" and outcome.status is Status.NOT_EVALUATED
               for outcome in audited.report.outcomes)  # fmt: skip


def test_an_override_with_quoted_services_is_read(tmp_path: Path) -> None:
    over = '"services":\n  directus:\n    environment:\n      MARKETPLACE_TRUST: all\n'
    answer = guard("scan", write(tmp_path, {"compose.yaml": BASE, "compose.override.yaml": over}))
    assert answer.code == 1
    assert "marketplace-trust" in answer.out


@each_case("how", ["env_file", "extends", "include", "interpolation", "secret", "config"])
def test_a_file_that_a_deployment_names_and_nobody_can_read_is_not_green(tmp_path: Path, how: str) -> None:
    broken = b"SECRET=\xff\xfe\n"
    service: dict[str, object] = {
        "image": "directus/directus:12.4.1",
        "environment": {"PUBLIC_URL": "https://cms.example.com"},
    }
    files: dict[str, str | bytes] = {}
    data: dict[str, object] = {"services": {"directus": service}}
    if how == "env_file":
        service["env_file"] = "cms.settings"
        files["cms.settings"] = broken
    elif how == "extends":
        service["extends"] = {"file": "parts/one", "service": "base"}
        files["parts/one"] = b"services: {base: {environment: [\xff]}}\n"
    elif how == "include":
        data["include"] = ["parts/one"]
        files["parts/one"] = b"services: [\n"
    elif how == "interpolation":
        files[".env"] = broken
        service["environment"] = {"SECRET": "${SECRET:-x}"}
    elif how == "secret":
        data["secrets"] = {"key": {"file": "key.txt"}}
        service["secrets"] = ["key"]
        service["environment"] = {"SECRET_FILE": "/run/secrets/key", "PUBLIC_URL": "https://cms.example.com"}
        files["key.txt"] = broken
    else:
        service["volumes"] = ["./cms.settings:/directus/.env"]
        files["cms.settings"] = broken
    audited = run(Options(root=write(tmp_path, {"compose.yaml": json.dumps(data), **files})))
    assert audited.report.exit_code in (1, 4)
    assert {problem.path for problem in audited.report.problems if problem.incomplete} == set(files)
    assert any(outcome.status is Status.NOT_EVALUATED for outcome in audited.report.outcomes)
