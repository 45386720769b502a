"""Event flows, against what requests started on 10.13.4, 11.17.4 and 12.4.1 (`tests/lab/event_table.py` measures it)."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from directus_guard.directus.flows.records import Flow
from directus_guard.directus.flows.start import ByItself, Caller, causes_event
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from tests.support.each import each_case, failing

TRUTH: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "truth" / "events.json").read_text(encoding="utf-8")
)
ACTIONS: Final = ("create", "read", "update", "delete", "query")
OF_THE_SERVER: Final = {
    "POST /users/register": (ByItself.REGISTRATION, "create"),
    "PATCH /users/me/track/page": (ByItself.LAST_PAGE, "update"),
    "POST /auth/password/reset": (ByItself.PASSWORD, "update"),
    "POST /users/invite/accept": (ByItself.PASSWORD, "update"),
}
SETS: Final = {
    ByItself.REGISTRATION: {"email", "password", "first_name"},
    ByItself.LAST_PAGE: {"last_page"},
    ByItself.PASSWORD: {"password"},
}


def kept() -> dict[tuple[str, str, str, bool], bool]:
    """By version, who asks, action and whether the flow blocks: whether some request on items leaves what the flow wrote."""
    found: dict[tuple[str, str, str, bool], bool] = defaultdict(bool)
    for cause in TRUTH:
        if "item" not in cause["request"] or "another" in cause["request"]:
            continue
        for action in ACTIONS:
            for blocking in (True, False):
                runs = [run for run in cause["runs"] if run["event"].endswith(f"items.{action}") and run["kept"]]
                found[cause["version"], cause["who"], action, blocking] |= any(
                    run["blocking"] is blocking for run in runs
                )
    return found


KEPT: Final = kept()


def test_who_starts_a_flow() -> None:
    """Where a flow was started, the model says so, and where it never was, it does not."""
    assert failing(sorted(KEPT), is_answered) == []


def is_answered(event: tuple[str, str, str, bool]) -> None:
    version, who, action, blocking = event
    parsed = Version.parse(version)
    assert parsed is not None
    options = {"type": "filter" if blocking else "action", "scope": [f"items.{action}"], "collections": ["articles"]}
    flow = Flow("f", "f", "active", "event", options, "o", Location("flows.json"))
    able = Tri.YES if who == "permitted" else Tri.NO
    answer = causes_event(flow, Caller(signed_in=who != "visitor", may=lambda _collection, _action: able), parsed)
    assert answer is not (Tri.NO if KEPT[event] else Tri.YES) or action == "query"


@each_case("cause", [one for one in TRUTH if one["request"] in OF_THE_SERVER])
def test_what_the_server_writes_itself_is_not_checked(cause: dict[str, Any]) -> None:
    by, action = OF_THE_SERVER[cause["request"]]
    assert [run["blocking"] for run in cause["runs"]] == [False, True]
    for run in cause["runs"]:
        assert run["event"] == f"users.{action}"
        assert run["kept"]
        assert not run["checked"]
        assert not run["caller"]
        assert SETS[by] <= set(run["payload"])


def test_a_request_of_somebody_is_checked() -> None:
    asked = [one for one in TRUTH if one["request"] not in OF_THE_SERVER and "verify" not in one["request"]]
    assert len(asked) > 80
    assert all(run["checked"] for one in asked for run in one["runs"] if run["kept"])
    assert all(
        run["caller"] is (one["who"] != "visitor")
        for one in asked
        for run in one["runs"]
        if run["kept"] and run["event"] != "items.read"
    )


def test_the_whole_table_is_there() -> None:
    by_version: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in TRUTH:
        by_version[one["version"]].add((one["request"], one["who"]))
    assert sorted(by_version) == ["10.13.4", "11.17.4", "12.4.1"]
    assert len({frozenset(found) for found in by_version.values()}) == 1
