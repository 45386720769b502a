"""Terraform with much of what may be in it, and all that is read of each module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.deployments import terraform, terraform_state
from tests.support.described import described, problems
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

AWS: Final = """\
variable "tag" { default = "12.4.1" }
variable "secret" {}
locals { url = "https://cms.acme.com" }
resource "aws_ssm_parameter" "secret" {
  name  = "/cms/secret"
  value = "in-ssm"
}
resource "aws_ssm_parameter" "insecure" {
  name           = "/cms/insecure"
  insecure_value = "in-clear"
}
resource "aws_ssm_parameter" "kept" {
  name  = "/cms/kept"
  value = "first"
  lifecycle { ignore_changes = [value] }
}
resource "aws_ssm_parameter" "each" {
  for_each = { KEY = "of-each" }
  name     = each.key
  value    = each.value
}
resource "aws_secretsmanager_secret" "db" { name = "db" }
resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ password = "in-json" })
}
resource "aws_ecs_task_definition" "cms" {
  container_definitions = jsonencode([
    {
      name    = "cms"
      image   = "directus/directus:${var.tag}"
      command = ["npx", "directus", "start"]
      environment = [
        { name = "PUBLIC_URL", value = local.url },
        { name = "PART", value = "${local.url}/x" },
        { name = "OUTSIDE", value = var.secret },
        { name = "NOTHING", value = null },
        { name = "STORED", value = aws_ssm_parameter.secret.value },
        { name = random_id.x.hex, value = "x" },
        { name = ["a"] },
      ]
      secrets = [
        { name = "SECRET", valueFrom = aws_ssm_parameter.secret.arn },
        { name = "INSECURE", valueFrom = aws_ssm_parameter.insecure.name },
        { name = "BY_NAME", valueFrom = "/cms/secret" },
        { name = "BY_ARN", valueFrom = "arn:aws:ssm:eu:1:parameter/cms/secret" },
        { name = "MADE_ARN", valueFrom = "arn:aws:ssm:${var.region}:1:parameter/cms/secret" },
        { name = "KEPT", valueFrom = aws_ssm_parameter.kept.arn },
        { name = "EACH", valueFrom = aws_ssm_parameter.each["KEY"].arn },
        { name = "JSON", valueFrom = "${aws_secretsmanager_secret.db.arn}:password::" },
        { name = "GONE", valueFrom = data.aws_ssm_parameter.x.arn },
      ]
      environmentFiles = [{ value = "x", type = "s3" }]
    },
    { name = "proxy", image = "nginx", environment = [] },
    { name = "named", image = "acme/directus-fork", environment = [{ name = "SECRET", value = "a" }, { name = "KEY", value = "b" }, { name = "DB_CLIENT", value = "pg" }, { name = "PUBLIC_URL", value = "c" }] },
    { name = "other", image = "acme/site", environment = [{ name = "SECRET", value = "a" }, { name = "KEY", value = "b" }, { name = "DB_CLIENT", value = "pg" }, { name = "PUBLIC_URL", value = "c" }] },
  ])
}
resource "aws_apprunner_service" "cms" {
  source_configuration {
    image_repository {
      image_identifier = "directus/directus:12.3.0"
      image_configuration {
        runtime_environment_variables = { A = "b", N = 5 }
        runtime_environment_secrets   = { SECRET = aws_ssm_parameter.secret.arn, KEY = "gone" }
      }
    }
  }
}
"""
CLOUDS: Final = """\
resource "google_secret_manager_secret" "s" { secret_id = "s" }
resource "google_secret_manager_secret_version" "s" {
  secret      = google_secret_manager_secret.s.id
  secret_data = "in-google"
}
resource "google_cloud_run_v2_service" "cms" {
  template {
    containers {
      image = "directus/directus:12.4.1"
      env {
        name  = "A"
        value = "b"
      }
      env {
        name = "SECRET"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.s.secret_id
            version = "latest"
          }
        }
      }
      dynamic "env" {
        for_each = var.env
        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }
}
resource "azurerm_key_vault_secret" "v" {
  name  = "v"
  value = "in-vault"
}
resource "azurerm_container_app" "cms" {
  secret {
    name  = "own"
    value = "in-app"
  }
  secret {
    name                = "vault"
    key_vault_secret_id = azurerm_key_vault_secret.v.id
  }
  template {
    container {
      name  = "cms"
      image = "directus/directus:12.3.0"
      env {
        name        = "SECRET"
        secret_name = "own"
      }
      env {
        name        = "KEY"
        secret_name = "vault"
      }
      env {
        name        = "GONE"
        secret_name = "gone"
      }
    }
  }
}
resource "azurerm_linux_web_app" "cms" {
  site_config {
    application_stack { docker_image_name = "directus/directus:12.2.0" }
  }
  app_settings = {
    A      = "b"
    SECRET = "@Microsoft.KeyVault(VaultName=x;SecretName=v)"
    KEY    = "@Microsoft.KeyVault(SecretUri=${azurerm_key_vault_secret.v.id})"
    DB_CLIENT = "pg"
    PUBLIC_URL = "x"
  }
}
resource "kubernetes_secret" "s" {
  metadata { name = "s" }
  data = { SECRET = "in-secret", KEY = var.key }
}
resource "kubernetes_config_map_v1" "c" {
  metadata { name = "c" }
  data = { LOG_LEVEL = "debug" }
}
resource "kubernetes_deployment" "cms" {
  spec {
    template {
      spec {
        container {
          name  = "cms"
          image = "directus/directus:12.1.0"
          env {
            name  = "LOG_LEVEL"
            value = "info"
          }
          env {
            name = "OF_MAP"
            value_from {
              config_map_key_ref {
                name = "c"
                key  = "LOG_LEVEL"
              }
            }
          }
          env {
            name = "OF_SECRET"
            value_from {
              secret_key_ref {
                name = kubernetes_secret.s.metadata[0].name
                key  = "SECRET"
              }
            }
          }
          env_from {
            prefix = "P_"
            secret_ref { name = "s" }
          }
          env_from {
            config_map_ref { name = kubernetes_config_map_v1.c.metadata[0].name }
          }
          env_from {
            secret_ref { name = "gone" }
          }
        }
      }
    }
  }
}
resource "docker_container" "cms" {
  name  = "cms"
  image = docker_image.d.name
  env   = ["SECRET=plain", "KEY=${azurerm_key_vault_secret.v.value}", "PART=a${var.x}", "DB_CLIENT=pg", "PUBLIC_URL=x", "NONE", var.more]
  entrypoint = ["sh", "-c", "LOG_LEVEL=debug npx directus start"]
}
resource "digitalocean_app" "cms" {
  spec {
    name = "site"
    env {
      key   = "SHARED"
      value = "s"
    }
    env {
      key   = "BUILT"
      value = "x"
      scope = "BUILD_TIME"
    }
    service {
      name = "cms"
      image {
        registry   = "directus"
        repository = "directus"
        tag        = "12.0.0"
      }
      env {
        key   = "OWN"
        value = "o"
        scope = "RUN_TIME"
      }
    }
  }
}
resource "heroku_app" "cms" {
  name        = "cms"
  config_vars = { SECRET = "a", KEY = "b", DB_CLIENT = "pg", PUBLIC_URL = "c" }
}
resource "heroku_app_config_association" "cms" {
  app_id         = heroku_app.cms.id
  vars           = { MORE = "m" }
  sensitive_vars = { SEALED = "s" }
}
resource "railway_service" "cms" {
  name         = "cms"
  source_image = "directus/directus:11.5.0"
}
resource "railway_variable" "a" {
  service_id = railway_service.cms.id
  name       = "A"
  value      = "b"
}
resource "render_web_service" "cms" {
  name = "cms"
  runtime_source = { image = { image_url = "directus/directus", tag = "11.4.0" } }
  env_vars = { SECRET = { value = "r" }, KEY = { generate_value = true } }
}
resource "helm_release" "directus" {
  name  = "cms"
  chart = "directus"
  values = [
    <<-EOT
    env:
      SECRET: ${var.key}
      PLAIN: x
    EOT
    , yamlencode({ key = "k", replicaCount = 2 }), "text", file("x")
  ]
  set {
    name  = "adminEmail"
    value = "a@acme.com"
  }
  set_sensitive = [{ name = "secret", value = "s" }, { name = "none" }]
}
"""
MODULE: Final = 'variable "secret" { default = "fallback" }\nvariable "tag" {}\nresource "docker_container" "d" {\n  image = "directus/directus:${var.tag}"\n  env   = ["SECRET=${var.secret}"]\n}\n'
CALLER: Final = 'module "live" {\n  source = "../module"\n  tag    = "12.4.1"\n  secret = var.given\n}\nmodule "stage" {\n  source = "../module"\n  tag    = "12.3.0"\n  secret = "staged"\n}\nvariable "given" {}\n'
JSON: Final = """\
{
  "//": "c",
  "variable": {"tag": {"default": "12.4.1"}, "//": "c"},
  "locals": [{"url": "https://cms.acme.com"}],
  "output": {"x": {"value": 1}},
  "resource": {
    "docker_container": [{"cms": {"image": "directus/directus:${var.tag}", "env": ["A=b", "URL=${local.url}"], "//": "directus", "restart": null, "ports": [{"internal": 8055}]}}],
    "aws_x": {"y": [{"environment": {"variables": {"SECRET": "a", "KEY": "b", "DB_CLIENT": "pg", "PUBLIC_URL": "${local.url}"}}}]}
  }
}
"""
STATE: Final = """\
{"resources": [
  {"type": "docker_container", "name": "cms", "instances": [{"attributes": {"name": "cms", "image": "directus/directus:12.4.1", "env": ["A=b"], "ports": [], "empty": null, "number": 5}}]},
  {"type": "aws_ecs_task_definition", "name": "cms", "instances": [{"attributes": {"container_definitions": "[{\\"name\\": \\"d\\", \\"image\\": \\"directus/directus:12.3.0\\", \\"environment\\": [{\\"name\\": \\"B\\", \\"value\\": \\"c\\"}]}]", "broken": "[\\"image\\""}}]},
  {"type": "kubernetes_deployment", "name": "cms", "instances": [{"attributes": {"spec": [{"template": [{"spec": [{"container": [{"name": "k", "image": "directus/directus:12.2.0", "env": [{"name": "C", "value": "d", "value_from": []}, {"name": "E", "value": "", "value_from": [{"secret_key_ref": [{"name": "s", "key": "E"}]}]}]}]}]}]}]}}]},
  {"type": "kubernetes_secret", "name": "s", "instances": [{"attributes": {"metadata": [{"name": "s"}], "data": {"E": "stored"}}}]},
  {"type": "helm_release", "name": "directus", "instances": [{"attributes": {"name": "directus", "chart": "directus", "values": ["key: k\\n"], "set": [{"name": "secret", "value": "s"}]}}]},
  {"type": "none", "name": "none", "instances": [{}]}
]}
"""
PLAN: Final = """\
{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {
  "resources": [{"type": "aws_ssm_parameter", "name": "directus", "values": {"name": "/directus/secret", "value": "planned"}}, {"type": "x"}],
  "child_modules": [{"resources": [{"type": "kubernetes_secret", "name": "cms", "values": {"metadata": [{"name": "directus"}], "data": {"SECRET": "a", "directus-key": "k", "PUBLIC_URL": "x", "OTHER_PASSWORD": "y"}}},
    {"type": "kubernetes_secret", "name": "other", "values": {"metadata": [{"name": "site"}], "data": {"SECRET": "a"}}}]}]}}}
