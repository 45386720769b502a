"""Terraform's JSON syntax gives what the same module in HCL gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import terraform
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

MODULE = {
    "//": "made by a program",
    "variable": {"key": {"type": "string", "default": "weak"}},
    "locals": {"image": "directus/directus", "secret": "kept-in-a-local"},
    "resource": {
        "docker_container": {
            "cms": {
                "//": {"comment": True},
                "image": "${local.image}:11.5.1",
                "env": [
                    "SECRET=abc", "KEY=${var.key}", "DB_CLIENT=pg",
                ],
            }
        },
        "heroku_app": [{"shop": [{"config_vars": [{"SECRET": "${local.secret}", "KEY": "${var.key}", "DB_HOST": "$${literal}"}]}]}],
        "aws_ecs_task_definition": {
            "cms": {"container_definitions": '${jsonencode([{name = "directus", image = "directus/directus:12.4.1", environment = [{name = "SECRET", value = local.secret}]}])}'}
        },
    },
}  # fmt: skip


def test_everything_in_its_place(tmp_path: Path) -> None:
    found = terraform.read(repository(tmp_path, {"main.tf.json": json.dumps(MODULE, indent=2)}))
    container, heroku, ecs = found
    assert [item.name for item in found] == [
        "main.tf.json#docker_container/cms", "main.tf.json#heroku_app/shop", "main.tf.json#aws_ecs_task_definition/cms/directus",
    ]  # fmt: skip
    assert texts(container.variables) == [("SECRET", "abc"), ("KEY", None), ("DB_CLIENT", "pg")]
    assert cut(tmp_path, container.variables[0].location) == "abc"
    assert container.version is not None
    assert container.version.version == Version(11, 5, 1)
    assert texts(heroku.variables) == [("SECRET", "kept-in-a-local"), ("KEY", None), ("DB_HOST", "${literal}")]
    assert cut(tmp_path, heroku.variables[0].location) == "kept-in-a-local"
    assert fallback(heroku.variables[1]) == "weak"
    assert texts(ecs.variables) == [("SECRET", "kept-in-a-local")]


def test_a_module_in_both_syntaxes(tmp_path: Path) -> None:
    """The files of a folder are one module, whatever syntax they have."""
    files = {
        "locals.tf": 'locals {\n  secret = "from-hcl"\n}\n',
        "main.tf.json": '{"resource": {"docker_container": {"cms": {"image": "directus/directus", "env": {"SECRET": "${local.secret}"}}}}}',
    }
    (found,) = terraform.read(repository(tmp_path, files))
    assert texts(found.variables) == [("SECRET", "from-hcl")]
    assert cut(tmp_path, found.variables[0].location) == "from-hcl"


@each_case(
    ("written", "value"),
    [
        ("plain", "plain"), ("a ${local.a} b", "a x b"), ("${local.a}", "x"), ("${local.a}${local.a}", "xx"), ("${upper(local.a)}", None),
        ("%{ if true }x%{ endif }", None), ("$${local.a}", "${local.a}"), ('"${local.a}"', '"x"'), ("${local.none}", None), ("${", None),
        ("a\n${local.a}\nb", "a\nx\nb"), ("${local.b}", "x!"), ("100%", "100%"), ("${local.a", None),
    ],
)  # fmt: skip
def test_templates(tmp_path: Path, written: str, value: str | None) -> None:
    """JSON and HCL alike, as far as a text of one line can be written in both."""
    module = {"locals": {"a": "x", "b": "${local.a}!"}, "resource": {"x": {"y": {"image": "directus/directus", "env": {"SECRET": written}}}}}  # fmt: skip
    (found,) = terraform.read(repository(tmp_path / "json", {"a.tf.json": json.dumps(module)}))
    assert texts(found.variables) == [("SECRET", value)]
    if "\n" not in written and '"' not in written and written not in ("${", "${local.a"):
        hcl = f'locals {{\n  a = "x"\n  b = "${{local.a}}!"\n}}\nresource "x" "y" {{\n  image = "directus/directus"\n  env = {{ SECRET = "{written}" }}\n}}\n'
        (same,) = terraform.read(repository(tmp_path / "hcl", {"a.tf": hcl}))
        assert texts(same.variables) == texts(found.variables)


@pytest.mark.parametrize("last", ["x", "${local.a0}"])
def test_locals_that_multiply_each_other_end(tmp_path: Path, last: str) -> None:
    """Each takes in the next one ten times: without a memory that is 10^30 steps, or no end where they go in a circle."""
    chain = {f"a{level}": f"${{local.a{level + 1}}}" * 10 for level in range(30)} | {"a30": last}
    module = {"locals": chain, "resource": {"x": {"y": {"image": "directus/directus", "env": {"SECRET": "${local.a0}", "KEY": "${local.a30}"}}}}}  # fmt: skip
    (found,) = terraform.read(repository(tmp_path, {"a.tf.json": json.dumps(module)}))
    assert texts(found.variables)[0] == ("SECRET", None)


def test_a_broken_file_is_a_problem(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.tf.json": '{"resource": {"directus": '})
    assert terraform.read(root) == ()
    assert [problem.path for problem in root.problems] == ["a.tf.json"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["directus/directus", "${local.a}", "${", "%{ if"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["image", "env", "SECRET", "//", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["resource", "locals", "variable", "module", "//"]), ANY, max_size=4))
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, module: dict[str, object]) -> None:
    files = {"a.tf.json": json.dumps({"//x": "directus", **module})}
    terraform.read(repository(tmp_path_factory.mktemp("r"), files))
