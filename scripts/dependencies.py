"""What directus-guard installs: the table of docs/dependencies.md, and a bill of materials in CycloneDX.

`python -m scripts.dependencies table` writes the table with the sizes of this environment, `sbom PATH` the bill of materials.
Both are made from requirements.lock and from what the locked packages say of themselves; the same lock gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from directus_guard import __version__

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
PAGE: Final = ROOT / "docs" / "dependencies.md"
BEGIN: Final = "<!-- packages: made by `python -m scripts.dependencies table` -->\n"
END: Final = "<!-- end -->"

PURPOSES: Final = {
    "annotated-types": "pydantic's limits of values",
    "anyio": "asynchronous requests of httpx, which are not used",
    "attrs": "the classes of sarif-om",
    "certifi": "the certificates that an instance and GitHub's API are checked against",
    "h11": "HTTP/1.1 for httpcore",
    "httpcore": "connections for httpx",
    "httpx": "the requests of a live audit, and those to GitHub's API",
    "idna": "host names with other letters, for httpx",
    "jinja2": "the HTML report; it escapes every value",
    "markupsafe": "the escaping of jinja2",
    "msgspec": "plain data of the program; exports in JSON",
    "pbr": "the version of sarif-om while it is built; never imported",
    "pydantic": "the config file and the answers of an instance, checked",
    "pydantic-core": "the checking of pydantic",
    "python-dotenv": "the syntax of `.env` files, with lines",
    "pyyaml": "YAML with the place of each value, by libyaml",
    "sarif-om": "the object model of SARIF",
    "setuptools": "asked for by pbr; never imported",
    "tree-sitter": "HCL, JSON, TOML, JavaScript, Nix and Bicep with places, in broken files, too",
    "tree-sitter-bicep": "the grammar of Bicep (Azure)",
    "tree-sitter-hcl": "the grammar of HCL: Terraform, Nomad, Docker Bake",
    "tree-sitter-javascript": "the grammar of JavaScript",
    "tree-sitter-json": "the grammar of JSON",
    "tree-sitter-nix": "the grammar of Nix: modules of NixOS",
    "tree-sitter-toml": "the grammar of TOML",
    "tree-sitter-typescript": "the grammar of TypeScript",
    "typing-extensions": "newer types for pydantic and anyio",
    "typing-inspection": "types at run time, for pydantic",
}
NOT_IN_THE_IMAGE: Final = frozenset({"anyio", "pbr", "setuptools"})
"""Asked for by packages, imported by none: the Dockerfile deletes them."""
_LICENCES: Final = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
}
"""Licences of packages that name them only by a classifier."""


@dataclass(frozen=True)
class Package:
    """One package of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed."""
    requires: tuple[str, ...]
    licence: str
    """As an SPDX expression."""
    size: int
    """Bytes of the files that are installed here, without byte code."""

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def packages() -> tuple[Package, ...]:
    """Every package of the lock, by name. They have to be installed, at the locked versions."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for block in re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8").strip()):
        named = re.match(r"([\w.-]+)==([\w.]+)", block)
        if named is None:
            raise ValueError(f"requirements.lock: {block[:60]}")
        found[named[1]] = (named[2], tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))))
    return tuple(_package(name, *found[name], frozenset(found)) for name in sorted(found))


def _package(name: str, version: str, hashes: tuple[str, ...], locked: frozenset[str]) -> Package:
    installed = distribution(name)
    if installed.version != version:
        raise ValueError(f"{name} {installed.version} is installed, {version} is locked: run `make setup`")
    metadata = installed.metadata
    # Not `get`: on Python 3.11 the type has none.
    said = [*(metadata.get_all("License-Expression") or ()), *(metadata.get_all("License") or ())]
    classified = (_LICENCES[line] for line in metadata.get_all("Classifier") or () if line in _LICENCES)
    licence = next((line for line in said if line), None) or next(classified, "")
    size = sum(file.size or 0 for file in installed.files or () if file.suffix != ".pyc")
    return Package(name, version, hashes, required(installed.requires or (), locked), licence, size)


def required(requirements: list[str] | tuple[str, ...], locked: frozenset[str]) -> tuple[str, ...]:
    """The locked packages among requirements that no extra asks for."""
    parsed = (Requirement(text) for text in requirements)
    names = {canonicalize_name(one.name) for one in parsed if "extra" not in str(one.marker or "")}
    return tuple(sorted(names & locked))


def direct() -> tuple[str, ...]:
    """The packages that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(sorted(canonicalize_name(Requirement(text).name) for text in project["dependencies"]))


def table() -> str:
    """The rows of docs/dependencies.md."""
    found = packages()
    own = direct()
    lines = ["| package | is for | licence | MB | asked for by | in the image |", "|---|---|---|---:|---|---|"]
    for one in found:
        asking = [other.name for other in found if one.name in other.requires]
        by = ", ".join([*(["directus-guard"] if one.name in own else []), *asking])
        where = "no" if one.name in NOT_IN_THE_IMAGE else "yes"
        size = f"{one.size / 1e6:.2f}"
        lines.append(f"| {one.name} | {PURPOSES[one.name]} | {one.licence} | {size} | {by} | {where} |")
    return "\n".join(lines) + "\n"


def bill() -> str:
    """The bill of materials, as JSON."""

    def component(package: Package) -> Component:
        return Component(
            type=ComponentType.LIBRARY, name=package.name, version=package.version, bom_ref=package.purl,
            purl=PackageURL.from_string(package.purl), description=PURPOSES[package.name],
            licenses=[LicenseExpression(package.licence)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in package.hashes],
            properties=[Property(name="directus-guard:image", value=str(package.name not in NOT_IN_THE_IMAGE).lower())],
        )  # fmt: skip

    found = packages()
    parts = {one.name: component(one) for one in found}
    root = Component(
        type=ComponentType.APPLICATION, name="directus-guard", version=__version__, bom_ref="directus-guard",
        licenses=[LicenseExpression("MIT")],
    )  # fmt: skip
    bom = Bom(
        components=parts.values(),
        metadata=BomMetaData(component=root),
        serial_number=uuid.uuid5(
            uuid.NAMESPACE_URL, f"directus-guard {__version__} {LOCK.read_text(encoding='utf-8')}"
        ),
    )
    for part, names in [(root, direct()), *((parts[one.name], one.requires) for one in found)]:
        bom.dependencies.add(Dependency(part.bom_ref, [Dependency(parts[name].bom_ref) for name in names]))
    made = json.loads(JsonV1Dot6(bom).output_as_string())
    del made["metadata"]["timestamp"]  # it would make each bill another one
    return json.dumps(made, indent=2) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("table")
    commands.add_parser("sbom").add_argument("path", type=Path)
    args = parser.parse_args(arguments)
    if args.command == "sbom":
        args.path.parent.mkdir(parents=True, exist_ok=True)
        args.path.write_text(bill(), encoding="utf-8")
    else:
        head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(head + BEGIN + table() + END + rest.split(END, 1)[1], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
