"""Where the documentation is: in the package, and on the web if the environment or the config names an address.

No address is made up. Without an address reports name `directus-guard explain`, and SARIF holds the pages.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "DIRECTUS_GUARD_DOCUMENTATION"
EXAMPLE: Final = "https://github.com/OWNER/directus-guard/blob/COMMIT"
GUIDES: Final = {"export": "docs/export.md", "diff": "docs/diff.md"}
"""Pages of docs/ that reports name, by the word that `explain` takes. The package has a copy of each."""
_ADDRESS: Final = lazy_pattern(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:/[\w.~%+@-]+)*/?", re.ASCII)
_FENCED: Final = lazy_pattern(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)
_LINK: Final = lazy_pattern(r"\[([^\[\]]+)\]\((?!https://|mailto:)([^()\s]*)\)")


def is_address(text: str) -> bool:
    """Whether a text can be put before the path of a page: https, and nothing that ends a link."""
    return _ADDRESS.fullmatch(text) is not None


def of_action(environ: Mapping[str, str]) -> str:
    """The address that GitHub's runner tells for an Action of another repository; "" for a local one."""
    server, name, ref = (environ.get(f"GITHUB_{key}", "") for key in ("SERVER_URL", "ACTION_REPOSITORY", "ACTION_REF"))
    address = f"{server}/{name}/blob/{ref}"
    return address if name and ref and is_address(address) else ""


def address(base: str, path: str) -> str:
    """The address of a file of this repository; "" if `base` is."""
    return f"{base.rstrip('/')}/{path}" if base else ""


def repository(base: str) -> str:
    """The address of the repository, as far as `base` shows it."""
    return base.partition("/blob/")[0].rstrip("/")


def with_addresses(page: str, path: str, base: str) -> str:
    """A Markdown page for readers elsewhere: links to other files get their address, or become text without one.

    `path`: where the page is in the repository.
    """

    def replaced(match: re.Match[str]) -> str:
        text, target = match[1], match[2]
        file, _, fragment = target.partition("#")
        if not base:
            return text
        found = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
        return f"[{text}]({address(base, found)}{f'#{fragment}' if fragment else ''})"

    parts = _FENCED.split(page)
    return "".join(part if number % 2 else _LINK.sub(replaced, part) for number, part in enumerate(parts))


def guide(name: str) -> str:
    """A page of `GUIDES`, Markdown without links to other files."""
    return (Path(__file__).parent / "guides" / f"{name}.md").read_text(encoding="utf-8")
