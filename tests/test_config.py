from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from directus_guard.config import Config, ConfigError, ContextName, load
from directus_guard.directus.access.records import Edition
from directus_guard.exit_code import OnIncomplete
from directus_guard.finding import Confidence, Context, Severity
from tests.support.each import each_case

EVERYTHING = """\
fail-on: medium
min-severity: low
min-confidence: medium
exclude: [legacy/**]
directus-version: 11.17.4
context:
  staging/**: development
thresholds:
  files-max-upload-size: 2gb
checks:
  token-lifetime: {severity: "off", reason: kiosks}
ignore:
  - check: database-exposed
    object: compose.yaml#directus database
    reason: firewalled
    until: 2027-06-30
"""


def test_the_words_are_those_of_the_program() -> None:
    """A schema needs them written out; these are the types that they stand for."""
    properties = Config.model_json_schema(by_alias=True)["properties"]

    def words(key: str) -> list[str]:
        return next(one["enum"] for one in properties[key]["anyOf"] if "enum" in one)

    severities = [one.value for one in Severity]
    assert words("fail-on") == [*severities, "none"]
    assert words("min-severity") == severities
    assert words("min-confidence") == [one.value for one in Confidence]
    assert words("incomplete") == [one.value for one in OnIncomplete]
    assert sorted(words("edition")) == sorted(one.value for one in Edition)
    assert list(get_args(ContextName)) == [one.value for one in Context]


def test_every_key_is_read() -> None:
    config = load("directus-guard.yaml", EVERYTHING)
    assert config.fail_on == "medium"
    assert config.min_confidence == "medium"
    assert config.exclude == ("legacy/**",)
    assert config.directus_version == "11.17.4"
    assert config.context == {"staging/**": "development"}
    assert config.checks["token-lifetime"].severity == "off"
    assert config.ignore[0].until == date(2027, 6, 30)
    assert config.thresholds.files_max_upload_size == "2gb"


@each_case("text", ["", "# nothing\n", "~"])
def test_an_empty_file_is_the_defaults(text: str) -> None:
    assert load("c.yaml", text).fail_on is None


@each_case(
    ("text", "line", "says"),
    [
        ("fail-on: high\nfail_on: low\n", 2, "Did you mean `fail-on`?"),
        ("a:\n  - [\n", 3, "not valid YAML"),
        ("checks:\n  token-lifetime: {severity: off}\n", 2, "reason"),
        ("checks:\n  x:\n    severity: none\n    reason: y\n", 3, "severity"),
        ("ignore:\n  - check: a\n    object: b\n    reason: c\n    untill: 2027-01-01\n", 5, "Did you mean `until`?"),
        ("- a\n", 1, "key: value"),
        ("fail-on: [high]\n", 1, "fail-on"),
    ],
)
def test_a_mistake_is_explained_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        load("directus-guard.yaml", text)
    assert str(error.value).startswith(f"directus-guard.yaml:{line}:")
    assert says in str(error.value)
