"""What the script of an operation `exec` looks at and hands on, as far as its text tells."""

from __future__ import annotations

import re
from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

_RETURNS_ENV: Final = lazy_pattern(
    r"(?:\breturn\b|=>\s{0,20}\()[\s(]{0,20}(?:\{[^{};]{0,200}?)?(?<![\w.])\$env\s{0,20}(?:[;}),\n]|\Z)"
)
"""`return $env`, `=> ({ all: $env })`: the variables as a parameter of their own."""
_RETURNS_PROCESS_ENV: Final = lazy_pattern(
    r"(?:\breturn|=>)[\s(]{0,20}(?:\{\s{0,20}\.\.\.)?process\.env\s{0,20}(?:[;}),\n]|\Z)"
)


def returns_environment(code: str) -> bool:
    """Whether a script returns its whole data, or all variables of the environment."""
    if _RETURNS_PROCESS_ENV.search(code) or _RETURNS_ENV.search(code):
        return True
    signature = _SIGNATURE.search(code)
    if signature is None:
        return False
    name = re.escape(signature[1])
    # `return data`, `return data.$env`, `=> ({ ...data })`
    given = rf"(?:\breturn|=>)[\s(]{{0,20}}(?:\{{\s{{0,20}}\.\.\.)?{name}(?:\??\.\$env)?\s{{0,20}}(?:[;}}),\n]|\Z)"
    return re.search(given, code) is not None


_THROWS: Final = lazy_pattern(r"\bthrow\b|\breject\b|\bassert")
_SIGNATURE: Final = lazy_pattern(
    r"(?:function[ ]{0,3}\w{0,40}[ ]{0,3}\([ ]{0,3}|=[ ]{0,3}(?:async[ ]{1,3})?\(?[ ]{0,3})(\w{1,40})[ ]{0,3}\)?[ ]{0,3}(?:=>|\{)"
)
_DESTRUCTURED: Final = lazy_pattern(r"\([ \n\t]{0,20}\{")


def may_throw(code: str) -> bool:
    """Whether a script may end badly by itself."""
    return _THROWS.search(code) is not None


def uses_whole(code: str) -> bool:
    """Whether a script may use the data otherwise than by naming members of it."""
    signature = _SIGNATURE.search(code)
    if signature is None:
        return not _DESTRUCTURED.search(code) or "..." in code or "arguments" in code
    if "arguments" in code:
        return True
    rest = code[: signature.start()] + code[signature.end() :]
    name = re.escape(signature[1])
    named = r"\s{0,20}(?:(?:\?\.|\.)\s{0,20}[\w$]|(?:\?\.)?\[\s{0,20}['\"`])"
    # `...data` is all of it, `x.data` something else.
    return re.search(rf"(?<![\w$])(?:(?<!\.)|(?<=\.\.\.)){name}(?![\w$])(?!{named})", rest) is not None
