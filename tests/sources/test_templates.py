"""Manifests with template lines: the plain part keeps its place and is judged, the rest is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Status
from directus_guard.sources.formats import templates, yaml_document
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Report

LINES = {
    "Go": ("{{- if .Values.more }}", "{{- end }}"),
    "Go with": ("{{ with .Values.more }}", "{{ end }}"),
    "Go range": ("{{- range .Values.more }}", "{{- end -}}"),
    "Jinja": ("{% if more %}", "{% endif %}"),
    "Jinja for": ("{%- for x in more -%}", "{%- endfor -%}"),
    "ERB": ("<% if more %>", "<% end %>"),
    "ERB each": ("<% more.each do |x| -%>", "<% end -%>"),
}
SINGLE = [
    '{{- include "more" . | nindent 12 }}',
    "{{ more }}",
    "${MORE}",
    "$MORE",
    "__MORE__",
    "@@MORE@@",
    "#{More}#",
    "{% include 'more' %}",
    "<%= more %>",
]
VALUES = [
    "{{ x }}",
    '"{{ x }}"',
    "'{{ x }}'",
    '{{ x | default("a: b") }}',
    "https://{{ x }}/y",
    "{{ if a }}b{{ else }}c{{ end }}",
    "<%= x %>",
    '"{% if a %}b{% endif %}"',
    "__TRUST__",
    "'#{Trust}'",
]

COMPOSE = """services:
  cms:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.acme.example
      SECRET: ${{SECRET:?}}
      CORS_ENABLED: "true"
      CORS_ORIGIN: "true"
      {0}
"""
KUBERNETES = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: cms
spec:
  template:
    spec:
      containers:
        - name: directus
          image: directus/directus:12.4.1
          env:
            - name: PUBLIC_URL
              value: https://cms.acme.example
            - name: CORS_ENABLED
              value: "true"
            - name: CORS_ORIGIN
              value: "true"
            {0}
"""
MANIFESTS = {
    "compose.yaml": (COMPOSE, "MARKETPLACE_TRUST: "),
    "k8s/cms.yaml": (KUBERNETES, "- name: MARKETPLACE_TRUST\n              value: "),
}


def scan(root: Path, path: str, text: str) -> Report:
    return audit(Options(root=write(root, {path: text, "src/a.ts": "export {};\n"})))


def statuses(report: Report, check: str) -> set[Status]:
    return {outcome.status for outcome in report.outcomes if outcome.check == check}


@each_case("path", MANIFESTS)
@each_case("kind", LINES)
def test_a_block_is_not_evaluated_and_the_rest_is(tmp_path: Path, path: str, kind: str) -> None:
    manifest, entry = MANIFESTS[path]
    opened, closed = LINES[kind]
    indent = "            " if path.startswith("k8s") else "      "
    report = scan(tmp_path, path, manifest.format(f"{opened}\n{indent}{entry}all\n{indent}{closed}"))
    assert [finding.location.path for finding in report.findings if finding.check == "cors-any-origin"] == [path]
    place = next(finding.location for finding in report.findings if finding.check == "cors-any-origin")
    assert cut(tmp_path, place) == "true"
    assert statuses(report, "marketplace-trust") == {Status.NOT_EVALUATED}
    assert [problem.path for problem in report.problems] == [path]
    assert not report.problems[0].incomplete
    assert guard("scan", tmp_path, "--fail-on", "none", "--strict").code == 4


@each_case("path", MANIFESTS)
@each_case("line", SINGLE)
def test_a_line_that_a_template_puts_in(tmp_path: Path, path: str, line: str) -> None:
    report = scan(tmp_path, path, MANIFESTS[path][0].format(line))
    assert [finding.location.path for finding in report.findings if finding.check == "cors-any-origin"] == [path]
    assert statuses(report, "marketplace-trust") == {Status.NOT_EVALUATED}


@each_case("path", MANIFESTS)
@each_case("value", VALUES)
def test_a_value_that_a_template_fills_in_is_unknown(tmp_path: Path, path: str, value: str) -> None:
    manifest, entry = MANIFESTS[path]
    report = scan(tmp_path, path, manifest.format(f"{entry}{value}"))
    assert [finding.location.path for finding in report.findings if finding.check == "cors-any-origin"] == [path]
    assert statuses(report, "marketplace-trust") == {Status.NOT_EVALUATED}
    assert report.problems == ()


