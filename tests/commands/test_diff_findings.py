"""`diff` asks every check that `scan` asks: what HEAD's findings add to BASE's is new."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import guard
from tests.support.rows import ACCESS, POLICIES, ROLES, create, flow, operations, permission, write

if TYPE_CHECKING:
    from pathlib import Path

GUARD: Any = {"$accountability": {"user": {"_nnull": True}}}


OPEN: Any = {"flows": flow(), "operations": operations(create("$full"))}
CLOSED: Any = {"flows": flow(), "operations": operations(("condition", {"filter": GUARD}), create("$full"))}
MAIL: Any = ("mail", {"to": ["a@example.com"], "subject": "x", "body": "x", "type": "markdown"})
SETTINGS: Any = {"id": 1, "project_name": "x", "public_registration": False, "auth_login_attempts": 10,
                 "auth_password_policy": "/^.{12,}$/", "public_registration_verify_email": True,
                 "public_registration_role": None, "public_registration_email_filter": None, "custom_css": None}  # fmt: skip


def compared(tmp_path: Path, base: Any, head: Any) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and the checks of what is new with their severities. A side: its tables, and files by their names."""
    for name, side in (("base", base), ("head", head)):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        tables = {"flows": [], "operations": [], "settings": [SETTINGS], "users": []}
        tables |= {key: rows for key, rows in side.items() if "." not in key}
        write(folder, tables.pop("permissions", [permission("editor", "posts", "read")]), **tables)
        for key, text in side.items():
            if "." in key:
                (folder / key).parent.mkdir(parents=True, exist_ok=True)
                (folder / key).write_text(text, encoding="utf-8")
    run = guard("diff", tmp_path / "base", tmp_path / "head", "--output", "json", "--incomplete", "warn")
    data = json.loads(run.out)
    assert data["schema"] == "diff-v1"
    return run.code, sorted((entry["check"] or entry["kind"], entry["severity"]) for entry in data["new_access"])


PRIVILEGED = [("webhook-open", "medium"), ("webhook-privileged", "high")]
COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      SECRET: ${SECRET:?}
      PUBLIC_URL: https://cms.example.com
"""


@pytest.mark.parametrize(
    ("base", "head", "code", "new"),
    [
        (CLOSED, OPEN, 1, PRIVILEGED),
        ({}, OPEN, 1, PRIVILEGED),
        ({**OPEN, "operations": operations(create("$trigger"))}, OPEN, 1, PRIVILEGED),
        ({**OPEN, "flows": [{**flow()[0], "status": "inactive"}]}, OPEN, 1, PRIVILEGED),
        # It sent mail before, and now it acts with full access, too.
        ({**OPEN, "operations": operations(MAIL)}, {**OPEN, "operations": operations(MAIL, create("$full"))}, 1, PRIVILEGED[1:]),
        ({**OPEN, "operations": operations(MAIL, create("$full"))}, {**OPEN, "operations": operations(MAIL)}, 0, []),
        (OPEN, OPEN, 0, []),
        (OPEN, CLOSED, 0, []),
        ({}, {"flows": flow(**{"return": "$all"}), "operations": operations(("log", {"message": "x"}))}, 1,
         [("webhook-open", "medium"), ("webhook-returns-all", "high")]),
        ({}, {"settings": [SETTINGS | {"auth_login_attempts": None}]}, 0, [("login-attempts", "medium")]),
        ({}, {"settings": [SETTINGS | {"public_registration": True, "public_registration_role": "admins"}]}, 1,
         [("escalation-path-public", "critical"), ("public-registration", "high")]),
        ({}, {"policies": [*POLICIES[:1], {**POLICIES[1], "ip_access": ["0.0.0.0/0"]}, *POLICIES[2:]]}, 0,
         [("policy-ip-range", "medium")]),
        ({}, {"policies": [*POLICIES[:1], {**POLICIES[1], "ip_access": ["0.0.0.0/0"]}, {**POLICIES[2], "app_access": True}]}, 0,
         [("policy-ip-range", "medium"), ("public-admin-policy", "medium")]),
        ({"compose.yaml": COMPOSE}, {"compose.yaml": f"{COMPOSE}      MARKETPLACE_TRUST: all\n"}, 1, [("marketplace-trust", "high")]),
        ({"compose.yaml": f"{COMPOSE}      MARKETPLACE_TRUST: all\n"}, {"compose.yaml": COMPOSE}, 0, []),
        ({}, {"permissions": [permission("editor", "posts", "read", {"_and": []})]}, 1, [("rule-without-effect", "high")]),
    ],
)  # fmt: skip
def test_new_findings(tmp_path: Path, base: Any, head: Any, code: int, new: list[tuple[str, str]]) -> None:
    assert compared(tmp_path, base, head) == (code, new)


def test_rules_that_are_equal_are_shown_as_they_are_written(tmp_path: Path) -> None:
    """`1` equals `true`, and the rules of many rows are written once."""
    rules: list[Any] = [{"n": {"_eq": value}} for value in (1, True, 1, 0, False)]
    rows = [permission("editor", f"c{number}", "read", rule) for number, rule in enumerate(rules)]
    for name, held in (("base", []), ("head", rows)):
        (tmp_path / name).mkdir()
        write(tmp_path / name, held, flows=[], operations=[], settings=[SETTINGS], users=[])
    run = guard("diff", tmp_path / "base", tmp_path / "head", "--output", "json", "--incomplete", "warn")
    new = sorted(json.loads(run.out)["new_access"], key=lambda entry: str(entry["collection"]))
    assert json.dumps([entry["rule"] for entry in new if entry["collection"]]) == json.dumps(rules)


def test_a_policy_of_a_users_own(tmp_path: Path) -> None:
    """It gives the user what the check speaks of: named once, with the check's severity."""
    users = [{"id": "u", "role": "editors", "email": "x@example.com", "status": "active", "provider": "default",
              "tfa_secret": None, "token": None, "last_access": None}]  # fmt: skip
    mine = {**POLICIES[1], "id": "own", "name": "Own", "app_access": False}
    attached = {"id": "9", "policy": "own", "role": None, "user": "u", "sort": 1}
    rows = [permission("editor", "posts", "read"), permission("own", "directus_permissions", "create")]
    base = {"users": users, "policies": [*POLICIES, mine], "permissions": rows}
    code, new = compared(tmp_path, base, base | {"access": [*ACCESS, attached]})
    assert code == 1
    assert ("permissions-write", "high") in new
    assert [check for check, _ in new].count("permissions-write") == 1


