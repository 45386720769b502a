"""Values of Kubernetes manifests, and what tools fill into them before or after they are applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments import image_reference
from directus_guard.sources.formats import templates

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Image, Value
    from directus_guard.finding import Location
    from directus_guard.sources.formats.yaml_document import Scalar


class HeldValue(Struct, frozen=True):
    """A value and its place. `inner`: the line its text begins on and the columns it is set in, where both are exact."""

    value: Value
    location: Location
    inner: tuple[int, int] | None = None


def shown(name: str) -> str:
    """A name from a file, short enough for a sentence."""
    return name if len(name) <= 80 else f"{name[:79]}…"


_REFERENCE: Final = lazy_pattern(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-=])([^{}]*))?[^{}]*\}")
_BARE: Final = lazy_pattern(r"\$[A-Z_][A-Z0-9_]*\Z")
_ELSEWHERE: Final = (
    (lazy_pattern(r"ENC\[AES256_GCM,"), "it is encrypted with SOPS"),
    (lazy_pattern(r"<path:|<[^<>\n]{1,200}#[^<>\n]{1,200}>\Z"), "it is filled in by the Argo CD Vault plugin"),
    (lazy_pattern(r"vault:[^\n]{1,300}#"), "it is read from Vault at start"),
    (lazy_pattern(r"(?:ref\+|secretref\+)[a-z0-9]{1,40}://"), "it is filled in by vals"),
    (lazy_pattern(r"op://"), "it is filled in from 1Password"),
)


def external(text: str) -> str | None:
    """Why a text is filled in by a tool before or after the manifest is applied; None if it is a plain text."""
    if templates.fills_in(text):
        return templates.REASON
    if not text or not any(sign in text for sign in "${<:["):
        return None
    if "${" in text:
        found = _REFERENCE.search(text)
        if found is not None:
            return f"`${{{found[1]}}}` is filled in before the manifest is applied"
    if _BARE.match(text):
        return f"`{shown(text)}` is filled in before the manifest is applied"
    for pattern, reason in _ELSEWHERE:
        if pattern.match(text):
            return reason
    return None


def unattended(text: str) -> str | None:
    """A text with the default of each `${NAME:=default}` in its place; None where one has no default."""
    found = list(_REFERENCE.finditer(text))
    if not found or any(match[2] is None for match in found):
        return None
    filled = _REFERENCE.sub(lambda match: match[3], text)
    return filled if external(filled) is None else None


def image(written: Scalar) -> Image:
    """The image that a manifest names, as far as it tells."""
    outside = external(written.text) or ""
    filled = unattended(written.text) if outside else None
    return image_reference.parse(filled or written.text, written.location, outside, from_fallback=filled is not None)


def value(text: str) -> Value:
    """A text as the process gets it, as far as the manifest tells."""
    reason = external(text)
    if reason is None:
        return Known(Secret(text))
    whole = _REFERENCE.fullmatch(text)
    fallback = Secret(whole[3]) if whole is not None and whole[2] is not None else None
    return Unknown(reason, fallback)
