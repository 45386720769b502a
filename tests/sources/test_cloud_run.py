"""Cloud Run: what gcloud's flags give, where they are written, and what keeps the environment open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from directus_guard.directus.versions import Version
from directus_guard.sources import collect as evidence
from directus_guard.sources.deployments import cloud_run, gcloud
from directus_guard.sources.formats import shell_commands, traced
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from directus_guard.sources.deployments.gcloud import Deploy

_KEPT = "variables that the service has from an earlier deployment are kept"
_KEPT_SECRETS = "secrets that the service has from an earlier deployment are kept"


def deployed(line: str) -> Deploy | None:
    command = shell_commands.commands(traced.whole("x.sh", line))[0]
    arguments = command.arguments("gcloud")
    assert arguments is not None
    return gcloud.deploy(arguments)


@each_case(
    ("flags", "found"),
    [
        ("--set-env-vars=A=b,C=d", [("A", "b"), ("C", "d")]),
        ("--set-env-vars A=b --set-env-vars C=d", [("A", "b"), ("C", "d")]),
        ("--set-env-vars='A=b c,C=d=e'", [("A", "b c"), ("C", "d=e")]),
        ("--set-env-vars=^@^A=b,c@C=d", [("A", "b,c"), ("C", "d")]),
        ("--set-env-vars=^::^A=b:c::C=d", [("A", "b:c"), ("C", "d")]),
        ("--set-env-vars=A=,B=$X", [("A", ""), ("B", None)]),
        ("--update-env-vars=A=b --region=x --memory 1Gi", [("A", "b")]),
        ("--set-secrets=A=s:latest,/mnt/x=y:1 --update-secrets B=t:1", [("A", None), ("B", None)]),
        ("--set-build-env-vars=A=b --labels=a=b", []),
    ],
)
def test_flags(flags: str, found: list[tuple[str, str | None]]) -> None:
    made = deployed(f"gcloud run deploy cms --image=i --quiet {flags}")
    assert made is not None
    assert made.service is not None
    assert made.service.text == "cms"
    assert texts(made.containers[0].variables) == found


@each_case(
    ("flags", "opened"),
    [
        ("", (_KEPT, _KEPT_SECRETS)),
        ("--set-env-vars=A=b", (_KEPT_SECRETS,)),
        ("--set-env-vars=A=b --clear-secrets", ()),
        ("--set-env-vars=A=b --set-secrets=B=c:1", ()),
        ("--update-env-vars=A=b --set-secrets=B=c:1", (_KEPT,)),
        ("--clear-env-vars --clear-secrets", ()),
        ("--set-env-vars=$ALL --clear-secrets", ("`--set-env-vars` takes further variables from outside",)),
    ],
)
def test_what_keeps_it_open(flags: str, opened: tuple[str, ...]) -> None:
    made = deployed(f"gcloud run deploy cms --image=i {flags}")
    assert made is not None
    assert reasons(made.containers[0]) == opened


@each_case(
    ("line", "is_one"),
    [
        ("gcloud run deploy cms", True), ("gcloud beta run deploy cms", True), ("gcloud --project=x run deploy cms", True),
        ("sudo gcloud run services update cms", True), ("gcloud run services describe cms", False), ("gcloud run jobs deploy cms", False),
        ("gcloud app deploy", False), ("gcloud functions deploy cms", False),
    ],
)  # fmt: skip
def test_which_commands_count(line: str, is_one: bool) -> None:
    assert (deployed(line) is not None) is is_one


CLOUD_BUILD = """\
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, 'gcr.io/$PROJECT_ID/cms:$SHORT_SHA', -f, cms/Dockerfile, .]
  - name: gcr.io/google.com/cloudsdktool/cloud-sdk
    entrypoint: gcloud
    args:
      - run
      - deploy
      - shop-cms
      - --image
      - gcr.io/$PROJECT_ID/cms:$SHORT_SHA
      - --set-env-vars
      - SECRET=written-down,KEY=${_KEY},DB_USER=$$5
      - --set-secrets=DB_PASSWORD=db:latest
  - name: gcr.io/google.com/cloudsdktool/cloud-sdk
    entrypoint: bash
    args:
      - -c
      - |
        gcloud run deploy other --image directus/directus:11.5.1 \\
          --env-vars-file=env.yaml --set-env-vars "KEY=$_KEY,DB_USER=$$SOMEONE"
