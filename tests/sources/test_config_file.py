"""The file that CONFIG_PATH names: its values are what Directus makes of them, and it beats the process environment."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, strategies as st

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.environment.variables import known_variables
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import config_file
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.programs import node, npm
from tests.support.values import encode, order, same

NAMES = ["MY_VAR", "SECRET", "DB_PORT", "IMPORT_IP_DENY_LIST", "REDIS_ENABLED", "STORAGE_A_SECRET", "CORS_ORIGIN"]
SCALARS = [True, False, None, 0, 1, -3, 2.5, 1e21, "", "a", "true", "1", "a,b", "array:x", "007", "0x10", "null", "[]"]


def value(random: Random) -> object:
    if random.random() < 0.4:
        return [random.choice(SCALARS) for _ in range(random.randrange(4))]
    return random.choice(SCALARS)


def text_of(name: str, held: object, target: str = "config.json") -> str | None:
    found = config_file.parse("c", json.dumps({name: held}), target, "config")
    assert not isinstance(found, Unknown)
    (variable,) = found
    return variable.value.text.reveal() if isinstance(variable.value, Known) else None


@pytest.mark.real
def test_values_that_are_no_texts_are_cast_as_directus_casts_them() -> None:
    modules = npm("env-6@npm:@directus/env@6.3.0", "bytes@3.1.2", "ms@2.1.3")
    random = Random(1)
    names = [*NAMES, *sorted(known_variables())]
    pairs = [(random.choice(names), value(random)) for _ in range(3000)]
    theirs = node(
        Path(__file__).parents[1] / "differential" / "values.mjs",
        {"cast": {"env-6": pairs}, "bytes": [], "ms": []},
        modules,
    )
    assert isinstance(theirs, dict)
    compared = 0
    for (name, held), expected in zip(pairs, theirs["cast"]["env-6"], strict=True):
        text = text_of(name, held)
        if text is None or expected == {"$": "error"}:
            continue
        compared += 1
        assert same(encode(cast(name, text, Version(12, 4, 1))), order(expected)), (name, held, text, expected)
    assert compared > 2000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.sampled_from(["a.json", "a.yaml", "a.YML", ".env", "a.js"]),
)
def test_any_document_is_read(document: object, target: str) -> None:
    config_file.parse("c", json.dumps(document), target, "config")


@given(st.text(max_size=200), st.sampled_from(["a.json", "a.yaml", ".env"]))
def test_any_text_is_read(text: str, target: str) -> None:
    config_file.parse("c", text, target, "config")


COMPOSE = "services:\n  cms:\n    {image}\n    environment:\n      SECRET: ${{SECRET:?}}\n      PUBLIC_URL: https://cms.acme.example\n      MARKETPLACE_TRUST: sandbox\n      {pointer}\n    {mount}\n"
FILES = {
    "config.json": '{\n  "MARKETPLACE_TRUST": "all",\n  "IMPORT_IP_DENY_LIST": []\n}\n',
    "config.yaml": "# ours\nMARKETPLACE_TRUST: all\nIMPORT_IP_DENY_LIST: []\n",
    "config.yml": "{MARKETPLACE_TRUST: all,\n IMPORT_IP_DENY_LIST: []}\n",
    "directus.env": "# ours\nMARKETPLACE_TRUST=all\nIMPORT_IP_DENY_LIST=\n",
}


def project(name: str, how: str) -> dict[str, str]:
    """A project whose Directus reads the file `name` in one of the ways people hand it over."""
    pointer = f"CONFIG_PATH: /directus/{name}"
    image = "image: directus/directus:12.4.1"
    if how == "mount":
        return {
            "compose.yaml": COMPOSE.format(
                image=image, pointer=pointer, mount=f'volumes: ["./{name}:/directus/{name}"]'
            )
        }
    if how == "copy":
        docker = f"FROM directus/directus:12.4.1\nCOPY {name} /directus/{name}\nENV CONFIG_PATH=/directus/{name}\n"
        return {
            "compose.yaml": COMPOSE.format(image="build: .", pointer="X: y", mount="restart: always"),
            "Dockerfile": docker,
        }
    if how == "copy, pointed to when it is started":
        docker = f"FROM directus/directus:12.4.1\nCOPY {name} /directus/{name}\n"
        return {
            "compose.yaml": COMPOSE.format(image="build: .", pointer=pointer, mount="restart: always"),
            "Dockerfile": docker,
        }
    script = '{"apps": [{"name": "cms", "script": "npx directus start", "env": {"CONFIG_PATH": "./%s"}}]}'
    return {"ecosystem.config.json": script % name}


@each_case("how", ["mount", "copy", "copy, pointed to when it is started", "pm2"])
@each_case("name", FILES)
def test_the_file_beats_the_environment(tmp_path: Path, name: str, how: str) -> None:
    write(tmp_path, project(name, how) | {name: FILES[name]})
    report = audit(Options(root=tmp_path))
    found = {(finding.check, finding.location.path) for finding in report.findings}
    assert ("marketplace-trust", name) in found
    assert ("import-ip-deny-list-weakened", name) in found
    place = next(finding.location for finding in report.findings if finding.check == "marketplace-trust")
    line = FILES[name].split("\n")[place.line - 1]
    assert line[place.column - 1 : place.end_column - 1] == "all"


@each_case("name", ["config.json", "config.yaml"])
@each_case("how", ["mount", "copy", "pm2"])
def test_a_broken_file_is_incomplete(tmp_path: Path, name: str, how: str) -> None:
    write(tmp_path, project(name, how) | {name: '{"MARKETPLACE_TRUST": '})
    report = audit(Options(root=tmp_path))
    assert [(problem.path, problem.incomplete) for problem in report.problems] == [(name, True)]


def test_javascript_is_not_evaluated(tmp_path: Path) -> None:
    write(
        tmp_path, project("config.js", "mount") | {"config.js": "module.exports = () => ({MARKETPLACE_TRUST: 'all'})\n"}
    )
    report = audit(Options(root=tmp_path))
    assert not [finding for finding in report.findings if finding.check == "marketplace-trust"]
    assert any(
        outcome.check == "marketplace-trust" and "JavaScript" in (outcome.reason or "") for outcome in report.outcomes
    )


def test_the_file_is_no_deployment_of_its_own(tmp_path: Path) -> None:
    name = "prod.env"
    write(tmp_path, project(name, "mount") | {name: "SECRET=abc\nDB_CLIENT=pg\nKEY=x\n"})
    assert audit(Options(root=tmp_path)).scanned.deployments == ("compose.yaml#cms",)


@each_case(
    ("name", "held", "text"),
    [
        ("MY_VAR", "a", "a"), ("MY_VAR", None, "0"), ("SECRET", None, ""), ("REDIS_ENABLED", None, "false"), ("CORS_ENABLED", True, "true"), ("DB_PORT", True, "1"), ("DB_PORT", False, "0"),
        ("MY_VAR", 5, "5"), ("MY_VAR", 1.5, "1.5"), ("MY_VAR", {"a": 1}, None),
        ("MY_VAR", ["a"], "array:a"), ("MY_VAR", ["a", "b"], "a,b"), ("MY_VAR", [1], "1"), ("MY_VAR", ["01"], "array:01"), ("MY_VAR", [""], "array:"), ("MY_VAR", [], "array:"),
        ("MY_VAR", [9007199254740992], "array:9007199254740992"), ("MY_VAR", ["string:a"], "array:string:a"), ("MY_VAR", ["string:a", "b"], "array:string:a,b"),
        ("MY_VAR", ["a,b"], None), ("MY_VAR", ["a", ["b"]], None), ("MY_VAR", [{"a": 1}], None),
        ("IMPORT_IP_DENY_LIST", ["a"], "a"), ("IMPORT_IP_DENY_LIST", [], ""), ("IMPORT_IP_DENY_LIST", [None, True], "0,true"), ("IMPORT_IP_DENY_LIST", ["json:a"], "array:json:a"), ("SECRET", ["a"], None), ("DB_PORT", [1], None),
    ],
)  # fmt: skip
def test_the_text_of_a_value(name: str, held: object, text: str | None) -> None:
    assert text_of(name, held) == text


@each_case(
    ("target", "text", "found"),
    [
        ("a.yaml", "A: 0x1F\nB: 0o17\nC: TRUE\nD: ~\n", {"A": "31", "B": "15", "C": "true", "D": "0"}), ("a.YML", "A: b\n", {"A": "b"}), ("a.json", '{"A": "b"}', {"A": "b"}), ("A.JSON", '{"A": "b"}', {"A": "b"}),
        (".env", "A=b\n", {"A": "b"}), ("a.txt", "A=${B}\n", {"A": "${B}"}), ("a", '{"A": "b"}', {}),
    ],
)  # fmt: skip
def test_a_file_is_read_by_its_ending(target: str, text: str, found: dict[str, str]) -> None:
    made = config_file.parse("c", text, target, "config")
    assert not isinstance(made, Unknown)
    assert {one.name: one.value.text.reveal() for one in made if isinstance(one.value, Known)} == found
    assert all(one.origin == "config" and one.location.path == "c" for one in made)


@each_case(
    ("target", "text", "problem"),
    [
        ("a.json", "{\n\n", ("not valid JSON: the text ends too early", 3)), ("a.json", "[]", ("Directus wants one object in it", 1)), ("a.yaml", "- a\n", ("Directus wants one object in it", 1)),
        ("a.yaml", "a: b\n---\nc: d\n", ("Directus wants one object in it", 1)), ("a.yaml", "", ("Directus wants one object in it", 1)), ("a.yml", "a: b\nc: [\n", ("not valid YAML", 3)),
    ],
)  # fmt: skip
def test_a_file_that_directus_refuses(target: str, text: str, problem: tuple[str, int]) -> None:
    noted: list[tuple[str, int]] = []
    made = config_file.parse("c", text, target, "config", (), lambda message, line: noted.append((message, line)))
    assert made == Unknown("the file that CONFIG_PATH names is not one that Directus can read")
    ((message, line),) = noted
    assert (message[: len(problem[0])], line) == problem
    assert config_file.parse("c", text, target, "config") == made


@each_case("target", ["a.js", "a.mjs", "a.CJS"])
def test_javascript_is_not_read(target: str) -> None:
    made = config_file.parse("c", "{}", target, "config")
    assert isinstance(made, Unknown)
    assert "JavaScript" in made.reason
