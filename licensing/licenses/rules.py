"""License numbers, validity and status, as pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FORMAT = "AIX-{jurisdiction}-{kind}-{year}-{serial:07d}-{revision}"


def check_character(text: str) -> str:
    """The check character of letters and digits after ISO 7064, MOD 37,36.

    Finds every single wrong character and nearly every swap of two neighbors.
    """
    product = 36
    for character in text:
        total = (product + ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(1 - product) % 36]


def license_number(*, jurisdiction: str, kind: str, year: int, serial: int, revision: str = "A") -> str:
    """A license number, e.g. `AIX-US-IND-2026-0000001-A-7`.

    `jurisdiction` ISO 3166-1 alpha-2, `kind` three letters, `serial` counts from 1 in each year, `revision` one letter.
    """
    stem = FORMAT.format(jurisdiction=jurisdiction, kind=kind, year=year, serial=serial, revision=revision)
    return f"{stem}-{check_character(stem.replace('-', ''))}"


def next_revision(number: str) -> str:
    """The number of the next revision of a license. Raises ValueError after revision Z."""
    stem, revision, _ = number.rsplit("-", 2)
    if revision == "Z":
        raise ValueError(f"{number} is the last revision that there can be")
    stem = f"{stem}-{chr(ord(revision) + 1)}"
    return f"{stem}-{check_character(stem.replace('-', ''))}"


def normalized_number(text: str) -> str | None:
    """The number as we write it, from what somebody typed; None when it cannot be one of ours (form or check character)."""
    compact = "".join(character for character in text.upper() if character.isalnum())
    if len(compact) != 21 or not compact.isascii() or not compact.startswith("AIX"):
        return None
    body, check = compact[:-1], compact[-1]
    if check_character(body) != check or not body[8:19].isdigit():
        return None
    return "-".join((body[:3], body[3:5], body[5:8], body[8:12], body[12:19], body[19], check))


class Status(StrEnum):
    """What a license is at an instant. The first three are in force; nothing may be done under any other."""

    VALID = "valid"
    REINSTATED = "reinstated"
    STAYED = "stayed"
    NOT_BEGUN = "not_begun"
    SUSPENDED = "suspended"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REPLACED = "replaced"
    SURRENDERED = "surrendered"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    VOID = "void"

    @property
    def in_force(self) -> bool:
        return self in (Status.VALID, Status.REINSTATED, Status.STAYED)

    @property
    def for_good(self) -> bool:
        """Whether nothing but setting it aside, or a correction of what was drawn, brings the license back."""
        return not self.in_force and self not in (Status.NOT_BEGUN, Status.SUSPENDED)


Span = tuple[datetime, datetime | None]  # from an instant until another, or open


def _within(span: Span, at: datetime) -> bool:
    return span[0] <= at and (span[1] is None or at < span[1])


@dataclass(frozen=True)
class Stop:
    """A suspension or exhaustion: from an instant until another, or open; whether somebody lifted it, and it did not just run out; when
    it had no effect, because it was stayed on appeal (15 CFR 756.2(e)).
    """

    from_at: datetime
    until_at: datetime | None = None
    lifted: bool = False
    stays: tuple[Span, ...] = ()

    def ordered(self, at: datetime) -> bool:
        return _within((self.from_at, self.until_at), at)

    def stayed(self, at: datetime) -> bool:
        return self.ordered(at) and any(_within(stay, at) for stay in self.stays)

    def stands(self, at: datetime) -> bool:
        return self.ordered(at) and not self.stayed(at)

    def brought_back(self, at: datetime) -> bool:
        return self.lifted and self.until_at is not None and self.until_at <= at

    def turns(self) -> Iterator[datetime]:
        """When it begins to bar use: at first, and each time that a stay ends."""
        yield self.from_at
        yield from (until for _, until in self.stays if until is not None)


@dataclass(frozen=True)
class End(Stop):
    """A confirmed ending of a kind that is a `Status`; `until_at` is when it was set aside."""

    kind: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything that the status of a license follows from."""

    valid_from: datetime
    valid_until: datetime
    suspensions: tuple[Stop, ...] = ()
    endings: tuple[End, ...] = ()
    replaced_at: datetime | None = None
    exhausted: tuple[Stop, ...] = ()


def status(facts: Facts, at: datetime) -> Status:
    """The status at an instant, from records alone: nothing is counted down, so nothing is missed by an outage.

    What ended a license stands before what merely stops it. A license that a person brought back is reinstated (15 CFR 750.8); one that is
    in force only because what stands against it is stayed says so.
    """
    for end in facts.endings:
        if end.stands(at):
            return Status(end.kind)
    if facts.replaced_at is not None and facts.replaced_at <= at:
        return Status.REPLACED
    if at >= facts.valid_until:
        return Status.EXPIRED
    if any(stop.stands(at) for stop in facts.exhausted):
        return Status.EXHAUSTED
    if any(stop.stands(at) for stop in facts.suspensions):
        return Status.SUSPENDED
    if at < facts.valid_from:
        return Status.NOT_BEGUN
    measures = (*facts.suspensions, *facts.endings)
    if any(measure.stayed(at) for measure in measures):
        return Status.STAYED
    return Status.REINSTATED if any(measure.brought_back(at) for measure in measures) else Status.VALID


def first_bar(facts: Facts, begins: datetime, ends: datetime) -> tuple[datetime, Status] | None:
    """The first instant from `begins` to just before `ends` at which nothing may be done, and the status then; None for none.

    An instant of use is a period of no length.
    """
    turns = [turn for stop in (*facts.suspensions, *facts.exhausted, *facts.endings) for turn in stop.turns()]
    turns += [facts.valid_until, *([facts.replaced_at] if facts.replaced_at else [])]
    for at in (begins, *sorted(turn for turn in turns if begins < turn < ends)):
        found = status(facts, at)
        if not found.in_force:
            return at, found
    return None