substitutions:
  _KEY: default-key
"""


def test_cloud_build(tmp_path: Path) -> None:
    files = {
        "cloudbuild.yaml": CLOUD_BUILD, "cms/Dockerfile": "FROM directus/directus:11.2.0\n",
        "env.yaml": 'PUBLIC_URL: https://cms.example.com\nSECRET: "from a file"\n',
    }  # fmt: skip
    root = repository(tmp_path, files)
    first, second = cloud_run.read(root)
    assert [first.name, second.name] == ["cloudbuild.yaml#shop-cms", "cloudbuild.yaml#other"]
    assert texts(first.variables) == [
        ("SECRET", "written-down"),
        ("KEY", None),
        ("DB_USER", "$5"),
        ("DB_PASSWORD", None),
    ]
    assert cut(tmp_path, first.variables[0].location) == "written-down"
    assert fallback(first.variables[1]) == "default-key"
    assert first.gaps == ()
    assert first.dockerfile == "cms/Dockerfile"
    assert texts(second.variables) == [
        ("PUBLIC_URL", "https://cms.example.com"), ("SECRET", "from a file"), ("KEY", None), ("DB_USER", None),
    ]  # fmt: skip
    assert cut(tmp_path, second.variables[1].location) == "from a file"
    assert fallback(second.variables[2]) == "default-key"
    assert "env.yaml" in second.consumed
    assert second.version is not None
    assert second.version.version == Version(11, 5, 1)
    joined = evidence.collect(root).deployments
    assert [str(item.version.version) for item in joined if item.version] == ["11.5.1", "11.2.0"]


WORKFLOW = """\
on: push
jobs:
  deploy:
    steps:
      - uses: google-github-actions/deploy-cloudrun@v2
        with:
          service: cms
          image: directus/directus:11.5.1
          env_vars: |-
            # a comment
            SECRET=written-down
            KEY=${{ secrets.KEY }}
            CORS_ORIGIN=a\\,b
            DB_USER=" two words "
            EMAIL_FROM=x, LOG_LEVEL=warn
          secrets: |
            DB_PASSWORD=db:1
            /mnt/file=db:2
          flags: --set-env-vars=CACHE_ENABLED=true
