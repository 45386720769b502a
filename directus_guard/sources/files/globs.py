"""Globs on paths, many of them at once."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache


@lru_cache(maxsize=64)
def covering(globs: tuple[str, ...]) -> re.Pattern[str]:
    """What matches the paths that one of the globs names, and all paths below them.

    One pattern for all: `fnmatch` keeps a limited number of patterns, and with more than that compiles each again for each
    path.
    """
    each = (fnmatch.translate(one) for glob in globs for one in (glob, f"{glob.rstrip('/')}/*"))
    return re.compile("|".join(each))
