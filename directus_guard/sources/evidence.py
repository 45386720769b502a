"""All sources over one repository, and what joins them: which file belongs to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from directus_guard.sources import (
    compose,
    databases,
    dockerfile,
    dotenv_files,
    ecs,
    fly,
    helm,
    heroku,
    kubernetes,
    kustomize,
    packages,
    pm2,
    railway,
    render,
    terraform,
    workflow,
)

if TYPE_CHECKING:
    from directus_guard.directus.deployment import Deployment, VersionEvidence
    from directus_guard.directus.project import DatabaseFile
    from directus_guard.sources.repository import Repository

LOOKED_FOR: Final = (
    "Docker Compose files with a Directus service",
    "Kubernetes, Kustomize and Helm manifests",
    "environment files (.env, prod.env, …) with two of SECRET, KEY, DB_CLIENT, PUBLIC_URL, ADMIN_EMAIL",
    "Dockerfiles from a Directus image",
    "fly.toml, render.yaml, railway.json, app.json, PM2, ECS, Terraform and workflow files that start Directus",
)
