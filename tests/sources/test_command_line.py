"""What the command that starts a server sets: the value, and the line that has it, or that it is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.secret import Secret
from directus_guard.sources import collect as evidence
from directus_guard.sources.files.repository import Repository
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.kubernetes import POD

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment: {PUBLIC_URL: "https://cms.example.com", SECRET: "${SECRET}"}
"""
COMMAND: Final = "sh -c 'export MARKETPLACE_TRUST=all && node cli.js start'"
SERVICE: Final = 'resource "aws_ecs_task_definition" "cms" {\n  container_definitions = jsonencode([{\n    name = "cms"\n    image = "directus/directus"\n'
COMMANDED: Final[dict[str, dict[str, str]]] = {
    "the command of a Compose service": {"compose.yaml": f'{COMPOSE}    command: "{COMMAND}"\n'},
    "the entrypoint of a Compose service": {
        "compose.yaml": f"{COMPOSE}    entrypoint: [env, MARKETPLACE_TRUST=all, node, cli.js, start]\n"
    },
    "the arguments of a container": {
        "cms.yaml": POD.replace("        envFrom: [{configMapRef: {name: cms-env}}]", f'        args: [sh, -c, "{COMMAND}"]')
    },
    "the command behind the image": {
        "run.sh": 'docker run -e PUBLIC_URL=/ directus/directus sh -c "export MARKETPLACE_TRUST=all; node cli.js start"\n'
    },
    "the command of an image that is built": {
        "compose.yaml": "services:\n  cms:\n    build: .\n    environment: {LOG_LEVEL: info}\n",
        "Dockerfile": "FROM directus/directus:12.4.1\nCMD MARKETPLACE_TRUST=all node cli.js start\n",
    },
    "a script that is the entry point": {
        "compose.yaml": "services:\n  cms:\n    build: .\n",
        "Dockerfile": 'FROM directus/directus:12.4.1\nCOPY docker/start.sh /\nENTRYPOINT ["/start.sh"]\n',
        "docker/start.sh": "#!/bin/sh\nexport MARKETPLACE_TRUST=all\nexec node cli.js start\n",
    },
    "the arguments of a task of Nomad": {
        "cms.nomad": 'job "cms" {\n  group "g" {\n    task "t" {\n      config {\n        image = "directus/directus:12.4.1"\n        command = "sh"\n'
        '        args = ["-c", "MARKETPLACE_TRUST=all node cli.js start"]\n      }\n    }\n  }\n}\n'
    },
    "the command of a Quadlet": {
        "cms.container": '[Container]\nImage=directus/directus:12.4.1\nExec=sh -c "MARKETPLACE_TRUST=all node cli.js start"\n'
    },
    "the command of a task of Ansible": {
        "play.yml": f'- hosts: cms\n  tasks:\n  - docker_container:\n      image: directus/directus:12.4.1\n      command: "{COMMAND}"\n'
    },
    "the script of a package": {
        "package.json": '{"dependencies": {"directus": "12.4.1"}, "scripts": {"start": "MARKETPLACE_TRUST=all directus start"}}',
        ".env": "KEY=a\nDB_CLIENT=pg\n",
    },
    "the script of a package, by a program": {
        "package.json": '{"dependencies": {"directus": "12.4.1"}, "scripts": {"start": "cross-env MARKETPLACE_TRUST=all directus start"}}',
        ".env": "KEY=a\nDB_CLIENT=pg\n",
    },
    "a Procfile": {
        "Procfile": "web: MARKETPLACE_TRUST='all' npx directus start\n", "package.json": '{"dependencies": {"directus": "12.4.1"}}',
    },
    "a script that a Procfile starts": {
        "Procfile": "web: npm start\n",
        "package.json": '{"dependencies": {"directus": "12.4.1"}, "scripts": {"start": "MARKETPLACE_TRUST=all directus start"}}',
    },
    "the command of an image alone": {"Dockerfile": "FROM directus/directus:12.4.1\nENV KEY=a\nCMD MARKETPLACE_TRUST=all node cli.js start\n"},
    "words of a command of an image": {
        "Dockerfile": 'FROM directus/directus:12.4.1\nENV KEY=a\nCMD ["sh", "-c", "export MARKETPLACE_TRUST=all && pm2-runtime start x.cjs"]\n'
    },
    "the command of one service of two": {
        "compose.yaml": f"{COMPOSE}    command: sh -c 'node cli.js bootstrap; MARKETPLACE_TRUST=all exec pm2-runtime start x.cjs'\n"
        "  web:\n    image: nginx\n    environment: [MARKETPLACE_TRUST=sandbox]\n"
    },
    "a script with a variable of its own": {
        "Dockerfile": 'FROM directus/directus:12.4.1\nENV KEY=a\nCOPY run.sh /\nENTRYPOINT ["/run.sh"]\n',
        "run.sh": '#!/bin/sh\nMARKETPLACE_TRUST=all\nexport MARKETPLACE_TRUST\nexec "$@"\n',
    },
}  # fmt: skip
UNKNOWN: Final[dict[str, dict[str, str]]] = {
    "the command of a task": {"main.tf": f'{SERVICE}    command = ["sh", "-c", "MARKETPLACE_TRUST=all node cli.js start"]\n  }}])\n}}\n'},
    "what the container is given, or a default": {
        "compose.yaml": f"{COMPOSE}    command: sh -c 'export MARKETPLACE_TRUST=$${{X:-all}}; node cli.js start'\n"
    },
    "what another program says": {"compose.yaml": f"{COMPOSE}    command: sh -c 'MARKETPLACE_TRUST=`cat /x` node cli.js start'\n"},
    "one of two starts": {
        "compose.yaml": f"{COMPOSE}    command: sh -c 'MARKETPLACE_TRUST=all node cli.js start || MARKETPLACE_TRUST=none node cli.js start'\n"
    },
    "a script that asks": {
        "Dockerfile": 'FROM directus/directus:12.4.1\nENV KEY=a\nCOPY run.sh /\nENTRYPOINT ["/run.sh"]\n',
        "run.sh": '#!/bin/sh\nif [ -f /x ]; then export MARKETPLACE_TRUST=all; fi\nexec "$@"\n',
    },
    "a step before the start": {
        "compose.yaml": f"{COMPOSE}    command: sh -c 'MARKETPLACE_TRUST=all node cli.js bootstrap && node cli.js start'\n"
    },
}  # fmt: skip


