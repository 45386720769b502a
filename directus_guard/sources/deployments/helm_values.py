"""What the chart's own values make of expressions in its templates. Nothing is rendered: only `{{ .Values.x }}` is followed.

Whoever installs the chart may give other values, so these are defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments import image_reference
from directus_guard.sources.deployments.kubernetes_nodes import at
from directus_guard.sources.deployments.kubernetes_values import HeldValue
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Scalar

if TYPE_CHECKING:
    import re

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.deployments.kubernetes_manifests import Manifests
    from directus_guard.sources.formats.yaml_document import Mapping

_EXPRESSION: Final = lazy_pattern(
    r"\{\{-?\s{0,20}\.(?:Values((?:\.[A-Za-z_][A-Za-z0-9_]{0,60}){1,8})|Chart\.(AppVersion))"
    r"(?:\s{0,20}\|\s{0,20}default\s{1,20}(?:\"([^\"{}]{0,100})\"|\.Chart\.(AppVersion)))?"
    r"((?:\s{0,20}\|\s{0,20}(?:quote|squote|toString|trim|b64enc))*)\s{0,20}-?\}\}"
)
_VALUES: Final = ("values.yaml", "values.yml")
_CHARTS: Final = ("Chart.yaml", "Chart.yml")
_REASON: Final = "other values may be given when the chart is installed"


def runs_directus(manifests: Manifests, container: Mapping) -> bool:
    """Whether the image of a container in a chart's template is a Directus by the chart's own values."""
    written = container.scalar("image")
    text = _filled(manifests, written) if written is not None else None
    return text is not None and is_directus_image(image_reference.parse(text, Location("")).repository)


def image(manifests: Manifests, written: Scalar) -> Image | None:
    """The image with the tag that the chart's own values give it; None where they give none.

    Of an image whose repository is a value, the values themselves are judged.
    """
    text = _filled(manifests, written) if not written.text.startswith("{{") else None
    return None if text is None else image_reference.parse(text, written.location, _REASON, from_fallback=True)


def value(manifests: Manifests, written: Scalar, *, encoded: bool = False) -> HeldValue | None:
    """A value of a template, with its place in the chart's values; None where they do not tell it.

    `encoded`: it has to be made base64 there.
    """
    text = raw(manifests, written)
    whole = _EXPRESSION.fullmatch(text.strip("\"' "))
    if whole is None:
        filled = _filled(manifests, written) if not encoded and "b64enc" not in text else None
        return None if filled is None else HeldValue(Unknown(_REASON, Secret(filled)), written.location)
    if ("b64enc" in whole[5]) is not encoded:
        return None
    found = _of(manifests, written, whole)
    if isinstance(found, Scalar):
        return HeldValue(_default(found.text), found.location)
    return None if found is None else HeldValue(_default(found), written.location)


def _default(text: str) -> Unknown:
    return Unknown(_REASON, Secret(text), written=Secret(text))


def _filled(manifests: Manifests, written: Scalar) -> str | None:
    """A text on one line of a template with the values in it; None where one is not known."""
    text = raw(manifests, written)

    def replacement(match: re.Match[str]) -> str:
        found = _of(manifests, written, match)
        held = found.text if isinstance(found, Scalar) else found
        return held or match[0]

    filled = _EXPRESSION.sub(replacement, text)
    return None if "{{" in filled or filled == text else filled


def raw(manifests: Manifests, written: Scalar) -> str:
    """A scalar as it is written in a template, "" where it is in none or on several lines."""
    place = written.location
    if place.line != place.end_line or not manifests.is_template(place.path):
        return ""
    lines = manifests.lines(place.path)
    return lines[place.line - 1][place.column - 1 : place.end_column - 1] if place.line <= len(lines) else ""


def _of(manifests: Manifests, written: Scalar, match: re.Match[str]) -> Scalar | str | None:
    """What an expression gives: the chart's value, or the default that is written in the expression."""
    chart = written.location.path.rpartition("/templates/")[0]
    found = _given(manifests, chart, _VALUES, *match[1][1:].split(".")) if match[1] else None
    if found is not None and found.text:
        return found
    if match[2] or match[4]:
        return _given(manifests, chart, _CHARTS, "appVersion")
    return found if match[3] is None else str(match[3])


def _given(manifests: Manifests, chart: str, names: tuple[str, ...], *keys: str) -> Scalar | None:
    """The text at some keys of a file of the chart."""
    for name in names:
        for root in manifests.documents(f"{chart}/{name}".lstrip("/"))[:1]:
            found = at(root, *keys)
            return found if isinstance(found, Scalar) and not yaml_document.is_null(found) else None
    return None
