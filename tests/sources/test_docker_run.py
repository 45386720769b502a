"""`docker run` wherever people write it: every variable is read, at its place, as the container gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit, run
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.deployments import docker_run
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

IMAGE = "directus/directus:11.5.1"


def found(tmp_path: Path, files: dict[str, str]) -> tuple[Deployment, ...]:
    return docker_run.read(repository(tmp_path, files))


def only(tmp_path: Path, command: str, **files: str) -> Deployment:
    (made,) = found(tmp_path, {"deploy.sh": f"#!/bin/sh\n{command}\n", **files})
    return made


LAYOUTS = {
    "deploy.sh": "#!/bin/bash\nset -e\n{0}\n",
    "bin/deploy": "#!/usr/bin/env bash\n{0}\n",
    "Makefile": "IMAGE := x\nup: build\n\t@{0}\n",
    "ops.mk": "up:\n\t-{0}\n",
    "justfile": "up:\n  {0}\n",
    "directus.service": "[Unit]\nAfter=docker.service\n[Service]\nExecStartPre=-/usr/bin/docker rm cms\nExecStart=/usr/bin/{0}\nRestart=always\n",
    "Taskfile.yml": "version: '3'\ntasks:\n  up:\n    cmds:\n      - {0}\n",
    ".gitlab-ci.yml": "deploy:\n  script:\n    - |\n      echo start\n      {0}\n",
    "tasks/main.yml": "- name: run\n  ansible.builtin.shell: >-\n    {0}\n",
    "cloud-init.yaml": "#cloud-config\nruncmd:\n  - {0}\n",
    "package.json": '{{"scripts": {{"cms": "{0}"}}}}\n',
}


@each_case("path", LAYOUTS)
@each_case("program", ["docker", "podman"])
def test_every_layout(tmp_path: Path, path: str, program: str) -> None:
    command = f"{program} run -d --name cms -p 8055:8055 -e SECRET=abc -e DB_CLIENT=pg {IMAGE}"
    (made,) = found(tmp_path, {path: LAYOUTS[path].format(command)})
    assert made.name == f"{path}#cms"
    assert texts(made.variables) == [("SECRET", "abc"), ("DB_CLIENT", "pg")]
    assert [cut(tmp_path, variable.location) for variable in made.variables] == ["abc", "pg"]
    assert made.image is not None
    assert cut(tmp_path, made.image.location) == IMAGE
    assert made.version is not None
    assert str(made.version.version) == "11.5.1"
    assert [(port.target, port.published) for port in made.ports] == [("8055", "8055")]


@each_case(
    "options",
    [
        "-e SECRET=abc", "--env SECRET=abc", "--env=SECRET=abc", "-eSECRET=abc", "-e=SECRET=abc", "-dite SECRET=abc", "-de SECRET=abc",
        "-e 'SECRET=abc'", '-e SECRET="abc"', "-e SECRET='abc'", "-d -e SECRET=abc", "--restart always -e SECRET=abc", "--network=x -e SECRET=abc",
        "-e SECRET=abc --read-only", "-dp 80:80 -e SECRET=abc", "-v $(pwd)/x:/y -e SECRET=abc", "\\\n  -e SECRET=abc \\\n  --init",
        "-h cms -u 1000 -w /directus -e SECRET=abc", "-l a=b --label c=d -e SECRET=abc", "--rm -it -e SECRET=abc",
    ],
)  # fmt: skip
def test_every_way_to_write_an_option(tmp_path: Path, options: str) -> None:
    for start in ("docker run", "docker container run", "docker create", "sudo docker run", "docker --context x run"):
        made = only(tmp_path, f"{start} {options} {IMAGE}")
        assert texts(made.variables) == [("SECRET", "abc")], start
        assert cut(tmp_path, made.variables[0].location) == "abc", start


@each_case(
    ("script", "expected", "reserve"),
    [
        (f"docker run -e SECRET=$S {IMAGE}", None, None),
        (f"docker run -e SECRET=${{S:-abc}} {IMAGE}", None, "abc"),
        (f"S=abc\ndocker run -e SECRET=$S {IMAGE}", "abc", None),
        (f"S=$(openssl rand -hex 32)\ndocker run -e SECRET=$S {IMAGE}", None, None),
        (f"docker run -e SECRET=$(cat secret) {IMAGE}", None, None),
        (f"docker run -e SECRET='$S' {IMAGE}", "$S", None),
        (f"docker run -e SECRET {IMAGE}", None, None),
        (f"export SECRET=abc\ndocker run -e SECRET {IMAGE}", "abc", None),
        (f"SECRET=abc\ndocker run -e SECRET {IMAGE}", None, None),
        (f"SECRET=abc docker run -e SECRET {IMAGE}", "abc", None),
        (f"O='-e SECRET=abc'\ndocker run $O {IMAGE}", "abc", None),
        (f'O=(-e SECRET=abc)\ndocker run "${{O[@]}}" {IMAGE}', "abc", None),
        ("T=11.5.1\ndocker run -e SECRET=abc directus/directus:$T", "abc", None),
    ],
)
def test_values_of_the_shell(tmp_path: Path, script: str, expected: str | None, reserve: str | None) -> None:
    made = only(tmp_path, script)
    assert texts(made.variables) == [("SECRET", expected)]
    assert made.gaps == ()
    if reserve is not None:
        assert fallback(made.variables[0]) == reserve


def test_a_value_of_a_shell_variable_is_shown_where_it_is_written(tmp_path: Path) -> None:
    made = only(tmp_path, f"S=abc\ndocker run -e SECRET=$S {IMAGE}")
    (variable,) = made.variables
    assert (variable.location.line, variable.via[0].line) == (2, 3)
    assert cut(tmp_path, variable.location) == "abc"


def test_options_in_an_unknown_variable_leave_the_environment_open(tmp_path: Path) -> None:
    made = only(tmp_path, f"docker run $OPTIONS -e A=b {IMAGE}")
    assert reasons(made) == ("a shell variable of the command may set further options",)
    assert texts(made.variables) == [("A", "b")]


def test_a_version_from_outside(tmp_path: Path) -> None:
    made = only(tmp_path, "docker run directus/directus:${TAG:-11.5.1}")
    assert made.image is not None
    assert (made.image.repository, made.image.tag, made.image.from_fallback) == ("directus/directus", "11.5.1", True)
    assert made.image.unknown


def test_an_env_file_is_read_as_docker_reads_it(tmp_path: Path) -> None:
    made = only(
        tmp_path,
        f"docker run --env-file ./prod.env -e A=over {IMAGE}",
        **{"prod.env": '# c\nSECRET="abc"\nA=under\nHANDED\n export B=c\nC=${A}\n'},
    )
    assert texts(made.variables) == [
        ("SECRET", '"abc"'), ("A", "under"), ("HANDED", None), ("C", "${A}"), ("A", "over"),
    ]  # fmt: skip
    assert cut(tmp_path, made.variables[0].location) == '"abc"'
    assert "prod.env" in made.consumed


@each_case(
    "written", ["prod.env", "./prod.env", "$(pwd)/prod.env", "$PWD/prod.env", "${PWD}/prod.env", "`pwd`/prod.env"]
)
def test_files_are_found_from_the_script_upwards(tmp_path: Path, written: str) -> None:
    files = {"scripts/up.sh": f"docker run --env-file {written} {IMAGE}\n", "prod.env": "SECRET=abc\n"}
    (made,) = found(tmp_path, files)
    assert texts(made.variables) == [("SECRET", "abc")]
    assert made.gaps == ()


@each_case("written", ["absent.env", "/etc/prod.env", "$HOME/prod.env", "$FILE", "../../x.env"])
def test_an_env_file_that_is_not_there_leaves_the_environment_open(tmp_path: Path, written: str) -> None:
    made = only(tmp_path, f"docker run --env-file {written} {IMAGE}", **{"prod.env": "A=b\n"})
    assert len(made.gaps) == 1


def test_a_mounted_env_file_is_directus_own(tmp_path: Path) -> None:
    made = only(tmp_path, f"docker run -v $(pwd)/.env:/directus/.env:ro {IMAGE}", **{".env": "SECRET='abc' # x\n"})
    assert isinstance(made.config_file, tuple)
    assert texts(made.config_file) == [("SECRET", "abc")]


def test_a_config_file_that_is_mounted(tmp_path: Path) -> None:
    command = (
        f"docker run --mount type=bind,source=./c.json,target=/directus/c.json -e CONFIG_PATH=/directus/c.json {IMAGE}"
    )
    made = only(tmp_path, command, **{"c.json": '{"MARKETPLACE_TRUST": "all"}'})
    assert isinstance(made.config_file, tuple)
    assert texts(made.config_file) == [("MARKETPLACE_TRUST", "all")]


def test_make_variables(tmp_path: Path) -> None:
    make = (
        "TAG ?= 11.5.1\nIMAGE := directus/directus:$(TAG)\nexport TOKEN = abc # ours\nA = 1\nA = 2\n\n"
        "up:\n\tdocker run -e ADMIN_TOKEN=$(TOKEN) -e TOKEN \\\n\t  -e B=$$HOME -e C=$(A) -e D=$(shell date) $(IMAGE)\n"
    )
    (made,) = found(tmp_path, {"Makefile": make})
    assert texts(made.variables) == [("ADMIN_TOKEN", "abc"), ("TOKEN", "abc"), ("B", None), ("C", None), ("D", None)]
    assert made.variables[0].location.line == 3
    assert made.image is not None
    assert (made.image.repository, made.image.tag) == ("directus/directus", "11.5.1")
    assert made.image.unknown


def test_just_variables(tmp_path: Path) -> None:
    just = f"secret := 'abc'\n\nup:\n  #!/bin/sh\n  @docker run -e SECRET={{{{secret}}}} -e KEY={{{{ env('KEY') }}}} {IMAGE}\n"
    (made,) = found(tmp_path, {"justfile": just})
    assert texts(made.variables) == [("SECRET", "abc"), ("KEY", None)]
    assert cut(tmp_path, made.variables[0].location) == "abc"


def test_templates_are_unknown(tmp_path: Path) -> None:
    task = f"- shell: docker run -e SECRET={{{{ cms_secret }}}} -e A=b {IMAGE}\n"
    (made,) = found(tmp_path, {"roles/cms/tasks/main.yml": task})
    assert texts(made.variables) == [("SECRET", None), ("A", "b")]


def test_a_command_as_a_list_of_words(tmp_path: Path) -> None:
    (made,) = found(tmp_path, {"user-data.yaml": f"runcmd:\n  - [docker, run, -d, -e, 'SECRET=a b', {IMAGE}]\n"})
    assert texts(made.variables) == [("SECRET", "a b")]


def test_what_stands_beside_it(tmp_path: Path) -> None:
    script = (
        "docker run -d --name db -p 5432:5432 -e POSTGRES_PASSWORD=weak postgres:16\n"
        f"docker service create --name cms --replicas 3 --publish published=80,target=8055 {IMAGE}\n"
    )
    made = only(tmp_path, script)
    assert made.replicas == 3
    assert [(port.target, port.published) for port in made.ports] == [("8055", "80")]
    (database,) = made.services
    assert (database.name, texts(database.variables)) == ("db", [("POSTGRES_PASSWORD", "weak")])
    assert [(port.target, port.published, port.host) for port in database.ports] == [("5432", "5432", "")]


@each_case(
    ("option", "expected"),
    [
        ("-p 8055:8055", ("8055", "8055", "")),
        ("-p 127.0.0.1:8055:8055", ("8055", "8055", "127.0.0.1")),
        ("-p [::1]:80:8055/tcp", ("8055", "80", "::1")),
        ("-p 8055", ("8055", "", "")),
        ("--publish=$PORT:8055", ("8055", "", "")),
        ("-p 127.0.0.1:$PORT:8055", ("8055", "0", "127.0.0.1")),
    ],
)
def test_ports(tmp_path: Path, option: str, expected: tuple[str, str, str]) -> None:
    (port,) = only(tmp_path, f"docker run {option} {IMAGE}").ports
    assert (port.target, port.published, port.host) == expected


def test_an_image_that_the_script_builds(tmp_path: Path) -> None:
    script = "docker build -t cms:1 -f cms/Dockerfile ./cms\ndocker run -e LOG_LEVEL=info cms:1\n"
    files = {"up.sh": script, "cms/Dockerfile": f"FROM {IMAGE}\nENV SECRET=abc\n"}
    made = found(tmp_path, files)
    assert made == ()  # neither its name nor its variables say so
    script = script.replace("LOG_LEVEL=info", "SECRET=abc -e DB_CLIENT=pg")
    (deployment,) = found(tmp_path, files | {"up.sh": script})
    assert (deployment.build_context, deployment.dockerfile) == ("cms", "cms/Dockerfile")


@each_case(
    "command",
    [
        "docker run --rm directus/directus:11.5.1 npx directus schema snapshot",
        "docker run -e SECRET=a -e KEY=b minio/minio",
        "docker run --rm acme/directus-backup",
        "echo docker run directus/directus:11.5.1",
        "docker compose run directus/directus",
        "docker exec directus/directus run",
        "docker pull directus/directus:11.5.1 # run",
        "cat <<E >README\ndocker run directus/directus:11.5.1\nE",
    ],
)
def test_what_starts_no_directus(tmp_path: Path, command: str) -> None:
    assert found(tmp_path, {"x.sh": f"{command}\n"}) == ()


def test_a_scan_finds_the_flaws(tmp_path: Path) -> None:
    script = (
        "#!/bin/sh\ndocker run -d --name cms -p 8055:8055 \\\n  -e SECRET=6116487b-cda1-52c2-b5b5-c8022c45e263 \\\n"
        f"  -e CORS_ENABLED=true -e CORS_ORIGIN=true \\\n  -e PUBLIC_URL=https://cms.acme.example {IMAGE}\n"
    )
    write(tmp_path, {"deploy.sh": script})
    report = audit(Options(root=tmp_path))
    assert {("secret-weak", 3), ("cors-any-origin", 4)} <= {
        (finding.check, finding.location.line) for finding in report.findings
    }


@pytest.mark.thorough
def test_a_long_script_is_incomplete(tmp_path: Path) -> None:
    write(tmp_path, {"deploy.sh": "echo x\n" * 40_000 + f"docker run {IMAGE}\n"})
    report = audit(Options(root=tmp_path))
    assert [problem.path for problem in report.problems if problem.incomplete] == ["deploy.sh"]


@given(st.lists(st.sampled_from(["docker", " run ", "-e ", "A=b ", "$X", "\\\n", "'", '"', "{{ x }}", "directus/directus ", ":1 ", "\n", "-", "=", "--env-file ", "-v a:b "]), max_size=30).map("".join))  # fmt: skip
@pytest.mark.parametrize("path", ["a.sh", "Makefile", "justfile", "a.service", "a.yml", "package.json"])
def test_any_text_is_read(tmp_path_factory: pytest.TempPathFactory, path: str, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    for deployment in docker_run.read(repository(folder, {path: text})):
        for variable in deployment.variables:
            assert isinstance(variable.value, Known | Unknown)


def test_a_step_of_a_workflow(tmp_path: Path) -> None:
    workflow = (
        "on: push\nenv:\n  TOKEN: abc\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - env: {KEY: k}\n        run: |\n"
        "          S=xyz\n          docker run -d --env-file ci.env -p 8055:8055 \\\n"
        f"            -e SECRET=$S -e ADMIN_TOKEN=${{{{ secrets.T }}}} -e TOKEN -e KEY -e 'A=b c' {IMAGE}\n"
    )
    report_root = write(tmp_path, {".github/workflows/ci.yml": workflow, "ci.env": "LOG_LEVEL=info\n"})
    (deployment,) = [env.deployment for env in run(Options(root=report_root)).project.environments]
    assert deployment.name == ".github/workflows/ci.yml#test/run-1"
    assert texts(deployment.variables) == [
        ("LOG_LEVEL", "info"), ("SECRET", "xyz"), ("ADMIN_TOKEN", None), ("TOKEN", "abc"), ("KEY", "k"), ("A", "b c"),
    ]  # fmt: skip
    assert [(port.target, port.published) for port in deployment.ports] == [("8055", "8055")]
    assert [cut(tmp_path, variable.location) for variable in deployment.variables if variable.name != "ADMIN_TOKEN"] == [
        "info", "xyz", "abc", "k", "b c",
    ]  # fmt: skip


RUN = f"docker run -d --name cms -e SECRET=abc {IMAGE}"


@each_case(
    ("files", "said"),
    [
        ({"deploy.sh": f"#!/bin/sh\n{RUN}\n" + "true\n" * 60_000}, ["deploy.sh"]),
        ({"ops.yml": f"before: '{'x ' * 140_000}'\nscript: {RUN}\n"}, []),
        ({"ops.yml": f"script: |\n  {RUN}\n" + "  true\n" * 60_000}, ["ops.yml"]),
        ({"deploy.sh": f"#!/bin/sh\n{RUN}\n", "pnpm-lock.yaml": "directus: docker run\n" * 20_000}, []),
    ],
)
def test_only_a_script_can_be_too_long(tmp_path: Path, files: dict[str, str], said: list[str]) -> None:
    """A lock file of a package manager, and a long text beside a short script, leave nothing unread."""
    made = repository(tmp_path, files)
    (deployment,) = docker_run.read(made)
    assert texts(deployment.variables) == [("SECRET", "abc")]
    assert [one.path for one in made.problems] == said
