"""A token that everybody who opens the site has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.code import _addresses
from directus_guard.checks.code._addresses import Whose
from directus_guard.checks.declaration import project_check
from directus_guard.checks.result import NotApplicable, NotEvaluated, Pass
from directus_guard.directus import context
from directus_guard.directus.code import Holds
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.known_secrets import is_example
from directus_guard.finding import Confidence, Context, Related, Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.checks.result import CheckResult, Failure
    from directus_guard.directus.code import HeldToken, Package
    from directus_guard.directus.project import Project
    from directus_guard.secret import Secret

_SAYS_SO: Final = re.compile(r"directus.*(?:token|(?:api|access)_?key|secret|password)", re.IGNORECASE)
_OTHERS: Final = re.compile(
    r"github|gitlab|npm|sentry|slack|telegram|discord|stripe|mapbox|cloudflare|vercel|netlify|railway|supabase|openai|anthropic|hugging|figma"
    r"|contentful|shopify|algolia|mailgun|sendgrid|resend|twilio|turnstile|captcha|firebase|google|facebook|meta|instagram|spotify|twitch|crowdin"
    r"|codecov|sonar|docker|jwt|csrf|session|cookie|next_?auth|nuxt|preview|revalidat|webhook|cron|strapi|sanity|notion|airtable|hubspot|bot_",
    re.IGNORECASE,
)
"""Parts of names that say whose token it is, and that it is not Directus'."""
_TOKEN: Final = re.compile(r"(?i:(?:.*_)?TOKEN)|.*[a-z0-9]Token")
_ABOUT_TOKENS: Final = re.compile(
    r"token_?(?:name|url|uri|ttl|expir\w*|cookie\w*|endpoint|path|storage\w*|header|prefix|type|max_?age|refresh\w*|lifetime|enabled)\Z"
    r"|refresh_?token_?(?:name|cookie\w*)?\Z",
    re.IGNORECASE,
)
_LEAST: Final = 16
"""Characters from which a literal looks like a token: the Studio generates 32."""


@project_check(
    "public-token",
    severity=Severity.HIGH,
    title="Everybody who opens the site gets a token of Directus",
    summary="A static token stands in a variable that is shipped to browsers, or as a text in code.",
    checklist=(34,),
)
def public_token(project: Project) -> Iterator[tuple[Package | None, CheckResult]]:
    manifests = tuple(_in_manifests(project))
    yield from ((None, failure) for failure in manifests)
    if not project.packages and not manifests:
        yield None, NotApplicable("no code depends on Directus or names its address")
    servers = _served(project)
    for package in project.packages:
        answers = [*_variables(package, project), *_literals(package, project), *_in_files(package, project, servers)]
        answers += (NotEvaluated("the code here could not be read or understood", place) for place in package.unread)
        yield from ((package, answer) for answer in answers or (Pass(),))


def _variables(package: Package, project: Project) -> Iterator[CheckResult]:
    named: dict[str, list[HeldToken]] = {}
    for token in package.tokens:
        if token.holds is Holds.VARIABLE:
            named.setdefault(token.name, []).append(token)
    for name in sorted(named):
        yield from _variable(package, project, name, named[name])


def _variable(package: Package, project: Project, name: str, tokens: Sequence[HeldToken]) -> Iterator[CheckResult]:
    says = _SAYS_SO.search(name) is not None and _ABOUT_TOKENS.search(name) is None
    owners = [Whose.DIRECTUS if token.used else _whose(token, package, project) for token in tokens]
    if not says and Whose.DIRECTUS not in owners:
        sent = [token for token, owner in zip(tokens, owners, strict=True) if owner is Whose.UNKNOWN and token.address]
        yield from (
            NotEvaluated(f"nothing tells whose token `{escape_controls(name)}` is", token.location)
            for token in sent[:1]
        )
        return
    # A value that only marks the place of one is no token; a use of the variable in code is, whoever fills it.
    telling = [token for token in tokens if token.value is None or not is_example(token.value.reveal(), name)]
    if not telling:
        return
    telling.sort(key=lambda token: (not _counts(token), token.value is None, token.location))
    first, *others = telling
    real = first.value is not None and _is_real(first.value.reveal())
    yield _addresses.code_failure(
        first.location,
        name,
        message=(
            f"`{escape_controls(name)}` is put into what browsers load, so that its value is no secret: everybody who opens the site can ask Directus "
            "with it, for everything its user may do, and it never expires."
        ),
        expected="a variable that stays on the server (`DIRECTUS_TOKEN`), or the public role without a token",
        actual=MASK if first.value is not None else escape_controls(name),
        related=tuple(Related(token.location, "used here") for token in others[:5]),
        real=real,
        leak=first.value if real else None,
    )


def _literals(package: Package, project: Project) -> Iterator[CheckResult]:
    """One failure for each place of a text that is handed to Directus; one value is one finding in the end."""
    held: dict[Secret, list[tuple[HeldToken, Whose]]] = {}
    for token in package.tokens:
        if token.holds is Holds.LITERAL and token.value is not None:
            owner = Whose.DIRECTUS if token.used else _whose_literal(token, package, project)
            text = token.value.reveal()
            if _may_be_token(text, _CHOSEN) if token.used else _is_real(text):
                held.setdefault(token.value, []).append((token, owner))
    for uses in held.values():
        own = {token.location: token for token, owner in reversed(uses) if owner is Whose.DIRECTUS}
        yield from map(_literal, own.values())
        unknown = [token for token, owner in uses if owner is Whose.UNKNOWN]
        if unknown and not own:
            reason = f"nothing tells whose token `{escape_controls(unknown[0].name)}` is given"
            yield NotEvaluated(reason, unknown[0].location)
    for token in package.tokens:
        if token.holds is Holds.ELSEWHERE and (token.used or _whose(token, package, project) is Whose.DIRECTUS):
            reason = f"what `{escape_controls(token.name)}` is given comes from another file, where it was not found"
            yield NotEvaluated(reason, token.location)


