"""The examples on the pages of the checks of permissions: the first fails, the second passes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from directus_guard.audit.options import Options
from directus_guard.audit.promises import promises_of
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.config import load
from directus_guard.directus.access.records import Edition
from directus_guard.directus.versions import Version
from directus_guard.escalation import steps
from tests.support.each import each_case, failing
from tests.support.rows import ACCESS, POLICIES, ROLES, permission, write
from tests.support.texts import faults_of_reason

if TYPE_CHECKING:
    from pathlib import Path

CHECKS: Final = {name: check for name, check in catalogue().items() if check.chapter == "access"}
CONFIG: Final = re.compile(r"^```yaml\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
EXAMPLE: Final = re.compile(r"^(Fails|Passes):\n\n```json\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
USER: Any = {
    "first_name": None, "last_name": None, "email": "a@example.com", "status": "active", "provider": "default",
    "token": None, "tfa_secret": "**********", "last_access": None,
}  # fmt: skip
SETTINGS: Any = {"id": 1, "project_name": "x"}
SNAPSHOT: Any = {
    "version": 1, "directus": "12.4.1", "vendor": "postgres", "relations": [],
    "collections": [{"collection": "news", "meta": {"collection": "news"}, "schema": {"name": "news"}}],
    "fields": [
        {"collection": "news", "field": name, "type": "string", "meta": {"special": None},
         "schema": {"name": name, "is_primary_key": name == "id", "is_nullable": name != "id"}}
        for name in ("id", "title")
    ],
}  # fmt: skip


def examples(check: str) -> dict[str, list[Any]]:
    return {
        word: [json.loads(line) for line in lines.splitlines()] for word, lines in EXAMPLE.findall(CHECKS[check].page())
    }


def export(folder: Path, rows: list[Any]) -> None:
    """An export with these rows, each in the table that it belongs to."""
    tables: dict[str, list[Any]] = {"policies": POLICIES, "roles": ROLES, "access": ACCESS}
    permissions: list[Any] = []
    for row in rows:
        if "action" in row:
            permissions.append(permission(**{"fields": None, "id": len(permissions)} | row))
        elif "admin_access" in row:
            tables["policies"] = with_row(POLICIES, row)
        elif "parent" in row:
            tables["roles"] = with_row(ROLES, row)
        elif "sort" in row:
            tables["access"] = with_row(ACCESS, row)
        elif "status" in row:
            tables["users"] = [USER | row]
        else:
            tables["settings"] = [SETTINGS | row]
    write(folder, permissions or [permission("editor", "posts", "read")], **tables)


def with_row(table: list[Any], row: Any) -> list[Any]:
    known = {one["id"]: one for one in table}
    return list((known | {row["id"]: known.get(row["id"], {}) | row}).values())


def fails(check: str, folder: Path, rows: list[Any]) -> bool:
    export(folder, rows)
    if check == "stale-permission":
        (folder / "snapshot.json").write_text(json.dumps(SNAPSHOT), encoding="utf-8")
    edition = Edition.CORE if check == "core-tier-ineffective" else Edition.LICENSED
    config = load("directus-guard.yaml", "\n".join(CONFIG.findall(CHECKS[check].page())))
    promises = tuple(promises_of(config, "directus-guard.yaml"))
    report = audit(Options(root=folder, directus_version=Version(12, 4, 1), edition=edition, promises=promises))
    return any(finding.check == check for finding in report.findings)


@each_case("check", sorted(CHECKS))
def test_examples_of_pages(check: str, tmp_path: Path) -> None:
    found = examples(check)
    assert list(found) == ["Fails", "Passes"]
    assert fails(check, tmp_path, found["Fails"])
    assert not fails(check, tmp_path, found["Passes"])


def test_pages_are_plain() -> None:
    """Short sentences, known words, the checklist in words with its link."""
    assert failing(sorted(CHECKS), is_plain) == []


def is_plain(check: str) -> None:
    page = CHECKS[check].page()
    assert not faults_of_reason(page.partition("\n\n")[2])
    cited = {int(number) for number in re.findall(r"\(bullet (\d+)\)", page)}
    assert cited == set(CHECKS[check].checklist)
    assert ("(https://directus.io/docs/guides/security/best-practices)" in page) is bool(cited)


def test_the_page_has_the_id_of_every_step() -> None:
    page = CHECKS["escalation-path"].page()
    assert [kind.id for kind in steps() if not kind.reason and f"`{kind.id}`" not in page] == []
