"""The table of events is what a server does."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from tests.lab.adversary import ENVIRONMENT
from tests.lab.event_table import RECORD, measure
from tests.lab.server import started

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.lab, pytest.mark.real]


def test_the_record_is_what_11_does(tmp_path: Path) -> None:
    with started(tmp_path / "server", 11, env={**ENVIRONMENT, "LOG_LEVEL": "info"}) as server:
        found = json.loads(json.dumps([asdict(one) for one in measure(server)]))
    recorded = [one for one in json.loads(RECORD.read_text(encoding="utf-8")) if one["version"] == server.version]
    assert found == recorded
