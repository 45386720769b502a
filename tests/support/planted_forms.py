"""Secrets in every format and in every form: each manifest, export and program, with addresses, headers, keys and escapes."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.support.deployment_formats import FORMATS
from tests.support.exports import EXPORTERS, about_access, files_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.planted import Planter

NAMED: Final = (
    "SECRET", "DB_PASSWORD", "ADMIN_TOKEN", "AUTH_GITHUB_CLIENT_SECRET", "STORAGE_S3_SECRET", "EMAIL_SMTP_PASSWORD", "MY_API_KEY",
    "LICENSE_KEY", "REDIS_PASSWORD", "AI_OPENAI_API_KEY", "KEY", "ADMIN_PASSWORD", "SESSION_TOKEN", "SIGNING_PRIVATE_KEY",
)  # fmt: skip
"""Variables whose name says that they are secret."""
UNNAMED: Final = (
    "DB_CONNECTION_STRING", "REDIS", "HTTPS_PROXY", "MESSENGER_REDIS", "SENTRY_DSN", "PRESSURE_LIMITER_ENABLED", "LOG_LEVEL",
    "ACCESS_TOKEN_TTL", "DB_PORT", "IMPORT_IP_DENY_LIST", "CACHE_ENABLED", "ASSETS_TRANSFORM_MAX_CONCURRENT", "WEBHOOK_TARGET",
)  # fmt: skip
"""Variables that hold a secret by what is written: an address with a password, or a value in the wrong place."""

FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": lambda secret: secret,
    "password of an address": lambda secret: f"postgres://user:{secret}@db.internal:5432/directus",
    "user of an address": lambda secret: f"https://{secret}@sentry.example.com/1",
    "percent-encoded password": lambda secret: (
        f"redis://:{''.join(f'%{ord(letter):02X}' for letter in secret)}@cache:6379"
    ),
    "half encoded password": lambda secret: f"mysql://u:{quote(secret[:12] + '/+@')}{secret[12:]}@db/d",
    "query of an address": lambda secret: f"https://api.example.com/v1?access_token={secret}",
    "header": lambda secret: f"Authorization: Bearer {secret}",
    "basic header": lambda secret: f"Basic {base64.b64encode(f'user:{secret}'.encode()).decode()}",
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(f"??>{secret}".encode()).decode(),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "list": lambda secret: f"first,{secret},{secret[::-1]}",
    "object": lambda secret: f"{{password: {secret}, nested: {{token: {secret[::-1]}}}}}",
    "key": lambda secret: f"-----BEGIN PRIVATE KEY-----\\n{secret}\\n{secret[::-1]}\\n-----END PRIVATE KEY-----",
    "fallback": lambda secret: f"${{FROM_OUTSIDE:-{secret}}}",
    "comment": lambda secret: f"x # {secret}",
    "cast": lambda secret: f"string:{secret}",
    "long": lambda secret: secret * 40,
}
INDICATORS: Final = "*!&%@|>`{[\"'?-:#,]}"
"""What a value may begin with and YAML takes for something else: its messages must not name the rest."""


def pieces(secret: str, size: int) -> set[str]:
    """Every part of so many letters of a secret, as it is and as its forms write that part."""
    coded = [code(before + secret.encode()).decode().strip("=")[skip:] for before, skip in _SHIFTED for code in _CODES]
    written = [
        (secret, size),
        (secret[::-1], size),
        *((text, size * 4 // 3) for text in coded),
        (secret.encode().hex(), size * 2),
        ("".join(f"%{ord(letter):02X}" for letter in secret), size * 3),
    ]
    return {text[at : at + length] for text, length in written for at in range(len(text) - length + 1)}


_CODES: Final = (base64.b64encode, base64.urlsafe_b64encode)
_SHIFTED: Final = ((b"", 0), (b"u", 2), (b"us", 3))
"""The three ways in which the bytes of a secret fall into groups of base64, and the letters that are of others, too."""


def manifests(plant: Planter) -> dict[str, str | bytes]:
    """Each format of a deployment, with every form in a variable of each kind."""
    found: dict[str, str | bytes] = {}
    for number, (name, write) in enumerate(FORMATS.items()):
        environment = {"PUBLIC_URL": "https://cms.example.com", "DB_CLIENT": "pg"}
        for at, form in enumerate(FORMS.values()):
            named = NAMED[(at + number) % len(NAMED)]
            environment[named if named not in environment else f"{named}_{at}"] = form(plant())
            unnamed = UNNAMED[(at + number) % len(UNNAMED)]
            environment.setdefault(unnamed, form(plant()))
        found |= {f"manifests/{name}/{path}": text for path, text in write(environment).items()}
    for at, sign in enumerate(INDICATORS):
        found |= {
            f"signs/{at}/compose.yaml": f"services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      DB_PASSWORD: {sign}{plant()}\n",
            f"signs/{at}/list/compose.yaml": f"services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n    - SECRET={plant()}\n    - {sign}{plant()}\n",
            f"signs/{at}/.env": f"DB_CLIENT=pg\nSECRET={sign}{plant()}\n{sign}{plant()}=x\n{plant()}\n",
            f"signs/{at}/fly.toml": f"app = 'directus'\n[env]\nDB_CLIENT = 'pg'\nSECRET = {sign}{plant()}\n",
            f"signs/{at}/directus.config.json": f'{{"SECRET": {sign}{plant()}}}',
            f"signs/{at}/main.tf": f'resource "docker_container" "directus" {{\n image = "directus/directus"\n env = [{sign}{plant()}]\n}}\n',
        }
    return found


def exports(plant: Planter) -> dict[str, str | bytes]:
    """Each exporter's files, with flows, operations, settings and users that hold secrets."""
    found: dict[str, str | bytes] = {}
    for exporter in EXPORTERS:
        tables = about_access() | rows(plant)
        found |= {path: json.dumps(content, indent=1) for path, content in files_of(exporter, tables).items()}
    return found


