"""Versions in package.json and in the lock files of four package managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import VersionOrigin
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import packages
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = '{\n  "name": "cms",\n  "dependencies": {"pg": "^8", "directus": "^11.0.0"}\n}\n'

NPM_3 = """{
  "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"directus": "^11.0.0"}},
    "node_modules/@directus/api": {
      "version": "22.1.0"
    },
    "node_modules/directus": {
      "version": "11.1.0",
      "resolved": "x"
    },
    "apps/old/node_modules/directus": {
      "version": "10.13.4"
    }
  }
}
"""
NPM_1 = '{"lockfileVersion": 1, "dependencies": {\n "directus": {\n  "version": "11.1.0"}}}'
YARN_1 = '# yarn lockfile v1\n\n"@directus/api@22.1.0":\n  version "22.1.0"\n\ndirectus@^11.0.0, directus@^11.1.0:\n  version "11.1.0"\n  dependencies:\n'
YARN_2 = (
    '__metadata:\n  version: 8\n\n"directus@npm:^11.0.0":\n  version: 11.1.0\n  resolution: "directus@npm:11.1.0"\n'
)
PNPM_9 = """lockfileVersion: '9.0'

importers:

  .:
    devDependencies:
      typescript:
        specifier: ^5
        version: 5.9.3

  apps/old:
    dependencies:
      '@directus/sdk':
        specifier: ^1
        version: 20.0.0
      directus:
        specifier: ^10
        version: 10.13.4(pg@8.1.0)

  apps/new:
    dependencies:
      directus:
        specifier: ^11.0.0
        version: 11.1.0

packages:

  directus@10.13.4:
    resolution: {integrity: x}

  directus@11.1.0:
    resolution: {integrity: x}
