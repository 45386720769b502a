"""Nothing can be hidden in a manifest, whatever its format: the hidings of `test_hiding` on one environment, as each platform
takes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.deployment_formats import FORMATS, WEAK, lines
from tests.support.hidings import answer, asked, hidings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

IMAGE: Final = "directus/directus:12.4.1"
CHECK: Final = "cors-any-origin"
DECIDING: Final = ("CORS_ENABLED", "CORS_ORIGIN", "CORS_CREDENTIALS")
"""What the check rests on: each may be the one that is hidden."""

Environment = dict[str, str]


def _compose(environment: Environment) -> Mapping[str, str]:
    return {"compose.yaml": f"services:\n  cms:\n    image: {IMAGE}\n    environment:\n" + lines(environment, 6)}


def _env_file(environment: Environment) -> Mapping[str, str]:
    compose = f"services:\n  cms:\n    image: {IMAGE}\n    env_file: prod.env\n"
    return {"compose.yaml": compose, "prod.env": lines(environment, 0, "{name}={value}")}


def _config_map(environment: Environment) -> Mapping[str, str]:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: cms}}\nspec:\n  containers:\n  - name: cms\n    image: {IMAGE}\n    envFrom:\n    - configMapRef: {{name: settings}}\n"
    settings = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"
    return {"k8s/cms.yaml": pod + settings + lines(environment, 2)}


def _helm_values(environment: Environment) -> Mapping[str, str]:
    return {"values.yaml": "image: {repository: directus/directus, tag: 12.4.1}\nenv:\n" + lines(environment, 2)}


def _ecs(environment: Environment) -> Mapping[str, str]:
    held = [{"name": name, "value": value} for name, value in environment.items()]
    return {
        "task-definition.json": json.dumps(
            {"containerDefinitions": [{"name": "cms", "image": IMAGE, "environment": held}]}
        )
    }


def _fly(environment: Environment) -> Mapping[str, str]:
    return {
        "fly.toml": f'app = "cms"\n[build]\nimage = "{IMAGE}"\n[env]\n' + lines(environment, 0, '{name} = "{value}"')
    }


def _render(environment: Environment) -> Mapping[str, str]:
    head = f"services:\n- type: web\n  name: cms\n  runtime: image\n  image: {{url: {IMAGE}}}\n  envVars:\n"
    return {"render.yaml": head + lines(environment, 2, '- {{key: {name}, value: "{value}"}}')}


def _heroku(environment: Environment) -> Mapping[str, str]:
    return {"app.json": json.dumps({"name": "cms", "env": environment})}


def _pm2(environment: Environment) -> Mapping[str, str]:
    apps = {"apps": [{"name": "cms", "script": "npx directus start", "env": environment}]}
    return {"ecosystem.config.json": json.dumps(apps)}


def _terraform(environment: Environment) -> Mapping[str, str]:
    head = f'resource "docker_container" "cms" {{\n  image = "{IMAGE}"\n  env = {{\n'
    return {"main.tf": head + lines(environment, 4, '{name} = "{value}"') + "  }\n}\n"}


def _dockerfile(environment: Environment) -> Mapping[str, str]:
    return {"Dockerfile": f"FROM {IMAGE}\n" + lines(environment, 0, "ENV {name}={value}")}


def _dotenv(environment: Environment) -> Mapping[str, str]:
    return {".env": lines(environment, 0, "{name}={value}")}


OLDER: Final[dict[str, Callable[[Environment], Mapping[str, str]]]] = {
    function.__name__.lstrip("_"): function
    for function in (
        _compose, _env_file, _config_map, _helm_values, _ecs, _fly, _render, _heroku, _pm2, _terraform, _dockerfile, _dotenv,
    )
}  # fmt: skip
EVERY: Final = {**FORMATS, **OLDER}


def bytes_of(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def silent(name: str) -> Iterator[str]:
    """The hidings after which the check has nothing to say."""
    make = EVERY[name]
    files = bytes_of(make(WEAK))
    assert answer(asked(CHECK, files, None), CHECK) == "fail"
    for hiding in hidings(files, {}):
        if hiding.kind != "removed" and not answer(asked(CHECK, hiding.files, None, limit=hiding.limit), CHECK):
            yield str(hiding)
    for variable in DECIDING:
        hidden = bytes_of(make({**WEAK, variable: REFERENCES.get(name, "${HIDDEN}")}))
        if not answer(asked(CHECK, hidden, None), CHECK):
            yield f"reference {variable}"


REFERENCES: Final = {"terraform": "${var.hidden}", "make": "$(HIDDEN)", "nomad": "${var.hidden}"}
"""How a format refers to something else, where it is not `${X}`."""


QUICK: Final = ("compose", "env_file", "config_map", "helm_values", "terraform", "dockerfile", "dotenv", "pm2")
"""The formats of a quick run: one for each language in which manifests are written. The others are tried with the thorough tests."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.thorough) for name in EVERY]
)
def test_nothing_is_hidden(name: str) -> None:
    assert list(silent(name)) == []
