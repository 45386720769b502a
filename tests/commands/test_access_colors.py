"""The table of `access` in colours: they say what the letters say, and nothing else changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.cli import guard
from tests.support.page_projects import blog

if TYPE_CHECKING:
    from pathlib import Path


def test_each_letter_has_the_colour_of_its_level(tmp_path: Path) -> None:
    root = blog(tmp_path)
    plain, colored = (guard("access", root, "--color", color).out for color in ("never", "always"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    green, yellow = (set("".join(re.findall(rf"\x1b\[1;{code}m(\w+)\x1b", colored))) for code in (32, 33))
    assert green <= set("CRUDS")
    assert yellow <= set("cruds")
    assert green
    assert yellow
    assert re.search(r"\x1b\[1;31mEditor!\x1b", colored)
