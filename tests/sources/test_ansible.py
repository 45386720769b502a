"""Ansible tasks that start a Directus, with the variables that the repository's files give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import ansible
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

IMAGE = "directus/directus:11.5.1"
TASKS = "roles/cms/tasks/main.yml"


def task(module: str = "community.docker.docker_container", env: str = "SECRET: abc", more: str = "") -> str:
    lines = "\n".join(f"      {line}" for line in env.splitlines())
    return f"- name: Run Directus\n  {module}:\n    name: cms\n    image: {IMAGE}\n{more}    env:\n{lines}\n"


def read(tmp_path: Path, files: dict[str, str]) -> tuple[Deployment, ...]:
    return ansible.read(repository(tmp_path, files))


def only(tmp_path: Path, text: str, **files: str) -> Deployment:
    (made,) = read(tmp_path, {TASKS: text, **files})
    return made


@each_case(
    "module",
    ["docker_container", "community.docker.docker_container", "community.general.docker_container", "podman_container", "containers.podman.podman_container", "community.docker.docker_swarm_service"],
)  # fmt: skip
@each_case("layout", ["{0}", "---\n- hosts: all\n  tasks:\n{1}", "- block:\n{1}  when: x\n"])
def test_every_module_in_every_place(tmp_path: Path, module: str, layout: str) -> None:
    inner = "\n".join(f"    {line}" for line in task(module).splitlines())
    made = only(tmp_path, layout.format(task(module), f"{inner}\n"))
    assert made.name == f"{TASKS}#cms"
    assert texts(made.variables) == [("SECRET", "abc")]
    assert cut(tmp_path, made.variables[0].location) == "abc"
    assert made.image is not None
    assert cut(tmp_path, made.image.location) == IMAGE
    assert str(made.version.version if made.version else "") == "11.5.1"
    assert made.gaps == ()


@each_case(
    ("value", "files", "expected"),
    [
        ('"{{ cms_secret }}"', {}, None),
        ('"{{ cms_secret }}"', {"roles/cms/defaults/main.yml": "cms_secret: abc\n"}, "abc"),
        ('"{{ cms_secret }}"', {"group_vars/all.yml": "cms_secret: abc\n"}, "abc"),
        ('"{{ cms_secret }}"', {"inventory/group_vars/all/main.yaml": "cms_secret: abc\n"}, "abc"),
        ('"{{ cms_secret }}"', {"roles/cms/vars/main.yml": "cms_secret: abc\n", "host_vars/a.yml": "cms_secret: abc\n"}, "abc"),
        ('"{{ cms_secret }}"', {"group_vars/a.yml": "cms_secret: abc\n", "group_vars/b.yml": "cms_secret: other\n"}, None),
        ('"{{ cms_secret }}"', {"group_vars/all.yml": "cms_secret: '{{ vault_secret }}'\n"}, None),
        ('"{{ cms_secret }}"', {"group_vars/all.yml": "cms_secret: '{{ other }}'\nother: abc\n"}, "abc"),
        ('"{{ cms_secret }}"', {"group_vars/all.yml": "cms_secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n"}, None),
        ('"{{ cms_secret }}"', {"group_vars/all.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}, None),
        ('"{{ cms.secret }}"', {"group_vars/all.yml": "cms:\n  secret: abc\n"}, "abc"),
        ('"a{{ x }}c"', {"group_vars/all.yml": "x: b\n"}, "abc"),
        ('"a{{ x | upper }}c"', {"group_vars/all.yml": "x: b\n"}, None),
        ('"{{ lookup(\'env\', \'S\') }}"', {}, None),
        ('"{{ a }}"', {"group_vars/all.yml": "a: '{{ b }}'\nb: '{{ a }}'\n"}, None),
        ("{{ cms_secret }}", {"group_vars/all.yml": "cms_secret: abc\n"}, None),
    ],
)  # fmt: skip
def test_references(tmp_path: Path, value: str, files: dict[str, str], expected: str | None) -> None:
    made = only(tmp_path, task(env=f"SECRET: {value}"), **files)
    assert texts(made.variables) == [("SECRET", expected)]


def test_a_value_is_shown_where_it_is_written(tmp_path: Path) -> None:
    made = only(tmp_path, task(env='SECRET: "{{ s }}"'), **{"group_vars/all.yml": "a: b\ns: abc\n"})
    (variable,) = made.variables
    assert (variable.location.path, variable.location.line) == ("group_vars/all.yml", 2)
    assert [place.path for place in variable.via] == [TASKS]


def test_a_default(tmp_path: Path) -> None:
    made = only(tmp_path, task(env="SECRET: \"{{ s | default('weak') }}\""))
    assert fallback(made.variables[0]) == "weak"


def test_the_whole_environment_is_a_variable(tmp_path: Path) -> None:
    text = f"- docker_container:\n    name: cms\n    image: {IMAGE}\n    env: '{{{{ cms_env }}}}'\n"
    made = only(tmp_path, text, **{"roles/cms/defaults/main.yml": "cms_env:\n  SECRET: abc\n"})
    assert texts(made.variables) == [("SECRET", "abc")]
    (unknown,) = read(tmp_path / "other", {TASKS: text})
    assert reasons(unknown) == ("`env` is put together when the task runs",)


def test_the_image_is_a_variable(tmp_path: Path) -> None:
    text = "- docker_container:\n    name: directus\n    image: 'directus/directus:{{ tag }}'\n"
    (made,) = read(tmp_path / "a", {TASKS: text, "group_vars/all.yml": "tag: 11.5.1\n"})
    assert made.image is not None
    assert made.image.reference == IMAGE
    (made,) = read(tmp_path / "b", {TASKS: text})
    assert made.image is not None
    assert made.image.unknown
    assert made.version is None


def test_an_env_file_that_a_task_puts_there(tmp_path: Path) -> None:
    text = (
        "- ansible.builtin.template: {src: cms.env.j2, dest: /opt/cms/.env}\n"
        f"- docker_container: {{name: cms, image: '{IMAGE}', env_file: /opt/cms/.env}}\n"
    )
    files = {"roles/cms/templates/cms.env.j2": "SECRET=abc\nKEY={{ key }}\n{% if x %}\nLOG_LEVEL=trace\n{% endif %}\n"}
    made = only(tmp_path, text, **files)
    assert texts(made.variables) == [("SECRET", "abc"), ("KEY", None)]
    assert "roles/cms/templates/cms.env.j2" in made.consumed
    (other,) = read(tmp_path / "other", {TASKS: text})
    assert reasons(other) == ("an environment file of the machine is handed over",)


def test_what_stands_beside_it(tmp_path: Path) -> None:
    text = task(
        more="    published_ports: ['127.0.0.1:8055:8055', '{{ port }}:80']\n    volumes: ['/data:/directus/uploads:ro']\n"
    ) + (
        "- docker_container:\n    name: db\n    image: postgres:16\n    ports: ['5432:5432']\n    env: {POSTGRES_PASSWORD: weak}\n"
    )
    made = only(tmp_path, text)
    assert [(port.target, port.host, bool(port.unknown)) for port in made.ports] == [
        ("8055", "127.0.0.1", False),
        ("80", "", True),
    ]
    assert [(mount.target, mount.read_only) for mount in made.mounts] == [("/directus/uploads", True)]
    (service,) = made.services
    assert (service.name, texts(service.variables)) == ("db", [("POSTGRES_PASSWORD", "weak")])


@pytest.mark.parametrize(("more", "name"), [("    image: postgres:16\n", "postgres"), ("", "")])
def test_a_container_without_a_name_is_named_by_its_image(tmp_path: Path, more: str, name: str) -> None:
    other = f"- docker_container:\n    env: {{POSTGRES_PASSWORD: weak}}\n{more}"
    assert [service.name for service in only(tmp_path, task() + other).services] == [name]


@pytest.mark.parametrize("module", ["community.docker.docker_compose_v2", "docker_compose"])
def test_compose_in_a_task(tmp_path: Path, module: str) -> None:
    text = (
        f"- {module}:\n    project_name: cms\n    definition:\n      services:\n        directus:\n          image: {IMAGE}\n"
        "          environment:\n            SECRET: abc\n            KEY: '{{ key }}'\n"
    )
    made = only(tmp_path, text)
    assert made.name == f"{TASKS}#directus"
    assert texts(made.variables) == [("SECRET", "abc"), ("KEY", None)]


@each_case(
    "text",
    [
        task(more="    state: absent\n"),
        task(more="    command: npx directus schema apply x\n"),
        "- docker_container: {name: db, image: 'postgres:16', env: {SECRET: a, KEY: b}} # directus\n",
        "- docker_container: name=cms image=directus/directus\n",
        "- docker_container:\n# directus\n",
    ],
)
def test_what_starts_no_directus(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, {TASKS: text}) == ()


def test_a_scan_finds_the_flaws(tmp_path: Path) -> None:
    env = "SECRET: '6116487b-cda1-52c2-b5b5-c8022c45e263'\nCORS_ENABLED: 'true'\nCORS_ORIGIN: 'true'\nPUBLIC_URL: https://cms.acme.example"
    report = audit(Options(root=write(tmp_path, {TASKS: task(env=env)})))
    assert {("secret-weak", 6), ("cors-any-origin", 8)} <= {
        (finding.check, finding.location.line) for finding in report.findings
    }


@given(st.lists(st.sampled_from(["- docker_container:", "\n", "  ", "image: ", "directus/directus", "env:", "SECRET: ", "'{{ x }}'", "{{", "}}", "!vault", "vars:", "x: ", "[", "{", "a"]), max_size=30).map("".join))  # fmt: skip
def test_any_text_is_read(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    ansible.read(repository(folder, {TASKS: text + "# docker_container directus", "group_vars/all.yml": text}))


@each_case(
    ("path", "files", "expected"),
    [
        ("roles/cms/tasks/main.yml", {"roles/cms/defaults/main.yml": "s: own\n"}, "own"), ("roles/cms/play.yml", {"roles/cms/defaults/main.yml": "s: own\n"}, "own"), ("roles/cms/tasks/main.yml", {"roles/other/defaults/main.yml": "s: other\n"}, None),
        ("site.yml", {"roles/cms/defaults/main.yml": "s: own\n"}, None), ("roles/cms/tasks/main.yml", {"roles/cms/defaults/main.yml": "s: own\n", "roles/other/vars/main.yml": "s: other\n"}, "own"),
        ("a/roles/cms/tasks/main.yml", {"b/roles/cms/vars/main.yml": "s: other\n"}, None), ("roles/cms/tasks/main.yml", {"roles/cms/defaults/main.yml": "s: own\n", "group_vars/all.yml": "s: all\n"}, "all"),
        ("roles/cms/tasks/main.yml", {"roles/cms/defaults/main.yml": "s: own\n", "roles/cms/vars/main.yml": "s: vars\n"}, "vars"),
        ("site.yml", {"group_vars/all.yml": "s: one\n", "host_vars/a.yml": "s: one\n"}, "one"), ("site.yml", {"group_vars/live.yml": "s: one\n", "host_vars/a.yml": "s: two\n"}, None), ("site.yml", {"group_vars/all.yml": "s: all\n", "group_vars/live.yml": "s: two\n"}, "all"),
        ("site.yml", {"group_vars/all/a.yml": "s: one\n", "group_vars/all/b.yml": "s: two\n", "group_vars/live.yml": "s: three\n"}, None),
        ("site.yml", {"group_vars/all.yml": "t: one\ns: '{{ t }}'\n"}, "one"), ("site.yml", {"group_vars/all.yml": "s: '{{ s }}'\n"}, None), ("site.yml", {"group_vars/all.yml": "o: {s: one}\ns: '{{ o.s }}'\n"}, "one"), ("site.yml", {"group_vars/all.yml": "o: {s: one}\ns: '{{ o.t }}'\n"}, None),
        ("site.yml", {"group_vars/all.yml": "s: {a: b}\n"}, None), ("site.yml", {"group_vars/all.yml": "$ANSIBLE_VAULT;1.1\ns: one\n"}, None), ("site.yml", {"other/all.yml": "s: one\n"}, None), ("site.yml", {"vars/all.yml": "s: one\n"}, "one"),
    ],
)  # fmt: skip
def test_which_file_says_what_a_name_means(
    tmp_path: Path, path: str, files: dict[str, str], expected: str | None
) -> None:
    (made,) = ansible.read(repository(tmp_path, {path: task(env='SECRET: "{{ s }}"'), **files}))
    assert texts(made.variables) == [("SECRET", expected)]


@each_case(
    ("value", "expected", "reserve"),
    [
        ("{{ a }}", "One", None), ("{{- a -}}", "One", None), ("{{ a | lower }}", "one", None), ("{{ a | string | trim }}", "One", None), ("{{ a | upper }}", None, None), ("x{{ a | lower }}y{{ b }}", "xoneytwo", None), ("{{ a | default('z') }}", "One", None),
        ("{{ c | default('z') }}", None, "z"), ('{{ c | default("z", true) }}', None, "z"), ("{{ c | default(5) }}", None, "5"), ("{{ c | default(true) }}", None, "true"), ("{{ c | default(d) }}", None, None), ("{{ c | default('') }}", None, ""), ("{{ c }}", None, None),
        ("x{{ c | default('z') }}", None, "xz"), ("x{{ c }}", None, None), ("{{ a }}{{ c | default('z') }}", None, "Onez"), ("{{ a }}{{ c }}", None, None), ("{{ a }} {% if x %}", None, None), ("{{ a + b }}", None, None), ("{{ a }}{{ a + b }}", None, None), ("{{ n }}", None, None),
        ("plain", "plain", None), ("{{ t }}", "true", None), ("{{ c | default('z') }}{{ d | default('y') }}", None, "zy"),
    ],
)  # fmt: skip
def test_the_value_of_an_expression(tmp_path: Path, value: str, expected: str | None, reserve: str | None) -> None:
    variables = "a: One\nb: two\nn: '{{ a }}{{ gone }}'\nt: true\n"
    (made,) = ansible.read(
        repository(tmp_path, {"site.yml": task(env=f"SECRET: {json.dumps(value)}"), "vars/all.yml": variables})
    )
    assert texts(made.variables) == [("SECRET", expected)]
    if expected is None:
        (variable,) = made.variables
        assert isinstance(variable.value, Unknown)
        assert (None if variable.value.fallback is None else variable.value.fallback.reveal()) == reserve