"""
PROJECTS: Final[dict[str, tuple[Any, dict[str, str], str]]] = {
    "aws": (terraform, {"main.tf": AWS, "terraform.tfvars": "# none\n"}, """\
main.tf#aws_ecs_task_definition/cms/cms (TERRAFORM) at main.tf:29:5-54:6
  PUBLIC_URL='https://cms.acme.com' at 3:17-37 (`environment`)
  PART='https://cms.acme.com/x' at 35:35-49 (`environment`)
  OUTSIDE? `var.secret` comes from outside the repository at 36:37-47 (`environment`)
  STORED='in-ssm' at 6:12-18 (`environment`)
  name? it is not written as one text at 40:18-23 (`environment`)
  SECRET='in-ssm' at 6:12-18 (`secrets`)
  INSECURE='in-clear' at 10:21-29 (`secrets`)
  BY_NAME='in-ssm' at 6:12-18 (`secrets`)
  BY_ARN='in-ssm' at 6:12-18 (`secrets`)
  MADE_ARN='in-ssm' at 6:12-18 (`secrets`)
  KEPT? it is read from a secret store at 48:38-64 (`secrets`)
  EACH='of-each' at 18:23-30 (`secrets`)
  JSON='in-json' at 25:44-51 (`secrets`)
  GONE? it is read from a secret store at 51:38-66 (`secrets`)
  open: `environment`: it is worked out by Terraform
  open: `environment` holds something that names no variable: what it sets is not known
  open: its environment files are not in the repository
  image directus/directus:12.4.1 (`var.tag` comes from outside the repository, by default) at 31:18-46
  version 12.4.1 of '12.4.1' (IMAGE_TAG, `var.tag` comes from outside the repository) at 1:29-35
  hints aws_ecs_task_definition/cms/cms
  consumed main.tf
