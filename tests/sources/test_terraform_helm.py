"""Values that Terraform gives to a chart (`helm_release`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.deployments import terraform
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = (
    'resource "helm_release" "cms" {\n  name = "cms"\n  chart = "CHART"\n  VALUES\n}\nlocals { it = "written-down" }\n'
)
LISTED = 'extraEnvVars = [{ name = "PUBLIC_URL", value = "https://cms.acme.example" }, { name = "SECRET", value = IT }]'


@each_case("chart", ["directus", "oci://ghcr.io/acme/directus"])
@each_case(
    "values",
    [
        f'values = [yamlencode({{\n {LISTED.replace("IT", chr(34) + "written-down" + chr(34))} }})]',
        f"values = [file(\"values.yaml\"), yamlencode({{\n {LISTED.replace('IT', 'local.it')} }})]",
        "values = [yamlencode({ directus = { secret = local.it } })]",
        "values = [<<-EOT\n    env:\n      SECRET: written-down\n      PUBLIC_URL: ${var.url}\n  EOT\n  ]",
        'values = [\n<<EOT\nsecretEnv:\n  SECRET: "written-down"\nEOT\n  ]',
        'set {\n    name = "directus.secret"\n    value = "written-down"\n  }',
        'set_sensitive {\n    name = "env.SECRET"\n    value = local.it\n  }',
        'set = [{ name = "env.LOG_LEVEL", value = "info" }, { name = "env.SECRET", value = "written-down" }]',
        'set {\n    name = "extraEnvVars[0].name"\n    value = "SECRET"\n  }\n  set {\n    name = "extraEnvVars[0].value"\n    value = "written-down"\n  }',
    ],
)  # fmt: skip
def test_a_text_is_known_and_stands_where_it_is_written(tmp_path: Path, chart: str, values: str) -> None:
    text = RELEASE.replace("CHART", chart).replace("VALUES", values)
    found = terraform.read(repository(tmp_path, {"main.tf": text}))
    (variable,) = (one for made in found for one in made.variables if one.name == "SECRET")
    assert texts([variable]) == [("SECRET", "written-down")]
    assert cut(tmp_path, variable.location) == "written-down"


@each_case(
    "values",
    [
        "values = [yamlencode({ env = { SECRET = random_password.s.result } })]",
        "values = [<<-EOT\n    env:\n      SECRET: ${random_password.s.result}\n  EOT\n  ]",
        'set {\n    name = "env.SECRET"\n    value = var.secret\n  }',
        'set {\n    name = "env.SECRET"\n    value = lookup({ a = "x" }, "a")\n  }',
        'values = [yamlencode({ env = { SECRET = [for k in ["a"] : k][0] } })]',
        'values = [<<-EOT\n    env:\n      SECRET: "${lookup({ a = "x" }, "a")}"\n  EOT\n  ]',
    ],
)
def test_anything_else_is_not(tmp_path: Path, values: str) -> None:
    (made,) = terraform.read(repository(tmp_path, {"main.tf": RELEASE.replace("CHART", "directus").replace("VALUES", values)}))  # fmt: skip
    assert texts(made.variables) == [("SECRET", None)]


def test_another_chart_is_not_directus(tmp_path: Path) -> None:
    text = RELEASE.replace("CHART", "nginx").replace(
        "VALUES", 'set {\n name = "env.SECRET"\n value = "x" # directus\n}'
    )
    assert terraform.read(repository(tmp_path, {"main.tf": text})) == ()


@each_case(
    "values",
    ["values = [<<-EOT\n    env: [\n  EOT\n  ]", "values = [<<-EOT\n    # none\n  EOT\n  ]", "values = [<<-EOT\n    - a\n  EOT\n  ]", 'values = ["a: b"]', "values = [var.x]", "values = var.x", 'set {\n    name = "a"\n  }', 'set {\n    value = "a"\n  }'],
)  # fmt: skip
def test_what_is_no_document_of_values_gives_none(tmp_path: Path, values: str) -> None:
    text = RELEASE.replace("CHART", "directus").replace("VALUES", values)
    assert terraform.read(repository(tmp_path, {"main.tf": text})) == ()


@each_case(
    ("values", "written", "replicas"),
    [
        ('values = [yamlencode({ env = { A = 5, B = true, C = null, D = 1.5, E = "5" } })]', [("A", "5"), ("B", "true"), ("C", ""), ("D", "1.5"), ("E", "5")], None),
        ('set {\n    name = "env.A\\\\.B"\n    value = "x"\n  }\n  set {\n    name = "env.A"\n    value = "y"\n  }\n  set {\n    name = "env.A"\n    value = "z"\n  }', [("A", "z")], None),
        ("values = [<<-EOT\n    replicaCount: 2\n    env:\n      A: ${var.x}-b\n      B: ${x(1)}\n      C: c\n  EOT\n  ]", [("A", None), ("B", None), ("C", "c")], 2),
    ],
)  # fmt: skip
def test_values_of_each_kind(
    tmp_path: Path, values: str, written: list[tuple[str, str | None]], replicas: int | None
) -> None:
    (made,) = terraform.read(repository(tmp_path, {"main.tf": RELEASE.replace("CHART", "directus").replace("VALUES", values)}))  # fmt: skip
    assert texts(made.variables) == written
    assert made.replicas == replicas
