"""What is fuzzed: each target takes any bytes, and raises only for a fault of ours.

A target also says what must hold of what it reads: places lie in the text, what is written can be read again, and an answer
of the rule algebra is no other than what evaluation gives.
"""

from __future__ import annotations

import io
import json
import tempfile
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.audit import baseline
from directus_guard.audit.options import Options
from directus_guard.audit.rules import rules
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.config import ConfigError, load
from directus_guard.directus.access.implication import example, implies
from directus_guard.directus.access.item_rules import parse as parse_rule
from directus_guard.directus.tri import Tri
from directus_guard.finding import Location
from directus_guard.live.answers import Rows, checked
from directus_guard.live.caller_answers import Globals, Me, OwnAccess
from directus_guard.live.client import Reply, Unanswered
from directus_guard.live.server_answers import Info
from directus_guard.live.system_rows import PermissionRow, ShareRow
from directus_guard.report.writers import REPORT_WRITERS, Appearance, PrintedReport
from directus_guard.sources import collect
from directus_guard.sources.files.repository import Repository
from directus_guard.sources.formats import dotenv, json_document, toml_document, yaml_document
from directus_guard.sources.formats.dotenv import Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMES: Final = {
    "compose": ("compose.yaml", "compose.override.yaml", ".env", "web/compose.yaml"),
    "kubernetes": ("k8s/d.yaml", "k8s/kustomization.yaml", "k8s/patch.yaml", "k8s/prod.env"),
    "dockerfile": ("Dockerfile", ".dockerignore", "compose.yaml", "entrypoint.sh"),
    "hcl": ("main.tf", "variables.tf", "terraform.tfvars", "d.nomad"),
    "nix": ("cms.nix", "web/host.nix"),
    "bicep": ("main.bicep", "web/app.bicep"),
    "toml": ("fly.toml", "railway.toml"),
    "javascript": ("ecosystem.config.js", "config.js", "src/a.ts", "src/b.vue", "src/c.py", "src/d.php"),
    "requests": ("a.http", "a.postman.json", "graphql.config.yml", "a.sh", ".mcp.json"),
    "helm": ("chart/values.yaml", "chart/templates/d.yaml", "chart/templates/_helpers.tpl", "helmfile.yaml"),
    "exports": (
        "directus_permissions.json", "directus_policies.json", "directus_roles.json", "directus_access.json",
        "directus_flows.json", "directus_operations.json", "directus_settings.json", "snapshot.yaml", "users.json",
    ),
    "workflows": (".github/workflows/ci.yml", ".gitlab-ci.yml", "Jenkinsfile", "deploy.sh", "Makefile"),
    "platforms": ("render.yaml", "app.json", "railway.json", "d.service", "playbook.yml", "app.yaml", ".upsun/config.yaml"),
}  # fmt: skip
"""Files that a source of files reads; a NUL byte in the input goes on to the next."""
BESIDE: Final = {
    "javascript": {"package.json": '{"dependencies":{"@directus/sdk":"18.0.0","directus":"11.5.1"}}'},
    "requests": {"package.json": '{"dependencies":{"@directus/sdk":"18.0.0"}}'},
    "helm": {"chart/Chart.yaml": "apiVersion: v2\nname: directus\nversion: 1.0.0\n"},
}
"""Files without which those above mean nothing."""


def text_of(data: bytes) -> str:
    """The bytes as a text that a file may hold."""
    return data.decode("utf-8", "replace")


def _in_text(place: Location, text: str) -> None:
    lines = text.count("\n") + 1
    assert 1 <= place.line <= lines + 1, place
    assert place.line <= place.end_line <= lines + 1, place
    assert place.column >= 1, place


def yaml(data: bytes) -> None:
    """YAML, templates included."""
    text = text_of(data)
    try:
        found, _ = yaml_document.read("x.yaml", text)
    except yaml_document.YamlError:
        return
    for document in found:
        for node in yaml_document.walk(document):
            _in_text(node.location, text)


def json_text(data: bytes) -> None:
    """JSON with places: it takes what the standard library takes, apart from its limits."""
    text = text_of(data)
    try:
        json_document.parse("x.json", text)
    except json_document.JsonError:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return
        assert text.startswith("\ufeff") or any(word in text for word in ("NaN", "Infinity")) or len(text) > 150, text
    json_document_comments(text)