"""
PNPM_5 = "lockfileVersion: 5.4\n\nspecifiers:\n  directus: ^11\n\ndependencies:\n  directus: 11.1.0_pg@8\n\npackages:\n\n  /directus/11.1.0_pg@8:\n    resolution: {}\n"
BUN = '{\n  "lockfileVersion": 1,\n  "packages": {\n    "directus": ["directus@11.1.0", "", {}],\n  }\n}\n'


def test_a_range_pins_nothing(tmp_path: Path) -> None:
    files = {"cms/package.json": PACKAGE}
    found = packages.versions(repository(tmp_path, files))
    assert list(found) == ["cms"]
    assert (found["cms"].version, found["cms"].text, found["cms"].origin) == (None, "^11.0.0", VersionOrigin.PACKAGE)
    assert cut(tmp_path, found["cms"].location) == "^11.0.0"


@each_case("section", ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"])
def test_an_exact_version_is_one(tmp_path: Path, section: str) -> None:
    found = packages.versions(repository(tmp_path, {"package.json": f'{{"{section}": {{"directus": "11.5.1"}}}}'}))
    assert found[""].version == Version(11, 5, 1)


def test_the_api_package_counts_other_versions(tmp_path: Path) -> None:
    found = packages.versions(repository(tmp_path, {"package.json": '{"dependencies": {"@directus/api": "22.1.0"}}'}))
    assert (found[""].version, found[""].text) == (None, "@directus/api 22.1.0")


@each_case(
    ("name", "text"),
    [
        ("package-lock.json", NPM_3), ("npm-shrinkwrap.json", NPM_3), ("package-lock.json", NPM_1), ("yarn.lock", YARN_1),
        ("yarn.lock", YARN_2), ("pnpm-lock.yaml", PNPM_5), ("bun.lock", BUN),
    ],
)  # fmt: skip
def test_a_lock_beats_the_range(tmp_path: Path, name: str, text: str) -> None:
    files = {"package.json": PACKAGE, name: text}
    found = packages.versions(repository(tmp_path, files))[""]
    assert (found.version, found.text, found.origin) == (Version(11, 1, 0), "11.1.0", VersionOrigin.LOCK)
    assert cut(tmp_path, found.location) == "11.1.0"
    assert found.location.path == name


@pytest.mark.parametrize(("name", "text"), [("package-lock.json", NPM_3), ("pnpm-lock.yaml", PNPM_9)])
def test_workspaces_share_the_lock_above_them(tmp_path: Path, name: str, text: str) -> None:
    files = {
        name: text,
        "package.json": '{"private": true}',
        "apps/old/package.json": PACKAGE,
        "apps/new/package.json": PACKAGE,
    }
    found = packages.versions(repository(tmp_path, files))
    assert {folder: str(evidence.version) for folder, evidence in found.items()} == {
        "apps/new": "11.1.0",
        "apps/old": "10.13.4",
    }
    assert [cut(tmp_path, found[folder].location) for folder in sorted(found)] == ["11.1.0", "10.13.4"]


def test_a_lock_without_directus_leaves_the_range(tmp_path: Path) -> None:
    found = packages.versions(repository(tmp_path, {"package.json": PACKAGE, "yarn.lock": "# empty\n"}))
    assert found[""].origin is VersionOrigin.PACKAGE


def test_the_nearest_package_counts(tmp_path: Path) -> None:
    exact = '{"dependencies": {"directus": "%s"}}'
    files = {"package.json": exact % "1.0.0", "a/package.json": exact % "2.0.0", "b/c/package.json": exact % "3.0.0"}
    found = packages.versions(repository(tmp_path, files))

    def text(path: str) -> str:
        evidence = packages.nearest(found, path)
        return evidence.text if evidence else ""

    assert [text(path) for path in ("x.yml", "a/x.yml", "a/z/x.yml", "b/x.yml", "b/c/x.yml")] == [
        "1.0.0", "2.0.0", "2.0.0", "1.0.0", "3.0.0",
    ]  # fmt: skip


def test_the_only_package_below_counts_too(tmp_path: Path) -> None:
    found = packages.versions(repository(tmp_path, {"cms/package.json": PACKAGE}))
    assert packages.nearest(found, "render.yaml") is found["cms"]
    assert packages.nearest(found, "web/render.yaml") is None
    assert packages.nearest({**found, "other": found["cms"]}, "render.yaml") is None


def test_other_packages_are_not_directus(tmp_path: Path) -> None:
    files = {
        "package.json": '{"name": "directus", "dependencies": {"@directus/sdk": "20.0.0", "directus-sync": "3.4.1"}}'
    }
    assert packages.versions(repository(tmp_path, files)) == {}


def test_broken_json_is_said(tmp_path: Path) -> None:
    root = repository(tmp_path, {"package.json": '{"dependencies": {"directus": '})
    assert packages.versions(root) == {}
    assert [(problem.path, problem.broken) for problem in root.problems] == [("package.json", True)]


PIECE = st.sampled_from(
    [
        '"directus"',
        "directus@",
        ":",
        "{",
        "}",
        '"version"',
        '"11.1.0"',
        "\n",
        "  ",
        "version 11.1.0",
        "importers:",
        "[",
        '"',
        "/directus/",
        "node_modules/",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "package.json"]),
    st.lists(PIECE, max_size=25),
)
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, name: str, pieces: list[str]) -> None:
    packages.versions(repository(tmp_path_factory.mktemp("r"), {"package.json": PACKAGE, name: "".join(pieces)}))


@each_case("name", ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"])
def test_long_hostile_locks_are_searched_in_linear_time(tmp_path: Path, name: str) -> None:
    text = '"' * 200_000 + "directus@\n" * 50_000 + " " * 200_000 + '"node_modules/directus": { ' * 20_000
    assert packages.versions(repository(tmp_path, {"package.json": PACKAGE, name: text}))[""].version is None


def test_the_first_importers_of_a_lock_count(tmp_path: Path) -> None:
    text = f"{PNPM_9}\nimporters:\n\n  apps/old:\n    dependencies:\n      directus:\n        version: 9.0.0\n"
    files = {"apps/old/package.json": PACKAGE, "pnpm-lock.yaml": text}
    assert packages.versions(repository(tmp_path, files))["apps/old"].version == Version(10, 13, 4)


@each_case(
    ("name", "text", "version"),
    [
        ("package-lock.json", '{"packages": {"node_modules/directus": {"version": "11.1.0-rc.1"}}}', "11.1.0-rc.1"), ("package-lock.json", '{"packages": {"node_modules/directus": {"name": "x", "version": "11.1.0"}}}', None),
        ("package-lock.json", '{"packages": {"a/node_modules/directus": {"version": "11.1.0"}}}', None), ("package-lock.json", '{"packages": {"node_modules/x/node_modules/directus": {"version": "11.1.0"}}}', None), ("package-lock.json", '{"dependencies": {"directus": {"version": "^11"}}}', None),
        ("package-lock.json", '{"packages": {"node_modules/directus": {"version": "11.1.0"}, "x": {"directus": {"version": "9.0.0"}}}}', "11.1.0"),
        ("yarn.lock", 'directus@^11.0.0:\r\n  version "11.1.0"\r\n', "11.1.0"), ("yarn.lock", 'xdirectus@^11:\n  version "11.1.0"\n', None), ("yarn.lock", 'directus@^11:\n  a b\n  c d\n  version "11.1.0"\n', "11.1.0"), ("yarn.lock", 'directus@^11:\n  a b\n  c d\n  e f\n  version "11.1.0"\n', None),
        ("pnpm-lock.yaml", "packages:\n\n  /directus@11.1.0:\n    x: y\n", "11.1.0"), ("pnpm-lock.yaml", "packages:\n\n  'directus@11.1.0':\n    x: y\n", "11.1.0"), ("pnpm-lock.yaml", "packages:\n\n  directus-x@11.1.0:\n", None), ("pnpm-lock.yaml", "lockfileVersion: 9\n", None),
        ("pnpm-lock.yaml", "x: y\n\nimporters:\n\n  .:\n    dependencies:\n      directus: 11.1.0\n", "11.1.0"), ("pnpm-lock.yaml", "x: y\n\nimporters:\n\n  .:\n    dependencies:\n      '@directus/api':\n        version: 9.0.0\n      directus:\n        specifier: x\n        version: '11.1.0'\n", "11.1.0"),
        ("pnpm-lock.yaml", "x: y\n\nimporters:\n\n  other:\n    dependencies:\n      directus:\n        version: 9.0.0\n\npackages:\n\n  directus@11.1.0:\n", "11.1.0"), ("pnpm-lock.yaml", "x: y\n\nimporters:\n\n  .:\n    dependencies:\n      directus:\n        specifier: x\n      other:\n        version: 9.0.0\n", None),
        ("pnpm-lock.yaml", "x: y\n\nimporters:\n\nsettings:\n  .:\n    dependencies:\n      directus:\n        version: 9.0.0\n", None),
        ("bun.lock", '{"packages": {"directus": ["directus@11.1.0", {}]}}', "11.1.0"), ("bun.lock", '{"packages": {"x/directus": ["directus@11.1.0", {}]}}', None), ("npm-shrinkwrap.json", '{"dependencies": {"directus": {"version": "11.1.0"}}}', "11.1.0"),
    ],
)  # fmt: skip
def test_what_a_lock_pins(tmp_path: Path, name: str, text: str, version: str | None) -> None:
    found = packages.versions(repository(tmp_path, {"package.json": PACKAGE, name: text}))[""]
    if version is None:
        assert found.origin is VersionOrigin.PACKAGE
    else:
        assert (found.origin, found.text, cut(tmp_path, found.location)) == (VersionOrigin.LOCK, version, version)


@each_case(
    ("folder", "version"),
    [
        ("", "11.1.0"),
        ("apps", "11.1.0"),
        ("apps/old", "10.13.4"),
        ("apps/old/inner", "10.13.4"),
        ("apps/older", "11.1.0"),
    ],
)
def test_the_workspace_of_a_package(tmp_path: Path, folder: str, version: str) -> None:
    path = f"{folder}/package.json".lstrip("/")
    found = packages.versions(repository(tmp_path, {path: PACKAGE, "package-lock.json": NPM_3}))
    assert {place: one.text for place, one in found.items()} == {folder: version}


def test_the_nearest_lock_counts_even_if_it_has_no_directus(tmp_path: Path) -> None:
    files = {"a/package.json": PACKAGE, "a/yarn.lock": "# none\n", "package-lock.json": NPM_3}
    assert packages.versions(repository(tmp_path, files))["a"].origin is VersionOrigin.PACKAGE


@each_case(
    ("text", "shown", "version"),
    [
        ('{"dependencies": {"directus": "=11.5.0"}}', "=11.5.0", Version(11, 5, 0)), ('{"dependencies": {"@directus/api": "1", "directus": "2.0.0"}}', "2.0.0", Version(2, 0, 0)), ('{"devDependencies": {"directus": "1.0.0"}, "dependencies": {"directus": "2.0.0"}}', "2.0.0", Version(2, 0, 0)),
        ('{"dependencies": {"directus": "%s"}}' % ("x" * 101), "x" * 100, None), ('{"dependencies": {"directus": ["x"]}, "peerDependencies": {"directus": "3.0.0"}}', "3.0.0", Version(3, 0, 0)),
    ],
)  # fmt: skip
def test_what_a_package_asks_for(tmp_path: Path, text: str, shown: str, version: Version | None) -> None:
    found = packages.versions(repository(tmp_path, {"package.json": text}))[""]
    assert (found.text, found.version, found.origin) == (shown, version, VersionOrigin.PACKAGE)


def test_the_lock_of_a_workspace_below_the_root(tmp_path: Path) -> None:
    found = packages.versions(
        repository(tmp_path, {"web/apps/old/package.json": PACKAGE, "web/package-lock.json": NPM_3})
    )
    assert found["web/apps/old"].text == "10.13.4"
