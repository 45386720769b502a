"""The names of files that are written inside of others."""

from __future__ import annotations

from directus_guard.sources.inner import naming
from tests.support.each import each_case


@each_case(
    ("written", "text", "expected"),
    [
        ("etc/a.env", "A=b", "h/etc/a.env"),
        ("", "A=b", "h/text.env"),
        ("a.env.j2", "A=b", "h/a.env.j2"),
        ("/x/../y/./a.env", "A=b", "h/x/y/a.env"),
        ("a", "services:\n  x: 1", "h/a.compose.yaml"),
        ("docker-compose.yml", "x: 1", "h/docker-compose.yml"),
        ("a.json", '{"image": 1}', "h/container-definitions.json"),
        ("b", '[{"image": 1}]', "h/container-definitions.json"),
        ("a.json", '{"a": 1}', None),
        ("Dockerfile", "FROM a", "h/Dockerfile"),
        ("Dockerfile.x", "FROM a", "h/Dockerfile.x"),
        ("a", "FROM a", None),
        ("a", "#!/bin/sh\nb", "h/a.sh"),
        ("a", "#cloud-config\na: 1", "h/a.yaml"),
        ("a", "[Unit]\nb=c", None),
        ("a.sh", "x", "h/a.sh"),
        ("a.SH", "x", "h/a.SH"),
        ("a.env", "  ", None),
        ("a\x00b.env", "A=b", "h/ab.env"),
        (r"a\b.env", "A=b", "h/a/b.env"),
        ("x y/a.env", "A=b", "h/a.env"),
        ("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/z.env", "A=b", "h/d/e/f/g/h/i/j/k/l/m/n/o/z.env"),
        ("a.tpl", "A=b", "h/a.env"),
        ("a.env.TMPL", "A=b", "h/a.env"),
        ("a", "x", None),
        (".env", "A=b", "h/.env"),
        ("a.service", "[Unit]", "h/a.service"),
        ("a", "A=b\n# c\n\nexport D=e\n", "h/a.env"),
        ("a", "A=b\nc", None),
        ("a.yml.erb", "a: 1", None),
        ("a.txt", "A=b", "h/a.txt.env"),
    ],
)  # fmt: skip
def test_paths(written: str, text: str, expected: str | None) -> None:
    assert naming.path("h", written, text) == expected


def test_what_is_taken_has_a_folder_of_its_own() -> None:
    taken: set[str] = set()
    assert [naming.free(path, taken) for path in ("h/a", "h/a", "h/b", "h/a")] == ["h/a", "h/2/a", "h/b", "h/3/a"]
