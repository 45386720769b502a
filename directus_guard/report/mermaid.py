"""The steps of an attack as a Mermaid diagram. Nothing of a label is taken for syntax, of Mermaid or of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Finding

LONGEST: Final = 120
"""Characters of a label."""
_ADMINISTRATOR: Final = "fill:#cf222e,color:#ffffff,stroke:#82071e"


def diagram(finding: Finding) -> Iterator[str]:
    """The lines of a fenced diagram: from whoever begins, step by step, to what the last step gives."""
    yield "```mermaid"
    yield "flowchart TD"
    yield f'  s0["{label(_who(finding))}"]'
    last = 0
    for last, step in enumerate(finding.steps, start=1):
        yield f'  s{last - 1} -->|"{label(step.action)}"| s{last}["{label(step.gives)}"]'
    yield f"  style s{last} {_ADMINISTRATOR}"
    yield "```"


def label(text: str) -> str:
    """`text` as the inside of a quoted label: everything but letters, digits and a few marks as an entity code."""
    text = clean(text.replace("`", ""))
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return "".join(letter if letter.isalnum() or letter in " ,.-_/" else f"#{ord(letter)};" for letter in text)


def _who(finding: Finding) -> str:
    for key, value in finding.subject.details:
        if key == "principals":
            return ", ".join(value) if isinstance(value, tuple) else value
    return finding.subject.key
