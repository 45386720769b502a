"""A token or password that every visitor of the site gets, or that the repository contains."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.code import _addresses
from directus_guard.checks.code._addresses import Whose
from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import NotApplicable, NotEvaluated, Pass
from directus_guard.checks.shared.titles import titled
from directus_guard.directus import context
from directus_guard.directus.code import PASSWORD, Holds
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.known_secrets import is_example, is_generated, is_password_in_use
from directus_guard.finding import Confidence, Context, Fix, Related, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.checks.result import CheckResult, Failure
    from directus_guard.directus.code import HeldToken, Package
    from directus_guard.directus.project import Project
    from directus_guard.secret import Secret

_SAYS_SO: Final = lazy_pattern(r"directus.*(?:token|(?:api|access)_?key|secret|password)", re.IGNORECASE)
_OTHERS: Final = lazy_pattern(
    r"github|gitlab|npm|sentry|slack|telegram|discord|stripe|mapbox|cloudflare|vercel|netlify|railway|supabase|openai|anthropic|hugging|figma"
    r"|contentful|shopify|algolia|mailgun|sendgrid|resend|twilio|turnstile|captcha|firebase|google|facebook|meta|instagram|spotify|twitch|crowdin"
    r"|codecov|sonar|docker|jwt|csrf|session|cookie|next_?auth|nuxt|preview|revalidat|webhook|cron|strapi|sanity|notion|airtable|hubspot|bot_"
    r"|coolify|dokploy|caprover|portainer|heroku|fly_|render_|digital_?ocean|hetzner|linode|aws|azure|gcp_|kube|vault|doppler|infisical|tailscale"
    r"|n8n|zapier|posthog|plausible|umami|matomo|datadog|grafana|snyk|linear_|jira|bitbucket|gitea|expo_|postmark|brevo|mailchimp|klaviyo|intercom"
    r"|zendesk|paypal|mollie|plaid|deepl|elevenlabs|replicate|groq|mistral|gemini|cohere|apify|pinecone|qdrant|weaviate|upstash|turso|planetscale"
    r"|cloudinary|pusher|ably_|onesignal|dropbox|linkedin|twitter|tiktok|pinterest|youtube|strava|storyblok|prismic|sinch|vonage|tmdb|igdb",
    re.IGNORECASE,
)
"""Parts of names of tokens that are not for Directus."""
_TOKEN: Final = lazy_pattern(r"(?i:(?:.*_)?TOKEN)|.*[a-z0-9]Token")
_ABOUT_TOKENS: Final = lazy_pattern(
    r"token_?(?:name|url|uri|ttl|expir\w*|cookie\w*|endpoint|path|storage\w*|header|prefix|type|max_?age|refresh\w*|lifetime|enabled)\Z"
    r"|refresh_?token_?(?:name|cookie\w*)?\Z",
    re.IGNORECASE,
)
_LEAST: Final = 16
"""Least length of a literal that looks like a token: the Data Studio generates 32 characters."""


@project_check(
    "public-token",
    evidence=(ProjectPart.PACKAGES, ProjectPart.TOKENS),
    without=_addresses.NO_CODE,
    severity=Severity.HIGH,
    title="A token or password of Directus is not secret",
    summary="A static token or the password of an account is in a variable that browsers get, in code, or in a tracked file.",
    cwe=(Cwe.HARD_CODED_CREDENTIALS, Cwe.SENSITIVE_SOURCE),
    owasp=(OwaspRisk.API2,),
    checklist=(34,),
)
def public_token(project: Project) -> Iterator[tuple[Package | None, CheckResult]]:
    manifests = tuple(_in_manifests(project))
    yield from ((None, failure) for failure in manifests)
    if not project.packages and not manifests:
        yield None, NotApplicable(_addresses.NO_CODE)
    servers = _served(project)
    for package in project.packages:
        answers = [*_variables(package, project), *_literals(package, project), *_in_files(package, project, servers)]
        answers += (NotEvaluated("this code could not be read or parsed", place) for place in package.unread)
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
            NotEvaluated(f"it is not known whether `{escape_controls(name)}` is a token of Directus", token.location)
            for token in sent[:1]
        )
        return
    # A placeholder is no token; a use of the variable in code counts, whatever its value.
    telling = [token for token in tokens if token.value is None or not is_example(token.value.reveal(), name)]
    if not telling:
        return
    telling.sort(key=lambda token: (not _counts(token), token.value is None, token.location))
    first, *others = telling
    kind = "password" if _is_password(first) else "token"
    real = first.value is not None and _is_real(first.value.reveal())
    yield _addresses.code_failure(
        first.location,
        name,
        title=titled(f"{{}} gives visitors a Directus {kind}", escape_controls(name)),
        message=(
            f"Every visitor of the site can {_used(kind, name)}, and do everything that its user may do. "
            f"Browsers load the value of this variable{'' if kind == 'password' else ', and a static token never expires'}."
        ),
        expected="a variable that stays on the server (`DIRECTUS_TOKEN`), or the public policy without a token",
        fix=Fix(_without_browsers(name, kind)),
        actual=MASK if first.value is not None else escape_controls(name),
        related=tuple(Related(token.location, "used here") for token in others[:5]),
        purpose=first.context,
        real=real,
        leak=first.value if real else None,
    )


def _without_browsers(name: str, kind: str) -> str:
    """What to change about a variable that browsers get."""
    shown = escape_controls(name)
    made, ended = "Generate a new token", "delete the token of its user in Directus"
    if kind == "password":
        made = ended = "give its user a new password"
    if _ONLY_BROWSERS.match(name):
        return (
            "Give the Public policy read permissions for only the collections and fields that the site shows. "
            f"Remove `{shown}` and its use from the code, and publish the site. Then {ended}: visitors know it."
        )
    renew = f"{made[0].upper()}{made[1:]}: visitors know the old {kind}."
    plain = _FOR_BROWSERS.sub("", name)
    if plain == name:
        return (
            f"Remove `{shown}` from the code that browsers load: let a route of your own server call Directus with it. "
            f"For content that everybody may see, give the Public policy read, and use no {kind}. "
            f"Publish the site first. {renew}"
        )
    return f"Rename `{shown}` to `{escape_controls(plain)}`, and use it on the server only. {renew}"


_ONLY_BROWSERS: Final = lazy_pattern(r"(?:VITE|REACT_APP|VUE_APP|NG_APP|EXPO_PUBLIC)_")
"""Names in frameworks that usually have no server of their own."""
_FOR_BROWSERS: Final = lazy_pattern(r"\A(?:NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|GATSBY)_")


def _literals(package: Package, project: Project) -> Iterator[CheckResult]:
    """A failure for each place of a text that is given to Directus; later, equal values become one finding."""
    held: dict[Secret, list[tuple[HeldToken, Whose]]] = {}
    for token in package.tokens:
        if token.holds is Holds.LITERAL and token.value is not None:
            owner = Whose.DIRECTUS if token.used else _whose_literal(token, package, project)
            text = token.value.reveal()
            if _is_in_use(token, text):
                held.setdefault(token.value, []).append((token, owner))
    for uses in held.values():
        own = {token.location: token for token, owner in reversed(uses) if owner is Whose.DIRECTUS}
        yield from map(_literal, own.values())
        unknown = [token for token, owner in uses if owner is Whose.UNKNOWN]
        if unknown and not own:
            reason = f"it is not known whether `{escape_controls(unknown[0].name)}` is given a token of Directus"
            yield NotEvaluated(reason, unknown[0].location)
    for token in package.tokens:
        if token.holds is Holds.ELSEWHERE and (token.used or _whose(token, package, project) is Whose.DIRECTUS):
            reason = f"the value of `{escape_controls(token.name)}` comes from another file and was not found there"
            yield NotEvaluated(reason, token.location)


def _literal(token: HeldToken) -> Failure:
    kind, can, renewed = "token", "use the token", "Generate a new token"
    if _is_password(token):
        kind, can, renewed = "password", "sign in with the password", "Give its user a new password"
    lasts = "" if kind == "password" else " A static token never expires."
    return _addresses.code_failure(
        token.location,
        token.name,
        title=titled(f"The code contains a Directus {kind} in {{}}", escape_controls(token.name)),
        message=f"Anyone who can read the repository can {can}; in code for browsers every visitor can.{lasts}",
        expected=f"a variable that stays on the server, and a new {kind}",
        fix=Fix(
            f"Move the {kind} to a variable that stays on the server, such as `DIRECTUS_{kind.upper()}`. "
            "Browsers do not get this variable: for their code let a route of your own server call Directus. "
            f"{renewed}: the old {kind} stays in the history."
        ),
        actual=MASK,
        purpose=_purpose(token),
        leak=token.value,
    )


def _in_files(package: Package, project: Project, servers: frozenset[str]) -> Iterator[CheckResult]:
    """Tokens and passwords of a client of Directus in tracked files, except in the files of `servers`."""
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
    """Tokens that manifests give to clients, in a build or in a pipeline, but not the secrets of a server."""
    own = {secret for env in project.environments for setting in env.settings.values() if (secret := setting.written)}
    for token in project.manifest_tokens:
        value = token.value.reveal() if token.value is not None else ""
        if value in own:
            continue  # secret-committed reports it
        if token.address is not None or token.name in _IN_REQUESTS:
            owned = token.address is not None and _addresses.is_of_project(token.address, project)
            real = _is_in_use(token, value) if token.name == PASSWORD else _is_real(value)
            if real and (token.used or owned):
                yield _in_file(token, sure=True)
            continue
        about = _ABOUT_TOKENS.search(token.name) is not None
        sure = _SAYS_SO.search(token.name) is not None and not about
        likely = token.used and _TOKEN.fullmatch(token.name) is not None and _OTHERS.search(token.name) is None
        if (sure and _may_be_token(value, token.name)) or (likely and _is_real(value)):
            yield _in_file(token, sure=sure)


_IN_REQUESTS: Final = ("Authorization", "access_token")


def _used(kind: str, name: str) -> str:
    return f"sign in with the password in `{name}`" if kind == "password" else f"use the token in `{name}`"


def _in_file(token: HeldToken, *, sure: bool) -> Failure:
    name = escape_controls(token.name)
    purpose = _purpose(token)
    kind = "password" if _is_password(token) else "token"
    lasts = "" if kind == "password" else " A static token never expires."
    return _addresses.code_failure(
        token.location,
        token.name,
        title=titled(f"A Directus {kind} is committed: {{}}", name),
        message=(
            f"Anyone with the repository, or a copy of it, can {_used(kind, name)}, and do everything that its user may do.{lasts}"
        ),
        expected=f"an untracked file or the platform's variables, and a new {kind}",
        fix=Fix(
            f"Give its user a new {kind} in the Data Studio: the old {kind} stays in the history. "
            f"Remove the value of `{name}` from this file, and {_elsewhere(kind, token.name)}."
        ),
        actual=MASK,
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        purpose=purpose,
        real=purpose is not Context.DEVELOPMENT and token.value is not None and _is_real(token.value.reveal()),
        leak=token.value,
    )


def _elsewhere(kind: str, name: str) -> str:
    """How the program gets the new value, a clause. Only a name in capitals can be that of an environment variable."""
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        return f"give the new value as environment variable `{name}` where the program runs"
    return f"let the program take the new one from an environment variable, such as `DIRECTUS_{kind.upper()}`"


def _served(project: Project) -> frozenset[str]:
    """Files whose variables a Directus server gets: secret-committed reports them."""
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
    """Whose a literal token is: what is sent to `/items` of a host that may be Directus' is Directus'."""
    owner, address = _whose(token, package, project), token.address
    sent = token.name == "Authorization" or _is_password(token)
    if address is not None and address.origin and (owner is Whose.UNKNOWN or (owner is Whose.DIRECTUS and sent)):
        return _addresses.whose_token(address, package, project)
    return owner


def _purpose(token: HeldToken) -> Context:
    """What a token or password is for. A password that people chose for this very machine opens nothing elsewhere."""
    value = token.value.reveal() if token.value is not None else ""
    address = token.address
    is_local = address is not None and not address.names and context.is_local_address(address.origin)
    chosen = _is_password(token) and not is_generated(value)
    return Context.DEVELOPMENT if is_local and chosen and token.context is Context.UNKNOWN else token.context


def _is_password(token: HeldToken) -> bool:
    return _PASSWORD.search(token.name) is not None


def _counts(token: HeldToken) -> bool:
    """Whether it is not an example, or an example with a value that looks real."""
    if token.context is not Context.EXAMPLE:
        return True
    return token.value is not None and _is_real(token.value.reveal())


def _is_in_use(token: HeldToken, text: str) -> bool:
    """Whether a text that code gives to Directus, or sends somewhere, may be a token or password in use."""
    if token.name == PASSWORD:
        return len(text) >= _SHORTEST and is_password_in_use(text)
    return _may_be_token(text, _CHOSEN) if token.used else _is_real(text)


def _is_real(text: str) -> bool:
    """Whether a text by itself looks like a token in use."""
    text = text.strip()
    mixed = re.search(r"[0-9]", text) and re.search(r"[A-Za-z]", text)
    return len(text) >= _LEAST and bool(mixed) and re.search(r"[\s${}<>]", text) is None and _may_be_token(text)


_PASSWORD: Final = lazy_pattern(r"password|passwd", re.IGNORECASE)
_SHORTEST: Final = 6
_CHOSEN: Final = "PASSWORD"
"""What code gives to Directus as a token may be chosen by people, so it is judged like a password."""


def _may_be_token(text: str, name: str = "TOKEN") -> bool:
    """Whether a text in the place of a token or password is real: people may choose both freely."""
    text = text.strip()
    return len(text) >= _SHORTEST and re.search(r"\$\{|[{}<>]{2}", text) is None and not is_example(text, name)
