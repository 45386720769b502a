"""Which values are placeholders, which are published, which can be guessed, and which may be real."""

from __future__ import annotations

import random
import re
import secrets
import string

import pytest
from hypothesis import given, strategies as st

from directus_guard.directus.environment import kept_elsewhere as where
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import (
    is_example,
    is_generated,
    is_password_in_use,
    is_placeholder,
    weakness,
)
from directus_guard.directus.environment.secret_words import is_wording
from tests.support.each import each_case


@each_case(
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


@each_case(
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


@each_case(
    "text",
    [
        "kT7vWq2zLp9x", "5f0c6a1e9b7d4c3285e1", "correct horse battery staple gun", "8h2-xkcd-2231", "Qm9vayBvZiBTZWNyZXRz",
        "GOCSPX-9f8a7b6c5d4e3f2a1b0c", "rD4mJ6wPzYb", "tr0ub4dor&3x",
    ],
)  # fmt: skip
def test_may_be_real(text: str) -> None:
    assert not is_placeholder(text)
    assert not is_example(text)


@each_case(
    "text", ["kT7vWq2zLp9x", "a" * 64, "ab" * 32, "abcabcabcabcabcabcabcabcabcabcabcabc", "0" * 40, "1234567890" * 4]
)
def test_too_weak_to_sign_with(text: str) -> None:
    assert weakness(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sA", "it has fewer than 32 bytes (Directus warns about that at start)"),
        ("kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sA0", ""),
        # Bytes count, not characters.
        ("kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sü", ""),
        # What is repeated counts once: 80 bits are 19 different characters.
        ("kT7vWq2zLp9xR4mN8b" * 2, "its characters repeat, so that it can be guessed"),
        ("kT7vWq2zLp9xR4mN8bY" * 2, ""),
        ("kT7vWq2zLp9xR4mN8bY" * 2 + "kT7v", ""),
        # It counts as repeated once the second time is whole.
        (("kT7vWq2zLp9xR4mN8b" * 2)[:-1], ""),
        # 80 bits are enough: half of the characters carry one bit each, the others four. The next has 79.6.
        ("ka7aTaza2aWaqaPaPaka2aTa7azaqaWa", ""),
        ("aakzaapqvavzaaazTavaaaaaaLppqaLaaaak", "its characters repeat, so that it can be guessed"),
        # Half a character, as a file in another encoding gives it.
        ("\ud800kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sA0", ""),
        # Six kinds of characters are too few, seven are possible.
        ("".join("1a2b3c"[int(digit) % 6] for digit in "31415926535897932384626433832795028841971693993751"), "its characters repeat, so that it can be guessed"),
        ("".join("1a2b3c4"[int(digit) % 7] for digit in "31415926535897932384626433832795028841971693993751"), ""),
        ("changeme", "it is an example value, as documentation and example files publish it"),
        ("admin", "it is a published example, or made of words that can be guessed"),
        ("vault:secret/data/cms#secret", ""),
    ],
)  # fmt: skip
def test_why_a_secret_is_weak(text: str, why: str) -> None:
    assert weakness(text) == why


@pytest.mark.parametrize(
    ("text", "example"),
    [
        # Fewer than three letters or digits.
        ("ab", True), ("a-?-b", True), ("x7q", False),
        # Rows of the keyboard and runs, also in groups and of two that alternate.
        ("qwertz", True), ("1q2w3e4r", True), ("asdfgh", True), ("yaq12wsx", False), ("abc-123", True), ("ab-77", True), ("ab-77-xyz", True), ("sk-1234567890", True),
        ("kqzwpmvt-12345678", True), ("kqzwpmvtx-12345678", False), ("pk-1234567", False), ("a1b2c3", True), ("a1b2", False), ("a1b7c3d", False), ("1a7b3cd", False), ("QWERTZ", True),
        # A part of up to eight characters that comes twice.
        ("abab", True), ("xq7xq7", True), ("xq7xq", False), ("kqzkqzkqz", True), ("kqz7kqz7k", True), ("kqzwpmnvkqzwpmnv", True), ("kqzwpmnvtkqzwpmnvt", False),
        # What is longer than any example is none, whatever its words.
        ("change " * 28 + "memo", True), ("change " * 28 + "me me", False), ("secret " * 28 + "test", True), ("secret " * 28 + "tests", False),
        ("ab" + "x" * 198, True), ("ab" + "x" * 199, False),
        # The payload of the web token of textbooks, the identifiers of the documentation.
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.kT7vWq2zLp9x", True), ("123e4567-e89b-12d3-a456-426614174000", True),
        ("6116487B-CDA1-52C2-B5B5-C8022C45E263", True), ("6116487b-cda1-52c2-b5b5-c8022c45e264", False),
        # Marked, filled, and beside what a generator made.
        ("<a>", True), ("[a b]", True), ("{name}", True), ("%NAME%", True), ("`cmd`", True), ("$(cmd)", True), ("sk-xxxxxxxx", True), ("eyJhbGci...", True), ("kT7vWq2zLp9xR4mN8bY3cF6hJ5xxxx", False),
        # Two fifths have to be filled, or the end, with up to 16 characters around that.
        ("kT7vWqxxxx", True), ("kT7vWq2xxxx", False), ("kT7vWq2zLp9xR4mN...", True), ("kT7vWq2zLp9xR4mN…", True), ("kT7vWq2zLp9xR4mN8...", False), ("kT7vWq2zLp9xR4mN8…", False),
        # A generator uses ten different characters or more, and makes no run.
        ("changeme-9f8a7b6c5d4e3f2a1b0c", False), ("changeme-9f8a7b6c5d9f8a7b6c5d", False), ("changeme-9f8a7b6c59f8a7b6c597", True), ("changeme-9f8a7b6c59F8A7B6C597", True), ("changeme-0123456789abcdef0123", True),
        ("AKIAIOSFODNN7EXAMPLE", True), ("AKIAIOSFODNN7EXAMPLEKEY", True), ("redacted", True), ("insert key", True), ("generate-me", True),
    ],
)  # fmt: skip
def test_where_examples_end(text: str, example: bool) -> None:
    assert is_example(text) is example


@pytest.mark.parametrize(
    ("text", "name", "example"),
    [
        # People choose one or two words with a number as a password, and as a token; elsewhere such words are an example.
        ("Sommer1!", "TOKEN", False), ("Hallo Welt1!", "TOKEN", False), ("Meine Liebe Katze7", "TOKEN", True), ("Meine Liebe Katze7", "DB_PASSWORD", False), ("Hallo Welt", "TOKEN", True),
        ("Hallo Welt", "DB_PASSWORD", False), ("Hallo Welt", "", False),
    ],
)  # fmt: skip
def test_words_are_examples_where_no_password_is_asked_for(text: str, name: str, example: bool) -> None:
    assert is_example(text, name) is example


def test_what_is_longer_than_any_placeholder_is_none() -> None:
    assert is_placeholder("changeme-" * 22 + "ab")
    assert not is_placeholder("changeme-" * 22 + "abc")


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


@each_case(
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
    assert kept_elsewhere(f" {text}\n") == kept_elsewhere(text)
    assert is_placeholder(text)
    assert is_example(text)
    assert not weakness(text)


@each_case(
    "text",
    [
        "postgres://cms:password@db/cms", "redis://:kT7vWq2zLp9x@redis:6379", "$Sommer2024", "AGE-SECRET-KEY-1QYQSZQGP", "-----BEGIN RSA PRIVATE KEY-----",
        "secret", "file", "vault", "vault:", "kT7v:Wq2zLp9x", "pa$(ss", "a {{ b", "encrypted:", "ENC[]", "$2b$12$K3JvYtQ0x8mZbPqRsTuVwO",
    ],
)  # fmt: skip
def test_not_kept_elsewhere(text: str) -> None:
    assert not kept_elsewhere(text)


@each_case("text", ["123-abc-987-qqq-456-zyx", "sk-1234567890", "a1b2c3d4e5f6"])
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


_CIPHERTEXT: str = "QWxhZGRpbjpvcGVuIHNlc2FtZQ" * 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *((text, "it is encrypted") for text in (
            f"encrypted:{_CIPHERTEXT}", "ENC[PKCS7,abc]", "ENC(abcd1234)", "DEC::GPG(abc)", "DEC(AES)", "!vault |\n $ANSIBLE_VAULT;1.1;AES256", "!vault x",
            "$ANSIBLE_VAULT;1.1", "{cipher}0123456789ab", "EV[1:a]", "EJ[1:a:b]", "vault:v1:abc=", f"AQICAH{_CIPHERTEXT}", "\0GITCRYPT\0abc", "-----BEGIN AGE ENCRYPTED FILE-----x",
            "-----BEGIN PGP MESSAGE-----x", "age-encryption.org/v1 x", *(f"{name}:{_CIPHERTEXT}" for name in ("secure", "enc", "sealed", "kms", "kmsencrypted", "gcpkms", "awskms")),
            f"secure:v2:{_CIPHERTEXT}",
        )),
        *((f"{name}:path/to", "it refers to a secret that is stored elsewhere") for name in ["vault", "doppler", "bws", "bitwarden", "bw", "infisical", "keepass", "keychain", "lastpass", "gopass", "passbolt", "akeyless", "conjur", "berglas", "chamber", "ssm", "aws-sm", "awssm", "aws-ssm", "awsssm", "awssecretsmanager", "secretsmanager", "parameterstore", "gsm", "gcp-sm", "gcpsm", "secretmanager", "akv", "azurekeyvault", "keyvault", "secret", "secrets", "secretref", "secretkeyref", "configmapref", "keyvaultref", "from_secret", "fromsecret", "env", "file", "ref", "k8s", "kubernetes", "docker-secret", "VAULT"]),
        *((f"{name}://path/to item", "it refers to a secret that is stored elsewhere") for name in
          ("op", "pass", "lpass", "sm", "vals", "ref+vault", "secret+aws", "sops+vault", "a+secret", "a+op", "a+ssm")),
        *((f"arn:{cloud}:{service}:x", "it refers to a secret that is stored elsewhere") for cloud in ("aws", "aws-cn", "aws-us-gov")
          for service in ("secretsmanager", "ssm", "kms", "s3", "rds")),
        *((text, "it refers to a secret that is stored elsewhere") for text in (
            "projects/p/secrets/s", "projects/p/locations/eu/secrets/s/versions/1", "@Microsoft.KeyVault(a)", "@Microsoft.AppConfiguration(a)",
            "https://acme.vault.azure.net/secrets/s", "https://acme.vault.azure.cn/secrets/s", "https://acme.vault.usgovcloudapi.net/secrets/s", "/run/secrets/s", "/var/run/secrets/s")),
        *((text, "a tool replaces it when it deploys") for text in (
            "{{ a }}", "${{ a }}", "{% a %}", "<% a %>", "<@a@>", "#{a}", "#{a}#", "%{a}", "~{a}", "$(a)", "((a))", "[[a]]", "@@a@@", "@a@", "$$cap_a", "$$cap_a(10)", "$[a]",
            "__SECRET__", "%SECRET%", "##SECRET##")),
        *((text, "it names a variable") for text in ("${A}", "${A:-b}", "${A?b}", "${A+b}", "${A=b}", "$A_B", "$SECRET", " $SECRET ")),
        *((text, "") for text in (
            "__CHANGE_ME__", "%YOUR_SECRET%", "##REPLACE##", "__your-key__", "__todo__", "$KT7VWQ2ZLP", "$a", "${a b}", "vault://user:password@host", "a+other://b", "http://acme.vault.azure.net/secrets/s",
            "ENC()", "secure:short", "{cipher}abc", "projects/p/s", "/run/secret/s", "arn:aws:iam:x", "xfile:a", "op:/a", "file:", "a {{ b }}", "{{ a }} b")),
    ],
)  # fmt: skip
def test_why_a_text_is_not_the_value(text: str, why: str) -> None:
    assert kept_elsewhere(text) == why


