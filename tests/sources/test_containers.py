"""Terraform, ECS and CloudFormation: an image beside an environment, wherever a provider puts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import ecs, kubernetes, terraform
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, reasons, repository, texts

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


@each_case(
    "key",
    [
        *["environment", "env", "environment_variables", "environmentVariables", "env_vars", "envVars", "config_vars", "app_settings", "runtime_environment_variables", "variables", "sensitive_config_vars", "envs"],
        *["secure_environment_variables", "secret_environment_variables", "secrets", "ENVIRONMENT"],
    ],
)  # fmt: skip
def test_each_member_that_holds_variables(tmp_path: Path, key: str) -> None:
    body = f'resource "x" "cms" {{\n  image = "directus/directus:12.4.1"\n  {key} = {{ A = "b" }}\n}}\n'
    (made,) = terraform.read(repository(tmp_path, {"main.tf": body}))
    assert texts(made.variables) == [("A", "b")]
    assert (made.variables[0].origin, made.gaps) == (f"`{key}`", ())


@each_case(
    ("key", "reason"),
    [
        ("env_from", "`env_from`: a ConfigMap or Secret of the cluster gives variables"), ("envFrom", "`envFrom`: a ConfigMap or Secret of the cluster gives variables"), ("environmentFiles", "its environment files are not in the repository"),
    ],
)  # fmt: skip
def test_each_member_that_leaves_the_environment_open(tmp_path: Path, key: str, reason: str) -> None:
    body = f'resource "x" "cms" {{\n  image = "directus/directus:12.4.1"\n  {key} = [{{ A = "b" }}]\n}}\n'
    (made,) = terraform.read(repository(tmp_path, {"main.tf": body}))
    assert (made.variables, reasons(made)) == ((), (reason,))


@each_case("key", ["image", "docker_image_name", "image_name", "container_image", "source_image", "registry_image", "image_identifier", "Image"])  # fmt: skip
def test_each_member_that_names_the_image(tmp_path: Path, key: str) -> None:
    (made,) = terraform.read(repository(tmp_path, {"main.tf": f'resource "x" "cms" {{\n  {key} = "directus/directus:12.4.1"\n}}\n'}))  # fmt: skip
    assert made.image is not None
    assert (made.image.reference, cut(tmp_path, made.image.location)) == ("directus/directus:12.4.1",) * 2


@each_case("key", ["docker", "runtime_source"])
def test_each_block_around_the_image(tmp_path: Path, key: str) -> None:
    body = (
        f'resource "x" "cms" {{\n  {key} {{\n    image = "directus/directus:12.4.1"\n  }}\n  env = {{ A = "b" }}\n}}\n'
    )
    (made,) = terraform.read(repository(tmp_path, {"main.tf": body}))
    assert made.image is not None
    assert (made.image.tag, texts(made.variables)) == ("12.4.1", [("A", "b")])


@each_case(
    ("member", "gap"),
    [
        ('env = "text"', "`env` is a text, not a list or a mapping: what it sets is not known"), ("env = null", None), ("env = var.x", "`env`: `var.x` comes from outside the repository"), ('env = ["A"]', "`env` holds a text that sets nothing: what is meant is not known"),
        ("env = [var.x]", "`env` is put together when it is deployed"), ('env = [{ name = ["A"], value = "x" }]', "`env` holds something that names no variable: what it sets is not known"),
        ('env = [{ name = "${A}", value = "x" }]', "`env`: it is worked out by Terraform"), ('env = [{ name = "A${b}", value = "x" }]', "`env`: it is worked out by Terraform"), ('env = merge(var.x, { A = "b" })', "it is worked out by Terraform"),
        ('command = ["sh", "-c", ". ./x.env; npx directus start"]', "its command takes in further variables"), ('command = ["sh", "-c", "npx directus start"]', None),
        ('command = ["npx", "directus", "database", "migrate:latest"]', "it runs a command and ends: what serves is another service"),
    ],
)  # fmt: skip
def test_what_leaves_the_environment_open(tmp_path: Path, member: str, gap: str | None) -> None:
    (made,) = terraform.read(repository(tmp_path, {"main.tf": f'resource "x" "cms" {{\n  image = "directus/directus:12.4.1"\n  {member}\n}}\n'}))  # fmt: skip
    assert reasons(made) == (() if gap is None else (gap,))
    assert made.partial is (gap is not None and gap.startswith("it runs"))


@each_case(
    ("image", "name", "found"),
    [
        ("directus/directus", "x", True), ("acme/directus-fork", "x", True), ("acme/site", "x", False), ("${var.x}", "x", True), ("nginx", "directus", False),
    ],
)  # fmt: skip
def test_an_image_of_something_else_is_none(tmp_path: Path, image: str, name: str, *, found: bool) -> None:
    body = f'resource "x" "{name}" {{\n  image = "{image}"\n  env = {{ SECRET = "a", KEY = "b", DB_CLIENT = "pg", PUBLIC_URL = "directus" }}\n}}\n'
    assert bool(terraform.read(repository(tmp_path, {"main.tf": body}))) is found
