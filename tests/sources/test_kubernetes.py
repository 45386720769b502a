"""Kubernetes as the API server and kubelet resolve it, and Kustomize where it is plain."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import kubernetes
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

POD = """apiVersion: apps/v1
kind: {kind}
metadata:
  name: cms
spec:
  replicas: 2
  template:
    metadata:
      labels: {{app: cms}}
    spec:
      containers:
        - name: directus
          image: directus/directus:11.5.0
{env}"""


def read(root: Path, files: dict[str, str]) -> tuple[Deployment, ...]:
    return kubernetes.read(repository(root, files))


def workload(env: str, kind: str = "Deployment") -> str:
    return POD.format(kind=kind, env=env)


def config_map(name: str, data: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n{data}"


def test_env_beats_env_from_and_the_later_source_wins(tmp_path: Path) -> None:
    env = """          envFrom:
            - configMapRef: {name: one}
            - configMapRef: {name: two}
              prefix: P_
            - secretRef: {name: three}
          env:
            - {name: B, value: own}
"""
    (found,) = read(
        tmp_path,
        {
            "cms.yaml": workload(env),
            "maps.yaml": config_map("one", "  A: '1'\n  B: map\n  not a name: x\n") + "---\n" + config_map("two", "  C: c\n"),
            "secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: three}\nstringData: {D: plain}\ndata:\n  E: "
            + base64.b64encode(b"decoded").decode() + "\n  F: not base64!\n",
        },
    )  # fmt: skip
    assert found.name == "cms.yaml#Deployment/cms/directus"
    assert texts(found.variables) == [
        ("A", "1"), ("B", "map"), ("P_C", "c"), ("E", "decoded"), ("F", None), ("D", "plain"), ("B", "own"),
    ]  # fmt: skip
    assert found.gaps == ()
    assert found.replicas == 2
    assert found.version is not None
    assert str(found.version.version) == "11.5.0"
    assert cut(tmp_path, found.variables[0].location) == "1"
    assert found.consumed == {"cms.yaml", "maps.yaml", "secret.yaml"}


def test_references_to_single_keys(tmp_path: Path) -> None:
    env = """          env:
            - name: FROM_MAP
              valueFrom: {configMapKeyRef: {name: one, key: a}}
            - name: MISSING_KEY
              valueFrom: {configMapKeyRef: {name: one, key: nope}}
            - name: MISSING_STORE
              valueFrom: {secretKeyRef: {name: elsewhere, key: a}}
            - name: NODE
              valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
            - name: EMPTY
"""
    (found,) = read(tmp_path, {"cms.yaml": workload(env), "map.yaml": config_map("one", "  a: value\n")})
    assert texts(found.variables) == [
        ("FROM_MAP", "value"), ("MISSING_KEY", None), ("MISSING_STORE", None), ("NODE", None), ("EMPTY", ""),
    ]  # fmt: skip
    assert found.variables[0].location.path == "map.yaml"
    assert found.variables[0].via[0].path == "cms.yaml"
    missing = found.variables[2].value
    assert isinstance(missing, Unknown)
    assert "elsewhere" in missing.reason


def test_a_store_that_is_not_here_leaves_the_environment_open(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {"cms.yaml": workload("          envFrom: [{secretRef: {name: gone}}]\n")})
    assert reasons(found) == ("Secret `gone` is not in the repository",)


def test_references_inside_values(tmp_path: Path) -> None:
    env = """          env:
            - {name: HOST, value: cms.example.com}
            - {name: PUBLIC_URL, value: "https://$(HOST)"}
            - {name: ESCAPED, value: "$$(HOST)"}
            - {name: LATER, value: "$(DEFINED_BELOW)"}
            - {name: DEFINED_BELOW, value: x}
