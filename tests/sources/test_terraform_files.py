"""Files that a module of Terraform makes: what is handed to a template is known, and shown where it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.directus.context import classify
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.finding import Context
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Variable

SECRET: Final = "ada3946241bce7ffc6c908794e86ff9e"
RUN: Final = "docker run -d -e SECRET=${secret} directus/directus:12.4.1"
SERVICE: Final = "services:\n  cms:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${secret}\n"
ENVIRONMENT: Final = "DB_CLIENT=pg\nSECRET=${secret}\n"
TASK: Final = """[{"name": "cms", "image": "directus/directus:12.4.1", "environment": [{"name": "SECRET", "value": "${secret}"}]}]"""
MANIFEST: Final = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: cms}\nspec:\n  containers:\n    - name: cms\n"
    "      image: directus/directus:12.4.1\n      env: [{name: SECRET, value: '${secret}'}]\n"
)
LOCALS: Final = f'locals {{\n  secret = "{SECRET}"\n}}\n'


def secrets(root: Path, files: dict[str, str]) -> list[Variable]:
    """What the deployments of a repository say of SECRET."""
    return [
        one for found in collect(repository(root, files)).deployments for one in found.variables if one.name == "SECRET"
    ]


def template(name: str, given: str = "{ secret = local.secret }", wrapped: str = "CALL") -> str:
    call = wrapped.replace("CALL", f'templatefile("${{path.module}}/{name}", {given})')
    return f'resource "hcloud_server" "cms" {{\n  user_data = {call}\n}}\n'


CASES: Final[dict[str, dict[str, str]]] = {
    "command": {"main.tf": LOCALS + template("init.sh.tftpl"), "init.sh.tftpl": f"#!/bin/sh\n{RUN}\n"},
    "literal": {
        "main.tf": template("init.yaml.tftpl", f'{{ secret = "{SECRET}" }}'),
        "init.yaml.tftpl": f"#cloud-config\nruncmd:\n  - {RUN}\n",
    },
    "no ending": {"main.tf": LOCALS + template("templates/user_data.tpl"), "templates/user_data.tpl": f"#!/bin/sh\n{RUN}\n"},
    "encoded": {
        "main.tf": LOCALS + template("init.tftpl", wrapped="base64encode(CALL)"), "init.tftpl": f"#!/bin/sh\n{RUN}\n",
    },
    "compose file": {
        "main.tf": LOCALS + 'resource "local_file" "compose" {\n  filename = "${path.module}/out/docker-compose.yml"\n'
        '  content = templatefile("${path.module}/docker-compose.yml.tftpl", { secret = local.secret })\n}\n',
        "docker-compose.yml.tftpl": SERVICE,
    },
    "environment": {"main.tf": LOCALS + template("directus.env.tftpl"), "directus.env.tftpl": ENVIRONMENT},
    "loop": {
        "main.tf": template("app.env.tftpl", f'{{ env = {{ DB_CLIENT = "pg", SECRET = "{SECRET}" }} }}'),
        "app.env.tftpl": "# Directus\n%{ for name, value in env ~}\n${name}=${value}\n%{ endfor ~}\n",
    },
    "condition": {
        "main.tf": LOCALS + template("init.sh.tftpl"),
        "init.sh.tftpl": f'#!/bin/sh\n%{{ if secret != "" ~}}\n{RUN}\n%{{ else ~}}\necho none\n%{{ endif ~}}\n',
    },
    "old template": {
        "main.tf": LOCALS + 'data "template_file" "init" {\n  template = file("${path.module}/init.tpl")\n'
        "  vars = {\n    secret = local.secret\n  }\n}\n",
        "init.tpl": f"#!/bin/bash\n{RUN}\n",
    },
    "write_files": {
        "main.tf": LOCALS + template("cloud.yml.tftpl"),
        "cloud.yml.tftpl": "#cloud-config\nwrite_files:\n  - path: /srv/directus/.env\n    content: |\n      DB_CLIENT=pg\n      SECRET=${secret}\n",
    },
    "nested": {
        "main.tf": LOCALS + template("start.sh.tftpl"),
        "start.sh.tftpl": f"#!/bin/sh\ncat > docker-compose.yml <<'EOF'\n{SERVICE}EOF\n",
    },
    "merged": {
        "main.tf": LOCALS + template("init.sh.tftpl", '"given"').replace('"given"', "merge(local.more, { secret = local.secret })")
        + 'locals { more = { a = "b" } }\n',
        "init.sh.tftpl": f"#!/bin/sh\n{RUN}\n",
    },
    "values": {
        "main.tf": 'variable "secret" {}\n' + template("init.sh.tftpl", "{ secret = var.secret }"),
        "terraform.tfvars": f'secret = "{SECRET}"\n', "init.sh.tftpl": f"#!/bin/sh\n{RUN}\n",
    },
    "caller": {
        "main.tf": f'module "cms" {{\n  source = "./cms"\n  secret = "{SECRET}"\n}}\n',
        "cms/main.tf": 'variable "secret" {}\n' + template("init.sh.tftpl", "{ secret = var.secret }"),
        "cms/init.sh.tftpl": f"#!/bin/sh\n{RUN}\n",
    },
    "task": {
        "main.tf": LOCALS + 'resource "aws_ecs_task_definition" "cms" {\n  container_definitions = templatefile("./task.json.tpl", '
        "{ secret = local.secret })\n}\n",
        "task.json.tpl": TASK,
    },
    "release": {
        "main.tf": LOCALS + 'resource "helm_release" "cms" {\n  chart = "directus"\n  values = [templatefile("./values.yaml.tftpl", '
        "{ secret = local.secret })]\n}\n",
        "values.yaml.tftpl": "image: {repository: directus/directus, tag: 12.4.1}\nenv: {SECRET: '${secret}'}\n",
    },
    "here-document": {
        "main.tf": LOCALS + 'resource "aws_instance" "cms" {\n  user_data = <<-EOT\n    #!/bin/sh\n    '
        + RUN.replace("secret", "local.secret") + "\n  EOT\n}\n",
    },
    "local file": {
        "main.tf": f'resource "local_sensitive_file" "env" {{\n  filename = "/srv/directus/.env"\n  content = <<EOT\nDB_CLIENT=pg\nSECRET={SECRET}\nEOT\n}}\n',
    },
    "provisioner": {
        "main.tf": 'resource "null_resource" "cms" {\n  provisioner "file" {\n    destination = "/srv/cms/compose.yaml"\n    content = <<-EOT\n'
        + "".join(f"      {line}\n" for line in SERVICE.replace("${secret}", SECRET).splitlines()) + "    EOT\n  }\n}\n",
    },
    "inline": {
        "main.tf": LOCALS + 'resource "null_resource" "cms" {\n  provisioner "remote-exec" {\n    inline = ["set -e", "'
        + RUN.replace("secret", "local.secret") + '"]\n  }\n}\n',
    },
    "manifest": {
        "main.tf": LOCALS + 'resource "kubectl_manifest" "cms" {\n  yaml_body = <<YAML\n' + MANIFEST.replace("secret", "local.secret") + "YAML\n}\n",
    },
    "replaced": {
        "main.tf": LOCALS + 'resource "a" "b" {\n  user_data = replace(file("${path.module}/init.sh"), "@@S@@", local.secret)\n}\n',
        "init.sh": f"#!/bin/sh\n{RUN}\n".replace("${secret}", "@@S@@"),
    },
    "joined": {
        "main.tf": LOCALS + 'resource "a" "b" {\n  user_data = join("\\n", ["#!/bin/sh", "' + RUN.replace("secret", "local.secret") + '"])\n}\n',
    },
    "formatted": {
        "main.tf": LOCALS + 'resource "local_file" "b" {\n  filename = "/srv/directus/.env"\n'
        '  content = format("DB_CLIENT=%s\\nSECRET=%s\\n", "pg", local.secret)\n}\n',
    },
    "objects": {
        "main.tf": LOCALS + 'locals {\n  init = { write_files = [{ path = "/srv/directus/.env", content = "DB_CLIENT=pg\\nSECRET=${local.secret}\\n" }] }\n}\n'
        'resource "a" "b" {\n  user_data = "#cloud-config\\n${yamlencode(local.init)}"\n}\n',
    },
    "definitions": {
        "main.tf": LOCALS + 'resource "aws_ecs_task_definition" "cms" {\n  container_definitions = <<EOT\n'
        + TASK.replace("{secret}", "{local.secret}").replace(", ", ",\n") + "\nEOT\n}\n",
    },
}  # fmt: skip


@each_case("files", CASES.values(), ids=CASES)
def test_a_text_is_shown_where_it_is_written(tmp_path: Path, files: dict[str, str]) -> None:
    found = secrets(tmp_path, files)
    assert [one.value.text.reveal() for one in found if isinstance(one.value, Known)] == [SECRET]
    assert [type(one.value) for one in found] == [Known]
    assert cut(tmp_path, found[0].location) == SECRET


@each_case(
    ("name", "text"),
    [
        ("init.sh.tftpl", f"#!/bin/sh\n{RUN}\n"),
        ("init.tftpl", f"#cloud-config\nruncmd:\n  - {RUN}\n"),
        ("templates/docker-compose.yml.tftpl", SERVICE),
        (".env.tftpl", ENVIRONMENT),
        ("cms.env.tftpl", "%{ if true }\nPUBLIC_URL=${url}\n%{ endif }\n" + ENVIRONMENT),
        ("task.tftpl", TASK),
        ("cms.tftpl", MANIFEST),
        (
            "init.yaml.tftpl",
            f"#cloud-config\nwrite_files:\n- path: /opt/directus.sh\n  content: |\n    #!/bin/sh\n    {RUN}\n",
        ),
    ],
)
def test_a_text_in_a_template_that_no_module_takes(tmp_path: Path, name: str, text: str) -> None:
    (found,) = secrets(tmp_path, {name: text.replace("${secret}", SECRET)})
    assert isinstance(found.value, Known)
    assert cut(tmp_path, found.location) == SECRET
    assert found.location.path == name


@each_case(
    ("given", "more"),
    [
        ("{ secret = var.secret }", 'variable "secret" { type = string }\n'),
        ("{ secret = random_password.cms.result }", 'resource "random_password" "cms" { length = 32 }\n'),
        ("var.all", 'variable "all" {}\n'),
        ("{ other = 1 }", ""),
    ],
)
@each_case(
    ("name", "text"),
    [
        ("init.sh.tftpl", f"#!/bin/sh\n{RUN}\n"),
        ("docker-compose.yml.tftpl", SERVICE),
        ("task.json.tftpl", TASK),
        ("cms.yaml.tftpl", MANIFEST),
    ],
)
def test_what_comes_from_outside_is_not_known(tmp_path: Path, given: str, more: str, name: str, text: str) -> None:
    (found,) = secrets(tmp_path, {"main.tf": more + template(name, given), name: text})
    assert not isinstance(found.value, Known) or found.value.text.reveal().startswith("${")


def test_a_default_is_a_fallback(tmp_path: Path) -> None:
    module = f'variable "secret" {{\n  default = "{SECRET}"\n}}\n' + template(
        "init.sh.tftpl", "{ secret = var.secret }"
    )
    (found,) = secrets(tmp_path, {"main.tf": module, "init.sh.tftpl": f"#!/bin/sh\n{RUN}\n"})
    assert isinstance(found.value, Unknown)
    assert found.value.fallback is not None
    assert found.value.fallback.reveal() == SECRET
    assert cut(tmp_path, found.location) == SECRET


def test_a_template_that_is_used_in_two_ways(tmp_path: Path) -> None:
    call = 'module "{0}" {{\n  source = "../cms"\n  secret = "{1}"\n}}\n'
    files = {
        "live/main.tf": call.format("live", "a" * 32) + call.format("stage", "b" * 32),
        "cms/main.tf": 'variable "secret" {}\n' + template("init.sh.tftpl", "{ secret = var.secret }"),
        "cms/init.sh.tftpl": f"#!/bin/sh\n{RUN}\n",
    }
    assert {cut(tmp_path, one.location) for one in secrets(tmp_path, files)} == {"a" * 32, "b" * 32}


@pytest.mark.parametrize("used", [True, False])
def test_both_sides_of_a_condition_count(tmp_path: Path, *, used: bool) -> None:
    text = (
        "#!/bin/sh\n%{ if live }\n"
        + RUN.replace("${secret}", "a" * 32)
        + "\n%{ else }\n"
        + RUN.replace("${secret}", "b" * 32)
        + "\n%{ endif }\n"
    )
    files = {"init.sh.tftpl": text, **({"main.tf": template("init.sh.tftpl", "{ live = true }")} if used else {})}
    assert {cut(tmp_path, one.location) for one in secrets(tmp_path, files)} == {"a" * 32, "b" * 32}


def test_a_loop_over_a_list(tmp_path: Path) -> None:
    files = {
        "main.tf": template("app.env.tftpl", f'{{ lines = ["DB_CLIENT=pg", "SECRET={SECRET}"] }}'),
        "app.env.tftpl": "# Directus\n%{ for line in lines ~}\n${line}\n%{ endfor ~}\n",
    }
    assert [one.name for one in secrets(tmp_path, files)] == ["SECRET"]


@pytest.mark.thorough
@each_case(
    "text",
    [
        "%{ for a in b }" * 2_000,
        "%{ for a in b }" * 100 + "x" + "%{ endfor }" * 100,
        "%{ if a }" * 2_000 + "%{ else }" * 2_000,
        "%{ for k, v in many }" * 6 + "${k}" + "%{ endfor }" * 6,
        "${" * 20_000,
        "${jsonencode(" * 3_000,
    ],
)
def test_a_template_that_blows_up_is_bounded(tmp_path: Path, text: str) -> None:
    many = ", ".join(f"a{number} = 1" for number in range(200))
    files = {
        "main.tf": template("init.sh.tftpl", f"{{ many = {{ {many} }} }}"),
        "init.sh.tftpl": f"#!/bin/sh\n{text}\n{RUN}\n",
    }
    made = repository(tmp_path, files)
    collect(made)
    assert not any("bug" in one.message for one in made.problems)


@each_case(
    ("caller", "context"),
    [("examples/simple", Context.EXAMPLE), ("dev", Context.DEVELOPMENT), ("live", Context.PRODUCTION)],
)
def test_who_uses_a_template_says_what_it_is_for(tmp_path: Path, caller: str, context: Context) -> None:
    up = "../" * (caller.count("/") + 1)
    files = {
        f"{caller}/main.tf": f'module "cms" {{\n  source = "{up}cms"\n  secret = "{SECRET}"\n}}\n',
        "cms/main.tf": 'variable "secret" {}\n' + template("init.sh.tftpl", "{ secret = var.secret }"),
        "cms/init.sh.tftpl": f"#!/bin/sh\n{RUN}\n",
    }
    made = collect(repository(tmp_path, files)).deployments
    known = [one for one in made if any(isinstance(held.value, Known) for held in one.variables)]
    assert [classify(one, {})[0] for one in known] == [context]


@each_case("given", ["each.value.secret", "local.sites[each.key].secret", 'each.value["secret"]'])
def test_a_template_for_each_entry(tmp_path: Path, given: str) -> None:
    names = {"a": "a" * 32, "b": "b" * 32, "c": "c" * 32}
    sites = ", ".join(f'{name} = {{ secret = "{text}" }}' for name, text in names.items())
    call = f'templatefile("init.sh.tftpl", {{ secret = {given} }})'
    module = (
        f'locals {{ sites = {{ {sites} }} }}\nresource "a" "b" {{\n  for_each = local.sites\n  user_data = {call}\n}}\n'
    )
    found = secrets(tmp_path, {"main.tf": module, "init.sh.tftpl": f"#!/bin/sh\n{RUN}\n"})
    known = {cut(tmp_path, one.location) for one in found if isinstance(one.value, Known)}
    assert known == set(names.values())


def test_a_template_that_is_not_here_is_said(tmp_path: Path) -> None:
    made = repository(tmp_path, {"main.tf": "# directus\n" + template("gone.tftpl", '{ secret = "x" }')})
    assert collect(made).deployments == ()
    assert [(one.path, one.line, one.incomplete) for one in made.problems] == [("main.tf", 3, True)]
    assert "not in the repository" in made.problems[0].message


@pytest.mark.parametrize(
    ("call", "incomplete"),
    [
        ('templatefile("gone.tftpl", { zone = "a" })', False),
        ('templatefile("${var.folder}/directus.tftpl", { zone = "a" })', True),
        ('templatefile("${var.folder}/web.tftpl", {})', False),
        ('templatefile("gone.tftpl", { admin_password = var.p })', True),
        ("templatefile(var.file, var.given)", False),
    ],
)
def test_what_is_not_read_of_a_larger_module(tmp_path: Path, call: str, *, incomplete: bool) -> None:
    made = repository(tmp_path, {"main.tf": f'# directus\nresource "a" "b" {{\n  user_data = {call}\n}}\n'})
    collect(made)
    assert [one.incomplete for one in made.problems] == [incomplete]


def test_a_template_of_something_else_says_nothing(tmp_path: Path) -> None:
    made = repository(
        tmp_path,
        {
            "main.tf": LOCALS + template("web.sh.tftpl"),
            "web.sh.tftpl": "#!/bin/sh\ndocker run -e SECRET=${secret} nginx\n",
        },
    )
    assert collect(made).deployments == ()
    assert made.problems == []
