"""AWS App Runner and Copilot, App Engine, Azure Container Apps and Instances, CapRover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Platform, Unknown
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import hosts
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path


def test_app_runner(tmp_path: Path) -> None:
    text = """\
version: 1.0
runtime: nodejs18
run:
  command: npm start
  env:
    - name: SECRET
      value: written-down
  secrets:
    - name: DB_PASSWORD
      value-from: "arn:aws:ssm:x"
"""
    files = {
        "cms/apprunner.yaml": text,
        "cms/package.json": '{"scripts": {"start": "directus start"}}',
        "cms/.env": "KEY=own\n",
    }
    (found,) = hosts.read(repository(tmp_path, files))
    assert (found.name, found.platform) == ("cms/apprunner.yaml", Platform.APP_RUNNER)
    assert texts(found.variables) == [("SECRET", "written-down"), ("DB_PASSWORD", None)]
    assert cut(tmp_path, found.variables[0].location) == "written-down"
    assert isinstance(found.config_file, tuple)
    assert reasons(found) == ("variables set in the console are not in the repository",)


COPILOT = """\
name: cms
type: Load Balanced Web Service
image:
  location: directus/directus:11.5.1
  port: 8055
count: 2
env_file: ./cms.env
variables:
  DB_CLIENT: pg
  LOG_LEVEL: info
  DB_HOST:
    from_cfn: stack-db
  PUBLIC_URL: https://${COPILOT_ENVIRONMENT_NAME}.example.com
secrets:
  SECRET: /copilot/cms/secret
environments:
  prod:
    image: {location: directus/directus:12.4.1}
    variables: {LOG_LEVEL: warn}
  test:
    count: 1
"""


def test_copilot(tmp_path: Path) -> None:
    files = {"copilot/cms/manifest.yml": COPILOT, "cms.env": "KEY=from-file\n"}
    base, prod = hosts.read(repository(tmp_path, files))
    assert [base.name, prod.name] == ["copilot/cms/manifest.yml#cms", "copilot/cms/manifest.yml#cms/prod"]
    assert texts(base.variables) == [
        ("KEY", "from-file"), ("DB_CLIENT", "pg"), ("LOG_LEVEL", "info"), ("DB_HOST", None), ("PUBLIC_URL", None), ("SECRET", None),
    ]  # fmt: skip
    assert texts(prod.variables)[-1] == ("LOG_LEVEL", "warn")
    assert (base.replicas, base.gaps) == (2, ())
    assert base.version is not None
    assert base.version.version == Version(11, 5, 1)
    assert prod.image is not None
    assert cut(tmp_path, prod.image.location) == "directus/directus:12.4.1"
    assert "cms.env" in base.consumed
    (base, _) = hosts.read(repository(tmp_path / "2", {"copilot/cms/manifest.yml": COPILOT}))
    assert reasons(base) == ("the environment file `./cms.env` is not in the repository",)


@each_case("image", ["{build: ./cms/Dockerfile}", "{build: {dockerfile: cms/Dockerfile}}", "{build: {context: cms}}"])
def test_copilot_builds(tmp_path: Path, image: str) -> None:
    text = f"name: cms\ntype: Backend Service\nimage: {image}\n"
    (found,) = hosts.read(
        repository(tmp_path, {"copilot/cms/manifest.yml": text, "cms/Dockerfile": "FROM directus/directus:11"})
    )
    assert found.dockerfile == "cms/Dockerfile"


@each_case(
    ("text", "more"),
    [
        (
            "runtime: custom\nenv: flex\nenv_variables:\n  SECRET: written-down\n",
            {"Dockerfile": "FROM directus/directus:11"},
        ),
        ("runtime: nodejs22\nentrypoint: npx directus start\nenv_variables:\n  SECRET: written-down\n", {}),
        (
            "runtime: nodejs22\nenv_variables:\n  SECRET: written-down\n",
            {"package.json": '{"scripts": {"start": "directus start"}}'},
        ),
        ("runtime: custom\nservice: cms\nenv_variables:\n  SECRET: written-down\n  DB_CLIENT: pg\n", {}),
    ],
)
def test_app_engine(tmp_path: Path, text: str, more: dict[str, str]) -> None:
    (found,) = hosts.read(repository(tmp_path, {"app.yaml": text, **more}))
    assert found.platform is Platform.APP_ENGINE
    assert found.name == ("app.yaml#cms" if "service" in text else "app.yaml")
    assert texts(found.variables)[0] == ("SECRET", "written-down")
    assert cut(tmp_path, found.variables[0].location) == "written-down"


def test_azure_container_apps(tmp_path: Path) -> None:
    text = """\
