"""Scripts of PowerShell, fish, csh and cmd, as the same commands for a POSIX shell: what they set and start is read from that;
and cloud-init in files whose names do not say that they are YAML.

Only what sets a variable, takes one in, writes a file or goes on in the next line is put in other words; every other
character stays where it is. Grammar is not judged.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files.inner_file import InnerFile, Stretch
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.inner.naming import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.sources.files.repository import Repository


class _Edit(Struct, frozen=True):
    """Other words for a part of the text."""

    start: int
    end: int
    text: str


_Rule = tuple["re.Pattern[str]", "Callable[[re.Match[str]], tuple[_Edit, ...]]"]


def files(repository: Repository, path: str) -> Iterator[InnerFile]:
    """The script as a shell script below its own path, or the text as the YAML that it is."""
    text = repository.text(path) or ""
    if len(text) > MAX_CHARACTERS:
        return
    stem, _, ending = path.rpartition("/")[2].lower().rpartition(".")
    rules = _RULES.get(ending)
    if rules is None and _MIME.search(text) is not None:
        yield from _parts(path, text)
        return
    name = "cloud-config.yaml" if rules is None else f"{stem}.sh"
    yield InnerFile(f"{path}/{name}", path, _runs(text, Positions(path, text), rules or ()))


def _parts(path: str, text: str) -> Iterator[InnerFile]:
    """The parts of cloud-init's data for a machine that come as one message: its scripts and configurations."""
    positions = Positions(path, text)
    for number, match in enumerate(islice(_PART.finditer(text), _MAX_PARTS), start=1):
        ending = ".sh" if match["body"].startswith("#!") else ".yaml"
        yield InnerFile(f"{path}/{number}{ending}", path, (Stretch(match["body"], positions, match.start("body")),))


_MIME: Final = lazy_pattern(r"\A(?:[A-Za-z-]{1,40}:[^\n]{0,300}\n){0,20}?Content-Type:[ \t]*multipart/", re.IGNORECASE)
_PART: Final = lazy_pattern(r"\r?\n\r?\n(?P<body>#(?:!|cloud-config\b)(?:(?!\n--)[\s\S])*)")
_MAX_PARTS: Final = 50


def _runs(text: str, positions: Positions, rules: tuple[_Rule, ...]) -> Iterator[Stretch]:
    """The text with every edit; of two that overlap the first counts."""
    edits = [edit for pattern, edit_of in rules for match in pattern.finditer(text) for edit in edit_of(match)]
    index = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start < index:
            continue
        yield Stretch(text[index : edit.start], positions, index)
        yield Stretch(edit.text, place=positions.region(edit.start, edit.end))
        index = edit.end
    yield Stretch(text[index:], positions, index)


def _as(written: str) -> Callable[[re.Match[str]], tuple[_Edit, ...]]:
    """The whole match in other words, which may take in its groups."""
    return lambda match: (_Edit(match.start(), match.end(), match.expand(written)),)


def _around(before: str, after: str) -> Callable[[re.Match[str]], tuple[_Edit, ...]]:
    """The group `value` stays; what is before and behind it in the match is written in other words."""
    return lambda match: (
        _Edit(match.start(), match.start("value"), match.expand(before)),
        _Edit(match.end("value"), match.end(), match.expand(after)),
    )


def _members(match: re.Match[str]) -> tuple[_Edit, ...]:
    """`$name = @{ KEY = "text" }` as one variable for each key."""
    start = match.start("value")
    found = [
        _Edit(start + one.start(), start + one.end(), f"\n{match['name']}_{one[1]}=")
        for one in _MEMBER.finditer(match["value"])
    ]
    return (_Edit(match.start(), start, ""), *found, _Edit(match.end("value"), match.end(), ""))


