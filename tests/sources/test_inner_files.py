"""Manifests and environment files that are written inside of scripts and of cloud-init are read like files of their own."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.directus.context import classify
from directus_guard.directus.environment.deployment import Known
from directus_guard.finding import Context
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.sources.collect import Evidence

SECRET: Final = "548f497daafaca6187e930e80b76c645"
SERVICE: Final = """services:
  cms:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: {secret}
"""
POD: Final = """apiVersion: v1
kind: Secret
metadata: {{name: cms}}
stringData:
  SECRET: {secret}
---
apiVersion: v1
kind: Pod
metadata: {{name: cms}}
spec:
  containers:
    - name: cms
      image: directus/directus:12.4.1
      envFrom: [{{secretRef: {{name: cms}}}}]
"""
COMPOSE, MANIFEST = SERVICE.format(secret=SECRET), POD.format(secret=SECRET)


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}" for line in text.splitlines(keepends=True))


def written(evidence: Evidence, name: str = "SECRET") -> Iterator[Variable]:
    """What deployments say of a variable."""
    return (one for found in evidence.deployments for one in found.variables if one.name == name)


@each_case(
    ("path", "text"),
    [
        ("up.sh", f"cat > docker-compose.yml <<EOF\n{COMPOSE}EOF\ndocker compose up -d\n"),
        ("up.sh", f"cat <<'EOF' > /srv/cms/compose.yaml\n{COMPOSE}EOF\n"),
        ("up.sh", f"sudo tee /srv/cms/docker-compose.yml > /dev/null <<-EOF\n{COMPOSE}EOF\n"),
        ("up.sh", f"docker stack deploy -c - cms <<EOF\n{COMPOSE}EOF\n"),
        ("up.sh", f"docker compose -f - up -d <<EOF\n{COMPOSE}EOF\n"),
        ("up.sh", f"kubectl apply -f - <<EOF\n{MANIFEST}EOF\n"),
        ("up.sh", f"cat <<EOF | kubectl apply -n cms -f -\n{MANIFEST}EOF\n"),
        ("up.sh", f"oc create --filename=- <<'YAML'\n{MANIFEST}YAML\n"),
        ("up.sh", f'cat > "$DIR/cms.yaml" <<EOF\n{MANIFEST}EOF\nkubectl apply -f "$DIR/cms.yaml"\n'),
        ("up.sh", f"ssh cms.example.com 'bash -s' <<'REMOTE'\ncat > compose.yaml <<'EOF'\n{COMPOSE}EOF\nREMOTE\n"),
        ("up.sh", f"echo '{COMPOSE}' > docker-compose.yml\n"),
        ("up.sh", f"SECRET={SECRET}\ncat > docker-compose.yml <<EOF\n{SERVICE.format(secret='$SECRET')}EOF\n"),
        ("up.sh", f"ssh root@cms 'cat > /srv/cms/compose.yaml' <<EOF\n{COMPOSE}EOF\n"),
        ("up.sh", f"sudo bash -c 'cat > /srv/cms/compose.yaml' <<EOF\n{COMPOSE}EOF\n"),
        ("up.sh", f"sudo sh -c 'cat > /srv/cms/compose.yaml <<EOF\n{COMPOSE}EOF'\n"),
        ("up.sh", f"envsubst <<'EOF' | kubectl apply -f -\n{MANIFEST}EOF\n"),
        ("up.sh", f"podman kube play - <<EOF\n{MANIFEST}EOF\n"),
        ("up.sh", f"podman play kube - <<EOF\n{MANIFEST}EOF\n"),
        ("up.sh", f"kubectl create --namespace cms --save-config -f - <<-EOF\n{MANIFEST}EOF\n"),
        ("up.sh", f"write() {{\n  cat > compose.yaml <<EOF\n{COMPOSE}EOF\n}}\nwrite\n"),
        ("up.sh", f"{{ echo '# made'; cat <<EOF\n{COMPOSE}EOF\n}} > compose.yaml\n"),
        ("up.sh", f"cat > compose.yaml << 'END' || exit 1\n{COMPOSE}END\n"),
        ("up.sh", f'cat <<< "{COMPOSE}" > compose.yaml\n'),
        ("up.sh", f"COMPOSE='{COMPOSE}'\necho \"$COMPOSE\" > compose.yaml\n"),
        ("up.sh", f'cat <<EOF | ssh cms "sudo tee /srv/cms/compose.yaml"\n{COMPOSE}EOF\n'),
        ("up.sh", f"ssh cms 'cat >> /srv/directus/.env' <<EOF\nDB_CLIENT=pg\nSECRET={SECRET}\nEOF\n"),
        ("up.sh", f"docker build -t cms - <<EOF\nFROM directus/directus:12.4.1\nENV SECRET={SECRET}\nEOF\n"),
        ("up.sh", f"cat > Dockerfile <<EOF\nFROM directus/directus:12.4.1\nENV SECRET={SECRET}\nEOF\n"),
        ("up.sh", ("helm upgrade cms directus/directus -f - <<EOF\nimage: {repository: directus/directus}\n"
          f"env:\n  SECRET: {SECRET}\nEOF\n")),
        ("up.sh", f"cat > /etc/systemd/system/cms.service <<EOF\n[Service]\nEnvironment=SECRET={SECRET}\nExecStart=npx directus start\nEOF\n"),
        ("user-data.yml", (f"#cloud-config\nwrite_files:\n  - path: /srv/cms/.env\n    content: |\n      SECRET={SECRET}\nruncmd:\n"
          "  - docker run --env-file /srv/cms/.env directus/directus:12.4.1\n")),
        ("user-data.yml", f"#cloud-config\n# Directus\nwrite_files:\n  - path: /srv/cms/.env\n    content: |\n      SECRET={SECRET}\n"),
        ("user-data", f"#cloud-config\nruncmd:\n  - docker run -d -e SECRET={SECRET} directus/directus:12.4.1\n"),
        ("init.cfg", f"#cloud-config\nwrite_files:\n  - path: /srv/directus/.env\n    content: |\n      DB_CLIENT=pg\n      SECRET={SECRET}\n"),
        ("cms.bu", "variant: flatcar\nstorage:\n  files:\n    - path: /opt/compose.yaml\n      contents:\n        inline: |\n"
         + indented(COMPOSE, 10)),
        ("bin/up", f"#!/usr/bin/env bash\ncat > docker-compose.yml <<EOF\n{COMPOSE}EOF\n"),
        (".github/workflows/deploy.yml", "on: push\njobs:\n  deploy:\n    steps:\n      - run: |\n"
         + indented(f"cat > docker-compose.yml <<EOF\n{COMPOSE}EOF\n", 10)),
        (".gitlab-ci.yml", "deploy:\n  script:\n    - |\n" + indented(f"kubectl apply -f - <<EOF\n{MANIFEST}EOF\n", 6)),
        ("user-data.yml", f"#cloud-config\nwrite_files:\n  - path: /srv/cms/.env\n    content: |\n      DB_CLIENT=pg\n      SECRET={SECRET}\n"),
        ("user-data.yml", "#cloud-config\nwrite_files:\n- content: |\n" + indented(COMPOSE, 4) + "  path: /srv/cms/docker-compose.yml\n"),
        ("user-data.yml", "#cloud-config\nwrite_files:\n- content: |\n    # Directus\n    SECRET=" + SECRET
         + "\n    KEY=abc\n  path: /etc/default/cms\n"),
        ("user-data.yml", "#cloud-config\nwrite_files:\n  - path: /usr/local/bin/start.sh\n    permissions: '0755'\n    content: |\n      #!/bin/sh\n"
         + indented(f"docker run -d -e SECRET={SECRET} directus/directus:12.4.1\n", 6)),
        ("user-data.yml", "#cloud-config\nwrite_files:\n  - path: /opt/start.sh\n    content: |\n      #!/bin/sh\n"
         + indented(f"cat > docker-compose.yml <<EOF\n{COMPOSE}EOF\n", 6)),
        ("user-data.yml", "#cloud-config\nruncmd:\n  - |\n" + indented(f"cat > /srv/compose.yaml <<EOF\n{COMPOSE}EOF\n", 4)),
        ("flatcar.yaml", "variant: flatcar\nstorage:\n  files:\n    - path: /opt/compose.yaml\n      contents:\n        inline: |\n"
         + indented(COMPOSE, 10)),
        ("site.yml", "- hosts: all\n  tasks:\n    - copy:\n        dest: /srv/cms/docker-compose.yml\n        content: |\n" + indented(COMPOSE, 10)),
    ],
)  # fmt: skip
def test_a_secret_is_found_where_it_stands(tmp_path: Path, path: str, text: str) -> None:
    found = [one for one in written(collect(repository(tmp_path, {path: text}))) if isinstance(one.value, Known)]
    assert [one.value.text.reveal() for one in found if isinstance(one.value, Known)] == [SECRET]
    assert found[0].location.path == path
    assert cut(tmp_path, found[0].location) == SECRET


@pytest.mark.parametrize("encoding", ["b64", "base64"])
def test_base64_is_opened(tmp_path: Path, encoding: str) -> None:
    held = base64.b64encode(f"SECRET={SECRET}\nDB_CLIENT=pg\n".encode()).decode()
    text = f"#cloud-config\nwrite_files:\n  - encoding: {encoding}\n    content: {held}\n    path: /srv/directus/.env\n"
    (found,) = written(collect(repository(tmp_path, {"init.yaml": text})))
    assert isinstance(found.value, Known)
    assert cut(tmp_path, found.location) == held


@pytest.mark.parametrize(
    "head",
    [
        'Content-Type: multipart/mixed; boundary="x"\n',
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n',
    ],
)
def test_a_message_of_several_parts(tmp_path: Path, head: str) -> None:
    part = "--x\nContent-Type: text/{0}\nMIME-Version: 1.0\n\n{1}\n"
    script = f"#!/bin/sh\ndocker run -d -e SECRET={SECRET} directus/directus:12.4.1\n"
    config = f"#cloud-config\nwrite_files:\n  - path: /srv/directus/.env\n    content: |\n      DB_CLIENT=pg\n      SECRET={'a' * 32}\n"
    text = f"{head}\n{part.format('x-shellscript', script)}{part.format('cloud-config', config)}--x--\n"
    found = written(collect(repository(tmp_path, {"user-data.txt": text})))
    assert {cut(tmp_path, one.location) for one in found} == {SECRET, "a" * 32}


def test_ignition(tmp_path: Path) -> None:
    held = base64.b64encode(f"SECRET={SECRET}\nDB_CLIENT=pg\n".encode()).decode()
    text = (
        '{"storage": {"files": [{"path": "/srv/directus/.env", "contents": {"source": "data:;base64,' + held + '"}}]}}'
    )
    (found,) = written(collect(repository(tmp_path, {"cms.ign": text})))
    assert isinstance(found.value, Known)
    assert held in cut(tmp_path, found.location)


@each_case(
    "text",
    [
        f"cat > docker-compose.yml <<EOF\n{SERVICE.format(secret='$SECRET')}EOF\n",
        f"cat > docker-compose.yml <<EOF\n{SERVICE.format(secret='${CMS_SECRET:?}')}EOF\n",
        f"cat > docker-compose.yml <<EOF\n{SERVICE.format(secret='$(pass cms/secret)')}EOF\n",
        f"cat > docker-compose.yml <<EOF\n{SERVICE.format(secret='`openssl rand -hex 32`')}EOF\n",
        f"kubectl apply -f - <<EOF\n{POD.format(secret='$(openssl rand -hex 32)')}EOF\n",
    ],
)
def test_what_the_shell_puts_in_is_not_known(tmp_path: Path, text: str) -> None:
    found = [one.value for one in written(collect(repository(tmp_path, {"up.sh": text})))]
    assert len(found) == 1
    assert not isinstance(found[0], Known) or found[0].text.reveal().startswith("${")


def test_files_of_one_script_belong_together(tmp_path: Path) -> None:
    service = "services:\n  cms:\n    image: directus/directus:12.4.1\n    env_file: [cms.env, shared.env]\n"
    text = f"#!/bin/sh\ncat > compose.yaml <<EOF\n{service}EOF\n"
    made = repository(tmp_path, {"deploy/up.sh": text, "deploy/shared.env": f"SECRET={SECRET}\nDB_CLIENT=pg\n"})
    (found,) = collect(made).deployments
    assert found.name == "deploy/up.sh/compose.yaml#cms"
    assert found.location.path == "deploy/up.sh"
    assert found.consumed == {"deploy/up.sh", "deploy/cms.env", "deploy/shared.env"}
    assert [cut(tmp_path, one.location) for one in found.variables if one.name == "SECRET"] == [SECRET]


def test_a_broken_manifest_is_said_to_be_broken_where_it_stands(tmp_path: Path) -> None:
    made = repository(
        tmp_path, {"up.sh": "cat > compose.yaml <<EOF\nservices:\n  cms: {image: directus/directus\nEOF\n"}
    )
    collect(made)
    assert [(one.path, one.incomplete) for one in made.problems] == [("up.sh", True)]
    assert made.problems[0].line > 1


@each_case(
    ("path", "text"),
    [
        ("up.sh", "cat > notes.txt <<EOF\nDirectus is our CMS.\nEOF\n"),
        ("up.sh", "cat > compose.yaml <<EOF\nservices:\n  web: {image: nginx}\nEOF\necho directus\n"),
        ("up.sh", "echo directus > /dev/null\n"),
        ("a.yaml", "write_files:\n  - path: /srv/directus/.env\n    content: !!binary x\n"),
        ("a.yaml", "write_files:\n  - path: /srv/directus/.env\n    encoding: gz+b64\n    content: H4sIAAAAAAAA\n"),
        ("a.yaml", "write_files:\n  - path: /srv/directus/.env\n    encoding: b64\n    content: '%%%'\n"),
    ],
)
def test_other_files_start_nothing(tmp_path: Path, path: str, text: str) -> None:
    assert collect(repository(tmp_path, {path: text})).deployments == ()


def test_the_name_of_the_script_says_what_it_is_for(tmp_path: Path) -> None:
    made = collect(repository(tmp_path, {"dev-up.sh": f"cat > compose.yaml <<EOF\n{COMPOSE}EOF\n"}))
    assert [found.hints[-1] for found in made.deployments] == ["dev-up.sh"]


@each_case(("job", "context"), [("deploy", Context.UNKNOWN), ("test", Context.EXAMPLE), ("lint", Context.DEVELOPMENT)])
def test_the_job_says_what_it_is_for(tmp_path: Path, job: str, context: Context) -> None:
    text = f"on: push\njobs:\n  {job}:\n    steps:\n      - run: |\n" + indented(
        f"cat > docker-compose.yml <<EOF\n{COMPOSE}EOF\n", 10
    )
    (found,) = collect(repository(tmp_path, {".github/workflows/main.yml": text})).deployments
    assert classify(found, {})[0] is context


def test_a_file_that_is_written_twice_is_two(tmp_path: Path) -> None:
    other = SERVICE.format(secret="a" * 32)
    text = f"if live; then\ncat > compose.yaml <<EOF\n{COMPOSE}EOF\nelse\ncat > compose.yaml <<EOF\n{other}EOF\nfi\n"
    assert {cut(tmp_path, one.location) for one in written(collect(repository(tmp_path, {"up.sh": text})))} == {
        SECRET,
        "a" * 32,
    }


def test_what_is_added_to_a_file_belongs_to_it(tmp_path: Path) -> None:
    first, _, rest = COMPOSE.partition("    environment:\n")
    text = f"cat > compose.yaml <<EOF\n{first}EOF\ncat >> compose.yaml <<EOF\n    environment:\n{rest}EOF\n"
    (found,) = collect(repository(tmp_path, {"up.sh": text})).deployments
    assert [cut(tmp_path, one.location) for one in found.variables if one.name == "SECRET"] == [SECRET]


def test_two_files_of_one_path(tmp_path: Path) -> None:
    entry = "  - path: /srv/directus/.env\n    content: |\n      DB_CLIENT=pg\n      SECRET={0}\n"
    text = "#cloud-config\nwrite_files:\n" + entry.format("a" * 32) + entry.format("b" * 32)
    found = written(collect(repository(tmp_path, {"init.yaml": text})))
    assert {cut(tmp_path, one.location) for one in found} == {"a" * 32, "b" * 32}


@each_case(
    ("path", "text"),
    [
        ("up.sh", f"cat > compose.yaml <<EOF\n{COMPOSE}EOF\n" * 51),
        ("init.yaml", "#cloud-config\nwrite_files:\n" + "  - path: /srv/directus/.env\n    content: |\n      DB_CLIENT=pg\n      KEY=x\n" * 51),
        ("main.tf", "".join(f'resource "local_file" "a{number}" {{\n  filename = "/srv/directus/{number}/.env"\n  content = "SECRET=x\\nKEY=y\\n"\n}}\n'
                            for number in range(101))),
    ],
)  # fmt: skip
def test_more_files_than_are_followed_are_said(tmp_path: Path, path: str, text: str) -> None:
    made = repository(tmp_path, {path: text})
    collect(made)
    assert [(one.path, one.incomplete) for one in made.problems] == [(path, True)]
