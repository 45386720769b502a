"""A program that only gets the variables of the Directus beside it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

ENV: Final = {".env": "SECRET=abc\nDB_CLIENT=pg\nPUBLIC_URL=https://cms.acme.io\n"}
CMS: Final = "  cms:\n    image: directus/directus:12.4.1\n    env_file: .env\n"
MAP: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {DB_CLIENT: pg, SECRET: abc, PUBLIC_URL: 'https://cms.acme.io'}\n"


def pod(name: str, image: str, env: str = "envFrom: [{configMapRef: {name: env}}]") -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: {name}, image: '{image}', {env}}}]}}\n"


def servers(root: Path, files: dict[str, str]) -> list[str]:
    return [one.name.partition("#")[2] for one in collect(repository(root, files)).deployments if "#" in one.name]


@each_case(
    "files",
    [
        {"compose.yaml": f"services:\n{CMS}  web:\n    image: acme/web:1\n    env_file: .env\n", **ENV},
        {"compose.yaml": f"services:\n{CMS}  web:\n    build: web\n    env_file: [.env]\n", "web/Dockerfile": "FROM node:22\n", **ENV},
        {
            "compose.yaml": "services:\n  cms:\n    build: cms\n    env_file: .env\n  web:\n    image: acme/web:1\n    env_file: .env\n",
            "cms/Dockerfile": "FROM directus/directus:12.4.1\n",
            **ENV,
        },
        {"compose.yaml": "x-env: &env {SECRET: abc, DB_CLIENT: pg}\nservices:\n  cms: {image: 'directus/directus:12.4.1', environment: *env}\n  web: {image: 'acme/web:1', environment: *env}\n"},
    ],
)  # fmt: skip
def test_a_service_with_the_same_file(tmp_path: Path, files: dict[str, str]) -> None:
    assert servers(tmp_path, files) == ["cms"]


def test_a_workload_with_the_same_config_map(tmp_path: Path) -> None:
    files = {
        "k8s/env.yaml": MAP,
        "k8s/cms.yaml": pod("cms", "directus/directus:12.4.1"),
        "k8s/web.yaml": pod("web", "acme/web:1"),
    }
    assert servers(tmp_path, files) == ["Pod/cms/cms"]


@each_case(
    ("files", "names"),
    [
        # Its name says that it is one.
        ({"compose.yaml": f"services:\n{CMS}  directus-worker:\n    image: acme/cms:1\n    env_file: .env\n", **ENV}, ["cms", "directus-worker"]),
        # No other surely is one.
        ({"compose.yaml": "services:\n  a:\n    image: acme/a:1\n    env_file: .env\n  b:\n    image: acme/b:1\n    env_file: .env\n", **ENV}, ["a", "b"]),
        # It has variables of its own.
        (
            {"compose.yaml": f"services:\n{CMS}  api:\n    image: acme/api:1\n    environment: {{SECRET: x, DB_CLIENT: pg}}\n", **ENV},
            ["api", "cms"],
        ),
        (
            {"compose.yaml": f"services:\n{CMS}  api:\n    image: acme/api:1\n    environment:\n      SECRET: ${{SECRET}}\n      DB_CLIENT: ${{DB_CLIENT}}\n", **ENV},
            ["api", "cms"],
        ),
        # It may be production's, where the other is for development.
        ({"compose.yaml": f"services:\n{CMS}    profiles: [dev]\n  api:\n    image: acme/api:1\n    env_file: .env\n", **ENV}, ["api", "cms"]),
        ({"compose.yaml": f"services:\n{CMS}  api:\n    image: acme/api:1\n    env_file: .env\n    environment: {{PUBLIC_URL: 'https://a.io'}}\n", **ENV}, ["api", "cms"]),
        # Another file is another stack: what runs there is not judged beside it.
        (
            {"compose.yaml": f"services:\n{CMS}", "prod/compose.yaml": "services:\n  api:\n    image: acme/api:1\n    env_file: ../.env\n", **ENV},
            ["cms", "api"],
        ),
    ],
)  # fmt: skip
def test_what_stays(tmp_path: Path, files: dict[str, str], names: list[str]) -> None:
    assert servers(tmp_path, files) == names


PDF: Final = "  pdf:\n    image: acme/directus-pdf-service:1\n"


@each_case(
    ("service", "is_server"),
    [
        (f"{PDF}    environment: {{POSTGRES_HOST: db, PORT: '80'}}\n", False),
        (f"{PDF}    environment: {{SECRET: a}}\n", True),
        (f"{PDF}    environment: {{DB_HOST: db}}\n", True),
        (f"{PDF}    environment: {{CORS_ORIGIN: 'true', PORT: '80'}}\n", True),
        (f"{PDF}    env_file: secrets.env\n    environment: {{POSTGRES_HOST: db}}\n", True),
        (PDF, True),
        (PDF.replace("  pdf:", "  directus-2:") + "    environment: {POSTGRES_HOST: db}\n", True),
        (
            PDF.replace("acme/directus-pdf-service", "directus/directus") + "    environment: {POSTGRES_HOST: db}\n",
            True,
        ),
    ],
)
def test_an_image_that_is_called_after_directus(tmp_path: Path, service: str, is_server: bool) -> None:
    """Beside a server it is another program if all its variables are known, and are for that. Alone it may be a server."""
    name = service.split(":", 1)[0].strip()
    assert (name in servers(tmp_path / "beside", {"compose.yaml": f"services:\n{CMS}{service}", **ENV})) is is_server
    assert name in servers(tmp_path / "alone", {"compose.yaml": f"services:\n{service}"})


def test_what_is_listed_one_by_one_is_its_own(tmp_path: Path) -> None:
    refs = "env: [{name: SECRET, valueFrom: {configMapKeyRef: {name: env, key: SECRET}}}, {name: DB_CLIENT, valueFrom: {configMapKeyRef: {name: env, key: DB_CLIENT}}}]"
    files = {
        "env.yaml": MAP,
        "cms.yaml": pod("cms", "directus/directus:12.4.1"),
        "api.yaml": pod("api", "acme/api:1", refs),
    }
    assert servers(tmp_path, files) == ["Pod/api/api", "Pod/cms/cms"]
