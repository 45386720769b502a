"""The collections that the name of a junction is made of."""

from __future__ import annotations

from typing import Final

from directus_guard.checks.access._junctions import _named_sides
from tests.support.each import each_case

SIDES: Final = frozenset({"posts", "tags", "blog_posts", "directus_users", "files"})


@each_case(
    ("name", "sides"),
    [
        ("posts_tags", ("posts", "tags")),
        ("blog_posts_tags", ("blog_posts", "tags")),
        ("tags_blog_posts", ("tags", "blog_posts")),
        ("posts_files", ("posts", "directus_files")),
        ("junction_directus_users_tags", ("directus_users", "tags")),
        ("posts_tags_1", ("posts", "tags")),
        ("posts", ()),
        ("posts_other", ()),
        ("poststags", ()),
    ],
)
def test_the_sides_in_a_name(name: str, sides: tuple[str, ...]) -> None:
    left, right = _named_sides(name, SIDES)
    assert (*left, *right) == sides
