"""The texts of YAML's numbers and booleans, as `docker-compose config` writes them."""

from __future__ import annotations

from directus_guard.finding import Location
from directus_guard.sources.deployments.compose_scalars import is_number_or_boolean, scalar_text
from directus_guard.sources.formats.yaml_document import Scalar
from tests.support.each import each_case


def scalar(text: str, *, plain: bool = True, tag: str = "") -> Scalar:
    return Scalar(text, plain=plain, tag=tag, location=Location("compose.yaml", 1, 1, 1, 1))


@each_case(
    ("written", "text"),
    [
        # integers
        ("0", "0"), ("-0", "0"), ("+0", "0"), ("5", "5"), ("+5", "5"), ("-5", "-5"), ("8055", "8055"), ("1_000", "1000"), ("1__0", "10"),
        ("012", "10"), ("-012", "-10"), ("0_7", "7"), ("0o17", "15"), ("0O17", "15"), ("0x1F", "31"), ("0X1f", "31"), ("+0x1F", "31"), ("0b11", "3"), ("-0B11", "-3"),
        ("0b_", "0b_"), ("0o", "0o"), ("1_", "1"), ("+_5", "5"), ("0x", "0x"), ("0b", "0b"), ("0b2", "0b2"), ("0xg", "0xg"), ("09", "9"), ("-09", "-9"), ("1_000.5", "1000.5"), (".5_0", "0.5"), ("1_e3", "1000"), ("_1", "_1"),
        # too large for Go's integers
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775809", "9223372036854775809"), ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"), ("18_446_744_073_709_551_616", "1.8446744073709552e+19"),
        ("-9223372036854775808", "-9223372036854775808"), ("-9223372036854775809", "-9.223372036854776e+18"), ("-18446744073709551615", "-1.8446744073709552e+19"),
        ("0x7FFFFFFFFFFFFFFF", "9223372036854775807"), ("-0x8000000000000000", "-9223372036854775808"), ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
        ("0x10000000000000000", "0x10000000000000000"), ("0xFFFF_FFFF_FFFF_FFFF_F", "0xFFFF_FFFF_FFFF_FFFF_F"), ("-0xFFFFFFFFFFFFFFFF", "-0xFFFFFFFFFFFFFFFF"),
        ("0o77777777777777777777777", "0o77777777777777777777777"), ("0b1" + "0" * 64, "0b1" + "0" * 64), ("-01000000000000000000001", "-1e+21"),
        # floats
        ("1.0", "1"), ("21.0", "21"), ("1.5", "1.5"), ("-1.5", "-1.5"), ("+1.50", "1.5"), (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"), ("0.0", "0"), ("-0.0", "-0"), ("1.10", "1.1"),
        ("1e3", "1000"), ("1E+3", "1000"), ("1.5e3", "1500"), ("100000.0", "100000"), ("100000.5", "100000.5"), ("999999.5", "999999.5"),
        ("1e6", "1e+06"), ("1000000.0", "1e+06"), ("-1e6", "-1e+06"), ("1234567.5", "1.2345675e+06"), ("123456789.0", "1.23456789e+08"), ("1e20", "1e+20"), ("1e21", "1e+21"),
        ("1e100", "1e+100"), ("1e400", "1e400"), ("-1e400", "-1e400"), ("0.0001", "0.0001"), ("0.00012", "0.00012"), ("0.00001", "1e-05"), ("-0.000012", "-1.2e-05"), ("1e-5", "1e-05"),
        ("123456789012345680000.0", "1.2345678901234568e+20"), ("0.1", "0.1"), ("1.", "1"),
        # booleans of YAML 1.2 only
        ("true", "true"), ("True", "true"), ("TRUE", "true"), ("false", "false"), ("False", "false"), ("FALSE", "false"), ("tRUE", "tRUE"), ("yes", "yes"), ("on", "on"),
        # other texts
        ("1.2.3", "1.2.3"), ("1e", "1e"), ("+", "+"), ("-", "-"), (".", "."), ("12 ", "12 "), ("1,5", "1,5"), ("x1", "x1"), ("10m", "10m"), ("::1", "::1"), ("127.0.0.1", "127.0.0.1"),
        ("1" * 101, "1" * 101), ("0" * 99 + "7", "7"), ("0" * 100 + "7", "0" * 100 + "7"),
        # null
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
    ],
)  # fmt: skip
def test_the_text_of_a_plain_scalar(written: str, text: str | None) -> None:
    assert scalar_text(scalar(written)) == text


@each_case("text", ["012", "1.0", "True", "1e6", "+5"])
def test_quotes_and_tags_keep_a_text(text: str) -> None:
    assert scalar_text(scalar(text, plain=False)) == text
    assert scalar_text(scalar(text, tag="!!str")) == text
    assert scalar_text(scalar("", plain=False)) == ""
    assert scalar_text(scalar("null", tag="!!str")) == "null"
    assert not is_number_or_boolean(scalar(text, plain=False))
    assert not is_number_or_boolean(scalar(text, tag="!!str"))
    assert is_number_or_boolean(scalar(text))


@each_case(
    ("text", "expected"),
    [
        *((name, True) for name in ("true", "True", "TRUE", "false", "False", "FALSE")), ("tRUE", False),
        ("1", True), ("-0x1F", True), ("0b1", True), (".5", True), ("1e-3", True), ("1_0", True),
        ("yes", False), ("1.2.3", False), ("10m", False), ("0xg", False), ("", False), ("1 ", False), ("e3", False),
    ],
)  # fmt: skip
def test_what_is_a_number_or_a_boolean(text: str, *, expected: bool) -> None:
    assert is_number_or_boolean(scalar(text)) is expected