def rows(plant: Planter) -> dict[str, list[dict[str, Any]]]:
    headers = [{"header": "Authorization", "value": f"Bearer {plant()}"}, {"header": "X-Api-Key", "value": plant()}]
    options: list[tuple[str, dict[str, Any]]] = [
        ("request", {"url": f"https://u:{plant()}@hooks.example.com/{plant()}?key={plant()}", "method": "POST", "headers": headers, "body": plant()}),
        ("exec", {"code": f"module.exports = async () => fetch('https://x/?t={plant()}', {{headers: {{a: '{plant()}'}}}});"}),
        ("condition", {"filter": {"$trigger": {"headers": {"x-token": {"_eq": plant()}}}}}),
        ("item-create", {"collection": "posts", "permissions": "$full", "payload": {"token": plant(), "title": "{{$trigger.body}}"}}),
        ("mail", {"to": "a@example.com", "subject": "x", "body": f"Your key: {plant()}"}),
        ("log", {"message": plant()}),
    ]  # fmt: skip
    operations = [
        {"id": f"o{number}", "key": f"k{number}", "name": f"n{number}", "type": kind, "options": given, "flow": "f1", "position_x": 1,
         "position_y": 1, "resolve": f"o{number + 1}" if number + 1 < len(options) else None, "reject": None}
        for number, (kind, given) in enumerate(options)
    ]  # fmt: skip
    flow = {
        "id": "f1", "name": "Hook", "status": "active", "trigger": "webhook", "accountability": None, "operation": "o0",
        "options": {"method": "GET", "async": False, "return": "$all", "secret": plant()},
    }  # fmt: skip
    users = [
        {"id": f"u{number}", "email": f"u{number}@example.com", "role": role, "status": "active", "token": plant(), "password": plant(),
         "tfa_secret": plant(), "auth_data": {"refresh_token": plant()}, "external_identifier": plant()}
        for number, role in enumerate(("r1", "r2", None))
    ]  # fmt: skip
    settings = {
        "id": 1, "project_name": "x", "public_registration": True, "public_registration_email_filter": {"email": {"_ends_with": plant()}},
        "ai_openai_api_key": plant(), "ai_openai_compatible_base_url": f"http://u:{plant()}@llm/{plant()}", "mcp_enabled": True,
        "ai_openai_compatible_headers": [{"header": "X-Key", "value": plant()}], "mapbox_key": plant(), "license_key": plant(),
    }  # fmt: skip
    return {"flows": [flow], "operations": operations, "users": users, "settings": [settings]}


