"""Tokens in requests that settings describe: clients for MCP, files of HTTP clients, commands that a tool may run."""

from __future__ import annotations

import json
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
OWN: Final = "https://cms.acme.io/mcp"
SERVER: Final = {
    "compose.yaml": "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      PUBLIC_URL: https://cms.acme.io\n"
}


def places(root: Path) -> list[str]:
    """Where tokens are found, `path:line`."""
    report = run(Options(root=root)).report
    assert not report.problems
    return sorted(
        f"{finding.location.path}:{finding.location.line}"
        for finding in (*report.findings, *report.nonproduction)
        if finding.check == "public-token"
    )


def mcp(name: str, **server: object) -> dict[str, str]:
    return {".mcp.json": json.dumps({"mcpServers": {name: server}}, indent=1)}


def headers(value: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": value}}


FOUND: Final = (
    mcp("directus", type="http", url=OWN, **headers(f"Bearer {T}")),
    mcp("cms", type="http", url="https://directus.acme.com/mcp", **headers(f"bearer {T}")),
    mcp("cms", url="http://cms:8055/mcp", headers={"authorization": f"Bearer {T}"}),
    mcp("cms", url=OWN, **headers(f"Bearer {T}")) | SERVER,
    mcp("my-directus", url=f"{OWN}?access_token={T}"),
    mcp("directus", command="npx", args=["mcp-remote", OWN, "--header", f"Authorization: Bearer {T}"]),
    mcp("directus", command="npx", args=["mcp-remote", OWN, f"--header=Authorization:Bearer {T}"]),
    mcp("directus", url=OWN, headers=[{"name": "Authorization", "value": f"Bearer {T}"}]),
    {"config.toml": f'[mcp_servers.directus]\nurl = "{OWN}"\nhttp_headers = {{ Authorization = "Bearer {T}" }}\n'},
    {"graphql.config.yml": f"schema:\n  - https://directus.acme.com/graphql:\n      headers:\n        Authorization: Bearer {T}\n"},
    {".graphqlrc.yaml": f"schema:\n  http://localhost:8055/graphql: {{headers: {{authorization: Bearer {T}}}}}\n"},
    {"a.http": f'POST https://directus.acme.com/auth/login\nContent-Type: application/json\n\n{{"email": "a@b.c", "password": "{T}"}}\n'},
    {
        "directus.postman_collection.json": json.dumps(
            {
                "request": {
                    "url": {"raw": "https://directus.acme.com/auth/login"},
                    "body": {"mode": "raw", "raw": f'{{"email": "a@b.c", "password": "{T}"}}'},
                }
            }
        )
    },
    {"monitors.yaml": f"- name: directus\n  url: https://directus.acme.com/items/a\n  headers:\n    Authorization: Bearer {T}\n"},
    {".claude/settings.json": json.dumps({"allow": [f"Bash(curl -H 'Authorization: Bearer {T}' https://directus.acme.com/items/a)"]})},
    {"a.http": f"GET https://directus.acme.com/items/a\nAuthorization: Bearer {T}\n"},
    {"a.rest": f"# Directus\r\nGET https://directus.acme.com/items/a?access_token={T}\r\n"},
    {"a.http": f"@host = https://directus.acme.com\n@key={T}\n\n### one\nGET {{{{host}}}}/items/a\nAuthorization: Bearer {{{{key}}}}\n"},
    {"a.http": f"### Directus\nGET {{{{host}}}}/x\n\n###\nhttps://cms.acme.io/items/a\nAuthorization: Bearer {T}\n"} | SERVER,
    {
        "directus.postman_collection.json": json.dumps(
            {
                "request": {
                    "url": {"raw": "https://directus.acme.com/items/a"},
                    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": T}]},
                }
            }
        )
    },
)  # fmt: skip
QUIET: Final = (
    mcp("directus", url=OWN, **headers("Bearer ${DIRECTUS_TOKEN}")),
    mcp("directus", url=OWN, **headers("Bearer ${input:directus-token-of-mine-1}")),
    mcp("directus", url=OWN, **headers("Bearer <your-directus-token-1>")),
    mcp("directus", url=OWN, **headers("Bearer your-directus-token-1")),
    {"a.http": 'POST https://directus.acme.com/auth/login\n\n{"email": "a@b.c", "password": "{{password}}"}\n'},
    {"a.http": f'POST https://directus.acme.com/users\n\n{{"email": "a@b.c", "password": "{T}"}}\n'},
    {"graphql.config.yml": f"schema:\n  - https://api.acme.com/graphql:\n      headers:\n        Authorization: Bearer {T}\n# directus\n"},
    mcp("directus", url=OWN, **headers("Basic dXNlcjpwYXNzd29yZDEyMw==")),
    {".mcp.json": json.dumps({"mcpServers": {"directus": {"url": OWN}, "other": {"url": "https://mcp.acme.io", **headers(f"Bearer {T}")}}})},
    mcp("other", url="https://mcp.acme.io/directus-docs", **headers(f"Bearer {T}")),
    {"a.http": f"# Directus\nGET https://api.acme.io/items/a\nAuthorization: Bearer {T}\n"},
    {"a.http": "GET https://directus.acme.com/items/a\nAuthorization: Bearer {{token}}\n"},
    {"a.http": "@token = {{$dotenv TOKEN}}\nGET https://directus.acme.com/items/a\nAuthorization: Bearer {{token}}\n"},
    {".claude/settings.json": json.dumps({"allow": [f"Bash(curl -H 'Authorization: Bearer {T}' https://api.acme.com/directus)"]})},
)  # fmt: skip


@each_case("files", FOUND)
def test_a_token_of_directus(tmp_path: Path, files: dict[str, str]) -> None:
    held = [
        f"{path}:{number}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if T in line
    ]
    assert places(write(tmp_path, files)) == held


@each_case("files", QUIET)
def test_no_token_of_directus(tmp_path: Path, files: dict[str, str]) -> None:
    assert places(write(tmp_path, files)) == []


def test_the_way_out_is_told(tmp_path: Path) -> None:
    report = run(Options(root=write(tmp_path, FOUND[0]))).report
    (finding,) = (one for one in report.findings if one.check == "public-token")
    assert finding.fix is not None
    assert "from an environment variable, such as `DIRECTUS_TOKEN`" in finding.fix.description
    assert T not in repr(report)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece",
    [
        "GET https://directus.x.de/a\n",
        "Authorization: Bearer abcdefgh1\n",
        "{{",
        "###\n",
        "@a = b\n",
        "https://a?",
        "{{a}} ",
    ],
)
def test_the_cost_is_linear(tmp_path: Path, piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        root = write(tmp_path / str(size), {"a.http": f"# directus bearer \n{piece * (size // len(piece))}"})
        return lambda: manifest_tokens.read(Repository(root))

    assert grows_linearly(work, 20_000)
