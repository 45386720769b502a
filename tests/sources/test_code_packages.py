"""Which packages ask a Directus, what says so, and which of their files are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.code import packages
from tests.support.code_evidence import marked
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PACKAGE: Final = '{"dependencies": {"@directus/sdk": "^17.0.0"}}'
ASKS: Final = "const u = '/assets/1?access_token=' + t\n"
CODE: Final = {"a.ts": "x()\n"}


@each_case(
    ("path", "text", "expected", "depends"),
    [
        ("package.json", PACKAGE, '"@directus/sdk":', True),
        ("package.json", '{"dependencies": {"nuxt-directus": "1"}}', '"nuxt-directus":', True),
        ("package.json", '{"dependencies": {"@tspvivek/refine-directus": "1"}}', '"@tspvivek/refine-directus":', True),
        ("package.json", '{"dependencies": {"x": "npm:directus@1"}}', None, False),
        ("package.json", '{"description": "a site of Directus", "name": "directus-site"}', None, False),
        ("composer.json", '{"require": {"alantiller/directus-php-sdk": "1"}}', '"alantiller/directus-php-sdk":', True),
        ("composer.json", '{"description": "of Directus"}', None, False),
        (".env", "A=1\nDIRECTUS_URL=x\n", "DIRECTUS", False),
        (".env", "CMS_URL=x\n", None, False),
        ("nuxt.config.ts", "export default { modules: ['nuxt-directus'] }\n", "directus", False),
        ("pyproject.toml", 'dependencies = ["py-directus"]\n', "directus", True),
    ],
)  # fmt: skip
def test_what_says_that_a_package_asks(
    tmp_path: Path, path: str, text: str, expected: str | None, depends: bool
) -> None:
    found, _ = packages.read(repository(tmp_path, {**CODE, path: text}))
    assert [(one.location.path, marked(text, one.location), one.depends) for one in found] == (
        [(path, expected, depends)] if expected is not None else []
    )


def test_the_manifest_says_it_first(tmp_path: Path) -> None:
    files = {"web/.env": "DIRECTUS_URL=x\n", "web/package.json": PACKAGE, "web/nuxt.config.ts": "// directus\n"}
    found, _ = packages.read(repository(tmp_path, {"web/a.ts": "x()\n", **files}))
    assert [(one.location.path, one.depends) for one in found] == [("web/package.json", True)]


@each_case(
    ("text", "expected"),
    [
        ("f(DIRECTUS_URL, x_token)", "DIRECTUS_URL"), ("f(my_directus_host)", "my_directus_host"), ("directusApi(access_token)", "directusApi"),
        ("directus.endpoint + access_token", "directus.endpoint"), ("import '@directus/sdk'", "@directus/sdk"),
        ("createDirectus(x)", "createDirectus"), ("f('https://cms.directus.acme.org/x?access_token=')", "//cms.directus."),
        ("f('https://directus.acme.org/auth/login')", "//directus."), ("f('http://cms:8055/x', 'Bearer x')", "//cms:8055"),
        ("f('https://docs.directus.io/x?access_token=')", None), ("f('https://directus.com/x?access_token=')", None),
        ("f('http://cms:3000/x', 'Bearer x')", None), ("f(DIRECTUS, x)", None), ("f('directus', x_token)", None),
    ],
)  # fmt: skip
def test_code_that_names_directus(tmp_path: Path, text: str, expected: str | None) -> None:
    found, _ = packages.read(repository(tmp_path, {"a.ts": text}))
    assert [marked(text, one.location) for one in found] == ([] if expected is None else [expected])


@each_case(
    "folder", ["dist", "build", "out", ".output", "coverage", "storybook-static", "vendor", ".vercel", ".netlify"]
)
def test_what_was_built_is_not_searched(tmp_path: Path, folder: str) -> None:
    built = {f"web/{folder}/a.js": ASKS, "web/b.min.js": ASKS, f"web/src/{folder}/c.js": ASKS, f"web/{folder}.js": ASKS}
    found, notices = packages.read(repository(tmp_path, {"web/package.json": PACKAGE, **built}))
    assert [item.location.path for one in found for item in one.addresses] == sorted(
        [f"web/src/{folder}/c.js", f"web/{folder}.js"]
    )
    assert sorted(notices[0].partition(": ")[2].split(", ")) == sorted([f"web/{folder}/a.js", "web/b.min.js"])


def test_a_file_that_is_left_out_does_not_end_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.sources.files.repository.MAX_BYTES", 200_000)
    files = {"a.ts": "x()\n" * 60_000, "b.ts": "x()\n", "c.js": "access_token=" * 12_000, "d.ts": ASKS}
    (found,), _ = packages.read(repository(tmp_path, {"package.json": PACKAGE, **files}))
    assert [one.location.path for one in found.addresses] == ["d.ts"]
    assert [one.path for one in found.unread] == ["a.ts", "c.js"]


def test_of_many_files_the_first_are_named(tmp_path: Path) -> None:
    built = {f"dist/{name}.js": ASKS for name in "abcde"}
    _, notices = packages.read(repository(tmp_path, {"package.json": PACKAGE, **CODE, **built}))
    assert notices == (
        "code not read, because it was built from other files: dist/a.js, dist/b.js, dist/c.js and 2 more",
    )


@each_case(
    ("text", "line"),
    [
        (f"<<<<<<< HEAD\n{ASKS}=======\n>>>>>>> b\n", 1), (f"x()\n<<<<<<< HEAD\n{ASKS}=======\n>>>>>>> b\n", 2),
        (f"{ASKS}// <<<<<<< HEAD\n", None), (f"{ASKS}<<<<<<<< \n", None), (ASKS, None), ("<<<<<<< HEAD\nx()\n", None),
    ],
)  # fmt: skip
def test_a_merge_that_was_not_finished(tmp_path: Path, text: str, line: int | None) -> None:
    held = repository(tmp_path, {"package.json": PACKAGE, "a.ts": text})
    packages.read(held)
    conflicts = [one for one in held.problems if "merge conflict" in one.message]
    assert [(one.path, one.line) for one in conflicts] == ([] if line is None else [("a.ts", line)])


def test_variables_of_the_environment(tmp_path: Path) -> None:
    """Those that look like a secret, or that code hands to Directus; not one that is called like what gets a token."""
    text = (
        "MY_SECRET=a\nVITE_API_KEY=b\nCMS_KEY=c\nOTHER=e\nEMPTY_TOKEN=\nAuthorization=f\nVITE_EMPTY_TOKEN=\n"
        "DIRECTUS_URL=https://cms.acme.org:8443/x\nCMS_URL=https://b.c\n"
    )
    code = "createDirectus(u).with(staticToken(process.env.CMS_KEY)); f(u, { headers: { Authorization: 'Bearer 12345678' } })"
    (found,), _ = packages.read(repository(tmp_path, {"package.json": PACKAGE, ".env": text, "a.ts": code}))
    listed = [
        (one.name, one.holds.name, one.value.reveal() if one.value else None)
        for one in found.tokens
        if one.location.path == ".env"
    ]
    assert listed == [
        ("MY_SECRET", "FILE", "a"), ("VITE_API_KEY", "VARIABLE", "b"), ("CMS_KEY", "FILE", "c"), ("VITE_EMPTY_TOKEN", "VARIABLE", ""),
    ]  # fmt: skip
    assert found.hosts == {"cms.acme.org:8443"}