"""
    (found,) = read(tmp_path, {"cms.yaml": workload(env)})
    assert dict(texts(found.variables)) == {
        "HOST": "cms.example.com",
        "PUBLIC_URL": "https://cms.example.com",
        "ESCAPED": "$(HOST)",
        "LATER": "$(DEFINED_BELOW)",
        "DEFINED_BELOW": "x",
    }


def test_workloads_of_all_kinds(tmp_path: Path) -> None:
    env = "          env: [{name: SECRET, value: x}]\n"
    files = {
        f"{kind.lower()}.yaml": workload(env, kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "Rollout")
    }
    container = "{name: directus, image: directus/directus}"
    files["pod.yaml"] = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{container}]}}\n"
    files["cron.yaml"] = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\n"
        f"spec: {{jobTemplate: {{spec: {{template: {{spec: {{containers: [{container}]}}}}}}}}}}\n"
    )
    files["list.yaml"] = (
        "apiVersion: v1\nkind: List\nitems:\n  - " + files["pod.yaml"].replace("\n", "\n    ").rstrip() + "\n"
    )
    found = read(tmp_path, files)
    assert [item.name for item in found] == [
        "cron.yaml#CronJob/c/directus", "daemonset.yaml#DaemonSet/cms/directus", "deployment.yaml#Deployment/cms/directus",
        "list.yaml#Pod/p/directus", "pod.yaml#Pod/p/directus", "rollout.yaml#Rollout/cms/directus",
        "statefulset.yaml#StatefulSet/cms/directus",
    ]  # fmt: skip


def test_other_containers_are_no_directus(tmp_path: Path) -> None:
    other = workload("          env: [{name: SECRET, value: x}]\n").replace("directus/directus:11.5.0", "acme/shop:1")
    database = (
        other.replace("acme/shop:1", "postgres:17")
        .replace("name: SECRET", "name: POSTGRES_PASSWORD")
        .replace("name: cms\n", "name: db\n")
    )
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {type: NodePort, selector: {app: cms}, ports: [{port: 5432, nodePort: 30432}]}\n"
    found = read(
        tmp_path, {"directus-shop.yaml": other, "db.yaml": database, "cms.yaml": workload(""), "svc.yaml": service}
    )
    assert [item.name for item in found] == ["cms.yaml#Deployment/cms/directus"]
    stores = [item for item in found[0].services if item.image and item.image.repository == "postgres"]
    assert [variable.name for variable in stores[0].variables] == ["POSTGRES_PASSWORD"]
    assert [(port.target, port.published) for port in stores[0].ports] == [("5432", "30432")]


def test_the_nearest_store_of_a_name_counts(tmp_path: Path) -> None:
    env = "          envFrom: [{configMapRef: {name: env}}]\n"
    found = read(
        tmp_path,
        {
            "a/cms.yaml": workload(env),
            "a/env.yaml": config_map("env", "  WHO: a\n"),
            "b/cms.yaml": workload(env),
            "b/deep/env.yaml": config_map("env", "  WHO: b\n"),
        },
    )
    assert [texts(item.variables) for item in found] == [[("WHO", "a")], [("WHO", "b")]]


def test_directus_own_file_in_a_config_map(tmp_path: Path) -> None:
    env = "          volumeMounts: [{name: env, mountPath: /directus/.env, subPath: dotenv}]\n      volumes: [{name: env, configMap: {name: files}}]\n"
    (found,) = read(
        tmp_path,
        {
            "cms.yaml": workload(env),
            "map.yaml": config_map("files", "  dotenv: |\n    MARKETPLACE_TRUST=all\n    CACHE_TTL=5m\n"),
        },
    )
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("MARKETPLACE_TRUST", "all"), ("CACHE_TTL", "5m")]
    assert [cut(tmp_path, variable.location) for variable in found.config_file] == ["all", "5m"]


def test_values_of_other_tools_are_unknown(tmp_path: Path) -> None:
    env = "".join(
        f"            - {{name: V{index}, value: {text!r}}}\n"
        for index, text in enumerate(
            ["${SECRET}", "{{ .Values.secret }}", "ENC[AES256_GCM,data:x]", "vault:secret/data#key", "op://a/b/c"]
        )
    )
    (found,) = read(tmp_path, {"cms.yaml": workload("          env:\n" + env)})
    assert all(text is None for _, text in texts(found.variables))


def test_sealed_and_external_secrets(tmp_path: Path) -> None:
    env = "          envFrom: [{secretRef: {name: sealed}}, {secretRef: {name: made}}]\n"
    (found,) = read(
        tmp_path,
        {
            "cms.yaml": workload(env),
            "sealed.yaml": "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: sealed}\nspec: {encryptedData: {SECRET: AgBy}}\n",
            "external.yaml": "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\n"
            "spec: {target: {name: made}, dataFrom: [{extract: {key: all}}]}\n",
        },
    )
    assert texts(found.variables) == [("SECRET", None)]
    assert reasons(found) == ("Secret `made` is made by a ExternalSecret",)


# --- Kustomize ---


BASE = {
    "base/cms.yaml": workload(
        "          envFrom: [{configMapRef: {name: env}}]\n          env: [{name: LOG_LEVEL, value: info}]\n"
    ),
    "base/kustomization.yaml": "resources: [cms.yaml]\nconfigMapGenerator:\n  - name: env\n    literals:\n      - CACHE_TTL=5m\n      - QUOTED='a b'\n",
}


def test_generators(tmp_path: Path) -> None:
    files = BASE | {
        "base/kustomization.yaml": BASE["base/kustomization.yaml"]
        + "    envs: [cms.env]\n    files: [dotenv=raw.txt]\n",
        "base/cms.env": "MARKETPLACE_TRUST=all\n",
        "base/raw.txt": "anything",
    }
    (found,) = read(tmp_path, files)
    assert found.name == "base/cms.yaml#Deployment/cms/directus"
    values = dict(texts(found.variables))
    assert values == {
        "MARKETPLACE_TRUST": "all",
        "dotenv": "anything",
        "CACHE_TTL": "5m",
        "QUOTED": "a b",
        "LOG_LEVEL": "info",
    }
    places = {variable.name: variable.location for variable in found.variables}
    assert cut(tmp_path, places["CACHE_TTL"]) == "5m"
    assert cut(tmp_path, places["QUOTED"]) == "a b"
    assert cut(tmp_path, places["MARKETPLACE_TRUST"]) == "all"


def test_overlays_change_the_base(tmp_path: Path) -> None:
    files = BASE | {
        "overlays/prod/kustomization.yaml": """resources: [../../base]
