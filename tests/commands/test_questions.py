"""`can` and `who-can`: what a person who debugs a 403 asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import guard, write
from tests.support.git import commit, new_repository

if TYPE_CHECKING:
    from pathlib import Path

OWN = {"user_created": {"_eq": "$CURRENT_USER"}}


def files(*rows: dict[str, Any], **policy: Any) -> dict[str, str]:
    """An export of Directus 11: `Editor` has the policy `editing` with these rows, `Visitor` has none."""
    tables: dict[str, list[dict[str, Any]]] = {
        "permissions.json": [
            {"policy": "editing", "validation": None, "presets": None, "permissions": None, "fields": ["*"], **row}
            for row in rows
        ],
        "policies.json": [
            {
                "id": "editing",
                "name": "Editing",
                "admin_access": False,
                "app_access": False,
                "ip_access": None,
                **policy,
            },
            {"id": "all", "name": "All", "admin_access": True, "app_access": True, "ip_access": None},
        ],
        "access.json": [
            {"id": "a", "policy": "editing", "role": "editor", "user": None, "sort": 1},
            {"id": "b", "policy": "all", "role": "admin", "user": None, "sort": 1},
        ],
        "roles.json": [
            {"id": "editor", "name": "Editor", "parent": None},
            {"id": "visitor", "name": "Visitor", "parent": None},
            {"id": "admin", "name": "Boss", "parent": None},
        ],
    }
    return {
        "compose.yaml": "services:\n  cms:\n    image: directus/directus:11.17.4\n",
        **{f"directus/{name}": json.dumps(rows, indent=1) for name, rows in tables.items()},
    }


READ_PUBLISHED = {
    "collection": "posts", "action": "read", "fields": ["id", "title", "status"], "permissions": {"status": {"_eq": "published"}},
}  # fmt: skip
UPDATE_OWN = {
    "collection": "posts", "action": "update", "fields": ["title", "status"], "permissions": OWN,
    "validation": {"status": {"_in": ["draft", "review"]}},
}  # fmt: skip
CREATE = {"collection": "posts", "action": "create", "fields": ["title"], "presets": {"status": "draft"}}
DELETE = {"collection": "posts", "action": "delete"}
ROWS = (READ_PUBLISHED, UPDATE_OWN, CREATE, DELETE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, files(*ROWS))
    return tmp_path


CASES = {
    "Boss delete posts": (0, "is an administrator"),
    "Editor delete posts": (0, "may delete every item of `posts`"),
    "Editor read posts": (1, 'only where status is "published"'),
    "Editor read posts.title": (1, "`title` of `posts` only where"),
    "Editor read posts.author": (1, "No permission for read has `author`"),
    "Editor read posts.*": (1, "No permission for read has every field"),
    """Editor read posts.title --item {"status":"published"}""": (0, "Yes: `Editor` may read `title` of `posts`"),
    """Editor read posts --item {"status":"draft"}""": (1, 'The item does not meet the item rule: status is "published"'),
    """Editor read posts --item {"title":"x"}""": (1, "It depends on what the item has in `status`"),
    """Editor update posts --item {"user_created":"$CURRENT_USER"}""": (1, "only where what is sent satisfies"),
    """Editor update posts --item {"user_created":"$CURRENT_USER"} --payload {"status":"draft"}""": (0, "Yes:"),
    """Editor update posts --item {"user_created":"someone"} --payload {"status":"draft"}""": (1, "only where"),
    """Editor update posts --item {"user_created":null} --payload {"status":"draft"}""": (1, "does not meet the item rule"),
    """Editor update posts --payload {"status":"published"}""": (1, "The payload does not satisfy the validation of policy `Editing`"),
    """Editor update posts --payload {"author":"x"}""": (1, "No permission for update has `author`"),
    "Editor update posts.title": (1, "user_created is the current user"),
    """Editor create posts --payload {"title":"x"}""": (0, "Yes: `Editor` may create `posts`"),
    """Editor create posts --payload {"title":{"name":"x"}}""": (4, "also writes related items, in `title`"),
    "Editor share posts": (1, "There is no permission for share on `posts` in policy `Editing`"),
    "Visitor read posts": (1, "No policy is attached to it"),
    "public read posts": (1, "No: `public` may not read `posts`"),
    # --- typing errors: what is meant
    "Editr read posts": (2, "there is no role or user `Editr`. Did you mean `Editor`?"),
    "Editor reads posts": (2, "Did you mean `read`?"),
    "Editor read post": (2, "there is no collection `post`. Did you mean `posts`?"),
    "Editor read posts.author.name": (2, "leads to another collection"),
    "Editor delete posts.title": (2, "delete is about whole items"),
    "Editor read posts --item {": (2, "--item: no JSON"),
    "Editor read posts --item []": (2, "--item: no object"),
    "Editor read posts --item @missing.json": (2, "missing.json: not readable"),
    "Editor create posts --item {}": (2, "give --payload"),
    "Editor read posts --payload {}": (2, "read sends none"),
}  # fmt: skip


def test_questions_and_their_answers(root: Path) -> None:
    wrong = []
    for case, (code, words) in CASES.items():
        run = guard("can", *case.split(" "), f"--path={root}")
        said = " ".join((run.out + run.err).split())
        if run.code != code or words not in said:
            wrong.append((case, run.code, said))
    assert not wrong


def test_a_question_from_files_and_at_a_revision(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "r")
    commit(root, files(*ROWS))
    item = root / "item.json"
    item.write_text('{"status": "published"}', encoding="utf-8")
    write(root, files(DELETE))
    question = ("Editor", "read", "posts.title", f"--item=@{item}", f"--path={root}")
    assert guard("can", *question).code == 1
    assert guard("can", *question, "--at=HEAD").code == 0
    assert guard("can", *question, "--at=nothing").code == 2


def test_who_can(root: Path) -> None:
    text = guard("who-can", "update", "posts", f"--path={root}")
    lines = [" ".join(line.split()) for line in text.out.splitlines()]
    assert text.code == 0
    assert "yes role Boss" in lines
    assert "only where role Editor: user_created is the current user" in lines
    assert "no role Visitor" in lines
    assert "no the public" in lines


def test_the_answer_as_json(root: Path) -> None:
    run = guard("can", "Editor", "update", "posts.title", f"--path={root}", "--output=json")
    (answer,) = json.loads(run.out)["answers"]
    assert answer["answer"] == "only where"
    assert answer["rule"] == {"user_created": {"_eq": "$CURRENT_USER"}}
    assert answer["rule_in_words"] == "user_created is the current user"
    assert answer["validations"] == [{"status": {"_in": ["draft", "review"]}}]
    assert answer["permissions"][0]["path"] == "directus/permissions.json"


def test_what_limits_an_answer(tmp_path: Path) -> None:
    write(tmp_path, files(CREATE, DELETE, ip_access="10.0.0.0/8"))
    run = guard("can", "Editor", "create", "posts", f"--path={tmp_path}")
    assert run.code == 0
    assert "`Editing` has `ip_access`" in run.out
    assert "may not read `posts`: the answer to the request has no data" in " ".join(run.out.split())


def test_what_an_export_does_not_show_is_no_refusal(tmp_path: Path) -> None:
    shown = files(READ_PUBLISHED)
    del shown["directus/access.json"]
    write(tmp_path, shown)
    run = guard("can", "Editor", "delete", "posts", f"--path={tmp_path}")
    assert run.code == 4
    assert "The export does not show everything" in run.out


def test_literals_that_may_be_secret_are_masked(tmp_path: Path) -> None:
    secret = "hunter2-hunter2"
    row = {"collection": "posts", "action": "read", "permissions": {"access_code": {"_eq": secret}}}
    write(
        tmp_path,
        files(row, {**row, "action": "update", "permissions": None, "validation": {"access_code": {"_eq": secret}}}),
    )
    for question in (
        "Editor read posts",
        "Editor update posts",
        """Editor update posts --payload {"access_code":"x"}""",
    ):
        for output in ("text", "json"):
            run = guard("can", *question.split(), f"--path={tmp_path}", f"--output={output}")
            assert run.code == 1
            assert secret not in run.out + run.err


def test_nothing_to_ask(tmp_path: Path) -> None:
    assert guard("can", "Editor", "read", "posts", f"--path={tmp_path}").code == 3


def test_permissions_that_cannot_be_read_are_no_answer(tmp_path: Path) -> None:
    shown = files(READ_PUBLISHED)
    write(tmp_path, shown | {"directus/permissions.json": '[{"id": 1, "collection": "posts", "action": '})
    run = guard("can", "Editor", "read", "directus_users", f"--path={tmp_path}")
    assert run.code == 4
    assert "permissions.json" in run.err