@each_case("path", MANIFESTS)
def test_a_manifest_that_is_all_inside_of_a_condition(tmp_path: Path, path: str) -> None:
    text = "{{- if .Values.enabled }}\n" + MANIFESTS[path][0].format("") + "{{- end }}\n"
    report = scan(tmp_path, path, text)
    assert [finding.location.path for finding in report.findings if finding.check == "cors-any-origin"] == [path]
    assert report.problems


@each_case("note", ["# {{ ansible_managed }}", "{{ ansible_managed | comment }}", "{# ours #}", "{{- /* ours */ -}}"])
def test_a_comment_changes_nothing(tmp_path: Path, note: str) -> None:
    report = scan(tmp_path, "compose.yaml", f"{note}\n" + COMPOSE.format(""))
    assert report.problems == ()
    assert statuses(report, "marketplace-trust") == {Status.PASS}


def test_a_chart_is_never_said_to_be_incomplete(tmp_path: Path) -> None:
    files = {
        "chart/Chart.yaml": "name: cms\nversion: 1.0.0\n",
        "chart/templates/cms.yaml": KUBERNETES.format("{{- if x }}\n- a\n{{- end }}"),
    }
    report = audit(Options(root=write(tmp_path, files)))
    assert report.problems == ()


def test_an_env_file_with_template_lines(tmp_path: Path) -> None:
    text = "SECRET={{ secret }}\nDB_CLIENT=pg\n{% if x %}\nMARKETPLACE_TRUST=all\n{% endif %}\n"
    report = audit(Options(root=write(tmp_path, {"templates/directus.env.j2": text})))
    assert report.scanned.deployments == ("templates/directus.env.j2",)
    assert statuses(report, "marketplace-trust") == {Status.NOT_EVALUATED}
    assert statuses(report, "secret-weak") == {Status.NOT_EVALUATED}


@given(st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "<%", "%>", " if ", " end ", "endif", "- a", "\n", "  ", "key: ", "'", '"', "#", "${X}", "é"]), max_size=60).map("".join))  # fmt: skip
def test_any_text_keeps_its_lines_and_columns(text: str) -> None:
    made = templates.plain(text)
    assert [len(line) for line in made.text.split("\n")] == [len(line) for line in text.split("\n")]
    try:
        yaml_document.read("a.yaml", text)
    except yaml_document.YamlError:
        return


@pytest.mark.thorough
@each_case("piece", ["{{", "{{ if x }}", "{{ end }}\n", "{%", "<% x", "{{ x }} ", "$X\n", "{{\n"])
def test_hostile_texts_are_read(tmp_path: Path, piece: str) -> None:
    """Ten thousand of each: what is not linear does not end."""
    yaml_document.documents(repository(tmp_path, {"a.yaml": "a: 1\n" + piece * 10_000}), "a.yaml")


@each_case("ending", ["j2", "jinja2", "erb", "gotmpl", "envsubst"])
@each_case("path", MANIFESTS)
def test_names_of_templates(tmp_path: Path, path: str, ending: str) -> None:
    manifest, entry = MANIFESTS[path]
    report = scan(tmp_path, f"{path}.{ending}", manifest.format(f"{entry}{{{{ trust }}}}"))
    assert [finding.location.path for finding in report.findings if finding.check == "cors-any-origin"] == [
        f"{path}.{ending}"
    ]
    assert statuses(report, "marketplace-trust") == {Status.NOT_EVALUATED}


def test_an_object_in_a_task_of_ansible(tmp_path: Path) -> None:
    inner = "\n".join(f"      {line}" for line in KUBERNETES.format("").splitlines())
    report = scan(tmp_path, "tasks/main.yml", f"- kubernetes.core.k8s:\n    state: present\n    definition:\n{inner}\n")
    assert report.scanned.deployments == ("tasks/main.yml#Deployment/cms/directus",)
    assert [finding.location.path for finding in report.findings if finding.check == "cors-any-origin"] == [
        "tasks/main.yml"
    ]


