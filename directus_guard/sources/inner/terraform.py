"""Files that a module of Terraform makes: texts of `user_data` and `local_file`, and templates with what is put in.

A text that is handed to a template is shown where it is written. What is not known of it stays a reference, `${name}`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard import limits
from directus_guard.directus.disclosure import is_secret_name
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.deployments import host_commands, terraform
from directus_guard.sources.deployments.terraform_stores import Stores
from directus_guard.sources.files import registry, signs
from directus_guard.sources.files.inner_file import InnerFile, Stretch, stretches
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.values import Call, ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind
from directus_guard.sources.inner import naming, terraform_template
from directus_guard.sources.inner.objects import CONTENTS, PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats import hcl_document
    from directus_guard.sources.formats.values import Value

_TEMPLATES: Final = lazy_pattern(r"templatefile|template_file|\bfile\(")
_NAMED: Final = lazy_pattern(r"(?:templatefile|\bfile)\(\s{0,40}\"(?:[^\"\n]{0,300}/)?([^\"\n/$%{}]{1,200})\"")
_OF_TEXTS: Final = frozenset({Call.FILE, Call.JOIN, Call.REPLACE, Call.FORMAT})
"""Calls that make a text of others."""
_UNREAD: Final = (
    "which template is filled in here is not known, or it is not in the repository: what it makes was not read"
)
_VERB: Final = lazy_pattern(r"%[svqd]")
_LISTS: Final = ("inline", "runcmd", "commands")
_MAX_FILES: Final = 100
"""Files of one module that are followed."""
_MAX_DEPTH: Final = 30
_MAX_EACH: Final = 20
"""Entries of one `for_each` that are followed."""
_EACH: Final = lazy_pattern(r"each\.(key|value)((?:\.[A-Za-z_][\w-]*|\[\"[^\"\]]{1,200}\"\])*)")
_KEY: Final = lazy_pattern(r"[A-Za-z_][^.\"\[\]]*")


def files(repository: Repository) -> Iterator[InnerFile]:
    """The files of all modules, in the order of their paths, and the templates beside them."""
    taken: dict[str, str] = {}
    for module, starts in terraform.started(repository, lambda text: _is_wanted(repository, text)):
        for start in starts:
            stores = Stores(module.blocks, module.scope(start.values).resolve)
            try:
                found = tuple(_made(repository, module, stores))
            except limits.OverBudgetError as error:
                repository.problem(next(iter(module.files)), f"{error}: what it makes was not read", incomplete=True)
                continue
            for made in found:
                path = _free(made.path, made.text, start.name, taken)
                if path is not None:
                    yield InnerFile(path, made.holder, made.runs, made.beside, start.hint or start.name)
    for made in _unused(repository):
        path = _free(made.path, made.text, "", taken)
        if path is not None:
            yield InnerFile(path, made.holder, made.runs)


def _made(repository: Repository, module: terraform.TerraformModule, stores: Stores) -> Iterator[_Made]:
    """The files of a module; of a template with choices both ways."""
    made = tuple(_Reader(repository, module, stores).files())
    yield from made
    if any(_has_choices(repository, one) for one in made):
        others = _Reader(repository, module, stores, otherwise=True).files()
        yield from (one for one in others if _has_choices(repository, one))


def _has_choices(repository: Repository, made: _Made) -> bool:
    return terraform_template.has_choices(repository.text(made.holder) or "")


def _unused(repository: Repository) -> Iterator[_Made]:
    """Templates that no module here fills in: their plain part, both ways."""
    for place in registry.TERRAFORM_TEMPLATES.paths(repository):
        text = repository.text(place) or ""
        for otherwise in (False, True) if terraform_template.has_choices(text) else (False,):
            runs = tuple(terraform_template.render(place, text, None, lambda _: (), otherwise=otherwise))
            held = "".join(run.text for run in runs)
            path = naming.path(place, place.rpartition("/")[2], held)
            if path is not None:
                repository.hide(place)
                yield _Made(path, place, held, runs, frozenset())


def _free(path: str, text: str, start: str, taken: dict[str, str]) -> str | None:
    """The path, in a folder that says how the module is used where it is used in several ways; None for the same again."""
    folder, _, name = path.rpartition("/")
    way = re.sub(r"[^A-Za-z0-9_/-]+", "-", start).strip("/") or "other"
    made, number = path, 0
    while made in taken:
        if taken[made] == text:
            return None
        number += 1
        made = f"{folder}/{way}/{name}" if number == 1 else f"{folder}/{way}/{number}/{name}"
    taken[made] = text
    return made


def _is_wanted(repository: Repository, text: str) -> bool:
    """Whether a module may make a file that is about Directus: it names it, or a template does that it takes."""
    if signs.concerns_directus(text):
        return True
    if _TEMPLATES.search(text) is None:
        return False
    names = {name.lower() for name in _NAMED.findall(text)}
    paths = repository.named(*names) if names else ()
    return any(signs.concerns_directus(repository.text(path) or "") for path in paths)


class _Made(Unprinted, frozen=True, eq=False):
    path: str
    holder: str
    text: str
    runs: tuple[Stretch, ...]
    beside: frozenset[str]


class _Reader:
    """The files that the blocks of a module make where its variables have some values."""

    def __init__(
        self, repository: Repository, module: terraform.TerraformModule, stores: Stores, *, otherwise: bool = False
    ) -> None:
        """`otherwise`: as in `terraform_template.render`."""
        self._repository, self._module, self._follow = repository, module, stores.resolve
        self._each: ObjectEntry | None = None
        """Of `for_each` the entry that a block is made for."""
        self._otherwise = otherwise
        self._taken_in: set[str] = set()
        """Files whose text is a part of the one that is made."""
        self._positions: dict[str, Positions] = {}

    def files(self) -> Iterator[_Made]:
        number = 0
        for path, blocks in self._module.files.items():
            for block in blocks:
                for made in filter(None, self._of_block(path, block)):
                    if number == _MAX_FILES:
                        naming.too_many(self._repository, path)
                        return
                    number += 1
                    yield made

    def _of_block(self, path: str, block: hcl_document.HclBlock) -> Iterator[_Made | None]:
        """The files of a block, for each entry that it is made for."""
        if block.kind not in ("resource", "module", "data", "locals"):
            return
        over = block.body.get("for_each")
        held = None if over is None else self._follow(over)
        for self._each in held.entries[:_MAX_EACH] if isinstance(held, ObjectValue) else (None,):
            if block.kind == "data" and block.labels[:1] == ("template_file",):
                yield self._old_template(path, block.body)
            else:
                yield from self._below(path, block.body, block.labels[:1] == ("helm_release",))
        self._each = None

    def _resolve(self, value: Value) -> Value:
        """What is behind a reference, also to the entry of `for_each`."""
        if self._each is None or not isinstance(value, ComputedValue) or "each." not in value.source:
            return self._follow(value)
        found = _EACH.fullmatch(value.source)
        if found is None:
            key = f'["{self._each.key.text}"]'
            return self._follow(replace(value, source=value.source.replace("[each.key]", key)))
        held: Value | None = self._each.key if found[1] == "key" else self._follow(self._each.value)
        for name in _KEY.findall(found[2]):
            held = held.get(name) if isinstance(held, ObjectValue) else None
            held = None if held is None else self._follow(held)
        return value if held is None else held

    def _below(self, path: str, root: ObjectValue, release: bool) -> Iterator[_Made | None]:
        """The files below a block. The texts of a `helm_release` are values, which are read with the release."""
        stack: list[tuple[str, Value]] = [("", root)]
        while stack:
            key, value = stack.pop()
            if isinstance(value, List):
                commands = self._made(path, key, "script.sh", self._lines(value)) if key in _LISTS else None
                if commands is not None:
                    yield commands
                else:
                    stack.extend((key, item) for item in reversed(value.items))
            elif isinstance(value, ObjectValue):
                written, content = self._with_path(value)
                if content is not None:
                    yield self._content(path, written, content)
                stack.extend(
                    (entry.key.text, entry.value) for entry in reversed(value.entries) if entry.value is not content
                )
            elif not release or (isinstance(value, ComputedValue) and value.call is Call.TEMPLATE):
                yield self._content(path, "", value, key)
            if isinstance(value, ComputedValue) and value.call in (Call.MERGE, Call.PAIRS):
                stack.extend((key, part) for part in value.parts)

    def _with_path(self, node: ObjectValue) -> tuple[str, Value | None]:
        """Path and text of an object that is a file: `local_file`, `provisioner "file"`, `write_files`."""
        places = [held for name in PATHS if (held := node.get(name)) is not None]
        content = next((held for name in CONTENTS if (held := node.get(name)) is not None), None)
        if not places or content is None:
            return "", None
        return "".join(run.text for run in self._runs("", places[0], 0)), content

    def _content(self, path: str, written: str, value: Value, key: str = "") -> _Made | None:
        """The file of a text; of a template under the name of that, in its own place."""
        held = value
        for _ in range(_MAX_DEPTH):
            if not (isinstance(held, ComputedValue) and (held.call is Call.ENCODE or held.source.startswith("local."))):
                break
            follow = held.parts[0] if held.call is Call.ENCODE else self._resolve(held)
            if follow is held:
                break
            held = follow
        if isinstance(held, ComputedValue) and held.call is Call.TEMPLATE:
            return self._template(path, written, held.parts, held)
        if not isinstance(held, Text | ComputedValue):
            return None
        if (
            isinstance(held, ComputedValue)
            and held.call is not None
            and (held.call not in _OF_TEXTS or held.call is Call.FILE)
        ):
            return None
        self._taken_in.clear()
        made = self._made(path, key, written, tuple(self._runs(path, held, 0)), held.location.path)
        if made is not None:
            for place in self._taken_in:
                self._repository.hide(place)
        return made

    def _made(self, path: str, key: str, written: str, runs: Sequence[Stretch], holder: str = "") -> _Made | None:
        text = "".join(run.text for run in runs)
        if not signs.concerns_directus(text):
            return None
        made = naming.path(holder or path, written or key, text)
        return None if made is None else _Made(made, holder or path, text, tuple(runs), frozenset({path}))

    def _lines(self, value: List) -> tuple[Stretch, ...]:
        """The commands of `inline = [ … ]`, one on a line."""
        found: list[Stretch] = []
        for item in value.items:
            runs = tuple(self._runs("", item, 0))
            found += (*runs, Stretch("\n", place=item.location))
        return tuple(found)

    def _runs(self, path: str, value: Value, depth: int) -> Iterator[Stretch]:
        """A text with what is put in, as far as it is known."""
        held = value
        if isinstance(held, ComputedValue) and not held.parts and held.call is None:
            held = self._resolve(held)
        if isinstance(held, Text) and held.kind is not TextKind.NULL:
            yield from self._literal(held)
        elif isinstance(held, ComputedValue) and held.call is None and held.parts and depth < _MAX_DEPTH:
            yield from self._pieces(held, depth)
        elif isinstance(held, ComputedValue) and held.call is Call.TEMPLATE and depth < _MAX_DEPTH:
            found = self._rendered(path, held.parts, held)
            yield from found[1] if found is not None else ()
        elif isinstance(held, ComputedValue) and held.call is Call.ENCODE and held.parts:
            yield from self._put_in(path, held.parts[0], depth)
        elif isinstance(held, ComputedValue) and held.call in _OF_TEXTS and depth < _MAX_DEPTH:
            yield from self._called(path, held, depth)
        elif isinstance(held, ComputedValue):
            name = terraform_template.reference(value.source if isinstance(value, ComputedValue) else held.source)
            default = f":-{held.fallback}" if held.fallback is not None and held.written else ""
            yield Stretch(f"${{{name}{default}}}", place=held.location, taken=value.location)

    def _put_in(self, path: str, value: Value, depth: int) -> Iterator[Stretch]:
        """A text that is a part of another one. Values that double each other grow past any memory."""
        for run in self._runs(path, value, depth + 1):
            self._repository.budgets.of(limits.TERRAFORM_TEXTS).spend(len(run.text))
            yield run

    def _called(self, path: str, call: ComputedValue, depth: int) -> Iterator[Stretch]:
        """The text that a function makes of others."""
        if call.call is Call.FILE:
            place = self._located(call.parts[0])
            text = self._repository.text(place) if place is not None else None
            if place is not None and text is not None:
                self._taken_in.add(place)
                yield Stretch(text, Positions(place, text))
            return
        first, others = call.parts[0], call.parts[1:]
        held = tuple(self._put_in(path, first, depth))
        if call.call is Call.JOIN:
            lists = [self._resolve(part) for part in others]
            items = [item for one in lists for item in (one.items if isinstance(one, List) else (one,))]
            for number, item in enumerate(items):
                yield from held if number else ()
                yield from self._put_in(path, item, depth)
        elif call.call is Call.REPLACE and len(others) == 2:
            old = self._resolve(others[0])
            new = tuple(self._put_in(path, others[1], depth))
            for run in held:
                yield from _replaced(run, old.text if isinstance(old, Text) else "", new)
        else:
            verbs = _VERB.split("".join(run.text for run in held))
            for number, literal in enumerate(verbs):
                yield Stretch(literal, place=first.location)
                if number < len(verbs) - 1:
                    given = tuple(self._put_in(path, others[number], depth)) if number < len(others) else ()
                    yield from given

    def _literal(self, literal: Text) -> Iterator[Stretch]:
        path = literal.location.path
        source = self._repository.text(path) or ""
        return iter(
            tuple(stretches(traced.scalar(path, source, literal.text, literal.location, self._places(path)), source))
        )

    def _places(self, path: str) -> Positions:
        if path not in self._positions:
            self._positions[path] = Positions(path, self._repository.text(path) or "")
        return self._positions[path]

    def _pieces(self, value: ComputedValue, depth: int) -> Iterator[Stretch]:
        """A text of several pieces, each literal one where the file has it."""
        path = value.location.path
        source = self._repository.text(path) or ""
        marks = [one.text if isinstance(one, Text) else f"${{{_source(one)}}}" for one in value.parts]
        whole = traced.scalar(path, source, "".join(marks), value.location, self._places(path))
        start = 0
        for part, mark in zip(value.parts, marks, strict=True):
            own = whole.cut(start, start + len(mark))
            start += len(mark)
            if isinstance(part, Text):
                yield from stretches(own, source)
                continue
            for run in self._put_in(path, part, depth):
                yield run.taken_in(own.location)

    def _old_template(self, path: str, body: ObjectValue) -> _Made | None:
        """`data "template_file"`: its text, or that of a file, with `vars`."""
        held = body.get("template")
        given = body.get("vars")
        if not isinstance(held, ComputedValue) or held.call is not Call.FILE:
            return None
        return self._template(path, "", (*held.parts, *((given,) if given is not None else ())), held)

    def _template(self, path: str, written: str, parts: Sequence[Value], call: ComputedValue) -> _Made | None:
        found = self._rendered(path, parts, call)
        if found is None:
            return None
        place, runs = found
        text = "".join(run.text for run in runs)
        if not signs.concerns_directus(text):
            return None
        made = naming.path(place, written or place.rpartition("/")[2], text)
        if made is None:
            return None
        self._repository.hide(place)
        return _Made(made, place, text, runs, frozenset({path}))

    def _rendered(
        self, path: str, parts: Sequence[Value], call: ComputedValue
    ) -> tuple[str, tuple[Stretch, ...]] | None:
        """The path of a template and its text with what is put in; None where it is not here, which is said."""
        given = self._resolve(parts[1]) if len(parts) > 1 else None
        place = self._located(parts[0]) if parts else None
        text = self._repository.text(place) if place is not None else None
        if place is None or text is None:
            self._say_unread(call.location, about=self._module_names_directus and _is_about_directus(call, given))
            return None
        known = given if isinstance(given, ObjectValue) else None
        runs = terraform_template.render(
            place, text, known, lambda held: tuple(self._runs(path, held, 1)), otherwise=self._otherwise
        )
        return place, tuple(runs)

    def _say_unread(self, place: Location, *, about: bool) -> None:
        if about:
            self._repository.problem(place.path, _UNREAD, place.line, incomplete=True)
        else:
            self._repository.aside(place.path, _UNREAD, place.line)

    @cached_property
    def _module_names_directus(self) -> bool:
        return signs.names_directus("\n".join(self._repository.text(path) or "" for path in self._module.files))

    def _located(self, value: Value) -> str | None:
        """The file that `"${path.module}/x.tftpl"` names: below the module's folder, or one above it."""
        pieces = value.parts if isinstance(value, ComputedValue) and value.parts else (value,)
        texts = []
        for piece in pieces:
            held = self._resolve(piece)
            if isinstance(held, Text):
                texts.append(held.text)
            elif not isinstance(held, ComputedValue) or not held.source.startswith("path."):
                return None
        written = "".join(texts).lstrip("/")
        folder = self._module.folder
        while written:
            place = self._repository.resolve(folder, written)
            if place is not None and place in self._repository:
                return place
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
        return None


def _is_about_directus(call: ComputedValue, given: Value | None) -> bool:
    """Whether a template that is not here may be Directus', by its name and by what it is given."""
    names = (entry.key.text for entry in given.entries) if isinstance(given, ObjectValue) else ()
    own = map(host_commands.own_name, names)
    return "directus" in call.source.lower() or any(
        signs.is_directus_variable(name) and is_secret_name(name) for name in own
    )


def _replaced(run: Stretch, old: str, new: Sequence[Stretch]) -> Iterator[Stretch]:
    """A run with another text in the place of `old`; a pattern (`/…/`) is not followed."""
    if not old or (old.startswith("/") and old.endswith("/") and len(old) > 1):
        yield run
        return
    index = 0
    for literal in run.text.split(old):
        if index:
            place = run.region(index - len(old), index)
            yield from (one.taken_in(place) for one in new)
        yield Stretch(literal, run.positions, run.offset + index, run.place, run.taken)
        index += len(literal) + len(old)


def _source(value: Value) -> str:
    return re.sub(r"[{}\n]", "_", value.source) if isinstance(value, ComputedValue) else "_"
