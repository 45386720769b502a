"""One deployment of Directus as each platform's manifest declares it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


Environment = dict[str, str]

BASE: Final = {"PUBLIC_URL": "https://cms.example.com", "DB_CLIENT": "pg"}
WEAK: Final = {
    **BASE,
    "SECRET": "replace-with-random-value",
    "CORS_ENABLED": "true",
    "CORS_ORIGIN": "regex:example",
    "CORS_CREDENTIALS": "true",
}


def lines(environment: Environment, indent: int, form: str = '{name}: "{value}"') -> str:
    return "".join(" " * indent + form.format(name=name, value=value) + "\n" for name, value in environment.items())


def _do(environment: Environment) -> Mapping[str, str]:
    text = "name: shop\nservices:\n- name: cms\n  image: {registry_type: DOCKER_HUB, registry: directus, repository: directus, tag: 12.4.1}\n  envs:\n"
    return {".do/app.yaml": text + lines(environment, 2, '- {{key: {name}, scope: RUN_TIME, value: "{value}"}}')}


def _do_json(environment: Environment) -> Mapping[str, str]:
    envs = [{"key": name, "value": value} for name, value in environment.items()]
    image = {"registry_type": "DOCKER_HUB", "registry": "directus", "repository": "directus", "tag": "12.4.1"}
    return {"app-spec.json": json.dumps({"services": [{"name": "cms", "image": image, "envs": envs}]}, indent=1)}


def _platform_sh(environment: Environment) -> Mapping[str, str]:
    head = "name: cms\ntype: nodejs:20\nweb: {commands: {start: npx directus start}}\nvariables:\n  env:\n"
    return {".platform.app.yaml": head + lines(environment, 4)}


def _upsun(environment: Environment) -> Mapping[str, str]:
    head = "applications:\n  cms:\n    type: nodejs:20\n    web: {commands: {start: npx directus start}}\n    variables:\n      env:\n"
    return {".upsun/config.yaml": head + lines(environment, 8)}


def _zerops(environment: Environment) -> Mapping[str, str]:
    head = "zerops:\n- setup: cms\n  run:\n    start: npx directus start\n    envVariables:\n"
    return {"zerops.yml": head + lines(environment, 6)}


def _zerops_import(environment: Environment) -> Mapping[str, str]:
    return {"zerops-import.yml": "services:\n- hostname: cms\n  envSecrets:\n" + lines(environment, 4)}


def _nomad(environment: Environment) -> Mapping[str, str]:
    head = 'job "cms" {\n  task "directus" {\n    config { image = "directus/directus:12.4.1" }\n    env {\n'
    return {"cms.nomad.hcl": head + lines(environment, 6, '{name} = "{value}"') + "    }\n  }\n}\n"}


def _nomad_template(environment: Environment) -> Mapping[str, str]:
    head = 'job "cms" {\n  task "directus" {\n    config { image = "directus/directus:12.4.1" }\n    template {\n      env = true\n      data = <<-E\n'
    return {"cms.nomad": head + lines(environment, 8, "{name}={value}") + "      E\n    }\n  }\n}\n"}


def _nomad_json(environment: Environment) -> Mapping[str, str]:
    task = {"Name": "cms", "Config": {"image": "directus/directus:12.4.1"}, "Env": environment}
    return {"nomad.json": json.dumps({"Job": {"ID": "a", "TaskGroups": [{"Name": "g", "Tasks": [task]}]}}, indent=1)}


def _terraform_json(environment: Environment) -> Mapping[str, str]:
    module = {"resource": {"docker_container": {"cms": {"image": "directus/directus:12.4.1", "env": environment}}}}
    return {"main.tf.json": json.dumps(module, indent=1)}


def _nix(environment: Environment) -> Mapping[str, str]:
    head = '{ ... }:\n{\n  virtualisation.oci-containers.containers.cms = {\n    image = "directus/directus:12.4.1";\n    environment = {\n'
    return {"cms.nix": head + lines(environment, 6, '{name} = "{value}";') + "    };\n  };\n}\n"}


def _bicep(environment: Environment) -> Mapping[str, str]:
    head = "resource cms 'Microsoft.App/containerApps@2024-03-01' = {\n  properties: { template: { containers: [{\n    image: 'directus/directus:12.4.1'\n    env: [\n"
    pairs = lines(environment, 6, "{{ name: '{name}', value: '{value}' }}")
    return {"main.bicep": f"{head}{pairs}    ]\n  }}] }} }}\n}}\n"}


def _quadlet(environment: Environment) -> Mapping[str, str]:
    head = "[Container]\nImage=directus/directus:12.4.1\n"
    return {"cms.container": head + lines(environment, 0, 'Environment="{name}={value}"')}


def _systemd(environment: Environment) -> Mapping[str, str]:
    head = "[Service]\nExecStart=/usr/bin/npx directus start\n"
    return {"etc/cms.service": head + lines(environment, 0, "Environment={name}={value}")}


def _gcloud(environment: Environment) -> Mapping[str, str]:
    flags = "".join(f"  --update-env-vars={name}={value} \\\n" for name, value in environment.items())
    return {"deploy.sh": f"gcloud run deploy cms --image=directus/directus:12.4.1 \\\n{flags}  --quiet\n"}


def _make(environment: Environment) -> Mapping[str, str]:
    names = ",".join(f"{name}=$({name})" for name in environment)
    head = lines(environment, 0, "{name} := {value}")
    return {
        "Makefile": f"{head}deploy:\n\t@gcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars={names}\n"
    }


def _cloud_build(environment: Environment) -> Mapping[str, str]:
    head = "steps:\n- name: gcr.io/cloud-builders/gcloud\n  args:\n  - run\n  - deploy\n  - cms\n  - --image=directus/directus:12.4.1\n"
    return {"cloudbuild.yaml": head + lines(environment, 2, "- --set-env-vars={name}={value}")}


def _deploy_action(environment: Environment) -> Mapping[str, str]:
    head = "jobs:\n  a:\n    steps:\n    - uses: google-github-actions/deploy-cloudrun@v2\n      with:\n        image: directus/directus:12.4.1\n        env_vars: |\n"
    return {".github/workflows/deploy.yml": head + lines(environment, 10, "{name}={value}")}


def _knative(environment: Environment) -> Mapping[str, str]:
    head = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: cms}\nspec:\n  template:\n    spec:\n      containers:\n      - image: directus/directus:12.4.1\n        env:\n"
    return {"service.yaml": head + lines(environment, 8, '- {{name: {name}, value: "{value}"}}')}


def _kubernetes_json(environment: Environment) -> Mapping[str, str]:
    container = {
        "name": "cms",
        "image": "directus/directus:12.4.1",
        "env": [{"name": name, "value": value} for name, value in environment.items()],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cms"},
        "spec": {"containers": [container]},
    }
    return {"any/folder/cms.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod]}, indent=1)}


def _app_runner(environment: Environment) -> Mapping[str, str]:
    head = "version: 1.0\nruntime: nodejs22\nrun:\n  command: npx directus start\n  env:\n"
    return {"apprunner.yaml": head + lines(environment, 2, '- {{name: {name}, value: "{value}"}}')}


def _copilot(environment: Environment) -> Mapping[str, str]:
    head = "name: cms\ntype: Backend Service\nimage: {location: directus/directus:12.4.1}\nvariables:\n"
    return {"copilot/cms/manifest.yml": head + lines(environment, 2)}


def _app_engine(environment: Environment) -> Mapping[str, str]:
    return {"app.yaml": "runtime: nodejs22\nentrypoint: npx directus start\nenv_variables:\n" + lines(environment, 2)}


def _azure(environment: Environment) -> Mapping[str, str]:
    head = "name: cms\nproperties:\n  template:\n    containers:\n    - name: cms\n      image: directus/directus:12.4.1\n      env:\n"
    return {"azure.yaml": head + lines(environment, 6, '- {{name: {name}, value: "{value}"}}')}


FORMATS: Final = {
    function.__name__.lstrip("_"): function
    for function in (
        _do, _do_json, _platform_sh, _upsun, _zerops, _zerops_import, _nomad, _nomad_template, _nomad_json, _terraform_json,
        _nix, _bicep, _quadlet, _systemd, _gcloud, _make, _cloud_build, _deploy_action, _knative, _kubernetes_json,
        _app_runner, _copilot, _app_engine, _azure,
    )
}  # fmt: skip