@each_case(
    ("text", "plain", "whole", "not_inline", "lines"),
    [
        ("a: {{ b }}\n", "a: ~~~~~~~\n", "a: ~~~~~~~\n", "a: {{ b }}\n", "()"),
        ("a: 1\n{{ if x }}\nb: 2\n{{ end }}\nc: 3\n", "a: 1\n          \n    \n         \nc: 3\n", "a: 1\n          \nb: 2\n         \nc: 3\n", "a: 1\n          \n    \n         \nc: 3\n", "(2, 3, 4)"),
        ("{% for x in y %}\na: 1\n{% endfor %}\nb\n", "                \n    \n            \nb\n", "                \na: 1\n            \nb\n", "                \n    \n            \nb\n", "(1, 2, 3)"),
        ("a: {% if x %}1{% else %}2{% endif %}\n", "a: ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n", "a: ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n", "                                    \n", "()"),
        ("# {{ x }}\na\n", "         \na\n", "         \na\n", "         \na\n", "()"),
        ("{# c #}\na\n", "       \na\n", "       \na\n", "       \na\n", "()"),
        ("{{/* c */}}\na\n", "           \na\n", "           \na\n", "           \na\n", "()"),
        ("<% if x %>\na\n<% else %>\nb\n<% end %>\nc\n", "          \n \n          \n \n         \nc\n", "          \na\n          \nb\n         \nc\n", "          \n \n          \n \n         \nc\n", "(1, 2, 3, 4, 5)"),
        ("a: <%= x %>\n", "a: ~~~~~~~~\n", "a: ~~~~~~~~\n", "a: <%= x %>\n", "()"),
        ("<% x.each do |y| %>\n- a\n<% end %>\nb\n", "                   \n   \n         \nb\n", "                   \n- a\n         \nb\n", "                   \n   \n         \nb\n", "(1, 2, 3)"),
        ("${X}\na\n- $X\n  __Y__\n@@Z@@\n#{w}#\n@v\nb: $X\n", "    \na\n    \n       \n     \n     \n@v\nb: $X\n", "    \na\n    \n       \n     \n     \n@v\nb: $X\n", "    \na\n    \n       \n     \n     \n@v\nb: $X\n", "(1, 3, 4, 5, 6)"),
        ("{% set x = 1 %}\na\n", "               \na\n", "               \na\n", "               \na\n", "(1,)"),
        ("{% set x %}\na\n{% endset %}\nb\n", "           \n \n            \nb\n", "           \na\n            \nb\n", "           \n \n            \nb\n", "(1, 2, 3)"),
        ("{{ x\n y }}\na\n", "    \n     \na\n", "    \n     \na\n", "    \n     \na\n", "(1, 2)"),
        ("a: {{ x\n y }} z\nb\n", "       \n       \nb\n", "       \n       \nb\n", "       \n       \nb\n", "(1, 2)"),
        ("- {{ x }}\n+ {{ x }}\n-  a {{ x }}\n", "         \n         \n-  a ~~~~~~~\n", "         \n         \n-  a ~~~~~~~\n", "         \n         \n-  a {{ x }}\n", "(1, 2)"),
        ("{{- with x }}\na\n{{- end }}\nb\n", "             \n \n          \nb\n", "             \na\n          \nb\n", "             \n \n          \nb\n", "(1, 2, 3)"),
        ("{%- raw %}\na\n{%- endraw %}\nb\n", "          \n \n             \nb\n", "          \na\n             \nb\n", "          \n \n             \nb\n", "(1, 2, 3)"),
        ("{{ range x }}{{ if y }}\na\n{{ end }}\nb\n{{ end }}\nc\n", "                       \n \n         \n \n         \nc\n", "                       \na\n         \nb\n         \nc\n", "                       \n \n         \n \n         \nc\n", "(1, 2, 3, 4, 5)"),
        ("{{ end }}\na\n", "         \na\n", "         \na\n", "         \na\n", "(1,)"),
        ("a: {{ if x }}b{{ end }}c\r\nd\r\n", "a: ~~~~~~~~~~~~~~~~~~~~c\r\nd\r\n", "a: ~~~~~~~~~~~~~~~~~~~~c\r\nd\r\n", "                        \r\nd\r\n", "()"),
        ("{% if x %}a\nb\n{% endif %}c\nd\n", "           \n \n            \nd\n", "           \nb\n            \nd\n", "           \n \n            \nd\n", "(1, 2, 3)"),
        ('{{ define "x" }}\na\n{{ end }}\n{{ block "y" . }}\nb\n{{ end }}\nc', "                \n \n         \n                 \n \n         \nc", "                \na\n         \n                 \nb\n         \nc", "                \n \n         \n                 \n \n         \nc", "(1, 2, 3, 4, 5, 6)"),
        ("{% macro x() %}\na\n{% endmacro %}\n{% call x() %}\nb\n{% endcall %}\n{% filter f %}\nc\n{% endfilter %}\n{% autoescape %}\nd\n{% endautoescape %}\n<% unless x %>\ne\n<% end %>\n<% case x %>\n<% when 1 %>\nf\n<% end %>\n<% while x %>\ng\n<% end %>\nh", "               \n \n              \n              \n \n             \n              \n \n               \n                \n \n                   \n              \n \n         \n            \n            \n \n         \n             \n \n         \nh", "               \na\n              \n              \nb\n             \n              \nc\n               \n                \nd\n                   \n              \ne\n         \n            \n            \nf\n         \n             \ng\n         \nh", "               \n \n              \n              \n \n             \n              \n \n               \n                \n \n                   \n              \n \n         \n            \n            \n \n         \n             \n \n         \nh", "(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22)"),
        ("{% elif x %}\n{% elsif x %}\na", "            \n             \na", "            \n             \na", "            \n             \na", "(1, 2)"),
        ("{{ ansible_managed | comment }}\na", "                               \na", "                               \na", "                               \na", "()"),
        ("<%# c %>\na\n", "        \na\n", "        \na\n", "        \na\n", "()"),
        ("<%- x -%>\na", "         \na", "         \na", "         \na", "(1,)"),
        ("{{ endpoint }}: a\n", "~~~~~~~~~~~~~~: a\n", "~~~~~~~~~~~~~~: a\n", "{{ endpoint }}: a\n", "()"),
        ("a {% else %} b {% elif x %} c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~ c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~ c", "                             ", "()"),
        ("a {% elif x %} b {% elsif x %} c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~~~~ c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~~~~ c", "                                ", "()"),
        ("a <% when x %> b <% else %> c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~ c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~ c", "                             ", "()"),
        ("a: <%= if x %>b\nc\n", "a: ~~~~~~~~~~~b\nc\n", "a: ~~~~~~~~~~~b\nc\n", "a: <%= if x %>b\nc\n", "()"),
        ("a: {{ x }} {{ y\n }} z\nb", "               \n     \nb", "               \n     \nb", "               \n     \nb", "(1, 2)"),
        ("{{ if x }}\n  \na\n{{ end }}\nb", "          \n  \n \n         \nb", "          \n  \na\n         \nb", "          \n  \n \n         \nb", "(1, 3, 4)"),
        ("\n{{ x }}\n", "\n       \n", "\n       \n", "\n       \n", "(2,)"),
        ("a {{ endx }} b\n{{ end }}", "a ~~~~~~~~~~ b\n         ", "a ~~~~~~~~~~ b\n         ", "a {{ endx }} b\n         ", "(2,)"),
        ("a {%- if x -%} b {%- endif -%} c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~~~~ c", "a ~~~~~~~~~~~~~~~~~~~~~~~~~~~~ c", "                                ", "()"),
        ("{{~ if x }}\na\n{{~ end }}\nb", "           \n \n          \nb", "           \na\n          \nb", "           \n \n          \nb", "(1, 2, 3)"),
        ("{%_ if x %}\na\n{%_ endif %}b\nc", "           \n \n             \nc", "           \na\n             \nc", "           \n \n             \nc", "(1, 2, 3)"),
        ("<%+ x do %>\na\n<% end %>\nb", "           \n \n         \nb", "           \na\n         \nb", "           \n \n         \nb", "(1, 2, 3)"),
        ("<% x do |a, b| -%>\na\n<%- end -%>\nb", "                  \n \n           \nb", "                  \na\n           \nb", "                  \n \n           \nb", "(1, 2, 3)"),
        ("<% do_it %>\na", "           \na", "           \na", "           \na", "(1,)"),
        ("{# a #} b\n{# c #}\n", "~~~~~~~ b\n       \n", "~~~~~~~ b\n       \n", "{# a #} b\n       \n", "()"),
        ("{{ x }}{# c #}\n", "              \n", "              \n", "              \n", "(1,)"),
        ("a: #{x}\n#{y}\nb", "a: #{x}\n    \nb", "a: #{x}\n    \nb", "a: #{x}\n    \nb", "(2,)"),
        ("{{ /* a */ }}\nb", "             \nb", "             \nb", "             \nb", "()"),
        ("{{ x", "{{ x", "{{ x", "{{ x", "()"),
        ("a {{ x }\nb }} c\nd", "        \n      \nd", "        \n      \nd", "        \n      \nd", "(1, 2)"),
        ("a {{ x }} # {{ y }}", "a ~~~~~~~ # ~~~~~~~", "a ~~~~~~~ # ~~~~~~~", "a {{ x }} # {{ y }}", "()"),
    ],
)  # fmt: skip
def test_the_plain_part(text: str, plain: str, whole: str, not_inline: str, lines: str) -> None:
    """Each character that is left out is a space, and `~` what an expression inside of a line fills in."""
    parts = [templates.plain(text), templates.plain(text, whole=True), templates.plain(text, inline=False)]
    assert [part.text.replace("\ue000", "~") for part in parts] == [plain, whole, not_inline]
    assert str(parts[0].lines) == lines


