"""NixOS: what a module says of a container or of a service, as Nix would give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import nixos
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

HEAD: Final = 'virtualisation.oci-containers.containers.cms = {\n  image = "directus/directus:11.5.1";\n'


def found(root: Path, text: str) -> tuple[Deployment, ...]:
    return nixos.read(repository(root, {"cms.nix": text}))


@each_case(
    "text",
    [
        f'{{ ... }}: {{ {HEAD} environment = {{ SECRET = "abc"; }}; }}; }}',
        f'{{ {HEAD} environment.SECRET = "abc"; }}; }}',
        f'{{ {HEAD} environment."SECRET" = "abc"; }}; }}',
        f'{{ lib, ... }}: {{ config = lib.mkIf true {{ {HEAD} environment = lib.mkForce {{ SECRET = lib.mkDefault "abc"; }}; }}; }}; }}',
        f'{{ ... }}: let s = "abc"; in {{ {HEAD} environment = {{ SECRET = s; }}; }}; }}',
        f'{{ ... }}: let s = "a"; t = s + ""; SECRET = "${{s}}bc"; in {{ {HEAD} environment = {{ inherit SECRET; }}; }}; }}',
        f'with import <nixpkgs> {{}}; {{ {HEAD} environment = rec {{ A = "b"; SECRET = "a${{A}}c"; }}; }}; }}',
        f"{{ {HEAD} environment = {{ SECRET = ''abc''; }}; }}; }}",
        f'{{ {HEAD} environment = {{ SECRET = "x"; }} // {{ SECRET = "abc"; }}; }}; }}',
        'args: { virtualisation.oci-containers.containers = { cms.image = "directus/directus:11.5.1"; cms.environment.SECRET = "abc"; }; }',
        f'args: {{ {HEAD} }}; virtualisation.oci-containers.containers.cms.environment.SECRET = "abc"; }}',
        f'{{ imports = [ {{ {HEAD} environment = {{ SECRET = "abc"; }}; }}; }} ]; }}',
        f'{{ lib, ... }}: lib.mkMerge [ {{ {HEAD} }}; }} {{ {HEAD} environment.SECRET = "abc"; }}; }} ]',
        f'{{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ ({{ ... }}: {{ {HEAD} environment.SECRET = "abc"; }}; }}) ]; }}; }}',
    ],
)  # fmt: skip
def test_a_container(tmp_path: Path, text: str) -> None:
    (made,) = found(tmp_path, text)
    assert made.name == "cms.nix#cms"
    assert ("SECRET", "abc") in texts(made.variables)
    assert made.version is not None
    assert str(made.version.version) == "11.5.1"
    assert cut(tmp_path, made.version.location) == "directus/directus:11.5.1"


@each_case(
    "value",
    ["config.age.secrets.x", '"a${config.x}"', "if a then b else c", 'builtins.readFile "x"', "null + 1", "toString x", "secret"],
)  # fmt: skip
def test_what_nix_works_out_is_not_known(tmp_path: Path, value: str) -> None:
    (made,) = found(tmp_path, f"{{ secret, ... }}: {{ {HEAD} environment = {{ SECRET = {value}; }}; }}; }}")
    (variable,) = made.variables
    assert isinstance(variable.value, Unknown)
    assert not made.gaps


@each_case(
    "environment",
    ["config.x", 'f { } // config.x // { A = "b"; }', 'builtins.listToAttrs [ ] // x // { A = "b"; }', '{ ${name} = "x"; A = "b"; }'],
)  # fmt: skip
def test_an_environment_that_is_not_all_known(tmp_path: Path, environment: str) -> None:
    (made,) = found(tmp_path, f"{{ config, x, ... }}: {{ {HEAD} environment = {environment}; }}; }}")
    assert made.gaps


@each_case(
    "more",
    ['environment.${name} = "x";', 'environment."${name}" = "x";', 'extraOptions = [ "--env=A=b" ];', "extraOptions = config.x;", 'extraOptions = [ "--x" y ];'],
)  # fmt: skip
def test_variables_that_are_set_in_another_way(tmp_path: Path, more: str) -> None:
    (made,) = found(tmp_path, f'{{ config, name, y, ... }}: {{ {HEAD} environment.SECRET = "abc"; {more} }}; }}')
    assert made.gaps


def test_a_set_put_over_an_unknown_one(tmp_path: Path) -> None:
    text = '{ base, ... }: { virtualisation.oci-containers.containers.cms = base // { image = "directus/directus:11.5.1"; }; }'
    (made,) = found(tmp_path, text)
    assert made.gaps


def test_files_of_a_container_and_of_a_unit(tmp_path: Path) -> None:
    unit = 'systemd.services.cms = { environment = { SECRET = "abc"; DB_CLIENT = "pg"; }; serviceConfig.EnvironmentFile = "/run/x"; };'
    container = f'{HEAD} environmentFiles = [ "/run/secrets/cms" ]; }};'
    for text in (unit, container):
        (made,) = found(tmp_path / text[:3], f"{{ {text} }}")
        assert made.name == "cms.nix#cms"
        assert [gap.reason for gap in made.gaps]


@each_case("text", ['{ x = "directus/directus"; ', "{ a = directus }", "directus: ["])
def test_no_valid_nix(tmp_path: Path, text: str) -> None:
    made = repository(tmp_path, {"cms.nix": text})
    assert nixos.read(made) == ()
    assert [problem.incomplete for problem in made.problems] == [True]


def test_names_that_stand_for_themselves_end(tmp_path: Path) -> None:
    (made,) = found(
        tmp_path, f"{{ ... }}: let a = b; b = a; in {{ {HEAD} environment = rec {{ SECRET = a; A = A; }}; }}; }}"
    )
    assert [name for name, _ in texts(made.variables)] == ["SECRET", "A"]


@each_case(
    ("opened", "closed"),
    [("{ a = ", "; }"), ("[ ", " ]"), ("(", ")"), ("f { y = ", "; }"), ('"${', '}"'), ("f ", ""), ("{ } // ", "")],
)
def test_deep_nesting_ends(tmp_path: Path, opened: str, closed: str) -> None:
    deep = f"{opened * 3000}1{closed * 3000}"
    (made,) = found(tmp_path, f"{{ ... }}: {{ x = {deep}; {HEAD} environment = {{ SECRET = {deep}; }}; }}; }}")
    assert [name for name, _ in texts(made.variables)] == ["SECRET"]


def test_names_that_hold_each_other_twice_end(tmp_path: Path) -> None:
    names = "".join(f"a{number} = [ a{number + 1} a{number + 1} ]; " for number in range(60))
    (made,) = found(
        tmp_path, f'{{ ... }}: let {names} in {{ x = a0; {HEAD} environment = {{ SECRET = "abc"; }}; }}; }}'
    )
    assert texts(made.variables) == [("SECRET", "abc")]


@each_case("piece", ["a.b.c = { d = 1; };\n", "a = [ 1 2 ];\n", 'x.environment.A = "b";\n', "y = f { } { };\n"])
def test_the_cost_is_linear(tmp_path: Path, piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        lines = "".join(piece.replace(" =", f"{number} =", 1) for number in range(size // len(piece)))
        root = write(tmp_path / str(size), {"a.nix": f"{{ directus = 1;\n{lines}}}"})
        return lambda: nixos.read(Repository(root))

    assert grows_linearly(work, 10_000)