def json_document_comments(text: str) -> None:
    """The same with comments."""
    try:
        json_document.parse("x.json", text, comments=True)
    except json_document.JsonError:
        return


def toml(data: bytes) -> None:
    """TOML."""
    try:
        toml_document.parse("x.toml", text_of(data))
    except toml_document.TomlError:
        return


def environment(data: bytes) -> None:
    """Environment files, as each of their readers reads them."""
    text = text_of(data)
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    for dialect in Dialect:
        dotenv.mistake(text, dialect)
        for statement in dotenv.parse(text, dialect):
            _in_text(Location("x", statement.line, statement.column, statement.end_line, statement.end_column), unified)


def source(kind: str) -> Callable[[bytes], None]:
    """A target that reads files of a kind in a folder."""

    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            given = dict(zip(NAMES[kind], data.split(b"\0"), strict=False))
            for name, held in {**{name: text.encode() for name, text in BESIDE.get(kind, {}).items()}, **given}.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(held)
            collect.collect(Repository(root, debug=True))

    return read


def config(data: bytes) -> None:
    """The config file."""
    try:
        load("directus-guard.yaml", text_of(data), catalogue())
    except ConfigError:
        return


def baselines(data: bytes) -> None:
    """A baseline: what is kept of it is read again as it was."""
    text = text_of(data)
    baseline.wrong_line(text)
    baseline.starts_of(text)
    kept, gone = baseline.prune(text, ())
    assert baseline.read(kept) == frozenset()
    assert set(gone) == baseline.read(text)


def algebra(data: bytes) -> None:
    """Two item rules: a rule implies itself, and where it does not imply the other there may be an example."""
    try:
        pair = json.loads(text_of(data))
    except (ValueError, RecursionError):
        return
    first, second = (pair[0], pair[-1]) if isinstance(pair, list) and pair else (pair, {})
    for major in (10, 11, 12):
        try:
            a, b = parse_rule(first, major=major), parse_rule(second, major=major)
        except RecursionError:
            return
        if a is None or b is None:
            continue
        assert implies(a, a).answer is not Tri.NO
        found = implies(a, b)
        item = example(found) if found.answer is Tri.NO else None
        assert item is None or isinstance(item, dict)


def live(data: bytes) -> None:
    """Answers of an instance."""
    reply = Reply(200, {}, data)
    try:
        value = reply.json()
    except Unanswered:
        return
    for model in (Rows[PermissionRow], Rows[ShareRow], Globals, Me, OwnAccess, Info):
        try:
            checked(model, value)
        except Unanswered:
            continue


_WRITTEN: Final = ("compose.yaml", "directus_permissions.json", "directus_policies.json", "directus_roles.json")


def writers(data: bytes) -> None:
    """A whole run on files with any text, and each report of it: no control characters, and JSON that is JSON."""
    with tempfile.TemporaryDirectory() as folder:
        for name, held in zip(_WRITTEN, data.split(b"\0"), strict=False):
            (Path(folder) / name).write_bytes(held)
        report = audit(Options(root=Path(folder), include_nonproduction=True, debug=True))
        for format_, write in REPORT_WRITERS.items():
            stream = io.StringIO()
            write(PrintedReport(report, rules()), stream, Appearance(verbose=True))
            assert "\x1b" not in stream.getvalue(), format_
            if format_ in ("json", "sarif", "gitlab-codequality", "gitlab-sast") and stream.getvalue():
                json.loads(stream.getvalue())


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "yaml": yaml, "json": json_text, "toml-text": toml, "dotenv": environment, "config": config, "baseline": baselines,
    "algebra": algebra, "live": live, "writers": writers, **{kind: source(kind) for kind in NAMES},
}  # fmt: skip
"""By the name that `python -m tests.fuzz.run` takes."""


