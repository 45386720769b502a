"""The files that mounts, secrets and configs put into the container of a Compose service."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import FileContent, Known, Unknown, Variable
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources import embedded
from directus_guard.sources.deployments import application
from directus_guard.sources.deployments.compose_env_files import plain_name
from directus_guard.sources.deployments.compose_scope import ComposeScope, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.deployments.compose_files import ComposeFiles
    from directus_guard.sources.deployments.compose_members import FileReference
    from directus_guard.sources.deployments.compose_project import ComposeProject
    from directus_guard.sources.deployments.compose_service import ComposeService


def config_file(
    files: ComposeFiles,
    service: ComposeService,
    project: ComposeProject,
    consumed: set[str],
    variables: tuple[Variable, ...],
) -> tuple[Variable, ...] | Unknown | None:
    """Directus' own `.env`, where one is mounted: `/directus/.env`, or what CONFIG_PATH names."""
    pointer = next((variable for variable in reversed(variables) if variable.name == "CONFIG_PATH"), None)
    home = posixpath.join("/directus", service.working_dir)
    target = posixpath.join(home, ".env")
    if pointer is not None:
        if not isinstance(pointer.value, Known):
            return Unknown("CONFIG_PATH comes from outside the repository")
        target = posixpath.normpath(posixpath.join(home, pointer.value.text.reveal()))
    reference = next((one for one in reversed(service.references) if one.target == target), None)
    if reference is not None:
        return _referenced(files, reference, target, project, consumed)
    mount, inside = service.mounts.get(target), ""
    if mount is None:
        # A folder of the repository over the working directory brings its file along.
        mount, inside = service.mounts.get(posixpath.dirname(target)), f"/{posixpath.basename(target)}"
        source = files.repository.resolve(project.scope.folder, f"{mount.source}{inside}") if mount else None
        mount = mount if source in files.repository else None
    if mount is None:
        if pointer is None or service.build_context is not None:
            return None  # the image may bring it
        return Unknown("the file that CONFIG_PATH names is not in the repository")
    path = files.repository.resolve(project.scope.folder, f"{mount.source}{inside}")
    if path is None or path not in files.repository:
        return Unknown(f"`{plain_name(target)}` is mounted from a file that is not in the repository")
    found, read = application.config_variables(files.repository, path, target, "mounted .env")
    consumed |= read
    return found


def _referenced(
    files: ComposeFiles, reference: FileReference, target: str, project: ComposeProject, consumed: set[str]
) -> tuple[Variable, ...] | Unknown:
    """Directus' own file, where a config or secret of the project is put there."""
    outside = Unknown(f"`{plain_name(target)}` is put there from outside the repository")
    kind, text, location = project.sources.get((reference.kind, reference.source), ("", "", reference.location))
    path = files.repository.resolve(project.scope.folder, text) if kind == "file" else None
    origin = f"the {reference.kind.removesuffix('s')} at {plain_name(target)}"
    if path is not None and path in files.repository:
        found, read = application.config_variables(files.repository, path, target, origin)
        consumed |= read
        return found
    if kind != "content":
        return outside
    from directus_guard.sources.deployments import config_file  # noqa: PLC0415 - few projects have such a file

    place = embedded.places(files.repository, location)
    made = config_file.parse(location.path, text, target, origin, (), lambda message, line: (
        files.repository.problem(location.path, message, place(Location(location.path, line)).line)
    ))  # fmt: skip
    if isinstance(made, Unknown):
        return made
    return tuple(replace(_filled(one, project.scope), location=place(one.location)) for one in made)


def contents(
    files: ComposeFiles, service: ComposeService, project: ComposeProject, consumed: set[str]
) -> Iterator[FileContent]:
    """The files that secrets and configs put into the container."""
    for reference in service.references:
        kind, text, location = project.sources.get(
            (reference.kind, reference.source), ("external", "", reference.location)
        )
        if kind == "content":
            yield FileContent(reference.target, value(project.scope.resolve(text), text), location)
            continue
        if kind == "environment":
            given = project.scope.variables.get(text)
            known = given is not None and given.text is not None
            held: Known | Unknown = (
                Known(Secret(given.text or "")) if given and known else Unknown("it is given from outside")
            )
            yield FileContent(reference.target, held, given.location if given else location)
            continue
        path = files.repository.resolve(project.scope.folder, text) if kind == "file" else None
        content = files.repository.text(path) if path is not None and path in files.repository else None
        if path is not None and path in files.repository:
            consumed.add(path)
        if path is None or content is None:
            yield FileContent(reference.target, Unknown("its file is not in the repository"), location)
        else:
            yield FileContent(reference.target, Known(Secret(content)), _whole(path, content))


def _filled(variable: Variable, scope: ComposeScope) -> Variable:
    """A variable of a config that is written in the Compose file, whose references Compose replaces."""
    if not isinstance(variable.value, Known):
        return variable
    text = variable.value.text.reveal()
    return replace(variable, value=value(scope.resolve(text), text)) if "$" in text else variable


def _whole(path: str, text: str) -> Location:
    first = text.split("\n", 1)[0]
    return Location(path, 1, 1, 1, len(first) + 1)
