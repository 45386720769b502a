"""Ansible's variables, as far as files tell them: defaults and vars of roles, group_vars, host_vars, inventories, `vars` of
plays and tasks.

Which of several values a host gets depends on the inventory; a name is only known where all files agree on its value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Part, Unknown, Variable
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret, Unprinted
from directus_guard.sources.deployments import ansible_inventory
from directus_guard.sources.files import registry
from directus_guard.sources.formats import templates, yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.environment.deployment import Value
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.yaml_document import Node

_EXPRESSION: Final = lazy_pattern(
    r"\{\{-?\s*([A-Za-z_][A-Za-z0-9_.]{0,200})\s*(?:\|\s*default\(\s*(?:'([^'{}]{0,300})'|\"([^\"{}]{0,300})\"|([0-9.]{1,30}|[Tt]rue|[Ff]alse))\s*(?:,[^(){}]{0,20})?\))?"
    r"((?:\s*\|\s*(?:string|trim|quote|lower|bool|to_json|mandatory)(?:\(\s*\))?){0,5})\s*-?\}\}"
)
"""A name, its default if one is written, and filters that leave a plain text as it is, or make it small."""
_MAX_DEPTH: Final = 6
_MAX_LENGTH: Final = 64 * 1024
_FOLDERS: Final = ("group_vars", "host_vars", "defaults", "vars")


class Resolved(Unprinted, frozen=True, eq=False):
    """A text with its references replaced; `places` are those of the values that went in."""

    value: Value
    location: Location
    via: tuple[Location, ...] = ()
    parts: tuple[Part, ...] = ()
    literal: str | None = None

    def variable(self, name: str, origin: str) -> Variable:
        """A variable with this text."""
        literal = None if self.literal is None else Secret(self.literal)
        return Variable(name, self.value, self.location, origin, self.via, self.parts, literal)

    @property
    def text(self) -> str | None:
        """The text, None where it is not known. For reading on only."""
        return self.value.text.reveal() if isinstance(self.value, Known) else None


class Variables:
    """The variables of a whole repository, and those written in one file of tasks."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._shared: dict[str, list[tuple[str, Node]]] = {}
        self._known: dict[tuple[str, str], _Told] = {}
        self._read: set[str] = set()
        for path in registry.ANSIBLE_VARIABLES.named(repository):
            folders = path.split("/")[:-1]
            text = repository.text(path) if any(name in folders for name in _FOLDERS) else None
            if text is None or text.startswith("$ANSIBLE_VAULT"):
                continue
            self._read.add(path)
            for node in yaml_document.documents(repository, path):
                self._add(self._shared, node, path)
        for path in registry.ANSIBLE_PLAYS.read(repository):
            for node in yaml_document.documents(repository, path) if path not in self._read else ():
                if isinstance(node, Mapping):
                    self._add_inventory(ansible_inventory.of_document(path, node))
                else:
                    self._add_plays(path, node)
        for path in registry.ANSIBLE_INVENTORIES.paths(repository):
            self._add_inventory(ansible_inventory.of_text(path, repository.text(path) or ""))

    def _add_inventory(self, written: Iterable[ansible_inventory.Written]) -> None:
        for who, name, node in written:
            self._shared.setdefault(name, []).append((who, node))

    def _add_plays(self, path: str, root: Node) -> None:
        """The `vars` and `vars_files` of the plays of a file."""
        for node in yaml_document.walk(root):
            if not isinstance(node, Mapping) or node.get("hosts") is None:
                continue
            held = node.get("vars")
            if isinstance(held, Mapping):
                self._add(self._shared, held, path)
            for item in texts(node.get("vars_files")):
                found = self._repository.resolve(path.rpartition("/")[0], item.text)
                text = self._repository.text(found) if found is not None and found in self._repository else None
                if found is None or text is None or text.startswith("$ANSIBLE_VAULT") or found in self._read:
                    continue
                self._read.add(found)
                for document in yaml_document.documents(self._repository, found):
                    self._add(self._shared, document, found)

    def of(
        self, path: str, documents: tuple[Node, ...], *, rendered: bool = False, preferred: str = ""
    ) -> AnsibleScope:
        """What names mean in the file `path`: together with the `vars` that a file of plays or tasks has itself.

        `rendered`: for the text of a template; `preferred` as in `AnsibleScope`.
        """
        own: dict[str, list[tuple[str, Node]]] = {}
        for document in documents:
            for node in yaml_document.walk(document):
                held = node.get("vars") if isinstance(node, Mapping) else None
                if isinstance(held, Mapping):
                    self._add(own, held, "")
        return AnsibleScope(self._shared, own, self._known, role=_role(path), rendered=rendered, preferred=preferred)

    @staticmethod
    def _add(nodes: dict[str, list[tuple[str, Node]]], node: Node, path: str) -> None:
        for entry in node.entries if isinstance(node, Mapping) else ():
            nodes.setdefault(entry.key.text, []).append((path, entry.value))