def seeds(target: str) -> Sequence[bytes]:
    """What a target starts from, made from the examples of the checks."""
    names = {
        "algebra": ("directus_permissions.json", "permissions.json"), "live": ("*.json",), "yaml": ("*.yaml", "*.yml"),
        "json": ("*.json",), "toml-text": ("*.toml",), "dotenv": ("*.env", ".env*"), "config": ("directus-guard.yaml",),
        "baseline": (), "writers": ("compose.yaml",),
    }.get(target, tuple(name.rpartition("/")[2] for name in NAMES.get(target, ())))  # fmt: skip
    found = {path.read_bytes() for path in _examples() if any(fnmatchcase(path.name, name) for name in names)}
    return [
        *sorted((held for held in found if len(held) <= LONGEST), key=lambda held: (len(held), held))[:200],
        *_MORE.get(target, ()),
    ]


@cache
def _examples() -> tuple[Path, ...]:
    """The files of the examples of checks."""
    return tuple(path for path in (Path(__file__).resolve().parents[1] / "checks").rglob("*") if path.is_file())


LONGEST: Final = 4096
"""Bytes of an input."""
_FLY: Final = b"""app = "a"
[build]
image = "directus/directus:11.5.1"
[env]
CORS_ENABLED = "true"
SECRET = \'\'\'b\'\'\'
"""
_MORE: Final = {
    "algebra": (
        b'[{"_or": [{"a": {"_eq": 1}}, {"b": {"_in": [1, "2"]}}]}, {"a": {"_nnull": true}}]',
        b'[{"owner": {"_eq": "$CURRENT_USER"}}, {"posts": {"_some": {"x": {"_between": [1, 2]}}}}]',
        b'[{"t": {"_contains": "ab"}}, {"t": {"_starts_with": "a"}}]',
    ),
    "requests": (
        b"\0".join((
            b'POST https://directus.acme.com/auth/login\n\n{"email": "a@b.c", "password": "kT7vWq2zLp9x"}',
        b'{"request": {"url": {"raw": "https://directus.acme.com/auth/login"}, "body": {"raw": "{\\"password\\": \\"x\\"}"}}}',
        b"schema:\n- https://directus.acme.com/graphql:\n    headers: {Authorization: Bearer kT7vWq2zLp9x}\n",
        b"curl https://directus.acme.com/auth/login -d 'password=kT7vWq2zLp9x'\n",
        )),
    ),
    "baseline": (b"# Paths start at: the folder x\nsecret-weak|compose.yaml#directus SECRET\n",),
    "config": (
        b"fail-on: low\nexclude: [a]\nchecks:\n  secret-weak: {severity: off, reason: x}\n",
        b"ignore:\n- {check: secret-weak, object: x, reason: y, until: 2030-01-01}\naccess:\n- {never: [read], collection: a}\n",
    ),
    "helm": (
        (b'image: {repository: directus/directus, tag: "11.5.1"}\nenv:\n  CORS_ENABLED: "true"\n\0'
        b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec: {template: {spec: {containers: ["
        b"{name: a, image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}', env: [{{- range $k, $v := .Values.env }}"
        b"{name: {{ $k }}, value: {{ $v | quote }}},{{- end }}]}]}}}\n"),
    ),
    "kubernetes": (
        (b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: directus}\nspec: {template: {spec: {containers: ["
        b"{name: a, image: 'directus/directus:11.5.1', env: [{name: CORS_ENABLED, value: 'true'}],"
        b" envFrom: [{configMapRef: {name: c}}]}]}}}\n"
        b"\0resources: [d.yaml]\npatches: [{path: patch.yaml, target: {kind: Deployment}}]\n"
        b"configMapGenerator: [{name: c, envs: [prod.env]}]\n"
        b"\0- {op: replace, path: /spec/template/spec/containers/0/env/0/value, value: 'false'}\n\0SECRET=abc\n"),
    ),
    "toml": (_FLY, _FLY + b'\0[build]\nbuilder = "DOCKERFILE"\n[deploy]\nstartCommand = "directus start"\n'),
    "toml-text": (_FLY, b"a.b = [1, 2.5, {c = 'd'}]\n[[e]]\nf = 2020-01-01T00:00:00Z\n"),
    "live": (b'{"data": [{"id": 1, "policy": "p", "collection": "a", "action": "read", "permissions": {}}], "meta": {"total_count": 1}}',),
}  # fmt: skip
