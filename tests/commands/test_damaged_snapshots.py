"""A schema snapshot without an export beside it: damaged it makes the run incomplete, whole it changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.support.cli import guard, write
from tests.support.exports import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n"
HEAD: Final = "version: 1\ndirectus: 12.4.1\nvendor: postgres\n"
MODEL: Final[dict[str, Any]] = {
    "version": 1,
    "directus": "12.4.1",
    "vendor": "postgres",
    "collections": [{"collection": "posts", "meta": {"hidden": False}, "schema": {"name": "posts"}}],
    "fields": [{"collection": "posts", "field": "id", "type": "integer", "meta": {"special": None}, "schema": {}}],
    "relations": [],
}
MODEL_JSON: Final = json.dumps(MODEL, indent=2)
MODEL_YAML: Final = yaml.safe_dump(MODEL, sort_keys=False)
CONFLICT: Final = "<<<<<<< HEAD\n{0}=======\n{0}>>>>>>> theirs\n"
SPLIT: Final = {
    "sync/snapshot/info.json": json.dumps({name: MODEL[name] for name in ("version", "directus", "vendor")}),
    "sync/snapshot/collections/posts.json": json.dumps({"collection": "posts", "meta": None, "schema": {}}),
}
ALONE: Final[dict[str, dict[str, str | bytes]]] = {
    "JSON cut off": {"snapshot.json": MODEL_JSON[:-80]},
    "JSON cut off in its first list": {"cms/model.json": MODEL_JSON[:160]},
    "JSON with a conflict": {"dump.json": MODEL_JSON.replace('  "vendor"', CONFLICT.format('  "x": 1,\n') + '  "vendor"')},
    "JSON with a comma too many": {"directus/schema.json": MODEL_JSON.replace("[]", "[],")},
    "an answer of the API cut off": {"snapshot.json": json.dumps({"data": MODEL})[:-9]},
    "YAML cut off in its first list": {"snapshot.yaml": MODEL_YAML[: MODEL_YAML.index("  meta")]},
    "YAML cut off after a list": {"snapshot.yml": MODEL_YAML[: MODEL_YAML.index("relations")]},
    "YAML cut off in a record": {"snapshot.yml": MODEL_YAML[: MODEL_YAML.index("  type: integer")]},
    "YAML with a conflict": {"model.yaml": HEAD + CONFLICT.format("collections: []\n") + "fields: []\nrelations: []\n"},
    "YAML with a conflict at its top": {"model.yaml": CONFLICT.format(HEAD) + "collections: []\nfields: []\n"},
    "YAML with quotes, without a list": {"model.yaml": "'version': 1\n'directus': '12.4.1'\n'collections': []\n'fields': []\n"},
    "YAML with the lines of Windows": {"model.yaml": MODEL_YAML[: MODEL_YAML.index("relations")].replace("\n", "\r\n")},
    "YAML as PowerShell writes it": {"model.yaml": MODEL_YAML[: MODEL_YAML.index("relations")].encode("utf-16")},
    "YAML that is no UTF-8": {"model.yaml": MODEL_YAML.encode().replace(b"posts", b"p\xf6sts")},
    "a field without its type": {"snapshot.json": MODEL_JSON.replace('"type"', '"typ"')},
    "a part cut off": {**SPLIT, "sync/snapshot/fields/posts/id.json": '{"collection": "posts", "fie'},
    "an empty part": {**SPLIT, "sync/snapshot/fields/posts/id.json": ""},
    "a snapshot far from an export": {**{name: json.dumps(rows) for name, rows in FORMATS["the API"].items()}, "other/app/snapshot.json": MODEL_JSON[:-80]},
}  # fmt: skip
"""Schema snapshots with nothing else of an export beside them."""


def scan(root: Path, files: dict[str, str | bytes]) -> tuple[int, set[str]]:
    """The exit code, and the files without which the run is incomplete."""
    run = guard("scan", write(root, {"compose.yaml": COMPOSE, **files}), "--fail-on=none", "--output=json")
    return run.code, {problem["path"] for problem in json.loads(run.out)["problems"] if problem["incomplete"]}


@pytest.mark.parametrize("kind", ALONE)
def test_a_damaged_schema_snapshot(tmp_path: Path, kind: str) -> None:
    assert scan(tmp_path, ALONE[kind]) == (4, {list(ALONE[kind])[-1]})


WHOLE_MODELS: Final[dict[str, dict[str, str | bytes]]] = {
    "JSON": {"snapshot.json": MODEL_JSON},
    "YAML": {"snapshot.yaml": MODEL_YAML},
    "YAML as PowerShell writes it": {"snapshot.yaml": MODEL_YAML.encode("utf-16")},
    "in parts": {**SPLIT, "sync/snapshot/fields/posts/id.json": json.dumps({**MODEL["fields"][0], "collection": "posts"})},
    "an answer of the API": {"snapshot.json": json.dumps({"data": MODEL})},
    "a lock file with a conflict": {"web/package-lock.json": CONFLICT.format('"directus": "11.2.0", "version": 1, "fields": [\n')},
    "versions of images": {"versions.yaml": "directus: 11.2.0\npostgres: 16\nredis: [\n"},
    "a test": {"tests/fixtures/snapshot.json": MODEL_JSON[:-80]},
    "a collection of something else": {"fields.json": '{"collections": [{"field": "x", "version": 1'},
}  # fmt: skip


@pytest.mark.parametrize("kind", WHOLE_MODELS)
def test_a_whole_schema_snapshot_and_other_files(tmp_path: Path, kind: str) -> None:
    assert scan(tmp_path, WHOLE_MODELS[kind]) == (0, set())


def test_a_repository_of_snapshots_only(tmp_path: Path) -> None:
    """No finding and no pass: what is missing is said."""
    run = guard("scan", write(tmp_path, {"snapshot.yaml": MODEL_YAML}))
    assert run.code == 3
    assert "A schema snapshot holds no permissions, flows or settings: `snapshot.yaml`." in run.err
