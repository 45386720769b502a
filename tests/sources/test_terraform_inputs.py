"""What commands and Terragrunt give to a module of Terraform: a literal secret is found where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.support.cli import write
from tests.support.deployment_findings import HEX, committed
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

MAIN: Final = (
    'resource "docker_container" "cms" {\n  image = "directus/directus:11.5.0"\n'
    '  env = ["SECRET=${var.secret}", "PUBLIC_URL=https://cms.example.com"]\n}\nvariable "secret" { type = string }\n'
)
FOLDER: Final = "modules/cms"
GIVEN: Final = (
    ("deploy.sh", f'terraform -chdir=modules/cms apply -auto-approve -var "secret={HEX}"\n'),
    ("deploy.sh", f"S={HEX}\ntofu -chdir=modules/cms apply -var=secret=$S\n"),
    ("deploy.sh", f"cd modules/cms\nterraform apply -var 'secret={HEX}'\n"),
    ("deploy.sh", f"export TF_VAR_secret={HEX}\nterraform -chdir=modules/cms apply\n"),
    ("Makefile", f"apply:\n\tTF_VAR_secret={HEX} terraform -chdir=modules/cms apply\n"),
    ("Makefile", f"export TF_VAR_secret := {HEX}\napply:\n\tterraform -chdir=modules/cms apply\n"),
    (".github/workflows/a.yml", f"on: push\nenv:\n  TF_VAR_secret: {HEX}\njobs:\n  a:\n    steps:\n      - run: terraform apply\n        working-directory: modules/cms\n"),
    (".gitlab-ci.yml", f"variables:\n  TF_VAR_secret: {HEX}\na:\n  script:\n    - terraform -chdir=modules/cms apply\n"),
    ("live/prod/cms/terragrunt.hcl", f'terraform {{ source = "../../../modules/cms" }}\ninputs = {{\n  secret = "{HEX}"\n}}\n'),
    ("modules/cms/terragrunt.hcl", f'include "root" {{ path = "x" }}\ninputs = {{\n  secret = "{HEX}"\n}}\n'),
)  # fmt: skip
QUIET: Final = (
    ("deploy.sh", 'terraform -chdir=modules/cms apply -var "secret=$SECRET"\n'),
    ("deploy.sh", f'terraform -chdir=modules/other apply -var "secret={HEX}"\n'),
    ("deploy.sh", f'terraform -chdir=modules/cms apply -var "other={HEX}"\n'),
    ("live/terragrunt.hcl", 'terraform { source = "../modules/cms" }\ninputs = {\n  secret = get_env("SECRET")\n}\n'),
)


@each_case(("path", "text"), GIVEN)
def test_a_literal_secret_that_is_given_to_a_module_is_found(tmp_path: Path, path: str, text: str) -> None:
    line = next(number for number, one in enumerate(text.split("\n"), start=1) if HEX in one)
    assert committed(write(tmp_path, {f"{FOLDER}/main.tf": MAIN, path: text})) == [f"{path}:{line}"]


@each_case(("path", "text"), QUIET)
def test_what_does_not_reach_the_module_is_quiet(tmp_path: Path, path: str, text: str) -> None:
    files = {f"{FOLDER}/main.tf": MAIN, "modules/other/main.tf": 'variable "secret" {}\n', path: text}
    assert committed(write(tmp_path, files)) == []
