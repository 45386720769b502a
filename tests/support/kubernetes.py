"""Manifests of Kubernetes that several tests change."""

from __future__ import annotations

from typing import Final

POD: Final = """apiVersion: apps/v1
kind: Deployment
metadata: {name: cms}
spec:
  template:
    spec:
      containers:
      - name: cms
        image: directus/directus:12.4.1
        envFrom: [{configMapRef: {name: cms-env}}]
"""
"""A Deployment whose variables are in a ConfigMap."""
