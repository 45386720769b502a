"""Google Cloud Run: `gcloud run deploy` in scripts, Cloud Build files and workflows, and the action deploy-cloudrun.

Service files (Knative) are read as Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import workflow_texts  # fmt: skip
from directus_guard.sources.deployments import (
    application,
    build_recipes,
    docker_build,
    dockerfile,
    dotenv_files,
    gcloud,
    image_reference,
    manifest,
)
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import holes, shell_commands, traced, values
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.traced import Piece, Traced
from directus_guard.sources.formats.values import List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.finding import Location
    from directus_guard.sources.deployments.gcloud import Container
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_ACTION: Final = "google-github-actions/deploy-cloudrun"
_SUBSTITUTION: Final = lazy_pattern(r"\$\$|\$([A-Z_][A-Z0-9_]*)|\$\{([A-Z_][A-Z0-9_]*)\}")
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CALLS: Final = ("gcloud ", "docker build", "docker buildx")
_SHELLS: Final = ("sh", "bash", "/bin/sh", "/bin/bash")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus services, in the order of paths and commands."""
    found: list[Deployment] = []
    for path in registry.CLOUD_RUN.paths(repository):
        text = repository.text(path)
        if text is None:
            continue
        file = _File(repository, path, text)
        if path.lower().endswith((".yml", ".yaml", ".json")):
            manifest.belonging(repository, path)
            root = manifest.value(repository, path)
            if root is not None:
                file.take_document(root)
        else:
            for script in build_recipes.scripts(path, text):
                file.take_script(script)
        found += file.deployments()
    return tuple(found)


class _Build(Struct, frozen=True):
    """An image that a command of the file builds."""

    context: str
    file: str
    arguments: tuple[Variable, ...]


class _Service(Struct, frozen=True):
    """A service before it is known whether it is Directus."""

    name: str
    container: Container
    source: str | None
    location: Location


