"""Nomad jobs: variables, locals, templates, places, and their forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import nomad
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

JOB = """\
variable "mail" { default = "admin@example.com" }
locals {
  image  = "directus/directus"
  secret = "kept-in-a-local"
}
job "cms" {
  namespace = "staging"
  group "web" {
    count = 2
    task "directus" {
      driver = "docker"
      config { image = "${local.image}:11.5.1" }
      env {
        SECRET      = local.secret
        ADMIN_EMAIL = var.mail
        DB_HOST     = "${NOMAD_IP_db}"
        DB_USER     = "$${meta.user}"
        DB_PORT     = 5432
        CACHE_ENABLED = true
        DB_CONNECTION_STRING = "postgres://cms:${local.secret}@db"
      }
      template {
        destination = "secrets/directus.env"
        env         = true
        data        = <<-EOH
          # a comment
          DB_PORT=5433
          {{ with secret "kv/cms" }}
          DB_PASSWORD="{{ .Data.password }}"
          LOG_LEVEL='warn' # loud
          {{ end }}
          {{ if keyExists "cors" }}CORS_ENABLED=true{{ end }}
        EOH
      }
    }
    task "db" {
      driver = "docker"
      config { image = "postgres:17" }
      env = { "POSTGRES_PASSWORD" = "weak" }
    }
  }
}
"""


def test_everything_in_its_place(tmp_path: Path) -> None:
    (found,) = nomad.read(repository(tmp_path, {"jobs/cms.nomad.hcl": JOB}))
    assert (found.name, found.platform.name, found.replicas) == ("jobs/cms.nomad.hcl#cms/web/directus", "NOMAD", 2)
    assert texts(found.variables) == [
        ("SECRET", "kept-in-a-local"), ("ADMIN_EMAIL", None), ("DB_HOST", None), ("DB_USER", None), ("DB_PORT", "5432"),
        ("CACHE_ENABLED", "true"), ("DB_CONNECTION_STRING", "postgres://cms:kept-in-a-local@db"),
        ("DB_PORT", "5433"), ("DB_PASSWORD", None), ("LOG_LEVEL", "warn"), ("CORS_ENABLED", None),
    ]  # fmt: skip
    by_name = {item.name: item for item in found.variables}
    assert cut(tmp_path, by_name["SECRET"].location) == "kept-in-a-local"
    assert cut(tmp_path, by_name["DB_PORT"].location) == "5433"
    assert cut(tmp_path, by_name["LOG_LEVEL"].location) == "warn"
    assert fallback(by_name["ADMIN_EMAIL"]) == "admin@example.com"
    reasons = {item.name: item.value.reason for item in found.variables if isinstance(item.value, Unknown)}
    assert reasons == {
        "ADMIN_EMAIL": "`var.mail` is given when the job is run",
        "DB_HOST": "Nomad fills in `${NOMAD_IP_db}`",
        "DB_USER": "Nomad fills in `${meta.user}`",
        "DB_PASSWORD": "a template fills it in on the machine",
        "CORS_ENABLED": "a template sets it under a condition",
    }
    assert found.gaps == ()
    assert found.hints == ("cms", "web", "directus", "staging")
    assert found.version is not None
    assert found.version.version == Version(11, 5, 1)
    assert [(item.name, texts(item.variables)) for item in found.services] == [("db", [("POSTGRES_PASSWORD", "weak")])]


@each_case(
    ("line", "value"),
    [
        ("A=b", "b"), ("A = b c ", "b c"), ("export A=b", "b"), ("A=", ""), ('A="b # c" # d', "b # c"), ("A='b\\' ", "b\\"),
        ('A="\\"b\\"\\n"', '"b"\n'), ("A=b'c d'\"e\"", "bc de"), ("A=b#c", "b"), ("A=\\n", "\\n"), ('A="  b "', "  b "),
    ],
)  # fmt: skip
def test_lines_of_a_template_are_read_as_nomad_reads_them(tmp_path: Path, line: str, value: str) -> None:
    job = f'job "a" {{\n task "t" {{\n config {{ image = "directus/directus" }}\n template {{\n env = true\n data = <<EOH\n{line}\nEOH\n}}\n}}\n}}\n'
    (found,) = nomad.read(repository(tmp_path, {"a.nomad": job}))
    assert texts(found.variables) == [("A", value)]
    assert found.variables[0].location.line == 7
    if value.strip() and "\\" not in line and "'c" not in line:
        assert cut(tmp_path, found.variables[0].location) == value


@each_case(
    ("template", "reason"),
    [
        ('env = true\ndata = "{{ range nomadVarList }}{{ .K }}={{ .V }}\\n{{ end }}"', "a template makes up the names of further variables"),
        ('env = true\nsource = "local/x.tpl"', "a template gives it variables that are not in the job file"),
        ("env = true\ndata = var.data", "a template gives it variables that are not in the job file"),
    ],
)  # fmt: skip
def test_what_leaves_the_environment_open(tmp_path: Path, template: str, reason: str) -> None:
    job = (
        f'job "a" {{\n task "t" {{\n config {{ image = "directus/directus" }}\n template {{\n {template}\n}}\n}}\n}}\n'
    )
    (found,) = nomad.read(repository(tmp_path, {"a.nomad": job}))
    assert reasons(found) == (reason,)


def test_a_template_in_a_file_of_its_own(tmp_path: Path) -> None:
    job = 'job "a" {\n task "t" {\n config { image = "directus/directus" }\n template {\n env = true\n data = file("./cms.env.tpl")\n}\n}\n}\n'
    (found,) = nomad.read(repository(tmp_path, {"jobs/a.nomad": job, "jobs/cms.env.tpl": "SECRET=abc\nKEY={{ x }}\n"}))
    assert texts(found.variables) == [("SECRET", "abc"), ("KEY", None)]
    assert cut(tmp_path, found.variables[0].location) == "abc"
    assert "jobs/cms.env.tpl" in found.consumed


def test_a_template_mounted_as_the_config_file(tmp_path: Path) -> None:
    job = """\
