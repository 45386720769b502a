"""Any text under any name the program reads: never a traceback, and every report can be written."""

from __future__ import annotations

import io
import json
import random
import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from directus_guard.audit.options import Options
from directus_guard.audit.rules import rules
from directus_guard.audit.run import audit
from directus_guard.report.writers import (
    ACCESS_WRITERS,
    DIFF_WRITERS,
    REPORT_WRITERS,
    Appearance,
    Format,
    PrintedReport,
)
from tests.support.all_outputs import outputs
from tests.support.cli import guard, write
from tests.support.planted import Planter, repository
from tests.support.sampling import EVERY_CASE

pytestmark = pytest.mark.thorough

NAMES: Final = (
    ".env", "prod.env", "compose.yaml", "compose.override.yaml", "Dockerfile", "fly.toml", "render.yaml", "railway.json", "railway.toml",
    "app.json", "Procfile", "ecosystem.config.js", "task-definition.json", "main.tf", "k8s/deployment.yaml", "kustomization.yaml",
    "values.yaml", "Chart.yaml", "package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", ".github/workflows/ci.yml",
    "dump.sql", "data.db", "permissions.json", "policies.json", "roles.json", "access.json", "settings.json", "metadata.json", ".dockerignore", "directus-guard.yaml",
)  # fmt: skip
PIECES: Final = (
    "directus", "directus/directus:11", "SECRET", "DB_CLIENT", "=", ": ", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", "${A:-b}", "${", "$$",
    "'", '"', "services:", "environment:", "env_file:", "image:", "extends:", "include:", "apiVersion: v1\nkind: Deployment", "spec:",
    "containers:", "env:", "valueFrom:", "&a ", "*a", "<<: ", "!!", "|-\n", "#", "\t", "\ufeff", "FROM ", "ENV ", "ARG ", "COPY . .", "resource ",
    "[env]", "null", "true", "0x", "1e400", "{{ .Values.x }}", "\\", "\x00", "é😀", "CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC", "IMPORT_IP_DENY_LIST",
    "CONFIG_PATH", "SECRET_FILE", "<<EOT", "patches:", "resources:", "configMapGenerator:", "---", "?", ",", "PUBLIC_URL", "http://[", "regex:(",
)  # fmt: skip


VALUES: Final[tuple[object, ...]] = (
    "read", "update", "create", "directus_users", "directus_access", "directus_permissions", ["*"], ["role"], [], {}, {"_and": []},
    {"_or": [{}]}, {"id": {"_eq": "$CURRENT_USER"}}, {"role": {"_neq": "x"}}, {"a": {"_some": {"b": {"_in": []}}}}, {"x": 1}, [{"role": None}],
    [{"role": "a", "sort": "x"}], "a", "b", {"id": "a"}, '{"_and": [', "title,id", {"_and": [{"_or": [{"_not": {}}]}]},
    {"special": "hash,x", "junction_field": "a", "one_field": 1, "one_allowed_collections": {"a": 1}, "singleton": True},
    {"special": ["translations", None], "junction_field": ["b"], "one_collection_field": "a", "is_nullable": False},
)  # fmt: skip
KEYS: Final = (
    "id", "_syncId", "name", "collection", "action", "policy", "role", "user", "fields", "permissions", "validation", "presets",
    "admin_access", "app_access", "parent", "roles", "sort", "icon", "system", "trigger", "accountability", "options", "flow", "type",
    "resolve", "public_registration", "auth_login_attempts", "enforce_tfa", "ip_access", "status", "field", "meta", "schema",
    "related_collection", "token", "tfa_secret", "provider", "email", "last_access", "ai_openai_compatible_headers",
    "ai_openai_compatible_base_url",
)  # fmt: skip
SCALARS: Final = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(VALUES)
RECORDS: Final = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, SCALARS))


def check(root: Path) -> None:
    report = audit(Options(root=root, include_nonproduction=True))
    for write_report in REPORT_WRITERS.values():
        write_report(PrintedReport(report, rules()), io.StringIO(), Appearance(verbose=True))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(PIECES), max_size=30).map("".join), max_size=3))
def test_any_pieces_never_raise(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        check(write(Path(name), files))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=200) | st.text(max_size=200), max_size=3))
def test_any_bytes_never_raise(files: dict[str, str | bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        cleaned = {
            path: text.encode("utf-8", "replace") if isinstance(text, str) else text for path, text in files.items()
        }
        check(write(Path(name), dict(cleaned)))


EXPORTS = st.dictionaries(
    st.sampled_from(
        [
            "permissions",
            "policies",
            "roles",
            "access",
            "users",
            "settings",
            "flows",
            "collections",
            "fields",
            "relations",
        ]
    ),
    st.lists(RECORDS, max_size=5),
    min_size=1,
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPORTS)
def test_any_records_never_raise(files: dict[str, list[dict[str, object]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = write(Path(name), {f"export/{kind}.json": json.dumps(records) for kind, records in files.items()})
        check(root)
        formats = outputs(Path(name), "access", ACCESS_WRITERS, printed=Format.JSON)
        assert guard("access", root, *formats, "--debug").code in (0, 3, 4)


@settings(max_examples=30 if EVERY_CASE else 15, deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPORTS, EXPORTS)
def test_any_change_never_raises(
    base: dict[str, list[dict[str, object]]], head: dict[str, list[dict[str, object]]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        for side, files in (("base", base), ("head", head)):
            write(Path(name) / side, {f"{kind}.json": json.dumps(records) for kind, records in files.items()})
        sides = Path(name) / "base", Path(name) / "head"
        formats = outputs(Path(name), "diff", DIFF_WRITERS, printed=Format.JSON)
        assert guard("diff", *sides, *formats, "--debug").code in (0, 1, 3, 4)
        same = guard("diff", sides[1], sides[1], "--debug")
        assert "New access: none" in same.out or (same.code == 3 and "no exported permissions were found" in same.err)


@pytest.mark.parametrize("seed", range(12))
def test_any_damage_to_real_files_never_raises(tmp_path: Path, seed: int) -> None:
    """Files of every format with pieces cut out, doubled, moved and replaced."""
    root = repository(tmp_path, Planter(seed))
    rolls = random.Random(seed)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        for _ in range(rolls.randint(1, 4)):
            start = rolls.randrange(len(text) + 1)
            end = min(len(text), start + rolls.randint(0, 40))
            piece = rolls.choice(["", text[start:end] * 2, rolls.choice(PIECES), text[:20]])
            text = text[:start] + piece + text[end:]
        path.write_text(text, encoding="utf-8")
    check(root)
