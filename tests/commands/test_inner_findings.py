"""A finding in a file that is written inside of another is one of the file that people see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.cli import guard, write

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = "548f497daafaca6187e930e80b76c645"
SCRIPT: Final = """#!/bin/sh
cat > docker-compose.yml <<EOF
services:
  directus:
    image: directus/directus:12.4.1
    environment:
      {0}
      SECRET: {1}
      PUBLIC_URL: https://cms.example.com
EOF
"""
TEMPLATE: Final = (
    "#!/bin/sh\ndocker run -d -e SECRET=${secret} -e PUBLIC_URL=https://cms.example.com directus/directus:12.4.1\n"
)
MODULE: Final = 'resource "a" "b" {{\n  user_data = templatefile("init.sh.tftpl", {{ secret = "{0}" }}){1}\n}}\n'


def scanned(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(guard("scan", root, "--output", "json").out)
    return found


@pytest.mark.parametrize(
    ("files", "path", "line"),
    [
        ({"up.sh": SCRIPT.format("A: b", SECRET)}, "up.sh", 8),
        ({"main.tf": MODULE.format(SECRET, ""), "init.sh.tftpl": TEMPLATE}, "main.tf", 2),
    ],
)
def test_it_is_shown_there_and_never_printed(tmp_path: Path, files: dict[str, str], path: str, line: int) -> None:
    root = write(tmp_path, files)
    (found,) = [one for one in scanned(root)["findings"] if one["check"] == "secret-committed"]
    assert (found["location"]["path"], found["location"]["line"]) == (path, line)
    for form in ("text", "markdown", "sarif"):
        answer = guard("scan", root, "--output", form)
        assert path in answer.out
        assert SECRET not in answer.out + answer.err


@pytest.mark.parametrize(
    "files",
    [
        {"up.sh": SCRIPT.format("# directus-guard: ignore[secret-committed] a trial", SECRET)},
        {"main.tf": MODULE.format(SECRET, " # directus-guard: ignore[secret-committed] a trial"), "init.sh.tftpl": TEMPLATE},
    ],
)  # fmt: skip
def test_a_comment_there_accepts_it(tmp_path: Path, files: dict[str, str]) -> None:
    answer = guard("scan", write(tmp_path, files), "--output", "json")
    data = json.loads(answer.out)
    assert answer.code == 0
    assert [one["state"] for one in data["findings"] if one["check"] == "secret-committed"] == ["suppressed"]
    assert not any("ignore" in notice for notice in data.get("notices", ()))
