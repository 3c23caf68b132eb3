"""What the authority says to what it was notified, shown or told under an authorization without a case, and what follows. Pure.

A notice may be objected to until its days are over; that a license is required for a recipient may be said at any time ("is informed",
15 CFR 740.8, 744.21(b)).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Said(StrEnum):
    """What can be said about a record; all but `ANSWERED` by an officer of the authority."""

    ACKNOWLEDGED = "acknowledged"
    OBJECTED = "objected"
    INFORMED = "informed"
    WITHDRAWN = "withdrawn"
    ASKED = "asked"
    ANSWERED = "answered"
    VOIDED = "voided"


WORDS = {
    Said.ACKNOWLEDGED: "Acknowledge",
    Said.OBJECTED: "Object",
    Said.INFORMED: "Inform the company that a license is required",
    Said.WITHDRAWN: "Take back what was objected or informed",
    Said.ASKED: "Ask the company",
    Said.VOIDED: "Void it: it counts as not done",
}


@dataclass(frozen=True)
class Standing:
    """Where a record stands after what was said, in order; `bar` is the sentence that keeps releases back, "" for none."""

    last: Said | None = None
    bar: str = ""
    asked: bool = False
    void: bool = False

    @property
    def status(self) -> str:
        """The word of `portal.statuses`."""
        if self.void:
            return "voided"
        if self.asked:
            return "asked"
        if self.bar:
            return "license_informed" if self.last is Said.INFORMED else "objected"
        return (
            "acknowledged"
            if self.last is Said.ACKNOWLEDGED
            else "answered"
            if self.last is Said.ANSWERED
            else "received"
        )


def standing(said: Iterable[tuple[str, str]]) -> Standing:
    """Of what was said with which reason, the oldest first."""
    now = Standing()
    for kind, reason in said:
        what = Said(kind)
        bars = {
            Said.OBJECTED: f"The authority objects: {reason}",
            Said.INFORMED: f"The authority requires a license: {reason}",
        }
        bar = "" if what in (Said.WITHDRAWN, Said.VOIDED) else bars.get(what, now.bar)
        now = Standing(
            what, bar, what is Said.ASKED or (now.asked and what is not Said.ANSWERED), now.void or what is Said.VOIDED
        )
    return now


def may_say(now: Standing, *, notice: bool, in_time: bool, report: bool) -> Sequence[Said]:
    """What an officer may say next. `in_time` is whether the days of a notice still run; reports are corrected, not voided."""
    if now.void:
        return ()
    may = [
        (Said.ACKNOWLEDGED, now.last is not Said.ACKNOWLEDGED and not now.bar and not now.asked),
        (Said.OBJECTED, notice and in_time and not now.bar),
        (Said.INFORMED, not now.bar),
        (Said.WITHDRAWN, bool(now.bar)),
        (Said.ASKED, not now.asked),
        (Said.VOIDED, not report),
    ]
    return [each for each, allowed in may if allowed]


def bars(records: Iterable[tuple[bool, Standing]]) -> list[str]:
    """What keeps a release to a recipient back: of each record, whether it concerns this model, and where it stands."""
    told = []
    for concerns, now in records:
        if now.bar and (concerns or now.last is Said.INFORMED):
            told.append(now.bar)
        if now.asked and concerns:
            told.append("Answer the question of the authority first.")
    return list(dict.fromkeys(told))
