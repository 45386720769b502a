"""No literal of a rule, a validation or a preset reaches any output; what cannot be secret does."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.directus.masks import Mask
from directus_guard.report.writers import ACCESS_WRITERS, ANSWER_WRITERS, DIFF_WRITERS, REPORT_WRITERS, Format
from tests.support.cli import action, guard_once, write
from tests.support.planted import Planter, pieces_in, pieces_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

OPERATORS: Final = (
    "_eq", "_neq", "_contains", "_ncontains", "_icontains", "_starts_with", "_nstarts_with", "_istarts_with", "_ends_with", "_nends_with",
    "_iends_with", "_regex", "_gt", "_gte", "_lt", "_lte", "_between", "_nbetween", "_in", "_nin", "_null", "_empty", "_intersects",
    "_submitted", "_json", "_unknown_one",
)  # fmt: skip
LISTS: Final = frozenset({"_in", "_nin", "_between", "_nbetween"})
ADMIN: Final = "11111111-1111-4111-8111-111111111111"
EDITOR: Final = "22222222-2222-4222-8222-222222222222"
VISITOR: Final = "33333333-3333-4333-8333-333333333333"


def rules(plant: Callable[[], str]) -> Iterator[object]:
    """Rules with a literal in every position, also where Directus expects none."""
    for operator in OPERATORS:
        yield {"token": {operator: [plant(), plant()] if operator in LISTS else plant()}}
        yield {"author": {"email": {operator: plant()}}}
    yield {
        "_and": [
            {"token": {"_eq": plant()}},
            {"_or": [{"status": {"_eq": plant()}}, {"email": {"_eq": f"{plant()}@example.com"}}]},
        ]
    }
    yield {"tags": {"_some": {"name": {"_eq": plant()}}}}
    yield {"tags": {"_none": {"_and": [{"name": {"_in": [plant(), plant()]}}]}}}
    yield {"role": {"_eq": {"id": plant()}}}
    yield {"role": {"_in": [{"id": plant()}, [plant()]]}}
    yield {"data": {"_json": {"a.b": {"_eq": plant()}}}}
    yield {"token": plant()}
    yield {"token": [plant()]}
    yield {"_and": plant()}
    yield {"_and": [plant()]}
    yield {"token": {"_eq": f"$CURRENT_{plant()}"}}
    yield {"token": {"_eq": f"$NOW({plant()})"}}
    yield {"token": {"_in": f"{plant()},{plant()}"}}
    yield {"role": {"_eq": plant()}}
    yield {"policies": {"policy": {"_eq": plant()}}}
    yield [{"token": {"_eq": plant()}}]
    yield plant()


ACTIONS: Final = ("create", "read", "update", "delete", "share")
SYSTEM: Final = (
    "directus_users",
    "directus_files",
    "directus_roles",
    "directus_policies",
    "directus_access",
    "directus_settings",
)


def permissions(plant: Callable[[], str], holder: str) -> list[object]:
    """A row for every rule, on a collection of its own, and some on system collections; with validations and presets."""
    count = sum(1 for _ in rules(lambda: ""))
    places = [(f"articles{index}", ACTIONS[index % 5], index) for index in range(count)]
    places += [
        (name, action_, len(name) * 3 + len(action_)) for name in SYSTEM for action_ in ("create", "read", "update")
    ]
    rows: list[object] = []
    for number, (collection, action_, index) in enumerate(places):
        validation = next(itertools.islice(rules(plant), (index * 7) % count, None))
        rows.append(
            {
                "id": number + 1, holder: EDITOR if number % 2 else VISITOR, "collection": collection, "action": action_,
                "fields": ["*"] if number % 3 else ["title", "role", "status", "token"],
                "permissions": next(itertools.islice(rules(plant), index % count, None)), "validation": validation,
                "presets": {"token": plant(), "role": plant(), "meta": {"a": plant(), "b": [plant()]}, "list": [plant(), {"x": plant()}]},
            }
        )  # fmt: skip
    return rows


def export(root: Path, plant: Callable[[], str], *, policies: bool = True) -> Path:
    """An export of Directus 11 and later, or of 10."""
    held = [
        {
            "id": ADMIN,
            "name": "Administrator",
            "admin_access": True,
            "app_access": True,
            "ip_access": [plant(), "10.0.0.0/8"],
        },
        {
            "id": EDITOR,
            "name": "Editor",
            "admin_access": False,
            "app_access": True,
            "ip_access": ["0.0.0.0/0", plant()],
        },
        {"id": VISITOR, "name": "Public", "admin_access": False, "app_access": False},
    ]
    files: dict[str, str | bytes] = {
        "permissions.json": json.dumps(permissions(plant, "policy" if policies else "role"))
    }
    if policies:
        files |= {
            "policies.json": json.dumps(held),
            "roles.json": json.dumps([{"id": row["id"], "name": row["name"], "description": plant()} for row in held]),
            "access.json": json.dumps(
                [
                    {"id": str(index), "policy": row["id"], "role": row["id"] if index < 2 else None, "user": None}
                    for index, row in enumerate(held)
                ]
            ),
        }
    else:
        files["roles.json"] = json.dumps(held)
    return write(root, files)


@pytest.mark.thorough
@pytest.mark.parametrize(("seed", "policies"), [(0, True), (1, False)])
def test_no_piece_of_a_literal_in_any_output(tmp_path: Path, seed: int, *, policies: bool) -> None:
    plant = Planter(seed)
    head, base = export(tmp_path / "head", plant, policies=policies), tmp_path / "base"
    export(base, plant, policies=policies)
    version = ("--directus-version", "12.4.1" if policies else "10.13.0", "--edition", "licensed")
    outputs: dict[str, str] = {}
    more = ("--verbose", "--debug", "--include-nonproduction")
    runs: tuple[tuple[tuple[str | Path, ...], Iterable[Format]], ...] = (
        (("scan", head, *more), REPORT_WRITERS), (("diff", base, head), DIFF_WRITERS), (("access", head), ACCESS_WRITERS),
    )  # fmt: skip
    for command, formats in runs:
        run, reports = guard_once(*command, *version, formats=formats, folder=tmp_path)
        outputs |= {f"{command[0]} {format_}": text for format_, text in reports.items()}
        outputs[f"{command[0]} stderr"] = run.err
    for number in range(sum(1 for _ in rules(lambda: ""))):
        asked = ("who-can", ACTIONS[number % 5], f"articles{number}", "--path", head, *version)
        _, answers = guard_once(*asked, formats=ANSWER_WRITERS, folder=tmp_path)
        outputs |= {f"who-can {number} {format_}": text for format_, text in answers.items()}
    run = action(
        {
            "GITHUB_WORKSPACE": str(head),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "INPUT_SARIF-FILE": "action.sarif",
        }
    )
    outputs["action"] = run.out + run.err
    outputs["summary"] = (tmp_path / "summary").read_text(encoding="utf-8")
    outputs["action.sarif"] = (head / "action.sarif").read_text(encoding="utf-8")
    # Fingerprints hold runs of digits, too.
    assert pieces_in(outputs, [piece for piece in pieces_of(plant.planted) if not piece.isdigit()]) == {}
    assert len(plant.planted) > 500
    # The rules were met, not passed over.
    assert outputs["access json"].count("********") > 50
    assert outputs["diff json"].count("******** (") > 20
    assert '"escalation-path"' in outputs["scan json"]
    assert "items where" in outputs["scan json"]


@pytest.mark.parametrize(
    "rule",
    [
        {"status": {"_eq": "published"}}, {"status": {"_in": ["published", "in-review"]}}, {"order_status": {"_eq": "shipped"}},
        {"user_created": {"_eq": "$CURRENT_USER"}}, {"team": {"_eq": "$CURRENT_USER.team.id"}}, {"date": {"_lt": "$NOW(-7 days)"}},
        {"role": {"_in": "$CURRENT_ROLES"}}, {"price": {"_lt": 12.5}}, {"public": {"_eq": True}}, {"title": {"_null": True}},
        {"role": {"_eq": EDITOR}}, {"collection": {"_neq": "articles"}}, {"_and": [{"id": {"_eq": "12"}}, {"title": {"_nnull": True}}]},
        {"tags": {"_some": {"status": {"_eq": "draft"}}}}, {}, None,
    ],
)  # fmt: skip
def test_what_cannot_be_secret_is_shown(rule: dict[str, object]) -> None:
    assert Mask({EDITOR, "articles"}).rule(rule) == rule  # type: ignore[arg-type]  # a literal of JSON


@pytest.mark.parametrize(
    "literal",
    [
        "anna@example.com",
        "ACME",
        "kT7vWq2zLp9x",
        "+49 170 1234567",
        "1985-02-17",
        "Berlin",
        "4f7c9a1e-8b2d-4c6f-9e3a-1d5b7f0c2a48",
    ],
)
def test_other_literals_are_masked(literal: str) -> None:
    assert Mask({EDITOR}).rule({"customer": {"_eq": literal}}) == {"customer": {"_eq": "********"}}
    assert Mask({EDITOR}).values({"customer": literal, "x": {"y": literal}}) == {
        "customer": "********",
        "x": "********",
    }


def test_two_literals_can_be_told_apart() -> None:
    mask = Mask(numbered=True)
    first, second = mask.rule({"a": {"_eq": "x1@example.com"}}), mask.rule({"a": {"_eq": "x2@example.com"}})
    assert first != second
    assert mask.rule({"a": {"_eq": "x1@example.com"}}) == first
