"""Variables that a Makefile gives to the recipe of one target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Variable

SECRET: Final = "548f497daafaca6187e930e80b76c645"
OTHER: Final = "c7d9fc5e8d4bbd0f17c7930dad5f05be"
IMAGE: Final = "directus/directus:12.4.1"


def secrets(root: Path, text: str) -> list[Variable]:
    found = collect(repository(root, {"Makefile": text})).deployments
    return [one for made in found for one in made.variables if one.name == "SECRET"]


@each_case(
    "text",
    [
        f"up: export SECRET = {SECRET}\nup:\n\tdocker run -e SECRET {IMAGE}\n",
        f"up: export SECRET := {SECRET} # live\nup: build\n\tnpx directus start\n",
        f"up down: export SECRET={SECRET}\ndown:\n\techo down\nup:\n\tnpx directus start\n",
        f"up: SECRET = {SECRET}\nup:\n\tdocker run -e SECRET=$(SECRET) {IMAGE}\n",
        f"up: private SECRET = {SECRET}\nup:\n\t@docker run -e SECRET=${{SECRET}} {IMAGE}\n",
        f"HEX = {SECRET}\nup: export SECRET = $(HEX)\nup:\n\tdocker run -e SECRET {IMAGE}\n",
        f"SECRET =\nup: override SECRET = {SECRET}\nup:\n\tdocker run -e SECRET=$(SECRET) {IMAGE}\n",
        f"up: export SECRET={SECRET}\nup:\n\tdocker compose pull\n\tdocker run -e SECRET {IMAGE}\n",
    ],
)
def test_a_value_of_one_target(tmp_path: Path, text: str) -> None:
    found = secrets(tmp_path, text)
    assert found
    assert {cut(tmp_path, one.location) for one in found if isinstance(one.value, Known)} == {SECRET}


def test_each_target_has_its_own(tmp_path: Path) -> None:
    run = f"\tdocker run -e SECRET=$(SECRET) {IMAGE}\n"
    text = f"live: SECRET = {SECRET}\nlive:\n{run}stage: SECRET = {OTHER}\nstage:\n{run}"
    assert [cut(tmp_path, one.location) for one in secrets(tmp_path, text)] == [SECRET, OTHER]


@each_case(
    "text",
    [
        f"up: export SECRET = $(shell pass cms)\nup:\n\tdocker run -e SECRET {IMAGE}\n",
        f"up: SECRET += {SECRET}\nup:\n\tdocker run -e SECRET=$(SECRET) {IMAGE}\n",
        f"other: export SECRET = {SECRET}\nother:\n\techo\nup:\n\tdocker run -e SECRET {IMAGE}\n",
        f"up: export SECRET = $(SECRET)\nup:\n\tdocker run -e SECRET {IMAGE}\n",
    ],
)
def test_what_comes_from_elsewhere_is_not_known(tmp_path: Path, text: str) -> None:
    assert not any(isinstance(one.value, Known) for one in secrets(tmp_path, text) if "run" in one.origin)