def _literal(token: HeldToken) -> Failure:
    return _addresses.code_failure(
        token.location,
        token.name,
        title="A token of Directus is written into the code",
        message=(
            f"A token is written into the code, for `{escape_controls(token.name)}`: whoever reads the repository has it, and in code for browsers everybody "
            "who opens the site. A static token never expires."
        ),
        expected="a variable that stays on the server; and a new token, for this one is known",
        actual=MASK,
        leak=token.value,
    )


def _in_files(package: Package, project: Project, servers: frozenset[str]) -> Iterator[CheckResult]:
    """Tokens and passwords of a client of Directus in files that git tracks, but not those of `servers`."""
    named = {
        token.name
        for token in package.tokens
        if token.holds in (Holds.VARIABLE, Holds.SERVER)
        and (token.used or _whose(token, package, project) is Whose.DIRECTUS)
    }
    for token in package.tokens:
        if token.holds is not Holds.FILE or token.value is None or token.location.path in servers:
            continue
        says = _SAYS_SO.search(token.name) is not None and _ABOUT_TOKENS.search(token.name) is None
        likely = package.depends and _TOKEN.fullmatch(token.name) is not None and _OTHERS.search(token.name) is None
        value = token.value.reveal()
        sure = says or token.name in named
        if (sure and _may_be_token(value, token.name)) or (likely and _is_real(value)):
            yield _in_file(token, sure=sure)


def _in_manifests(project: Project) -> Iterator[Failure]:
    """Tokens that clients are given beside a server, in a build or in a pipeline, but not what a server itself is given."""
    own = {secret for env in project.environments for setting in env.settings.values() if (secret := setting.written)}
    for token in project.manifest_tokens:
        value = token.value.reveal() if token.value is not None else ""
        if value in own:
            continue  # secret-committed speaks of it
        if token.address is not None:
            if _is_real(value) and _addresses.is_of_project(token.address, project):
                yield _in_file(token, sure=True)
            continue
        about = _ABOUT_TOKENS.search(token.name) is not None
        sure = _SAYS_SO.search(token.name) is not None and not about
        likely = token.used and _TOKEN.fullmatch(token.name) is not None and _OTHERS.search(token.name) is None
        if (sure and _may_be_token(value, token.name)) or (likely and _is_real(value)):
            yield _in_file(token, sure=sure)


def _in_file(token: HeldToken, *, sure: bool) -> Failure:
    name = escape_controls(token.name)
    return _addresses.code_failure(
        token.location,
        token.name,
        title=f"A token of Directus is committed: {name}"[:60],
        message=(
            f"`{name}` is in a file that git tracks: everyone with the repository, or a copy of it, can ask Directus with it, for everything its "
            "user may do. It stays readable in the history, and a static token never expires."
        ),
        expected="an untracked file, or the platform's variables; and a new token, for this one is known",
        actual=MASK,
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        real=_is_real(token.value.reveal()) if token.value else False,
        leak=token.value,
    )


def _served(project: Project) -> frozenset[str]:
    """Files whose variables a Directus server gets: secret-committed speaks of them."""
    return frozenset(
        place.path
        for env in project.environments
        for setting in env.settings.values()
        for place in (setting.location, *(part.location for part in setting.parts))
        if place is not None
    )


def _whose(token: HeldToken, package: Package, project: Project) -> Whose:
    return Whose.UNKNOWN if token.address is None else _addresses.whose(token.address, package, project)


def _whose_literal(token: HeldToken, package: Package, project: Project) -> Whose:
    """Whose a written token is: what is sent to `/items` of a host that may be Directus' is Directus'."""
    owner, address = _whose(token, package, project), token.address
    header = token.name == "Authorization"
    if address is not None and address.origin and (owner is Whose.UNKNOWN or (owner is Whose.DIRECTUS and header)):
        return _addresses.whose_token(address, package, project)
    return owner


def _counts(token: HeldToken) -> bool:
    """Whether it stands in earnest: no example, or one with a value that looks real."""
    if context.of_code(token.location.path) is not Context.EXAMPLE:
        return True
    return token.value is not None and _is_real(token.value.reveal())


def _is_real(text: str) -> bool:
    """Whether a text looks like a token somebody uses, by itself."""
    text = text.strip()
    mixed = re.search(r"[0-9]", text) and re.search(r"[A-Za-z]", text)
    return len(text) >= _LEAST and bool(mixed) and re.search(r"[\s${}<>]", text) is None and _may_be_token(text)


_SHORTEST: Final = 6
_CHOSEN: Final = "PASSWORD"
"""What code hands to Directus as a token is one, also where it is words that people choose: judged like a password."""


def _may_be_token(text: str, name: str = "TOKEN") -> bool:
    """Whether a text that stands where Directus' token or password belongs is one: people may choose both as they like."""
    text = text.strip()
    return len(text) >= _SHORTEST and re.search(r"\$\{|[{}<>]{2}", text) is None and not is_example(text, name)
