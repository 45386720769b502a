"""The table of events is what a server does."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from tests.lab.event_table import RECORD, measure

if TYPE_CHECKING:
    from tests.lab.server import Lab


@pytest.mark.waits
def test_the_record_is_what_11_does(lab: Lab) -> None:
    with lab.server(11) as server:
        found = json.loads(json.dumps([asdict(one) for one in measure(server)]))
    recorded = [one for one in json.loads(RECORD.read_text(encoding="utf-8")) if one["version"] == server.version]
    assert found == recorded