class _File:
    def __init__(self, repository: Repository, path: str, text: str) -> None:
        self._repository, self._path, self._text = repository, path, text
        self._positions = Positions(path, text)
        self._builds: dict[str, _Build] = {}
        self._services: list[_Service] = []
        self._consumed: set[str] = {path}
        self._substitutes = False
        self._given: ObjectValue | None = None
        self._environment: Mapping[str, Traced] = {}
        """What `env` of a workflow gives to the step that is read."""

    # --- where commands are written

    def take_script(self, script: Traced) -> None:
        """Every command of a shell text."""
        for command in shell_commands.commands(script, self._environment):
            arguments = command.arguments("gcloud")
            if arguments is not None:
                self._take_gcloud(arguments)
            built = command.arguments("docker", "podman", "buildah")
            if built is not None:
                self._take_build(built)

    def take_document(self, root: Value) -> None:
        """The texts of a YAML or JSON file that call gcloud, steps of Cloud Build, and steps of a workflow."""
        steps = root.objects("steps") if isinstance(root, ObjectValue) else ()
        if isinstance(root, ObjectValue) and (steps and root.get("jobs") is None and root.get("runs") is None):
            self._given = root.object("substitutions")
            self._substitutes = True
        for step in steps:
            self._take_step(step)
        for environment, part in self._parts(root):
            self._environment = environment
            for node in values.walk(part):
                if isinstance(node, ObjectValue) and (node.text("uses") or "").startswith(_ACTION):
                    self._take_action(node)
                elif isinstance(node, Text) and any(call in node.text for call in _CALLS):
                    self.take_script(self._traced(node))

    def _parts(self, root: Value) -> Iterator[tuple[Mapping[str, Traced], Value]]:
        """Each step of a workflow with its environment; all of any other file."""
        jobs = root.object("jobs") if isinstance(root, ObjectValue) else None
        if jobs is None or not isinstance(root, ObjectValue):
            yield {}, root
            return
        for entry in jobs.entries:
            job = entry.value
            for step in job.objects("steps") if isinstance(job, ObjectValue) else ():
                nodes = (root, job if isinstance(job, ObjectValue) else None, step)
                yield workflow_texts.environment(self._path, self._text, self._positions, *nodes), step

    def _traced(self, text: Text) -> Traced:
        made = traced.scalar(self._path, self._text, text.text, text.location, self._positions)
        if self._substitutes:
            return _substituted(made, self._given)
        return workflow_texts.filled(made, self._environment)

    def _take_step(self, step: ObjectValue) -> None:
        """A step of Cloud Build with its words in `args`."""
        program = step.text("entrypoint") or (step.text("name") or "").rpartition("/")[2].partition(":")[0]
        listed = step.get("args")
        items = listed.items if isinstance(listed, List) else (listed,) if isinstance(listed, Text) else ()
        words = [self._traced(item) for item in items if isinstance(item, Text)]
        if (listed is not None and not isinstance(listed, List | Text)) or len(words) < len(items):
            self._odd("`args` of a step is not a list of texts", step.location)
        if not words or program in _SHELLS:
            return
        if program in ("gcloud", "gcloud-slim", "cloud-sdk"):
            self._take_gcloud(words[1:] if words[0].text == "gcloud" else words)
        elif program == "docker":
            self._take_build(words, step.text("dir") or "")
        elif program in ("executor", "kaniko-project", "kaniko"):
            given = dict(word.text.partition("=")[::2] for word in words)
            image, file = given.get("--destination", ""), given.get("--dockerfile", "")
            split = (word.partition("=") for word in words)
            arguments = tuple(docker_build.argument(held) for name, _, held in split if name.text == "--build-arg")
            context = given.get("--context", "").removeprefix("dir://")
            self._builds[_without_tag(image)] = _Build(context, file, arguments)

    def _odd(self, message: str, place: Location) -> None:
        """Note a value of another type; the run is incomplete without it where the file is about Directus."""
        whole = signs.concerns_directus(self._text)
        self._repository.problem(self._path, f"{message}: what it sets is not known", place.line, incomplete=whole)

    def _take_gcloud(self, arguments: Sequence[Traced]) -> None:
        made = gcloud.deploy(arguments)
        if made is not None:
            service = made.service
            name = service.text if service is not None and not service.unknown else ""
            for container in made.containers:
                place = container.image or service or arguments[0]
                source = None if made.source is None or container.image else made.source.text
                self._services.append(_Service(name, container, source, place.location))
        elif [word.text for word in arguments[:2]] == ["builds", "submit"]:
            self._take_build([word for word in arguments if word.text not in ("builds", "submit")])

    def _take_build(self, arguments: Sequence[Traced], folder: str = "") -> None:
        """`docker build -t IMAGE -f FILE CONTEXT`, `gcloud builds submit --tag IMAGE CONTEXT`."""
        images: list[str] = []
        given: list[Variable] = []
        file, context = "", ""
        words = iter(arguments)
        for word in words:
            option, equals, value = word.partition("=")
            if option.text in ("-t", "--tag", "-f", "--file", "--build-arg"):
                held = value if equals else next(words, None)
                if held is None:
                    break
                if option.text in ("-t", "--tag"):
                    images.append(_without_tag(held.text))
                elif option.text == "--build-arg":
                    given.append(docker_build.argument(held))
                else:
                    file = held.text
            elif not word.text.startswith("-"):
                context = word.text
        context = "." if context in ("build", "bake") else context
        self._builds |= {image: _Build(f"{folder}/{context}".lstrip("/"), file, tuple(given)) for image in images}

    def _take_action(self, step: ObjectValue) -> None:
        """`uses: google-github-actions/deploy-cloudrun`."""
        given = step.object("with")
        if given is None or given.get("metadata") is not None:
            return
        container = gcloud.Container()
        image = given.scalar("image")
        container.image = self._traced(image) if image is not None else None
        strategy = (given.text("env_vars_update_strategy") or "merge").lower()
        container.flags.add("--set-env-vars" if strategy == "overwrite" else "--update-env-vars")
        if (given.text("secrets_update_strategy") or "merge").lower() == "overwrite":
            container.flags.add("--set-secrets")
        for key in ("env_vars", "env_vars_file", "secrets", "image", "flags"):
            held = given.get(key)
            if held is not None and not isinstance(held, Text):
                self._odd(f"`{key}` is not a text", held.location)
        file, written, secrets = given.scalar("env_vars_file"), given.scalar("env_vars"), given.scalar("secrets")
        if file is not None:
            container.files.append(self._traced(file))
        pairs = tuple(_pairs(self._traced(written))) if written is not None else ()
        if written is not None and not pairs and written.text.strip():
            container.others.append("`env_vars` comes from outside")
        for name, text in pairs:
            container.variables.append(text.variable(name, "env_vars"))
        for name, text in _pairs(self._traced(secrets)) if secrets is not None else ():
            reason = "Cloud Run takes it from Secret Manager"
            container.variables.append(Variable(name, Unknown(reason), text.location, "secrets"))
        flags = given.scalar("flags")
        if flags is not None:
            self._take_flags(container, flags)
        place = image.location if image is not None else step.locate("uses")
        source = given.text("source") if image is None else None
        self._services.append(_Service(given.text("service") or "", container, source, place))

    def _take_flags(self, container: Container, flags: Text) -> None:
        """`flags:` of the action: a piece of the command line."""
        words = shell_commands.words(self._traced(flags))
        made = gcloud.deploy([*shell_commands.words(traced.whole("", "run deploy service")), *words])
        if made is not None:
            container.variables += made.containers[0].variables
            container.files += made.containers[0].files
            container.flags |= made.containers[0].flags
            container.others += made.containers[0].others

    # --- what they deploy

    def deployments(self) -> Iterator[Deployment]:
        """The services that are Directus."""
        names: dict[str, int] = {}
        for service in self._services:
            found = self._deployment(service)
            if found is None:
                continue
            label = service.name if service.name and "$" not in service.name else "deploy"
            names[label] = names.get(label, 0) + 1
            number = f"-{names[label]}" if names[label] > 1 else ""
            yield replace(found, name=f"{self._path}#{label}{number}")

    def _deployment(self, service: _Service) -> Deployment | None:
        container = service.container
        gaps = list(container.gaps)
        from_files = [variable for file in container.files for variable in self._from_file(file, gaps)]
        variables = (*from_files, *container.variables)
        image = _image(container.image)
        built = self._dockerfile(service)
        if not (
            (container.image is not None and is_directus_image(_without_tag(holes.filled(container.image.text, "_"))))
            or dockerfile.builds_directus(self._repository, built)
            or application.configures_directus(variables)
        ):
            return None
        return Deployment(
            name="",
            platform=Platform.CLOUD_RUN,
            location=service.location,
            variables=variables,
            gaps=tuple(dict.fromkeys(gaps)),
            image=image,
            version=image_reference.version(image),
            hints=(service.name,) if service.name else (),
            build_context=application.folder(built) if built else None,
            dockerfile=built,
            build_args=self._build_args(service),
            consumed=frozenset(self._consumed),
        )

    def _dockerfile(self, service: _Service) -> str | None:
        """The Dockerfile of `--source`, or of the command that builds the image."""
        image = service.container.image
        if service.source is not None:
            return self._existing(service.source, "Dockerfile")
        build = self._builds.get(_without_tag(image.text)) if image is not None else None
        if build is None:
            return None
        if build.file:
            return self._existing("", build.file) or self._existing(build.context, build.file)
        return self._existing(build.context, "Dockerfile")

    def _build_args(self, service: _Service) -> tuple[Variable, ...]:
        image = service.container.image
        build = self._builds.get(_without_tag(image.text)) if image is not None else None
        return build.arguments if build is not None else ()

    def _existing(self, context: str, name: str) -> str | None:
        """A file seen from the root of the repository, or from the folder of the file."""
        for start in ("", application.folder(self._path)):
            folder = self._repository.resolve(start, context or ".") if not context.startswith("/") else None
            path = self._repository.resolve(folder, name) if folder is not None else None
            if path is not None and path in self._repository:
                return path
        return None

    def _from_file(self, file: Traced, gaps: list[Gap]) -> tuple[Variable, ...]:
        """`--env-vars-file`: an environment file by its ending, else YAML or JSON."""
        path = self._existing("", file.text) if not file.unknown else None
        text = self._repository.text(path) if path is not None else None
        if path is None or text is None:
            name = application.plain(holes.filled(file.text, "…"))
            gaps.append(unseen(f"the file of variables `{name}` is not in the repository"))
            return ()
        self._consumed.add(path)
        if path.endswith(".env") or (not path.endswith((".yml", ".yaml", ".json")) and "=" in text):
            return tuple(replace(item, via=(file.location,)) for item in dotenv_files.variables(path, text))
        root = manifest.root(self._repository, path)
        found = values.variables(root, f"--env-vars-file {path.rpartition('/')[2]}")
        return tuple(replace(item, via=(file.location,)) for item in found)


