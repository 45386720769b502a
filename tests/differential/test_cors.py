"""Directus' own CORS middleware with the npm package cors and @directus/env's casting, against our reading of CORS_ORIGIN."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

import pytest

from directus_guard.directus.environment.casting import cast, is_true_strict
from directus_guard.directus.environment.cors import Origins, origins
from directus_guard.directus.versions import Version
from tests.support.generated import seeds
from tests.support.programs import node, npm, npm_tarball

pytestmark = pytest.mark.real

FOREIGN: Final = ("https://evil.example", "http://other.test:8080", "null")
OWN: Final = "https://www.example.com"
ENTRIES: Final = (
    OWN, "https://app.example.com", "true", "false", "1", "0", "7", "-1", "007", "", "*", "null", "True", "TRUE", "yes", " true", "true ",
    "string:true", "string:*", "string:1", "number:1", "number:0", "number:x", "boolean:true", "boolean:false", "json:{}", "json:true",
    "json:[true]", 'json:["*"]', "json:null", "{}", "[]", "[true]", '{"a":1}', "regex:^https://www\\.example\\.com$", "regex:example",
    "regex:.*", "regex:^$", "array:true", "array:*", "undefined", "NaN", "0x1", "1e3", "https://*", "*.example.com",
)  # fmt: skip
CREDENTIALS: Final = (
    None,
    "true",
    "false",
    "1",
    "0",
    "yes",
    "True",
    "",
    "string:true",
    "json:true",
    "boolean:1",
    "boolean:true",
    "array:true",
)
GENERATIONS: Final = (
    (Version(10, 13, 4), "21.0.2", "env-1"),
    (Version(11, 17, 4), "35.2.0", "env-5"),
    (Version(12, 4, 1), "39.2.1", "env-6"),
)
LISTS: Final = 300


def several(random: Random) -> list[str]:
    """Two to four entries."""
    return [random.choice(ENTRIES) for _ in range(random.choice([2, 2, 3, 4]))]


def texts() -> list[str | None]:
    """CORS_ORIGIN in many spellings: every entry alone, in a list of one, and in random lists."""
    lists = [",".join(several(Random(seed))) for seed in seeds(LISTS)]
    marked = [f"array:{entry}" for entry in ENTRIES] + [f"array:{text}" for text in lists[::5]]
    return [None, *ENTRIES, *lists, *marked]


def test_the_answer_to_a_foreign_website() -> None:
    modules = npm(
        "cors@2.8.5", "env-1@npm:@directus/env@1.3.2", "env-5@npm:@directus/env@5.8.0", "env-6@npm:@directus/env@6.3.0",
    )  # fmt: skip
    tried = [(text, None) for text in texts()] + [("true", text) for text in CREDENTIALS]
    named = ("CORS_ORIGIN", "CORS_CREDENTIALS")
    cases = [
        {
            "variables": {name: text for name, text in zip(named, pair, strict=True) if text is not None},
            "origins": [*FOREIGN, OWN],
        }
        for pair in tried
    ]
    groups = [
        {"api": str(npm_tarball(f"@directus/api@{api}")), "env": env, "cases": cases} for _, api, env in GENERATIONS
    ]
    answers = node(Path(__file__).with_name("cors.mjs"), groups, modules)
    assert isinstance(answers, list)
    seen: dict[Origins, int] = dict.fromkeys(Origins, 0)
    for (version, *_), group in zip(GENERATIONS, answers, strict=True):
        for (origin, credentials), sent in zip(tried, group, strict=True):
            where = (str(version), origin, credentials, sent)
            ours = Origins.NONE if origin is None else origins(cast("CORS_ORIGIN", origin, version))
            seen[ours] += 1
            allowed = {asked: answer[0] for asked, answer in zip((*FOREIGN, OWN), sent, strict=True)}
            reflected = all(allowed[foreign] == foreign for foreign in FOREIGN)
            if ours is Origins.ANY:
                assert reflected, where
            elif ours is Origins.WILDCARD:
                assert set(allowed.values()) == {"*"}, where
            elif ours is Origins.NONE:
                assert sent == [[None, None]] * len(sent), where
            elif ours is Origins.LISTED:
                assert not any(allowed[foreign] == foreign for foreign in FOREIGN), where
                assert "*" not in allowed.values(), where
            if ours is not Origins.NONE:
                sends = credentials is None or is_true_strict(cast("CORS_CREDENTIALS", credentials, version))
                assert {answer[1] for answer in sent} == ({"true"} if sends else {None}), where
    assert all(count > 5 for count in seen.values()), seen
