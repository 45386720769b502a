"""The exit codes (docs/contract.md#exit-codes): every program that ends a run takes them from here."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What a run ends with."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING_FOUND = 3
    INCOMPLETE = 4
    BUG = 70
    INTERRUPTED = 130


class OnIncomplete(StrEnum):
    """What a file of a Directus project that cannot be read means: exit code 4, or only a warning."""

    FAIL = "fail"
    WARN = "warn"