main.tf#aws_ecs_task_definition/cms/named (TERRAFORM) at main.tf:56:5-210
  SECRET='a' at 56:96-97 (`environment`)
  KEY='b' at 56:127-128 (`environment`)
  DB_CLIENT='pg' at 56:164-166 (`environment`)
  PUBLIC_URL='c' at 56:203-204 (`environment`)
  image acme/directus-fork at 56:32-50
  hints aws_ecs_task_definition/cms/named
  consumed main.tf
main.tf#aws_apprunner_service/cms (TERRAFORM) at main.tf:62:5-68:6
  A='b' at 65:48-49 (`runtime_environment_variables`)
  N='5' at 65:56-57 (`runtime_environment_variables`)
  SECRET='in-ssm' at 6:12-18 (`env`)
  KEY? it is read from a secret store at 66:89-93 (`runtime_environment_secrets`)
  image directus/directus:12.3.0 at 63:27-51
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 63:27-51
  hints aws_apprunner_service/cms
  consumed main.tf
"""),
    "other clouds": (terraform, {"main.tf": CLOUDS}, """\
main.tf#google_cloud_run_v2_service/cms (TERRAFORM) at main.tf:8:5-30:6
  A='b' at 12:18-19 (`env`)
  SECRET='in-google' at 4:18-27 (`env`)
  open: `env`: a `dynamic` block makes it
  image directus/directus:12.4.1 at 9:16-40
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 9:16-40
  hints google_cloud_run_v2_service/cms
  consumed main.tf