def deployments(folder: Path, files: dict[str, str]) -> tuple[Deployment, ...]:
    return evidence.collect(Repository(write(folder, files))).deployments


@each_case("files", COMMANDED.values(), ids=COMMANDED)
def test_what_a_command_sets_is_shown_where_it_is_written(tmp_path: Path, files: dict[str, str]) -> None:
    (deployment,) = deployments(tmp_path, files)
    found = [one for one in deployment.variables if one.name == "MARKETPLACE_TRUST"][-1]
    assert found.value == Known(Secret("all"))
    line = files[found.location.path].split("\n")[found.location.line - 1]
    assert line[found.location.column - 1 : found.location.end_column - 1] == "all"


@each_case("files", UNKNOWN.values(), ids=UNKNOWN)
def test_what_a_command_sets_is_not_known(tmp_path: Path, files: dict[str, str]) -> None:
    (deployment,) = deployments(tmp_path, files)
    found = [one for one in deployment.variables if one.name == "MARKETPLACE_TRUST"][-1]
    assert isinstance(found.value, Unknown)
    assert found.value.reason == "its command sets it"


@each_case(
    "files",
    [
        {"Dockerfile": "FROM directus/directus:12.4.1\nCMD SECRET='@' KEY=@ node cli.js start\n"},
        {"compose.yaml": f'{COMPOSE}    command: ["sh", "-c", "export SECRET=\\"@\\"; node cli.js start"]\n'},
        {"package.json": '{"dependencies": {"directus": "12.4.1"}, "scripts": {"start": "SECRET=\\"@\\" directus start"}}'},
        {"Dockerfile": 'FROM directus/directus:12.4.1\nCOPY a.sh /\nCMD ["sh", "/a.sh"]\n', "a.sh": "SECRET=@ node cli.js start\n"},
    ],
)  # fmt: skip
def test_a_secret_of_a_command_is_found_and_not_shown(tmp_path: Path, files: dict[str, str]) -> None:
    secret = "8f1d0c6be2a94375a1b2c3d4e5f60718" * 2
    root = write(tmp_path, {name: text.replace("@", secret) for name, text in files.items()})
    for form in ("text", "json", "sarif"):
        answer = guard("scan", root, "--output", form)
        assert answer.code == 1
        assert "secret-committed" in answer.out
        assert secret[:16] not in answer.out + answer.err
