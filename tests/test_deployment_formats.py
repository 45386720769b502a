"""Every format of a deployment through the whole scan: the same environment, written as each platform takes it.

What is wrong in it must be named at the very line that says it, what is right must pass, and a secret that comes from
elsewhere must be left open.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Context, Status
from tests.cli_tools import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from directus_guard.finding import Report

Environment = dict[str, str]

RANDOM: Final = "9f2c4e7b1a6d8053b4e9c7f1d2a5608e3b7c9d1f5a2e4680"
BASE: Final = {"PUBLIC_URL": "https://cms.example.com", "DB_CLIENT": "pg"}
WEAK: Final = {
    **BASE,
    "SECRET": "replace-with-random-value",
    "CORS_ENABLED": "true",
    "CORS_ORIGIN": "regex:example",
    "CORS_CREDENTIALS": "true",
}
GOOD: Final = {
    **BASE,
    "SECRET": RANDOM,
    "CORS_ENABLED": "true",
    "CORS_ORIGIN": "https://www.example.com",
    "CORS_CREDENTIALS": "true",
}


def _lines(environment: Environment, indent: int, form: str = '{name}: "{value}"') -> str:
    return "".join(" " * indent + form.format(name=name, value=value) + "\n" for name, value in environment.items())


def _do(environment: Environment) -> Mapping[str, str]:
    text = "name: shop\nservices:\n- name: cms\n  image: {registry_type: DOCKER_HUB, registry: directus, repository: directus, tag: 12.4.1}\n  envs:\n"
    return {".do/app.yaml": text + _lines(environment, 2, '- {{key: {name}, scope: RUN_TIME, value: "{value}"}}')}


def _do_json(environment: Environment) -> Mapping[str, str]:
    envs = [{"key": name, "value": value} for name, value in environment.items()]
    image = {"registry_type": "DOCKER_HUB", "registry": "directus", "repository": "directus", "tag": "12.4.1"}
    return {"app-spec.json": json.dumps({"services": [{"name": "cms", "image": image, "envs": envs}]}, indent=1)}


def _platform_sh(environment: Environment) -> Mapping[str, str]:
    head = "name: cms\ntype: nodejs:20\nweb: {commands: {start: npx directus start}}\nvariables:\n  env:\n"
    return {".platform.app.yaml": head + _lines(environment, 4)}


def _upsun(environment: Environment) -> Mapping[str, str]:
    head = "applications:\n  cms:\n    type: nodejs:20\n    web: {commands: {start: npx directus start}}\n    variables:\n      env:\n"
    return {".upsun/config.yaml": head + _lines(environment, 8)}


def _zerops(environment: Environment) -> Mapping[str, str]:
    head = "zerops:\n- setup: cms\n  run:\n    start: npx directus start\n    envVariables:\n"
    return {"zerops.yml": head + _lines(environment, 6)}


def _zerops_import(environment: Environment) -> Mapping[str, str]:
    return {"zerops-import.yml": "services:\n- hostname: cms\n  envSecrets:\n" + _lines(environment, 4)}


def _nomad(environment: Environment) -> Mapping[str, str]:
    head = 'job "cms" {\n  task "directus" {\n    config { image = "directus/directus:12.4.1" }\n    env {\n'
    return {"cms.nomad.hcl": head + _lines(environment, 6, '{name} = "{value}"') + "    }\n  }\n}\n"}


def _nomad_template(environment: Environment) -> Mapping[str, str]:
    head = 'job "cms" {\n  task "directus" {\n    config { image = "directus/directus:12.4.1" }\n    template {\n      env = true\n      data = <<-E\n'
    return {"cms.nomad": head + _lines(environment, 8, "{name}={value}") + "      E\n    }\n  }\n}\n"}


def _nomad_json(environment: Environment) -> Mapping[str, str]:
    task = {"Name": "cms", "Config": {"image": "directus/directus:12.4.1"}, "Env": environment}
    return {"nomad.json": json.dumps({"Job": {"ID": "a", "TaskGroups": [{"Name": "g", "Tasks": [task]}]}}, indent=1)}


def _terraform_json(environment: Environment) -> Mapping[str, str]:
    module = {"resource": {"docker_container": {"cms": {"image": "directus/directus:12.4.1", "env": environment}}}}
    return {"main.tf.json": json.dumps(module, indent=1)}


def _quadlet(environment: Environment) -> Mapping[str, str]:
    head = "[Container]\nImage=directus/directus:12.4.1\n"
    return {"cms.container": head + _lines(environment, 0, 'Environment="{name}={value}"')}


def _systemd(environment: Environment) -> Mapping[str, str]:
    head = "[Service]\nExecStart=/usr/bin/npx directus start\n"
    return {"etc/cms.service": head + _lines(environment, 0, "Environment={name}={value}")}


def _gcloud(environment: Environment) -> Mapping[str, str]:
    flags = "".join(f"  --update-env-vars={name}={value} \\\n" for name, value in environment.items())
    return {"deploy.sh": f"gcloud run deploy cms --image=directus/directus:12.4.1 \\\n{flags}  --quiet\n"}


def _make(environment: Environment) -> Mapping[str, str]:
    names = ",".join(f"{name}=$({name})" for name in environment)
    head = _lines(environment, 0, "{name} := {value}")
    return {
        "Makefile": f"{head}deploy:\n\t@gcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars={names}\n"
    }


def _cloud_build(environment: Environment) -> Mapping[str, str]:
    head = "steps:\n- name: gcr.io/cloud-builders/gcloud\n  args:\n  - run\n  - deploy\n  - cms\n  - --image=directus/directus:12.4.1\n"
    return {"cloudbuild.yaml": head + _lines(environment, 2, "- --set-env-vars={name}={value}")}


def _deploy_action(environment: Environment) -> Mapping[str, str]:
    head = "jobs:\n  a:\n    steps:\n    - uses: google-github-actions/deploy-cloudrun@v2\n      with:\n        image: directus/directus:12.4.1\n        env_vars: |\n"
    return {".github/workflows/deploy.yml": head + _lines(environment, 10, "{name}={value}")}


def _knative(environment: Environment) -> Mapping[str, str]:
    head = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: cms}\nspec:\n  template:\n    spec:\n      containers:\n      - image: directus/directus:12.4.1\n        env:\n"
    return {"service.yaml": head + _lines(environment, 8, '- {{name: {name}, value: "{value}"}}')}


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
    return {"apprunner.yaml": head + _lines(environment, 2, '- {{name: {name}, value: "{value}"}}')}


def _copilot(environment: Environment) -> Mapping[str, str]:
    head = "name: cms\ntype: Backend Service\nimage: {location: directus/directus:12.4.1}\nvariables:\n"
    return {"copilot/cms/manifest.yml": head + _lines(environment, 2)}


def _app_engine(environment: Environment) -> Mapping[str, str]:
    return {"app.yaml": "runtime: nodejs22\nentrypoint: npx directus start\nenv_variables:\n" + _lines(environment, 2)}


def _azure(environment: Environment) -> Mapping[str, str]:
    head = "name: cms\nproperties:\n  template:\n    containers:\n    - name: cms\n      image: directus/directus:12.4.1\n      env:\n"
    return {"azure.yaml": head + _lines(environment, 6, '- {{name: {name}, value: "{value}"}}')}


FORMATS: Final = {
    function.__name__.lstrip("_"): function
    for function in (
        _do, _do_json, _platform_sh, _upsun, _zerops, _zerops_import, _nomad, _nomad_template, _nomad_json, _terraform_json,
        _quadlet, _systemd, _gcloud, _make, _cloud_build, _deploy_action, _knative, _kubernetes_json,
        _app_runner, _copilot, _app_engine, _azure,
    )
}  # fmt: skip
LINES: Final = ("quadlet", "systemd", "gcloud", "make")
"""Formats in which no text is broken as a whole."""


def _scan(root: Path, files: Mapping[str, str]) -> Report:
    return audit(Options(root=write(root, files)))


def _places(report: Report, check: str) -> set[tuple[str, int]]:
    return {(finding.location.path, finding.location.line) for finding in report.findings if finding.check == check}


def _line(files: Mapping[str, str], value: str) -> tuple[str, int]:
    """The only line that holds a value."""
    (found,) = [
        (path, number)
        for path, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if value in line
    ]
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_wrong_is_named_where_it_is_written(tmp_path: Path, name: str) -> None:
    files = FORMATS[name](WEAK)
    report = _scan(tmp_path, files)
    assert _places(report, "secret-weak") == {_line(files, WEAK["SECRET"])}
    assert _places(report, "cors-any-origin") == {_line(files, WEAK["CORS_ORIGIN"])}
    assert {finding.context for finding in report.findings} == {Context.PRODUCTION}
    assert not report.problems


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_right_passes(tmp_path: Path, name: str) -> None:
    report = _scan(tmp_path, FORMATS[name](GOOD))
    statuses = {(outcome.check, outcome.status) for outcome in report.outcomes}
    assert ("secret-weak", Status.PASS) in statuses
    assert ("cors-any-origin", Status.PASS) in statuses
    assert not [finding for finding in report.findings if finding.check in ("secret-weak", "cors-any-origin")]


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in LINES])
def test_a_file_cut_off_is_a_problem_and_no_pass(tmp_path: Path, name: str) -> None:
    """Directus' name stands in a comment or a name, so that the file is known to belong to the project."""
    ((path, text),) = FORMATS[name](WEAK).items()
    broken = text.rstrip().rstrip("}\n ]").rstrip() + "\n  : [ {\n"
    broken = broken if "directus" in broken else broken.replace("cms", "directus")
    report = _scan(tmp_path, {path: broken})
    assert [(problem.path, problem.incomplete) for problem in report.problems] == [(path, True)]
