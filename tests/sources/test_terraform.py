"""Variables of a Terraform module get their values from the files that Terraform reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Severity
from directus_guard.sources.deployments import terraform
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.finding import Report

MODULE = """
variable "image" {}
variable "secret" { default = "weak" }
resource "docker_container" "cms" {
  image = var.image
  env   = ["SECRET=${var.secret}", "DB_CLIENT=pg"]
}
"""
IMAGE = 'image = "directus/directus:12.4.1"\n'


def secret(root: Path, files: dict[str, str]) -> Variable:
    (deployment,) = terraform.read(repository(root, {"main.tf": MODULE, **files}))
    return deployment.variables[0]


@each_case(
    ("name", "text"),
    [
        ("terraform.tfvars", f'{IMAGE}secret = "from-the-file"\n'),
        ("site.auto.tfvars", f'{IMAGE}secret = "from-the-file" # a comment\n'),
        ("terraform.tfvars.json", '{"image": "directus/directus:12.4.1", "secret": "from-the-file"}'),
        ("production.tfvars", f'{IMAGE}secret = "from-the-file"\n'),
    ],
)
def test_a_file_gives_the_value(tmp_path: Path, name: str, text: str) -> None:
    variable = secret(tmp_path, {name: text})
    assert texts([variable]) == [("SECRET", "from-the-file")]


def test_the_place_is_in_the_file(tmp_path: Path) -> None:
    module = MODULE.replace("${var.secret}", "x").replace('"SECRET=x", ', "") + 'resource "heroku_app" "a" {\n  config_vars = { SECRET = var.secret, KEY = "k" }\n}\n'  # fmt: skip
    found = terraform.read(repository(tmp_path, {"main.tf": module, "terraform.tfvars": f'{IMAGE}secret = "abc"\n'}))
    variable = next(item for deployment in found for item in deployment.variables if item.name == "SECRET")
    assert variable.location.path == "terraform.tfvars"
    assert cut(tmp_path, variable.location) == "abc"


def test_what_terraform_reads_last_wins(tmp_path: Path) -> None:
    files = {
        "terraform.tfvars": f'{IMAGE}secret = "first"\n',
        "b.auto.tfvars": 'secret = "last"\n',
        "a.auto.tfvars": 'secret = "between"\n',
        "other.tfvars": 'secret = "on request"\n',
    }
    assert texts([secret(tmp_path, files)]) == [("SECRET", "last")]


def test_files_that_disagree_are_a_deployment_each(tmp_path: Path) -> None:
    files = {"live.tfvars": f'{IMAGE}secret = "one"\n', "env/stage.tfvars": f'{IMAGE}secret = "two"\n'}
    found = terraform.read(repository(tmp_path, {"main.tf": MODULE, **files}))
    assert [(item.name, item.hints[-1], texts(item.variables)[0]) for item in found] == [
        ("main.tf#docker_container/cms@stage", "stage", ("SECRET", "two")),
        ("main.tf#docker_container/cms@live", "live", ("SECRET", "one")),
    ]


def test_files_that_disagree_on_something_else_are_one_deployment(tmp_path: Path) -> None:
    files = {"live.tfvars": f'{IMAGE}secret = "one"\nsize = 1\n', "stage.tfvars": "size = 2\n"}
    found = terraform.read(repository(tmp_path, {"main.tf": MODULE, **files}))
    assert [item.name for item in found] == ["main.tf#docker_container/cms"]


def test_files_of_another_folder_do_not_count(tmp_path: Path) -> None:
    files = {"terraform.tfvars": IMAGE, "other/terraform.tfvars": 'secret = "elsewhere"\n', "x.tfvars.example": 'secret = "no"\n'}  # fmt: skip
    assert texts([secret(tmp_path, files)]) == [("SECRET", None)]


def test_a_broken_file_gives_nothing(tmp_path: Path) -> None:
    made = repository(
        tmp_path, {"main.tf": MODULE, "terraform.tfvars": IMAGE, "a.auto.tfvars": 'secret = "SECRET PUBLIC_URL\n'}
    )
    (deployment,) = terraform.read(made)
    assert texts(deployment.variables)[0] == ("SECRET", None)
    assert [(problem.path, problem.incomplete) for problem in made.problems] == [("a.auto.tfvars", True)]


CONTAINER = """
variable "secret" { type = string }
resource "aws_ecs_task_definition" "cms" {
  container_definitions = jsonencode([{ name = "cms", image = "directus/directus:12.4.1", environment = [
    { name = "SECRET", value = var.secret }, { name = "PUBLIC_URL", value = "https://cms.acme.example" },
  ] }])
}
"""


def use(source: str, value: str = "example-secret-do-not-use") -> str:
    return f'module "cms" {{\n  source = "{source}"\n  secret = "{value}"\n}}\n'


def blocking(report: Report) -> set[str]:
    """The files with something that would block."""
    grave = (item for item in report.findings if item.severity.rank >= Severity.HIGH.rank)
    return {item.location.path for item in grave if item.context.gates}


@each_case(
    ("module", "example", "source"),
    [
        ("modules/cms/main.tf", "examples/simple/main.tf", "../../modules/cms"),
        ("main.tf", "examples/complete/main.tf", "../../"),
        ("main.tf", "examples/complete/main.tf", "../.."),
        ("terraform/cms/main.tf", "terraform/cms/examples/basic/main.tf", "../.."),
        ("modules/cms/main.tf", "test/fixtures/cms/main.tf", "../../../modules/cms"),
        ("cms/main.tf", "tests/setup.tf", "../cms"),
    ],
)
def test_what_an_example_gives_to_a_module_is_an_example(
    tmp_path: Path, module: str, example: str, source: str
) -> None:
    report = audit(Options(root=write(tmp_path, {module: CONTAINER, example: use(source)})))
    assert blocking(report) == set()


@each_case(
    ("files", "where"),
    [
        ({"cms/main.tf": CONTAINER, "live/main.tf": use("../cms")}, "live/main.tf"),
        ({"cms/main.tf": CONTAINER, "live/main.tf": use("../cms"), "examples/main.tf": use("../cms", "x")}, "live/main.tf"),
        ({"cms/main.tf": CONTAINER, "examples/main.tf": use("../cms"), "cms/terraform.tfvars": 'secret = "weak"\n'}, "cms/terraform.tfvars"),
    ],
)  # fmt: skip
def test_what_is_no_example_counts(tmp_path: Path, files: dict[str, str], where: str) -> None:
    report = audit(Options(root=write(tmp_path, files)))
    assert blocking(report) == {where}


def test_the_folder_that_is_asked_for_is_no_example(tmp_path: Path) -> None:
    root = write(tmp_path, {"examples/a/modules/cms/main.tf": CONTAINER, "examples/a/main.tf": use("./modules/cms")})
    assert blocking(audit(Options(root=root / "examples/a"))) == {"main.tf"}
