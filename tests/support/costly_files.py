"""Folders that are made to cost much: small ones that grow when they are read, and large ones."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final, TypeAlias

from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Maker: TypeAlias = "Callable[[Path], None]"

SERVICE: Final = (
    "services:\n  directus:\n    image: directus/directus:11.5.1\n    environment:\n      SECRET: abc\n      KEY: x\n"
)
OBJECT: Final = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: directus\nspec:\n  template:\n    spec:\n      containers:\n"
    "      - name: d\n        image: directus/directus:11.5.1\n        env:\n        - {name: SECRET, value: abc}\n"
)
BOMB: Final = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{number}: &a{number} [{','.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 12)
)
"""Lists of lists, by aliases: 300 billion texts."""
LARGE: Final = 3000 if EVERY_CASE else 1000
"""How many there are of what costs the same each: three times as many with `make every`."""
PLAIN_ENV: Final = "SECRET=x\nKEY=x\nDB_CLIENT=pg\n"


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _service(environment: str) -> str:
    return f"services:\n  d:\n    image: directus/directus:11.5.1\n    environment:\n{environment}"


def _include_fan(root: Path) -> None:
    for number in range(40):
        below = f"../c{number + 1}/compose.yaml"
        _write(root, f"c{number}/compose.yaml", f"include:\n  - {below}\n  - path: [{below}]\n{SERVICE}")
    _write(root, "c40/compose.yaml", SERVICE)


def _include_wide(root: Path) -> None:
    for number in range(60):
        later = "".join(f"  - compose.{other}.yaml\n" for other in range(number + 1, 60))
        _write(root, f"compose.{number}.yaml", (f"include:\n{later}" if later else "") + SERVICE)


def _include_cycle(root: Path) -> None:
    for number in range(300):
        _write(root, f"d{number}/compose.yaml", f"include: [../d{(number + 1) % 300}/compose.yaml]\n{SERVICE}")


def _extends(root: Path) -> None:
    chain = "".join(f"  s{number}:\n    extends: s{number + 1}\n" for number in range(2000))
    _write(root, "compose.yaml", f"services:\n{chain}  s2000:\n    image: directus/directus:11.5.1\n")


def _env_files(root: Path) -> None:
    _write(root, "compose.yaml", _service("      A: b\n") + "    env_file:\n" + "      - .env\n" * 20_000)
    _write(root, ".env", "".join(f"V{number}=x\n" for number in range(2000)))


def _dollars(root: Path) -> None:
    _write(root, "compose.yaml", _service(f'      SECRET: "{"$$" * 200_000}"\n'))


def _references(root: Path) -> None:
    _write(root, ".env", f"A={'x' * 100_000}\n" + "".join(f"B{number}=${{A}}y\n" for number in range(10_000)))
    _write(root, "compose.yaml", _service("      SECRET: $B1\n") + "    env_file: .env\n")


def _doubled_variables(root: Path) -> None:
    doubled = "".join(f"A{number}=${{A{number - 1}}}${{A{number - 1}}}\n" for number in range(1, 60))
    _write(root, ".env", f"{PLAIN_ENV}A0=xx\n{doubled}")
    _write(root, "compose.yaml", _service("      SECRET: $A59\n") + "    env_file: .env\n")


def _open_quotes(root: Path) -> None:
    _write(root, ".env", PLAIN_ENV + "A='x\n" * 200_000)


def _open_quotes_of_compose(root: Path) -> None:
    _write(root, "prod.env", PLAIN_ENV + "A='x\n" * 200_000)
    _write(root, "compose.yaml", _service("      A: b\n") + "    env_file: prod.env\n")


def _continuations(root: Path) -> None:
    lines = "".join(f"  B{number}=x \\\n" for number in range(30_000))
    _write(root, "Dockerfile", f"FROM directus/directus:11.5.1\nENV A=1 \\\n{lines}  C=1\n")


def _kustomize_diamonds(root: Path) -> None:
    for number in range(400):
        for side in "ab":
            below = f"[../k{number + 1}a, ../k{number + 1}b]"
            _write(root, f"k{number}{side}/kustomization.yaml", f"resources: {below}\n")
    for side in "ab":
        _write(root, f"k400{side}/kustomization.yaml", "resources: [d.yaml]\n")
        _write(root, f"k400{side}/d.yaml", OBJECT)


def _kustomize_fan(root: Path) -> None:
    for number in range(25):
        below = f"[../k{number + 1}, ../k{number + 1}/../k{number + 1}]"
        _write(root, f"k{number}/kustomization.yaml", f"resources: {below}\n")
    _write(root, "k25/kustomization.yaml", "resources: [d.yaml]\n")
    _write(root, "k25/d.yaml", OBJECT)


def _kustomize_cycle(root: Path) -> None:
    for number in range(400):
        _write(root, f"k{number}/kustomization.yaml", f"resources: [../k{(number + 1) % 400}, d.yaml]\n")
        _write(root, f"k{number}/d.yaml", OBJECT.replace("name: directus", f"name: directus{number}"))


def _aliases_of_snapshot(root: Path) -> None:
    head = "version: 1\ndirectus: 11.5.1\nvendor: sqlite\n"
    _write(root, "snapshot.yaml", f"{head}{BOMB}collections: *a11\nfields: *a11\nrelations: []\n")


def _aliases_of_object(root: Path) -> None:
    _write(root, "d.yaml", f"{BOMB}{OBJECT}        args: *a11\n        envFrom: *a11\n      volumes: *a11\n")


def _aliases_of_config(root: Path) -> None:
    _write(root, "compose.yaml", SERVICE)
    lists = (f"- &a{number} [{','.join([f'*a{number - 1}'] * 9) if number else 'x'}]\n" for number in range(12))
    _write(root, "directus-guard.yaml", "exclude:\n" + "".join(lists))


def _aliases_of_playbook(root: Path) -> None:
    inside = "".join(f"    {line}\n" for line in BOMB.splitlines())
    task = "  - docker_container:\n      name: d\n      image: directus/directus:11.5.1\n      env: *a11\n"
    _write(root, "playbook.yml", f"- hosts: all\n  vars:\n{inside}  tasks:\n{task}")


def _merge_keys(root: Path) -> None:
    first = "x0: &x0 {" + ",".join(f"k{number}: 1" for number in range(1000)) + "}\n"
    others = "".join(f"x{number}: &x{number}\n  <<: *x{number - 1}\n  z: 1\n" for number in range(1, 300))
    _write(root, "compose.yaml", first + others + SERVICE)


def _code(root: Path, name: str, text: str) -> None:
    _write(root, "package.json", '{"dependencies":{"@directus/sdk":"18.0.0"}}')
    _write(root, name, f"import {{ createDirectus, staticToken }} from '@directus/sdk';\n{text}")


def _chained_constants(root: Path) -> None:
    chain = "".join(f"const a{number} = `${{a{number - 1}}}${{a{number - 1}}}`;\n" for number in range(1, 60))
    _code(
        root, "a.ts", f"const a0 = `xx`;\n{chain}const c = createDirectus(`${{a59}}`).with(staticToken(`${{a59}}`));\n"
    )


def _nested_code(root: Path) -> None:
    nested = "(" * 20_000 + "'x'" + ")" * 20_000
    _code(
        root, "a.ts", f"const c = createDirectus({nested});\nconst d = {'[' * 20_000}{']' * 20_000};\n{'f(' * 20_000}"
    )


def _modules(root: Path) -> None:
    for number in range(1000):
        others = "".join(f"export * from './m{(number + step) % 1000}';\n" for step in (1, 7))
        used = f"import {{ t }} from './m{(number + 1) % 1000}';\nexport const c = createDirectus('x').with(staticToken(t));\n"
        _code(root, f"m{number}.ts", others + used)


def _rules(root: Path, *rules: object) -> None:
    row = {"policy": "p", "collection": "posts", "action": "read", "validation": None, "presets": None, "fields": ["*"]}
    policy = {"id": "p", "name": "P", "icon": "x", "ip_access": None, "enforce_tfa": False, "admin_access": False}
    for name, rows in (
        ("policies", [{**policy, "app_access": True}]),
        ("roles", [{"id": "r", "name": "R", "parent": None, "icon": "x"}]),
        ("access", [{"id": "a", "role": "r", "user": None, "policy": "p", "sort": 1}]),
        ("permissions", [{"id": number, **row, "permissions": rule} for number, rule in enumerate(rules)]),
    ):
        _write(root, f"export/directus_{name}.json", json.dumps(rows))


def _alternatives(root: Path) -> None:
    _rules(root, {"_or": [{"a": {"_eq": number}} for number in range(3000)]})


def _listed(root: Path) -> None:
    numbers = list(range(200_000))
    _rules(root, {"a": {"_in": numbers}}, {"a": {"_nin": numbers}})


def _deep_rule(root: Path) -> None:
    _rules(root, {})
    deep = '{"_and":[' * 50_000 + "{}" + "]}" * 50_000
    row = '{"id":1,"policy":"p","collection":"posts","action":"read","fields":["*"],"permissions":'
    _write(root, "export/directus_permissions.json", f"[{row}{deep}}}]")


def _fly(root: Path, text: str) -> None:
    _write(root, "fly.toml", f"app = 'x'\n[build]\nimage='directus/directus:11.5.1'\n[env]\n{text}")


def _dotted(root: Path) -> None:
    _fly(root, ".".join(["a"] * 20_000) + " = 1\n")


def _many_dotted(root: Path) -> None:
    _fly(root, "".join(f"a{number}.{'.'.join(['b'] * 900)} = 1\n" for number in range(500)))


def _large_config(root: Path) -> None:
    _write(root, "compose.yaml", SERVICE)
    with (root / "directus-guard.yaml").open("wb") as file:
        file.truncate(400 * 2**20)


def _large_baseline(root: Path) -> None:
    _write(root, "compose.yaml", SERVICE)
    with (root / "directus-guard.baseline").open("wb") as file:
        file.truncate(10 * 2**30)


def _named_pipes(root: Path) -> None:
    _write(root, "compose.yaml", _service("      A: b\n") + "    env_file: [p.env, n.env, ../../../../dev/zero]\n")
    for name in ("p.env", ".env", "x.sh", "directus_permissions.json", "a.ts", "directus-guard.yaml"):
        os.mkfifo(root / name)
    (root / "n.env").symlink_to("/dev/zero")
    (root / "compose.override.yaml").symlink_to("/dev/zero")


def _loops_of_links(root: Path) -> None:
    _write(root, "compose.yaml", SERVICE)
    for number in range(100):
        (root / f"l{number}").symlink_to(f"l{(number + 1) % 100}")
    (root / "self").symlink_to(".")
    (root / "up").symlink_to("..")


def _steps(root: Path) -> None:
    steps = "".join(f"    - run: docker run -e SECRET=x{number} directus/directus:11.5.1\n" for number in range(LARGE))
    _write(root, ".github/workflows/x.yml", f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}")


def _commands(root: Path) -> None:
    runs = "".join(f"docker run -e SECRET=x{number} directus/directus:11.5.1\n" for number in range(LARGE))
    _write(root, "a.sh", f"#!/bin/sh\n{runs}")


def _braces(root: Path) -> None:
    _write(root, "chart/Chart.yaml", "apiVersion: v2\nname: directus\nversion: 1.0.0\n")
    _write(root, "chart/values.yaml", "image: {repository: directus/directus, tag: 11.5.1}\n")
    _write(root, "chart/templates/d.yaml", f"{OBJECT}# {'{{' * 200_000}\n{'{{ if ' * 50_000}")
    _write(root, "compose.yml.j2", _service(f"      A: {'{{ ' * 100_000}\n"))


def _operations(root: Path) -> None:
    _rules(root, {})
    flow = {
        "name": "F",
        "status": "active",
        "trigger": "webhook",
        "accountability": "all",
        "options": {"method": "GET"},
    }
    step = {"name": "x", "type": "condition", "position_x": 1, "position_y": 1}
    condition = {"filter": {"a": {"_eq": "{{$trigger.body.x}}"}}}
    _write(root, "export/directus_flows.json", json.dumps([{**flow, "id": "f", "operation": "o0"}]))
    rows = [
        {
            **step, "id": f"o{number}", "key": f"k{number}", "flow": "f", "options": condition,
            "resolve": f"o{number + 1}" if number < 499 else None, "reject": f"o{number + 2}" if number < 498 else None,
        }
        for number in range(500)
    ]  # fmt: skip
    _write(root, "export/directus_operations.json", json.dumps(rows))


def _files_for_commands(root: Path) -> None:
    _write(root, "x.env", "".join(f"V{number}=x\n" for number in range(1500)))
    _write(root, "a.sh", "#!/bin/sh\n" + "docker run --env-file x.env directus/directus:11.5.1\n" * 199)
    _write(root, "b.sh", f"#!/bin/sh\ndocker run {'--env-file x.env ' * 5000} directus/directus:11.5.1\n")


def _files_for_units(root: Path) -> None:
    _write(root, "x.env", "".join(f"V{number}=x\n" for number in range(1500)))
    named = "EnvironmentFile=x.env\n" * 5000
    _write(root, "d.container", f"[Container]\nImage=directus/directus:11.5.1\n{named}")
    _write(root, "d.service", f"[Service]\nExecStart=npx directus start\n{named}")


def _doubled_locals(root: Path) -> None:
    doubled = "".join(f'  a{number} = "${{local.a{number - 1}}}${{local.a{number - 1}}}"\n' for number in range(1, 60))
    server = (
        'resource "docker_container" "d" {\n  image = "directus/directus:11.5.1"\n  env = ["SECRET=${local.a59}"]\n}\n'
    )
    _write(root, "main.tf", f'locals {{\n  a0 = "xx"\n{doubled}}}\n{server}')


def _tasks(root: Path, number: int = LARGE) -> None:
    task = "  - docker_container: {{name: d{0}, image: directus/directus:11.5.1, env: {{SECRET: x}}}}\n"
    _write(root, "playbook.yml", "- hosts: all\n  tasks:\n" + "".join(map(task.format, range(number))))


def _workloads(root: Path, number: int = LARGE // 2) -> None:
    made = (OBJECT.replace("name: directus", f"name: d{one}") for one in range(number))
    _write(root, "k/d.yaml", "---\n".join(made))


def _folder_of_workloads(root: Path, number: int = 500) -> None:
    for one in range(number):
        _write(root, f"k/d{one}.yaml", OBJECT.replace("name: directus", f"name: d{one}"))


def _members_again(root: Path) -> None:
    _rules(root, {})
    again = '"policy":"p",' * 100_000
    row = f'{{{again}"id":1,"collection":"directus_users","action":"update","fields":["*"],"permissions":{{}}}}'
    _write(root, "export/directus_permissions.json", f"[{row}]")


def _variables_again(root: Path) -> None:
    pairs = ",".join(f'"SECRET":"a{number}"' for number in range(40_000))
    server = f'{{"image":"directus/directus:11.5.1","environment":{{{pairs}}}}}'
    _write(root, "docker-compose.json", f'{{"services":{{"d":{server}}}}}')


def _states(root: Path) -> None:
    held = {"image": "directus/directus:11.5.1", "env": ["SECRET=x", "KEY=y"]}
    made = [
        {
            "type": "docker_container",
            "name": f"d{number}",
            "instances": [{"attributes": {"name": f"d{number}", **held}}],
        }
        for number in range(4000)
    ]
    _write(root, "terraform.tfstate", json.dumps({"version": 4, "resources": made}))


def _denied(root: Path) -> None:
    ranges = ",".join(f"10.{number >> 8}.{number & 255}.0/24" for number in range(20_000))
    _write(root, "compose.yaml", _service(f'      IMPORT_IP_DENY_LIST: "{ranges}"\n'))


def _long_value(root: Path) -> None:
    _write(root, "compose.yaml", _service(f"      QUERY_LIMIT_MAX: {'a' * 300_000}\n"))


def _long_numbers(root: Path) -> None:
    number = "9" * 100_000
    values = (
        f"      REFRESH_TOKEN_TTL: {number}d\n      RATE_LIMITER_POINTS: {number}\n      MAX_PAYLOAD_SIZE: {number}mb\n"
    )
    _write(root, "compose.yaml", _service(f"{values}      IMPORT_IP_DENY_LIST: {number},{number}/8\n"))
    _rules(root, {})
    _write(root, "fly.toml", f"app = 'x'\n[build]\nimage='directus/directus:11.5.1'\n[env]\nA = {number}\n")
    row = f'{{"id":{number},"policy":"p","collection":"posts","action":"read","fields":["*"],"permissions":{{"a":{{"_eq":{number}}}}}}}'
    _write(root, "export/directus_permissions.json", f"[{row}]")


def _nested_defaults(root: Path) -> None:
    nested = "${A:-" * 5000 + "x" + "}" * 5000
    _write(root, "compose.yaml", _service(f'      SECRET: "{nested}"\n'))
    _write(root, "a.sh", f"#!/bin/sh\ndocker run -e SECRET={nested} directus/directus:11.5.1\n")


def _sparse(root: Path) -> None:
    for name in (
        "compose.yaml",
        ".env",
        "x.sh",
        "directus_permissions.json",
        "a.ts",
        "Dockerfile",
        "snapshot.yaml",
        "main.tf",
    ):
        _write(root, name, "")
        with (root / name).open("r+b") as file:
            file.truncate(10 * 2**30)


def _policies(
    root: Path, collection: str, action: str, fields: list[str], validation: str = "", number: int = LARGE
) -> None:
    """So many roles, each with a policy that has one row. `validation`: the field that names the next policy."""
    keys = range(number)
    row = {"collection": collection, "action": action, "permissions": None, "presets": None, "fields": fields}
    names = {key: {validation: {"_eq": f"p{(key + 1) % number}"}} if validation else None for key in keys}
    for name, rows in (
        ("policies", [{"id": f"p{key}", "name": f"P{key}", "icon": "x", "admin_access": False} for key in keys]),
        ("roles", [{"id": f"r{key}", "name": f"R{key}", "icon": "x", "parent": None} for key in keys]),
        (
            "access",
            [{"id": f"a{key}", "role": f"r{key}", "user": None, "policy": f"p{key}", "sort": 1} for key in keys],
        ),
        ("permissions", [{"id": key + 1, "policy": f"p{key}", "validation": names[key], **row} for key in keys]),
    ):
        _write(root, f"export/directus_{name}.json", json.dumps(rows))


def _policies_that_change_policies(root: Path) -> None:
    _policies(root, "directus_policies", "update", ["*"])


def _policies_that_attach_each_other(root: Path, number: int = LARGE) -> None:
    _policies(root, "directus_access", "create", ["*"], "policy", number)


def _flows(root: Path, number: int = LARGE) -> None:
    _rules(root, {})
    keys = range(number)
    flow = {"status": "active", "trigger": "webhook", "accountability": "all", "options": {"method": "GET"}}
    role = {"permissions": "$full", "payload": {"role": "{{$trigger.body.role}}"}, "collection": "directus_users"}
    step = {"type": "item-update", "options": {**role, "key": "{{$trigger.body.id}}"}, "resolve": None, "reject": None}
    flows = [{"id": f"f{key}", "name": f"F{key}", "operation": f"o{key}", **flow} for key in keys]
    steps = [{"id": f"o{key}", "key": f"k{key}", "name": "x", "flow": f"f{key}", **step} for key in keys]
    _write(root, "export/directus_flows.json", json.dumps(flows))
    _write(root, "export/directus_operations.json", json.dumps(steps))


def _members_of_rule(root: Path) -> None:
    rule = {"_and": [{"role": {"_neq": f"r{number}"}} for number in range(3000)]}
    _rules(root, rule)
    path = root / "export/directus_permissions.json"
    users = path.read_text().replace('"posts"', '"directus_users"').replace('"read"', '"update"')
    path.write_text(users)


def _projects(root: Path) -> None:
    for number in range(LARGE * 2 // 3):
        _write(root, f"p{number}/compose.yaml", SERVICE.replace("abc", f"abc{number}"))


def _environments(root: Path) -> None:
    for number in range(LARGE):
        _write(root, f"p{number}/.env", f"{PLAIN_ENV}PUBLIC_URL=https://{number}.example\n")


def _one_folder(root: Path) -> None:
    folder = str(root / "d")
    for number in range(100_000):
        # A link is made in a tenth of the time of a file; file systems take some ten thousand of one.
        if file := number % 10_000:
            os.link(f"{folder}/{number - file}.json", f"{folder}/{number}.json")
        else:
            _write(root, f"d/{number}.json", "{}")


def _globs_of_config(root: Path) -> None:
    _write(root, "compose.yaml", SERVICE)
    _write(root, "directus-guard.yaml", "exclude:\n" + "".join(f"  - p{number}/**\n" for number in range(60_000)))


COSTLY: Final[dict[str, Maker]] = {
    name.removeprefix("_"): value
    for name, value in list(globals().items())
    if callable(value) and name.startswith("_") and getattr(value, "__module__", "") == __name__
    and name not in ("_write", "_service", "_code", "_rules", "_fly", "_policies")
}  # fmt: skip
"""Each kind, by its name."""