namePrefix: prod-
images: [{name: directus/directus, newTag: 12.4.1}]
replicas: [{name: cms, count: 5}]
patches:
  - path: patch.yaml
  - target: {kind: Deployment, name: cms}
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: {name: MARKETPLACE_TRUST, value: all}
""",
        "overlays/prod/patch.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: cms}
spec:
  template:
    spec:
      containers:
        - name: directus
          env:
            - {name: LOG_LEVEL, value: debug}
            - {name: PUBLIC_URL, value: "https://cms.example.com"}
""",
        "overlays/dev/kustomization.yaml": "bases: [../../base]\n",
    }
    dev, prod = read(tmp_path, files)
    assert dev.name == "overlays/dev/kustomization.yaml#Deployment/cms/directus"
    assert prod.name == "overlays/prod/kustomization.yaml#Deployment/prod-cms/directus"
    assert dict(texts(dev.variables))["LOG_LEVEL"] == "info"
    assert dict(texts(prod.variables)) == {
        "CACHE_TTL": "5m", "QUOTED": "a b", "LOG_LEVEL": "debug", "PUBLIC_URL": "https://cms.example.com", "MARKETPLACE_TRUST": "all",
    }  # fmt: skip
    assert prod.replicas == 5
    assert prod.image is not None
    assert prod.image.reference == "directus/directus:12.4.1"
    trust = next(variable for variable in prod.variables if variable.name == "MARKETPLACE_TRUST")
    assert cut(tmp_path, trust.location) == "all"


def test_a_patch_can_delete(tmp_path: Path) -> None:
    files = BASE | {
        "o/kustomization.yaml": "resources: [../base]\npatchesStrategicMerge:\n  - |-\n    kind: Deployment\n    metadata: {name: cms}\n    $patch: delete\n"
    }
    assert read(tmp_path, files) == ()