def test_what_a_value_starts_with_does_not_change_the_answer() -> None:
    """Words of the patterns and signs, joined in any way: most values are known without the patterns, and mean the same."""
    patterns = (where._CIPHERTEXT, where._REFERENCE, where._MARK, where._NAMED, where._VARIABLE)
    pieces = sorted({one for pattern in patterns for one in re.findall(r"[A-Za-z0-9_]{2,}", pattern.pattern)})
    pieces += ["-----", "=", "+", "|", ";", ".", "${", "${{", "}", "}}", "://", ":", "/", "@", "$", "__", "\n"] * 20
    pieces += [*where._SCHEMES, *where._STARTS] * 10
    choose = random.Random(3)
    number = 0
    for _ in range(20_000):
        text = choose.choice(("", "", "-", " ")).join(choose.choices(pieces, k=choose.randint(1, 5))).strip()
        number += bool(kept_elsewhere(text))
        assert kept_elsewhere(text) == where.by_patterns(text), text
    assert number > 30


@each_case(
    "text", ["nm2QYDgdcsQYaDpn8JaR", "kT7vWq2zLp9xBc4d", "5f0c6a1e9b7d4c3285e1a0f6", "GOCSPX-9f8a7b6c5d4e3f2a1b0c"]
)
def test_what_a_program_chose(text: str) -> None:
    assert is_generated(text)


@each_case(
    "text",
    [
        "kT7vWq2zLp9x",
        "SuperSecretPassword123",
        "nmQYDgdcsQYaDpnJaRkLx",
        "12345678901234567890",
        "a1a1a1a1a1a1a1a1a1a1",
        "nm2QYDgdcs QYaDpn8JaR",
        "",
    ],
)
def test_what_no_program_chose_or_too_short_a_text(text: str) -> None:
    assert not is_generated(text)


@each_case("text", ["SecureDirectus2024!", "Quiet-Harbour-1974", "MyCompany2024!", "TestPass1987!", "kT7vWq2zLp9x"])
def test_a_password_that_people_chose(text: str) -> None:
    assert is_password_in_use(text)


@each_case(
    "text",
    [
        "",
        "password",
        "Admin123!",
        "SecurePassword",
        "ChangeMe2024!",
        "Password123!",
        "EditorPassword1!",
        "YourPassword123!",
        "SecureDirectus2024",
        "d1r3ctu5",
        "xxxxxxxxxxxx!",
    ],
)
def test_what_is_no_password_in_use(text: str) -> None:
    assert not is_password_in_use(text)