class AnsibleScope:
    """What names mean in one file."""

    def __init__(
        self,
        shared: dict[str, list[tuple[str, Node]]],
        own: dict[str, list[tuple[str, Node]]],
        values: dict[tuple[str, str], _Told],
        *,
        role: str,
        rendered: bool,
        preferred: str,
    ) -> None:
        """`role`: the folder of the role that the file belongs to, "" for none; other roles tell it nothing. `values`: what is said of names, as far as it was looked up. `preferred`: the host or group whose value counts where
        files disagree, "" for none.
        """
        self._shared, self._own, self._rendered, self._preferred = shared, own, rendered, preferred
        self._known, self._role = values, role
        self.disagreeing: dict[str, None] = {}
        """The files that gave different values for a name that was asked for."""

    def node(self, node: Node | None) -> Node | None:
        """A node, or the list or mapping that it refers to as a whole."""
        if isinstance(node, Scalar) and (match := _EXPRESSION.fullmatch(node.text.strip())):
            found = self._find(match[1])
            return node if found is None else found
        return node

    def resolve(self, node: Scalar, depth: int = 0) -> Resolved:
        """A text of a file with its references replaced."""
        if node.tag == "!vault":
            return Resolved(Unknown("it is encrypted with ansible-vault"), node.location)
        if "{{" not in node.text:
            if templates.fills_in(node.text):
                return Resolved(Unknown(templates.REASON), node.location)
            text = _printed(node) if self._rendered else node.text
            return Resolved(Known(Secret(text)), node.location)
        whole = _EXPRESSION.fullmatch(node.text.strip())
        if whole is not None:
            return self._whole(whole, node, depth)
        return self._mixed(node, depth)

    def _whole(self, match: re.Match[str], node: Scalar, depth: int) -> Resolved:
        found = self._find(match[1])
        if isinstance(found, Scalar) and depth < _MAX_DEPTH:
            held = self.resolve(found, depth + 1)
            value = _filtered(held.value, match[5])
            return Resolved(value, held.location, (node.location, *held.via), held.parts, held.literal)
        reserve = next((text for text in match.group(2, 3, 4) if text is not None), None)
        reason = f"`{match[1][:80]}` has no value, or several, in the repository"
        return Resolved(Unknown(reason, None if reserve is None else Secret(reserve)), node.location)

    def _mixed(self, node: Scalar, depth: int) -> Resolved:
        parts: list[Part] = []
        texts: list[str] = []
        literal: list[str] = []
        begin = 0
        for match in _EXPRESSION.finditer(node.text):
            found = self._find(match[1])
            held = self.resolve(found, depth + 1) if isinstance(found, Scalar) and depth < _MAX_DEPTH else None
            text = held.text if held is not None else None
            if held is None or text is None:
                return self._reserved(node)
            text = text.lower() if "lower" in match[5] else text
            literal.append(node.text[begin : match.start()])
            texts += [literal[-1], text]
            parts.append(Part(held.location, Secret(text)))
            begin = match.end()
        literal.append(node.text[begin:])
        made = "".join((*texts, literal[-1]))
        if templates.fills_in("".join(literal)) or len(made) > _MAX_LENGTH:
            return Resolved(Unknown(templates.REASON), node.location)
        return Resolved(Known(Secret(made)), node.location, parts=tuple(parts), literal="".join(literal))

    def _reserved(self, node: Scalar) -> Resolved:
        """A text with an unknown value in it: where nothing else in it is unknown, it has a default when all of them have."""
        texts: list[str] = []
        begin = 0
        for match in _EXPRESSION.finditer(node.text):
            reserve = next((text for text in match.group(2, 3, 4) if text is not None), None)
            found = self._find(match[1])
            held = self.resolve(found, _MAX_DEPTH) if isinstance(found, Scalar) and "{{" not in found.text else None
            known = held.text if held is not None and held.text is not None else reserve
            if known is None:
                return Resolved(Unknown(templates.REASON), node.location)
            texts += [node.text[begin : match.start()], known]
            begin = match.end()
        made = "".join((*texts, node.text[begin:]))
        fallback = None if templates.fills_in(made) or len(made) > _MAX_LENGTH else Secret(made)
        return Resolved(Unknown(templates.REASON, fallback), node.location)

    def _find(self, name: str) -> Node | None:
        """The value of a name; None where no file sets it, or several set different values.

        The defaults of a role only count where no other file tells it.
        """
        first, *rest = name.split(".")
        own = self._own.get(first)
        found = _told(own, rest) if own else self._known.get((self._role, name))
        if found is None:
            shared = (one for one in self._shared.get(first) or () if _role(one[0]) in ("", self._role))
            found = self._known[self._role, name] = _told(shared, rest)
        if found.only is not None or not found.paths:
            return found.only
        self.disagreeing |= dict.fromkeys(found.paths)
        return found.by_variant.get(self._preferred) or found.by_variant.get("all")


