"""What few manifests have: it is read, or it is said that it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.sources.collect import collect
from directus_guard.sources.deployments import (
    ansible,
    cloud_run,
    compose,
    dockerfile,
    helm,
    heroku,
    hosts,
    nomad,
    platform_sh,
    render,
    systemd,
    terraform,
    terraform_state,
    zerops,
)
from tests.support.described import described
from tests.support.each import each_case
from tests.support.plain import plain
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

IMAGE: Final = "directus/directus:12.4.1"
CONTAINER: Final = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: cms}}
spec:
  containers:
  - name: directus
    image: {IMAGE}
    env:
    - {{name: PUBLIC_URL, value: "https://cms.acme.com"}}
"""
ENGINE: Final = (
    'runtime: nodejs20\nentrypoint: npx directus start\nenv_variables: {PUBLIC_URL: "https://cms.acme.com"}\n'
)
COMPOSE: Final = f"services:\n  directus:\n    image: {IMAGE}\n"


def said(root: Path, files: dict[str, str]) -> str:
    """All that is read, and each problem."""
    made = repository(root, files)
    read = plain(collect(made))
    return f"{read} {[problem.message for problem in made.problems]}"


@each_case(
    ("files", "text"),
    [
        ({"pod.yaml": f"{CONTAINER}    - {{value: x}}\n"}, "a variable has no usable `name`"),
        ({"pod.yaml": f"{CONTAINER}    - {{name: '1 a', value: x}}\n"}, "a variable has no usable `name`"),
        ({"pod.yaml": f"{CONTAINER}    - {{name: SECRET, value: {{a: 1}}}}\n"}, "the `value` of `SECRET` is not a text"),
        ({"pod.yaml": f"{CONTAINER}    - {{name: SECRET, value: {{a: 1}}}}\n"}, "its `value` is not a text"),
        ({"app.yaml": f"{ENGINE}includes: [more.yaml]\n"}, "files that it includes may set further variables"),
        ({"compose.yaml": f"{COMPOSE}    extends: {{service: directus}}\n"}, "service `directus` extends itself"),
        ({"compose.yaml": f"{COMPOSE}    extends: {{service: directus}}\n"}, "it extends itself"),
        ({"compose.yaml": f"{COMPOSE}    extends: {{service: base, file: gone.yaml}}\n"}, "what it extends is not in the repository"),
    ],
)  # fmt: skip
def test_what_is_said(tmp_path: Path, files: dict[str, str], text: str) -> None:
    assert f"'{text}" in said(tmp_path, files)


@each_case(("form", "value"), [("raw", "$PUBLIC_URL x"), ("other", "https://cms.acme.com x")])
def test_an_environment_file_may_be_taken_as_it_is(tmp_path: Path, form: str, value: str) -> None:
    files = {
        "compose.yaml": f"{COMPOSE}    env_file:\n    - {{path: prod.env, format: {form}}}\n",
        "prod.env": "PUBLIC_URL=https://cms.acme.com\nPUBLIC_NOTE=$PUBLIC_URL x\n",
    }
    assert f"<{value!r}>" in said(tmp_path, files)


@each_case("key", ["controllers", "apps", "services", "workloads"])
def test_values_of_a_chart_may_hold_several_programs(tmp_path: Path, key: str) -> None:
    program = '{cms: {image: {repository: directus/directus, tag: 12.4.1}, env: {SECRET: "written-down"}}}'
    assert "<'written-down'>" in said(tmp_path, {"values.yaml": f"{key}: {program}\n"})


@each_case(
    ("reader", "path", "text"),
    [
        (zerops, "zerops.yaml", "zerops: [ # NAME\n"), (platform_sh, ".platform.app.yaml", "a: [ # NAME\n"), (nomad, "cms.nomad", 'job "NAME" {\n'), (nomad, "cms.nomad.json", '{"job": {"NAME": '), (terraform, "main.tf", 'resource "NAME" {\n# directus\n'),
        (terraform_state, "terraform.tfstate", '{"NAME": "directus",'), (cloud_run, "cloudbuild.yaml", "steps: [ # gcloud run deploy NAME\n"),
        (hosts, "copilot/cms/manifest.yml", "a: [ # NAME\n"), (hosts, "captain-definition", '{"NAME": '), (hosts, "apprunner.yaml", "a: [ # NAME\n"),
    ],
)  # fmt: skip
def test_a_broken_manifest_that_names_directus_makes_the_run_incomplete(
    tmp_path: Path, reader: Any, path: str, text: str
) -> None:
    made = repository(tmp_path, {path: text.replace("NAME", "directus")})
    assert reader.read(made) == ()
    assert [(problem.path, problem.incomplete) for problem in made.problems] == [(path, True)]
    for mark in ("{{", "{%", "[[", "<%"):
        template = repository(tmp_path / mark.replace("%", "x"), {path: text.replace("NAME", f"directus {mark}")})
        reader.read(template)
        assert not any(problem.incomplete for problem in template.problems), mark


SERVERS: Final = '"SECRET": "a", "KEY": "b", "DB_CLIENT": "pg", "PUBLIC_URL": "c"'