def programs(plant: Planter) -> dict[str, str | bytes]:
    """Code, pipelines, scripts and configuration of other programs that name a Directus."""
    sdk = "import {{ createDirectus, rest, staticToken }} from '@directus/sdk';\n"
    return {
        "web/package.json": json.dumps({"dependencies": {"@directus/sdk": "20.0.0", "directus": f"npm:x@{plant()}"}}),
        "web/.npmrc": f"//registry.example.com/:_authToken={plant()}\n",
        "web/src/a.ts": sdk.replace("{{", "{").replace("}}", "}")
        + f"export const a = createDirectus('https://u:{plant()}@cms.example.com').with(rest()).with(staticToken('{plant()}'));\n"
        f"const b = `Bearer {plant()}`; // {plant()}\nfetch(`https://cms.example.com/items/posts?access_token={plant()}`, {{ headers: {{ Authorization: b }} }});\n"
        f"export const c = {{ DIRECTUS_TOKEN: '{plant()}', nested: ['{plant()}'] }};\nconst d = '\\x42{plant()}\\u0042';\n",
        "web/.env.local": f"NEXT_PUBLIC_DIRECTUS_TOKEN={plant()}\nVITE_DIRECTUS_URL=https://u:{plant()}@cms.example.com\n",
        "directus-sync.config.js": f"module.exports = {{ directusUrl: 'https://cms.example.com', directusToken: '{plant()}', directusPassword: '{plant()}' }};\n",
        ".github/workflows/deploy.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n"
        f"      DIRECTUS_TOKEN: {plant()}\n    steps:\n    - run: |\n        docker run -e SECRET={plant()} -e 'ADMIN_PASSWORD={plant()}' directus/directus:12.4.1\n"
        f"        curl -H 'Authorization: Bearer {plant()}' https://cms.example.com/items/posts\n    - run: npx directus-sync push --directus-token {plant()}\n",
        "deploy.sh": f"#!/bin/sh\nexport SECRET={plant()} ADMIN_TOKEN='{plant()}'\nDB_PASSWORD=\"{plant()}\" npx directus start\n"
        f"cat <<E > .env\nDB_CLIENT=pg\nSECRET={plant()}\nE\ncurl 'https://u:{plant()}@cms.example.com/users?access_token={plant()}'\n",
        "Jenkinsfile": f"pipeline {{ environment {{ SECRET = '{plant()}' }} stages {{ stage('a') {{ steps {{ sh \"docker run -e KEY={plant()} directus/directus:12.4.1\" }} }} }} }}\n",
        ".gitlab-ci.yml": f"variables:\n  DIRECTUS_SECRET: {plant()}\ndeploy:\n  script:\n  - docker run -e SECRET={plant()} directus/directus:12.4.1\n",
        "ansible/site.yml": "- hosts: all\n  tasks:\n  - community.docker.docker_container:\n      name: cms\n      image: directus/directus:12.4.1\n"
        f"      env: {{SECRET: '{plant()}', DB_CONNECTION_STRING: 'postgres://u:{plant()}@db/d'}}\n",
        "helm/kustomization.yaml": f"secretGenerator:\n- name: cms\n  literals:\n  - SECRET={plant()}\n  - PASSWORD={plant()}\n",
        "multi/.env": f'DB_CLIENT=pg\nPRIVATE_KEY="-----BEGIN RSA PRIVATE KEY-----\n{plant()}\n{plant()}\n-----END RSA PRIVATE KEY-----"\nSECRET=\'{plant()}\'"{plant()}"\n'
        f"export ADMIN_PASSWORD={plant()} # {plant()}\nDB_PASSWORD=`{plant()}`\nKEY={plant()}\\\n{plant()}\nEMPTY=\n={plant()}\n",
        "multi/compose.yaml": "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: |\n"
        f'        {plant()}\n        {plant()}\n      ADMIN_PASSWORD: >-\n        {plant()}\n      KEY: "{plant()}\\n{plant()}\\"\\x42{plant()}"\n      DB_PASSWORD: !!binary {base64.b64encode(plant().encode()).decode()}\n'
        f"    command: sh -c 'SECRET={plant()} npx directus start --token {plant()}'\n    labels: {{x: '{plant()}'}}\n    healthcheck: {{test: curl -u u:{plant()} http://127.0.0.1}}\n"
        f"x-old: &old {{SECRET: {plant()}}}\n",
    }  # fmt: skip