_MEMBER: Final = lazy_pattern(r"[;\s]*[\"']?(\w+)[\"']?[ \t]*=[ \t]*")
_TEXT: Final = r"(?P<value>\"(?:[^\"`\n]|`.)*\"|'[^'\n]*')"
_FILE: Final = r"[\"']?(?P<file>[^\s\"'|;]+)[\"']?"
_WRITERS: Final = r"(?:Set-Content|Add-Content|Out-File)(?:[ \t]+-(?!Path|FilePath|Value)\w+(?:[ \t]+(?:utf8\w*|ascii|UTF8\w*|ASCII))?)*"
_POWERSHELL: Final[tuple[_Rule, ...]] = (
    (lazy_pattern(r"<#(?:(?!<#|#>).)*#>", re.DOTALL), _as("")),
    (
        lazy_pattern(
            r"(?m)(?:^[ \t]*\$\w+[ \t]*=[ \t]*)?@\"[ \t]*\r?\n(?P<value>(?:(?!\"@)[^\n]*(?<!@\")(?<!@\"\r)\n)*?)\"@[ \t]*\|[ \t]*"
            + _WRITERS + r"(?:[ \t]+-(?:File)?Path)?[ \t]+" + _FILE + r"[^\n]*"
        ),
        _around(r"cat > \g<file> <<END_OF_THE_TEXT\n", "END_OF_THE_TEXT"),
    ),
    (
        lazy_pattern(
            r"(?m)@'[ \t]*\r?\n(?P<value>(?:(?!'@)[^\n]*(?<!@')(?<!@'\r)\n)*?)'@[ \t]*\|[ \t]*"
            + _WRITERS + r"(?:[ \t]+-(?:File)?Path)?[ \t]+" + _FILE + r"[^\n]*"
        ),
        _around(r"cat > \g<file> <<'END_OF_THE_TEXT'\n", "END_OF_THE_TEXT"),
    ),
    (
        lazy_pattern(r"(?m)@(?P<quote>[\"'])[ \t]*\r?\n(?P<value>(?:(?![\"']@)[^\n]*(?<!@[\"'])(?<!@[\"']\r)\n)*?)(?P=quote)@[ \t]*\|[ \t]*(?P<command>[^\n]+)"),
        _around(r"\g<command> <<END_OF_THE_TEXT\n", "END_OF_THE_TEXT"),
    ),
    (lazy_pattern(_TEXT + r"[ \t]*\|[ \t]*" + _WRITERS + r"(?:[ \t]+-(?:File)?Path)?[ \t]+" + _FILE), _around("echo ", r" > \g<file>")),
    (
        lazy_pattern(_WRITERS + r"(?:[ \t]+-Path)?[ \t]+" + _FILE + r"(?:[ \t]+-Value)?[ \t]+" + _TEXT),
        _around("echo ", r" > \g<file>"),
    ),
    (
        lazy_pattern(r"(?i)\[(?:System\.)?Environment\]::SetEnvironmentVariable\([ \t]*[\"'](?P<name>\w+)[\"'][ \t]*,[ \t]*" + _TEXT + r"[^\n)]*\)"),
        _around(r"export \g<name>=", ""),
    ),
    (lazy_pattern(r"(?m)^[ \t]*\$(?P<name>\w+)[ \t]*=[ \t]*@\{(?P<value>[^{}]{0,5000})\}"), _members),
    (lazy_pattern(r"\$\([ \t]*\$(?!env:)(\w+)(?:\.(\w+)|\[[\"'](\w+)[\"']\])[ \t]*\)"), lambda match: (
        _Edit(match.start(), match.end(), f"${{{match[1]}_{match[2] or match[3]}}}"),
    )),
    (lazy_pattern(r"(?m)^[ \t]*\$(?P<name>\w+)[ \t]*=[ \t]*@\((?P<value>[^()]{0,5000})\)"), _around(r"\g<name>=(", ")")),
    (lazy_pattern(r"(?<=[\"'])[ \t]*,"), _as(" ")),
    (lazy_pattern(r"(?<=[ \t])@(\w+)\b"), _as(r'"${\1[@]}"')),
    (lazy_pattern(r"(?im)^(?P<in>[ \t]*)\$\{?env:(\w+)\}?[ \t]*=[ \t]*"), _as(r"\g<in>export \2=")),
    (lazy_pattern(r"(?m)^(?P<in>[ \t]*)\$(\w+)[ \t]*=[ \t]*(?=[\"'])"), _as(r"\g<in>\2=")),
    (lazy_pattern(r"(?i)\$\{?env:(\w+)\}?"), _as(r"${\1}")),
    (lazy_pattern(r"`(\r?\n)"), _as(r"\\\1")),
    (lazy_pattern(r"`n"), _as("\n")),
    (lazy_pattern(r"`([\"$`])"), _as(r"\\\1")),
)  # fmt: skip
_FISH: Final[tuple[_Rule, ...]] = (
    (lazy_pattern(r"(?m)^(?P<in>[ \t]*)set[ \t]+(?=(?:-\S+[ \t]+)*(?:-[a-zA-Z]*x[a-zA-Z]*|--export)\b)(?:-\S+[ \t]+)+(\w+)[ \t]+"), _as(r"\g<in>export \2=")),
    (lazy_pattern(r"(?m)^(?P<in>[ \t]*)set[ \t]+(?:-[lgUf]+[ \t]+|--(?:local|global|universal)[ \t]+)*(\w+)[ \t]+(?=\S)"), _as(r"\g<in>\2=")),
)  # fmt: skip
_BATCH: Final[tuple[_Rule, ...]] = (
    (lazy_pattern(r"(?im)^[ \t]*@?(?:rem\b|::)[^\n]*"), _as("")),
    (lazy_pattern(r"(?im)^[ \t]*@?set[ \t]+\"(\w+)=(?P<value>[^\"\r\n]*)\"[^\n]*"), _around(r'export \1="', '"')),
    (lazy_pattern(r"(?im)^[ \t]*@?set[ \t]+(?!/)(\w+)=(?P<value>[^\r\n&|\"]*)"), _around(r'export \1="', '"')),
    (lazy_pattern(r"(?im)^[ \t]*@?setx[ \t]+(\w+)[ \t]+\"?(?P<value>[^\s\"]+)\"?[^\n]*"), _around(r'export \1="', '"')),
    (lazy_pattern(r"%(\w+)%"), _as(r"${\1}")),
    (lazy_pattern(r"\^[ \t]*(\r?\n)"), _as(r"\\\1")),
    (lazy_pattern(r"(?m)^[ \t]*@(?=\w)"), _as("")),
)  # fmt: skip
_CSH: Final[tuple[_Rule, ...]] = (
    (lazy_pattern(r"(?m)^(?P<in>[ \t]*)setenv[ \t]+(\w+)[ \t]+(?=\S)"), _as(r"\g<in>export \2=")),
    (lazy_pattern(r"(?m)^(?P<in>[ \t]*)set[ \t]+(\w+)[ \t]*=[ \t]*(?=\S)"), _as(r"\g<in>\2=")),
)
_RULES: Final = {
    "csh": _CSH,
    "tcsh": _CSH,
    "ps1": _POWERSHELL,
    "psm1": _POWERSHELL,
    "fish": _FISH,
    "bat": _BATCH,
    "cmd": _BATCH,
}