main.tf#azurerm_container_app/cms/cms (TERRAFORM) at main.tf:47:5-62:6
  SECRET='in-app' at 40:14-20 (`env`)
  KEY='in-vault' at 35:12-20 (`env`)
  GONE? it is read from a secret store at 60:24-28 (`env`)
  image directus/directus:12.3.0 at 49:16-40
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 49:16-40
  hints azurerm_container_app/cms/cms
  consumed main.tf
main.tf#azurerm_linux_web_app/cms (TERRAFORM) at main.tf:65:1-76:2
  A='b' at 70:15-16 (`app_settings`)
  SECRET='in-vault' at 35:12-20 (`app_settings`)
  KEY='in-vault' at 35:12-20 (`app_settings`)
  DB_CLIENT='pg' at 73:18-20 (`app_settings`)
  PUBLIC_URL='x' at 74:19-20 (`app_settings`)
  hints azurerm_linux_web_app/cms
  consumed main.tf
main.tf#kubernetes_deployment/cms/cms (TERRAFORM) at main.tf:89:9-124:10
  P_SECRET='in-secret' at 79:22-31 (`env`)
  P_KEY? `var.key` comes from outside the repository at 79:40-47 (`env`)
  LOG_LEVEL='debug' at 83:25-30 (`env`)
  LOG_LEVEL='info' at 94:22-26 (`env`)
  OF_MAP='debug' at 83:25-30 (`env`)
  OF_SECRET='in-secret' at 79:22-31 (`env`)
  open: `env_from`: a ConfigMap or Secret of the cluster gives variables
  image directus/directus:12.1.0 at 91:20-44
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 91:20-44
  hints kubernetes_deployment/cms/cms
  consumed main.tf
main.tf#docker_container/cms/cms (TERRAFORM) at main.tf:129:1-134:2
  SECRET='plain' at 132:20-25 (`env`)
  KEY='in-vault' at 35:12-20 (`env`)
  PART? it is worked out by Terraform at 132:72-86 (`env`)
  DB_CLIENT='pg' at 132:100-102 (`env`)
  PUBLIC_URL='x' at 132:117-118 (`env`)
  LOG_LEVEL? its command sets it at 133:3-13 (command)
  open: `env` holds a text that sets nothing: what is meant is not known
  open: `env` is put together when it is deployed
  image  (it is worked out by Terraform) at 131:11-30
  hints docker_container/cms/cms
  consumed main.tf
main.tf#digitalocean_app/cms/cms (TERRAFORM) at main.tf:147:5-159:6
  SHARED='s' at 140:16-17 (`env`)
  OWN='o' at 156:18-19 (`env`)
  image directus/directus:12.0.0 at 149:7-153:8
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 149:7-153:8
  hints digitalocean_app/cms/cms
  consumed main.tf
