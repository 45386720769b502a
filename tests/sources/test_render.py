"""Render blueprints: written, generated, asked for, grouped and borrowed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import render
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RENDER = """\
services:
  - type: web
    name: cms
    runtime: image
    image:
      url: docker.io/directus/directus:11.5.1
    numInstances: 3
    disk:
      name: uploads
      mountPath: /directus/uploads
    envVars:
      - key: SECRET
        generateValue: true
      - key: ADMIN_PASSWORD
        sync: false
      - key: DB_CONNECTION_STRING
        fromDatabase:
          name: db
          property: connectionString
      - key: CORS_ENABLED
        value: true
      - key: PUBLIC_URL
        value: "https://cms.example.com"
      - fromGroup: shared
      - fromGroup: elsewhere
      - key: TOKEN
        fromService: {type: web, name: site, envVarKey: CMS_TOKEN}
  - type: web
    name: site
    runtime: node
    startCommand: npm start
    envVars:
      - {key: CMS_TOKEN, value: weak}
envVarGroups:
  - name: shared
    envVars:
      - key: LOG_LEVEL
        value: debug
      - key: CORS_ENABLED
        value: "false"
"""


def test_everything_in_its_place(tmp_path: Path) -> None:
    (found,) = render.read(repository(tmp_path, {"render.yaml": RENDER}))
    assert (found.name, found.hints, found.replicas) == ("render.yaml#cms", ("cms",), 3)
    assert texts(found.variables) == [
        ("LOG_LEVEL", "debug"), ("CORS_ENABLED", "false"), ("SECRET", None), ("ADMIN_PASSWORD", None), ("DB_CONNECTION_STRING", None),
        ("CORS_ENABLED", "true"), ("PUBLIC_URL", "https://cms.example.com"), ("TOKEN", "weak"),
    ]  # fmt: skip
    places = [cut(tmp_path, item.location) for item in found.variables]
    assert places == ["debug", "false", "key", "key", "key", "true", "https://cms.example.com", "weak"]
    assert [item.value.reason for item in found.variables if isinstance(item.value, Unknown)] == [
        "Render generates it", "it is given in Render's dashboard", "Render takes it from a database",
    ]  # fmt: skip
    assert found.variables[-1].via[0].line == 26
    assert reasons(found)[1:] == ("group `elsewhere` is not in the blueprint",)
    assert found.version is not None
    assert found.version.version == Version(11, 5, 1)
    assert [mount.target for mount in found.mounts] == ["/directus/uploads"]
    assert cut(tmp_path, found.location) == "name"


def test_a_node_service_reads_its_own_env_file(tmp_path: Path) -> None:
    files = {
        "render.yaml": "services:\n  - name: cms\n    env: node\n    rootDir: cms\n    startCommand: npx directus start\n",
        "cms/.env": "SECRET=own\n",
    }
    (found,) = render.read(repository(tmp_path, files))
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("SECRET", "own")]
    assert found.consumed == {"render.yaml", "cms/.env"}


def test_built_from_a_dockerfile(tmp_path: Path) -> None:
    service = "services:\n  - name: cms\n    runtime: docker\n    dockerfilePath: ./cms/Dockerfile\n    dockerContext: ./cms\n"
    files = {"render.yaml": service, "cms/Dockerfile": "FROM directus/directus:11\n", "cms/.env": "SECRET=own\n"}
    (found,) = render.read(repository(tmp_path, files))
    assert (found.dockerfile, found.build_context, found.config_file) == ("cms/Dockerfile", "cms", None)


def test_projects_with_environments(tmp_path: Path) -> None:
    text = (
        "projects:\n  - name: p\n    environments:\n      - name: staging\n        services:\n"
        "          - name: cms\n            image: {url: directus/directus}\n"
    )
    (found,) = render.read(repository(tmp_path, {"render.yaml": text}))
    assert found.hints == ("cms", "staging")


def test_other_services_are_not_directus(tmp_path: Path) -> None:
    text = "services:\n  - {name: a, runtime: static, envVars: [{key: SECRET, value: x}, {key: KEY, value: y}]}\n  - {name: b, image: {url: nginx}}\n"
    assert render.read(repository(tmp_path, {"render.yaml": text})) == ()


def test_broken_yaml_is_said(tmp_path: Path) -> None:
    root = repository(tmp_path, {"render.yaml": "services: [\n"})
    assert render.read(root) == ()
    assert [problem.path for problem in root.problems] == ["render.yaml"]


WORD = st.sampled_from(
    [
        "services",
        "name",
        "envVars",
        "key",
        "value",
        "fromGroup",
        "fromService",
        "image",
        "url",
        "directus/directus",
        "SECRET",
        "KEY",
        "disk",
        "projects",
        "environments",
        "envVarGroups",
        "envVarKey",
        "null",
        "1",
        "true",
        "cms",
    ]
)
TREE = st.recursive(
    WORD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=4), max_leaves=15
)


@settings(max_examples=200, deadline=None)
@given(TREE)
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    import yaml

    text = yaml.safe_dump({"services": tree, "envVarGroups": tree, "projects": tree})
    render.read(repository(tmp_path_factory.mktemp("r"), {"render.yaml": text}))
