"""What a module of Terraform writes into a store and gives to Directus from there is known where it is written as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.deployments import terraform
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

ECS = """
resource "aws_ecs_task_definition" "cms" {
  family = "cms"
  container_definitions = jsonencode([{
    name    = "cms"
    image   = "directus/directus:12.4.1"
    secrets = [{ name = "SECRET", valueFrom = REFERENCE }]
  }])
}
"""
PARAMETER = 'resource "aws_ssm_parameter" "s" {\n  name = "/cms/secret"\n  type = "SecureString"\n  value = VALUE\n}\n'
AMAZON = """
resource "aws_secretsmanager_secret" "s" { name = "cms" }
resource "aws_secretsmanager_secret_version" "any" {
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = VALUE
}
"""
KUBERNETES = """
resource "kubernetes_deployment_v1" "cms" {
  metadata { name = "cms" }
  spec {
    template {
      spec {
        container {
          name  = "cms"
          image = "directus/directus:12.4.1"
          FROM
        }
      }
    }
  }
}
"""
OBJECT = 'resource "KIND" "s" {\n  metadata { name = "cms-env" }\n  data = { SECRET = VALUE }\n}\n'
KEY_OF = 'env {\n name = "SECRET"\n value_from {\n  REF {\n   name = NAME\n   key = "SECRET"\n  }\n }\n}\n'
ALL_OF = "env_from {\n REF { name = NAME }\n}\n"
GOOGLE = """
resource "google_secret_manager_secret" "s" { secret_id = "cms-secret" }
resource "google_secret_manager_secret_version" "s" {
  secret      = google_secret_manager_secret.s.id
  secret_data = VALUE
}
resource "google_cloud_run_v2_service" "cms" {
  template {
    containers {
      image = "directus/directus:12.4.1"
      env {
        name = "SECRET"
        FROM
      }
    }
  }
}
"""
VAULT = 'resource "azurerm_key_vault_secret" "s" {\n  name = "cms-secret"\n  value = VALUE\n}\n'
APP = """
resource "azurerm_container_app" "cms" {
  secret {
    name = "cms"
    FROM
  }
  template {
    container {
      image = "directus/directus:12.4.1"
      env {
        name        = "SECRET"
        secret_name = "cms"
      }
    }
  }
}
"""
WEB_APP = 'resource "azurerm_linux_web_app" "cms" {\n site_config {}\n app_settings = { KEY = "k", SECRET = REFERENCE, DB_CLIENT = "pg", PUBLIC_URL = "https://cms.example.com" }\n}\n'
RUNNER = """
resource "aws_apprunner_service" "cms" {
  source_configuration {
    image_repository {
      image_configuration {
        runtime_environment_variables = { KEY = "k", DB_CLIENT = "pg", PUBLIC_URL = "https://cms.example.com" }
        runtime_environment_secrets = { SECRET = REFERENCE }
      }
    }
  }
}
"""  # fmt: skip
MODULE = 'module "cms" {\n  source = "terraform-aws-modules/ecs/aws//modules/container-definition"\n  image = "directus/directus:12.4.1"\n  secrets = SECRETS\n}\n'


def read(root: Path, text: str) -> Deployment:
    (made,) = terraform.read(repository(root, {"main.tf": text}))
    return made


@each_case(
    "module",
    [
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER,
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.name") + PARAMETER,
        ECS.replace("REFERENCE", '"${aws_ssm_parameter.s.arn}"') + PARAMETER,
        ECS.replace("REFERENCE", '"/cms/secret"') + PARAMETER,
        ECS.replace("REFERENCE", "aws_ssm_parameter.s[0].arn") + PARAMETER.replace("type", "count = 1\n type"),
        ECS.replace("REFERENCE", '"arn:aws:ssm:eu-west-1:${data.aws_caller_identity.me.account_id}:parameter/cms/secret"') + PARAMETER,
        ECS.replace("REFERENCE", 'aws_ssm_parameter.s["SECRET"].arn')
        + PARAMETER.replace("VALUE", "each.value").replace("type", 'for_each = { SECRET = VALUE, KEY = "x" }\n type'),
        ECS.replace("REFERENCE", "local.from") + PARAMETER + "locals { from = aws_ssm_parameter.s.arn }\n",
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER.replace("VALUE", "local.it") + "locals { it = VALUE }\n",
        ECS.replace("REFERENCE", "aws_secretsmanager_secret.s.arn") + AMAZON,
        ECS.replace("REFERENCE", "aws_secretsmanager_secret_version.any.arn") + AMAZON,
        ECS.replace("REFERENCE", '"${aws_secretsmanager_secret.s.arn}:SECRET::"')
        + AMAZON.replace("VALUE", 'jsonencode({ KEY = "x", SECRET = VALUE })'),
        ECS.replace("REFERENCE", '"${aws_secretsmanager_secret.s.arn}:SECRET::"')
        + AMAZON.replace("VALUE", "jsonencode(local.all)") + 'locals { all = { KEY = "x", SECRET = VALUE } }\n',
        KUBERNETES.replace("FROM", ALL_OF.replace("REF", "secret_ref").replace("NAME", '"cms-env"')) + OBJECT.replace("KIND", "kubernetes_secret"),
        KUBERNETES.replace("FROM", ALL_OF.replace("REF", "secret_ref").replace("NAME", "kubernetes_secret.s.metadata[0].name"))
        + OBJECT.replace("KIND", "kubernetes_secret"),
        KUBERNETES.replace("FROM", ALL_OF.replace("REF", "config_map_ref").replace("NAME", "kubernetes_config_map_v1.s.metadata.0.name"))
        + OBJECT.replace("KIND", "kubernetes_config_map_v1"),
        KUBERNETES.replace("FROM", KEY_OF.replace("REF", "secret_key_ref").replace("NAME", "kubernetes_secret_v1.s.metadata[0].name"))
        + OBJECT.replace("KIND", "kubernetes_secret_v1"),
        KUBERNETES.replace("FROM", KEY_OF.replace("REF", "secret_key_ref").replace("NAME", "one(kubernetes_secret_v1.s.metadata).name"))
        + OBJECT.replace("KIND", "kubernetes_secret_v1"),
        KUBERNETES.replace("FROM", KEY_OF.replace("REF", "config_map_key_ref").replace("NAME", '"cms-env"'))
        + OBJECT.replace("KIND", "kubernetes_config_map"),
        GOOGLE.replace("FROM", 'value_source {\n secret_key_ref {\n secret = google_secret_manager_secret.s.secret_id\n version = "latest"\n}\n}\n'),
        GOOGLE.replace("FROM", 'value_source {\n secret_key_ref {\n secret = "cms-secret"\n version = "1"\n}\n}\n'),
        GOOGLE.replace("FROM", 'value_from {\n secret_key_ref {\n name = google_secret_manager_secret.s.secret_id\n key = "latest"\n}\n}\n'),
        GOOGLE.replace("FROM", "value = google_secret_manager_secret_version.s.secret_data"),
        APP.replace("FROM", "value = VALUE"),
        APP.replace("FROM", "key_vault_secret_id = azurerm_key_vault_secret.s.versionless_id") + VAULT,
        WEB_APP.replace("REFERENCE", '"@Microsoft.KeyVault(SecretUri=${azurerm_key_vault_secret.s.id})"') + VAULT,
        WEB_APP.replace("REFERENCE", '"@Microsoft.KeyVault(VaultName=v;SecretName=cms-secret)"') + VAULT,
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER.replace(" value =", " insecure_value ="),
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER.replace(" value =", " value_wo ="),
        ECS.replace("REFERENCE", "aws_secretsmanager_secret.s.arn") + AMAZON.replace("secret_string ", "secret_string_wo "),
        GOOGLE.replace("secret_data ", "secret_data_wo ").replace("FROM", 'value_source {\n secret_key_ref {\n secret = "cms-secret"\n version = "1"\n}\n}\n'),
        APP.replace("FROM", "key_vault_secret_id = azurerm_key_vault_secret.s.versionless_id") + VAULT.replace(" value =", " value_wo ="),
        *(
            KUBERNETES.replace("FROM", ALL_OF.replace("REF", "secret_ref").replace("NAME", '"cms-env"'))
            + OBJECT.replace("KIND", kind).replace("data =", "data_wo =")
            for kind in ("kubernetes_secret", "kubernetes_secret_v1")
        ),
        RUNNER.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER,
        MODULE.replace("SECRETS", "{ SECRET = aws_ssm_parameter.s.arn }") + PARAMETER,
        MODULE.replace("SECRETS", '[{ name = "SECRET", valueFrom = aws_ssm_parameter.s.arn }]') + PARAMETER,
    ],
)  # fmt: skip
def test_a_text_is_known_and_stands_where_it_is_written(tmp_path: Path, module: str) -> None:
    made = read(tmp_path, module.replace("VALUE", '"written-down"'))
    (variable,) = (one for one in made.variables if one.name == "SECRET")
    assert texts([variable]) == [("SECRET", "written-down")]
    assert cut(tmp_path, variable.location) == "written-down"


@each_case(
    "module",
    [
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER.replace("VALUE", "random_password.s.result"),
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn")
        + PARAMETER.replace("VALUE", '"x"\n  lifecycle { ignore_changes = [value] }'),
        ECS.replace("REFERENCE", "aws_ssm_parameter.s.arn") + PARAMETER.replace("VALUE", '"x"\n  lifecycle { ignore_changes = all }'),
        ECS.replace("REFERENCE", "data.aws_ssm_parameter.s.arn") + PARAMETER.replace("VALUE", '"x"'),
        ECS.replace("REFERENCE", "aws_ssm_parameter.other.arn") + PARAMETER.replace("VALUE", '"x"'),
        ECS.replace("REFERENCE", "aws_secretsmanager_secret.other.arn") + AMAZON.replace("VALUE", '"x"'),
        ECS.replace("REFERENCE", '"${aws_secretsmanager_secret.s.arn}:SECRET::"') + AMAZON.replace("VALUE", 'jsonencode({ KEY = "x" })'),
        ECS.replace("REFERENCE", "aws_secretsmanager_secret.s.arn") + AMAZON.replace("VALUE", "var.it") + 'variable "it" {}\n',
        KUBERNETES.replace("FROM", KEY_OF.replace("REF", "secret_key_ref").replace("NAME", '"other"'))
        + OBJECT.replace("KIND", "kubernetes_secret").replace("VALUE", '"x"'),
        KUBERNETES.replace("FROM", KEY_OF.replace("REF", "secret_key_ref").replace("NAME", '"cms-env"'))
        + OBJECT.replace("KIND", "kubernetes_config_map").replace("VALUE", '"x"'),
        APP.replace("FROM", "key_vault_secret_id = data.azurerm_key_vault_secret.s.id"),
    ],
)  # fmt: skip
def test_anything_else_is_not(tmp_path: Path, module: str) -> None:
    made = read(tmp_path, module)
    assert [one for one in texts(made.variables) if one[0] == "SECRET"] == [("SECRET", None)]


def test_an_object_that_is_taken_in_whole_leaves_nothing_open(tmp_path: Path) -> None:
    whole = KUBERNETES.replace("FROM", 'env {\n name = "SECRET"\n value = "own"\n}\nenv_from {\n prefix = "DB_"\n secret_ref { name = "cms-env" }\n}\nenv_from {\n secret_ref { name = "cms-env" }\n}\n')  # fmt: skip
    made = read(tmp_path, whole + OBJECT.replace("KIND", "kubernetes_secret").replace("VALUE", '"taken-in"'))
    assert texts(made.variables) == [("DB_SECRET", "taken-in"), ("SECRET", "taken-in"), ("SECRET", "own")]
    assert made.gaps == ()


def test_an_object_that_is_not_written_here_leaves_the_rest_open(tmp_path: Path) -> None:
    made = read(tmp_path, KUBERNETES.replace("FROM", 'env_from {\n secret_ref { name = "other" }\n}\n'))
    assert reasons(made) == ("`env_from`: a ConfigMap or Secret of the cluster gives variables",)
