"""IMPORT_IP_DENY_LIST as three generations of Directus apply it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList
from directus_guard.directus.versions import Version
from tests.differential.cases import ADDRESSES
from tests.support.recorded import load

ANSWERS: Final[list[dict[str, Any]]] = load("deny_list")


@pytest.mark.parametrize("version", [Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1)], ids=str)
def test_the_denied_addresses_are_the_recorded_ones(version: Version) -> None:
    cases = [case for case in ANSWERS if case["version"] == str(version)]
    assert len(cases) > 20
    for case in cases:
        ours = DenyList.of(cast("IMPORT_IP_DENY_LIST", case["list"], version), version)
        assert [address for address in ADDRESSES if ours.denies(address)] == case["denied"], case["list"]
