"""What the authority says to what it was notified, shown or told under an authorization without a case, and what follows. Pure.

A notice may be objected to until its days are over; that a license is required for a recipient may be said at any time ("is informed",
15 CFR 740.8, 744.21(b)).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    """Where a record stands after what was said, in order.

    `bar` is the sentence that keeps releases back, "" for none; `informed` whether it says that a license is required, which no later
    question and no voiding takes away.
    """

    last: Said | None = None
    bar: str = ""
    informed: bool = False
    asked: bool = False
    void: bool = False

    @property
    def status(self) -> str:
        """The word of `portal.statuses`."""
        if self.informed:
            return "license_informed"
        if self.void:
            return "voided"
        if self.asked:
            return "asked"
        if self.bar:
            return "objected"
        return {Said.ACKNOWLEDGED: "noted", Said.ANSWERED: "answered"}.get(self.last or Said.WITHDRAWN, "received")


def standing(said: Iterable[tuple[str, str]]) -> Standing:
    """Of what was said with which reason, the oldest first."""
    now = Standing()
    for kind, reason in said:
        now = _after(now, Said(kind), reason)
    return now


def _after(now: Standing, what: Said, reason: str) -> Standing:
    if what is Said.OBJECTED:
        return replace(now, last=what, bar=f"The authority objects: {reason}")
    if what is Said.INFORMED:
        return replace(now, last=what, bar=f"The authority requires a license: {reason}", informed=True)
    if what is Said.WITHDRAWN:
        return replace(now, last=what, bar="", informed=False)
    if what is Said.VOIDED:
        return replace(now, last=what, bar=now.bar if now.informed else "", asked=False, void=True)
    return replace(now, last=what, asked=what is Said.ASKED or (now.asked and what is not Said.ANSWERED))


def may_say(now: Standing, *, notice: bool, in_time: bool, report: bool) -> Sequence[Said]:
    """What an officer may say next. `in_time` is whether the days of a notice still run; reports are corrected, not voided."""
    if now.void:
        return [Said.WITHDRAWN] if now.bar else []
    may = [
        (Said.ACKNOWLEDGED, now.last is not Said.ACKNOWLEDGED and not now.bar and not now.asked),
        (Said.OBJECTED, notice and in_time and not now.bar),
        (Said.INFORMED, not now.informed),
        (Said.WITHDRAWN, bool(now.bar)),
        (Said.ASKED, not now.asked),
        (Said.VOIDED, not report),
    ]
    return [each for each, allowed in may if allowed]


def bars(records: Iterable[tuple[bool, Standing]]) -> list[str]:
    """What keeps a release to a recipient back: of each record, whether it concerns this model, and where it stands."""
    told = []
    for concerns, now in records:
        if now.bar and (concerns or now.informed):
            told.append(now.bar)
        if now.asked and concerns:
            told.append("Answer the question of the authority first.")
    return list(dict.fromkeys(told))
