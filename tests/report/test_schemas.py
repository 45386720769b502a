"""The published schemas: they say what is written, and refuse what is not declared."""

from __future__ import annotations

import copy
import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import pytest

from scripts.json_documents import DOCUMENTS
from tests.support.cli import guard
from tests.support.documents import SCHEMAS, assert_declared, faults
from tests.support.each import each_case
from tests.support.examples import ESCALATION, EXAMPLES, EXPORT, ROLE, change
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPEN: Final = frozenset({
    "example", "judged", "not_evaluated", "presets", "rule", "subject", "validation", "validations", "before", "body", "headers",
})  # fmt: skip
"""Members whose own members are not declared: objects of Directus, names of parts, and what names an object."""


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Real documents of each kind."""
    head = tmp_path_factory.mktemp("documents") / "head"
    shutil.copytree(EXPORT, head)
    change(head, 5, **ROLE)
    change(head, 1, permissions={"status": {"_in": ["published", "review"]}})
    calls: tuple[tuple[str | Path, ...], ...] = (
        *(("scan", EXAMPLES / name) for name in ("flawed", "hardened")),
        ("scan", ESCALATION),
        ("access", EXPORT),
        ("can", "Editor", "update", "posts.title", "--path", EXPORT),
        ("who-can", "read", "posts", "--path", EXPORT),
        ("diff", EXPORT, head),
    )
    texts = [guard(*call, "--output=json").out for call in calls] + [guard("projects", ROOT / "examples").out]
    results = [head.parent / name for name in ("flawed.json", "damaged.json")]
    results[0].write_text(texts[0], encoding="utf-8")
    results[1].write_text(texts[0][:900], encoding="utf-8")
    texts.append(guard("merge", *results, "--output=json").out)
    made: dict[str, list[Any]] = {name: [] for name in DOCUMENTS}
    for text in texts:
        document = json.loads(text)
        made[document["schema"]].append(document)
    return made


def objects(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every object in a document that is declared, with the names that lead to it."""
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            if name not in OPEN:
                yield from objects(value, (*path, name))
    elif isinstance(node, list):
        for value in node:
            yield from objects(value, path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_real_documents_are_valid(name: str, documents: dict[str, list[Any]]) -> None:
    assert documents[name]
    assert [fault for document in documents[name] for fault in faults(document)] == []
    jsonschema_rs.meta.validate(json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_not_declared_is_refused(name: str, documents: dict[str, list[Any]]) -> None:
    tried = set()
    for document in documents[name]:
        changed = copy.deepcopy(document)
        for path, node in objects(changed):
            if path in tried:
                continue
            tried.add(path)
            node["undeclared"] = 1
            assert faults(changed, name), path
            del node["undeclared"]
            for member in list(node):
                value = node.pop(member)
                optional = member in ("note", "details", "location", "bug", "reason", "where", "base")
                assert faults(changed, name) or optional, (path, member)
                node[member] = value
    assert len(tried) > 2


def test_every_json_of_the_command_line_is_looked_through() -> None:
    """`guard`, with which tests run commands, holds what is written against the schemas."""
    text = guard("projects", ROOT / "examples").out
    assert_declared(text)
    with pytest.raises(AssertionError):
        assert_declared(text.replace('"matrix"', '"matrices"'))


@each_case("path", sorted((ROOT / "tests" / "report" / "snapshots").glob("*.json")), ids=lambda path: path.name)
def test_snapshots_are_valid(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(document, list) or "schema" not in document:
        assert path.name.endswith(("codequality.json", "sast.json"))
    else:
        assert faults(document) == []


def test_the_contract_names_each_schema() -> None:
    page = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{name}.schema.json" for name in DOCUMENTS}
    for name in DOCUMENTS:
        assert f"](schemas/{name}.schema.json)" in page
