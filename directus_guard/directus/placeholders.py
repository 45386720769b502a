"""What something else fills in before Directus sees it: `${NAME}`, `<%= name %>`, `<NAME>`, `{{ name }}`.

`{{ … }}` is a placeholder only where Directus itself reads no templates, which the options of operations are.
"""

from __future__ import annotations

from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

_ANYWHERE: Final = lazy_pattern(r"\$\{[A-Za-z_][^{}]*\}|<%[^%]*%>|#\{[A-Za-z_][^{}]*\}|@@\w+@@")
_WHOLE: Final = lazy_pattern(r"\s*(?:<[^<>]{1,60}>|\$ref)\s*")
_TEMPLATE: Final = lazy_pattern(r"\{\{[^{}]*\}\}|\{%[^%]*%\}")


def is_filled_in(text: str, *, templates: bool = False) -> bool:
    """Whether something fills a text in, or a part of it. `templates`: Directus reads `{{ … }}` in it."""
    return bool(_ANYWHERE.search(text) or _WHOLE.fullmatch(text) or (not templates and _TEMPLATE.search(text)))
