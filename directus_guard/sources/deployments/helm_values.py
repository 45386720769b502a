"""Images in the templates of a Helm chart, whose parts the chart's own values give. Nothing is rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.finding import Location
from directus_guard.sources.deployments import image_reference
from directus_guard.sources.deployments.kubernetes_nodes import text_at

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.deployments.kubernetes_manifests import Manifests
    from directus_guard.sources.formats.yaml_document import Mapping, Scalar

_EXPRESSION: Final = re.compile(
    r"\{\{-?\s{0,20}\.(?:Values((?:\.[A-Za-z_][A-Za-z0-9_]{0,60}){1,8})|Chart\.(AppVersion))"
    r"(?:\s{0,20}\|\s{0,20}default\s{1,20}(?:\"([^\"{}]{0,100})\"|\.Chart\.(AppVersion)))?"
    r"(?:\s{0,20}\|\s{0,20}(?:quote|squote|toString|trim))*\s{0,20}-?\}\}"
)
_VALUES: Final = ("values.yaml", "values.yml")
_CHARTS: Final = ("Chart.yaml", "Chart.yml")


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
    if text is None:
        return None
    reason = "other values may be given when the chart is installed"
    return image_reference.parse(text, written.location, reason, from_fallback=True)


def _filled(manifests: Manifests, written: Scalar) -> str | None:
    """A text on one line of a template with the values in it; None where one is not known."""
    place = written.location
    if place.line != place.end_line or not manifests.is_template(place.path):
        return None
    lines = manifests.lines(place.path)
    text = lines[place.line - 1][place.column - 1 : place.end_column - 1] if place.line <= len(lines) else ""
    chart = place.path.rpartition("/templates/")[0]

    def value(match: re.Match[str]) -> str:
        given = _given(manifests, chart, _VALUES, *match[1][1:].split(".")) if match[1] else ""
        default = match[3] or ""
        if match[2] or match[4]:
            default = _given(manifests, chart, _CHARTS, "appVersion")
        return given or default or match[0]

    filled = _EXPRESSION.sub(value, text)
    return None if "{{" in filled or filled == text else filled


def _given(manifests: Manifests, chart: str, names: tuple[str, ...], *keys: str) -> str:
    """The text at some keys of a file of the chart, "" if there is none."""
    for name in names:
        for root in manifests.documents(f"{chart}/{name}".lstrip("/"))[:1]:
            return text_at(root, *keys)
    return ""