class _Told(Unprinted, frozen=True):
    """What the files say of a name: the value they agree on, else that of each host and group that has only one."""

    only: Node | None
    by_variant: dict[str, Node]
    paths: tuple[str, ...]


def _told(given: Iterable[tuple[str, Node]], keys: list[str]) -> _Told:
    """What is said of a name, or of something inside of it. The defaults of a role count where nothing else is said."""
    held = tuple(_inside(given, keys))
    held = tuple(one for one in held if "defaults" not in one[0].split("/")) or held
    values = {_key(node): node for _, node in held}
    if len(values) < 2:
        return _Told(next(iter(values.values()), None), {}, ())
    by_variant: dict[str, dict[object, Node]] = {}
    for path, node in held:
        by_variant.setdefault(variant(path) if path else "", {})[_key(node)] = node
    single = {name: next(iter(found.values())) for name, found in by_variant.items() if name and len(found) == 1}
    return _Told(None, single, tuple(path for path, _ in held if path))


def _inside(given: Iterable[tuple[str, Node]], keys: list[str]) -> Iterator[tuple[str, Node]]:
    for path, node in given:
        current: Node | None = node
        for key in keys:
            current = current.get(key) if isinstance(current, Mapping) else None
        if current is not None:
            yield path, current


def _role(path: str) -> str:
    """The folder of the role that a file belongs to, "" for none."""
    folders = path.split("/")
    index = next((place for place, name in enumerate(folders[:-2]) if name == "roles"), None)
    return "" if index is None else "/".join(folders[: index + 2])


def variant(path: str) -> str:
    """The host or group that a file of variables is for: `group_vars/live.yml` and `group_vars/live/main.yml` are for live.

    Of a play it is the file itself, of an inventory the file with the host or group in it.
    """
    folders = path.split("/")
    index = max((place for place, name in enumerate(folders[:-1]) if name in _FOLDERS), default=-1)
    return path if index < 0 else folders[index + 1].partition(".")[0]


def _printed(node: Scalar) -> str:
    """A value as Jinja writes it into a template: a boolean of YAML as Python names it, null as nothing."""
    if not node.plain:
        return node.text
    if yaml_document.is_null(node):
        return ""
    return _PYTHON.get(node.text.lower(), node.text)


_PYTHON: Final = {"true": "True", "yes": "True", "on": "True", "false": "False", "no": "False", "off": "False"}


def _filtered(value: Value, filters: str) -> Value:
    return Known(Secret(value.text.reveal().lower())) if isinstance(value, Known) and "lower" in filters else value


def _key(node: Node) -> object:
    """What makes two values equal: the text of scalars, the place of everything else."""
    if isinstance(node, Scalar):
        return (node.tag, node.text)
    return node.location


def texts(node: Node | None) -> Iterator[Scalar]:
    """The scalars of a list, or a scalar alone."""
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Scalar) and not yaml_document.is_null(item):
            yield item
