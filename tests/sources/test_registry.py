"""Every file name that a source declares is read by a scan."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import yaml

from directus_guard import sources
from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.sources.files import registry
from directus_guard.sources.files.file_set import FileSet, Source
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.audit.audited import Audited
    from directus_guard.finding import Location

IMAGE: Final = "directus/directus:11.5.0"
STARTS: Final = "npx directus start"
BASE_FILE: Final = "deploy/base.yml"
DEPLOY: Final = f"gcloud run deploy cms --image={IMAGE}"
POD: Final = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "cms"},
    "spec": {"containers": [{"name": "directus", "image": IMAGE}]},
}
TASK: Final = {"containerDefinitions": [{"name": "directus", "image": IMAGE, "environment": []}]}
INNER: Final = f"services: {{cms: {{image: {IMAGE}}}}}"
APPS: Final = {"apps": [{"name": "cms", "script": STARTS}]}
FLY: Final = {"app": "cms", "build": {"image": IMAGE}}
PLATFORM_APP: Final = {"name": "cms", "type": "nodejs:22", "web": {"commands": {"start": STARTS}}}
PERMISSION: Final[dict[str, object]] = {
    "collection": "posts", "action": "read", "fields": ["*"], "permissions": {}, "validation": None, "presets": None, "policy": "p",
}  # fmt: skip
CLIENT: Final = "const picture = `https://cms.example.com/assets/${id}?access_token=${process.env.DIRECTUS_TOKEN}`;\n"


def written(path: str, data: object) -> str:
    """Data as the file's ending asks for: JSON, YAML, TOML or JavaScript."""
    ending = path.lower().rpartition(".")[2]
    if ending in ("js", "cjs", "mjs"):
        return f"module.exports = {json.dumps(data)};\n"
    if ending == "toml":
        assert isinstance(data, dict)
        flat = [f"{key} = {json.dumps(value)}\n" for key, value in data.items() if not isinstance(value, dict)]
        tables = [(key, value) for key, value in data.items() if isinstance(value, dict)]
        return "".join((*flat, *(f"[{key}]\n{written(path, value)}" for key, value in tables)))
    return json.dumps(data) if ending == "json" else yaml.safe_dump(data)


def deployed(audited: Audited, path: str) -> bool:
    """Whether a deployment was found in the file."""
    return any(found.partition("#")[0] == path for found in audited.report.scanned.deployments)


def builds(audited: Audited, path: str) -> bool:
    """Whether the version that is built was read from the file."""
    return any(finding.location.path == path for finding in audited.report.findings)


def is_export(audited: Audited, path: str) -> bool:
    """Whether a record was found in the file."""
    places: list[Location | None] = []
    for export in audited.project.exports:
        model = export.model
        places += (row.location for row in model.permissions)
        places += (row.location for row in model.policies)
        places += (row.location for row in model.access)
        places += (row.location for row in model.roles)
        places += (row.location for row in model.users)
        places += (row.location for row in export.flows)
        places += (row.location for row in export.operations)
        places += [export.settings.location] if export.settings else []
    return any(place is not None and place.path == path for place in places)


def is_code(audited: Audited, path: str) -> bool:
    return any(found.location.path == path for package in audited.project.packages for found in package.addresses)


def composes(audited: Audited, path: str) -> bool:
    return any(path in found.deployment.consumed for found in audited.project.environments)


def gives_token(audited: Audited, path: str) -> bool:
    return any(found.location.path == path for found in audited.project.manifest_tokens)


def has_token(audited: Audited, path: str) -> bool:
    return any(found.location.path == path for package in audited.project.packages for found in package.tokens)


def is_package(audited: Audited, path: str) -> bool:
    return any(package.location.path == path for package in audited.project.packages)


def is_schema(audited: Audited, path: str) -> bool:
    return any(export.schema is not None and export.schema.source == path for export in audited.project.exports)


Example = tuple[object, "Callable[[Audited, str], bool]"]
"""The content, or what makes it for a path, and how to see that a scan read it."""