@each_case(
    ("reader", "files", "found"),
    [
        # a part of another kind does not hide what follows it
        (hosts, {"app.yaml": f"properties: {{template: {{containers: [{{name: d, image: '{IMAGE}', env: [{{value: x}}, {{name: A, value: b}}]}}]}}}}\n"}, "A='b'"),
        (nomad, {"a.nomad": f'other "x" {{\n  task "d" {{\n    config {{ image = "{IMAGE}" }}\n  }}\n}}\n'}, ""),
        (nomad, {"a.nomad": f'job "x" {{\n  task "d" {{\n    config {{ image = "{IMAGE}" }}\n  }}\n}}\n'}, "a.nomad#x/d"),
        (nomad, {"a.nomad": 'job "x" {\n  task "d" {\n    config { image = "directus/directus:[[ .t ]]" }\n  }\n}\n'}, "image directus/directus (it is filled in when the job runs)"),
        (render, {"render.yaml": "services: [{type: web, name: d}]\n", "Dockerfile": f"FROM {IMAGE}\n"}, "built from '' 'Dockerfile'"),
        (render, {"render.yaml": "services: [{type: web, name: d, runtime: node}]\n", "Dockerfile": f"FROM {IMAGE}\n"}, ""),
        (render, {"sub/render.yaml": "services: [{type: web, name: d, runtime: docker, rootDir: cms}]\n", "sub/cms/Dockerfile": f"FROM {IMAGE}\n"}, "built from 'sub/cms' 'sub/cms/Dockerfile'"),
        (terraform_state, {"a.tfstate": f'{{"resources": [{{"type": "x", "instances": [{{"attributes": {{"image": "{IMAGE}"}}}}]}}]}}'}, "a.tfstate#x/ ("),
        (terraform_state, {"a.tfstate": f'{{"resources": [{{"name": "x", "instances": [{{"attributes": {{"image": "{IMAGE}"}}}}]}}]}}'}, "a.tfstate#/x ("),
        (cloud_run, {"up.sh": f"gcloud run deploy cms --image={IMAGE} --set-env-vars=' A =b, C= d'\n"}, "A='b'"),
        (cloud_run, {"up.sh": f"gcloud run deploy cms --image={IMAGE} --set-secrets=' A =b:1'\n"}, "A? Cloud Run takes it from Secret Manager"),
        (hosts, {"app.yaml": "properties: {template: {containers: [{name: d, image: 'directus/directus:$TAG'}]}}\n"}, "image directus/directus (it is filled in when it is deployed)"),
        (compose, {"compose.yaml": f"{COMPOSE}    secrets: [b]\nsecrets: {{a: text, b: {{file: b.txt}}}}\n", "b.txt": "held"}, "file /run/secrets/b='held'"),
        (compose, {"compose.yaml": f"{COMPOSE}    env_file: '{'x' * 201}'\n"}, f"open: env_file `{'x' * 200}` is not"),
        (ansible, {"site.yml": f"- copy: {{src: one.env, dest: /srv/one.env}}\n- docker_container: {{name: d, image: '{IMAGE}', env_file: /srv/one.env}}\n", "files/one.env": "A=b\nC\n"}, "A='b' at files/one.env:1:3-4 (env_file one.env)"),
        (ansible, {"site.yml": f"- docker_container: {{name: d, image: '{IMAGE}', volumes: ['/srv/x:/directus/.env']}}\n"}, "config? `/directus/.env` is put together on the machine"),
        (ansible, {"site.yml": f"- docker_container: {{name: d, image: '{IMAGE}', env: {{CONFIG_PATH: '{{{{ x }}}}'}}}}\n"}, "config? CONFIG_PATH comes from outside the repository"),
        (ansible, {"site.yml": f"- docker_container: {{name: d, image: '{IMAGE}', env: {{CONFIG_PATH: /x}}}}\n"}, "config? the file that CONFIG_PATH names is not in the repository"),
        (systemd, {"a.service": "[Service]\nExecStart=/bin/true\nExecStartPost=npx directus start\n"}, "a.service (SYSTEMD) at a.service:2:11-20"),
        (systemd, {"a.service": "[Service]\nExecStartPre=npx directus bootstrap\nExecStart=/bin/true\n"}, "a.service (SYSTEMD) at a.service:3:11-20"),
        (heroku, {"app.json": f'{{"env": {{{SERVERS}}}}}'}, "SECRET='a'"), (heroku, {"app.json": f'{{"expo": {{}}, "env": {{{SERVERS}}}}}'}, ""),
        (dockerfile, {"Dockerfile": f"FROM {IMAGE}\nENV OLD a=b c=d\nENV NEW=x\n"}, "OLD='a=b c=d' at 2:9-16"),
        (dockerfile, {"Dockerfile": f"FROM {IMAGE}\nENV OLD = a=b\n"}, "OLD='= a=b' at 2:9-14"),
        (dockerfile, {"Dockerfile": f"FROM {IMAGE}\nCOPY conf /directus/\n", "conf/.env": "A=b\n"}, "config A='b' at conf/.env:1:3-4"),
        (dockerfile, {"Dockerfile": f"FROM {IMAGE}\nCOPY .env /directus/\n", ".env/x": "A=b\n"}, "version 12.4.1"),
        (helm, {"charts.yaml": "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: x}\nspec: {chart: directus, valuesContent: 'image: {tag: 12.3.0}'}\n"}, "image directus/directus:12.3.0"),
        (helm, {"charts.yaml": "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: directus}\nspec: {chart: x, valuesContent: 'image: {tag: 12.3.0}'}\n"}, ""),
        (helm, {"helmfile.yaml": "releases: [{name: cms, chart: x/directus, set: [{name: 'env[0].name', value: A}, {name: env.B, value: b}]}]\n"}, "B='b'"),
    ],
)  # fmt: skip
def test_what_one_member_says(tmp_path: Path, reader: Any, files: dict[str, str], found: str) -> None:
    text = described(reader.read(repository(tmp_path, files)))
    if found:
        assert found in text
    else:
        assert text == ""


def test_members_of_an_old_env_are_no_others(tmp_path: Path) -> None:
    (made,) = dockerfile.read(repository(tmp_path, {"Dockerfile": f"FROM {IMAGE}\nENV OLD a=b c=d\n"}))
    assert [variable.name for variable in made.variables] == ["OLD"]
