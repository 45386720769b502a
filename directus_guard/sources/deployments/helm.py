"""Helm: values files and the values in HelmRelease and Argo CD Application objects. Templates are never rendered.

A chart adds variables of its own, so an environment made of values is never wholly visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import (
    Deployment,
    Image,
    Known,
    Platform,
    Service,
    Unknown,
    Variable,
    VersionEvidence,
    VersionOrigin,
)
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image, is_official_image
from directus_guard.directus.gaps import unseen
from directus_guard.directus.versions import Version
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import (
    application,
    helm_releases,
    image_reference,
    kubernetes_manifests,
    kubernetes_nodes,
    kubernetes_values,
)
from directus_guard.sources.deployments.kubernetes_manifests import Manifests, is_marked
from directus_guard.sources.deployments.kubernetes_nodes import at, mappings, text_at
from directus_guard.sources.files import registry
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.deployments.kubernetes_objects import Resource
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.yaml_document import Node

_GAP: Final = unseen("the chart's templates may set more variables")
_ENVIRONMENTS: Final = (
    "config", "configs", "configMap", "configmap", "configVars", "env", "envs", "envVars", "envvars", "environment",
    "environmentVariables", "extraConfig", "extraEnv", "extraEnvs", "extraEnvVars", "extraEnvironment",
    "additionalEnv", "additionalEnvVars", "secrets", "secret", "secretEnv", "envSecrets", "extraSecrets",
)  # fmt: skip
"""Keys under which charts take environment variables, in the order of rising precedence."""
_INSIDE: Final = ("data", "stringData", "env", "envVars", "variables", "values", "secret", "plain", "normal")
"""Keys that may stand between such a key and the variables."""
_VARIABLE: Final = lazy_pattern(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?:__[A-Z0-9_]+)?\Z")

_CHART_KEYS: Final = (
    (("key",), "KEY"),
    (("secret",), "SECRET"),
    (("admin", "email"), "ADMIN_EMAIL"),
    (("admin", "password"), "ADMIN_PASSWORD"),
    (("public", "url"), "PUBLIC_URL"),
    (("adminEmail",), "ADMIN_EMAIL"),
    (("adminPassword",), "ADMIN_PASSWORD"),
    (("publicUrl",), "PUBLIC_URL"),
    (("publicURL",), "PUBLIC_URL"),
    (("directus", "key"), "KEY"),
    (("directus", "secret"), "SECRET"),
    (("directus", "adminEmail"), "ADMIN_EMAIL"),
    (("directus", "adminPassword"), "ADMIN_PASSWORD"),
    (("directus", "publicUrl"), "PUBLIC_URL"),
    (("directus", "admin", "email"), "ADMIN_EMAIL"),
    (("directus", "admin", "password"), "ADMIN_PASSWORD"),
    (("directus", "general", "publicUrl"), "PUBLIC_URL"),
    (("directus", "general", "logLevel"), "LOG_LEVEL"),
    (("directus", "database", "client"), "DB_CLIENT"),
    (("directus", "database", "password"), "DB_PASSWORD"),
    (("directus", "security", "key"), "KEY"),
    (("directus", "security", "secret"), "SECRET"),
    (("directus", "adminAccount", "email"), "ADMIN_EMAIL"),
    (("directus", "adminAccount", "password"), "ADMIN_PASSWORD"),
)
"""Keys of the charts that exist for Directus, by the variable that they fill."""

_DATABASES: Final = {
    "mariadb": "MARIADB", "mysql": "MYSQL", "postgresql": "POSTGRES", "postgres": "POSTGRES", "redis": "REDIS",
}  # fmt: skip
_PASSWORDS: Final = {"password": "PASSWORD", "rootPassword": "ROOT_PASSWORD", "postgresPassword": "PASSWORD"}


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus in values files and release objects, in the order of paths."""
    manifests = kubernetes_manifests.of(repository)
    installed = (*_helmfiles(repository), *_kustomized(repository))
    return (*_values_files(repository, manifests), *_releases(manifests), *installed)


def skipped_templates(repository: Repository) -> tuple[str, ...]:
    """The templates of charts for Directus that can concern it: they are not rendered."""
    manifests = kubernetes_manifests.of(repository)
    below = {f"{chart}/templates/".lstrip("/") for chart in charts_of_directus(repository)}
    return tuple(
        path
        for path in (repository.files if below else ())
        if path.endswith((".yaml", ".yml", ".tpl"))
        and any(path.startswith(folder) for folder in below)
        and manifests.is_template(path)
        and is_marked(repository.text(path) or "")
    )


