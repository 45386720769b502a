"""What is plain in the templates of a Helm chart is judged; what a template fills in or may leave out is not evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.finding import Status
from tests.support.deployment_findings import HEX, answered, named, scanned

if TYPE_CHECKING:
    from pathlib import Path

CHART: Final = {
    "chart/Chart.yaml": "apiVersion: v2\nname: cms\nappVersion: 10.8.3\n",
    "chart/values.yaml": "replicas: 1\n",
}
PATH: Final = "chart/templates/deployment.yaml"


def workload(*lines: str, image: str = "directus/directus:12.4.1", kind: str = "Deployment") -> str:
    """The image is on line 12, the first of `lines`, which are in the list `env`, on line 16."""
    head = (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n"
        '  name: {{ include "cms.fullname" . }}\n  labels:\n    {{- include "cms.labels" . | nindent 4 }}\n'
        "spec:\n  template:\n    spec:\n      containers:\n        - name: directus\n"
        f'          image: "{image}"\n          env:\n            - name: PUBLIC_URL\n'
        "              value: https://{{ .Values.host }}\n"
    )
    return head + "".join(f"            {line}\n" for line in lines)


def variable(name: str, value: str) -> tuple[str, str]:
    return f"- name: {name}", f"  value: {value}"


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_literals_are_judged(kind: str, tmp_path: Path) -> None:
    text = workload(*variable("MARKETPLACE_TRUST", "all"), *variable("SECRET", HEX), kind=kind)
    report = scanned(tmp_path, {**CHART, PATH: text})
    assert named(report, "marketplace-trust") == {f"{PATH}:17 high"}
    assert named(report, "secret-committed") == {f"{PATH}:19 high"}
    assert not report.incomplete


def test_a_condition_around_everything_hides_nothing(tmp_path: Path) -> None:
    text = "{{- if .Values.enabled }}\n" + workload(*variable("MARKETPLACE_TRUST", "all")) + "{{- end }}\n"
    assert named(scanned(tmp_path, {**CHART, PATH: text}), "marketplace-trust") == {f"{PATH}:18 high"}


@pytest.mark.parametrize(
    "lines",
    [
        ("{{- if .Values.trust }}", *variable("MARKETPLACE_TRUST", "all"), "{{- end }}"),
        variable("MARKETPLACE_TRUST", "{{ .Values.trust | quote }}"),
        ("{{- toYaml .Values.env | nindent 12 }}",),
        ("{{- range $name, $value := .Values.env }}", "- name: {{ $name }}", "  value: {{ $value }}", "{{- end }}"),
    ],
)
def test_what_a_template_gives_is_not_evaluated(lines: tuple[str, ...], tmp_path: Path) -> None:
    report = scanned(tmp_path, {**CHART, PATH: workload(*lines)})
    assert answered(report, "marketplace-trust") == {Status.NOT_EVALUATED}
    assert not report.incomplete


def test_an_environment_that_is_filled_in_is_not_incomplete(tmp_path: Path) -> None:
    head = workload().partition("          env:")[0]
    report = scanned(tmp_path, {**CHART, PATH: head + "          env: {{ toYaml .Values.env | nindent 12 }}\n"})
    assert answered(report, "marketplace-trust") == {Status.NOT_EVALUATED}
    assert not report.incomplete


@pytest.mark.parametrize(
    ("image", "confidence"),
    [
        ("directus/directus:10.8.3", "high"),
        ("directus/directus:{{ .Values.image.tag }}", "medium"),
        ("directus/directus:{{ .Values.tag | default .Chart.AppVersion }}", "medium"),
        ("ghcr.io/directus/directus:{{ .Chart.AppVersion }}", "medium"),
        ('directus/directus:{{ .Values.tag | default "10.8.3" }}', "medium"),
    ],
)
def test_the_tag_of_an_image(image: str, confidence: str, tmp_path: Path) -> None:
    files = {**CHART, "chart/values.yaml": "image:\n  tag: 10.8.3\n", PATH: workload(image=image)}
    report = scanned(tmp_path, files)
    assert named(report, "end-of-life-version") == {f"{PATH}:12 {confidence}"}


def test_an_image_from_the_values_tells_what_runs(tmp_path: Path) -> None:
    values = "image:\n  repository: directus/directus\n  tag: 10.8.3\n"
    text = workload(
        *variable("MARKETPLACE_TRUST", "all"), image="{{ .Values.image.repository }}:{{ .Values.image.tag }}"
    ).replace("PUBLIC_URL", "OTHER")
    report = scanned(tmp_path, {**CHART, "chart/values.yaml": values, PATH: text})
    assert named(report, "marketplace-trust") == {f"{PATH}:17 high"}
    assert named(report, "end-of-life-version") == {"chart/values.yaml:3 high"}
    other = values.replace("directus/directus", "acme/shop")
    assert not scanned(tmp_path, {"chart/values.yaml": other}).scanned.deployments


def test_objects_without_a_known_workload_are_judged(tmp_path: Path) -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-directus\ndata:\n"
        "  PUBLIC_URL: {{ .Values.url }}\n  DB_CLIENT: pg\n  MARKETPLACE_TRUST: all\n"
    )
    secret = (
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ include "cms.fullname" . }}\nstringData:\n'
        f"  SECRET: {HEX}\n  KEY: {{{{ .Values.key }}}}\ndata:\n  ADMIN_PASSWORD: {{{{ .Values.password | b64enc }}}}\n"
    )
    files = {**CHART, "chart/templates/config.yaml": config, "chart/templates/secret.yaml": secret}
    report = scanned(tmp_path, files)
    assert named(report, "marketplace-trust") == {"chart/templates/config.yaml:8 high"}
    assert named(report, "secret-committed") == {"chart/templates/secret.yaml:6 high"}
    assert not report.incomplete


def test_a_template_that_is_no_yaml_is_counted(tmp_path: Path) -> None:
    text = "directus: {{ .Values.x }}\n  - {{ .Values.y }}: [\n"
    report = scanned(tmp_path, {**CHART, PATH: workload(), "chart/templates/odd.yaml": "apiVersion: v1\n" + text})
    assert [notice.partition(";")[2] for notice in report.notices if "Helm" in notice] == [
        " of 1 not even the plain part can be read"
    ]
    assert not report.incomplete


@pytest.mark.parametrize(
    ("expression", "values", "line"),
    [
        ("{{ .Values.trust }}", "trust: all\n", 1),
        ("{{ .Values.cms.trust | quote }}", "cms:\n  trust: all\n", 2),
        ('"{{ .Values.cms.trust }}"', "cms:\n  trust: all\n", 2),
        ('{{- .Values.trust | default "sandbox" | quote -}}', "trust: all\n", 1),
    ],
)
def test_the_values_of_the_chart_are_defaults(expression: str, values: str, line: int, tmp_path: Path) -> None:
    text = workload(*variable("MARKETPLACE_TRUST", expression))
    report = scanned(tmp_path, {**CHART, "chart/values.yaml": values, PATH: text})
    assert named(report, "marketplace-trust") == {f"chart/values.yaml:{line} medium"}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('{{ .Values.trust | default "all" }}', True),
        ('{{ .Values.trust | default "sandbox" }}', False),
        ("{{ .Values.trust }}", False),
        ("{{ .Values.trust | b64enc }}", False),
        ('{{ include "cms.trust" . }}', False),
        ("{{ required .Values.trust }}", False),
    ],
)
def test_the_default_of_an_expression(expression: str, found: bool, tmp_path: Path) -> None:
    text = workload(*variable("MARKETPLACE_TRUST", expression))
    report = scanned(tmp_path, {**CHART, PATH: text})
    assert bool(named(report, "marketplace-trust")) is found
    assert Status.PASS not in answered(report, "marketplace-trust")


def test_secrets_among_the_values(tmp_path: Path) -> None:
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: directus\ndata:\n"
        "  SECRET: {{ .Values.secret | b64enc | quote }}\n  KEY: {{ .Values.key }}\n"
    )
    files = {**CHART, "chart/values.yaml": f"secret: {HEX}\nkey: k\n", "chart/templates/secret.yaml": secret}
    assert named(scanned(tmp_path, files), "secret-committed") == {"chart/values.yaml:1 medium"}


def test_objects_are_joined_by_the_expression_of_their_names(tmp_path: Path) -> None:
    name = '{{ include "cms.fullname" . }}'
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}-env\ndata:\n  MARKETPLACE_TRUST: all\n"
    text = workload() + f"          envFrom:\n            - configMapRef:\n                name: {name}-env\n"
    report = scanned(tmp_path, {**CHART, PATH: text, "chart/templates/config.yaml": config})
    assert named(report, "marketplace-trust") == {"chart/templates/config.yaml:6 high"}
    assert len(report.scanned.deployments) == 1