@each_case(
    ("text", "fills_in", "known"),
    [
        ("a", False, "a"),
        ("{{ x }}", True, ""),
        ("a{%x", True, "a"),
        ("<%= x", True, ""),
        ("$$cap_A", True, ""),
        ("$$cap_", False, "$$cap_"),
        ("__A_1__", True, ""),
        ("x__A__", False, "x__A__"),
        ("__a__", False, "__a__"),
        ("#{x}", True, ""),
        ("#{x}#", True, ""),
        ("x#{x}", False, "x#{x}"),
        ("#{a{b}", False, "#{a{b}"),
        ("@@a_B1@@", True, ""),
        ("@@a", False, "@@a"),
        ("x@@a@@", False, "x@@a@@"),
        ("$X", False, "$X"),
        ("{x}", False, "{x}"),
        ("__AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA__", True, ""),
        ("__AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA__", False, "__AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA__"),
    ],
)  # fmt: skip
def test_values_that_are_filled_in(text: str, fills_in: bool, known: str) -> None:
    assert (templates.fills_in(text), templates.known_part(text)) == (fills_in, known)


@each_case(
    ("text", "is_template", "has_bare_lines"),
    [
        ("a: {{ b }}", True, False),
        ("a: '{{ b }}'", False, False),
        ('a: "{{ b }}"', False, False),
        ("# {{ b }}", False, False),
        ("a: <% b %>", True, False),
        ("{% b %}", True, False),
        ("{# b #}", True, False),
        ("a: ${{ b }}", False, False),
        ("#{x}", True, True),
        ("a: #{x}", False, False),
        ("  #{x}#  ", True, True),
        ("a", False, False),
        ("a: '#' {{ b }}", False, False),
        ("$X", False, True),
        ("x\n{{ y", True, False),
        ("a\n$X\nb", False, True),
        ("a\n${X} b", False, False),
        ("a\n  #{x}\t\r\nb", True, True),
    ],
)  # fmt: skip
def test_texts_that_are_templates(text: str, is_template: bool, has_bare_lines: bool) -> None:
    assert (templates.is_template(text), templates.has_bare_lines(text)) == (is_template, has_bare_lines)