"""


def test_the_action(tmp_path: Path) -> None:
    (found,) = cloud_run.read(repository(tmp_path, {".github/workflows/ci.yml": WORKFLOW}))
    assert (found.name, found.platform.name) == (".github/workflows/ci.yml#cms", "CLOUD_RUN")
    assert texts(found.variables) == [
        ("SECRET", "written-down"), ("KEY", None), ("CORS_ORIGIN", "a,b"), ("DB_USER", " two words "), ("EMAIL_FROM", "x"),
        ("LOG_LEVEL", "warn"), ("DB_PASSWORD", None), ("CACHE_ENABLED", "true"),
    ]  # fmt: skip
    assert cut(tmp_path, found.variables[0].location) == "written-down"
    assert reasons(found) == (_KEPT, _KEPT_SECRETS)
    closed = WORKFLOW + "          env_vars_update_strategy: overwrite\n          secrets_update_strategy: overwrite\n"
    (found,) = cloud_run.read(
        repository(
            tmp_path / "2",
            {".github/workflows/ci.yml": closed.replace("          flags: --set-env-vars=CACHE_ENABLED=true\n", "")},
        )
    )
    assert found.gaps == ()


@each_case(
    ("path", "text"),
    [
        ("deploy.sh", "URL=https://cms.example.com\ngcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars=PUBLIC_URL=$URL\n"),
        (".github/workflows/x.yml", "jobs:\n  a:\n    steps:\n    - run: |\n        URL=https://cms.example.com\n        gcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars=PUBLIC_URL=$URL\n"),
        (".gitlab-ci.yml", "deploy:\n  script:\n    - gcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars=PUBLIC_URL=https://cms.example.com\n"),
        ("Makefile", "URL := https://cms.example.com\ndeploy:\n\tgcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars=PUBLIC_URL=$(URL)\n"),
        ("package.json", '{"scripts": {"deploy": "gcloud run deploy cms --image=directus/directus:12.4.1 --set-env-vars=PUBLIC_URL=https://cms.example.com"}}'),
        ("cloudbuild.json", '{"steps": [{"name": "gcr.io/cloud-builders/gcloud", "args": ["run", "deploy", "cms", "--image=directus/directus:12.4.1", "--set-env-vars=PUBLIC_URL=https://cms.example.com"]}]}'),
    ],
)  # fmt: skip
def test_where_commands_are_written(tmp_path: Path, path: str, text: str) -> None:
    (found,) = cloud_run.read(repository(tmp_path, {path: text}))
    assert found.name == f"{path}#cms"
    assert texts(found.variables) == [("PUBLIC_URL", "https://cms.example.com")]
    assert cut(tmp_path, found.variables[0].location) == "https://cms.example.com"
    assert found.version is not None
    assert found.version.version == Version(12, 4, 1)


@each_case(
    "line",
    [
        "gcloud run deploy cms --source cms --set-env-vars=LOG_LEVEL=info",
        "docker build -t eu.gcr.io/$P/x:1 ./cms && gcloud run deploy x --image eu.gcr.io/$P/x:2",
        "docker buildx build --push -t x -f cms/Dockerfile . ; gcloud run deploy x --image x",
        "gcloud builds submit --tag gcr.io/p/x cms\ngcloud run deploy x --image gcr.io/p/x",
    ],
)
def test_images_that_are_built_here(tmp_path: Path, line: str) -> None:
    (found,) = cloud_run.read(
        repository(tmp_path, {"deploy.sh": line, "cms/Dockerfile": "FROM directus/directus:11.5.1\n"})
    )
    assert found.dockerfile == "cms/Dockerfile"


def test_one_container_of_several(tmp_path: Path) -> None:
    line = "gcloud run deploy x --region=y --container=web --image=nginx --set-env-vars=A=b --container=cms --image=directus/directus:11 --set-env-vars=C=d\n"
    (found,) = cloud_run.read(repository(tmp_path, {"deploy.sh": line}))
    assert texts(found.variables) == [("C", "d")]


@each_case(
    "line",
    [
        "gcloud run deploy web --image=gcr.io/x/web --set-env-vars=SECRET=x # beside directus",
        "# gcloud run deploy cms --image=directus/directus",
        "gcloud run deploy cms --image=directus/directus-sync",
        "gcloud",
    ],
)
def test_other_commands(tmp_path: Path, line: str) -> None:
    root = repository(tmp_path, {"deploy.sh": line})
    assert cloud_run.read(root) == ()
    assert not root.problems


def test_a_broken_file_is_a_problem(tmp_path: Path) -> None:
    root = repository(tmp_path, {"cloudbuild.yaml": "steps:\n- args: [gcloud, directus\n"})
    assert cloud_run.read(root) == ()
    assert [problem.incomplete for problem in root.problems] == [True]


def test_two_services_without_a_known_name(tmp_path: Path) -> None:
    line = "gcloud run deploy $A --image=directus/directus:11\ngcloud run deploy $B --image=directus/directus:12\n"
    found = cloud_run.read(repository(tmp_path, {"deploy.sh": line}))
    assert [item.name for item in found] == ["deploy.sh#deploy", "deploy.sh#deploy-2"]


@settings(max_examples=200, deadline=None)
@given(st.text("gcloud run deploy --set-env-vars=^,@A'\"\\$\n", max_size=100))
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    files = {
        "a.sh": f"gcloud run deploy {text}",
        "b.yml": "a: gcloud\nuses: google-github-actions/deploy-cloudrun\nwith: {env_vars: A}\n",
    }
    cloud_run.read(repository(tmp_path_factory.mktemp("r"), files))


VALUES = st.text(
    st.characters(codec="utf-8", exclude_characters="@\n\r\x00\u2028\u2029", exclude_categories=["Cs", "Cc"]),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, max_size=4))
def test_what_is_written_comes_back(values: list[str]) -> None:
    """Any text in single quotes, with a delimiter that it does not have."""
    written = "^@^" + "@".join(f"N{index}={value}" for index, value in enumerate(values))
    quoted = "'" + written.replace("'", "'\\''") + "'"
    made = deployed(f"gcloud run deploy cms --set-env-vars={quoted}")
    assert made is not None
    assert texts(made.containers[0].variables) == [(f"N{index}", value) for index, value in enumerate(values)]


ACTION = "on: push\njobs:\n  deploy:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n        with:\n          image: directus/directus:12.4.1\n"


@each_case(
    ("written", "found", "reason"),
    [
        ("A=b,C=d", [("A", "b"), ("C", "d")], None), ("A=b\nC=d\n", [("A", "b"), ("C", "d")], None), (" A = b ,\n C=d", [("A", "b"), ("C", "d")], None), ("A='b,c'", [("A", "'b")], None), ("A=\"b c\",B='d'", [("A", "b c"), ("B", "d")], None), ("A=b\\,c", [("A", "b,c")], None), ("A=b\\\\c", [("A", "b\\c")], None),
        ("A=b\\", [("A", "b\\")], None), ('A=,B="', [("A", ""), ("B", '"')], None), ("A=b=c", [("A", "b=c")], None), ("1A=b,B", [], "`env_vars` comes from outside"), ("${{ x }}", [], "`env_vars` comes from outside"), ("", [], None), ("A=${{ x }}", [("A", None)], None), ("A=x${{ x }},B=c", [("A", None), ("B", "c")], None),
        ("A=b\u2028C=d", [("A", "b"), ("C", "d")], None),
    ],
)  # fmt: skip
def test_variables_of_the_action(
    tmp_path: Path, written: str, found: list[tuple[str, str | None]], reason: str | None
) -> None:
    text = f"{ACTION}          env_vars: {json.dumps(written)}\n          env_vars_update_strategy: Overwrite\n          secrets_update_strategy: overwrite\n"
    (made,) = cloud_run.read(repository(tmp_path, {".github/workflows/d.yml": text}))
    assert texts(made.variables) == found
    assert reasons(made) == (() if reason is None else (reason,))


@each_case(
    ("more", "gaps"),
    [
        ("", (_KEPT, _KEPT_SECRETS)), ("env_vars_update_strategy: overwrite", (_KEPT_SECRETS,)), ("secrets_update_strategy: overwrite", (_KEPT,)), ("env_vars_update_strategy: merge", (_KEPT, _KEPT_SECRETS)), ("flags: --clear-env-vars --clear-secrets", (_KEPT,)), ("flags: --set-secrets=A=b:1", (_KEPT,)),
        ("flags: ${{ vars.FLAGS }}", ("an argument of the command comes from outside", _KEPT, _KEPT_SECRETS)), ("env_vars_file: gone.yaml", (_KEPT, _KEPT_SECRETS, "the file of variables `gone.yaml` is not in the repository")),
    ],
)  # fmt: skip
def test_what_the_action_leaves_open(tmp_path: Path, more: str, gaps: tuple[str, ...]) -> None:
    (made,) = cloud_run.read(repository(tmp_path, {".github/workflows/d.yml": f"{ACTION}          {more}\n"}))
    assert reasons(made) == gaps


@each_case(
    ("written", "text", "default"),
    [
        ("A=$_X", None, "sub"), ("A=${_X}", None, "sub"), ("A=a${_X}b", None, "asubb"), ("A=$PROJECT_ID", None, None), ("A=$$X", "$X", None), ("A=a$$b$$", "a$b$", None), ("A=$x", "$x", None), ("A=$_X$_X", None, "subsub"), ("A=$", "$", None), ("A=$$$_X", None, "$sub"),
    ],
)  # fmt: skip
def test_substitutions_of_cloud_build(tmp_path: Path, written: str, text: str | None, default: str | None) -> None:
    build = f"steps:\n  - name: gcr.io/cloud-builders/gcloud\n    args: [run, deploy, cms, --image=directus/directus, '--set-env-vars={written}']\nsubstitutions: {{_X: sub}}\n"
    (made,) = cloud_run.read(repository(tmp_path, {"cloudbuild.yaml": build}))
    assert texts(made.variables) == [("A", text)]
    if text is None:
        assert fallback(made.variables[0]) == default
