"""Rows of /extensions, as far as they are used."""

from __future__ import annotations

from pydantic import Field

from directus_guard.directus.instance import Extension, Sandbox
from directus_guard.live.answers import Flag, Key, ServerAnswer, Texts


class ExtensionMeta(ServerAnswer):
    """What directus_extensions keeps."""

    enabled: Flag = False
    source: str | None = None
    folder: str | None = None


class RequestScope(ServerAnswer):
    """What sandboxed code may fetch."""

    methods: Texts = ()
    urls: Texts = ()


class Scopes(ServerAnswer):
    """What a sandbox hands out."""

    request: RequestScope | None = None


class SandboxOf(ServerAnswer):
    """`directus:extension.sandbox`."""

    enabled: Flag = False
    requested_scopes: Scopes | None = Field(None, alias="requestedScopes")


class ExtensionSchema(ServerAnswer):
    """What the extension's package says; null where the server has not loaded it."""

    name: str | None = None
    type: str | None = None
    sandbox: SandboxOf | None = None


class ExtensionRow(ServerAnswer):
    """One row of /extensions."""

    name: str | None = None  # 10.9 and older
    bundle: Key | None = None
    schema_: ExtensionSchema | None = Field(None, alias="schema")
    meta: ExtensionMeta

    def record(self) -> Extension:
        """The record of the model."""
        declared = self.schema_ or ExtensionSchema()
        scope = (
            declared.sandbox.requested_scopes.request
            if declared.sandbox and declared.sandbox.requested_scopes
            else None
        )
        sandbox = (
            Sandbox(declared.sandbox.enabled, *((scope.urls, scope.methods) if scope else ()))
            if declared.sandbox
            else None
        )
        name = declared.name or self.name or self.meta.folder or ""
        return Extension(name, declared.type or "", self.meta.source or "", self.meta.enabled, sandbox)