def test_a_renamed_policy_adds_no_finding(tmp_path: Path) -> None:
    rows = [
        permission("editor", "directus_users", "delete", id=1),
        permission("editor", "posts", "read", {"_and": []}, id=2),
    ]
    renamed = [POLICIES[0], {**POLICIES[1], "name": "Writers"}, POLICIES[2]]
    assert compared(tmp_path, {"permissions": rows}, {"permissions": rows, "policies": renamed}) == (0, [])
    # Nor one that took over the rows of another.
    moved = [{**row, "policy": "more"} for row in rows]
    more = [*POLICIES, {**POLICIES[1], "id": "more", "name": "More"}]
    attached = [*ACCESS, {"id": "7", "policy": "more", "role": "editors", "user": None, "sort": 2}]
    assert compared(tmp_path, {"permissions": rows}, {"permissions": moved, "policies": more, "access": attached}) == (
        0,
        [],
    )


COMPARED: Any = {"flows": flow(**{"return": "$all"}), "operations": operations(create("$full"))}
WEAK = "      IMPORT_IP_DENY_LIST: 169.254.169.254\n"
IMAGES = f'{COMPOSE}      CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC: "https:"\n'
COVERED = (
    "0.0.0.0,0.0.0.0/8,::,127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10,"
    "100.64.0.0/10,192.0.0.0/24,198.18.0.0/15,168.63.129.16"
)


def test_a_renamed_flow_adds_no_finding(tmp_path: Path) -> None:
    renamed = [{**COMPARED["flows"][0], "name": "Intake"}]
    assert compared(tmp_path, COMPARED, COMPARED | {"flows": renamed}) == (0, [])


def test_a_flow_that_takes_the_name_of_another_is_new(tmp_path: Path) -> None:
    closed = [{**COMPARED["flows"][0], "name": "Intake", "status": "inactive"}]
    other = [{**COMPARED["flows"][0], "id": "g", "operation": "p"}]
    steps = [*operations(create("$full")), {**operations(create("$full"))[0], "id": "p", "flow": "g"}]
    code, new = compared(tmp_path, COMPARED, {"flows": [*closed, *other], "operations": steps})
    assert code == 1
    assert ("webhook-privileged", "high") in new


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("compose.yaml", "infra/production/compose.yaml"),
        ("compose.yaml", "docker-compose.yml"),
        ("a/compose.yaml", "b/docker-compose.yml"),
    ],
)
def test_a_moved_deployment_adds_no_finding(tmp_path: Path, there: str, here: str) -> None:
    text = COMPOSE + WEAK
    assert compared(tmp_path, {there: text}, {here: text}) == (0, [])
    again = tmp_path / "again"
    again.mkdir()
    assert compared(again, {here: text}, {here: text.replace("  directus:", "  cms:")}) == (0, [])