def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    files = BASE | {
        "o/kustomization.yaml": "resources: [../base, https://example.com/remote.yaml]\nreplacements: [{path: r.yaml}]\n"
    }
    (found,) = read(tmp_path, files)
    assert reasons(found) == (
        "`https://example.com/remote.yaml`, which the kustomization names, is not in the repository",
        "`replacements` of `o/kustomization.yaml` is not followed",
    )


def test_a_json_patch_that_moves_is_a_gap(tmp_path: Path) -> None:
    patch = "[{op: move, from: /spec/a, path: /spec/b}]"
    files = BASE | {
        "o/kustomization.yaml": f"resources: [../base]\npatches:\n  - target: {{kind: Deployment, name: cms}}\n    patch: |-\n      {patch}\n"
    }
    (found,) = read(tmp_path, files)
    assert reasons(found) == ("a JSON patch moves or copies values",)


@each_case(
    ("reference", "named"),
    [
        ("envFrom: [{configMapRef: {name: directus}}]", "ConfigMap"), ("envFrom: [{secretRef: {name: directus}}]", "Secret"), ("env: [{name: A, valueFrom: {configMapKeyRef: {name: directus, key: KEY}}}]", "ConfigMap"),
        ("env: [{name: A, valueFrom: {secretKeyRef: {name: directus, key: KEY}}}]", "Secret"), ("command: [x]}], volumes: [{name: v, configMap: {name: directus}", "ConfigMap"),
        ("command: [x]}], volumes: [{name: v, secret: {secretName: directus}", "Secret"), ("command: [x]", ""), ("envFrom: [{secretRef: {name: '${NAME}'}}]", ""), ("envFrom: [{secretRef: {name: other}}]", ""),
    ],
)  # fmt: skip
def test_a_store_that_another_workload_takes_is_no_deployment(tmp_path: Path, reference: str, named: str) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{containers: [{{name: x, image: nginx, {reference}}}]}}\n---\n"
    stores = "---\n".join(
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: directus}}\n{key}: {{KEY: k}}\n"
        for kind, key in (("ConfigMap", "data"), ("Secret", "stringData"))
    )
    made = read(tmp_path, {"all.yaml": pod + stores})
    assert [one.name for one in made] == [
        f"all.yaml#{kind}/directus" for kind in ("ConfigMap", "Secret") if kind != named
    ]


@each_case(
    ("kind", "spec", "name"),
    [
        ("SealedSecret", "{}", "directus"), ("ExternalSecret", "{target: {name: made}}", "made"), ("ExternalSecret", "{target: {}}", "directus"), ("ExternalSecret", "{}", "directus"), ("VaultStaticSecret", "{destination: {name: made}}", "made"),
        ("VaultDynamicSecret", "{destination: {name: made}}", "made"), ("OnePasswordItem", "{}", "directus"), ("InfisicalSecret", "{managedSecretReference: {secretName: made}}", "made"), ("DopplerSecret", "{managedSecret: {name: made}}", "made"),
        ("BitwardenSecret", "{secretName: made}", "made"), ("SopsSecret", "{}", "directus"), ("SealedSecret", "null", "directus"), ("ExternalSecret", "null", "directus"), ("ExternalSecret", "{target: {name: null}}", "directus"),
    ],
)  # fmt: skip
def test_a_secret_that_an_operator_makes(tmp_path: Path, kind: str, spec: str, name: str) -> None:
    text = f"apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: directus}}\nspec: {spec}\n---\n{workload(f'          envFrom: [{{secretRef: {{name: {name}}}}}]')}"
    (made,) = read(tmp_path, {"all.yaml": text})
    assert reasons(made) == (f"Secret `{name}` is made by a {kind}",)


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    (made,) = read(tmp_path / "a", {"all.yaml": workload(f"          envFrom: [{{secretRef: {{name: {'x' * 80}}}}}]")})
    assert reasons(made) == (f"Secret `{'x' * 80}` is not in the repository",)
    (made,) = read(tmp_path / "b", {"all.yaml": workload(f"          envFrom: [{{secretRef: {{name: {'x' * 81}}}}}]")})
    assert reasons(made) == (f"Secret `{'x' * 79}…` is not in the repository",)
