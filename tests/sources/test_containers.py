"""Terraform, ECS and CloudFormation: an image beside an environment, wherever a provider puts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import ecs, kubernetes, terraform
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, repository, texts

if TYPE_CHECKING:
    from pathlib import Path


@each_case(
    "body",
    [
        'resource "docker_container" "cms" {\n  image = "directus/directus:11.5.0"\n  env = ["SECRET=abc", "DB_CLIENT=pg"]\n}\n',
        'resource "x" "cms" {\n  image = "directus/directus:11.5.0"\n  environment = { SECRET = "abc", DB_CLIENT = "pg" }\n}\n',
        (
            'resource "aws_ecs_task_definition" "cms" {\n  container_definitions = jsonencode([{ name = "d", image = "directus/directus:11.5.0",\n'
            '    environment = [{ name = "SECRET", value = "abc" }, { name = "DB_CLIENT", value = "pg" }] }])\n}\n'
        ),
        (
            'resource "google_cloud_run_v2_service" "cms" {\n  template {\n    containers {\n      image = "directus/directus:11.5.0"\n'
            '      env {\n        name = "SECRET"\n        value = "abc"\n      }\n      env {\n        name = "DB_CLIENT"\n        value = "pg"\n      }\n    }\n  }\n}\n'
        ),
        (
            'resource "kubernetes_deployment" "cms" {\n  spec {\n    template {\n      spec {\n        container {\n          image = "directus/directus:11.5.0"\n'
            '          env {\n            name = "SECRET"\n            value = "abc"\n          }\n          env {\n            name = "DB_CLIENT"\n            value = "pg"\n          }\n'
            "        }\n      }\n    }\n  }\n}\n"
        ),
        'locals {\n  vars = { SECRET = "abc", "DB_CLIENT" = "pg" }\n}\nmodule "directus" {\n  source = "./x"\n  environment_variables = local.vars\n}\n',
        '# directus\nresource "heroku_app" "cms" {\n  config_vars = {\n    SECRET    = "abc"\n    DB_CLIENT = "pg"\n  }\n}\n',
        '# directus\nresource "aws_lambda_function" "cms" {\n  environment {\n    variables = { SECRET = "abc", DB_CLIENT = "pg" }\n  }\n}\n',
    ],
)
def test_terraform(tmp_path: Path, body: str) -> None:
    (found,) = terraform.read(repository(tmp_path, {"main.tf": body}))
    assert texts(found.variables) == [("SECRET", "abc"), ("DB_CLIENT", "pg")]
    assert [cut(tmp_path, variable.location) for variable in found.variables] == ["abc", "pg"]
    assert found.name.startswith("main.tf#")


def test_terraform_references(tmp_path: Path) -> None:
    files = {
        "variables.tf": 'variable "key" {\n  default = "change-me"\n}\nvariable "none" {}\n',
        "main.tf": 'resource "docker_container" "directus" {\n  image = var.image\n  environment = {\n    DB_CLIENT = "pg"\n    SECRET = var.key\n'
        '    KEY = var.none\n    PUBLIC_URL = "https://${var.host}"\n    N = 5\n    B = true\n    GONE = null\n  }\n}\n',
    }
    (found,) = terraform.read(repository(tmp_path, files))
    assert texts(found.variables) == [
        ("DB_CLIENT", "pg"), ("SECRET", None), ("KEY", None), ("PUBLIC_URL", None), ("N", "5"), ("B", "true"),
    ]  # fmt: skip
    assert fallback(found.variables[1]) == "change-me"
    assert fallback(found.variables[2]) is None
    assert found.image is not None
    assert found.image.unknown


def test_terraform_that_computes_its_environment_is_open(tmp_path: Path) -> None:
    body = 'resource "docker_container" "d" {\n  image = "directus/directus"\n  env = [for k, v in var.env : "${k}=${v}"]\n}\n'
    (found,) = terraform.read(repository(tmp_path, {"main.tf": body}))
    assert found.variables == ()
    assert found.gaps


def test_other_resources_are_nobodys(tmp_path: Path) -> None:
    body = (
        '# directus\nresource "docker_container" "d" {\n  image = "postgres:17"\n  env = ["SECRET=abc", "KEY=x"]\n}\n'
    )
    assert terraform.read(repository(tmp_path, {"main.tf": body})) == ()


TASK = {
    "family": "cms",
    "containerDefinitions": [
        {
            "name": "directus",
            "image": "1234.dkr.ecr.eu-west-1.amazonaws.com/directus/directus:11.5.0",
            "environment": [{"name": "SECRET", "value": "abc"}],
            "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:x"}],
        },
        {"name": "proxy", "image": "nginx", "environment": [{"name": "SECRET", "value": "x"}]},
    ],
}


@each_case("shape", ["task", "wrapped", "list"])
def test_task_definitions(tmp_path: Path, shape: str) -> None:
    data: object = {"task": TASK, "wrapped": {"taskDefinition": TASK}, "list": TASK["containerDefinitions"]}[shape]
    (found,) = ecs.read(repository(tmp_path, {"ecs/task-definition.json": json.dumps(data, indent=2)}))
    assert found.name == "ecs/task-definition.json#directus"
    assert texts(found.variables) == [("SECRET", "abc"), ("DB_PASSWORD", None)]
    assert cut(tmp_path, found.variables[0].location) == "abc"
    assert found.version is not None
    assert str(found.version.version) == "11.5.0"


def test_a_task_definition_may_have_any_name(tmp_path: Path) -> None:
    files = {
        "aws/cms-final.json": json.dumps(TASK),
        "aws/other.json": json.dumps({"containerDefinitions": [{"image": "nginx"}]}),
    }
    assert [found.name for found in ecs.read(repository(tmp_path, files))] == ["aws/cms-final.json#directus"]


@each_case(
    ("command", "runs_once"),
    [
        (["npx", "directus", "bootstrap"], True),
        (["node", "cli.js", "database", "migrate:latest"], True),
        (["node", "-e", "require('net').connect(5432)"], True),
        (["sh", "-c", "npx directus bootstrap && npx directus start"], False),
        (["sh", "-c", "npx directus bootstrap && ./entrypoint.sh"], False),
        (["sh", "-c", "npx directus bootstrap; /docker-entrypoint"], False),
        (["sh", "-c", "npx directus bootstrap && node server.js"], False),
        (["./wait-for-it.sh", "db:5432", "--", "npx", "directus", "bootstrap"], True),
        (["node", "cli.js", "start"], False),
        (["sh", "-c", "$START"], False),
        ([], False),
    ],
)
def test_a_container_that_only_runs_a_command_is_no_server(tmp_path: Path, command: list[str], runs_once: bool) -> None:
    image = "directus/directus:12.4.1"
    container = {"name": "directus", "image": image, "entryPoint": [], "command": command}
    pod = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "a"},
        "spec": {
            "template": {
                "spec": {"containers": [{"name": "directus", "image": "directus/directus:12.4.1", "command": command}]}
            }
        },
    }
    held = repository(
        tmp_path, {"a.json": json.dumps({"containerDefinitions": [container]}), "job.yaml": json.dumps(pod)}
    )
    for found in (*ecs.read(held), *kubernetes.read(held)):
        assert found.partial is runs_once
        assert any("runs a command and ends" in gap.reason for gap in found.gaps) is runs_once


def test_cloudformation(tmp_path: Path) -> None:
    template = """Resources:
  Cms:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: directus
          Image: directus/directus:11.5.0
          Environment:
            - {Name: PUBLIC_URL, Value: https://cms.example.com}
            - {Name: SECRET, Value: !Ref Secret}
"""
    (found,) = ecs.read(repository(tmp_path, {"template.yaml": template}))
    assert found.name == "template.yaml#Cms/directus"
    assert texts(found.variables) == [("PUBLIC_URL", "https://cms.example.com"), ("SECRET", None)]
    assert isinstance(found.variables[1].value, Unknown)


def test_environment_files_in_a_bucket_leave_it_open(tmp_path: Path) -> None:
    task = {
        "containerDefinitions": [
            {"name": "d", "image": "directus/directus", "environmentFiles": [{"type": "s3", "value": "arn:x"}]}
        ]
    }
    (found,) = ecs.read(repository(tmp_path, {"task-definition.json": json.dumps(task)}))
    assert found.gaps


STACK = """Parameters:
  Secret: {Type: String, Default: written-down}
  Other: {Type: String, NoEcho: true}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: cms
          Image: directus/directus:12.4.1
          Environment: [{Name: SECRET, Value: VALUE}, {Name: KEY, Value: k}]
"""


@each_case("path", ["cfn.yaml", "infra/stack-cms.yml", "cms.template"])
@each_case(
    ("value", "known", "default"),
    [
        ("written-down", "written-down", None),
        ("!Ref Secret", None, "written-down"),
        ("{Ref: Secret}", None, "written-down"),
        ('!Sub "${Secret}"', None, "written-down"),
        ("!Ref Other", None, None),
        ("{Ref: Other}", None, None),
        ("!Ref Missing", None, None),
        ('!Sub "{{resolve:secretsmanager:cms:SecretString:secret}}"', None, None),
    ],
)
def test_a_stack_of_any_name(tmp_path: Path, path: str, value: str, known: str | None, default: str | None) -> None:
    (found,) = ecs.read(repository(tmp_path, {path: STACK.replace("VALUE", value)}))
    (variable, _) = found.variables
    assert texts([variable]) == [("SECRET", known)]
    assert known or fallback(variable) == default
    assert default is None or cut(tmp_path, variable.location) == default
