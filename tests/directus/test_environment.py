from __future__ import annotations

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import (
    FileContent,
    Known,
    Part,
    Unknown,
    Unset,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_environment
from directus_guard.directus.environment.variables import closest, defaulted_names, supports_file_variable
from directus_guard.directus.environment.watched import Watch, watched
from directus_guard.directus.gaps import DeploymentPart, Gap, unseen
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from directus_guard.secret import Secret
from tests.support.each import each_case
from tests.support.environments import environment, variable


def test_the_later_of_two_wins_and_the_loser_is_kept() -> None:
    env = environment(variable("A", "1", 1), variable("A", "2", 2), variable("A", "3", 3))
    assert env["A"].text == "3"
    assert [item.location.line for item in env["A"].shadowed] == [2, 1]


def test_directus_own_file_beats_the_process_environment() -> None:
    env = environment(variable("A", "process"), config_file=(variable("A", "file", 5), variable("B", "file", 6)))
    assert (env["A"].text, env["B"].text) == ("file", "file")
    assert env["A"].shadowed[0].origin == "environment"


def test_an_unreadable_own_file_makes_everything_unknown() -> None:
    env = environment(variable("A", "1"), config_file=Unknown("it comes from a volume"))
    assert env["A"].unknown_reason == "it comes from a volume"
    assert not env["B"].known
    assert env["B"].unknown_reason == "it comes from a volume"
    assert env.unseen == "it comes from a volume"


def test_what_an_unreadable_own_file_may_replace_is_still_written_here() -> None:
    outside = Unknown("`${X}` comes from outside", Secret("fallback"))
    env = environment(variable("A", "1"), variable("B", outside), config_file=Unknown("it comes from a volume"))
    assert (env["A"].replaceable, env["A"].fallback, env["A"].written) == ("1", None, "1")
    assert (env["B"].replaceable, env["B"].fallback) == (None, "fallback")
    assert env.as_set()["A"].text == "1"
    assert [env[name].unknown_reason for name in "ABC"] == ["it comes from a volume"] * 3


def test_unset_in_a_complete_environment_is_unset_and_unknown_in_an_open_one() -> None:
    assert isinstance(environment()["A"].value, Unset)
    env = environment(gaps=(unseen("env_file .env is not in the repository"),))
    assert env["A"].unknown_reason == "env_file .env is not in the repository"
    assert not env.complete


def test_an_empty_text_is_a_value() -> None:
    env = environment(variable("IMPORT_IP_DENY_LIST", ""))
    assert env["IMPORT_IP_DENY_LIST"].known
    assert env["IMPORT_IP_DENY_LIST"].js == ()


def test_a_file_variable_stands_for_the_name_without_the_suffix() -> None:
    content = FileContent("/run/secrets/s", Known(Secret("text\n")), Location("s.txt"))
    env = environment(variable("SECRET_FILE", "/run/secrets/s"), files=(content,))
    assert env["SECRET"].text == "text\n"
    assert env["SECRET"].location == Location("s.txt")
    assert env["SECRET"].via == (Location("f", 1),)


def test_a_file_variable_whose_file_is_elsewhere_is_unknown() -> None:
    env = environment(variable("SECRET_FILE", "/run/secrets/s"))
    assert not env["SECRET"].known
    assert env["SECRET"].is_set


def test_both_forms_at_once_are_unknown() -> None:
    env = environment(variable("SECRET_FILE", "/x"), variable("SECRET", "abc"))
    assert "order" in env["SECRET"].unknown_reason


def test_a_name_that_directus_does_not_read_from_files_is_left_alone() -> None:
    env = environment(variable("MY_FILE", "/x"))
    assert "MY" not in env


@each_case(
    ("name", "since"),
    [
        ("SECRET", (10, 0, 0)),
        ("AUTH_GOOGLE_CLIENT_SECRET", (10, 0, 0)),
        ("AUTH_GOOGLE_REDIRECT_ALLOW_LIST", (10, 10, 0)),
        ("AUTH_GOOGLE_CLIENT_HTTP_TIMEOUT", (11, 9, 0)),
        ("MY_OWN", (99, 0, 0)),
        ("AI_ENABLED", (11, 14, 0)),
        ("ADMIN_TOKEN", (10, 13, 0)),
    ],
)
def test_which_versions_read_a_name_from_a_file(name: str, since: tuple[int, int, int]) -> None:
    for version in (
        (10, 0, 0),
        (10, 9, 9),
        (10, 10, 0),
        (10, 12, 9),
        (10, 13, 0),
        (11, 8, 9),
        (11, 9, 0),
        (11, 13, 9),
        (11, 14, 0),
        (12, 4, 1),
    ):
        assert supports_file_variable(name, Version(*version)) is (version >= since), version


def test_numbers_of_old_versions() -> None:
    assert environment(variable("SECRET", "123"), version=Version(11, 0, 0))["SECRET"].js == 123
    assert environment(variable("SECRET", "123"), version=Version(11, 8, 0))["SECRET"].js == "123"


def test_a_name_set_many_times_costs_no_more_than_many_names() -> None:
    """Thirty thousand places: what is not linear does not end."""
    env = environment(*(variable("A", str(number), number) for number in range(1, 30_001)))
    assert env["A"].text == "30000"
    assert [item.location.line for item in env["A"].shadowed] == list(range(29_999, 0, -1))


@each_case(
    ("name", "meant"),
    [
        ("DIRECTUS_SECRET", "SECRET"),
        ("cors_enabled", "CORS_ENABLED"),
        ("CORSENABLED", "CORS_ENABLED"),
        ("Cors-Enabled", "CORS_ENABLED"),
        ("RATE_LIMITER_ENABLE", "RATE_LIMITER_ENABLED"),
        ("KEYS", None),
        ("MY_OWN_VARIABLE", None),
    ],
)
def test_which_variable_a_misspelt_name_means(name: str, meant: str | None) -> None:
    assert closest(name) == meant


def test_beside_a_package_of_directus_one_core_variable_and_another_are_enough() -> None:
    assert is_directus_environment(["SECRET", "CORS_ORIGIN"], beside=True)
    assert not is_directus_environment(["SECRET", "CORS_ORIGIN"])
    assert not is_directus_environment(["SECRET", "VITE_TITLE"], beside=True)


def test_who_looks_at_a_setting_does_not_make_it_another() -> None:
    setting = environment(variable("A", Unknown("elsewhere")))["A"]
    first, second = (watched(setting, Unset(), Watch()) for _ in range(2))
    assert first.value == Unset()
    assert (first, hash(first)) == (second, hash(second))


def test_a_secret_put_in_from_another_file_is_committed_where_that_file_is() -> None:
    parts = (Part(Location(".env", 1), Secret("s3cret-of-the-database")),)
    inner = Variable("DB_URL", Known(Secret("postgres://d:s3cret-of-the-database@db")), Location("compose.yaml", 3),
                     "environment", parts=parts, literal=Secret("postgres://d:${PW}@db"))  # fmt: skip
    for untracked, committed in (
        (frozenset(), True),
        (frozenset({".env"}), False),
        (frozenset({"compose.yaml"}), True),
    ):
        env = replace(environment(inner), untracked=untracked)
        assert env.committed(env["DB_URL"], "s3cret-of-the-database") is committed


def test_what_is_written_nowhere_is_not_committed() -> None:
    env = environment()
    assert not env.committed(env["SECRET"], "")


def test_without_evidence_no_version_is_shown() -> None:
    assert environment().version_shown == ""


def test_each_variable_with_a_default_has_it_in_some_version() -> None:
    names = defaulted_names()
    assert list(names) == sorted(set(names))
    assert "CORS_ENABLED" in names
    assert "SECRET" not in names


@each_case("part", DeploymentPart)
def test_a_value_keeps_the_gap_that_hides_it(part: DeploymentPart) -> None:
    gap = Gap(part, "`.env` is not in the repository")
    assert Unknown.of(gap).gap == gap
    assert Unknown.of(gap).unread is (part is DeploymentPart.UNREAD)


def test_where_a_secret_is_that_a_value_takes_from_elsewhere() -> None:
    """In the file of the value itself, or in that of the part that holds it; of several, each must be tracked."""
    env = replace(
        environment(variable("DB_CONNECTION_STRING", "postgres://u:pw1@db")), untracked=frozenset(["own.env"])
    )
    whole = env["DB_CONNECTION_STRING"]
    assert env.committed(whole, "pw1")
    assert not env.committed(replace(whole, location=Location("own.env")), "pw1")
    assert not env.committed(replace(whole, location=None), "pw1")
    own, other = Part(Location("own.env"), Secret("pw1")), Part(Location("other.env"), Secret("user"))
    taken = replace(whole, literal=Secret("postgres://${U}:${P}@db"), parts=(own, other))
    assert not env.committed(taken, "pw1")
    assert env.committed(taken, "user")
    assert env.committed(replace(taken, parts=(replace(own, location=Location("b.env")), other)), "pw1")
    # A part that is not the whole of it: all of them count.
    assert not env.committed(taken, "user:pw1")
    assert not env.committed(replace(taken, parts=(own, replace(own, location=Location("b.env")))), "pw1")
    assert not env.committed(replace(taken, location=Location("own.env"), literal=Secret("pw1")), "pw1")
