"""A Compose file of any name is found by its key for services, however that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.deployments import compose
from directus_guard.sources.files import signs
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

CMS: Final = "{directus: {image: 'directus/directus:11.5.1'}}"


@each_case(
    "text",
    [
        f"services: {CMS}\n",
        f"services :\n  {CMS[1:-1]}\n",
        f'"services": {CMS}\n',
        f"'services': {CMS}\n",
        f"---\nservices: {CMS}\n",
        f"\ufeffservices: {CMS}\n",
        f"name: x\r\nservices: {CMS}\r\n",
        f"  name: x\n  services: {CMS}\n",
        f"{{name: x, services: {CMS}}}\n",
        f'{{"name": "x",\n "services":{CMS}}}\n',
        f"{{\n  services: {CMS}}}\n",
        f"? services\n: {CMS}\n",
        f"&a services: {CMS}\n",
        f"!!str services: {CMS}\n",
        f'"s\\x65rvices": {CMS}\n',
        f"x-a: &s {CMS}\nservices: *s\n",
    ],
)
def test_it_is_found(tmp_path: Path, text: str) -> None:
    made = repository(tmp_path, {"cms.yaml": text})
    assert [one.name for one in compose.read(made)] == ["cms.yaml#directus"]


@each_case(
    "text",
    [
        "a: the services of directus\n",
        "rules:\n- resources: [pods, services]\n",
        "# include: it\na: b\n",
        "services_of: {}\n",
    ],
)
def test_a_word_in_a_text_is_no_key(text: str) -> None:
    assert not signs.may_be_compose(text)
