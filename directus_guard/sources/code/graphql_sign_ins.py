"""Passwords with which a program signs in over GraphQL: `mutation { auth_login(email: "…", password: "…") { access_token } }`.

The mutation is of Directus alone (`services/graphql` of `@directus/api`: `auth_login` at `/graphql/system`), so it is read as
text, in every language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import PASSWORD, HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from directus_guard.sources.code.pieces import CodeEvidence, Lines

_MUTATION: Final = lazy_pattern(r"\bauth_login\s*\(([^()]{0,600})\)")
_PASSWORD: Final = lazy_pattern(r"\bpassword\s*:\s*\\{0,3}\"([^\"\\\n]{1,200})\\{0,3}\"")


def read(text: str, lines: Lines, evidence: CodeEvidence) -> None:
    """Add the passwords that are written into such a mutation; variables of GraphQL are not followed."""
    if "auth_login" not in text:
        return
    for mutation in _MUTATION.finditer(text):
        written = _PASSWORD.search(text, *mutation.span(1))
        if written is not None:
            location = lines.location(*written.span(1))
            evidence.tokens.append(HeldToken(location, Holds.LITERAL, PASSWORD, Secret(written[1]), used=True))
