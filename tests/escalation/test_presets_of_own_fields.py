"""Presets that read a field of the user's own record: whoever may write that field chooses what they write."""

from __future__ import annotations

from typing import Final

import pytest

from tests.support.each import each_case
from tests.support.worlds import ME, Row, World, confidence

USERS: Final = "directus_users"
ACCESS: Final = "directus_access"
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
OWN_TITLE: Final = Row(USERS, "update", ("title",), ME)
NEW_TITLES: Final = Row(USERS, "create", ("title", "email", "password"))
TITLES_OF_FILES: Final = Row("directus_files", "update", ("title",))


def presets(collection: str, action: str, fields: tuple[str, ...], **presets: str) -> Row:
    """A permission with presets; of their own user, where it is one to update."""
    return Row(collection, action, fields, ME if action == "update" else None, presets=presets)


@pytest.mark.parametrize("version", VERSIONS)
@each_case(
    ("action", "fields", "variable", "other", "said"),
    [
        ("update", ("first_name",), "$CURRENT_USER.title", OWN_TITLE, "not evaluated"),
        ("update", ("first_name",), "$CURRENT_USER.avatar.title", TITLES_OF_FILES, "not evaluated"),
        ("create", ("email", "password"), "$CURRENT_USER.title", OWN_TITLE, "not evaluated"),
        ("create", ("email", "password"), "$CURRENT_USER.title", NEW_TITLES, "not evaluated"),
        ("update", ("first_name",), "$CURRENT_USER.location", OWN_TITLE, "nothing"),
        ("update", ("first_name",), "$CURRENT_USER.avatar.description", TITLES_OF_FILES, "nothing"),
        ("update", ("first_name",), "$CURRENT_USER.title", TITLES_OF_FILES, "nothing"),
        ("create", ("email", "password"), "$CURRENT_USER.role", OWN_TITLE, "nothing"),
        ("update", ("first_name",), "$CURRENT_USER", OWN_TITLE, "nothing"),
    ],
)
def test_a_preset_gives_the_role(
    action: str, fields: tuple[str, ...], variable: str, other: Row, said: str, version: str
) -> None:
    assert confidence(World([presets(USERS, action, fields, role=variable), other]), version) == said


@pytest.mark.parametrize("version", VERSIONS[1:])
@each_case(
    ("policy", "user", "other", "said"),
    [
        ("$CURRENT_USER.title", "$CURRENT_USER", OWN_TITLE, "not evaluated"),
        ("$CURRENT_USER.title", "$CURRENT_USER.title", OWN_TITLE, "not evaluated"),
        ("$CURRENT_USER.title", "$CURRENT_USER", TITLES_OF_FILES, "nothing"),
        ("$CURRENT_USER.location", "$CURRENT_USER", OWN_TITLE, "nothing"),
    ],
)
def test_a_preset_gives_the_policy(policy: str, user: str, other: Row, said: str, version: str) -> None:
    row = presets(ACCESS, "create", ("sort",), policy=policy, user=user)
    assert confidence(World([row, other]), version) == said
