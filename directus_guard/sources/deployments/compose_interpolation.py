"""`${…}` in Compose files and their environment files, as compose-go's template package replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import templates

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME: Final = lazy_pattern(r"[_A-Za-z][_A-Za-z0-9]*")
_MAX_NESTING: Final = 20
_MAX_LENGTH: Final = 128 * 1024
"""Linux takes no longer text in an environment; values that double each other grow past any memory."""


class Result(Unprinted, frozen=True):
    """What a template becomes.

    `text` is None when something comes from outside the repository: `reason` says what, and `fallback` is the text that
    results when nothing is given from outside (None: Compose refuses to start).
    """

    text: str | None
    reason: str = ""
    fallback: str | None = None
    defaulted: bool = False
    """Whether everything that comes from outside has a default written beside it (`${X:-default}`), so that `fallback` is
    what people mean and not only what an empty environment leaves."""
    single: str = ""
    """The name, when the whole template is one reference that gives a known variable's text (`${X}`, `${X:?message}`)."""
    names: tuple[str, ...] = ()
    """The known variables whose text went in."""
    literal: str = ""
    """What the template itself contributes to `text`."""
    accident: str = ""
    """The name of a variable that nothing sets and that reads like a part of the text (`$Word` in `ab1$Word&q`)."""
    template: bool = False
    """Whether a tool fills it in before Compose reads it: `fallback` is then only the part that is known."""

    @property
    def unattended(self) -> str | None:
        """The text that results when the process environment is empty."""
        return self.fallback if self.text is None else self.text


_DELIBERATE: Final = lazy_pattern(r"[A-Z][A-Z0-9_]*")


def reads_like_text(template: str, dollar: int, name: str) -> bool:
    """Whether the `$name` at `dollar` may be a part of a password: in small letters, or glued to what is before it."""
    whole = dollar == 0 and len(name) + 1 == len(template)
    glued = dollar > 0 and template[dollar - 1].isalnum()
    return not whole and (glued or _DELIBERATE.fullmatch(name) is None)


def accident(template: str) -> str:
    """The name behind the first `$` that reads like a part of the text; "" if there is none. `$$` and `${` are none."""
    for match in _DOLLAR.finditer(template):
        if match[1] and reads_like_text(template, match.start(), match[1]):
            return match[1]
    return ""


_DOLLAR: Final = lazy_pattern(r"\$(?:\$|\{|([_A-Za-z][_A-Za-z0-9]*))")


def plain(text: str) -> Result:
    """A template without references."""
    return Result(text, literal=text)


def interpolate(template: str, lookup: Callable[[str], str | None]) -> Result:
    """Replace every reference. `lookup` gives a variable's text, None if the repository does not tell it."""
    if templates.fills_in(template):
        return Result(None, templates.REASON, templates.known_part(template), template=True)
    if "$" not in template:
        return plain(template)
    try:
        return _Template(template, lookup).run()
    except _MalformedError:
        return Result(None, "Compose refuses this `${…}`; a literal dollar is written `$$`")


_UNNAMED: Final = "a `$` in it begins the name of a variable that comes from outside the repository"


def _reference_to(name: str, text: str | None) -> Result:
    return Result(text, single=name, names=(name,))


class _MalformedError(Exception):
    """Compose would refuse the template."""


class _Template:
    def __init__(self, text: str, lookup: Callable[[str], str | None], depth: int = 0) -> None:
        self._text = text
        self._lookup = lookup
        self._depth = depth

    def run(self) -> Result:
        known: list[str] = []
        unattended: list[str | None] = []
        reasons: list[str] = []
        names: list[str] = []
        literal: list[str] = []
        text, position, length, single, defaulted, lost = self._text, 0, 0, "", True, ""
        while position < len(text):
            dollar = text.find("$", position)
            if dollar < 0:
                dollar = len(text)
            known.append(text[position:dollar])
            literal.append(text[position:dollar])
            unattended.append(text[position:dollar])
            if dollar == len(text):
                break
            result, end = self._reference(dollar)
            if dollar == 0 and end == len(text):
                single = result.single
            known.append(result.text or "")
            length += dollar - position + len(result.text or "")
            names.extend(result.names)
            literal.append(result.literal)
            unattended.append(result.unattended)
            if result.text is None:
                reasons.append(result.reason)
                defaulted = defaulted and result.defaulted
                name = text[dollar + 1 : end]
                if not lost and not name.startswith("{") and reads_like_text(text, dollar, name):
                    lost = name
            if length > _MAX_LENGTH:
                raise _MalformedError
            position = end
        if not reasons:
            return Result("".join(known), single=single, names=tuple(names), literal="".join(literal))
        parts = [part for part in unattended if part is not None]
        fallback = "".join(parts) if len(parts) == len(unattended) else None
        # The name behind such a `$` is a part of a secret: it is not named.
        return Result(None, _UNNAMED if lost else reasons[0], fallback, defaulted, accident=lost)

    def _reference(self, dollar: int) -> tuple[Result, int]:
        text = self._text
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            return plain("$"), dollar + 2
        if following == "{":
            end = self._closing(dollar + 2)
            return self._braced(text[dollar + 2 : end]), end + 1
        name = _NAME.match(text, dollar + 1)
        if name is None:  # what begins neither a name nor `${…}` stays as it is (`pa$!`)
            return plain("$"), dollar + 1
        return self._plain(name[0]), name.end()

    def _closing(self, start: int) -> int:
        """The `}` that belongs to the `${` before `start`."""
        depth = 1
        for index in range(start, len(self._text)):
            if self._text.startswith("${", index):
                depth += 1
            elif self._text[index] == "}":
                depth -= 1
                if depth == 0:
                    return index
        raise _MalformedError

    def _plain(self, name: str) -> Result:
        text = self._lookup(name)
        if text is None:
            return Result(None, f"`${{{name}}}` comes from outside the repository", "")
        return _reference_to(name, text)

    def _braced(self, inner: str) -> Result:
        name = _NAME.match(inner)
        if name is None:
            raise _MalformedError
        rest = inner[name.end() :]
        if not rest:
            return self._plain(name[0])
        operator = rest[:2] if rest[:2] in {":-", ":?", ":+"} else rest[:1]
        if operator not in {":-", ":?", ":+", "-", "?", "+"}:
            raise _MalformedError
        return self._conditional(name[0], operator, rest[len(operator) :])

    def _conditional(self, name: str, operator: str, word: str) -> Result:
        text = self._lookup(name)
        outside = f"`${{{name}}}` comes from outside the repository"
        counts = text is not None and (text != "" or not operator.startswith(":"))
        if operator.endswith("?"):
            return (
                _reference_to(name, text)
                if counts
                else Result(None, f"`${{{name}}}` must be given from outside the repository")
            )
        if operator.endswith("+"):
            if text is None:
                return Result(None, outside, "")
            return self._word(word) if counts else Result("")
        if counts:
            return _reference_to(name, text)
        default = self._word(word)
        # A known empty text takes the default; an unknown one only when nothing is given from outside.
        if text is not None:
            return default
        return Result(None, outside, default.unattended, default.text is not None or default.defaulted)

    def _word(self, word: str) -> Result:
        if self._depth >= _MAX_NESTING:
            raise _MalformedError
        return _Template(word, self._lookup, self._depth + 1).run()
