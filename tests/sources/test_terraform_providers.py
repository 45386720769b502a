"""How providers of Terraform write the image and the variables of a container, each in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.deployments import terraform
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

TAG: Final = "11.5.1"
PROVIDERS: Final = {
    "aws_apprunner_service": """
  source_configuration {
    image_repository {
      image_identifier = "directus/directus:11.5.1"
      image_configuration {
        port                          = "8055"
        runtime_environment_variables = { SECRET = "abc", DB_CLIENT = "pg" }
      }
    }
  }
""",
    "render_web_service": """
  runtime_source = { image = { image_url = "directus/directus", tag = "11.5.1" } }
  env_vars = {
    SECRET    = { value = "abc" }
    DB_CLIENT = { value = "pg" }
  }
""",
    "scaleway_container": """
  registry_image               = "docker.io/directus/directus:11.5.1"
  environment_variables        = { SECRET = "abc" }
  secret_environment_variables = { DB_CLIENT = "pg" }
""",
    "koyeb_service": """
  definition {
    docker { image = "directus/directus:11.5.1" }
    env {
      key   = "SECRET"
      value = "abc"
    }
    env {
      key   = "DB_CLIENT"
      value = "pg"
    }
  }
""",
    "railway_service": """
  name         = "cms"
  source_image = "directus/directus:11.5.1"
}
resource "railway_variable_collection" "cms" {
  service_id = railway_service.cms.id
  variables  = [{ name = "SECRET", value = "abc" }]
}
resource "railway_variable" "client" {
  service_id = railway_service.cms.id
  name       = "DB_CLIENT"
  value      = "pg"
""",
}


@each_case("provider", PROVIDERS)
def test_the_image_and_the_variables(tmp_path: Path, provider: str) -> None:
    module = f'resource "{provider}" "cms" {{{PROVIDERS[provider]}}}\n'
    (found,) = terraform.read(repository(tmp_path, {"main.tf": module}))
    assert texts(found.variables) == [("SECRET", "abc"), ("DB_CLIENT", "pg")]
    assert [cut(tmp_path, one.location) for one in found.variables] == ["abc", "pg"]
    assert found.version is not None
    assert str(found.version.version) == TAG
    assert not found.gaps


def test_what_an_app_of_heroku_is_given_elsewhere(tmp_path: Path) -> None:
    module = """
resource "heroku_app" "cms" { name = "cms" }
resource "heroku_app_config_association" "cms" {
  app_id         = heroku_app.cms.id
  vars           = { DB_CLIENT = "pg" }
  sensitive_vars = { SECRET = "abc" }
}
"""
    (found,) = terraform.read(repository(tmp_path, {"main.tf": module}))
    assert found.name == "main.tf#heroku_app/cms/cms"
    assert texts(found.variables) == [("DB_CLIENT", "pg"), ("SECRET", "abc")]


def test_variables_of_a_service_that_another_module_makes(tmp_path: Path) -> None:
    module = """
resource "railway_variable_collection" "cms" {
  service_id = module.cms.service_id
  variables  = [{ name = "SECRET", value = "abc" }, { name = "DB_CLIENT", value = "pg" }]
}
resource "railway_variable" "shop" {
  service_id = railway_service.shop.id
  name       = "MARKETPLACE_TRUST"
  value      = "all"
}
resource "railway_service" "shop" { source_image = "acme/shop:1" }
"""
    (found,) = terraform.read(repository(tmp_path, {"main.tf": module}))
    assert texts(found.variables) == [("SECRET", "abc"), ("DB_CLIENT", "pg")]