main.tf#heroku_app/cms/cms (TERRAFORM) at main.tf:162:1-165:2
  SECRET='a' at 164:29-30 (`config_vars`)
  KEY='b' at 164:40-41 (`config_vars`)
  DB_CLIENT='pg' at 164:57-59 (`config_vars`)
  PUBLIC_URL='c' at 164:76-77 (`config_vars`)
  MORE='m' at 168:30-31 (`config_vars`)
  SEALED='s' at 169:32-33 (`sensitive_config_vars`)
  hints heroku_app/cms/cms
  consumed main.tf
main.tf#railway_service/cms/cms (TERRAFORM) at main.tf:171:1-174:2
  A='b' at 178:17-18 (`variables`)
  image directus/directus:11.5.0 at 173:19-43
  version 11.5.0 of '11.5.0' (IMAGE_TAG) at 173:19-43
  hints railway_service/cms/cms
  consumed main.tf
main.tf#render_web_service/cms/cms (TERRAFORM) at main.tf:180:1-184:2
  SECRET='r' at 183:36-37 (`env_vars`)
  KEY? it is not written as one text at 183:48-73 (`env_vars`)
  image directus/directus:11.4.0 at 182:30-81
  version 11.4.0 of '11.4.0' (IMAGE_TAG) at 182:30-81
  hints render_web_service/cms/cms
  consumed main.tf
main.tf#helm_release/directus (HELM) at main.tf:190:5-193:1
  SECRET? `${var}` is filled in before the manifest is applied at 191:15-25 (env)
  PLAIN='x' at 192:14-15 (env)
  open: the chart's templates may set more variables
  consumed main.tf
main.tf#helm_release/directus (HELM) at main.tf:194:18-49
  KEY='k' at 194:27-28 (values key key)
  open: the chart's templates may set more variables
  replicas 2
  consumed main.tf
main.tf#helm_release/directus (HELM) at main.tf:198:14-24
  SECRET='s' at 200:48-49 (values key secret)
  ADMIN_EMAIL='a@acme.com' at 198:14-24 (values key adminEmail)
  open: the chart's templates may set more variables
  consumed main.tf
"""),
    "modules": (
        terraform,
        {
            "module/main.tf": MODULE, "live/main.tf": CALLER, "live/terraform.tfvars": 'given = "from-file"\n', "module/terraform.tfvars": 'tag = "own"\n',
            "alone/main.tf": MODULE, "alone/a.auto.tfvars": 'tag = "12.1.0"\n', "alone/terraform.tfvars.json": '{"tag": "gone"}', "alone/env/stage.tfvars": 'secret = "stage"\n', "alone/env/live.tfvars": 'secret = "live"\n',
            "commanded/main.tf": MODULE, "up.sh": "export TF_VAR_tag=12.0.0\nterraform -chdir=commanded apply -var secret=said -var=x=$Y --var y=z\n", "grunt/main.tf": MODULE, "grunt/terragrunt.hcl": 'inputs = {\n  tag = "11.5.0"\n}\n',
        },
        """\
alone/main.tf#docker_container/d@live (TERRAFORM) at alone/main.tf:3:1-6:2
  SECRET='live' at alone/env/live.tfvars:1:11-15 (`env`)
  image directus/directus:12.1.0 at 4:12-40
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at alone/a.auto.tfvars:1:8-14
  hints docker_container/d, live
  consumed alone/main.tf
alone/main.tf#docker_container/d@stage (TERRAFORM) at alone/main.tf:3:1-6:2
  SECRET='stage' at alone/env/stage.tfvars:1:11-16 (`env`)
  image directus/directus:12.1.0 at 4:12-40
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at alone/a.auto.tfvars:1:8-14
  hints docker_container/d, stage
  consumed alone/main.tf
commanded/main.tf#docker_container/d (TERRAFORM) at commanded/main.tf:3:1-6:2
  SECRET='said' at up.sh:2:46-50 (`env`)
  image directus/directus:12.0.0 at 4:12-40
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at up.sh:1:19-25
  hints docker_container/d
  consumed commanded/main.tf
grunt/main.tf#docker_container/d (TERRAFORM) at grunt/main.tf:3:1-6:2
  SECRET? `var.secret` comes from outside the repository, else 'fallback' at 1:32-40 (`env`)
  image directus/directus:11.5.0 at 4:12-40
  version 11.5.0 of '11.5.0' (IMAGE_TAG) at grunt/terragrunt.hcl:2:10-16
  hints docker_container/d
  consumed grunt/main.tf
