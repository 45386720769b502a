"""What a fix says as data becomes the edits that carry it out, at the places that the deployment was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.disclosure import is_open
from directus_guard.directus.environment.deployment import Known
from directus_guard.finding import Confidence
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.setting_changes import (
    CloseToHost,
    MountReadOnly,
    RemoveShadowed,
    RemoveVariable,
    RenameVariable,
    RequireVariable,
    SetVariable,
    SetVersion,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.deployment import Mount, Variable
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.edits.file_texts import FileTexts
    from directus_guard.finding import Edit, Finding, Fix, Location
    from directus_guard.setting_changes import SettingChange


def edited(finding: Finding, environments: Mapping[str, Environment], texts: FileTexts) -> Fix | None:
    """The fix of a finding with its edits, where all that it says can be edited; else as it is.

    It is safe only where the check says so, nothing that cannot be seen may be replaced by it, and no other service takes
    the same text.
    """
    fix = finding.fix
    env = environments.get(str(dict(finding.subject.details).get("deployment", "")))
    if fix is None or not fix.settings or env is None or finding.live:
        return fix
    edits: list[Edit] = []
    for change in fix.settings:
        made = _edits(change, env, texts)
        if not made:
            return replace(fix, safe=False)
        edits += made
    hides = any(isinstance(change, SetVariable) and _may_hide(change.name, env) for change in fix.settings)
    shared = any(place in env.for_others for change in fix.settings for place in _places(change, env))
    safe = fix.safe and finding.confidence is not Confidence.LOW and not hides and not shared
    return replace(fix, edits=tuple(dict.fromkeys(edits)), safe=safe)


def _may_hide(name: str, env: Environment) -> bool:
    """Whether a part that cannot be seen may set the variable, so that one that is added would take its place."""
    return name not in env and bool(env.gaps)


def _places(change: SettingChange, env: Environment) -> Iterator[Location]:
    """The places of a variable whose text a change replaces or removes."""
    if isinstance(change, SetVariable | RemoveVariable | RenameVariable) and change.name in env:
        setting = env[change.name]
        yield from (place for place in (setting.location, *(one.location for one in setting.shadowed)) if place)


def _edits(change: SettingChange, env: Environment, texts: FileTexts) -> tuple[Edit, ...]:
    """The edits of one change, () where it cannot be made."""
    match change:
        case SetVariable(name=name, value=value):
            found = [_set(env, name, value, texts)]
        case RemoveVariable(name=name):
            # From every place that sets it: else a weaker one would count then.
            found = [_removed(env[name], texts), *(_removed(one, texts) for one in env[name].shadowed)]
        case RemoveShadowed(name=name):
            lost = (one for one in env[name].shadowed if one.location not in env.for_others)
            found = [_removed(one, texts) for one in lost if _text(one) not in (None, env[name].text)]
        case RenameVariable(name=name, to=to):
            found = [_renamed(env[name], to, texts)]
        case RequireVariable(name=name):
            found = [_required(env[name], texts)]
        case SetVersion(version=version):
            found = [_version(env, version, texts)]
        case CloseToHost(service=service):
            found = list(_closed(env, service, texts))
        case MountReadOnly(target=target):
            mounts = [mount for mount in env.deployment.mounts if mount.target == target]
            found = [_replaced(one.location, *_read_only(one), texts) for one in mounts]
    edits = tuple(edit for edit in found if edit is not None)
    return edits if len(edits) == len(found) else ()


def _closed(env: Environment, service: str, texts: FileTexts) -> Iterator[Edit | None]:
    """The ports of a service that are written in the short form, bound to the loopback address."""
    for port in (port for one in env.deployment.services if one.name == service for port in one.ports):
        if port.host not in ("127.0.0.1", "::1", "localhost"):
            written = ":".join(filter(None, (port.host, port.published, port.target)))
            yield _replaced(port.location, written, f"127.0.0.1:{port.published}:{port.target}", texts)


def _read_only(mount: Mount) -> tuple[str, str]:
    written = f"{mount.source}:{mount.target}"
    return written, f"{written}:ro"


def _set(env: Environment, name: str, value: str, texts: FileTexts) -> Edit | None:
    if not is_open(name, value):
        return None
    setting = env[name]
    if name not in env:
        return _added(env, name, value, texts)
    editor = texts.editor(setting.location.path) if setting.location else None
    if setting.location is None or editor is None or setting.parts:
        return None
    written = editor.written(setting.location)
    if written is None:
        return None
    if isinstance(setting.value, Known):
        return editor.set(setting.location, value) if written == setting.text else None
    reference = _REFERENCE.fullmatch(written)
    if reference is None or "$" in value or "}" in value:
        return None
    return editor.set(setting.location, f"${{{reference['name']}:-{value}}}")


_REFERENCE: Final = lazy_pattern(r"\$\{(?P<name>[A-Za-z_]\w*)(?::?-[^{}$]*)?\}")
"""A value that comes from outside, with what it is where nothing is given."""


def _added(env: Environment, name: str, value: str, texts: FileTexts) -> Edit | None:
    """The variable below another one, in the file that the deployment sets its variables in."""
    for place in _siblings(env):
        editor = texts.editor(place.path)
        edit = editor.add(place, name, value) if editor is not None else None
        if edit is not None:
            return edit
    return None


def _siblings(env: Environment) -> Iterator[Location]:
    """Places of variables below which another may be set: those of Directus' own file, then the deployment's, the last first.

    What a place takes from elsewhere is no such place: another variable there would reach nothing.
    """
    config = env.deployment.config_file
    if isinstance(config, tuple) and config:
        yield from sorted((one.location for one in config if not one.via), reverse=True)
        return
    places = [place for setting in env.settings.values() for place in _own_places(setting)]
    own = env.name.partition("#")[0]
    count = {path: sum(place.path == path for place in places) for path in {place.path for place in places}}
    paths = sorted(count, key=lambda path: (path != own, -count[path], path))
    for path in paths:
        yield from sorted((place for place in places if place.path == path), reverse=True)


def _own_places(setting: Setting) -> Iterator[Location]:
    if "secret" in setting.origin.lower() or setting.location is None or setting.origin.startswith("file named by"):
        return
    place = _place(setting)
    if place is not None:
        yield place


def _text(variable: Variable) -> str | None:
    return variable.value.text.reveal() if isinstance(variable.value, Known) else None


def _removed(variable: Setting | Variable, texts: FileTexts) -> Edit | None:
    place = _place(variable)
    editor = texts.editor(place.path) if place is not None else None
    return editor.remove(place, variable.name) if editor is not None and place is not None else None


def _place(setting: Setting | Variable) -> Location | None:
    """Where the variable itself is set, not where its value comes from.

    All keys of a ConfigMap may be handed on as variables, or one by one (`valueFrom`): then the variable is set there.
    """
    if not setting.via:
        return setting.location
    where = setting.via[0]
    by_name = where.line == where.end_line and where.end_column - where.column == len("valueFrom")
    return setting.location if setting.origin.startswith("ConfigMap") and not by_name else where


def _renamed(setting: Setting, to: str, texts: FileTexts) -> Edit | None:
    place = _place(setting)
    editor = texts.editor(place.path) if place is not None and not setting.shadowed else None
    return editor.rename(place, setting.name, to) if editor is not None and place is not None else None


def _required(setting: Setting, texts: FileTexts) -> Edit | None:
    editor = texts.editor(setting.location.path) if setting.location is not None else None
    written = editor.written(setting.location) if editor is not None and setting.location is not None else None
    reference = _REFERENCE.fullmatch(written) if written is not None else None
    if editor is None or reference is None or setting.location is None:
        return None
    return editor.set(setting.location, f"${{{reference['name']}:?}}")


def _version(env: Environment, version: str, texts: FileTexts) -> Edit | None:
    """The version in the place that it is written at: the tag of an image, or the default of a variable for it."""
    evidence, image = env.version_evidence, env.deployment.image
    place = evidence.location if evidence is not None else image.location if image is not None else None
    editor = texts.editor(place.path) if place is not None else None
    written = editor.written(place) if editor is not None and place is not None else None
    if editor is None or place is None or not written or "@" in written:
        return None
    for old, new in _spellings(env, version):
        if (
            written == old
            or (old.endswith("}") and written.count(old) == 1)
            or (old[0] == ":" and written.endswith(old))
        ):
            return editor.set(
                place, written[: len(written) - len(old)] + new if written.endswith(old) else written.replace(old, new)
            )
    return None


def _spellings(env: Environment, version: str) -> Iterator[tuple[str, str]]:
    """Texts that name the version that runs, and the same for another one."""
    evidence, image = env.version_evidence, env.deployment.image
    if image is not None and not image.digest:
        whole = f"{image.repository}:{version}"
        yield image.reference, whole
        yield f":-{image.reference}}}", f":-{whole}}}"
    if evidence is not None and evidence.text:
        yield evidence.text, version
        yield f":{evidence.text}", f":{version}"
        yield f":-{evidence.text}}}", f":-{version}}}"


def _replaced(place: Location, old: str, new: str, texts: FileTexts) -> Edit | None:
    editor = texts.editor(place.path)
    return editor.set(place, new) if editor is not None and editor.written(place) == old else None
