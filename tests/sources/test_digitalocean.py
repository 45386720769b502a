"""App specs: what a component is given, its image, and which files are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import digitalocean
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """\
name: shop
envs:
  - key: LOG_LEVEL
    value: warn
  - key: DB_CLIENT
    value: mysql
services:
  - name: cms
    image:
      registry_type: DOCKER_HUB
      registry: directus
      repository: directus
      tag: 11.5.1
    instance_count: 3
    envs:
      - key: DB_CLIENT
        scope: RUN_TIME
        value: pg
      - {key: SECRET, type: SECRET, value: "EV[1:abcdefgh:ijklmnop]"}
      - key: KEY
        type: SECRET
      - key: DB_CONNECTION_STRING
        value: ${db.DATABASE_URL}
      - key: ONLY_BUILD
        scope: BUILD_TIME
        value: gone
      - key: PUBLIC_URL
        value: 'https://cms.example.com'
  - name: cache
    image: {registry_type: DOCKER_HUB, registry: library, repository: redis, tag: "7"}
    envs:
      - {key: REDIS_PASSWORD, value: weak}
"""


def test_everything_in_its_place(tmp_path: Path) -> None:
    (found,) = digitalocean.read(repository(tmp_path, {".do/app.yaml": SPEC}))
    assert (found.name, found.platform.name, found.replicas) == (".do/app.yaml#cms", "DIGITALOCEAN", 3)
    assert texts(found.variables) == [
        ("LOG_LEVEL", "warn"), ("DB_CLIENT", "mysql"), ("DB_CLIENT", "pg"), ("SECRET", None), ("KEY", None),
        ("DB_CONNECTION_STRING", None), ("PUBLIC_URL", "https://cms.example.com"),
    ]  # fmt: skip
    assert [cut(tmp_path, item.location) for item in found.variables[:3]] == ["warn", "mysql", "pg"]
    assert cut(tmp_path, found.variables[-1].location) == "https://cms.example.com"
    unknown = [item.value.reason for item in found.variables if isinstance(item.value, Unknown)]
    assert unknown == [
        "DigitalOcean has encrypted it", "it is set in DigitalOcean's control panel",
        "`${db.DATABASE_URL}` is filled in by DigitalOcean",
    ]  # fmt: skip
    assert found.version is not None
    assert found.version.version == Version(11, 5, 1)
    assert cut(tmp_path, found.version.location) == "11.5.1"
    assert reasons(found) == ("variables set in DigitalOcean's control panel are not in the repository",)
    assert [(item.name, item.image and item.image.reference) for item in found.services] == [
        ("cache", "library/redis:7")
    ]


@each_case(
    ("image", "reference"),
    [
        ("{registry_type: DOCKER_HUB, repository: directus/directus, tag: 11.5.1}", "directus/directus:11.5.1"),
        ("{registry_type: DOCKER_HUB, repository: directus/directus, tag: latest}", "directus/directus:latest"),
        ("{registry_type: DOCKER_HUB, registry: directus, repository: directus}", "directus/directus"),
        ("{registry_type: GHCR, registry: acme, repository: directus, tag: '1'}", "ghcr.io/acme/directus:1"),
        ("{registry_type: DOCR, repository: directus, tag: a1b2}", "registry.digitalocean.com/directus:a1b2"),
        (
            "{registry_type: DOCR, registry: acme, repository: directus-cms, digest: 'sha256:ab'}",
            "registry.digitalocean.com/acme/directus-cms@sha256:ab",
        ),
        ("{registry_type: DOCKER_HUB, registry: directus, repository: directus, tag: '${TAG}'}", "directus/directus"),
    ],
)
def test_images(tmp_path: Path, image: str, reference: str) -> None:
    text = f"services:\n- name: a\n  image: {image}\n"
    (found,) = digitalocean.read(repository(tmp_path, {"infra/prod.yaml": text}))
    assert found.image is not None
    assert found.image.reference == reference
    assert bool(found.image.unknown) is ("$" in image)


@each_case(
    ("files", "name"),
    [
        ({".do/deploy.template.yaml": "spec:\n  services:\n  - name: a\n    dockerfile_path: cms/Dockerfile\n    envs: []\n", "cms/Dockerfile": "FROM directus/directus:11"}, ".do/deploy.template.yaml#a"),
        ({"app.yaml": "services:\n- source_dir: /cms\n  envs: []\n", "cms/Dockerfile": "FROM directus/directus:11"}, "app.yaml#services-1"),
        ({"app.yaml": "services:\n- source_dir: cms\n  environment_slug: node-js\n  run_command: npm start\n  envs: []\n", "cms/package.json": '{"scripts": {"start": "directus start"}}'}, "app.yaml#services-1"),
        ({"app.yaml": "workers:\n- name: w\n  envs: [{key: SECRET, value: x}, {key: DB_CLIENT, value: pg}]\n"}, "app.yaml#w"),
        ({"spec.json": '{"services": [{"name": "a", "envs": [{"key": "SECRET", "value": "x"}, {"key": "KEY", "value": "y"}]}]}'}, "spec.json#a"),
        ({"app.yaml": "jobs:\n- name: m\n  run_command: npx directus bootstrap\n  envs: []\n"}, "app.yaml#m"),
    ],
)  # fmt: skip
def test_whose_it_is(tmp_path: Path, files: dict[str, str], name: str) -> None:
    assert [item.name for item in digitalocean.read(repository(tmp_path, files))] == [name]


@each_case(
    "text",
    [
        "services:\n  directus:\n    image: directus/directus:11\n    envs: []\n",
        "services:\n- type: web\n  name: directus\n  envVars: [{key: SECRET, value: x}]\n# envs\n",
        "services:\n- name: web\n  run_command: node server.js # not directus\n  envs: [{key: PORT, value: '1'}]\n",
        "- envs: directus\n",
    ],
)
def test_other_files(tmp_path: Path, text: str) -> None:
    root = repository(tmp_path, {"app.yaml": text})
    assert digitalocean.read(root) == ()
    assert not root.problems


def test_a_job_beside_the_server_is_not_a_second_one(tmp_path: Path) -> None:
    text = SPEC + "jobs:\n- name: migrate\n  image: {registry: directus, repository: directus, tag: 11.5.1}\n"
    assert len(digitalocean.read(repository(tmp_path, {"app.yaml": text}))) == 1


def test_the_own_environment_file_of_a_buildpack(tmp_path: Path) -> None:
    files = {"app.yaml": "services:\n- name: a\n  source_dir: cms\n  run_command: npx directus start\n  envs: []\n", "cms/.env": "SECRET=x\n"}  # fmt: skip
    (found,) = digitalocean.read(repository(tmp_path, files))
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("SECRET", "x")]
    assert "cms/.env" in found.consumed


@pytest.mark.parametrize(("text", "incomplete"), [
    ("services:\n- envs: [\n  image: directus/directus\n", True), ("services:\n- envs: [\n  KEY: x\n", False),
])  # fmt: skip
def test_a_broken_spec_is_a_problem(tmp_path: Path, text: str, incomplete: bool) -> None:
    root = repository(tmp_path, {"app.yaml": text})
    assert digitalocean.read(root) == ()
    assert [(problem.path, problem.incomplete) for problem in root.problems] == [("app.yaml", incomplete)]


def test_components_are_in_lists(tmp_path: Path) -> None:
    """Another program's file may have one object of that name."""
    alone = "services:\n  name: cms\n  image: {registry_type: DOCKER_HUB, registry: directus, repository: directus, tag: 11.5.1}\n  instance_count: 1\n"
    assert digitalocean.read(repository(tmp_path, {".do/app.yaml": alone})) == ()
    listed = alone.replace("\n  ", "\n    ").replace("    name", "  - name")
    assert [found.name for found in digitalocean.read(repository(tmp_path, {".do/app.yaml": listed}))] == [
        ".do/app.yaml#cms"
    ]