def _heroku(path: str) -> object:
    name = path.rpartition("/")[2].lower()
    if name == "app.json":
        return {"env": {"SECRET": "abc", "DB_CLIENT": "pg"}}
    return {"run": {"web": STARTS}} if name.startswith("heroku") else f"web: {STARTS}\n"


def _hosted(path: str) -> object:
    name = path.rpartition("/")[2].lower()
    if name.startswith("captain-definition"):
        return json.dumps({"schemaVersion": 2, "imageName": IMAGE})
    if name.startswith("apprunner"):
        return {"runtime": "nodejs22", "run": {"command": STARTS}}
    if name.startswith("manifest"):
        return {"name": "cms", "type": "Backend Service", "image": {"location": IMAGE}}
    if "app" in name:
        return {"runtime": "nodejs22", "entrypoint": STARTS}
    return {"properties": {"template": {"containers": [{"name": "directus", "image": IMAGE}]}}}


def _record(path: str) -> object:
    """A record that a file of an export holds, by the file's name."""
    name = path.rpartition("/")[2].lower()
    records: dict[str, object] = {
        "polic": [{"id": "p", "name": "Editor", "admin_access": False, "app_access": True}],
        "access": [{"id": "a", "policy": "p", "role": "r"}],
        "role": [{"id": "r", "name": "Editor", "icon": "x", "parent": None}],
        "user": [{"id": "u", "role": "r", "email": "a@example.com", "status": "active"}],
        "flow": [{"id": "f", "name": "Hook", "trigger": "webhook", "accountability": None}],
        "operation": [{"id": "o", "key": "x", "type": "log", "flow": "f", "resolve": None}],
        "setting": [{"project_name": "x", "auth_login_attempts": 25}],
    }
    return next((records[word] for word in records if word in name), [PERMISSION])


def _database(path: str) -> object:
    statement = b"INSERT INTO directus_users VALUES ('1', '$argon2id$v=19$x');\n"
    if path.lower().endswith((".sql", ".dump", ".backup", ".pgdump")):
        return statement
    if path.lower().endswith(".gz"):
        import gzip

        return gzip.compress(statement)
    if path.lower().endswith("-wal"):
        return b"\x37\x7f\x06\x82" + bytes(60) + b"directus_users $argon2id$v=19$x"
    return b"SQLite format 3\0" + bytes(60) + b"CREATE TABLE directus_users $argon2id$v=19$x"


def _client(path: str) -> object:
    """What asks a Directus, or depends on its SDK."""
    ending = path.lower().rpartition(".")[2]
    if ending in ("js", "jsx", "mjs", "cjs", "ts", "mts", "cts", "tsx"):
        return CLIENT
    if ending in ("vue", "svelte", "astro"):
        return f"<script>\n{CLIENT}</script>\n" if ending != "astro" else f"---\n{CLIENT}---\n"
    if ending == "py":
        return 'url = f"https://cms.example.com/assets/{id}?access_token={token}"\n'
    if ending == "json":
        return _manifest(path)
    return '<img src="https://cms.example.com/assets/{{ id }}?access_token={{ token }}">\n'


def _manifest(path: str) -> object:
    name = path.rpartition("/")[2].lower()
    if name.endswith(".json"):
        return {"dependencies": {"@directus/sdk": "1"}, "imports": {"@directus/sdk": "npm:@directus/sdk"}}
    return {"pyproject.toml": '[project]\ndependencies = ["directus-sdk"]\n', "pubspec.yaml": "dependencies:\n  directus: 1\n"}.get(
        name, "directus-sdk==1\n" if name.startswith("requirements") else 'export const directus = "https://cms.example.com";\n'
    )  # fmt: skip


def _docker_run(path: str) -> object:
    """`docker run` as each kind of file writes it."""
    command = f"docker run -e SECRET=abc {IMAGE}"
    name = path.rpartition("/")[2].lower()
    if name.endswith(".service"):
        return f"[Service]\nExecStart=/usr/bin/{command}\n"
    return _command(path, command)


