"""The commands of directus-guard that a page prints."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELL: Final = re.compile(r"```sh\n(.*?)```", re.DOTALL)
INLINE: Final = re.compile(r"`(directus-guard [^`]+)`")
CALL: Final = re.compile(r"""(?:\A|(?<=[\s(;&]))directus-guard(?: (?:'[^'\n]*'|"[^"\n]*"|[^\n|>)`'"])*)?""")


def calls(text: str) -> Iterator[list[str]]:
    """The arguments of each call, in shell blocks and in sentences."""
    blocks = "\n".join(SHELL.findall(text)).replace("\\\n", " ")
    lines = [*re.findall(r"^(?!docker|pipx).*$", blocks, re.MULTILINE), *INLINE.findall(text)]
    for line in lines:
        for call in CALL.findall(line):
            yield shlex.split(call, comments=True)[1:]
