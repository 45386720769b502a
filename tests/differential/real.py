"""What the real programs answer: node's dotenv, @directus/env, helmet below Directus' own code, its deny list, Compose.

Each function takes the cases of one call, so that a program is started once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast as as_type

from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.csp import MAIN
from directus_guard.directus.versions import Version
from tests.support.flow_cases import UTILS
from tests.support.programs import debian_package, missing, node, npm, npm_tarball

if TYPE_CHECKING:
    from collections.abc import Sequence


HERE: Final = Path(__file__).parent
ENVIRONMENTS: Final = {
    "env-1": ("1.3.2", Version(10, 13, 4)),
    "env-50": ("5.0.5", Version(11, 8, 0)),
    "env-58": ("5.8.0", Version(11, 17, 4)),
    "env-6": ("6.3.0", Version(12, 4, 1)),
}
"""Packages of @directus/env, and a version of Directus that has each."""
POLICIES: Final = (
    (Version(10, 13, 4), "21.0.2", "helmet-7", "env-1"),
    (Version(11, 17, 4), "35.2.0", "helmet-8", "env-5"),
    (Version(12, 4, 1), "39.2.1", "helmet-8", "env-6"),
)
"""Versions of Directus, their API package, and what makes their Content-Security-Policy."""
DENY_LISTS: Final = (
    (Version(10, 13, 4), "@directus/api@21.0.2", ""),
    (Version(11, 17, 4), "@directus/api@35.2.0", "utils-35/node"),
    (Version(12, 4, 1), "@directus/api@39.2.1", "utils-39/node"),
)
"""Versions of Directus, their API package, and the module it imports for addresses."""


def dotenv(texts: Sequence[str]) -> list[list[list[str]]]:
    """Names and values of each text, as Node's dotenv parses it."""
    return as_type("list[list[list[str]]]", node(HERE / "dotenv.mjs", texts, npm("dotenv@17.2.3")))


def values(pairs: Sequence[tuple[str, str]], sizes: Sequence[str], durations: Sequence[str]) -> dict[str, Any]:
    """`cast`: what each @directus/env makes of the names and texts; `bytes` and `ms`: what these packages parse."""
    aliases = [f"{alias}@npm:@directus/env@{version}" for alias, (version, _) in ENVIRONMENTS.items()]
    given = {"cast": dict.fromkeys(ENVIRONMENTS, pairs), "bytes": sizes, "ms": durations}
    answer = node(HERE / "values.mjs", given, npm(*aliases, "bytes@3.1.2", "ms@2.1.3"))
    return as_type("dict[str, Any]", answer)


def csp(cases: Sequence[tuple[str, Sequence[dict[str, str]]]]) -> list[list[list[dict[str, str]]]]:
    """For each of `POLICIES`, each prefix (`MAIN`, `ASSETS`) and each environment: `header` and `value`, or `error`."""
    modules = npm(
        "helmet-7@npm:helmet@7.1.0", "helmet-8@npm:helmet@8.1.0", "lodash-es@4.18.1", "camelcase@8.0.0",
        "env-1@npm:@directus/env@1.3.2", "env-5@npm:@directus/env@5.8.0", "env-6@npm:@directus/env@6.3.0",
        "utils-39@npm:@directus/utils@13.5.5",
    )  # fmt: skip
    groups = [
        {"api": str(npm_tarball(f"@directus/api@{api}")), "helmet": helmet, "env": env,
         "prefix": f"{prefix}_" if prefix == MAIN else prefix, "cases": environments}
        for _, api, helmet, env in POLICIES
        for prefix, environments in cases
    ]  # fmt: skip
    answers = as_type("list[list[dict[str, str]]]", node(HERE / "csp.mjs", groups, modules))
    return [answers[first : first + len(cases)] for first in range(0, len(answers), len(cases))]


def deny_lists(cases: Sequence[tuple[str, Sequence[str]]]) -> list[list[list[bool]]]:
    """For each of `DENY_LISTS`, and each IMPORT_IP_DENY_LIST with its addresses: which addresses are denied."""
    modules = npm("ip-matching@2.1.2", "utils-35@npm:@directus/utils@13.4.1", "utils-39@npm:@directus/utils@13.5.5")
    groups = [
        {"api": str(npm_tarball(api)), "utils": utils,
         "cases": [{"entries": _entries(text, version), "addresses": addresses} for text, addresses in cases]}
        for version, api, utils in DENY_LISTS
    ]  # fmt: skip
    return as_type("list[list[list[bool]]]", node(HERE / "ip_deny_list.mjs", groups, modules))


def _entries(text: str, version: Version) -> object:
    """The cast value as JSON: a list, or the text of `string:`. Nothing in the cases becomes an object."""
    value = cast("IMPORT_IP_DENY_LIST", text, version)
    return list(value) if isinstance(value, tuple) else value


def flows(
    texts: Sequence[tuple[str, object]], conditions: Sequence[tuple[object, object, object]]
) -> dict[str, dict[str, list[Any]]]:
    """`texts` and `conditions` by package of `UTILS`: what each template becomes, and whether each filter is met."""
    given = {"utils": [f"utils-{major}" for major in UTILS], "texts": texts, "conditions": conditions}
    return as_type("dict[str, dict[str, list[Any]]]", node(HERE / "flows.mjs", given, npm(*UTILS.values())))


def compose_program() -> Path:
    """Debian's docker-compose."""
    program = next(debian_package("docker-compose", "trixie").rglob("cli-plugins/docker-compose"), None)
    return program or missing("the package docker-compose has no program")