def _composes(path: str) -> object:
    """A command that starts a project, as each kind of file writes it."""
    return _command(path, f"docker compose -f {BASE_FILE} up")


def _state(path: str) -> object:
    """A container in a state, or in one that is printed."""
    held = {"image": IMAGE, "env": ["SECRET=abc"]}
    resource = {"type": "docker_container", "name": "cms"}
    if path.lower().endswith(".json"):
        return {"terraform_version": "1.9.0", "values": {"root_module": {"resources": [{**resource, "values": held}]}}}
    return json.dumps({"version": 4, "resources": [{**resource, "instances": [{"attributes": held}]}]})


def _writes(path: str) -> object:
    """A command that writes a Compose file, as each kind of file writes it."""
    return _command(path, f'printf "{INNER}" > compose.yaml')


def _gives_token(path: str) -> object:
    """A token of a client as each kind of file writes it."""
    name = path.rpartition("/")[2].lower()
    if name == "package.json":
        return {"scripts": {"build": "DIRECTUS_TOKEN=abcdef npm run x"}}
    if name.endswith((".http", ".rest")):
        return "GET https://directus.example.com/items/a\nAuthorization: Bearer abcdef12\n"
    if name.endswith((".yml", ".yaml", ".toml", ".json")):
        return {"env": {"DIRECTUS_TOKEN": "abcdef"}, "note": "sent as bearer token"}
    if name.endswith(tuple(pattern[1:] for pattern in registry.CODE_CONSTANTS)):
        return 'DIRECTUS_TOKEN = "abcdef"\n'
    return "#!/bin/sh\nENV DIRECTUS_TOKEN=abcdef\n"


def _sends_token(path: str) -> object:
    """A request with a token as each kind of file writes it."""
    return _command(path, "curl https://cms.example.com/items/a?access_token=abcdef")


def _set_by_command(path: str) -> object:
    """`fly secrets set` as each kind of file writes it."""
    return _command(path, "fly secrets set SECRET=abc DB_CLIENT=pg")


def _given_to_module(path: str) -> object:
    """`terraform apply -var` as each kind of file writes it."""
    return _command(path, "terraform -chdir=infra apply -var secret=changeme")


def _built(path: str) -> object:
    """`docker build` as each kind of file writes it."""
    return _command(path, "docker build --build-arg V=10.8.0 -t cms .")


def _command(path: str, command: str) -> object:
    name = path.rpartition("/")[2].lower()
    if name == "package.json":
        return {"scripts": {"cms": command}}
    if name.endswith((".yml", ".yaml")):
        return {"deploy": {"script": [command]}}
    if "just" in name or "make" in name or name.endswith(".mk"):
        return f"up:\n\t{command}\n"
    if "jenkinsfile" in name or name.endswith(".groovy"):
        return f"node {{\n  sh '{command}'\n}}\n"
    return f"#!/bin/sh\n{command}\n"


RELEASES: Final = {"releases": [{"name": "directus", "chart": "x", "values": [{"env": {"LOG_LEVEL": "info"}}]}]}

