"""ConfigMaps and Secrets that no workload of the repository takes, and what operators make Secrets of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.deployment_findings import HEX, named, scanned

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: NAME}}\nstringData:\n  SECRET: {HEX}\n"


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("directus", ""),
        ("cms-directus-env", ""),
        ("cms", "  DB_CLIENT: pg\n"),
        ("app", "  ADMIN_EMAIL: a@pelican.io\n"),
    ],
)
def test_a_secret_of_directus_alone_is_judged(name: str, more: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"k8s/secret.yaml": SECRET.replace("NAME", name) + more})
    assert named(report, "secret-committed") == {"k8s/secret.yaml:5 high"}
    assert report.scanned.deployments == (f"k8s/secret.yaml#Secret/{name}",)


def test_a_config_map_alone_is_judged(tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cms}\ndata:\n  PUBLIC_URL: https://cms.pelican.io\n"
        "  DB_CLIENT: pg\n  MARKETPLACE_TRUST: all\n"
    )
    assert named(scanned(tmp_path, {"k8s/cms.yaml": text}), "marketplace-trust") == {"k8s/cms.yaml:7 high"}


def test_names_that_other_programs_have_are_nobodys(tmp_path: Path) -> None:
    text = SECRET.replace("NAME", "api") + "  KEY: k\n"
    assert not scanned(tmp_path, {"k8s/secret.yaml": text}).scanned.deployments
    report = scanned(tmp_path, {"k8s/secret.yaml": f"# Directus\n{text}"})
    assert report.scanned.deployments == ("k8s/secret.yaml#Secret/api",)


@pytest.mark.parametrize("name", ["cms", "directus-backup"])
def test_one_common_name_is_nobodys(name: str, tmp_path: Path) -> None:
    text = SECRET.replace("NAME", name) + "  OTHER: directus\n"
    assert not scanned(tmp_path, {"k8s/secret.yaml": text}).scanned.deployments


def workload(name: str, image: str) -> str:
    return (
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n"
        f"        - name: x\n          image: {image}\n          envFrom:\n            - secretRef: {{name: {name}}}\n"
    )


def test_what_a_workload_takes_belongs_to_it(tmp_path: Path) -> None:
    text = SECRET.replace("NAME", "cms") + "  KEY: k\n"
    report = scanned(tmp_path, {"k8s/all.yaml": text + workload("cms", "directus/directus:12.4.1")})
    assert report.scanned.deployments == ("k8s/all.yaml#Deployment/x/x",)
    report = scanned(tmp_path, {"k8s/all.yaml": text + "# not directus\n" + workload("cms", "acme/shop:1")})
    assert "k8s/all.yaml#Secret/cms" not in report.scanned.deployments


def test_the_template_of_an_external_secret(tmp_path: Path) -> None:
    text = (
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\nspec:\n  target:\n    name: env\n"
        "    template:\n      data:\n        MARKETPLACE_TRUST: all\n        SECRET: '{{ .secret }}'\n"
        f"        ADMIN_PASSWORD: {HEX}\n  data:\n    - secretKey: secret\n      remoteRef: {{key: cms}}\n"
    )
    report = scanned(tmp_path, {"k8s/env.yaml": text, "k8s/cms.yaml": workload("env", "directus/directus:12.4.1")})
    assert named(report, "marketplace-trust") == {"k8s/env.yaml:9 high"}
    assert named(report, "secret-committed") == {"k8s/env.yaml:11 high"}
    assert not named(report, "unknown-variable")


def test_the_template_of_a_sealed_secret(tmp_path: Path) -> None:
    text = (
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: env}\nspec:\n  encryptedData:\n"
        "    SECRET: AgBy3i4OJSWK\n  template:\n    data:\n      MARKETPLACE_TRUST: all\n"
    )
    report = scanned(tmp_path, {"k8s/env.yaml": text, "k8s/cms.yaml": workload("env", "directus/directus:12.4.1")})
    assert named(report, "marketplace-trust") == {"k8s/env.yaml:9 high"}
    assert not named(report, "secret-committed")
