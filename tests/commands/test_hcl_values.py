"""Defaults, locals, files of values and callers of Terraform modules, and the variables of Nomad jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.finding import Status
from tests.support.deployment_findings import HEX, answered, named, scanned

if TYPE_CHECKING:
    from pathlib import Path


def task(secret: str = "var.secret", image: str = '"directus/directus:${var.tag}"', more: str = "") -> str:
    return (
        'resource "aws_ecs_task_definition" "cms" {\n  family = "cms"\n  container_definitions = jsonencode([{\n'
        f'    name = "directus"\n    image = {image}\n    environment = [\n'
        '      { name = "PUBLIC_URL", value = "https://cms.pelican.io" },\n'
        f'      {{ name = "SECRET", value = {secret} }},\n{more}    ]\n  }}])\n}}\n'
    )


DEFAULTS: Final = f'variable "secret" {{\n  default = "{HEX}"\n}}\nvariable "tag" {{\n  default = "10.8.0"\n}}\n'
DECLARED: Final = 'variable "secret" {}\nvariable "tag" {}\n'
GIVEN: Final = f'tag    = "10.8.0"\nsecret = "{HEX}"\n'


def test_a_default_is_judged_where_it_is_written(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"main.tf": task(), "variables.tf": DEFAULTS})
    assert named(report, "secret-committed") == {"variables.tf:2 medium"}
    assert named(report, "vulnerable-version-high") == {"variables.tf:5 medium"}
    assert not named(report, "insecure-fallback")


def test_a_guessable_default_is_weak(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"main.tf": task(), "variables.tf": DEFAULTS.replace(HEX, "changeme")})
    assert named(report, "secret-weak") == {"variables.tf:2 medium"}
    assert not named(report, "secret-committed")


def test_a_setting_has_its_default(tmp_path: Path) -> None:
    more = '      { name = "MARKETPLACE_TRUST", value = var.trust },\n'
    files = {"main.tf": task(more=more), "variables.tf": DECLARED + 'variable "trust" { default = "all" }\n'}
    assert named(scanned(tmp_path, files), "marketplace-trust") == {"variables.tf:3 medium"}


@pytest.mark.parametrize("name", ["terraform.tfvars", "site.auto.tfvars", "live.tfvars", "environments/live.tfvars"])
def test_a_file_of_values_is_a_literal_at_its_line(name: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"main.tf": task(), "variables.tf": DECLARED, name: GIVEN})
    assert named(report, "secret-committed") == {f"{name}:2 high"}
    assert named(report, "vulnerable-version-high") == {f"{name}:1 high"}


def test_values_of_two_environments_are_both_judged(tmp_path: Path) -> None:
    other = GIVEN.replace(HEX, HEX[::-1])
    files = {"main.tf": task(), "variables.tf": DECLARED, "env/dev.tfvars": GIVEN, "env/prod.tfvars": other}
    report = scanned(tmp_path, files)
    assert named(report, "secret-committed") == {"env/dev.tfvars:2 high", "env/prod.tfvars:2 high"}


@pytest.mark.parametrize(
    "reference", ['var.cms["secret"]', "var.cms.secret", "local.cms.secret", '"${local.cms.secret}"', "local.kept"]
)
def test_values_inside_of_objects_are_followed(reference: str, tmp_path: Path) -> None:
    held = f'{{\n    secret = "{HEX}"\n  }}\n'
    text = f'variable "cms" {{\n  default = {held}}}\nlocals {{\n  cms = {held}  kept = local.cms.secret\n}}\n'
    report = scanned(tmp_path, {"main.tf": task(reference), "values.tf": text + 'variable "tag" {}\n'})
    assert {place.split()[0] for place in named(report, "secret-committed")} <= {"values.tf:3", "values.tf:8"}
    assert named(report, "secret-committed")


def test_an_assignment_in_a_list_is_followed(tmp_path: Path) -> None:
    container = (
        'resource "docker_container" "cms" {\n  image = "directus/directus:12.4.1"\n'
        '  env = ["PUBLIC_URL=https://cms.pelican.io", "SECRET=${var.secret}", "DB_PASSWORD=a${var.secret}"]\n}\n'
    )
    report = scanned(tmp_path, {"main.tf": container, "variables.tf": DEFAULTS})
    assert named(report, "secret-committed") == {"variables.tf:2 medium", "main.tf:3 medium"}
    report = scanned(tmp_path, {"variables.tf": DECLARED, "terraform.tfvars": GIVEN})
    assert "terraform.tfvars:2 high" in named(report, "secret-committed")


def test_the_caller_gives_the_values_of_a_module(tmp_path: Path) -> None:
    call = f'module "cms" {{\n  source = "../modules/cms"\n  tag    = "10.8.0"\n  secret = local.kept\n}}\nlocals {{ kept = "{HEX}" }}\n'
    files = {"modules/cms/main.tf": task(), "modules/cms/variables.tf": DEFAULTS.replace("10.8.0", "12.4.1")}
    report = scanned(tmp_path, {**files, "live/main.tf": call})
    assert named(report, "secret-committed") == {"live/main.tf:6 high"}
    assert named(report, "vulnerable-version-high") == {"live/main.tf:3 high"}


def test_a_module_that_is_used_twice_is_two_deployments(tmp_path: Path) -> None:
    call = 'module "cms" {\n  source = "../modules/cms"\n  tag    = "%s"\n  secret = var.kept\n}\n'
    files = {
        "modules/cms/main.tf": task(),
        "modules/cms/variables.tf": DECLARED,
        "live/main.tf": call % "10.8.0",
        "stage/main.tf": call % "12.4.1",
    }
    report = scanned(tmp_path, files)
    assert named(report, "vulnerable-version-high") == {"live/main.tf:3 high"}
    assert {one for one in report.scanned.deployments if "@" in one} == {
        "modules/cms/main.tf#aws_ecs_task_definition/cms/directus@live:cms",
        "modules/cms/main.tf#aws_ecs_task_definition/cms/directus@stage:cms",
    }


def test_modules_that_use_each_other_come_to_an_end(tmp_path: Path) -> None:
    call = 'module "x" {\n  source = "../%s"\n  secret = var.secret\n}\n'
    files = {"a/main.tf": task() + call % "b", "b/main.tf": task() + call % "a" + DEFAULTS}
    assert named(scanned(tmp_path, files), "secret-committed") == {"b/main.tf:17 medium"}


def test_variables_of_a_nomad_job_have_defaults(tmp_path: Path) -> None:
    job = (
        'job "cms" {\n  group "cms" {\n    task "directus" {\n      driver = "docker"\n      config {\n'
        '        image = "directus/directus:${var.tag}"\n      }\n      env {\n        SECRET = var.secret\n'
        '        PUBLIC_URL = "https://cms.pelican.io"\n      }\n    }\n  }\n}\n'
    )
    report = scanned(tmp_path, {"cms.nomad.hcl": DEFAULTS + job})
    assert named(report, "secret-committed") == {"cms.nomad.hcl:2 medium"}
    assert named(report, "vulnerable-version-high") == {"cms.nomad.hcl:5 medium"}


KEPT: Final = f'  env = {{\n    PUBLIC_URL = "https://cms.pelican.io"\n    SECRET     = "{HEX}"\n  }}\n'
PAIRS: Final = {
    "list of objects": "[for k, v in {} : {{ name = k, value = v }}]",
    "list over lines": "[\n  for name, value in {} : {{\n    name  = name\n    value = tostring(value)\n  }}\n]",
    "keys": '[for k, v in {} : {{ "key" : k, "value" : v }}]',
    "texts": '[for k, v in {} : "${{k}}=${{v}}"]',
    "object": "{{for k, v in {} : k => v}}",
    "itself": "{}",
}


@pytest.mark.parametrize("loop", PAIRS)
@pytest.mark.parametrize(
    "over", ["local.env", 'merge(local.env, { LOG_LEVEL = "info" })', "merge(var.more, local.env)"]
)
def test_an_object_as_pairs_is_followed(loop: str, over: str, tmp_path: Path) -> None:
    text = (
        f'locals {{\n{KEPT}}}\nvariable "more" {{}}\nresource "docker_container" "cms" {{\n'
        f'  image = "directus/directus:12.4.1"\n  env = {PAIRS[loop].format(over)}\n}}\n'
    )
    assert named(scanned(tmp_path, {"main.tf": text}), "secret-committed") == {"main.tf:4 high"}


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ("name = env.key\n        value = env.value", ""),
        ("name = one.key\n        value = one.value", "iterator = one\n      "),
    ],
)
def test_a_dynamic_block_over_an_object_is_followed(content: str, more: str, tmp_path: Path) -> None:
    text = (
        f'locals {{\n{KEPT}}}\nresource "google_cloud_run_v2_service" "cms" {{\n  template {{\n    containers {{\n'
        f'      image = "directus/directus:12.4.1"\n      dynamic "env" {{\n      {more}for_each = local.env\n'
        f"      content {{\n        {content}\n      }}\n    }}\n    }}\n  }}\n}}\n"
    )
    assert named(scanned(tmp_path, {"main.tf": text}), "secret-committed") == {"main.tf:4 high"}


@pytest.mark.parametrize(
    "loop",
    [
        "[for k, v in local.env : { name = k, value = upper(v) }]",
        "[for k, v in local.env : { name = k, value = v } if k != local.left_out]",
        "[for k in keys(local.env) : { name = k, value = local.env[k] }]",
        "[for k, v in local.env : { name = v, value = k }]",
    ],
)
def test_other_loops_are_not_evaluated(loop: str, tmp_path: Path) -> None:
    text = f'locals {{\n{KEPT}}}\nresource "docker_container" "cms" {{\n  image = "directus/directus:12.4.1"\n  env = {loop}\n}}\n'
    report = scanned(tmp_path, {"main.tf": text})
    assert answered(report, "secret-weak") == {Status.NOT_EVALUATED}
    assert not named(report, "secret-committed")


@pytest.mark.parametrize(
    "call", ["sensitive(var.secret)", "nonsensitive(sensitive(var.secret))", "tostring(var.secret)"]
)
def test_functions_that_change_nothing(call: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"main.tf": task(call), "variables.tf": DEFAULTS})
    assert named(report, "secret-committed") == {"variables.tf:2 medium"}
