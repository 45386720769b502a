"""A printed patch: what hides a secret is left out where the patch can do without it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from directus_guard.audit.mending import mend
from directus_guard.audit.options import Options
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      {before}
      {near}
      MARKETPLACE_TRUST: all
      {after}
      LOG_LEVEL: info
"""
HIDDEN = "X_TOKEN: kT7vWq2zLp9xBc4dRe8s5f0c"
SHOWN = "LOG_STYLE: pretty"


@each_case(
    ("before", "near", "after", "applies"),
    [
        (SHOWN, "CACHE_ENABLED: true", "CORS_ENABLED: false", True),
        (HIDDEN, "CACHE_ENABLED: true", "CORS_ENABLED: false", True),
        (SHOWN, "CACHE_ENABLED: true", HIDDEN, False),
        (SHOWN, HIDDEN, "CORS_ENABLED: false", False),
    ],
)
def test_a_patch_applies_where_it_needs_no_line_that_hides_something(
    tmp_path: Path, before: str, near: str, after: str, applies: bool
) -> None:
    text = COMPOSE.replace("{before}", before).replace("{near}", near).replace("{after}", after)
    write(tmp_path, {"compose.yaml": text})
    (patch,) = mend(Options(root=tmp_path), ("marketplace-trust",), unsafe=True).patches()
    assert (patch.masked == 0) is applies
    assert "kT7vWq2z" not in patch.text
    done = subprocess.run(
        ["git", "apply", "-"], input=patch.text, text=True, cwd=tmp_path, check=False, capture_output=True
    )
    assert (done.returncode == 0) is applies
    assert ("MARKETPLACE_TRUST: sandbox" in (tmp_path / "compose.yaml").read_text()) is applies
