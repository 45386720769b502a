"""Recipes of Makefiles and Justfiles as the shell gets them."""

from __future__ import annotations

from directus_guard.sources.deployments import build_recipes
from directus_guard.sources.formats import holes
from tests.support.each import each_case


def shown(path: str, text: str) -> tuple[list[str], dict[str, str]]:
    """The scripts and the exported variables; `?` for what is put in when the recipe runs."""
    made = build_recipes.of(path, text)
    assert made is not None
    scripts = [holes.filled(one.text, "?").rstrip("\n") for one in made.scripts]
    return scripts, {name: holes.filled(value.text, "?") for name, value in made.exported.items()}


@each_case(
    ("text", "scripts", "exported"),
    [
        ("up:\n\techo a\n\t@-+echo b\n", ["echo a", "echo b"], {}), ("up:\n\techo a \\\n\t  b\n", ["echo a \\\n\t  b"], {}), ("A = x\nup:\n\techo $(A) ${A} $A\n", ["echo x x x"], {}), ("B = x\nup:\n\techo $B $$B $$(B)\n", ["echo x $B $(B)"], {}), ("A := x # c\nA2 ::= y\nA3 :::= z\nup:\n\t$(A)$(A2)$(A3)\n", ["xyz"], {}),
        ("A ?= x\nup:\n\t$(A)\n", ["?"], {}), ("A += x\nup:\n\t$(A)\n", ["?"], {}), ("A != x\nup:\n\t$(A)\n", ["?"], {}), ("A = x\nA = y\nup:\n\t$(A)\n", ["?"], {}), ("A = $(B)\nB = x\nup:\n\t$(A)\n", ["x"], {}), ("A = $(A)\nup:\n\t$(A)\n", ["?"], {}), ("up:\n\t$(shell x) $(A)\n", ["? ?"], {}),
        ("export A = x\nB = y\nexport B C\nD = z\n", [], {"A": "x", "B": "y"}), ("A = x\nexport\n", [], {"A": "x"}), ("A = x\nunexport A\n", [], {}),
        ("up: A = x\nup:\n\t$(A)\ndown:\n\t$(A)\n", ["x", "?"], {}), ("up down: export A = x\nup:\n\techo\ndown:\n\techo\nother:\n\techo\n", ["export A='x'\necho", "export A='x'\necho", "echo"], {}), ("up: A = x\nup: A += y\nup:\n\t$(A)\n", ["?"], {}), ("up: export A = it's\nup:\n\techo\n", ["echo"], {}), ("A = y\nup: A = x\nup:\n\t$(A)\n", ["x"], {}),
        ("up::\n\techo\n", ["echo"], {}), ("A = x\n\n# c\nup: dep\n\n\techo $(A)\n", ["echo x"], {}), ("A = x \\\n  y\nup:\n\t$(A)\n", ["x \\\n  y"], {}),
    ],
)  # fmt: skip
def test_a_makefile(text: str, scripts: list[str], exported: dict[str, str]) -> None:
    for path in ("Makefile", "a/GNUmakefile", "x.mk", "Makefile.prod"):
        assert shown(path, text) == (scripts, exported)


@each_case(
    ("text", "scripts", "exported"),
    [
        ("up:\n  echo a\n  @echo b\n\ndown:\n    -echo c\n", ["echo a\necho b", "echo c"], {}), ("up:\n  echo a \\\n    b\n  echo c\n", ["echo a \\\n    b\necho c"], {}), ('A := "x"\nup:\n  echo {{A}} {{ A }} {{B}} {{ f(A) }}\n', ["echo x x ? ?"], {}), ("export A := 'x y' # c\nB := 'z'\n", [], {"A": "x y"}), ("A := x\nup:\n  {{A}}\n", ["?"], {}),
    ],
)  # fmt: skip
def test_a_justfile(text: str, scripts: list[str], exported: dict[str, str]) -> None:
    for path in ("justfile", "a/.Justfile", "x.just"):
        assert shown(path, text) == (scripts, exported)


def test_any_other_file_is_one_script() -> None:
    assert build_recipes.of("up.sh", "x") is None
    assert [one.text for one in build_recipes.scripts("up.sh", "a\nb\n")] == ["a\nb\n"]
    assert [one.text for one in build_recipes.scripts("Makefile", "up:\n\ta\n\tb\n")] == ["a\n", "b\n"]


def test_variables_are_followed_so_deep() -> None:
    def nested(depth: int) -> str:
        lines = "".join(f"A{number} = $(A{number + 1})\n" for number in range(depth))
        return f"{lines}A{depth} = x\nup:\n\t$(A0)\n"

    assert shown("Makefile", nested(5))[0] == ["x"]
    assert shown("Makefile", nested(6))[0] == ["?"]