module/main.tf#docker_container/d@live:live (TERRAFORM) at module/main.tf:3:1-6:2
  SECRET='from-file' at live/terraform.tfvars:1:10-19 (`env`)
  image directus/directus:12.4.1 at 4:12-40
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at live/main.tf:3:13-19
  hints docker_container/d, live/live
  consumed module/main.tf
module/main.tf#docker_container/d@live:stage (TERRAFORM) at module/main.tf:3:1-6:2
  SECRET='staged' at live/main.tf:9:13-19 (`env`)
  image directus/directus:12.3.0 at 4:12-40
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at live/main.tf:8:13-19
  hints docker_container/d, live/stage
  consumed module/main.tf
""",
    ),
    "JSON": (terraform, {"main.tf.json": JSON, "broken.tf.json": "{ directus", "list.tf.json": '["directus"]'}, """\
main.tf.json#docker_container/cms (TERRAFORM) at main.tf.json:7:34-177
  A='b' at 7:87-88 (`env`)
  URL='https://cms.acme.com' at 7:92-108 (`env`)
  image directus/directus:12.4.1 (`var.tag` comes from outside the repository, by default) at 7:45-73
  version 12.4.1 of '12.4.1' (IMAGE_TAG, `var.tag` comes from outside the repository) at 7:45-73
  hints docker_container/cms
  consumed main.tf.json
main.tf.json#aws_x/y (TERRAFORM) at main.tf.json:8:21-129
  SECRET='a' at 8:63-64 (`environment`)
  KEY='b' at 8:75-76 (`environment`)
  DB_CLIENT='pg' at 8:93-95 (`environment`)
  PUBLIC_URL='https://cms.acme.com' at 4:23-43 (`environment`)
  hints aws_x/y
  consumed main.tf.json
broken.tf.json:1: not valid JSON: unexpected character!
"""),
    "state": (terraform_state, {"terraform.tfstate": STATE}, """\
terraform.tfstate#docker_container/cms/cms (TERRAFORM) at terraform.tfstate:2:76-185
  A='b' at 2:140-141 (`env`)
  image directus/directus:12.4.1 at 2:102-126
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 2:102-126
  hints docker_container/cms/cms
  consumed terraform.tfstate
terraform.tfstate#aws_ecs_task_definition/cms/d (TERRAFORM) at terraform.tfstate/3-110:1:2-98
  B='c' at 1:93-94 (`environment`)
  image directus/directus:12.3.0 at 1:26-50
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 1:26-50
  hints aws_ecs_task_definition/cms/d
  consumed terraform.tfstate
terraform.tfstate#kubernetes_deployment/cms/k (TERRAFORM) at terraform.tfstate:4:130-329
  C='d' at 4:213-214 (`env`)
  E='stored' at 5:120-126 (`env`)
  image directus/directus:12.2.0 at 4:154-178
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at 4:154-178
  hints kubernetes_deployment/cms/k
  consumed terraform.tfstate
terraform.tfstate#helm_release/directus (HELM) at terraform.tfstate:6:180-181
  SECRET='s' at 6:180-181 (values key secret)
  open: the chart's templates may set more variables
  consumed terraform.tfstate
"""),
    "plan": (terraform_state, {"tfplan.json": PLAN, "x.tfstate": "{ directus", "list.tfstate": '["directus"]'}, """\
tfplan.json#aws_ssm_parameter/directus (TERRAFORM) at tfplan.json:2:77-125
  SECRET='planned' at 2:116-123 (`aws_ssm_parameter`)
  open: what else the server is given is not in the state
  hints /directus/secret
  partial
  consumed tfplan.json
tfplan.json#kubernetes_secret/cms (TERRAFORM) at tfplan.json:3:91-215
  SECRET='a' at 3:148-149 (`kubernetes_secret`)
  KEY='k' at 3:169-170 (`kubernetes_secret`)
  open: what else the server is given is not in the state
  hints directus
  partial
  consumed tfplan.json
x.tfstate:1: not valid JSON: unexpected character!
"""),
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_is_read(tmp_path: Path, name: str) -> None:
    reader, files, expected = PROJECTS[name]
    made = repository(tmp_path, files)
    found = described(reader.read(made)).split("\n")
    assert [*found, *problems(made)] == expected.strip("\n").split("\n")