def test_another_deployment_is_new(tmp_path: Path) -> None:
    """The one of BASE is still there, in order now."""
    code, new = compared(
        tmp_path, {"compose.yaml": COMPOSE + WEAK}, {"compose.yaml": COMPOSE, "eu/compose.yaml": COMPOSE + WEAK}
    )
    assert code == 1
    assert ("import-ip-deny-list-weakened", "high") in new


@pytest.mark.parametrize(
    ("there", "here", "new"),
    [
        (f"{COMPOSE}      IMPORT_IP_DENY_LIST: {COVERED}\n", COMPOSE, ("hardening-defaults", "low")),
        (COMPOSE.replace("12.4.1", "12.2.0"), COMPOSE.replace("12.4.1", "12.1.0"), ("vulnerable-version-medium", "medium")),
        (f"{IMAGES}      CONTENT_SECURITY_POLICY_DIRECTIVES__CONNECT_SRC: \"'self'\"\n", IMAGES, ("csp-directives", "medium")),
    ],
)  # fmt: skip
def test_one_thing_more_in_a_finding_is_new(tmp_path: Path, there: str, here: str, new: tuple[str, str]) -> None:
    assert new in compared(tmp_path, {"compose.yaml": there}, {"compose.yaml": here})[1]
    back = tmp_path / "back"
    back.mkdir()
    assert compared(back, {"compose.yaml": here}, {"compose.yaml": there})[1] == []


def test_ignores_of_the_base_count(tmp_path: Path) -> None:
    code, new = compared(tmp_path, {}, OPEN)
    assert (code, new) == (1, PRIVILEGED)
    config = "ignore:\n- check: webhook-privileged\n  object: '. Orders'\n  reason: known\n"
    (tmp_path / "base" / "directus-guard.yaml").write_text(config, encoding="utf-8")
    run = guard("diff", tmp_path / "base", tmp_path / "head", "--output", "json")
    assert [entry["check"] for entry in json.loads(run.out)["new_access"]] == ["webhook-open"]
    assert run.code == 0


def test_what_a_finding_is_about(tmp_path: Path) -> None:
    compared(tmp_path, {}, OPEN)
    run = guard("diff", tmp_path / "base", tmp_path / "head", "--output", "json")
    entry = next(one for one in json.loads(run.out)["new_access"] if one["check"] == "webhook-privileged")
    assert entry["kind"] == "finding"
    assert entry["title"] == "Anyone can run `Orders`, which acts with full access"
    assert (entry["subject"]["kind"], entry["subject"]["flow"]) == ("flow", "Orders")
    sarif = json.loads(guard("diff", tmp_path / "base", tmp_path / "head", "--output", "sarif").out)
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} == {"webhook-open", "webhook-privileged"}
    shown = guard("diff", tmp_path / "base", tmp_path / "head").out
    assert "high[webhook-privileged]" in shown


RECOMMENDED: Any = [
    permission("editor", collection, action)
    for collection in ("directus_dashboards", "directus_panels", "directus_folders")
    for action in ("create", "read", "update", "delete")
] + [permission("editor", "directus_users", "read")]


@pytest.mark.parametrize("parts", [1, 4, 12])
def test_a_policy_that_is_split(tmp_path: Path, parts: int) -> None:
    """The role has both policies and what it had before."""
    moved = [{**row, "policy": "more"} if number >= parts else row for number, row in enumerate(RECOMMENDED)]
    more = [*POLICIES, {**POLICIES[1], "id": "more", "name": "More"}]
    attached = [*ACCESS, {"id": "7", "policy": "more", "role": "editors", "user": None, "sort": 2}]
    for base, head in ((RECOMMENDED, moved), (moved, RECOMMENDED)):
        tables = [{"policies": more, "access": attached} if rows is moved else {} for rows in (base, head)]
        old, new = ({**table, "permissions": rows} for table, rows in zip(tables, (base, head), strict=True))
        assert compared(tmp_path, old, new) == (0, [])


def test_a_policy_for_more_people_is_new(tmp_path: Path) -> None:
    """The same rows, held by those who did not have them."""
    more = [*POLICIES, {**POLICIES[1], "id": "more", "name": "More"}]
    attached = [*ACCESS, {"id": "7", "policy": "more", "role": "writers", "user": None, "sort": 2}]
    roles = [*ROLES, {**ROLES[1], "id": "writers", "name": "writers"}]
    base = {"permissions": RECOMMENDED, "policies": more, "access": attached, "roles": roles}
    head = base | {"permissions": [*RECOMMENDED, *({**row, "policy": "more"} for row in RECOMMENDED)]}
    code, new = compared(tmp_path, base, head)
    assert code == 0
    assert ("users-read", "medium") in new or ("recommended-app-access", "low") in new