def charts_of_directus(repository: Repository) -> frozenset[str]:
    """The folders of the charts of which a file says Directus, by its name or by its text."""
    charts = kubernetes_manifests.of(repository).charts
    found: set[str] = set()
    for path in repository.files if charts else ():
        others = charts.intersection(_above(path)) - found
        if others and path.endswith((".yaml", ".yml", ".tpl", ".txt")):
            says = "directus" in path.lower() or "directus" in (repository.text(path) or "").lower()
            found |= others if says else frozenset()
    return frozenset(found)


def _above(path: str) -> Iterator[str]:
    """The folders that a file lies in, the root (`""`) last."""
    while path:
        path = application.folder(path)
        yield path


def unreadable_templates(repository: Repository) -> frozenset[str]:
    """Those of which not even the plain part is YAML, once the manifests are read."""
    return frozenset(kubernetes_manifests.of(repository).skipped)


def _values_files(repository: Repository, manifests: Manifests) -> Iterator[Deployment]:
    for path in registry.HELM_VALUES.named(repository):
        folder = application.folder(path)
        text = repository.text(path)
        if text is None or manifests.is_template(path) or "/templates/" in f"/{path}":
            continue
        chart = _Chart.of(repository, folder) if folder in manifests.charts else _named(path)
        if not (is_marked(text) or (chart and chart.directus)):
            continue
        for node in yaml_document.documents(repository, path)[:1]:
            if isinstance(node, Mapping) and not (node.get("apiVersion") and node.get("kind")):
                for name, inner in _candidates(node):
                    made = _deployment(path, name, inner, chart, whole=not name)
                    if made is not None:
                        yield made


def _releases(manifests: Manifests) -> Iterator[Deployment]:
    for path in manifests.marked:
        for resource in manifests.resources(path):
            for chart, given in _given(resource):
                held = _embedded(manifests, given) if isinstance(given, Scalar) else given
                of = _Chart(directus=True, version=None) if _is_directus_chart(chart) else None
                for name, inner in _candidates(held) if isinstance(held, Mapping) else ():
                    key = f"{resource.kind}/{resource.name}" + (f"/{name}" if name else "")
                    made = _deployment(path, key, inner, of, whole=not name)
                    if made is not None:
                        yield made


def _helmfiles(repository: Repository) -> Iterator[Deployment]:
    """The releases of helmfile, with the values that stand in its file."""
    for path in registry.HELMFILES.paths(repository):
        for document in yaml_document.documents(repository, path):
            for release in helm_releases.of_helmfile(document):
                yield from of_release(repository, path, release, release.name)


def _kustomized(repository: Repository) -> Iterator[Deployment]:
    """The charts that a kustomization installs, with the values that stand in its file."""
    for path in registry.KUSTOMIZED_CHARTS.named(repository):
        for document in yaml_document.documents(repository, path):
            for release in helm_releases.of_kustomization(document):
                yield from of_release(repository, path, release, release.name)


def of_release(repository: Repository, path: str, release: helm_releases.Release, label: str) -> Iterator[Deployment]:
    """The Directus of each of the values that a release of a file gives to its chart. `label`: what it is called there."""
    installs = _installs_directus(repository, application.folder(path), release)
    chart = _Chart(directus=True, version=None) if installs else None
    for values in release.values:
        made = _deployment(path, application.plain(label), values, chart, whole=True)
        if made is not None:
            yield made


def _installs_directus(repository: Repository, folder: str, release: helm_releases.Release) -> bool:
    """Whether a release is of Directus: by its names, by an image among its values, or by the values of a chart beside it."""
    if any(map(_is_directus_chart, (release.name, release.chart))):
        return True
    path = repository.resolve(folder, f"{release.chart}/values.yaml")
    own = yaml_document.documents(repository, path)[:1] if path is not None and path in repository else ()
    images = (_image(values) for values in (*release.values, *own) if isinstance(values, Mapping))
    return any(image is not None and is_directus_image(image.repository) for image in images)


def _named(path: str) -> _Chart | None:
    """The chart that a values file outside of any chart is for, by the file's name."""
    name = path.rpartition("/")[2].lower().replace(".", "-").replace("_", "-")
    return _Chart(directus=True, version=None) if "directus" in name.split("-") else None


