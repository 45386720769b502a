"""The projects and the export under examples/, a hostile project, and small changes of the export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from directus_guard.report.writers import Format
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES: Final = ROOT / "examples"
EXPORT: Final = EXAMPLES / "access"
PERMISSIONS: Final = "directus/default/data/directus-permissions_0b260eeb2c129ffe.json"
ESCALATION: Final = ROOT / "tests" / "checks" / "escalation-path" / "fail-3"
"""An example of a check: an editor reaches administrator."""
ENDINGS: Final = {
    Format.TEXT: "txt",
    Format.JSON: "json",
    Format.SARIF: "sarif",
    Format.MARKDOWN: "md",
    Format.JUNIT: "junit.xml",
    Format.GITLAB_CODEQUALITY: "codequality.json",
    Format.GITLAB_SAST: "sast.json",
    Format.GITHUB: "annotations.txt",
    Format.CSV: "csv",
    Format.HTML: "html",
}
"""How the files of each format end."""
HOSTILE: Final = {
    "compose.yaml": """services:
  directus:
    image: "directus/directus:latest"
    environment:
      PUBLIC_URL: https://cms.example.com
      MARKETPLACE_TRUST: "all\\n::error::owned ##[error]owned <img src=x onerror=alert(1)> | `code` @someone \\x1b[31m\\u202e"
      CORS_ENABLED: "true"
      CORS_ORIGIN: "*"  # directus-guard: ignore[cors-wildcard] public data only
      LOG_LEVEL: debug # directus-guard: ignore[marketplace-trust] nothing here
""",
    "broken.yaml": "services:\n  directus: [\n",
    "legacy.env": "DB_CLIENT=pg\nSECRET=change-me\nKEY=x\nACCESS_TOKEN_TTL=30d\n",
}


def change(root: Path, row: int, **values: Any) -> None:
    """Change one permission row, as an export would write it."""
    path = root / PERMISSIONS
    data = json.loads(path.read_text(encoding="utf-8"))
    (record,) = [record for record in data["records"] if record["id"] == row]
    record.update(values)
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


ROLE = {"fields": ["first_name", "last_name", "avatar", "language", "role"]}
"""The acceptance case: an editor may update directus_users.role (of the own user)."""