job "a" {
  task "t" {
    config {
      image   = "directus/directus"
      volumes = ["local/d.env:/directus/.env:ro"]
    }
    template {
      destination = "local/d.env"
      data = <<-EOH
        SECRET="in the file"
      EOH
    }
  }
}
"""
    (found,) = nomad.read(repository(tmp_path, {"a.nomad": job}))
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("SECRET", "in the file")]
    assert cut(tmp_path, found.config_file[0].location) == "in the file"
    (found,) = nomad.read(repository(tmp_path / "2", {"a.nomad": job.replace("in the file", "{{ key `x` }}")}))
    assert isinstance(found.config_file, Unknown)


@each_case(
    "text",
    [
        '{"Job": {"ID": "a", "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Config": {"image": "directus/directus:11.5.1"}, "Env": {"SECRET": "x"}, "Templates": [{"Envvars": true, "EmbeddedTmpl": "KEY=y\\n"}]}]}]}}',
        '{"ID": "a", "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Config": {"image": "directus/directus:11.5.1"}, "Env": {"SECRET": "x", "KEY": "y"}}]}]}',
        '{"job": {"a": {"group": {"g": {"task": {"t": {"config": {"image": "directus/directus:11.5.1"}, "env": {"SECRET": "x", "KEY": "y"}}}}}}}}',
        '{"job": [{"a": [{"group": [{"g": [{"task": [{"t": [{"config": [{"image": "directus/directus:11.5.1"}], "env": [{"SECRET": "x", "KEY": "y"}]}]}]}]}]}]}]}',
    ],
)  # fmt: skip
def test_jobs_in_json(tmp_path: Path, text: str) -> None:
    (found,) = nomad.read(repository(tmp_path, {"cms.nomad.json": text}))
    assert found.name == "cms.nomad.json#a/g/t"
    assert texts(found.variables) == [("SECRET", "x"), ("KEY", "y")]
    assert found.version is not None
    assert found.version.version == Version(11, 5, 1)


def test_other_files(tmp_path: Path) -> None:
    files = {
        "terragrunt.hcl": 'inputs = { job = "directus" }\n',
        "a.nomad": 'job "x" { task "t" { config { image = "redis" } } }\n',
    }
    root = repository(tmp_path, files)
    assert nomad.read(root) == ()
    assert not root.problems


@each_case(
    ("text", "incomplete"),
    [
        ('job "a" { image = "directus/directus"', True),
        ('job "a" { [[ .directus ]] }', False),
        ('job "a" { KEY = SECRET = ', True),
    ],
)
def test_a_broken_job_is_a_problem(tmp_path: Path, text: str, incomplete: bool) -> None:
    root = repository(tmp_path, {"a.nomad.hcl": text})
    assert nomad.read(root) == ()
    assert [problem.incomplete for problem in root.problems] == [incomplete]


PIECES = [
    'SECRET = "x"', "KEY = local.a", "locals {", 'job "a" {', 'task "t" {', "env {", "}", "template {", "env = true",
    "data = <<EOH\nA=b\nEOH", "data = <<-E\n  {{ if }}\n  A={{ end }\n  E", 'config { image = "directus/directus" }', "a = local.a",
    'b = "${local.a}${local.b}"', "local.a = 1",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    nomad.read(repository(tmp_path_factory.mktemp("r"), {"a.nomad": "\n".join(lines) + "\n"}))