def _given(resource: Resource) -> Iterator[tuple[str, Node | None]]:
    """The name of each chart that an object installs, and the values that it gives it."""
    spec = at(resource.node, "spec")
    if resource.kind == "HelmRelease":
        yield text_at(spec, "chart", "spec", "chart") or "", at(spec, "values")
    elif resource.kind == "HelmChart":
        yield text_at(spec, "chart") or "", at(spec, "valuesContent")
    elif resource.kind == "Application":
        for source in (at(spec, "source"), *mappings(at(spec, "sources"))):
            helm = at(source, "helm")
            yield text_at(source, "chart") or "", at(helm, "valuesObject") or at(helm, "values")


def _is_directus_chart(name: str) -> bool:
    return "directus" in name.lower().rpartition("/")[2].replace("_", "-").split("-")


def _embedded(manifests: Manifests, scalar: Scalar) -> Node | None:
    """YAML inside a text, with its places in the file where the lines stand there as they are."""
    line, indent = manifests.inner(scalar) or (scalar.location.line, 0)
    text = "\n".join(" " * indent + part if part else part for part in scalar.text.split("\n"))
    try:
        nodes = yaml_document.parse(scalar.location.path, "\n" * (line - 1) + text)
    except yaml_document.YamlError:
        return None
    return nodes[0] if nodes else None


class _Chart(Struct, frozen=True):
    """Chart.yaml beside a values file."""

    directus: bool
    version: VersionEvidence | None

    @classmethod
    def of(cls, repository: Repository, folder: str) -> _Chart | None:
        for name in ("Chart.yaml", "Chart.yml", "chart.yaml"):
            path = f"{folder}/{name}".lstrip("/")
            if path not in repository:
                continue
            root = next(iter(yaml_document.documents(repository, path)), None)
            if isinstance(root, Mapping):
                version = _app_version(root.scalar("appVersion"))
                directus = _is_directus_chart(root.text("name") or "")
                return cls(directus, version if directus else None)
        return None


_OF_TEMPLATE: Final = ("1.0", "1.16.0")
"""What `helm create` writes as `appVersion`: once, and today."""


def _app_version(app: yaml_document.Scalar | None) -> VersionEvidence | None:
    if app is None or app.text in _OF_TEMPLATE:
        return None
    return VersionEvidence(Version.parse(app.text), app.text, app.location, VersionOrigin.CHART)


def _candidates(root: Mapping) -> Iterator[tuple[str, Mapping]]:
    """The values that may be Directus': all of them, and those below a key (sub-charts, several apps in one file)."""
    yield "", root
    for entry in root.entries:
        if isinstance(entry.value, Mapping) and entry.key.text not in (*_ENVIRONMENTS, "image", "admin"):
            yield entry.key.text, entry.value
            if entry.key.text in ("controllers", "apps", "services", "workloads"):
                for below in entry.value.entries:
                    if isinstance(below.value, Mapping):
                        yield f"{entry.key.text}/{below.key.text}", below.value
                        yield from _containers(below.value, f"{entry.key.text}/{below.key.text}")


def _containers(node: Mapping, name: str) -> Iterator[tuple[str, Mapping]]:
    """Containers with an image of their own in a workload, by name or in a list."""
    for key in ("containers", "initContainers", "sidecars"):
        held = node.get(key)
        for item in mappings(held) if isinstance(held, Sequence) else ():
            yield f"{name}/{item.text('name') or key}", item
        for entry in held.entries if isinstance(held, Mapping) else ():
            if isinstance(entry.value, Mapping) and entry.value.get("image") is not None:
                yield f"{name}/{entry.key.text}", entry.value


def _deployment(path: str, name: str, node: Mapping, chart: _Chart | None, *, whole: bool) -> Deployment | None:
    """The Directus of some values. `whole`: they are all the values that the chart is given."""
    of_directus = whole and chart is not None and chart.directus
    image = _image(node) or (_tag_only(node) if of_directus else None)
    variables = tuple(_variables(node))
    by_image = image is not None and is_directus_image(image.repository)
    if image is not None and not by_image and "directus" not in image.repository.lower():
        return None
    if by_image or of_directus:
        variables = (*_chart_variables(node), *variables)
    elif not is_directus_environment(variable.name for variable in variables):
        return None
    if not variables and image is None:
        return None
    version = image_reference.version(image) if image and (image.tag or image.digest) else None
    return Deployment(
        name=f"{path}#{name}" if name else path,
        platform=Platform.HELM,
        location=node.location,
        variables=variables,
        gaps=(_GAP,),
        image=image,
        version=version or (chart.version if chart else None),
        services=tuple(_services(node)),
        replicas=kubernetes_nodes.number(node.get("replicaCount") or node.get("replicas")),
        consumed=frozenset({path}),
    )


