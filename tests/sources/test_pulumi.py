"""Programs of Pulumi in YAML, and the configuration of their stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Variable

SECRET: Final = "88bf20a2de09b0a6d09ec407c39b85f7"
IMAGE: Final = "directus/directus:12.4.1"
CONTAINER: Final = """name: cms
runtime: yaml
{0}
resources:
  cms:
    type: docker:Container
    properties:
      image: directus/directus:12.4.1
      envs: ["PUBLIC_URL=https://cms.example.com", "SECRET={1}"]
"""
POD: Final = """name: cms
runtime: yaml
resources:
  cms:
    type: kubernetes:apps/v1:Deployment
    properties:
      spec:
        template:
          spec:
            containers:
              - name: cms
                image: directus/directus:12.4.1
                env:
                  - {{name: SECRET, value: {0}}}
"""
TASK: Final = """name: cms
runtime: yaml
resources:
  cms:
    type: aws:ecs:TaskDefinition
    properties:
      containerDefinitions:
        fn::toJSON:
          - name: cms
            image: directus/directus:12.4.1
            environment:
              - name: SECRET
                value: {0}
"""


def secrets(root: Path, files: dict[str, str]) -> list[Variable]:
    found = collect(repository(root, files)).deployments
    return [one for made in found for one in made.variables if one.name == "SECRET"]


@each_case(
    "files",
    [
        {"Pulumi.yaml": CONTAINER.format("", SECRET)},
        {"Pulumi.yaml": CONTAINER.format("", "${secret}"), "Pulumi.prod.yaml": f"config:\n  cms:secret: {SECRET}\n"},
        {"Pulumi.yaml": CONTAINER.format("config: {secret: {type: string}}", "${secret}"), "Pulumi.prod.yaml": f"config: {{secret: {SECRET}}}\n"},
        {"infra/Pulumi.yml": POD.format("'${directusSecret}'"), "infra/Pulumi.live.yml": f"config:\n  cms:directusSecret: '{SECRET}'\n"},
        {"Pulumi.yaml": POD.format(f"{{'fn::secret': {SECRET}}}")},
        {"Pulumi.yaml": CONTAINER.format(f"variables:\n  hex: {SECRET}", "${hex}")},
        {"Pulumi.yaml": TASK.format("${secret}"), "Pulumi.prod.yaml": f"config:\n  cms:secret: {SECRET}\n"},
        {"Pulumi.yaml": "name: cms\nruntime: nodejs\n", "Pulumi.prod.yaml": f"config:\n  cms:directusSecret: {SECRET}\n", "index.ts": "// pulumi"},
        {"Pulumi.yaml": "name: directus\nruntime: python\n", "Pulumi.prod.yaml": f"config:\n  directus:secret: {SECRET}\n"},
        {"Pulumi.yaml": "name: cms\nruntime: go\n", "Pulumi.prod.yaml": f"config:\n  cms:secret: {SECRET}\n", "main.go": 'image := "directus/directus:12"\n'},
    ],
)  # fmt: skip
def test_a_secret_in_plain_text(tmp_path: Path, files: dict[str, str]) -> None:
    (found,) = secrets(tmp_path, files)
    assert isinstance(found.value, Known)
    assert cut(tmp_path, found.location).endswith(SECRET)


def test_each_stack_is_a_deployment(tmp_path: Path) -> None:
    files = {
        "Pulumi.yaml": CONTAINER.format("", "${secret}"),
        "Pulumi.dev.yaml": f"config:\n  cms:secret: {'a' * 32}\n",
        "Pulumi.prod.yaml": f"config:\n  cms:secret: {'b' * 32}\n",
    }
    made = collect(repository(tmp_path, files)).deployments
    assert [(one.name, one.hints[-1]) for one in made] == [
        ("Pulumi.yaml#dev/cms", "dev"),
        ("Pulumi.yaml#prod/cms", "prod"),
    ]


@each_case(
    "files",
    [
        {"Pulumi.yaml": CONTAINER.format("", "${secret}")},
        {"Pulumi.yaml": CONTAINER.format("", "${secret}"), "Pulumi.prod.yaml": "config:\n  cms:secret:\n    secure: v1:abc=\n"},
        {"Pulumi.yaml": POD.format("'${random.result}'")},
        {"Pulumi.yaml": TASK.format("${a.b[0].c}")},
    ],
)  # fmt: skip
def test_what_is_encrypted_or_made_is_not_known(tmp_path: Path, files: dict[str, str]) -> None:
    (found,) = secrets(tmp_path, files)
    assert isinstance(found.value, Unknown)


def test_a_default_of_the_program(tmp_path: Path) -> None:
    text = CONTAINER.format(f"config:\n  secret:\n    default: {SECRET}", "${secret}")
    (found,) = secrets(tmp_path, {"Pulumi.yaml": text})
    assert isinstance(found.value, Unknown)
    assert found.value.fallback is not None


@each_case(
    "files",
    [
        {"Pulumi.yaml": "name: web\nruntime: nodejs\n", "Pulumi.prod.yaml": f"config:\n  web:secret: {SECRET}\n"},
        {"Pulumi.yaml": "name: directus\nruntime: nodejs\n", "Pulumi.prod.yaml": "config:\n  directus:secret:\n    secure: v1:x\n"},
        {"Pulumi.yaml": "name: web\nruntime: yaml\nresources:\n  web: {type: docker:Container, properties: {image: nginx}}\n"},
        {"Pulumi.yaml": "[]"},
    ],
)  # fmt: skip
def test_other_projects_say_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    assert collect(repository(tmp_path, files)).deployments == ()
