"""Files that could be read before and cannot be read now: each is said, in the order of their paths."""

from __future__ import annotations

from directus_guard.sources import belonging
from tests.support.in_memory import in_memory

BROKEN = {
    "z.yml": "a: [", "y.yaml": "a: [", "x.json": "{", "w.toml": "a =", "v.tf": "a = ]", "u.tofu": "a = ]", "t.hcl": "a = ]", "A.JSON": "{",
    "c/templates/a.yaml": "a: [", "s.json": "// c\n{}", "r.yml": "a: 1", "q.tf": "a = 1\n", "p.toml": "a = 1",
}  # fmt: skip


def test_what_cannot_be_read_any_more() -> None:
    repository = in_memory(BROKEN)
    repository.problem("y.yaml", "noted before")
    belonging.recheck(repository, [*BROKEN, "none.yml"])
    assert [problem.path for problem in repository.problems] == [
        "y.yaml", "A.JSON", "t.hcl", "u.tofu", "v.tf", "w.toml", "x.json", "z.yml",
    ]  # fmt: skip