def _image(node: Mapping) -> Image | None:
    written = node.get("image")
    if isinstance(written, Scalar) and not yaml_document.is_null(written):
        return kubernetes_values.image(written)
    repository = written.scalar("repository") if isinstance(written, Mapping) else None
    if repository is None or not isinstance(written, Mapping):
        return None
    tag, digest = written.scalar("tag"), written.text("digest") or ""
    reference = repository.text
    registry = written.text("registry")
    if registry and is_official_image(repository.text) and registry not in ("docker.io", "index.docker.io"):
        reference = f"{registry}/{reference}"
    image = image_reference.parse(reference, repository.location)
    if tag is not None and tag.text:
        outside = kubernetes_values.external(tag.text) or ""
        return Image(image.repository, tag.text, digest, tag.location, outside)
    if image.tag or digest:
        return Image(image.repository, image.tag, digest or image.digest, image.location)
    return Image(image.repository, "", "", image.location, "an empty tag means the chart's appVersion")


def _tag_only(node: Mapping) -> Image | None:
    """The image of a chart for Directus, of which the values say the tag only."""
    written = node.mapping("image")
    tag = written.scalar("tag") if written is not None else None
    if tag is None or not tag.text:
        return None
    return Image("directus/directus", tag.text, "", tag.location, kubernetes_values.external(tag.text) or "")


def _variables(node: Mapping) -> Iterator[Variable]:
    for key in _ENVIRONMENTS:
        held = node.get(key)
        if held is not None:
            yield from _environment(held, key)
    for inner in ("directus", "main", "application", "app", "extra"):
        below = node.mapping(inner)
        if below is not None:
            for key in _ENVIRONMENTS:
                held = below.get(key)
                if held is not None:
                    yield from _environment(held, f"{inner}.{key}")
            extra = below.mapping("extra")
            for key in ("env", "secret") if extra else ():
                held = extra.get(key) if extra else None
                if held is not None:
                    yield from _environment(held, f"{inner}.extra.{key}")


def _environment(node: Node, origin: str) -> Iterator[Variable]:
    """Variables written as `- name: X`, as `X: value`, or as `X: {value: …}`."""
    if isinstance(node, Sequence):
        for item in mappings(node):
            name = item.text("name")
            if name:
                yield _variable(name, item, origin)
        return
    if not isinstance(node, Mapping):
        return
    for entry in node.entries:
        name, value = entry.key.text, entry.value
        if _VARIABLE.match(name):
            if isinstance(value, Scalar):
                yield Variable(
                    name,
                    kubernetes_values.value("" if yaml_document.is_null(value) else value.text),
                    value.location,
                    origin,
                )
            elif isinstance(value, Mapping):
                yield _variable(name, value, origin)
            else:
                yield Variable(name, Unknown("it is not written as one text"), value.location, origin)
        elif name in _INSIDE and not isinstance(value, Scalar):
            yield from _environment(value, f"{origin}.{name}")


def _variable(name: str, item: Mapping, origin: str) -> Variable:
    value = item.get("value")
    if isinstance(value, Scalar):
        text = "" if yaml_document.is_null(value) else value.text
        return Variable(name, kubernetes_values.value(text), value.location, origin)
    return Variable(name, Unknown("it is read from the cluster"), item.location, origin)


def _chart_variables(node: Mapping) -> Iterator[Variable]:
    """What the charts for Directus make of keys of their own; an empty one sets nothing."""
    for path, name in _CHART_KEYS:
        held = at(node, *path)
        if isinstance(held, Scalar) and not yaml_document.is_null(held) and held.text:
            yield Variable(name, kubernetes_values.value(held.text), held.location, f"values key {'.'.join(path)}")


def _services(node: Mapping) -> Iterator[Service]:
    """The databases that the chart brings along, with the passwords the values give them."""
    for key, prefix in _DATABASES.items():
        database = node.mapping(key)
        if (
            database is None
            or text_at(database, "enabled") == "false"
            or text_at(database, "enableInstallation") == "false"
        ):
            continue
        variables: list[Variable] = []
        for word, suffix in _PASSWORDS.items():
            held = at(database, "auth", word) or at(database, word)
            if isinstance(held, Scalar) and not yaml_document.is_null(held) and held.text:
                value = kubernetes_values.value(held.text)
                variables.append(Variable(f"{prefix}_{suffix}", value, held.location, "values"))
        if variables and any(isinstance(variable.value, Known) for variable in variables):
            yield Service(key, None, tuple(variables), (), database.location)