@each_case(("text", "expected"), [("a", "a"), ("\ue000", "{{ }}"), ("a\ue000\ue000b\ue000", "a{{ }}b{{ }}")])
def test_what_marks_become(text: str, expected: str) -> None:
    assert templates.filled(text) == expected


@each_case(
    ("chart", "path", "text", "expected"),
    [
        ("t/Chart.yaml", "t/templates/a.yaml", "{{ x }}", True),
        ("t/Chart.yml", "t/templates/b/a.yaml", "{{", True),
        ("Chart.yaml", "templates/a.yaml", "{{", True),
        ("t/Chart.yaml", "t/templates/a.yaml", "x", False),
        ("t/Chart.yaml", "t/a.yaml", "{{", False),
        ("Chart.yaml", "t/templates/a.yaml", "{{", False),
        ("t/chart.yaml", "t/templates/a.yaml", "{{", False),
        ("t/Chart.yaml", "t/templates", "{{", False),
        ("a/templates/t/Chart.yaml", "a/templates/t/templates/a.yaml", "{{", True),
        ("t/x.yaml", "t/templates/a.yaml", "{{", False),
    ],
)  # fmt: skip
def test_templates_of_a_chart(chart: str, path: str, text: str, expected: bool) -> None:
    assert templates.of_chart(in_memory({chart: "", path: text}), path, text) is expected
