"""Tokens that clients are given beside a server, in builds and in pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.sources.code import manifest_tokens
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T: Final = "Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E"
SERVER: Final = "services:\n  directus:\n    image: directus/directus:11.5.0\n"
POD: Final = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: web\n      env:\n"


def found(root: Path) -> list[str]:
    """Where tokens are found, `path:line`."""
    report = run(Options(root=root)).report
    assert not report.problems
    findings = (finding for finding in report.findings if finding.check == "public-token")
    return sorted(f"{finding.location.path}:{finding.location.line}" for finding in findings)


def compose(service: str) -> dict[str, str]:
    return {"compose.yaml": f"{SERVER}  web:\n    image: acme/web\n{service}"}


@each_case(
    "files",
    [
        compose(f"    environment:\n      DIRECTUS_TOKEN: {T}\n"),
        compose(f"    environment:\n      - NUXT_DIRECTUS_TOKEN={T}\n"),
        compose(f"    environment: [DIRECTUS_URL=http://directus:8055, 'DIRECTUS_STATIC_TOKEN={T}']\n"),
        compose(f"    environment:\n      DIRECTUS_TOKEN: ${{DIRECTUS_TOKEN:-{T}}}\n"),
        compose(f"    environment:\n      VITE_API_URL: http://directus:8055\n      VITE_API_TOKEN: {T}\n"),
        compose(f"    build:\n      args:\n        NEXT_PUBLIC_DIRECTUS_TOKEN: {T}\n"),
        compose(f"    build: {{args: [PUBLIC_DIRECTUS_TOKEN={T}]}}\n"),
        compose(f"    command: npx directus-sync pull --directus-token {T}\n"),
        {"k8s.yaml": f"{POD}        - name: DIRECTUS_TOKEN\n          value: {T}\n"},
        {"k8s.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: web}}\nstringData:\n  DIRECTUS_TOKEN: {T}\n"},
        {".github/workflows/a.yml": f"on: push\nenv:\n  DIRECTUS_TOKEN: {T}\njobs: {{}}\n"},
        {".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    steps:\n      - run: npm ci\n        env: {{DIRECTUS_ADMIN_TOKEN: {T}}}\n"},
        {".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    steps:\n      - run: docker build --build-arg VITE_DIRECTUS_TOKEN={T} .\n"},
        {".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    steps:\n      - with:\n          build-args: |\n            A=1\n            VITE_DIRECTUS_TOKEN={T}\n"},
        {".gitlab-ci.yml": f"variables:\n  DIRECTUS_TOKEN: {T}\n"},
        {"public/config.json": f'{{"cmsUrl": "https://cms.acme.com",\n"directusToken": "{T}"}}'},
        {"src/assets/env.prod.json": f'{{"directus": {{"url": "https://cms.acme.com", "token": "{T}"}}}}'},
        {"appsettings.json": f'{{"Directus": {{"Url": "https://cms.acme.com", "ApiKey": "{T}"}}}}'},
        {"config/app-config.json": f'{{"services": {{"directusCms": {{"static_token": "{T}"}}}}}}'},
        {"config/app.yaml": f"directus:\n  url: https://cms.acme.com\n  access_token: {T}\n"},
        {"config.toml": f'[directus]\nurl = "https://cms.acme.com"\ntoken = "{T}"\n'},
        {"netlify.toml": f'[build.environment]\nDIRECTUS_TOKEN = "{T}"\n'},
        {".cursor/mcp.json": f'{{"mcpServers": {{"directus": {{"env": {{"DIRECTUS_TOKEN": "{T}"}}}}}}}}'},
        {"web/Dockerfile": f"FROM node:22\nARG NEXT_PUBLIC_DIRECTUS_TOKEN={T}\n"},
        {"web/Dockerfile": f"FROM node:22\nENV DIRECTUS_TOKEN {T}\n"},
        {"sync.sh": f"export DIRECTUS_TOKEN='{T}'\nnpx directus-sync pull\n"},
        {"Makefile": f"DIRECTUS_TOKEN ?= {T}\npull:\n\tnpx directus-sync pull\n"},
        {"package.json": f'{{"scripts": {{"pull": "directus-sync pull --directus-token={T}"}}}}'},
    ],
)  # fmt: skip
def test_a_literal_token_of_a_client_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    ((path, text),) = files.items()
    line = next(number for number, line in enumerate(text.split("\n"), start=1) if T in line)
    assert found(write(tmp_path, files)) == [f"{path}:{line}"]


@each_case(
    "files",
    [
        compose("    environment:\n      DIRECTUS_TOKEN: ${DIRECTUS_TOKEN}\n"),
        compose("    environment:\n      DIRECTUS_TOKEN: ${DIRECTUS_TOKEN:-}\n"),
        compose("    environment:\n      DIRECTUS_TOKEN: your-directus-token\n"),
        compose("    environment:\n      DIRECTUS_TOKEN: <directus token>\n"),
        compose("    environment:\n      DIRECTUS_TOKEN_COOKIE: directus_session_token\n"),
        *(
            compose(f"    environment:\n      DIRECTUS_URL: http://directus:8055\n      {name}_TOKEN: {T}\n")
            for name in ("GITHUB", "COOLIFY", "DOKPLOY", "HEROKU", "VAULT", "POSTHOG")
        ),
        compose(f"    environment:\n      API_URL: http://api:3000\n      API_TOKEN: {T}\n"),
        {".github/workflows/a.yml": "on: push\nenv:\n  DIRECTUS_TOKEN: ${{ secrets.DIRECTUS_TOKEN }}\njobs: {}\n"},
        {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: DIRECTUS_TOKEN=$(cat token) npm ci\n"},
        {"web/Dockerfile": "FROM node:22\nARG DIRECTUS_TOKEN\nENV DIRECTUS_TOKEN=$DIRECTUS_TOKEN\n"},
        {"sync.sh": "export DIRECTUS_TOKEN=${1:?token}\nnpx directus-sync --directus-token $DIRECTUS_TOKEN\n"},
        {"sync.sh": f"# DIRECTUS_TOKEN={T}\n"},
        {"public/config.json": '{"directusToken": "", "directus": {"token": "your-directus-token-1"}}'},
        {"config.json": '{"directus": {"token": "${DIRECTUS_TOKEN_1234567}", "tokenKey": "directus_session_token_1"}}'},
        {"i18n/settings.json": '{"directusToken": "Token of Directus 11"}'},
        {"config.json": f'{{"directus": {{"url": "x"}}, "github": {{"token": "{T}"}}}}'},
        {"config/app.yaml": "directus:\n  token: {{ directus_token }}\n"},
    ],
)  # fmt: skip
def test_what_holds_no_token_is_quiet(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(write(tmp_path, files)) == []


PY: Final = 'import requests\nDIRECTUS_URL = "https://cms.x-y.de"\n'
BESIDE: Final = (
    ("s.py", f'{PY}TOKEN = "{T}"\nrequests.get(f"{{DIRECTUS_URL}}/items/a", headers={{"Authorization": f"Bearer {{TOKEN}}"}})\n'),
    ("s.py", f'{PY}API_TOKEN: str = "{T}"\n'),
    ("s.py", f'import os\nbase = os.environ["DIRECTUS_URL"]\nToken = "{T}"\n'),
    ("s.py", f'{PY}client = Cms(DIRECTUS_URL, token="{T}")\n'),
    ("s.py", f'{PY}requests.get(DIRECTUS_URL + "/items/a", params={{"access_token": "{T}"}})\n'),
    ("s.py", f'BASE = "https://directus.x-y.de"\nACCESS_TOKEN = "{T}"\n'),
    ("s.py", f'DIRECTUS = "https://cms.x-y.de"\nTOKEN = os.getenv("CMS_TOKEN", "{T}")\n'),
    ("s.php", f"<?php\n$directusUrl = 'https://cms.x-y.de';\n$token = '{T}';\n"),
    ("s.php", f"<?php\n$directusUrl = 'https://cms.x-y.de';\n$apiToken = '{T}';\n"),
    ("s.php", f"<?php\ndefine('DIRECTUS_HOST', 'https://cms.x-y.de');\ndefine('API_TOKEN', '{T}');\n"),
    ("s.php", f"<?php return [\n'directus_url' => env('CMS'),\n'token' => '{T}'];\n"),
    ("s.rb", f'DIRECTUS_URL = ENV["DIRECTUS_URL"]\nTOKEN = "{T}"\n'),
    ("main.go", f'const directusBaseURL = "https://cms.x-y.de"\nconst apiToken = "{T}"\n'),
)  # fmt: skip
OTHERS: Final = (
    ("s.py", f'API_URL = "https://api.x-y.de"\nTOKEN = "{T}"\n'),
    ("s.py", f'{PY}GITHUB_TOKEN = "{T}"\n'),
    ("s.py", f'{PY}TOKEN = "ghp_{T}"\n'),
    ("s.py", f'{PY}TOKEN = "7312345678:AA{T}"\n'),
    ("s.py", f'{PY}TOKEN = os.environ["TOKEN"]\n'),
    ("s.py", f'{PY}TOKEN = "your-directus-token-1"\n'),
    ("s.py", f'{PY}# TOKEN = "{T}"\n'),
    ("s.py", f'{PY}DIRECTUS_TOKEN = os.environ["DIRECTUS_TOKEN"]\nIMPORT_TOKEN = "{T}"\n'),
    ("s.py", f'# see https://docs.directus.io/reference and https://directus.io\nTOKEN = "{T}"\n'),
    ("s.php", f"<?php\n$directusUrl = 'https://cms.x-y.de';\n$csrfToken = '{T}';\n"),
)  # fmt: skip


@each_case(("path", "text"), BESIDE)
def test_a_token_beside_the_address_of_directus_in_code(tmp_path: Path, path: str, text: str) -> None:
    line = next(number for number, line in enumerate(text.split("\n"), start=1) if T in line)
    assert found(write(tmp_path, {path: text})) == [f"{path}:{line}"]


@each_case(("path", "text"), OTHERS)
def test_a_token_in_code_that_may_be_anybodys(tmp_path: Path, path: str, text: str) -> None:
    assert found(write(tmp_path, {path: text})) == []


def test_one_token_in_many_places_is_one_finding(tmp_path: Path) -> None:
    service = f"    environment:\n      DIRECTUS_TOKEN: {T}\n"
    files = {**compose(f"{service}  worker:\n    image: w\n{service}"), "a.sh": f"DIRECTUS_TOKEN={T} npm start\n"}
    assert len(found(write(tmp_path, files))) == 1


def test_what_the_server_itself_is_given_is_no_token_of_a_client(tmp_path: Path) -> None:
    server = f"{SERVER}    environment:\n      PUBLIC_URL: https://directus.example.com\n      ADMIN_TOKEN: {T}\n"
    report = run(Options(root=write(tmp_path, {"compose.yaml": server}))).report
    checks = [finding.check for finding in report.findings if finding.check in ("public-token", "secret-committed")]
    assert checks == ["secret-committed"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece", ["DIRECTUS_", "A DIRECTUS_TOKEN ", "DIRECTUS_TOKEN=\t", "--directus-", "_" * 60, "DIRECTUS_TOKEN=a;\n"]
)
def test_the_cost_is_linear(tmp_path: Path, piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        root = write(tmp_path / str(size), {"a.sh": f"# directus TOKEN\n{piece * (size // len(piece))}"})
        return lambda: manifest_tokens.read(Repository(root))

    assert grows_linearly(work, 20_000)
