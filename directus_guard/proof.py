"""What came of carrying ways to administrator out on a throw-away server. Plain frozen data without imports of the package."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ProofStatus(StrEnum):
    """What came of carrying a way to administrator out on a throw-away server."""

    PROVEN = "proven"
    REFUTED = "refuted"
    """The requests were sent, and no account is an administrator's."""
    NOT_RUN = "not run"


class Attempt(Struct, frozen=True):
    """What came of the way of one principal. All texts are safe to show."""

    principal: str
    status: ProofStatus
    reason: str = ""
    """Of what is not proven: why; a phrase."""
    requests: tuple[str, ...] = ()
    """What was sent, and the status of each answer, without bodies."""
    sure: bool = True
    """Whether the way was reported for sure. Then a refuted one is a bug in this program."""
    replaced: tuple[str, ...] = ()
    """What something else was in the place of, because nothing may leave the server: phrases."""


class Proof(Struct, frozen=True):
    """What came of carrying the ways of a finding out."""

    directus: str
    """The version of the server."""
    database: str
    """The database below it, as Directus names it."""
    attempts: tuple[Attempt, ...]

    @property
    def status(self) -> ProofStatus:
        """Refuted if a way is; proven if one is and none is refuted."""
        found = {one.status for one in self.attempts}
        return next((one for one in (ProofStatus.REFUTED, ProofStatus.PROVEN) if one in found), ProofStatus.NOT_RUN)

    @property
    def is_bug(self) -> bool:
        """Whether a way is refuted that was reported for sure."""
        return any(one.status is ProofStatus.REFUTED and one.sure for one in self.attempts)

    @property
    def reason(self) -> str:
        """Why it is not proven, where it is not."""
        return next((one.reason for one in self.attempts if one.status is self.status), "")
