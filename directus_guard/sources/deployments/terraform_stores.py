"""What a module of Terraform writes into stores of secrets (`aws_ssm_parameter`, `kubernetes_secret`, …), and gives to its
containers from there: `valueFrom = aws_ssm_parameter.s.arn` is the text that is written in that resource.

A store that something else fills stays unknown: another repository, a person (`ignore_changes`), `random_password`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from directus_guard.sources.formats.hcl_document import HclBlock
    from directus_guard.sources.formats.values import Value

_HELD: Final = {
    "aws_ssm_parameter": ("value", "insecure_value", "value_wo"),
    "aws_secretsmanager_secret_version": ("secret_string", "secret_string_wo"),
    "google_secret_manager_secret_version": ("secret_data", "secret_data_wo"),
    "azurerm_key_vault_secret": ("value", "value_wo"),
    "kubernetes_secret": ("data", "data_wo"),
    "kubernetes_secret_v1": ("data", "data_wo"),
    "kubernetes_config_map": ("data",),
    "kubernetes_config_map_v1": ("data",),
}
"""The attributes of resources that hold what is stored."""
_HOLDER: Final = {"aws_secretsmanager_secret_version": "secret_id", "google_secret_manager_secret_version": "secret"}
"""Which attribute of a version says what it is a version of."""
_OF_GOOGLE: Final = "google_secret_manager_secret"
_ADDRESS: Final = lazy_pattern(
    r"(?:one\()?([a-z][a-z0-9_]{2,60}\.[A-Za-z_][\w-]{0,200})(?:\[\"?([^\]\"]{1,200})\"?\])?\)?(?:\.|\Z)"
)
_WRITTEN: Final = lazy_pattern(
    r"([a-z][a-z0-9_]{2,60}\.[A-Za-z_][\w-]{0,200})(?:\[\"?([^\]\"]{1,200})\"?\])?\.(\w+)(?:\.(\w+)|\[\"([^\"]+)\"\])?\Z"
)
_VAULT: Final = lazy_pattern(r"@Microsoft\.KeyVault\(.{0,200}?SecretName=([\w-]+)")
_JSON_KEY: Final = lazy_pattern(r":([^:]+)(?::[^:]*){0,2}\Z")
_REFERRING: Final = ("valuefrom", "value_from", "value_source", "secret_name")
_CONFIG_MAP: Final = "kubernetes_config_map"
_KUBERNETES: Final = {"secret": "kubernetes_secret", "config_map": _CONFIG_MAP}


class Stores:
    """The stores that some blocks fill. `follow` gives what is behind `local.x` and `var.x`."""

    def __init__(self, blocks: Iterable[HclBlock], follow: Callable[[Value], Value]) -> None:
        self._follow = follow
        self._by_address: dict[str, HclBlock] = {}
        self._by_name: dict[tuple[str, str], str] = {}
        """Addresses by kind and name."""
        self._given: dict[str, Value] = {}
        """The secrets of a container app by their names in it."""
        for block in blocks:
            if block.kind == "resource" and len(block.labels) == 2:
                self._note(block)

    def _note(self, block: HclBlock) -> None:
        kind, name = block.labels
        if kind in _HELD:
            self._by_address[f"{kind}.{name}"] = block
            holder = _HOLDER.get(kind)
            above = block.body.get(holder) if holder is not None else None
            found = _ADDRESS.match(above.source) if isinstance(above, ComputedValue) else None
            if found is not None:
                self._by_address[found[1]] = block
        if kind == _OF_GOOGLE or kind in _HELD:
            metadata = block.body.object("metadata") or block.body
            held = metadata.get("secret_id" if kind == _OF_GOOGLE else "name")
            called = None if held is None else self._follow(held)
            if isinstance(called, Text):
                self._by_name[kind.removesuffix("_v1"), called.text] = f"{kind}.{name}"
        if kind == "azurerm_container_app":
            for entry in block.body.entries:
                if entry.key.text == "secret" and isinstance(entry.value, ObjectValue):
                    self._give(entry.value)

    def _give(self, secret: ObjectValue) -> None:
        called, held = secret.text("name"), secret.get("value") or secret.get("key_vault_secret_id")
        if called is not None and held is not None:
            self._given[called] = held

    def resolve(self, value: Value) -> Value:
        """What is behind a reference; of an object that takes variables from a store, the same with their texts."""
        held = self._follow(value)
        if isinstance(held, ObjectValue):
            return self._filled(held)
        if isinstance(held, ComputedValue):
            return self._written(held) or held
        found = _VAULT.match(held.text) if isinstance(held, Text) else None
        return held if found is None else self._named("azurerm_key_vault_secret", found[1]) or held

    def _written(self, value: ComputedValue) -> Value | None:
        """What `aws_ssm_parameter.s.value` is; or what the vault holds that `@Microsoft.KeyVault(…)` names."""
        first = value.parts[0] if value.parts else None
        if isinstance(first, Text) and first.text.startswith("@Microsoft.KeyVault("):
            return self._at(value.parts[1])
        found = _WRITTEN.match(value.source)
        if found is None or found[3] not in _HELD.get(found[1].partition(".")[0], ()):
            return None
        held = self._stored(found[1], found[2] or "")
        key = found[4] or found[5]
        return _known(self._inside(held, key) if key else held)

    def _filled(self, node: ObjectValue) -> ObjectValue:
        """An object with the texts of the stores that it takes variables from."""
        keys = {entry.key.text.lower() for entry in node.entries}
        if "name" in keys and "value" not in keys:
            place = next((entry for entry in node.entries if entry.key.text.lower() in _REFERRING), None)
            found = None if place is None else self._referred(place)
            if place is not None and found is not None:
                entry = ObjectEntry(Text("value", TextKind.STRING, place.key.location), found)
                return replace(node, entries=(*(one for one in node.entries if one is not place), entry))
        if keys & {"env_from", "runtime_environment_secrets", "secrets"}:
            ordered = sorted(node.entries, key=lambda entry: entry.key.text != "env_from")  # `env` wins over it
            return replace(node, entries=tuple(one for entry in ordered for one in self._taken(entry)))
        return node

    def _referred(self, entry: ObjectEntry) -> Value | None:
        """What a member refers to that says where a variable is from."""
        key, held = entry.key.text.lower(), self._follow(entry.value)
        if key == "secret_name":
            given = self._given.get(held.text) if isinstance(held, Text) else None
            return None if given is None else _known(self._follow(given)) or self._at(given)
        if not isinstance(held, ObjectValue):
            return self._at(held)
        for kind in _KUBERNETES:
            reference = held.object(f"{kind}_key_ref")
            if reference is not None:
                return self._in_object(kind, reference)
        return None

    def _in_object(self, kind: str, reference: ObjectValue) -> Value | None:
        """One key of a Secret or ConfigMap, or a secret of Google's."""
        of_google = reference.get("secret")
        called = of_google or reference.get("name")
        if called is None:
            return None
        called, key = self._follow(called), reference.text("key") or ""
        if not isinstance(called, Text):
            return self._at(called, key)
        if of_google is not None:
            return self._named(_OF_GOOGLE, called.text)
        return self._named(_KUBERNETES[kind], called.text, key)

    def _taken(self, entry: ObjectEntry) -> Iterator[ObjectEntry]:
        """A member of a container, with single variables in the place of what takes in all of a store."""
        held = self._follow(entry.value)
        if entry.key.text == "env_from" and isinstance(held, ObjectValue):
            whole = next((found for kind in _KUBERNETES if (found := self._whole(kind, held)) is not None), None)
            prefix = held.text("prefix") or ""
            for one in whole.entries if whole is not None else ():
                yield _variable(f"{prefix}{one.key.text}", one.value, entry)
            if whole is None or whole.computed:
                yield entry
        elif entry.key.text in ("runtime_environment_secrets", "secrets") and isinstance(held, ObjectValue):
            stored = {one.key.text: self._at(self._follow(one.value)) for one in held.entries}
            known = {name: value for name, value in stored.items() if value is not None}
            for name, value in known.items():
                yield _variable(name, value, entry)
            others = tuple(one for one in held.entries if one.key.text not in known)
            if others or held.computed:
                yield ObjectEntry(entry.key, replace(held, entries=others))
        else:
            yield entry

    def _whole(self, kind: str, source: ObjectValue) -> ObjectValue | None:
        reference = source.object(f"{kind}_ref")
        called = reference.get("name") if reference is not None else None
        called = None if called is None else self._follow(called)
        held = None
        if isinstance(called, Text):
            address = self._by_name.get((_KUBERNETES[kind], called.text))
            held = None if address is None else self._stored(address)
        elif isinstance(called, ComputedValue) and (found := _ADDRESS.match(called.source)) is not None:
            held = self._stored(found[1])
        return held if isinstance(held, ObjectValue) else None

    def _at(self, reference: Value, key: str = "") -> Value | None:
        """The text that a reference to a store leads to: by its address, its name or its ARN. `key`: in an object there."""
        if isinstance(reference, Text):
            return self._by_arn(reference.text)
        if not isinstance(reference, ComputedValue):
            return None
        first, last = (reference.parts[0], reference.parts[-1]) if reference.parts else (reference, reference)
        if isinstance(first, Text) and isinstance(last, Text):
            return self._by_arn(last.text)
        found = _ADDRESS.match(first.source) if isinstance(first, ComputedValue) else None
        if found is None:
            return None
        inner = _JSON_KEY.match(last.text) if isinstance(last, Text) else None
        held = self._stored(found[1], found[2] or "")
        key = inner[1] if inner is not None else key
        return _known(self._inside(held, key) if isinstance(held, ObjectValue) else held)

    def _by_arn(self, text: str) -> Value | None:
        """The parameter that a container names, or the ARN of which this is the end."""
        return self._named("aws_ssm_parameter", text) or self._named(
            "aws_ssm_parameter", text.rpartition(":parameter")[2]
        )

    def _named(self, kind: str, name: str, key: str = "") -> Value | None:
        address = self._by_name.get((kind, name))
        held = None if address is None else self._stored(address)
        return _known(self._inside(held, key) if isinstance(held, ObjectValue) else held)

    def _inside(self, value: Value | None, key: str) -> Value | None:
        found = value.get(key) if isinstance(value, ObjectValue) else None
        return None if found is None else self._follow(found)

    def _stored(self, address: str, index: str = "") -> Value | None:
        """What a resource writes into its store, of `for_each` for one of its keys; None where something else fills it."""
        block = self._by_address.get(address)
        if block is None or _is_left_alone(block.body, _HELD[block.labels[0]]):
            return None
        written = (block.body.get(name) for name in _HELD[block.labels[0]])
        held = next((value for value in written if value is not None), None)
        if isinstance(held, ComputedValue) and held.source == "each.value":
            every = block.body.get("for_each")
            return None if every is None else self._inside(self._follow(every), index)
        return None if held is None else self._follow(held)


def _variable(name: str, value: Value, entry: ObjectEntry) -> ObjectEntry:
    """A variable of its own, as a container writes it."""
    place = entry.key.location
    pair = (
        ObjectEntry(Text("name", TextKind.STRING, place), Text(name, TextKind.STRING, place)),
        ObjectEntry(Text("value", TextKind.STRING, place), value),
    )
    return ObjectEntry(Text("env", TextKind.STRING, place), ObjectValue(pair, place))


def _known(value: Value | None) -> Value | None:
    """A text, or one that is a default; None for anything else."""
    if isinstance(value, Text):
        return value
    return value if isinstance(value, ComputedValue) and value.fallback is not None else None


def _is_left_alone(body: ObjectValue, attributes: tuple[str, ...]) -> bool:
    """Whether Terraform only writes the text once, and people replace it later: `ignore_changes = [value]`."""
    lifecycle = body.object("lifecycle")
    held = lifecycle.get("ignore_changes") if lifecycle is not None else None
    ignored = held.items if isinstance(held, List) else (held,)
    words = {one.source.partition("[")[0] for one in ignored if isinstance(one, ComputedValue)}
    words |= {one.text for one in ignored if isinstance(one, Text)}
    return not words.isdisjoint({"all", *attributes})
