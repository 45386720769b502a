"""A secret that stands in a file git does not track is not committed, however Compose hands it on; and the reverse."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = "kT9wQx3rLm8vBz2nYc7pHs4dFg6jWa1e"
COMPOSE: Final = """\
services:
  directus:
    image: directus/directus:12.4.1
    {0}
    environment:
      PUBLIC_URL: https://cms.example.com
      {1}
"""


def committed(folder: Path, files: dict[str, str], untracked: tuple[str, ...]) -> set[str]:
    """The places of secrets that the audit calls committed."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    git = ("git", "-C", str(folder), "-c", "user.name=Test", "-c", "user.email=test@example.com")
    tracked = [name for name in files if name not in untracked]
    for command in (("init", "--quiet"), ("add", *tracked), ("commit", "--quiet", "--message", "start")):
        subprocess.run([*git, *command], check=True)
    findings = audit(Options(root=folder)).findings
    return {f"{one.location.path}:{one.location.line}" for one in findings if one.check == "secret-committed"}


@pytest.mark.parametrize(
    "line",
    ["SECRET: ${TOP}", "SECRET: $TOP", "SECRET: ${TOP:?given}", "SECRET: ${TOP:-change}", "SECRET: '${TOP-x}'",
     "DB_CONNECTION_STRING: postgres://directus:${TOP}@db/directus"],
)  # fmt: skip
@pytest.mark.parametrize("tracked", [False, True])
def test_what_compose_takes_from_the_environment_file(tmp_path: Path, line: str, tracked: bool) -> None:
    files = {"compose.yaml": COMPOSE.format("", line), ".env": f"TOP={SECRET}\n"}
    found = committed(tmp_path, files, () if tracked else (".env",))
    assert bool(found) is tracked


@pytest.mark.parametrize("tracked", [False, True])
def test_what_an_env_file_takes_from_the_environment_file(tmp_path: Path, tracked: bool) -> None:
    files = {
        "compose.yaml": COMPOSE.format("env_file: prod.env", "HOST: 0.0.0.0"),
        "prod.env": 'SECRET="${TOP}"\nHOST=0.0.0.0\n',
        ".env": f"TOP={SECRET}\n",
    }
    found = committed(tmp_path, files, () if tracked else (".env",))
    assert bool(found) is tracked


def test_a_literal_secret_beside_something_from_outside(tmp_path: Path) -> None:
    line = f"DB_CONNECTION_STRING: postgres://directus:{SECRET}@${{HOST}}/directus"
    assert committed(tmp_path, {"compose.yaml": COMPOSE.format("", line), ".env": "HOST=db\n"}, (".env",)) == {
        "compose.yaml:7"
    }


def test_a_secret_of_the_same_env_file_beside_something_from_outside(tmp_path: Path) -> None:
    files = {
        "compose.yaml": COMPOSE.format("env_file: prod.env", "HOST: 0.0.0.0"),
        "prod.env": f'PW={SECRET}\nDB_CONNECTION_STRING="postgres://directus:${{PW}}@${{DB_AT}}/directus"\n',
        ".env": "DB_AT=db\n",
    }
    # The password is read above in the tracked file; who gave the host does not matter.
    assert committed(tmp_path, files, (".env",)) == {"prod.env:2"}
