"""What tools fill into the values of Kubernetes manifests."""

from __future__ import annotations

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.deployments import kubernetes_values
from directus_guard.sources.formats import templates
from directus_guard.sources.formats.yaml_document import Scalar
from tests.support.each import each_case

APPLIED = "is filled in before the manifest is applied"


@each_case(
    ("text", "reason", "fallback"),
    [
        ("{{ x }}", templates.REASON, None), ("a${X}b", f"`${{X}}` {APPLIED}", None), ("${X}", f"`${{X}}` {APPLIED}", None), ("${X:-d}", f"`${{X}}` {APPLIED}", "d"), ("${X:=d}", f"`${{X}}` {APPLIED}", "d"), ("${X-d}", f"`${{X}}` {APPLIED}", "d"), ("${X=}", f"`${{X}}` {APPLIED}", ""),
        ("a${X:-d}", f"`${{X}}` {APPLIED}", None), ("${X/a/b}", f"`${{X}}` {APPLIED}", None), ("$X_1", f"`$X_1` {APPLIED}", None), ("ENC[AES256_GCM,data:x]", "it is encrypted with SOPS", None), ("<path:secret/x#y>", "it is filled in by the Argo CD Vault plugin", None),
        ("<secret#y>", "it is filled in by the Argo CD Vault plugin", None), ("vault:secret/x#y", "it is read from Vault at start", None), ("ref+awsssm://x", "it is filled in by vals", None), ("secretref+vault://x", "it is filled in by vals", None), ("op://a/b", "it is filled in from 1Password", None),
        ("#{X}#", templates.REASON, None), ("#{X}", templates.REASON, None),
        *((text, None, None) for text in ("", "plain", "$", "$x", "a$X", "$X-", "${", "${1}", "<b>", "vault:x", "https://x", "a#b", "#x", "ENC[x]", "op:x", "[1]", "ref+x", "x op://y")),
    ],
)  # fmt: skip
def test_a_text_that_a_tool_fills_in(text: str, reason: str | None, fallback: str | None) -> None:
    assert kubernetes_values.external(text) == reason
    expected = (
        Known(Secret(text)) if reason is None else Unknown(reason, None if fallback is None else Secret(fallback))
    )
    assert kubernetes_values.value(text) == expected


@each_case(("text", "expected"), [("a${X:-1}b${Y:=2}", "a1b2"), ("${X:-1}${Y}", None), ("plain", None), ("${X:-<a#b>}", None), ("${X-1}", "1"), ("${X:-$Y}", None)])  # fmt: skip
def test_a_text_with_all_its_defaults(text: str, expected: str | None) -> None:
    assert kubernetes_values.unattended(text) == expected


@each_case(
    ("text", "parts"),
    [
        ("directus/directus:1", ("directus/directus", "1", "", False)), ("directus/directus:${T:-1}", ("directus/directus", "1", f"`${{T}}` {APPLIED}", True)), ("directus/directus:${T}", ("directus/directus", "${T}", f"`${{T}}` {APPLIED}", False)),
    ],
)  # fmt: skip
def test_an_image(text: str, parts: tuple[str, str, str, bool]) -> None:
    made = kubernetes_values.image(Scalar(text, plain=True, tag="", location=Location("x", 1)))
    assert (made.repository, made.tag, made.unknown, made.from_fallback) == parts


@each_case(("length", "expected"), [(80, "x" * 80), (81, "x" * 79 + "…"), (0, "")])
def test_a_name_in_a_sentence(length: int, expected: str) -> None:
    assert kubernetes_values.shown("x" * length) == expected