EXAMPLES: Final[dict[str, Example]] = {
    "COMPOSE": ({"services": {"directus": {"image": IMAGE}}}, deployed),
    "KUBERNETES": (POD, deployed),
    "HELM": (
        lambda path: {"image": {"repository": "directus/directus", "tag": "11.5.0"}, "env": {"LOG_LEVEL": "info"}}
        if "values" in path.lower() else RELEASES if "helmfile" in path.lower()
        else {"helmCharts": [{"name": "directus", "valuesInline": {"image": {"tag": "11.5.0"}}}]} if "kustom" in path.lower() else POD, deployed),
    "HELMFILES": (RELEASES, deployed),
    "FLY": (FLY, deployed),
    "RENDER": ({"services": [{"type": "web", "name": "cms", "image": {"url": IMAGE}}]}, deployed),
    "RAILWAY": (
        lambda path: {"variables": {"SECRET": "abc", "DB_CLIENT": "pg"}} if "nixpacks" in path.lower()
        else {"deploy": {"startCommand": STARTS}}, deployed),
    "HEROKU": (_heroku, deployed),
    "PM2": (APPS, deployed),
    "ECS": ({**TASK, "Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition"}}}, deployed),
    "TERRAFORM": (
        lambda path: {"resource": {"docker_container": {"directus": {"image": IMAGE}}}} if path.lower().endswith(".json") else
        f'resource "docker_container" "directus" {{\n  image = "{IMAGE}"\n  env = ["SECRET=abc"]\n}}\n', deployed),
    "TERRAFORM_STATES": (_state, deployed),
    "PULUMI": ({"name": "cms", "resources": {"cms": {"type": "docker:Container", "properties": {"image": IMAGE}}}}, deployed),
    "WORKFLOW": (
        {"on": "push", "jobs": {"test": {"services": {"directus": {"image": IMAGE}}}}}, deployed),
    "DIGITALOCEAN": (
        {"services": [{"name": "cms", "envs": [{"key": "SECRET", "value": "abc"}, {"key": "DB_CLIENT", "value": "pg"}]}]}, deployed),
    "PLATFORM_SH": (
        lambda path: {"applications": {"cms": PLATFORM_APP}} if ".upsun" in path
        else [PLATFORM_APP] if "applications" in path.lower() else PLATFORM_APP, deployed),
    "ZEROPS": ({"zerops": [{"setup": "cms", "run": {"start": STARTS}}]}, deployed),
    "NOMAD": (
        lambda path: {"Job": {"TaskGroups": [{"Tasks": [{"Name": "cms", "Config": {"image": IMAGE}}]}]}}
        if path.lower().endswith(".json") else f'job "a" {{\n  task "cms" {{\n    config {{ image = "{IMAGE}" }}\n  }}\n}}\n', deployed),
    "NIX": (f'{{ ... }}: {{ cms = {{ image = "{IMAGE}"; environment = {{ SECRET = "abc"; }}; }}; }}\n', deployed),
    "BICEP": (f"resource cms 'a@1' = {{\n  image: '{IMAGE}'\n  env: [{{ name: 'SECRET', value: 'abc' }}]\n}}\n", deployed),
    "CLOUD_RUN": (
        lambda path: {"scripts": {"deploy": DEPLOY}} if path.lower().endswith("package.json")
        else {"steps": [{"script": DEPLOY}]} if path.lower().endswith((".yml", ".yaml", ".json"))
        else f"deploy:\n\t{DEPLOY}\n", deployed),
    "HOSTS": (_hosted, deployed),
    "SYSTEMD": (f"[Container]\nImage={IMAGE}\n[Service]\nExecStart={STARTS}\n", deployed),
    "DOCKER_RUN": (_docker_run, deployed),
    "SCRIPTS": (_set_by_command, deployed),
    "COMPOSE_COMMANDS": (_composes, composes),
    "INNER_OF_SCRIPTS": (_writes, composes),
    "TERRAFORM_TEMPLATES": (f"#!/bin/sh\ndocker run -e SECRET=abc {IMAGE}\n", composes),
    "DIALECTS": (
        lambda path: f"docker run -e SECRET=abc {IMAGE}\n" if path.lower().endswith((".ps1", ".psm1", ".fish", ".csh", ".tcsh", ".bat", ".cmd"))
        else f"#cloud-config\nruncmd:\n  - docker run -e SECRET=abc {IMAGE}\n", composes),
    "INNER_OF_OBJECTS": ({"write_files": [{"path": "/srv/compose.yaml", "content": INNER}]}, composes),
    "BUILDS": (_built, builds),
    "TERRAFORM_COMMANDS": (_given_to_module, builds),
    "ANSIBLE": ([{"community.docker.docker_container": {"name": "cms", "image": IMAGE}}], deployed),
    "ANSIBLE_INVENTORIES": (
        "cms1 directus_secret=abc\n",
        lambda audited, path: any(variable.location.path == path for env in audited.project.environments
                                  for variable in env.deployment.variables)),
    "NODE_SERVER": ({"scripts": {"start": "directus start"}}, deployed),
    "DOCKERFILE": (f"FROM {IMAGE}\n", deployed),
    "DOTENV": ("SECRET=abc\nDB_CLIENT=pg\n", deployed),
    "EXPORTS": (_record, is_export),
    "SNAPSHOTS": (
        {"version": 1, "directus": "11.5.0", "vendor": "postgres",
                      "collections": [{"collection": "posts", "meta": {"collection": "posts"}, "schema": {"name": "posts"}}],
                      "fields": [{"collection": "posts", "field": "id", "type": "integer", "meta": None, "schema": None}],
                      "relations": []}, is_schema),
    "WHOLE_SNAPSHOTS": (
        {"version": 1, "directus": "11.5.0", "vendor": "postgres", "collections": []},
        lambda audited, path: any(problem.path == path for problem in audited.report.problems)),
    "EXTENSIONS": (
        {"name": "x", "directus:extension": {"type": "hook"}},
        lambda audited, path: any(found.location and found.location.path == path for found in audited.project.extensions)),
    "VERSIONS": (
        {"dependencies": {"directus": "11.5.0"}},
        lambda audited, path: any(env.version_evidence is not None and env.version_evidence.location.path == path
                                  for env in audited.project.environments)),
    "CODE": (lambda path: "NEXT_PUBLIC_DIRECTUS_TOKEN=abc\n" if ".env" in path.lower() else _client(path),
                              lambda audited, path: is_code(audited, path) or has_token(audited, path) or is_package(audited, path)),
    "CLIENT_TOKENS": (_gives_token, gives_token),
    "COMMAND_TOKENS": (_sends_token, gives_token),
    "CODE_MANIFESTS": (_manifest, is_package),
    "CODE_SETTINGS": (
        lambda path: "DIRECTUS_URL=https://cms.example.com\n" if ".env" in path.lower() else _manifest(path), is_package),
    "DATABASES": (
        _database, lambda audited, path: any(found.location.path == path for found in audited.project.databases)),
}  # fmt: skip
"""By the files that are declared; a new source needs an example of what it reads."""

