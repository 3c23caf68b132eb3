"""What an authorization without a case asks for, and what of it is not done. Pure: the figures stand in the published data.

License exceptions of the AI diffusion framework (15 CFR 740.8, 740.27, 740.29) and general authorizations (Regulation (EU) 2021/821,
Article 12) ask for one or more of these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class Duties:
    """`certification` and `registration` are keys of texts; quantities are in `unit`; `report_months` is how often use is reported."""

    registration: str = ""
    certification: str = ""
    notice_days: int | None = None
    notice_from: Decimal = Decimal(0)
    filing_from: Decimal | None = None
    cap_per_year: Decimal | None = None
    report_months: int = 0
    unit: str = ""

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Duties":
        """From the `duties` of a publication."""
        numbers = ("notice_from", "filing_from", "cap_per_year")
        given: dict[str, Any] = {
            name: Decimal(str(value)) if name in numbers else value for name, value in content.items()
        }
        return cls(**given)

    @property
    def counted(self) -> bool:
        """Whether a quantity matters."""
        return self.cap_per_year is not None or self.filing_from is not None or self.notice_from > 0

    def sentences(self) -> list[str]:
        """What is asked for, for people, in the order in which it is done."""
        told = ["Register before the first use."] if self.registration else []
        told += ["Keep a certification of each recipient."] if self.certification else []
        if self.notice_days is not None:
            least = f" of {figure(self.notice_from)} {self.unit} or more" if self.notice_from else ""
            wait = f", and wait {self.notice_days} days" if self.notice_days else ""
            told.append(f"Notify the authority of each release{least}{wait}.")
        if self.cap_per_year is not None:
            told.append(f"At most {figure(self.cap_per_year)} {self.unit} for each recipient in a calendar year.")
        if self.filing_from is not None:
            told.append(
                f"File the certification when a recipient has reached {figure(self.filing_from)} {self.unit} in all."
            )
        told += [f"Report use every {self.report_months} months."] if self.report_months else []
        return told


@dataclass(frozen=True)
class Use:
    """A reported quantity; a correction has its sign."""

    quantity: Decimal
    used_on: date


@dataclass(frozen=True)
class Done:
    """What an organization has done about an authorization for one recipient; `bars` is what the authority holds against it."""

    registered_at: datetime | None = None
    certified_at: datetime | None = None
    notified_at: datetime | None = None
    filed_at: datetime | None = None
    reported_at: datetime | None = None
    uses: Sequence[Use] = ()
    bars: Sequence[str] = ()

    def used_in(self, year: int) -> Decimal:
        return sum((use.quantity for use in self.uses if use.used_on.year == year), Decimal(0))

    @property
    def used(self) -> Decimal:
        return sum((use.quantity for use in self.uses), Decimal(0))


def unmet(duties: Duties, done: Done, quantity: Decimal | None, at: datetime) -> list[str]:
    """What stands against a release of so much at an instant, a sentence each with the mend; empty when nothing does."""
    if duties.counted and quantity is None:
        return [f"State the quantity in {duties.unit}."]
    told = list(done.bars)
    if duties.registration and not _by(done.registered_at, at):
        told.append("Register for it first.")
    if duties.certification and not _by(done.certified_at, at):
        told.append("Keep a certification of this recipient first.")
    told += [limit.otherwise for limit in limits(duties, done, at) if limit.exceeded_by(quantity or Decimal(0))]
    if due := report_due(duties, done):
        told += [f"Report use first: a report was due on {due:%B} {due.day}, {due.year}."] if at > due else []
    return told


@dataclass(frozen=True)
class Limit:
    """How much may go in one release: at most so much, or less than so much; `otherwise` is the sentence for who asks for more."""

    quantity: Decimal
    otherwise: str
    reaching: bool = False

    def exceeded_by(self, quantity: Decimal) -> bool:
        return quantity >= self.quantity if self.reaching else quantity > self.quantity


def limits(duties: Duties, done: Done, at: datetime) -> list[Limit]:
    """What the duties that are not done leave room for, at an instant."""
    found = []
    if (waiting := _waiting(duties, done, at)) is not None:
        found.append(Limit(duties.notice_from, waiting, reaching=True))
    if duties.cap_per_year is not None:
        left = max(duties.cap_per_year - done.used_in(at.year), Decimal(0))
        found.append(
            Limit(left, f"Of this year's {figure(duties.cap_per_year)} {duties.unit}, {figure(left)} are left.")
        )
    if duties.filing_from is not None and not _by(done.filed_at, at):
        sentence = f"File the certification first: the recipient reaches {figure(duties.filing_from)} {duties.unit}."
        found.append(Limit(duties.filing_from - done.used, sentence, reaching=True))
    return found


def _by(done_at: datetime | None, at: datetime) -> bool:
    return done_at is not None and done_at <= at


def _waiting(duties: Duties, done: Done, at: datetime) -> str | None:
    """Why a release of which a notice is given has to wait."""
    if duties.notice_days is None:
        return None
    if done.notified_at is None or done.notified_at > at:
        return "Notify the authority of this release first."
    free_at = done.notified_at + timedelta(days=duties.notice_days)
    if at < free_at:
        return f"Wait until {free_at:%B} {free_at.day}, {free_at.year}: {duties.notice_days} days after the notice."
    return None


def report_due(duties: Duties, done: Done) -> datetime | None:
    """When the next report of use is due: so many months after the last one, or after the registration."""
    since = done.reported_at or done.registered_at
    if not duties.report_months or since is None:
        return None
    due: datetime = since + relativedelta(months=duties.report_months)
    return due


def figure(quantity: Decimal) -> str:
    """`26,900,000`; a fraction only where there is one."""
    return f"{quantity:,.0f}" if quantity == quantity.to_integral_value() else f"{quantity:,.2f}"
