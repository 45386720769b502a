"""Texts that are no secret because the secret is kept elsewhere: ciphertexts, references to a store, marks a tool replaces.

A ciphertext is made to be committed; a reference or a mark is replaced before Directus starts. What Directus then gets is
not known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from directus_guard.directus.environment.secret_words import is_wording
from directus_guard.lazy_pattern import lazy_pattern

_CIPHERTEXT: Final = lazy_pattern(
    r"encrypted:[A-Za-z0-9+/_=-]{16,}"  # dotenvx
    r"|ENC\[[A-Za-z0-9_]{1,20},.{1,20000}\]"  # SOPS, hiera-eyaml
    r"|ENC\([A-Za-z0-9+/=]{8,}\)"  # Jasypt
    r"|DEC(?:::|\()[A-Z0-9]{1,20}.{0,20000}"
    r"|(?:!vault\s*\|?\s*)?\$ANSIBLE_VAULT;.{0,20000}|!vault\b.{0,20000}"
    r"|\{cipher\}.{8,20000}"  # Spring Cloud Config
    r"|E[VJ]\[1:.{1,20000}\]"  # DigitalOcean, EJSON
    r"|vault:v\d{1,4}:[A-Za-z0-9+/=]+"  # Vault's transit engine
    r"|AQICAH[A-Za-z0-9+/=]{20,}"  # AWS KMS
    r"|\x00GITCRYPT\x00.{0,20000}"
    r"|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----.{0,20000}|age-encryption\.org/v1.{0,20000}"
    r"|(?:secure|enc|sealed|kms|kmsencrypted|gcpkms|awskms):(?:v\d+:)?[A-Za-z0-9+/=_-]{24,}",
    re.DOTALL,
)
_REFERENCE: Final = lazy_pattern(
    r"(?:vault|doppler|bws|bitwarden|bw|infisical|keepass|keychain|lastpass|gopass|passbolt|akeyless|conjur|berglas|chamber"
    r"|ssm|aws-?sm|aws-?ssm|awssecretsmanager|secretsmanager|parameterstore|gsm|gcp-?sm|secretmanager|akv|azurekeyvault|keyvault"
    r"|secret|secrets|secretref|secretkeyref|configmapref|keyvaultref|from_secret|fromsecret|env|file|ref|k8s|kubernetes|docker-secret)"
    r":(?!//[^\s/@]{0,200}:[^\s/@]{1,200}@)/{0,3}[A-Za-z0-9_.{$][^\s]{0,2000}"
    r"|(?:op|pass|lpass|sm|vals|ref\+[a-z0-9]+|secret\+[a-z0-9]+|[a-z0-9]+\+(?:vault|secret|op|ssm))://[^\s]{1,2000}(?:\s[^\s]{1,200}){0,6}"
    r"|arn:aws(?:-[a-z]{1,10}){0,3}:(?:secretsmanager|ssm|kms|s3|rds):[^\s]{1,2000}"
    r"|projects/[^\s/]{1,100}/(?:locations/[^\s/]{1,60}/)?secrets/[^\s]{1,300}"
    r"|@Microsoft\.KeyVault\(.{1,2000}\)|@Microsoft\.AppConfiguration\(.{1,2000}\)"
    r"|https://[a-z0-9-]{1,60}\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)/secrets/[^\s]{1,300}"
    r"|/(?:run|var/run)/secrets/[\w./-]{1,200}",
    re.IGNORECASE,
)
_NAME: Final = r"[A-Za-z_][\w.\-]{0,200}"
_MARK: Final = lazy_pattern(
    r"\$?\{\{.{0,2000}\}\}|\{%.{0,2000}%\}|<%.{0,2000}%>|<@.{1,500}>"
    rf"|#\{{[^{{}}]{{1,300}}\}}#?|%\{{[^{{}}]{{1,300}}\}}|~\{{[^{{}}]{{1,300}}\}}|\$\({_NAME}\)|\(\([^()]{{1,300}}\)\)|\[\[[^\[\]]{{1,300}}\]\]"
    rf"|@@{_NAME}@@|@{_NAME}@|\$\$cap_\w{{1,60}}(?:\(\d{{0,6}}\))?|\$\[{_NAME}\]",
    re.DOTALL,
)
_NAMED: Final = lazy_pattern(r"__([A-Za-z][\w.-]{0,200}?)__|%([A-Za-z][\w.-]{0,200})%|##([A-Za-z][\w.-]{0,200})##")
"""A mark unless its words address people (`__CHANGE_ME__`)."""
_VARIABLE: Final = lazy_pattern(rf"\$\{{{_NAME}(?::?[-?+=][^{{}}]{{0,500}})?\}}|\$([A-Z][A-Z0-9_]{{1,100}})")
_SIGNS: Final = frozenset(":/$@[({<%#~!\x00")
_STARTS: Final = ("__", "AQICAH", "-----BEGIN ")
"""What matches one of these patterns has such a sign, or starts so. To compile them takes 2 ms, and most values have neither."""
_SCHEMES: Final = ("http://", "https://", "mysql://", "postgres://", "postgresql://", "redis://", "rediss://")
"""Of what starts so, a pattern matches only addresses of a vault."""
_ADDRESSES: Final = lazy_pattern(
    r"(?:\A|[_.-])(?:change|changeme|replace|your|my|insert|enter|put|fill|add|set|example|here|todo|placeholder|dummy)(?:[_.-]|\Z)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def kept_elsewhere(text: str) -> str:
    """Why a text is not the value that Directus gets, a clause; "" if it is."""
    text = text.strip()
    if _SIGNS.isdisjoint(text) and not text.startswith(_STARTS):
        return ""
    if text.startswith(_SCHEMES) and "vault" not in text.lower():
        return ""
    if text.startswith("${") and not text.startswith("${{"):
        return _named_variable(text)
    return by_patterns(text)


def by_patterns(text: str) -> str:
    """`kept_elsewhere`, whatever a text without spaces around it starts with."""
    if _CIPHERTEXT.fullmatch(text):
        return "it is encrypted"
    if _REFERENCE.fullmatch(text):
        return "it refers to a secret that is stored elsewhere"
    named = _NAMED.fullmatch(text)
    if _MARK.fullmatch(text) or (named and not _ADDRESSES.search(next(filter(None, named.groups())))):
        return "a tool replaces it when it deploys"
    return _named_variable(text)


def _named_variable(text: str) -> str:
    return "it names a variable" if is_variable(text) else ""


def is_variable(text: str) -> bool:
    """Whether a text is nothing but `${NAME}` or `$NAME`."""
    match = _VARIABLE.fullmatch(text.strip())
    if match is None:
        return False
    return match[1] is None or "_" in match[1] or is_wording(match[1])
