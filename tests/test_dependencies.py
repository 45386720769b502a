"""docs/dependencies.md says what is locked, and the bill of materials is made from it."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion

from scripts import dependencies
from scripts.dependencies import BEGIN, END, NOT_IN_THE_IMAGE, PAGE, PURPOSES, direct, packages, required, table
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif("BOUNDS" in os.environ, reason="scripts/bounds installs other versions than the lock's")


def rows(text: str) -> dict[str, list[str]]:
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:])
    return {row[0]: row[1:] for row in cells}


def test_the_page_has_the_packages_of_the_lock() -> None:
    shown = rows(PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0])
    made = rows(table())
    assert list(shown) == list(made) == sorted(PURPOSES)
    for name, row in made.items():
        *words, size, by, where = row
        *shown_words, shown_size, shown_by, shown_where = shown[name]
        assert (shown_words, shown_by, shown_where) == (words, by, where), name
        assert all(words), name
        # Wheels for other versions of Python are a little larger or smaller.
        assert float(shown_size) == pytest.approx(float(size), rel=0.3, abs=0.1), name


def test_what_the_image_leaves_out_is_asked_for_but_never_imported() -> None:
    """`tests/container/test_container.py` imports every module in the image; here it is the Dockerfile that is compared."""
    (deleted,) = re.findall(r"rm -r (.*?) \\$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(deleted.split()) - {"bin", "_distutils_hack", "distutils-precedence.pth"} == {
        part for name in NOT_IN_THE_IMAGE for part in (name, f"{name}-*")
    }
    own = direct()
    assert not NOT_IN_THE_IMAGE & set(own)
    asked = {name for package in packages() for name in package.requires}
    assert set(PURPOSES) == asked | set(own)


def test_an_extra_asks_for_nothing() -> None:
    locked = frozenset({"a", "b-c", "d"})
    assert required(["a>=1", "B_c; python_version < '4'", "d; extra == 'x'", "e"], locked) == ("a", "b-c")


def test_the_bill_of_materials(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bill.json"
    assert dependencies.main(["sbom", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert text == dependencies.bill()
    bill: dict[str, Any] = json.loads(text)
    assert bill["specVersion"] == SchemaVersion.V1_6.to_version()
    assert bill["metadata"].keys() == {"component"}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [part["purl"] for part in bill["components"]] == [
        f"pkg:pypi/{name}@{version}" for name, version in sorted(re.findall(r"^([\w-]+)==([\w.]+)", lock, re.MULTILINE))
    ]
    hashes = {one["content"] for part in bill["components"] for one in part["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    asked = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    known = {part["bom-ref"] for part in bill["components"]}
    assert set(asked) == known | {"directus-guard"}
    assert {name.partition("@")[0].rpartition("/")[2] for name in asked["directus-guard"]} == set(direct())
    left_out = [part["name"] for part in bill["components"] if part["properties"][0]["value"] == "false"]
    assert left_out == sorted(NOT_IN_THE_IMAGE)


def test_a_lock_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "requirements.lock"
    other.write_text("idna==0.0.1 \\\n    --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    monkeypatch.setattr(dependencies, "LOCK", other)
    with pytest.raises(ValueError, match=r"idna .* is installed, 0\.0\.1 is locked"):
        packages()