BESIDE: Final[dict[str, dict[str, str]]] = {
    "EXPORTS": {"export/permissions.json": json.dumps([PERMISSION])},
    "SNAPSHOTS": {"export/permissions.json": json.dumps([PERMISSION])},
    "TERRAFORM_COMMANDS": {
        "infra/a.tf": f'resource "docker_container" "a" {{\n  image = "{IMAGE}"\n  env = ["SECRET=${{var.secret}}"]\n}}\nvariable "secret" {{}}\n'
    },
    "BUILDS": {"site/Dockerfile": "ARG V\nFROM directus/directus:${V}\n"},
    "ANSIBLE_INVENTORIES": {
        "site.yml": f"- docker_container:\n    image: {IMAGE}\n    env: {{SECRET: '{{{{ directus_secret }}}}'}}\n"
    },
    "VERSIONS": {".env": "SECRET=abc\nDB_CLIENT=pg\n"},
    "COMPOSE_COMMANDS": {BASE_FILE: json.dumps({"services": {"directus": {"image": IMAGE}}})},
    "CODE": {
        "site/requirements.txt": "directus-sdk==1\n",
        "pull.sh": 'curl -H "Authorization: Bearer $T" https://cms.example.com/items/a\n',
    },
    "CODE_MANIFESTS": {"site/client.js": CLIENT},
    "CODE_SETTINGS": {"site/client.js": CLIENT, "site/package.json": "{}"},
}


def declared() -> Iterator[tuple[str, FileSet]]:
    """What every source declares, by the name of its example."""
    for name, value in vars(registry).items():
        if isinstance(value, Source):
            yield from ((name, files) for files in value.files)
    yield "CODE_MANIFESTS", registry.CODE_MANIFESTS
    yield "CODE_SETTINGS", registry.CODE_SETTINGS


SETS: Final = list(declared())


