"""Helm values in the shapes that charts use; templates are never rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.sources.deployments import helm
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "image: {repository: directus/directus, tag: 11.5.0}\n"


@each_case(
    "values",
    [
        "env:\n  MARKETPLACE_TRUST: all\n",
        "env:\n  - name: MARKETPLACE_TRUST\n    value: all\n",
        "extraEnv:\n  - {name: MARKETPLACE_TRUST, value: all}\n",
        "extraEnvVars:\n  MARKETPLACE_TRUST: all\n",
        "extraEnvVars:\n  MARKETPLACE_TRUST: {value: all}\n",
        "envVars: {MARKETPLACE_TRUST: all}\n",
        "config: {MARKETPLACE_TRUST: all, replicaHint: x}\n",
        "config: {data: {MARKETPLACE_TRUST: all}}\n",
        "directus: {env: {MARKETPLACE_TRUST: all}}\n",
        "directus: {extra: {env: {MARKETPLACE_TRUST: all}}}\n",
        "extraSecrets: {data: {MARKETPLACE_TRUST: all}}\n",
    ],
)
def test_shapes_of_environments(tmp_path: Path, values: str) -> None:
    (found,) = helm.read(repository(tmp_path, {"values.yaml": IMAGE + values}))
    assert texts(found.variables) == [("MARKETPLACE_TRUST", "all")]
    assert cut(tmp_path, found.variables[0].location) == "all"
    assert found.gaps
    assert found.version is not None
    assert str(found.version.version) == "11.5.0"


def test_keys_of_the_charts_for_directus(tmp_path: Path) -> None:
    values = (
        IMAGE
        + "key: a\nsecret: b\nadmin: {email: c, password: }\npublic: {url: d}\ndirectus: {security: {secret: ''}}\n"
    )
    (found,) = helm.read(repository(tmp_path, {"values.yaml": values}))
    assert texts(found.variables) == [("KEY", "a"), ("SECRET", "b"), ("ADMIN_EMAIL", "c"), ("PUBLIC_URL", "d")]


def test_values_from_elsewhere_are_unknown(tmp_path: Path) -> None:
    values = (
        IMAGE
        + "env:\n  - {name: A, valueFrom: {secretKeyRef: {name: x, key: y}}}\n  - {name: B, value: '{{ .Values.b }}'}\n"
    )
    (found,) = helm.read(repository(tmp_path, {"values.yaml": values}))
    assert texts(found.variables) == [("A", None), ("B", None)]


def test_the_tag_in_the_repository(tmp_path: Path) -> None:
    (found,) = helm.read(
        repository(tmp_path, {"values.yaml": "image: {repository: 'directus/directus:latest'}\nenv: {A_B: x}\n"})
    )
    assert found.image is not None
    assert (found.image.tag, found.image.unknown) == ("latest", "")


def test_an_empty_tag_is_the_charts_version(tmp_path: Path) -> None:
    files = {
        "chart/Chart.yaml": "name: directus\nappVersion: 11.13.0\n",
        "chart/values.yaml": "image: {repository: directus/directus, tag: ''}\n",
    }
    (found,) = helm.read(repository(tmp_path, files))
    assert found.image is not None
    assert found.image.unknown
    assert found.version is not None
    assert str(found.version.version) == "11.13.0"


@pytest.mark.parametrize("text", ["1.0", "1.16.0", '"1.16.0"'])
def test_the_app_version_that_helm_creates_is_no_version_of_directus(tmp_path: Path, text: str) -> None:
    files = {
        "chart/Chart.yaml": f"name: directus\nappVersion: {text}\n",
        "chart/values.yaml": "image: {repository: directus/directus, tag: ''}\n",
    }
    (found,) = helm.read(repository(tmp_path, files))
    assert found.version is None


def test_directus_below_a_key(tmp_path: Path) -> None:
    values = (
        "cms:\n  "
        + IMAGE.strip()
        + "\n  env: {SECRET: x}\nshop:\n  image: {repository: acme/shop}\n  env: {SECRET: x, KEY: y}\n"
    )
    (found,) = helm.read(repository(tmp_path, {"values.yaml": values}))
    assert found.name == "values.yaml#cms"


@each_case(
    "release",
    [
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cms}\nspec:\n  values:\n    env: {SECRET: x, DB_CLIENT: pg}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cms}\nspec:\n  source:\n    helm:\n      valuesObject:\n        env: {SECRET: x, DB_CLIENT: pg}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cms}\nspec:\n  source:\n    helm:\n      values: |\n        env: {SECRET: x, DB_CLIENT: pg}\n",
    ],
)
def test_values_in_release_objects(tmp_path: Path, release: str) -> None:
    (found,) = helm.read(repository(tmp_path, {"apps/cms.yaml": release}))
    assert found.name.startswith("apps/cms.yaml#")
    assert texts(found.variables) == [("SECRET", "x"), ("DB_CLIENT", "pg")]
    assert [cut(tmp_path, variable.location) for variable in found.variables] == ["x", "pg"]


def test_databases_the_chart_brings_along(tmp_path: Path) -> None:
    values = IMAGE + "mariadb:\n  auth: {password: p, rootPassword: ''}\nredis: {enabled: false, auth: {password: q}}\n"
    (found,) = helm.read(repository(tmp_path, {"values.yaml": values}))
    assert [(item.name, [variable.name for variable in item.variables]) for item in found.services] == [
        ("mariadb", ["MARIADB_PASSWORD"])
    ]


def test_templates_are_skipped_and_counted(tmp_path: Path) -> None:
    made = repository(
        tmp_path,
        {
            "chart/Chart.yaml": "name: directus\n",
            "chart/values.yaml": "other: x\n",
            "chart/templates/deployment.yaml": "{{- if .Values.x }}\nimage: directus/directus\n{{- end }}\n",
            "chart/templates/other.yaml": "{{ .Values.y }}\n",
        },
    )
    assert helm.read(made) == ()
    assert helm.skipped_templates(made) == ("chart/templates/deployment.yaml",)
    assert made.problems == []


def test_values_of_other_charts_are_nobodys(tmp_path: Path) -> None:
    assert (
        helm.read(repository(tmp_path, {"values.yaml": "image: {repository: acme/api}\nenv: {SECRET: x, KEY: y}\n"}))
        == ()
    )
    assert helm.read(repository(tmp_path, {"values.yaml": "# directus\nenv: {LOG_LEVEL: x}\n"})) == ()


CHART = {
    "charts/cms/Chart.yaml": "apiVersion: v2\nname: cms\nversion: 0.1.0\n",
    "charts/cms/values.yaml": "image: {repository: directus/directus, tag: 12.4.1}\nsecretEnv: {}\n",
}


@each_case(
    ("path", "text"),
    [
        ("helmfile.yaml", "releases:\n- name: cms\n  chart: ./charts/cms\n  values:\n  - other.yaml\n  - secretEnv:\n      SECRET: written-down\n"),
        ("helmfile.yml", "releases:\n- {name: cms, chart: charts/cms, values: [{secretEnv: {SECRET: written-down}}]}\n"),
        ("deploy/helmfile.yaml", "releases:\n- name: x\n  chart: ../charts/cms\n  values:\n  - secretEnv: {SECRET: written-down}\n"),
        ("helmfile.d/10-cms.yaml", "releases:\n- name: directus\n  chart: bitnami/app\n  values:\n  - secretEnv: {SECRET: written-down}\n"),
        ("helmfile.yaml", "repositories: []\n---\nreleases:\n- name: cms\n  chart: community/directus\n  values:\n  - directus: {secret: written-down}\n"),
        ("helmfile.yaml", "releases:\n- name: cms\n  chart: community/directus\n  set:\n  - name: directus.secret\n    value: written-down\n"),
        ("helmfile.yaml", "releases:\n- name: cms\n  chart: oci://ghcr.io/x/app\n  values:\n  - image: {repository: directus/directus}\n  - secretEnv: {SECRET: written-down}\n"),
        ("helmfile.yaml", "releases:\n- name: cms\n  chart: community/directus\n  set:\n  - {name: 'extraEnvVars[0].name', value: SECRET}\n  - {name: 'extraEnvVars[0].value', value: written-down}\n"),
    ],
)  # fmt: skip
def test_values_that_a_helmfile_gives(tmp_path: Path, path: str, text: str) -> None:
    found = [one for one in helm.read(repository(tmp_path, {**CHART, path: text})) if one.location.path == path]
    (variable,) = (one for made in found for one in made.variables if one.name == "SECRET")
    assert texts([variable]) == [("SECRET", "written-down")]
    assert cut(tmp_path, variable.location) == "written-down"


@pytest.mark.parametrize(
    "text",
    [
        "releases:\n- name: web\n  chart: bitnami/nginx\n  values:\n  - secretEnv: {SECRET: written-down} # not of directus\n",
        "releases:\n- name: cms\n  chart: ./charts/cms\n  installed: false\n  values:\n  - secretEnv: {SECRET: written-down}\n",
    ],
)
def test_releases_that_are_not_directus(tmp_path: Path, text: str) -> None:
    assert [one for one in helm.read(repository(tmp_path, {**CHART, "helmfile.yaml": text})) if one.location.path == "helmfile.yaml"] == []  # fmt: skip


@each_case(
    ("key", "name"),
    [
        ("key", "KEY"), ("secret", "SECRET"), ("admin.email", "ADMIN_EMAIL"), ("admin.password", "ADMIN_PASSWORD"), ("public.url", "PUBLIC_URL"), ("adminEmail", "ADMIN_EMAIL"), ("adminPassword", "ADMIN_PASSWORD"),
        ("publicUrl", "PUBLIC_URL"), ("publicURL", "PUBLIC_URL"), ("directus.key", "KEY"), ("directus.secret", "SECRET"), ("directus.adminEmail", "ADMIN_EMAIL"), ("directus.adminPassword", "ADMIN_PASSWORD"),
        ("directus.publicUrl", "PUBLIC_URL"), ("directus.admin.email", "ADMIN_EMAIL"), ("directus.admin.password", "ADMIN_PASSWORD"), ("directus.general.publicUrl", "PUBLIC_URL"), ("directus.general.logLevel", "LOG_LEVEL"),
        ("directus.database.client", "DB_CLIENT"), ("directus.database.password", "DB_PASSWORD"), ("directus.security.key", "KEY"), ("directus.security.secret", "SECRET"), ("directus.adminAccount.email", "ADMIN_EMAIL"),
        ("directus.adminAccount.password", "ADMIN_PASSWORD"),
    ],
)  # fmt: skip
def test_each_key_of_the_charts_for_directus(tmp_path: Path, key: str, name: str) -> None:
    *above, last = key.split(".")
    values = "".join(f"{{{part}: " for part in above) + f"{{{last}: given}}" + "}" * len(above)
    (made,) = helm.read(repository(tmp_path, {"Chart.yaml": "name: directus\n", "values.yaml": f"{values}\n"}))
    assert texts(made.variables) == [(name, "given")]
    assert made.variables[0].origin == f"values key {key}"


@each_case(
    "key",
    [
        *["config", "configs", "configMap", "configmap", "configVars", "env", "envs", "envVars", "envvars", "environment", "environmentVariables", "extraConfig", "extraEnv", "extraEnvs", "extraEnvVars", "extraEnvironment", "additionalEnv", "additionalEnvVars", "secrets", "secretEnv", "envSecrets", "extraSecrets"],
        *(f"{inner}.env" for inner in ("directus", "main", "application", "app", "extra")),
        *(f"env.{inner}" for inner in ("data", "stringData", "env", "envVars", "variables", "values", "secret", "plain", "normal")),
        "secret", "app.extra.env", "main.extra.secret", "directus.secretEnv",
    ],
)  # fmt: skip
def test_keys_that_hold_variables(tmp_path: Path, key: str) -> None:
    *above, last = key.split(".")
    values = "".join(f"{{{part}: " for part in above) + f"{{{last}: {{GIVEN: x}}}}" + "}" * len(above)
    (made,) = helm.read(repository(tmp_path, {"Chart.yaml": "name: directus\n", "values.yaml": f"{values}\n"}))
    assert texts(made.variables) == [("GIVEN", "x")]
    assert made.variables[0].origin == key


@each_case(
    ("database", "variables"),
    [
        *((f"{key}: {{auth: {{password: x}}}}", [(f"{name}_PASSWORD", "x")]) for key, name in (("mariadb", "MARIADB"), ("mysql", "MYSQL"), ("postgresql", "POSTGRES"), ("postgres", "POSTGRES"), ("redis", "REDIS"))),
        ("mysql: {rootPassword: r, password: p}", [("MYSQL_PASSWORD", "p"), ("MYSQL_ROOT_PASSWORD", "r")]), ("postgresql: {auth: {postgresPassword: x}}", [("POSTGRES_PASSWORD", "x")]),
        ("postgresql: {enabled: false, auth: {password: x}}", None), ("postgresql: {auth: {password: '${X}'}}", None), ("postgresql: {auth: {password: ''}}", None), ("mongodb: {auth: {password: x}}", None),
    ],
)  # fmt: skip
def test_databases_that_a_chart_brings_along(
    tmp_path: Path, database: str, variables: list[tuple[str, str]] | None
) -> None:
    (made,) = helm.read(
        repository(tmp_path, {"Chart.yaml": "name: directus\n", "values.yaml": f"key: k\n{database}\n"})
    )
    assert [texts(service.variables) for service in made.services] == ([] if variables is None else [variables])