name: shop
type: Microsoft.App/containerApps
properties:
  configuration:
    secrets:
      - name: directus-secret
        value: written-down
      - name: vault
        keyVaultUrl: https://x
  template:
    containers:
      - image: docker.io/directus/directus:11.5.1
        name: cms
        env:
          - name: PUBLIC_URL
            value: https://cms.example.com
          - name: SECRET
            secretRef: directus-secret
          - name: DB_PASSWORD
            secretRef: vault
    scale: {minReplicas: 2}
"""
    (found,) = hosts.read(repository(tmp_path, {"azure/app.yml": text}))
    assert (found.name, found.replicas, found.gaps) == ("azure/app.yml#shop/cms", 2, ())
    assert texts(found.variables) == [
        ("PUBLIC_URL", "https://cms.example.com"), ("SECRET", "written-down"), ("DB_PASSWORD", None),
    ]  # fmt: skip
    assert cut(tmp_path, found.variables[1].location) == "written-down"
    assert [cut(tmp_path, place) for place in found.variables[1].via] == ["secretRef"]


def test_azure_container_instances(tmp_path: Path) -> None:
    text = """\
apiVersion: 2019-12-01
name: group
properties:
  containers:
    - name: cms
      properties:
        image: directus/directus:11.5.1
        environmentVariables:
          - name: SECRET
            secureValue: written-down
"""
    (found,) = hosts.read(repository(tmp_path, {"aci.yaml": text}))
    assert found.name == "aci.yaml#group/cms"
    assert texts(found.variables) == [("SECRET", "written-down")]


@each_case(
    ("text", "image"),
    [
        ('{"schemaVersion": 2, "imageName": "directus/directus:11.5.1"}', "directus/directus:11.5.1"),
        (
            '{"schemaVersion": 2, "dockerfileLines": ["FROM directus/directus:11.5.1", "RUN x"]}',
            "directus/directus:11.5.1",
        ),
        ('{"schemaVersion": 2, "dockerfilePath": "./Dockerfile"}', None),
    ],
)
def test_caprover(tmp_path: Path, text: str, image: str | None) -> None:
    files = {"captain-definition": text, "Dockerfile": "FROM directus/directus:11.5.1\n"}
    (found,) = hosts.read(repository(tmp_path, files))
    assert (found.image.reference if found.image else None) == image
    assert found.dockerfile == (None if image else "Dockerfile")
    assert reasons(found) == ("variables set in CapRover are not in the repository",)


@each_case(
    ("path", "text"),
    [
        (
            "apprunner.yaml",
            "version: 1.0\nruntime: nodejs18\nrun: {command: node a.js, env: [{name: SECRET, value: x}]}\n",
        ),
        (
            "copilot/web/manifest.yml",
            "name: web\ntype: Backend Service\nimage: {location: nginx}\nvariables: {SECRET: x}\n",
        ),
        ("manifest.yml", COPILOT),
        ("app.yaml", "runtime: nodejs22\nenv_variables: {SECRET: x}\n"),
        ("x.yaml", "properties: {template: {containers: [{name: directus-web, image: nginx}]}}\n"),
        ("captain-definition", '{"schemaVersion": 2, "imageName": "nginx"}'),
        ("captain-definition", '["directus"]'),
    ],
)
def test_other_apps(tmp_path: Path, path: str, text: str) -> None:
    root = repository(tmp_path, {path: text})
    assert hosts.read(root) == ()
    assert not root.problems


@each_case("path", ["apprunner.yaml", "copilot/a/manifest.yml", "app.yaml", "captain-definition"])
def test_a_broken_file_is_a_problem(tmp_path: Path, path: str) -> None:
    root = repository(tmp_path, {path: '{"runtime": ["directus",'})
    assert hosts.read(root) == ()
    assert [problem.incomplete for problem in root.problems] == [True]


def test_a_reference_of_copilot_is_unknown(tmp_path: Path) -> None:
    (_, prod) = hosts.read(repository(tmp_path, {"copilot/cms/manifest.yml": COPILOT}))
    url = next(item for item in prod.variables if item.name == "PUBLIC_URL")
    assert url.value == Unknown("`${COPILOT_ENVIRONMENT_NAME}` is filled in by Copilot")
