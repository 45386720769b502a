"""What of an export, an instance or a deployment is not known, and why: a check that rests on it cannot pass."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ExportPart(StrEnum):
    """A part of a configuration that checks rest on, or that its judgement does."""

    PERMISSIONS = "permissions"
    HIDDEN_ROWS = "hidden rows"
    """Permission rows that 12 Core does not show."""
    POLICIES = "policies"
    """Policies and what they switch on; on 10 what roles switch on."""
    ATTACHMENTS = "attachments"
    """Who has which policy."""
    POLICY = "policy"
    """Whom one policy is attached to; the gap's subject is its id."""
    USER_POLICIES = "user policies"
    """Policies attached to users."""
    PARENTS = "parents"
    """Which roles there are, and what they inherit."""
    ADDRESSES = "addresses"
    """From where policies may be used."""
    SECOND_FACTOR = "second factor"
    USERS = "users"
    FLOWS = "flows"
    OPERATIONS = "operations"
    SETTINGS = "settings"
    """All settings, or the one that is the gap's subject."""
    DATA_MODEL = "data model"
    UNREAD_FILES = "unread files"
    """Files of the export that could not be read: anything may stand in them."""
    VERSION = "version"
    EDITION = "edition"


class InstancePart(StrEnum):
    """A part of what a running instance is asked."""

    EVERYTHING = "everything"
    SIGHT = "sight"
    """How much the token sees."""
    LISTED = "listed"
    """What the OpenAPI document shows to anonymous visitors."""
    CORS = "cors"
    SHARES = "shares"
    EXTENSIONS = "extensions"


class MatchPart(StrEnum):
    """What may not be known of the deployments that run an export."""

    CERTAINTY = "certainty"
    """Whether those that were found are the ones. The reason is a sentence for findings."""
    DEPLOYMENT = "deployment"
    """A deployment that must be assumed, and that the repository does not show."""


class DeploymentPart(StrEnum):
    """What may not be known of the variables of a deployment. The reason is a phrase for people."""

    VARIABLES = "variables"
    """Variables that another place may set (`env_file .env is not in the repository`)."""
    UNREAD = "unread variables"
    """Text of the repository that gives variables and could not be read. Secrets may be in it."""


Part: TypeAlias = ExportPart | InstancePart | MatchPart | DeploymentPart

LICENCE_UNKNOWN: Final = (
    "it is not known whether Directus 12 has a licence; judged as licensed, give `--edition core` otherwise"
)


class Gap(Struct, frozen=True):
    """One thing that is not known. `reason` is a phrase; `subject` names what of the part, "" = all of it."""

    part: Part
    reason: str
    subject: str = ""
    optional: bool = False
    """Whether it is a table that exporters may leave out on purpose."""

    @property
    def name(self) -> str:
        """Its name in JSON: the part, and what of it."""
        return f"{self.part} {self.subject}".rstrip()


class Gaps:
    """Collects gaps, one for each part and subject. They come out in the order in which they were first noted."""

    def __init__(self, gaps: Iterable[Gap] = ()) -> None:
        self._gaps: Final = {(gap.part, gap.subject): gap for gap in gaps}

    def note(self, part: Part, reason: str, subject: str = "") -> None:
        """Note a gap, unless one of the same part and subject is known: the first reason is the most exact."""
        self._gaps.setdefault((part, subject), Gap(part, reason, subject))

    def overrule(self, part: Part, reason: str, subject: str = "", *, optional: bool = False) -> None:
        """Note a gap in place of one of the same part and subject."""
        self._gaps[part, subject] = Gap(part, reason, subject, optional)

    def take(self, part: Part) -> Gap | None:
        """The gap of a whole part, which is no longer noted then."""
        return self._gaps.pop((part, ""), None)

    def reason(self, part: Part, subject: str = "") -> str | None:
        """Why a part, or what of it, is not known; None = it is."""
        found = self._gaps.get((part, subject))
        return found.reason if found else None

    def __contains__(self, part: object) -> bool:
        return (part, "") in self._gaps

    def __iter__(self) -> Iterator[Gap]:
        return iter(tuple(self._gaps.values()))


def unseen(reason: str) -> Gap:
    """Variables that a place outside of the repository may set."""
    return Gap(DeploymentPart.VARIABLES, reason)


def not_readable(subject: str) -> Gap:
    """Variables of a file or a patch that is in the repository and cannot be read."""
    return Gap(DeploymentPart.UNREAD, f"{subject} is not readable")


def filled_in_later(subject: str) -> Gap:
    """Variables of a template that gives a name or a part which is not known before it is filled in."""
    return Gap(DeploymentPart.UNREAD, f"{subject} is filled in later")


def reason_of(gaps: Iterable[Gap], part: Part) -> str:
    """Why a whole part is not known; "" = it is."""
    return next((gap.reason for gap in gaps if gap.part is part and not gap.subject), "")
