"""A repository with a secret wherever one can lie."""

from __future__ import annotations

import base64
import json
import random
import re
from typing import TYPE_CHECKING, Final

from tests.support.cli import write

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


PIECE: Final = 6
NAMES: Final = (
    "SECRET", "KEY", "ADMIN_PASSWORD", "ADMIN_TOKEN", "DB_PASSWORD", "EMAIL_SMTP_PASSWORD", "AUTH_GITHUB_CLIENT_SECRET",
    "STORAGE_S3_SECRET", "STORAGE_S3_KEY", "LICENSE_KEY", "REDIS_PASSWORD", "METRICS_TOKENS", "SOME_API_KEY", "DIRECTUS_SECRET",
    "MY_OWN_THING", "SENTRY_DSN", "LOGGER_HTTP_LOGGER", "AUTH_LDAP_BIND_PASSWORD", "SYNCHRONIZATION_REDIS", "AI_OPENAI_API_KEY",
)  # fmt: skip


class Planter:
    """Makes secrets and remembers them. Their letters are upper case and rare in texts, so that a hit is no accident."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.planted: list[str] = []

    def __call__(self, size: int = 24) -> str:
        secret = "".join(self._random.choice("BQXZJVWK7394") for _ in range(size))
        self.planted.append(secret)
        return secret

    def lines(self, form: str) -> str:
        return "\n".join(form.format(name=name, secret=self()) for name in NAMES) + "\n"


def pieces_of(secrets: Collection[str]) -> set[str]:
    """Every part of so many letters."""
    return {secret[at : at + PIECE] for secret in secrets for at in range(len(secret) - PIECE + 1)}


def pieces_in(texts: Mapping[str, str], pieces: Collection[str]) -> dict[str, set[str]]:
    """Which of these pieces each text has; texts without any are left out.

    Pieces lie in runs of their letters, and most runs are in many of the texts: each is searched once.
    """
    known = frozenset(pieces)
    sizes = sorted({len(piece) for piece in known})
    letters = re.escape("".join(sorted({letter for piece in known for letter in piece})))
    run = re.compile(f"[{letters}]{{{sizes[0]},}}")
    runs = {name: set(run.findall(text)) for name, text in texts.items()}
    held = {
        one: {one[at : at + size] for size in sizes for at in range(len(one) - size + 1)} & known
        for one in set[str]().union(*runs.values())
    }
    found = {name: set[str]().union(*(held[one] for one in several)) for name, several in runs.items()}
    return {name: some for name, some in found.items() if some}


def repository(root: Path, plant: Planter) -> Path:
    """Every format with every name, and secrets where only hostile or careless people put them."""
    encoded = "".join(f"  {name}: {base64.b64encode(plant().encode()).decode()}\n" for name in NAMES)
    return write(
        root,
        {
            ".env": "DB_CLIENT=pg\nPUBLIC_URL=https://user:" + plant() + "@cms.example.com?token=" + plant() + "\n"
            + plant.lines("{name}={secret}")
            + f"# old: SECRET={plant()}\nCORS_ENABLED=true\nCORS_ORIGIN=true # was {plant()}\n"
            + f'MARKETPLACE_TRUST=all {plant()}\nACCESS_TOKEN_TTL="{plant()}\nLOG_LEVEL={plant()}\n',
            "legacy.env": "DB_CLIENT: pg\n" + plant.lines('{name}: "{secret}"'),
            "compose/compose.yaml": "services:\n  directus:\n    image: directus/directus:11.5.0\n    environment:\n"
            + plant.lines("      {name}: '{secret}'")
            + f"      REDIS: redis://:{plant()}@cache:6379\n      DB_CONNECTION_STRING: postgres://u:{plant()}@db/d\n"
            + f"      EMAIL_SMTP_USER: ${{SMTP:-{plant()}}}\n      IMPORT_IP_DENY_LIST: '0.0.0.0,{plant()}'\n"
            + f"      HTTPS_PROXY: http://u:{plant()}@proxy:1\n      CORS_ENABLED: true\n      CORS_ORIGIN: '*' # {plant()}\n"
            + f"      SESSION_COOKIE_DOMAIN: {{a: {plant()}}}\n"
            + f"  db:\n    image: postgres\n    environment: [POSTGRES_PASSWORD={plant()}]\n"
            + f"    ports: ['5432:5432'] # {plant()}\n",
            "flow/compose.yaml": "services: {directus: {image: directus/directus, environment: {MARKETPLACE_TRUST: all, SECRET: "
            + plant() + ", ADMIN_TOKEN: " + plant() + "}}}\n",
            "k8s/all.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata:\n{encoded}---\n"
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers:\n"
            "      - name: directus\n        image: directus/directus:10\n        envFrom: [{secretRef: {name: s}}]\n"
            f"        env:\n        - {{name: SECRET, value: {plant()}}}\n",
            "helm/directus/values.yaml": f"image: {{repository: directus/directus}}\nsecret: {plant()}\nenv:\n" + plant.lines("  {name}: {secret}"),
            "fly/fly.toml": "app = 'directus'\n[env]\nDB_CLIENT = 'pg'\n" + plant.lines("{name} = '{secret}'"),
            "docker/Dockerfile": "FROM directus/directus:11\n" + plant.lines("ENV {name}={secret}"),
            "tf/main.tf": 'resource "docker_container" "directus" {\n  image = "directus/directus"\n  env = [\n'
            + plant.lines('    "{name}={secret}",') + "  ]\n}\n",
            "pm2/ecosystem.config.js": "module.exports = {apps: [{name: 'directus', script: 'npx directus start', env: {\n"
            + plant.lines("{name}: '{secret}',") + "}}]}\n",
            "broken/.env": f'SECRET="{plant()}\nKEY=x\nDB_CLIENT=pg\n',
            "broken/compose.yaml": f"services:\n  directus: [ {plant()}\n",
            "broken/package.json": '{"directus": "' + plant() + "\n",
            "export/permissions.json": json.dumps([{"id": 1, "policy": "p", "collection": "a", "action": "read", "fields": ["*"]}]),
            "export/policies.json": json.dumps([{"id": "p", "name": "P", "admin_access": True, "app_access": True}]),
            "export/access.json": json.dumps([{"id": "1", "policy": "p", "role": "r", "user": None}]),
            "export/users.json": json.dumps([
                {"id": f"u{index}", "role": role, "email": "a@example.com", "status": "active", "token": plant(),
                 "tfa_secret": plant(), "password": plant(), "auth_data": {"refreshToken": plant()}}
                for index, role in enumerate(["r", None])
            ]),
            "export/settings.json": json.dumps({
                "project_name": "x", "public_registration": False, "ai_openai_api_key": plant(), "mcp_allow_deletes": True,
                "ai_openai_compatible_base_url": f"http://u:{plant()}@llm.example.com/{plant()}?key={plant()}",
                "ai_openai_compatible_headers": [{"header": "Authorization", "value": plant()}],
            }),
            "dump.sql": f"INSERT INTO directus_users VALUES ('{plant()}', '$argon2id$v=19${plant()}');\n",
        },
    )  # fmt: skip