def _image(written: Traced | None) -> Image | None:
    if written is None:
        return None
    known = written.known_start.rstrip(":@/") if written.unknown else written.text
    return image_reference.parse(known, written.location, written.unknown)


def _without_tag(reference: str) -> str:
    name = reference.partition("@")[0]
    colon = name.rfind(":")
    return name[:colon] if colon > name.rfind("/") else name


def _substituted(text: Traced, substitutions: ObjectValue | None) -> Traced:
    """The text with the substitutions of Cloud Build: a trigger may give others than those that the file has."""
    pieces: list[Piece] = []
    begin = 0
    for match in _SUBSTITUTION.finditer(text.text):
        held = text.cut(*match.span()).pieces
        pieces += text.cut(begin, match.start()).pieces if match.start() > begin else ()
        begin = match.end()
        name = match[1] or match[2]
        if name is None:
            pieces.append(Piece("$", held[0].start, held[-1].end))
            continue
        default = substitutions.text(name) if substitutions else None
        reason = f"`${application.plain(name)}` is given when Cloud Build runs"
        pieces.append(Piece.hole(held[0].start, held[-1].end, reason, fallback=default, variable=name))
    return text.made([*pieces, *text.cut(begin).pieces]) if begin else text


def _pairs(text: Traced) -> Iterator[tuple[str, Traced]]:
    """`KEY=value` separated by lines or commas, as the action reads them; a backslash keeps what follows."""
    pieces: list[Piece] = []
    start = 0

    def flush(end: int) -> Traced:
        if end > start:
            pieces.extend(text.cut(start, end).pieces)
        return text.made(pieces or text.cut(start, start).pieces)

    for index, character in enumerate(text.text + "\n"):
        if index < start:
            continue
        if character == "\\" and index + 1 < len(text.text):
            flush(index)
            pieces.extend(text.cut(index + 1, index + 2).pieces)
            start = index + 2
        elif character in ",\n\r\u2028\u2029":
            made = _stripped(flush(index))
            name, sign, value = made.partition("=")
            if sign and _NAME.match(name.text.strip()):
                yield name.text.strip(), _unquoted(_stripped(value))
            pieces, start = [], index + 1


def _stripped(text: Traced) -> Traced:
    start = len(text.text) - len(text.text.lstrip())
    return text.cut(start, max(len(text.text.rstrip()), start))


def _unquoted(text: Traced) -> Traced:
    held = text.text
    return text.cut(1, len(held) - 1) if len(held) > 1 and held[0] == held[-1] and held[0] in "\"'" else text
