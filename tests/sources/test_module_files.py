"""Which file an import means, in repositories with many files: what is looked up is what trying every name would find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings, strategies as st

from directus_guard.sources.code import module_files, packages
from directus_guard.sources.code.module_files import ModuleFiles
from directus_guard.sources.files.inner_file import InnerFile, Stretch
from tests.support.cost import grows_linearly, lines_run
from tests.support.repositories import repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKAGE: Final = '{"name": "web", "dependencies": {"@directus/sdk": "^17.0.0"}}'
TOKEN: Final = "PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr"
ENDINGS: Final = (
    "",
    ".ts",
    ".d.ts",
    ".js",
    ".mts",
    ".mjs",
    ".cjs",
    ".json",
    ".native.tsx",
    ".web.js",
    ".native.json",
    ".css",
)
STEMS: Final = ("", "a", "index", "a/index", "a/b", "a/b.native", "index.web", "a.js", "json")
PATHS: Final = st.tuples(st.sampled_from(STEMS), st.sampled_from(ENDINGS)).map("".join).filter(bool)


def tried(paths: set[str], base: str) -> str | None:
    """The first of all the names that an import may stand for."""
    stem, dot, ending = base.rpartition(".")
    written = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
    named = [base, *(stem + other for other in written.get(f".{ending}", ()) if dot)]
    named += [base + one for one in module_files.ENDINGS]
    named += [f"{base}/index{one}".lstrip("/") for one in module_files.ENDINGS]
    return next((one for one in named if one in paths and not one.endswith(".d.ts")), None)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(paths=st.sets(PATHS, max_size=6), base=st.one_of(PATHS, st.sampled_from(STEMS)))
def test_the_index_leaves_out_no_name_that_an_import_may_stand_for(paths: set[str], base: str) -> None:
    if tried(paths, base) is not None:
        assert any(base in module_files.bases_of(path) for path in paths)


def test_a_file_that_is_found_inside_of_another_later_is_imported(tmp_path: Path) -> None:
    held = repository(tmp_path, {"src/c.ts": "", "package.json": PACKAGE})
    files = ModuleFiles(held)
    assert files.find("src/c.ts", "./config") == ()
    held.hold([InnerFile("src/config.ts", "package.json", [Stretch("export const a = 1;\n")])])
    assert files.find("src/c.ts", "./config") == ("src/config.ts",)


def test_an_import_costs_little_in_folders_that_configure_nothing(tmp_path: Path) -> None:
    """Alias by convention, eight folders deep, for a file that is not there: every folder upwards could have it."""
    folder = "/".join(f"d{number}" for number in range(8))
    files = ModuleFiles(repository(tmp_path, {f"{folder}/c.ts": "", "package.json": PACKAGE}))
    files.find(f"{folder}/c.ts", "./x")
    files.find(f"{folder}/c.ts", "@/first")
    other = lines_run(lambda: files.find(f"{folder}/c.ts", "@/config"))
    again = lines_run(lambda: files.find(f"{folder}/d.ts", "@/config"))
    assert other < 1000
    assert again < 40


def client(number: int, module: str) -> str:
    return (
        'import { createDirectus, staticToken } from "@directus/sdk";\n'
        f'import {{ TOKEN }} from "{module}";\n'
        f'export const c{number} = createDirectus("https://cms.acme.com").with(staticToken(TOKEN));\n'
    )


def clients(folder: Path, module: str) -> Callable[[int], Callable[[], object]]:
    """So many clients, each in a folder of its own, and a list that exports all of them and the token."""

    def work(count: int) -> Callable[[], object]:
        stars = "".join(f'export * from "./c/d{number}/c";\n' for number in range(count))
        held = repository(
            folder / str(count),
            {
                "package.json": PACKAGE,
                "src/config.ts": f'export const TOKEN = "{TOKEN}";\n',
                "src/index.ts": stars + 'export * from "./config";\n',
                **{f"src/c/d{number}/c.ts": client(number, module) for number in range(count)},
            },
        )
        return lambda: packages.read(held)

    return work


@pytest.mark.thorough
@pytest.mark.parametrize("module", ["../../config", "@/config", "../..", "@/index"])
def test_clients_that_import_their_token_cost_in_proportion(tmp_path: Path, module: str) -> None:
    work = clients(tmp_path, module)
    work(1)()  # what is imported and compiled once
    assert grows_linearly(work, 40)


def test_a_token_is_found_behind_a_long_list_of_modules(tmp_path: Path) -> None:
    held = repository(
        tmp_path,
        {
            "package.json": PACKAGE,
            "src/config.ts": f'export const TOKEN = "{TOKEN}";\n',
            "src/index.ts": "".join(f'export * from "./m{number}";\n' for number in range(500))
            + 'export * from "./config";\n',
            "src/c/c.ts": client(0, ".."),
            **{f"src/m{number}.ts": f"export const m{number} = {number};\n" for number in range(500)},
        },
    )
    found, _ = packages.read(held)
    assert [token.location.path for package in found for token in package.tokens] == ["src/config.ts"]


def test_a_name_behind_several_lists_is_found(tmp_path: Path) -> None:
    """Lists of lists, one of CommonJS, one of a foreign package, one of a file that is missing, one that names itself."""
    held = repository(
        tmp_path,
        {
            "package.json": PACKAGE,
            "src/index.ts": 'export * from "lodash";\nexport * from "./gone";\nexport * from "./lists";\nexport * from "./index";\n',
            "src/lists/index.ts": 'export * from "./a";\nexport * from "..";\nexport * from "./plain";\n',
            "src/lists/a.ts": "export const other = 1;\n",
            "src/lists/plain.cjs": f'module.exports = {{ TOKEN: "{TOKEN}" }};\n',
            "src/c/c.ts": client(0, ".."),
        },
    )
    found, _ = packages.read(held)
    assert [token.location.path for package in found for token in package.tokens] == ["src/lists/plain.cjs"]
