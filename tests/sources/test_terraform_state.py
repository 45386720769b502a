"""A state of Terraform holds in clear text what the things it made are given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = "c7d9fc5e8d4bbd0f17c7930dad5f05be"
IMAGE: Final = "directus/directus:12.4.1"
PAIR: Final = {"name": "SECRET", "value": SECRET}
ARN: Final = "arn:aws:ssm:eu-central-1:1234:parameter/cms/secret"


def task(**more: object) -> tuple[str, dict[str, Any]]:
    return "aws_ecs_task_definition", {"container_definitions": json.dumps([{"name": "cms", "image": IMAGE, **more}])}


def pod(env: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    container = {"name": "cms", "image": IMAGE, "env": env}
    return "kubernetes_deployment_v1", {
        "metadata": [{"name": "cms"}],
        "spec": [{"template": [{"spec": [{"container": [container]}]}]}],
    }


CASES: Final[dict[str, list[tuple[str, dict[str, Any]]]]] = {
    "task": [task(environment=[PAIR])],
    "container": [("docker_container", {"image": IMAGE, "env": ["PUBLIC_URL=https://cms.example.com", f"SECRET={SECRET}"]})],
    "pod": [pod([{**PAIR, "value_from": []}, {"name": "KEY", "value": "", "value_from": [{"field_ref": [{"field_path": "x"}]}]}])],
    "cloud run": [("google_cloud_run_v2_service", {"template": [{"containers": [{"image": IMAGE, "env": [{**PAIR, "value_source": []}]}]}]})],
    "app": [("heroku_app", {"name": "cms", "config_vars": {"SECRET": SECRET, "DB_CLIENT": "pg", "KEY": "x"}})],
    "parameter": [
        task(secrets=[{"name": "SECRET", "valueFrom": ARN}]),
        ("aws_ssm_parameter", {"name": "/cms/secret", "arn": ARN, "value": SECRET}),
    ],
    "cluster's secret": [
        pod([{"name": "SECRET", "value": "", "value_from": [{"secret_key_ref": [{"name": "cms", "key": "SECRET"}]}]}]),
        ("kubernetes_secret", {"metadata": [{"name": "cms"}], "data": {"SECRET": SECRET}}),
    ],
    "stored secret": [("kubernetes_secret_v1", {"metadata": [{"name": "directus"}], "data": {"SECRET": SECRET, "DB_HOST": "x"}})],
    "stored parameter": [("aws_ssm_parameter", {"name": "/live/directus/SECRET", "value": SECRET})],
    "release": [("helm_release", {"name": "cms", "chart": "directus", "set": [{"name": "env.SECRET", "value": SECRET}, {"name": "image.repository", "value": "directus/directus"}]})],
}  # fmt: skip


def state(resources: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    held = [
        {"mode": "managed", "type": kind, "name": "cms", "instances": [{"attributes": body}]}
        for kind, body in resources
    ]
    return {"version": 4, "terraform_version": "1.9.0", "resources": held}


def printed(resources: list[tuple[str, dict[str, Any]]], key: str) -> dict[str, Any]:
    held = [{"type": kind, "name": "cms", "values": body} for kind, body in resources]
    module = {"resources": [], "child_modules": [{"address": "module.cms", "resources": held}]}
    return {"format_version": "1.2", "terraform_version": "1.9.0", key: {"root_module": module}}


@each_case("resources", CASES.values(), ids=CASES)
@each_case("indent", [None, 2])
def test_a_secret_in_a_state(tmp_path: Path, resources: list[tuple[str, dict[str, Any]]], indent: int | None) -> None:
    for path, data in (
        ("terraform.tfstate", state(resources)),
        ("live/terraform.tfstate.backup", state(resources)),
        ("tfplan.json", printed(resources, "planned_values")),
        ("state.json", printed(resources, "values")),
    ):
        root = tmp_path / path.replace("/", "-")
        (found,) = collect(repository(root, {path: json.dumps(data, indent=indent)})).deployments
        (held,) = [one for one in found.variables if one.name == "SECRET"]
        assert isinstance(held.value, Known)
        assert held.value.text.reveal() == SECRET
        assert cut(root, held.location) == SECRET
        assert found.location.path == path


@each_case(
    "resources",
    [
        [("docker_container", {"image": "nginx:1", "env": ["SECRET=directus"]})],
        [("kubernetes_secret", {"metadata": [{"name": "web"}], "data": {"SECRET": "x"}}), ("a", {"name": "directus"})],
        [("aws_iam_policy", {"name": "directus", "policy": '{"image": "directus/directus"'})],
    ],
)
def test_other_things_are_none(tmp_path: Path, resources: list[tuple[str, dict[str, Any]]]) -> None:
    assert collect(repository(tmp_path, {"terraform.tfstate": json.dumps(state(resources))})).deployments == ()


def test_what_is_stored_elsewhere_is_not_known(tmp_path: Path) -> None:
    data = state([task(secrets=[{"name": "SECRET", "valueFrom": ARN}])])
    (found,) = collect(repository(tmp_path, {"terraform.tfstate": json.dumps(data)})).deployments
    assert not any(isinstance(one.value, Known) for one in found.variables if one.name == "SECRET")


def test_a_state_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    made = repository(tmp_path, {"terraform.tfstate": '{"resources": [{"type": "directus"'})
    collect(made)
    assert [(one.path, one.incomplete) for one in made.problems] == [("terraform.tfstate", True)]
