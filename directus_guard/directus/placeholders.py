"""What something else fills in before Directus sees it: `${NAME}`, `<%= name %>`, `<NAME>`, `{{ name }}`.

`{{ … }}` is a placeholder only where Directus itself reads no templates, which the options of operations are.
"""

from __future__ import annotations

import re
from typing import Final

_ANYWHERE: Final = re.compile(r"\$\{[A-Za-z_][^{}]*\}|<%[^%]*%>|#\{[A-Za-z_][^{}]*\}|@@\w+@@")
_WHOLE: Final = re.compile(r"\s*(?:<[^<>]{1,60}>|\$ref)\s*")
_TEMPLATE: Final = re.compile(r"\{\{[^{}]*\}\}|\{%[^%]*%\}")


def is_filled_in(text: str, *, templates: bool = False) -> bool:
    """Whether something fills a text in, or a part of it. `templates`: Directus reads `{{ … }}` in it."""
    return bool(_ANYWHERE.search(text) or _WHOLE.fullmatch(text) or (not templates and _TEMPLATE.search(text)))