def names_of(pattern: str) -> Iterator[str]:
    """File names that match the pattern: with something in place of each `*`, with nothing, in capitals."""
    filled = pattern.replace("*", "x")
    yield from dict.fromkeys(filter(None, (filled, pattern.replace("*", ""), filled.upper())))


@each_case(("name", "files"), SETS)
def test_a_scan_reads_every_declared_name(tmp_path: Path, name: str, files: FileSet) -> None:
    """Here the first and the last name of each list; the test below takes all."""
    reads(
        tmp_path, name, files, [next(names_of(pattern)) for pattern in dict.fromkeys((files.names[0], files.names[-1]))]
    )


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "files"), SETS)
def test_a_scan_reads_every_form_of_a_name(tmp_path: Path, name: str, files: FileSet) -> None:
    reads(tmp_path, name, files, [form for pattern in files.names for form in names_of(pattern)])


def reads(tmp_path: Path, name: str, files: FileSet, file_names: list[str]) -> None:
    """Scan a project with each of these files; it must be read."""
    made, was_read = EXAMPLES[name]
    folder = min(files.below) if files.below else {"EXPORTS": "export", "SNAPSHOTS": "export"}.get(name, "site")
    unread: list[object] = []
    for number, file_name in enumerate(file_names):
        path = f"{folder}/{file_name}"
        if f"/{path.lower()}".endswith(files.other or ("\0",)):
            continue
        content = made(path) if callable(made) else made
        text = content if isinstance(content, str | bytes) else written(path, content)
        root = write(tmp_path / str(number), {**BESIDE.get(name, {}), path: text})
        audited = run(Options(root=root))
        if not was_read(audited, path):
            unread.append((path, audited.report.scanned, audited.report.problems))
    assert unread == []


def test_nothing_else_lists_file_names() -> None:
    """No source has a tuple of shell patterns of its own, and none asks the repository by one."""
    found: list[str] = []
    for path in sorted(Path(inspect.getfile(sources)).parent.glob("*.py")):
        if path.name in ("registry.py", "command_files.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "named":
                patterns = [item.value for item in node.args if isinstance(item, ast.Constant)]
                found += [f"{path.name}:{node.lineno} {patterns}"] if patterns else []
            elif isinstance(node, ast.Tuple):
                globs = [
                    item.value
                    for item in node.elts
                    if isinstance(item, ast.Constant) and str(item.value).startswith("*.")
                ]
                found += [f"{path.name}:{node.lineno} {globs}"] if globs else []
    assert not found


INI: Final = "[cms]\nhost directus_secret=abc\n"
CLOUD: Final = "#cloud-config\nwrite_files: [{path: /opt/directus/.env, content: SECRET=abc}]\n"
STATE: Final = '{"version": 4, "resources": [{"type": "docker_container", "instances": [], "name": "directus"}]}'


@each_case(
    ("source", "text", "read", "passed_over"),
    [
        ("ANSIBLE_INVENTORIES", INI, ["hosts", "inventory", "production", "prod", "live", "staging", "stage", "development", "dev", "test", "a-prod.ini", "inventory/a", "inventories/b/c", "inventory/d.ini"], ["tests", "a.ini", "other/a", "inventory/a.txt"]),
        ("DIALECTS", CLOUD, ["user-data", "a_user_data.txt", "userdata", "my-cloud-config", "cloud-init.cfg", "cloud_init", "b.cfg", "b.bu", "b.butane"], ["user-data.yml", "user-data.yaml", "b.txt"]),
        ("DIALECTS", "# directus\nset A=b\n", ["a.ps1", "a.psm1", "a.fish", "a.csh", "a.tcsh", "a.bat", "a.cmd"], ["a.txt"]),
        ("TERRAFORM_STATES", STATE, ["terraform.tfstate", "terraform.tfstate.backup", "a/b.tfstate"], ["tfstate", "a.txt"]),
    ],
)  # fmt: skip
def test_files_by_their_names(source: str, text: str, read: list[str], passed_over: list[str]) -> None:
    repository = in_memory(dict.fromkeys([*read, *passed_over], text))
    assert sorted(getattr(registry, source).paths(repository)) == sorted(read)
