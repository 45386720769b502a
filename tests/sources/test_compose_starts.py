"""Which files Compose is given: the files of a folder, and which of them are started together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard import limits
from directus_guard.sources.deployments import compose, compose_starts
from directus_guard.sources.deployments.compose_files import ComposeFiles
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

IMAGE: Final = "directus/directus:12.4.1"
CMS: Final = f"services:\n  cms:\n    image: {IMAGE}\n"
MORE: Final = "services:\n  cms:\n    environment: {A: b}\n"


@each_case(
    ("path", "text", "held"),
    [
        ("compose.yaml", "x: y\n", True), ("docker-compose.prod.yml", "x: y\n", True), ("compose.json", "{}", True),
        ("site.yml", CMS, True), ("site.yml", MORE, False), ("site.yml", "services: {db: {image: x}}\n# directus\n", True), ("site.yml", "services: {db: {build: .}}\n# directus\n", True),
        ("site.yml", "services: {db: {extends: x}}\n# directus\n", True), ("site.yml", "services: {db: {image: null}}\n# directus\n", True), ("site.yml", "services: {db: text}\n# directus\n", False),
        ("site.yml", "include: [directus.yml]\n", True), ("site.yml", "include: directus.yml\n", False), ("site.yml", "kind: x\ninclude: [directus.yml]\n", False),
        ("site.yml", "services: [directus\n", True), ("k8s/site.yml", "services: [directus\n", False), ("a/Helm/b/site.yml", "services: [directus\n", False), ("manifests.yml", "services: [directus\n", True),
        *((f"{folder}/site.yml", "services: [directus\n", False) for folder in ("templates", "charts", "kubernetes", "manifests", "helm")),
        ("site.yml", "services: [image\n", False), ("chart/values.yaml", CMS, False), ("other/values.yaml", CMS, True),
    ],
)  # fmt: skip
def test_which_files_are_compose_files(tmp_path: Path, path: str, text: str, *, held: bool) -> None:
    made = repository(tmp_path, {path: text, "chart/Chart.yaml": "name: x\n"})
    assert list(compose_starts.candidates(ComposeFiles(made))) == ([path] if held else [])


@each_case(
    ("names", "expected"),
    [
        ("compose.yml", ("compose.yml",)), ("docker-compose.yaml docker-compose.yml compose.yml compose.yaml", ("compose.yaml",)), ("docker-compose.yaml docker-compose.yml", ("docker-compose.yml",)),
        ("compose.yaml compose.override.yaml compose.override.yml", ("compose.yaml", "compose.override.yml")), ("docker-compose.yml docker-compose.override.yaml", ("docker-compose.yml", "docker-compose.override.yaml")),
        ("compose.yaml docker-compose.override.yml", ("compose.yaml", "docker-compose.override.yml")), ("compose.override.yml", ()), ("other.yaml", ()),
    ],
)  # fmt: skip
def test_what_compose_finds_in_a_folder(tmp_path: Path, names: str, expected: tuple[str, ...]) -> None:
    made = repository(tmp_path, {f"{folder}{name}": CMS for name in names.split() for folder in ("", "in/")})
    assert compose_starts.default_files(made, "") == expected
    assert compose_starts.default_files(made, "in") == tuple(f"in/{name}" for name in expected)
    assert [name for name in names.split() if compose_starts.is_base(f"in/{name}")] == [
        name
        for name in names.split()
        if name in ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
    ]


@each_case(
    ("files", "added", "expected"),
    [
        ({"compose.yaml": CMS}, (), [("compose.yaml",)]),
        ({"a.yml": CMS, "b.yml": CMS}, (), [("a.yml",), ("b.yml",)]),
        ({"compose.yaml": CMS, "prod.yml": MORE}, (), [("compose.yaml",), ("compose.yaml", "prod.yml")]),
        ({"compose.yaml": CMS, "prod.yml": CMS}, (), [("compose.yaml",), ("prod.yml",)]),
        ({"compose.yaml": CMS, "prod.yml": f"{MORE}  db: {{image: postgres}}\n"}, (), [("compose.yaml",), ("compose.yaml", "prod.yml")]),
        ({"compose.yaml": CMS, "prod.yml": MORE.replace("cms", "other")}, (), [("compose.yaml",), ("prod.yml",)]),
        ({"compose.yaml": CMS, "compose.override.yml": CMS}, (), [("compose.yaml", "compose.override.yml"), ("compose.yaml",)]),
        ({"compose.yaml": CMS, "broken.yml": "a: [\n"}, (), [("compose.yaml", "broken.yml"), ("compose.yaml",)]),
        ({"compose.yaml": CMS, "prod.yml": MORE}, ("prod.yml",), [("compose.yaml",)]),
        ({"compose.yaml": CMS, "prod.yml": MORE}, ("compose.yaml",), [("compose.yaml",), ("compose.yaml", "prod.yml")]),
        ({"compose.yaml": CMS, "prod.yml": MORE, ".env": "COMPOSE_FILE=compose.yaml:prod.yml\n"}, (), [("compose.yaml", "prod.yml")]),
        ({"compose.yaml": CMS, "prod.yml": MORE, ".env": "COMPOSE_FILE=compose.yaml;prod.yml\n"}, (), [("compose.yaml", "prod.yml")]),
        ({"compose.yaml": CMS, "prod.yml": MORE, ".env": "COMPOSE_FILE=compose.yaml,prod.yml\nCOMPOSE_PATH_SEPARATOR=,\n"}, (), [("compose.yaml", "prod.yml")]),
        ({"compose.yaml": CMS, "prod.yml": MORE, ".env": "COMPOSE_FILE=:prod.yml:\n"}, (), [("prod.yml",), ("compose.yaml",)]),
        ({"compose.yaml": CMS, ".env": "COMPOSE_FILE=gone.yml:compose.yaml\n"}, (), [("compose.yaml",)]),
        ({"compose.yaml": CMS, ".env": "COMPOSE_FILE=\n"}, (), [("compose.yaml",)]),
        ({"compose.yaml": CMS, ".env": "COMPOSE_FILE=$X\n"}, (), [("compose.yaml",)]),
    ],
)  # fmt: skip
def test_the_ways_in_which_files_are_started(
    tmp_path: Path, files: dict[str, str], added: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    made = ComposeFiles(repository(tmp_path, files))
    paths = sorted(path for path in files if path != ".env")
    assert list(compose_starts.starts(made, paths, frozenset(added))) == expected


def test_an_environment_file_is_counted_when_it_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENVIRONMENT_AGAIN", limits.Limit(2, "variables"))
    files = ComposeFiles(repository(tmp_path, {"a.env": "A=1\nB=2\n"}))
    for _ in range(2):
        assert len(files.statements("a.env", "A=1\nB=2\n")) == 2
    with pytest.raises(limits.OverBudgetError):
        files.statements("a.env", "A=1\nB=2\n")
    assert len(files.statements("b.env", "A=1\nB=2\nC=3\n")) == 3


@each_case(
    ("files", "names"),
    [
        ({"compose.yaml": CMS, "other.yaml": "services:\n  live:\n    extends: {file: compose.yaml, service: cms}\n"}, ["compose.yaml#cms", "other.yaml#live"]),
        ({"base.yaml": CMS, "other.yaml": "services:\n  live:\n    extends: {file: base.yaml, service: cms}\n"}, ["other.yaml#live"]),
        ({"all.yaml": CMS.replace("cms", "cms-base"), "other.yaml": "services:\n  live:\n    extends: {file: all.yaml, service: cms-base}\n"}, ["other.yaml#live"]),
        ({"all.yaml": CMS, "other.yaml": "services:\n  live:\n    extends: {file: all.yaml, service: cms}\n"}, ["all.yaml#cms", "other.yaml#live"]),
        ({"base.yaml": CMS}, ["base.yaml#cms"]),
        ({"compose.yaml": f"{CMS}    environment: {{SECRET: '${{SECRET}}'}}\n", ".env.example": "SECRET=x\n", "other.yaml": "services:\n  live:\n    extends: {file: compose.yaml, service: cms}\n"}, [".env.example#cms", "compose.yaml#cms", "other.yaml#live"]),
    ],
)  # fmt: skip
def test_a_service_that_others_extend(tmp_path: Path, files: dict[str, str], names: list[str]) -> None:
    assert sorted(one.name for one in compose.read(repository(tmp_path, files))) == names
