"""Files that an object gives with their path and their text: `write_files` of cloud-init, `copy` of Ansible, Ignition."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files import signs
from directus_guard.sources.files.inner_file import InnerFile, Stretch, stretches
from directus_guard.sources.formats import traced, values, yaml_document
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.values import ObjectValue, Text, TextKind
from directus_guard.sources.inner import naming

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

PATHS: Final = ("path", "dest", "destination", "filename", "file", "target")
"""Members that say where a text is written to."""
CONTENTS: Final = ("content", "contents", "inline", "sensitive_content", "content_base64", "source")
_ENCODED: Final = ("b64", "base64")
_MAX_FILES: Final = 50
"""Files of one document that are followed."""


def files(repository: Repository, path: str) -> Iterator[InnerFile]:
    """The files in the objects of a YAML file, in their order."""
    text = repository.text(path) or ""
    about = signs.names_directus(text)
    positions = Positions(path, text)
    taken: set[str] = set()
    for document in yaml_document.documents(repository, path):
        root = values.from_yaml(document)
        for written, held in given(root):
            runs = tuple(_runs(path, text, held, positions))
            body = "".join(run.text for run in runs)
            made = naming.path(path, written.text, body) if about or signs.concerns_directus(body) else None
            if made is not None and len(taken) == _MAX_FILES:
                naming.too_many(repository, path)
                return
            if made is not None:
                yield InnerFile(naming.free(made, taken), path, runs)


def given(root: Value) -> Iterator[tuple[Text, Held]]:
    """The paths and texts in the objects below a value."""
    for node in values.walk(root):
        if not isinstance(node, ObjectValue):
            continue
        places = [scalar for name in PATHS if (scalar := node.scalar(name)) is not None]
        if not places:
            continue
        for name in CONTENTS:
            held = node.get(name)
            inner = held.get("inline") or held.get("source") if isinstance(held, ObjectValue) else held
            if inner is not None and not (name == "source" and not _is_data(inner)):
                yield places[0], (inner, name == "content_base64" or _is_encoded(node))
                break


Held = tuple["Value", bool]
"""A text, and whether it is base64."""


def _is_encoded(node: ObjectValue) -> bool:
    return (node.text("encoding") or "").lower() in _ENCODED


def _is_data(value: Value) -> bool:
    return isinstance(value, Text) and value.text.startswith("data:")


def _runs(path: str, text: str, items: Held, positions: Positions) -> Iterable[Stretch]:
    value, encoded = items
    if not isinstance(value, Text) or value.kind is not TextKind.STRING or len(value.text) > naming.MAX_CHARACTERS:
        return ()
    if encoded or value.text.startswith("data:"):
        opened = decoded(value.text.rpartition("base64,")[2])
        return () if opened is None else (Stretch(opened, place=value.location),)
    return stretches(traced.scalar(path, text, value.text, value.location, positions), text)


def decoded(text: str) -> str | None:
    """The text behind base64, None where it is none, or no text (a compressed one)."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
