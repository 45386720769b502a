"""Which files hold commands: scripts, recipes, pipelines, and the scripts of a package.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.files import signs
from directus_guard.sources.files.file_set import FileSet

if TYPE_CHECKING:
    from collections.abc import Callable

YAML: Final = ("*.yml", "*.yaml")
SCRIPT_FILES: Final = FileSet(("*.sh", "*.bash", "*.zsh", "*.ksh", "*.command"), signs.starts_container)
RECIPES: Final = FileSet(
    ("makefile", "gnumakefile", "makefile.*", "*.makefile", "*.mk", "justfile", ".justfile", "*.just"),
    signs.starts_container,
)
JENKINS: Final = ("jenkinsfile", "jenkinsfile.*", "*.jenkinsfile", "*.groovy")


def scripts(relevant: Callable[[str], bool]) -> tuple[FileSet, ...]:
    """Every kind of file that holds commands."""
    return (
        FileSet(SCRIPT_FILES.names, relevant),
        FileSet(("*",), relevant, holds=lambda data: data.startswith(b"#!"), bare=True),
        FileSet(RECIPES.names, relevant),
        FileSet(JENKINS, relevant),
        FileSet(("package.json",), relevant),
        FileSet(YAML, lambda text: signs.has_commands(text) and relevant(text)),
    )
