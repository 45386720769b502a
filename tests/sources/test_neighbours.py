"""Files of another program, and files that nothing can be read of, change nothing of what is read of those behind them."""

from __future__ import annotations

import json
from typing import Final

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.collect import collect
from tests.support.deployment_formats import BASE, FORMATS, lines
from tests.support.in_memory import in_memory

SETTINGS: Final = {**BASE, "SECRET": "548f497daafaca6187e930e80b76c645", "CORS_ENABLED": "true"}
IMAGE: Final = "directus/directus:12.4.1"
PAIRS: Final = [{"name": name, "value": value} for name, value in SETTINGS.items()]
FLAGS: Final = lines(SETTINGS, 1, "-e {name}={value} \\")
OTHERS: Final = {
    "compose": {"compose.yaml": f"services:\n  directus:\n    image: {IMAGE}\n    environment:\n" + lines(SETTINGS, 6)},
    "dockerfile": {"Dockerfile": f"FROM {IMAGE}\n" + lines(SETTINGS, 0, 'ENV {name}="{value}"')},
    "script": {"run.sh": f"docker run \\\n{FLAGS} {IMAGE}\n"},
    "fly": {"fly.toml": f'app = "cms"\n[build]\nimage = "{IMAGE}"\n[env]\n' + lines(SETTINGS, 0, '{name} = "{value}"')},
    "kubernetes": {
        "cms.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cms}\nspec:\n  template:\n    spec:\n      containers:\n"
        f"        - name: directus\n          image: {IMAGE}\n          env:\n" + lines(SETTINGS, 12, '- {{name: {name}, value: "{value}"}}')
    },
    "terraform": {
        "main.tf": f'resource "docker_container" "cms" {{\n  image = "{IMAGE}"\n  env = [\n'
        + lines(SETTINGS, 4, '"{name}={value}",') + "  ]\n}\n"
    },
    "ansible": {
        "tasks/main.yml": f"- community.docker.docker_container:\n    name: cms\n    image: {IMAGE}\n    env:\n" + lines(SETTINGS, 6)
    },
    "pm2": {
        "ecosystem.config.js": "module.exports = {apps: [{name: 'directus', script: 'npx', args: 'directus start', env: {"
        + lines(SETTINGS, 0, '{name}: "{value}",') + "}}]}\n"
    },
    "dotenv": {".env": "# Directus\n" + lines(SETTINGS, 0, "{name}={value}"), "package.json": '{"dependencies": {"directus": "12.4.1"}}'},
    "ecs": {"task-definition.json": json.dumps({"family": "cms", "containerDefinitions": [{"name": "cms", "image": IMAGE, "environment": PAIRS}]})},
    "render": {
        "render.yaml": f"services:\n- type: web\n  name: cms\n  runtime: image\n  image: {{url: {IMAGE}}}\n  envVars:\n"
        + lines(SETTINGS, 2, '- {{key: {name}, value: "{value}"}}')
    },
    "heroku": {
        "app.json": json.dumps({"name": "directus", "env": {name: {"value": value} for name, value in SETTINGS.items()}}),
        "Procfile": "web: npx directus start\n",
        "package.json": '{"dependencies": {"directus": "12.4.1"}}',
    },
    "helm": {
        "Chart.yaml": "apiVersion: v2\nname: cms\nversion: 1.0.0\ndependencies: [{name: directus, version: 1.0.0, repository: https://directus-community.github.io/helm-chart}]\n",
        "values.yaml": "directus:\n  image: {repository: directus/directus, tag: 12.4.1}\n  extraEnvVars:\n"
        + lines(SETTINGS, 4, '- {{name: {name}, value: "{value}"}}'),
    },
    "kustomize": {
        "kustomization.yaml": "resources: [cms.yaml]\nimages: [{name: cms, newName: directus/directus, newTag: 12.4.1}]\n",
        "cms.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cms}\nspec:\n  template:\n    spec:\n      containers:\n"
        "        - name: directus\n          image: cms\n          env:\n" + lines(SETTINGS, 12, '- {{name: {name}, value: "{value}"}}'),
    },
    "pulumi": {"Pulumi.yaml": "name: cms\nruntime: yaml\nresources:\n  cms:\n    type: docker:Container\n    properties:\n"
        f"      image: {IMAGE}\n      envs:\n" + lines(SETTINGS, 8, '- "{name}={value}"')},
}  # fmt: skip


def test_what_is_before_a_manifest_does_not_hide_it() -> None:
    manifests = {name: dict(write(SETTINGS)) for name, write in FORMATS.items() if name != "zerops_import"} | OTHERS
    own = {f"m/{name}/{path}": text for name, files in manifests.items() for path, text in files.items()}
    others = {
        f"{folder}/{path.removeprefix('m/')}": made
        for path, text in own.items()
        for folder, made in (
            ("a", text.replace("directus", "nginx").replace("Directus", "Nginx")),
            ("b", '{"[<\n{{ x\n# directus'),
        )
    }
    others[".github/scripts/run.sh"] = OTHERS["script"]["run.sh"]
    found: dict[str, dict[str, str]] = {}
    for one in collect(in_memory(others | own)).deployments:
        held = {each.name: each.value.text.reveal() for each in one.variables if isinstance(each.value, Known)}
        found.setdefault(one.location.path, {}).update(held)
    for name in manifests:
        read = {
            key: value for path, held in found.items() if path.startswith(f"m/{name}/") for key, value in held.items()
        }
        assert SETTINGS.items() <= read.items(), name
