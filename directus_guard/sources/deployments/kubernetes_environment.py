"""The environment of one Kubernetes container, with what ConfigMaps and Secrets give it.

After the API's own rules (kubernetes.io, "Define Environment Variables"): `env` beats `envFrom`, of two sources the later
wins, `$(NAME)` is replaced by what was set before it, and `$$` writes one `$`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.directus.gaps import Gap, filled_in_later, unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments import helm_values, kubernetes_values
from directus_guard.sources.deployments.kubernetes_values import HeldValue, shown
from directus_guard.sources.formats.yaml_document import Mapping, Scalar, Sequence, is_null

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Value
    from directus_guard.sources.deployments.kubernetes_objects import ConfigStore, Resource
    from directus_guard.sources.deployments.kubernetes_pool import ObjectPool
    from directus_guard.sources.formats.yaml_document import Node


_REFERENCE: Final = lazy_pattern(r"\$\$|\$\(([^()\s]{1,200})\)")
_NAME: Final = lazy_pattern(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")


class ContainerEnvironment:
    """What one container is given, in the order of rising precedence."""

    def __init__(self, pool: ObjectPool, resource: Resource, container: Mapping) -> None:
        self._pool, self._resource = pool, resource
        self.variables: list[Variable] = []
        self.gaps: list[Gap] = []
        self.consumed: set[str] = set()
        for source in self._listed(container, "envFrom"):
            self._take_all(source)
        for entry in self._listed(container, "env"):
            self._take(entry)

    def _listed(self, container: Mapping, key: str) -> Iterator[Mapping]:
        """The mappings of a list. What is of another type hides variables."""
        node = container.get(key)
        if node is not None and not isinstance(node, Sequence) and not is_null(node):
            self._odd(f"`{key}` is not a list", node)
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Mapping):
                yield item
            else:
                self._odd(f"`{key}` holds something that is not a mapping", item)

    def _odd(self, message: str, node: Node) -> None:
        """Note a value of another type than Kubernetes takes: the run is incomplete without it. A template's is filled in."""
        if isinstance(node, Scalar) and kubernetes_values.external(node.text):
            self.gaps.append(filled_in_later("a part of the environment"))
            return
        self.gaps.append(unseen(f"{message}: what it sets is not known"))
        place = node.location
        repository = self._pool.manifests.repository
        repository.problem(place.path, f"{message}: what it sets is not known", place.line, incomplete=True)

    def _store(self, kind: str, reference: Mapping) -> ConfigStore | None:
        """The ConfigMap or Secret that a reference names; one that a template fills in means the same expression's."""
        written = reference.scalar("name")
        name = written.text if written is not None else ""
        if written is not None and kubernetes_values.external(name):
            name = helm_values.raw(self._pool.manifests, written)
        store = self._pool.store(kind, name, self._resource) if name else None
        if store is not None:
            self.consumed |= store.consumed | {held.location.path for held in store.entries.values()}
        return store

    def _unseen(self, kind: str, name: str) -> Gap:
        """Why what an object holds is not known: it is elsewhere, or something fills a name in by which it may be one here."""
        if self._pool.may_be_here(kind, name):
            return filled_in_later(f"which {kind} `{shown(name)}` is, is not known: a name")
        return unseen(f"{kind} `{shown(name)}` is not in the repository")

    def _take_all(self, source: Mapping) -> None:
        prefix = source.text("prefix") or ""
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            written = source.get(key)
            reference = source.mapping(key)
            if written is not None and reference is None:
                self._odd(f"`{key}` is not a mapping", written)
            if reference is None:
                continue
            name = reference.text("name") or ""
            if not name:
                self._odd(f"`{key}` has no `name`", reference)
                continue
            store = self._store(kind, reference)
            if store is None:
                self.gaps.append(self._unseen(kind, name))
                continue
            self.gaps.extend(store.gaps)
            for item, held in store.entries.items():
                if _NAME.match(prefix + item):
                    self.variables.append(
                        Variable(prefix + item, held.value, held.location, store.origin, (source.location,))
                    )

    def _take(self, entry: Mapping) -> None:
        name = entry.text("name")
        if not name or not _NAME.match(name):
            self._odd("a variable has no usable `name`", entry)
            return
        source = entry.mapping("valueFrom")
        if source is not None:
            held, origin = self._referenced(source)
            via = () if held.location == source.location else (entry.locate("valueFrom"),)
            self.variables.append(Variable(name, held.value, held.location, origin, via))
            return
        written = entry.get("value")
        if isinstance(written, Scalar) and not is_null(written):
            held = self._pool.manifests.held(written)
            self.variables.append(Variable(name, self._expanded(held.value), held.location, "env"))
        elif written is None or isinstance(written, Scalar):
            self.variables.append(Variable(name, Known(Secret("")), entry.locate("value"), "env"))
        else:
            self._odd(f"the `value` of `{shown(name)}` is not a text", written)
            unknown = Unknown("its `value` is not a text")
            self.variables.append(Variable(name, unknown, entry.locate("value"), "env"))

    def _referenced(self, source: Mapping) -> tuple[HeldValue, str]:
        for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            reference = source.mapping(key)
            if reference is None:
                continue
            name, item = reference.text("name") or "", reference.text("key") or ""
            store = self._store(kind, reference)
            if store is None:
                return HeldValue(Unknown.of(self._unseen(kind, name)), reference.location), kind
            held = store.entries.get(item)
            if held is None:
                gap = store.gaps[0] if store.gaps else unseen(f"{store.origin} has no key `{shown(item)}`")
                return HeldValue(Unknown.of(gap), reference.location), store.origin
            return held, store.origin
        return HeldValue(Unknown("Kubernetes sets it when the container starts"), source.location), "valueFrom"

    def _expanded(self, value: Value) -> Value:
        """`$(NAME)` replaced by what is set so far; a name that nothing sets stays as it is written."""
        if not isinstance(value, Known) or "$" not in value.text.reveal():
            return value
        known = {variable.name: variable.value for variable in self.variables}
        text = value.text.reveal()
        for name in _REFERENCE.findall(text):
            referenced = known.get(name)
            if isinstance(referenced, Unknown):
                return Unknown(f"`$({name})` in it is not known: {referenced.reason}")
            if name and referenced is None and self.gaps:
                return Unknown(f"`$({name})` in it may come from outside the repository")

        def replacement(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            given = known.get(match[1])
            return given.text.reveal() if isinstance(given, Known) else match[0]

        return Known(Secret(_REFERENCE.sub(replacement, text)))
