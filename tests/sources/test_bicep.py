"""Bicep: what resources and modules of Azure are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import bicep
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, repository, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

APP: Final = """resource cms 'Microsoft.App/containerApps@2024-03-01' = {{
  name: 'cms'
  properties: {{
    configuration: {{ secrets: [{{ name: 'key', value: 'abc' }}] }}
    template: {{ containers: [{{
      image: 'directus/directus:11.5.1'
      env: {0}
    }}] }}
  }}
}}
"""


def only(root: Path, env: str, before: str = "") -> Deployment:
    (made,) = bicep.read(repository(root, {"main.bicep": before + APP.format(env)}))
    return made


@each_case(
    ("before", "env"),
    [
        ("", "[{ name: 'SECRET', value: 'abc' }]"),
        ("", "[\n{\n name: 'SECRET'\n value: 'abc' // of production\n}\n]"),
        ("", "[{ name: 'SECRET', secretRef: 'key' }]"),
        ("", "concat([{ name: 'SECRET', value: 'abc' }], [])"),
        ("", "[{ name: 'SECRET', value: '''abc''' }]"),
        ("", "[{ 'name': 'SECRET', 'value': 'a\\u{62}c' }]"),
        ("var secret = 'abc'\n", "[{ name: 'SECRET', value: secret }]"),
        ("var end = 'bc'\n", "[{ name: 'SECRET', value: 'a${end}' }]"),
        ("var env = [{ name: 'SECRET', value: 'abc' }]\n", "env"),
    ],
)
def test_a_container_app(tmp_path: Path, before: str, env: str) -> None:
    made = only(tmp_path, env, before)
    assert made.name == "main.bicep#cms"
    assert texts(made.variables) == [("SECRET", "abc")]
    assert made.version is not None
    assert str(made.version.version) == "11.5.1"
    assert not made.gaps


def test_a_default_counts_where_nothing_else_is_given(tmp_path: Path) -> None:
    made = only(
        tmp_path,
        "[{ name: 'SECRET', value: secret }, { name: 'KEY', value: key }]",
        "param secret string = 'weak'\n@secure()\nparam key string\n",
    )
    secret, key = made.variables
    assert fallback(secret) == "weak"
    assert cut(tmp_path, secret.location) == "weak"
    assert isinstance(key.value, Unknown)
    assert key.value.fallback is None
    assert "parameter `key`" in key.value.reason


@each_case(
    "value",
    ["uniqueString('a')", "a ? 'b' : 'c'", "other.properties.x", "'https://${other.name}'", "resourceGroup().id"],
)
def test_what_is_worked_out_is_not_known(tmp_path: Path, value: str) -> None:
    made = only(tmp_path, f"[{{ name: 'SECRET', value: {value} }}]")
    (variable,) = made.variables
    assert isinstance(variable.value, Unknown)
    assert not made.gaps


@each_case(
    "env",
    [
        "concat(more, [{ name: 'SECRET', value: 'abc' }])",
        "more",
        "[for one in more: { name: one, value: 'x' }]",
    ],
)
def test_an_environment_that_is_not_all_known(tmp_path: Path, env: str) -> None:
    assert only(tmp_path, env, "param more array\n").gaps


def test_what_a_module_is_given(tmp_path: Path) -> None:
    module = """module cms 'app.bicep' = if (true) {
  name: 'cms'
  params: {
    image: 'directus/directus:11.5.1'
    secrets: [{ name: 'secret', value: 'abc' }]
    env: [{ name: 'SECRET', secretRef: 'secret' }, { name: 'DB_PASSWORD', secretRef: 'elsewhere' }]
  }
}
"""
    (made,) = bicep.read(repository(tmp_path, {"main.bicep": module}))
    assert texts(made.variables) == [("SECRET", "abc"), ("DB_PASSWORD", None)]


@each_case("text", ["resource directus 'a' = {", "var directus = [\n", "directus: 'x'\n"])
def test_no_valid_bicep(tmp_path: Path, text: str) -> None:
    made = repository(tmp_path, {"main.bicep": text})
    assert bicep.read(made) == ()
    assert [problem.incomplete for problem in made.problems] == [True]


@each_case(("opened", "closed"), [("{ a: ", " }"), ("[", "]"), ("(", ")"), ("concat(", ")"), ("'${", "}'")])
def test_deep_nesting_ends(tmp_path: Path, opened: str, closed: str) -> None:
    made = only(tmp_path, "[{ name: 'SECRET', value: deep }]", f"var deep = {opened * 3000}1{closed * 3000}\n")
    assert [name for name, _ in texts(made.variables)] == ["SECRET"]


def test_names_that_hold_each_other_end(tmp_path: Path) -> None:
    names = "".join(f"var a{number} = [a{number + 1}, a{number + 1}]\n" for number in range(60))
    made = only(
        tmp_path,
        "[{ name: 'SECRET', value: 'abc' }, { name: 'A', value: b }]",
        f"{names}var x = a0\nvar b = c\nvar c = b\n",
    )
    assert texts(made.variables) == [("SECRET", "abc"), ("A", None)]


@each_case(
    "piece",
    [
        "var a{0} = [1, 2]\n",
        "resource r{0} 'a@1' = {{ name: 'x', env: [{{ name: 'A', value: 'b' }}] }}\n",
        "param p{0} string\n",
    ],
)
def test_the_cost_is_linear(tmp_path: Path, piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        lines = "".join(piece.format(number) for number in range(size // len(piece)))
        root = write(tmp_path / str(size), {"a.bicep": f"// directus\n{lines}"})
        return lambda: bicep.read(Repository(root))

    assert grows_linearly(work, 10_000)
