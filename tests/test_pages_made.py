"""Pages and pictures that are made from data: what they show is what the model and the programs say."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.checks import catalogue
from scripts.checklist import CHAPTERS, OFFICIAL, checklist_page, section_of
from scripts.compare import MISTAKES, RECORD, guard_rules, project
from scripts.pictures import MARKS, PADDING, PICTURES, WIDTH
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.pictures import Box

SVG: Final = "{http://www.w3.org/2000/svg}"
WIDEST: Final = {"": 8.4, "title": 9.2, "small": 7.2, "code": 8.3}
"""Pixels of a character, on average, in the widest usual fonts."""


def key(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def policy(number: int, name: str, *, admin: bool = False) -> dict[str, Any]:
    return {
        "id": key(number),
        "name": name,
        "admin_access": admin,
        "app_access": True,
        "enforce_tfa": True,
        "ip_access": None,
    }


def permission(
    number: int, policy: int, collection: str, action: str, fields: list[str], rule: Any = None
) -> dict[str, Any]:
    shared = {"permissions": rule, "validation": None, "presets": None}
    return {"id": number, "policy": key(policy), "collection": collection, "action": action, "fields": fields, **shared}


def export(folder: Path, **tables: list[dict[str, Any]]) -> None:
    rows = {"flows": [], "operations": [], "settings": [], **tables}
    write(folder, {f"directus-export/{name}.json": json.dumps({"data": table}) for name, table in rows.items()})


def attached(number: int, role: int, policy: int) -> dict[str, Any]:
    return {"id": key(number), "role": key(role), "user": None, "policy": key(policy), "sort": None}


@each_case("name", PICTURES)
def test_a_picture_has_words_and_loads_nothing(name: str) -> None:
    picture = PICTURES[name]()
    root = ET.fromstring(picture.svg())
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == picture.title
    assert len((root.findtext(f"{SVG}desc") or "").split()) > 30
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)|url\((?!#)|<image|<script", picture.svg())
    assert "prefers-color-scheme: dark" in picture.svg()
    assert f"pictures/{name}.svg" in (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")


@each_case("name", PICTURES)
def test_the_words_of_a_picture_fit_into_their_boxes(name: str) -> None:
    picture = PICTURES[name]()
    assert [line for box in picture.boxes for line in box.lines if width(line) > box.width - 2 * PADDING] == []
    assert all(box.x > 0 and box.x + box.width < WIDTH and box.bottom < picture.height for box in picture.boxes)
    assert [pair for pair in zip(picture.boxes, picture.boxes[1:], strict=False) if overlap(*pair)] == []


def width(line: str) -> float:
    mark = next((mark for mark in MARKS if line.startswith(mark)), "")
    return len(line.removeprefix(mark)) * WIDEST[MARKS.get(mark, "")]


def overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x
    return not beside and one.bottom >= other.y


def test_the_picture_of_the_environment_is_true(tmp_path: Path) -> None:
    compose = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      RATE_LIMITER_ENABLED: {}\n"
    for value, reported in (('"True"', True), ('"true"', False)):
        write(tmp_path, {"compose.yaml": compose.format(value)})
        findings = json.loads(guard("scan", tmp_path, "--output=json").out)["findings"]
        assert any(finding["check"] == "rate-limiter" for finding in findings) is reported


def test_the_picture_of_access_is_true(tmp_path: Path) -> None:
    export(
        tmp_path,
        roles=[{"id": key(1), "name": "Author", "parent": key(2)}, {"id": key(2), "name": "Staff", "parent": None}],
        policies=[policy(11, "Author"), policy(12, "Staff")],
        access=[attached(21, 1, 11), attached(22, 2, 12)],
        permissions=[
            permission(1, 11, "posts", "update", ["title", "body"], {"author": {"_eq": "$CURRENT_USER"}}),
            permission(2, 12, "posts", "update", ["status"], {"status": {"_eq": "review"}}),
        ],
    )
    asked = {
        (field, item): guard("can", "Author", "update", f"posts.{field}", "--path", tmp_path, "--item", item).code
        for field in ("title", "status")
        for item in ('{"author": "$CURRENT_USER", "status": "draft"}', '{"author": null, "status": "review"}')
    }
    assert list(asked.values()) == [0, 1, 1, 0]


def test_the_picture_of_a_way_to_administrator_is_true(tmp_path: Path) -> None:
    export(
        tmp_path,
        roles=[
            {"id": key(1), "name": "Editor", "parent": None},
            {"id": key(2), "name": "Administrator", "parent": None},
        ],
        policies=[policy(11, "Editor"), policy(12, "Administrator", admin=True)],
        access=[attached(21, 1, 11), attached(22, 2, 12)],
        permissions=[permission(1, 11, "directus_permissions", "create", ["*"])],
    )
    text = guard("scan", tmp_path, "--directus-version=11.17.4").out
    way = text.partition("critical[escalation-path]")[2].partition("\n\n")[0]
    assert re.findall(r"= +((?:POST|PATCH) \S+)", way) == ["POST /permissions", "PATCH /users/me"]
    assert '"collection": "directus_users", "fields": ["*"]' in way
    assert "Fix: Delete the permission of policy `Editor` to create `directus_permissions`." in way


def test_the_checklist_has_every_bullet_in_the_order_of_its_checks() -> None:
    count = sum(len(chapter.bullets) for chapter in CHAPTERS)
    assert {number for check in catalogue().values() for number in check.checklist} == {*range(1, count + 1)}
    rows = re.findall(r"^\| (\d+) \|", checklist_page(), re.MULTILINE)
    assert [*map(int, rows)] == [*range(1, count + 1)]
    assert section_of(1) == "flows"
    assert section_of(count) == "asset-requests"
    with pytest.raises(ValueError, match="36"):
        section_of(count + 1)


def test_the_checklist_names_every_step_to_administrator() -> None:
    from directus_guard.escalation import steps

    named = {step for chapter in CHAPTERS for bullet in chapter.bullets for step in bullet.steps}
    assert {kind.id for kind in steps()} == named


def test_every_section_of_the_checklist_leads_to_the_official_page() -> None:
    assert checklist_page().count(f"[This section on the page of Directus]({OFFICIAL}#") == len(CHAPTERS) - 1


def test_the_comparison_shows_what_is_found_today(tmp_path: Path) -> None:
    """The column of directus-guard; the others are those of the last `make compare`."""
    project(tmp_path / "project")
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    ours = guard_rules(tmp_path / "project")
    assert ours == {says: rules for says, rules in recorded["directus-guard"].items() if says != "others"}
    assert sum(bool(rules) for rules in ours.values()) < len(MISTAKES)
