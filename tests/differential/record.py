"""Writes the real answers to `cases` into `tests/truth/`: `python -m tests.differential.record`, then read the diff."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from tests.differential import cases, real
from tests.support import compose
from tests.support.cli import write
from tests.support.flow_cases import conditions, texts
from tests.support.recorded import TRUTH, kept


def dotenv() -> object:
    """The pairs of each text."""
    return [{"text": text, "pairs": pairs} for text, pairs in zip(cases.DOTENV, real.dotenv(cases.DOTENV), strict=True)]


def values() -> object:
    """What each generation of @directus/env makes of a name and a text; sizes and durations."""
    answers = real.values(cases.CAST, cases.SIZES, cases.DURATIONS)
    versions = {alias: str(version) for alias, (_, version) in real.ENVIRONMENTS.items()}
    return {
        "cast": [
            {"name": name, "text": text, **{versions[alias]: answers["cast"][alias][number] for alias in versions}}
            for number, (name, text) in enumerate(cases.CAST)
        ],
        "bytes": dict(zip(cases.SIZES, answers["bytes"], strict=True)),
        "ms": dict(zip(cases.DURATIONS, answers["ms"], strict=True)),
    }


def csp() -> object:
    """The header of each version, prefix and environment."""
    return [
        {"version": str(version), "prefix": prefix, "variables": environment, **answer}
        for (version, *_), groups in zip(real.POLICIES, real.csp(cases.CSP), strict=True)
        for (prefix, environments), group in zip(cases.CSP, groups, strict=True)
        for environment, answer in zip(environments, group, strict=True)
    ]


def deny_list() -> object:
    """The addresses that each version denies, for each list."""
    answers = real.deny_lists([(text, cases.ADDRESSES) for text in cases.DENY_LISTS])
    return [
        {"version": str(version), "list": text,
         "denied": [address for address, denied in zip(cases.ADDRESSES, group, strict=True) if denied]}
        for (version, *_), groups in zip(real.DENY_LISTS, answers, strict=True)
        for text, group in zip(cases.DENY_LISTS, groups, strict=True)
    ]  # fmt: skip


def flows() -> object:
    """What templates become, and a letter for each filter: T where it is met."""
    answers = real.flows(texts(cases.TEXTS), conditions(cases.CONDITIONS))
    return {
        utils: {"texts": kinds["texts"], "conditions": "".join("T" if met else "F" for met in kinds["conditions"])}
        for utils, kinds in answers.items()
    }


def projects() -> object:
    """The image and the environment of the service, as `docker-compose config` prints them."""
    program = real.compose_program()
    found = {}
    with tempfile.TemporaryDirectory() as place:
        for name, files in cases.COMPOSE.items():
            service = compose.real(program, write(Path(place) / name.replace(" ", "-").replace(".", ""), files))
            assert service is not None, name
            environment = {key: (text or "").replace("$$", "$") for key, text in service["environment"].items()}
            found[name] = {"image": service["image"], "environment": environment}
    return found


RECORDS: Final = {
    "dotenv": dotenv,
    "values": values,
    "csp": csp,
    "deny_list": deny_list,
    "compose": projects,
    "flows": flows,
}


def main() -> None:
    """Write all of them."""
    for name, record in RECORDS.items():
        kept(name).write_text(json.dumps(record(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written below {TRUTH}")


if __name__ == "__main__":
    main()
