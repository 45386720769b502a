"""Which values are placeholders, which are published, which can be guessed, and which may be real."""

from __future__ import annotations

import secrets
import string

import pytest
from hypothesis import given, strategies as st

from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import is_example, is_placeholder, weakness
from directus_guard.directus.environment.secret_words import is_wording


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "<secret>", "<your secret here>", "xxxx", "***", "...", "CHANGE_ME", "changeme", "change-me-please",
        "REPLACE_WITH_YOUR_SECRET", "replace-with-random-value", "your-secret-key", "your_32_char_key", "insert-key-here", "TODO",
        "[REDACTED]", "%CHANGE_ME%", "__YOUR_SECRET__", "to-be-set", "example", "generate-with-openssl-rand",
    ],
)  # fmt: skip
def test_placeholders(text: str) -> None:
    assert is_placeholder(text)
    assert is_example(text)
    assert weakness(text)


@pytest.mark.parametrize(
    "text",
    [
        "secret", "abcdef", "password", "admin", "directus", "d1r3ctu5", "quickstart", "Admin123!", "postgres", "secretpassword",
        "Test@123", "minioadmin", "123456", "12345678", "super-secret-key", "my-super-secret-key-123", "directus_password",
        "255d861b-5ea1-5996-9aa3-922530ec40b1", "6116487b-cda1-52c2-b5b5-c8022c45e263", "aaaaaaaa", "abcdefghijklmnop",
        "quickstart-source-secret", "P@ssw0rd", "root", "your-secret-access-key", "directus-dev-secret-key",
    ],
)  # fmt: skip
def test_published_and_guessable(text: str) -> None:
    assert is_example(text)
    assert weakness(text)


@pytest.mark.parametrize(
    "text",
    [
        "kT7vWq2zLp9x", "5f0c6a1e9b7d4c3285e1", "correct horse battery staple gun", "8h2-xkcd-2231", "Qm9vayBvZiBTZWNyZXRz",
        "GOCSPX-9f8a7b6c5d4e3f2a1b0c", "rD4mJ6wPzYb", "tr0ub4dor&3x",
    ],
)  # fmt: skip
def test_may_be_real(text: str) -> None:
    assert not is_placeholder(text)
    assert not is_example(text)


@pytest.mark.parametrize(
    "text", ["kT7vWq2zLp9x", "a" * 64, "ab" * 32, "abcabcabcabcabcabcabcabcabcabcabcabc", "0" * 40, "1234567890" * 4]
)
def test_too_weak_to_sign_with(text: str) -> None:
    assert weakness(text)


def test_random_digits_of_few_kinds_are_strong() -> None:
    """Nine kinds of digits: one random text in ten thousand."""
    assert weakness("f04ff0b3776665e57464e7b3b737036e") == ""


@pytest.mark.thorough
@pytest.mark.parametrize("size", [32, 36, 48, 64])
def test_random_secrets_are_strong(size: int) -> None:
    for _ in range(300):
        assert weakness("".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(size))) == ""
        assert weakness(secrets.token_hex(size // 2)) == ""
        assert weakness(secrets.token_urlsafe(size)) == ""


def test_a_short_word_in_a_random_text_makes_no_placeholder() -> None:
    """Seen in the output of `secrets.token_urlsafe`."""
    assert weakness("q3Vd9PuT-x7Lr2Wm_0aZ5kHc8YbN1sEf4GjUo6Xi") == ""
    assert is_placeholder("put-your-secret-here-32-chars")


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    if is_placeholder(text):
        assert is_example(text)
    if is_example(text) and not kept_elsewhere(text):
        assert weakness(text)
    assert not is_example(text, "SECRET") or weakness(text) or kept_elsewhere(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ secret }}", "{{ .Values.secret }}", "#{Secret}#", "__SECRET__", "%SECRET%", "$(Secret)", "((secret))", "<%= secret %>",
        "${{ secrets.SECRET }}", "$SERVICE_PASSWORD_CMS", "${DIRECTUS_SECRET}", "vault:secret/data/cms#secret", "op://vault/item/field",
        "ref+vault://cms#/secret", "doppler://a/b/c", "secret://cms", "arn:aws:secretsmanager:eu-west-1:1:secret:cms",
        "projects/p/secrets/s", "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/s/)", "secretref:cms",
        "encrypted:BJKj3kl9JpEIuzvkQYom71eVzxWI2vbIxN9Fj", "ENC[AES256_GCM,data:4nU3,iv:7T0r,tag:Qw8e,type:str]",
        "$ANSIBLE_VAULT;1.1;AES256\n66386439653236", "EV[1:a:b]", "-----BEGIN PGP MESSAGE-----\nabc", "-----BEGIN AGE ENCRYPTED FILE-----",
    ],
)  # fmt: skip
def test_kept_elsewhere(text: str) -> None:
    """The value that Directus gets is not known: neither weak nor committed."""
    assert kept_elsewhere(text)
    assert is_placeholder(text)
    assert is_example(text)
    assert not weakness(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgres://cms:password@db/cms", "redis://:kT7vWq2zLp9x@redis:6379", "$Sommer2024", "AGE-SECRET-KEY-1QYQSZQGP", "-----BEGIN RSA PRIVATE KEY-----",
        "secret", "file", "vault", "vault:", "kT7v:Wq2zLp9x", "pa$(ss", "a {{ b", "encrypted:", "ENC[]", "$2b$12$K3JvYtQ0x8mZbPqRsTuVwO",
    ],
)  # fmt: skip
def test_not_kept_elsewhere(text: str) -> None:
    assert not kept_elsewhere(text)


@pytest.mark.parametrize("text", ["123-abc-987-qqq-456-zyx", "sk-1234567890", "a1b2c3d4e5f6"])
def test_runs_of_characters_can_be_guessed(text: str) -> None:
    assert is_example(text)


def test_a_random_text_repeated_is_as_weak_as_once() -> None:
    once = "k7Qp2Zx9Lm4T"
    assert not is_example(once * 3)
    assert weakness(once * 3) == "its characters repeat, so that it can be guessed"


def test_a_text_of_hundreds_of_words_is_no_password() -> None:
    assert is_example("my secret password")
    assert not is_example("my secret password " * 12)
    assert is_wording("my secret password")
    assert not is_wording("my secret password " * 12)
