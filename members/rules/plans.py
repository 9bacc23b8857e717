"""Paid membership by the calendar and in cents: how stretches follow each other, what upgrades cost, what is refunded.

Days are Shanghai's.
"""

import calendar
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import NamedTuple

from config.core.money import proportional_part
from config.core.time import SHANGHAI, add_months, local_date


class PlanKind(StrEnum):
    """How long a plan lasts."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LIFETIME = "lifetime"


class RefundRule(StrEnum):
    """What of the fee comes back inside the window."""

    NONE = "none"
    FULL = "full"
    PRO_RATA = "pro_rata"
    MINUS_SAVINGS = "minus_savings"


MONTHS = {PlanKind.MONTH: 1, PlanKind.QUARTER: 3, PlanKind.YEAR: 12, PlanKind.LIFETIME: 0}


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long a stretch is: calendar months, or days; neither: for life."""

    months: int = 0
    days: int = 0

    @property
    def is_for_life(self) -> bool:
        return not (self.months or self.days)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of a member's paid time, `[starts_at, ends_at)`; no end: for life.

    Of `worth_cents` an upgrade counts what is left. `anchor_day` is the day of the month on which a run of months
    began: a renewal of the 31st that ended on 28 February goes on to 31 March.
    """

    id: int
    starts_at: datetime
    ends_at: datetime | None
    length: Length
    anchor_day: int
    worth_cents: int = 0

    def covers(self, at: datetime) -> bool:
        """Whether the stretch is running then."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class RefundTerms(NamedTuple):
    """By which rule a fee comes back, and for how many days after it was paid."""

    rule: str
    days: int

    @property
    def token(self) -> str:
        """The terms as a page or an app sends them back: those that the member read."""
        return f"{self.rule}:{self.days}"


def length_of(kind: str) -> Length:
    """How long a plan of that kind lasts."""
    return Length(months=MONTHS[PlanKind(kind)])


def end_of(*, starts_at: datetime, length: Length, anchor_day: int = 0) -> datetime | None:
    """When a stretch that begins then is over: the same Shanghai clock time so many months or days later, on the last
    day of a month that is too short; None for life."""
    if length.is_for_life:
        return None
    local = starts_at.astimezone(SHANGHAI)
    if length.days:
        return local + timedelta(days=length.days)
    month = add_months(local.date().replace(day=1), length.months)
    day = min(anchor_day or local.day, calendar.monthrange(month.year, month.month)[1])
    return datetime.combine(month.replace(day=day), local.timetz())


def following(*, id: int, last: Stretch | None, length: Length, worth_cents: int, at: datetime) -> Stretch:
    """The stretch behind the last one, or from `at` on when that is over or there is none."""
    goes_on = last is not None and last.ends_at is not None and last.ends_at > at
    starts_at = last.ends_at if goes_on and last and last.ends_at else at
    is_run = goes_on and last is not None and last.length.months and length.months
    anchor = last.anchor_day if is_run and last else starts_at.astimezone(SHANGHAI).day
    ends_at = end_of(starts_at=starts_at, length=length, anchor_day=anchor)
    return Stretch(
        id=id, starts_at=starts_at, ends_at=ends_at, length=length, anchor_day=anchor, worth_cents=worth_cents
    )


def lay(stretches: Sequence[Stretch], *, at: datetime) -> list[Stretch]:
    """The stretches in order without gap or overlap: what runs at `at` stays, the others follow.

    Of a second one that runs (two members became one) the days that are left follow. Nothing here is for life but the
    last.
    """
    ordered = sorted(stretches, key=lambda one: (one.starts_at, one.id))
    laid: list[Stretch] = []
    for one in ordered:
        if one.starts_at <= at and not laid:
            laid.append(one)
            continue
        length = one.length if one.starts_at > at or one.ends_at is None else Length(days=_days_left(one.ends_at, at))
        last = laid[-1] if laid else None
        laid.append(following(id=one.id, last=last, length=length, worth_cents=one.worth_cents, at=at))
    return laid


def _days_left(ends_at: datetime, at: datetime) -> int:
    """Whole days, a part of one is the member's."""
    return max(-((at - ends_at) // timedelta(days=1)), 1)


def days_passed(*, since: datetime, at: datetime) -> int:
    """Midnights since then; a day that has begun is not over."""
    return max((local_date(at) - local_date(since)).days, 0)


def left_of(*, cents: int, starts_at: datetime, ends_at: datetime | None, at: datetime) -> int:
    """What of an amount belongs to the days that are not over: all less floor(cents × days passed / days).

    What is for life never wears off.
    """
    if ends_at is None:
        return cents
    whole = max((local_date(ends_at) - local_date(starts_at)).days, 1)
    return cents - proportional_part(cents, min(days_passed(since=starts_at, at=at), whole), whole)


def upgrade_credit(*, stretches: Sequence[Stretch], at: datetime) -> int:
    """What the time that is left is worth towards another plan."""
    return sum(
        left_of(cents=one.worth_cents, starts_at=one.starts_at, ends_at=one.ends_at, at=at)
        for one in stretches
        if one.ends_at is None or one.ends_at > at
    )


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What was paid for one stretch, and what the member used of it."""

    paid_cents: int
    bought_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    saved_cents: int = 0


def refundable_until(*, bought_at: datetime, terms: RefundTerms) -> datetime | None:
    """The fee can be asked back before this instant; None: never."""
    if terms.rule == RefundRule.NONE:
        return None
    return bought_at + timedelta(days=terms.days)


def fee_refund(*, fee: Fee, terms: RefundTerms, at: datetime) -> int:
    """What comes back of the fee at that moment; 0 outside the window."""
    until = refundable_until(bought_at=fee.bought_at, terms=terms)
    if until is None or at >= until:
        return 0
    if terms.rule == RefundRule.PRO_RATA:
        return left_of(cents=fee.paid_cents, starts_at=fee.starts_at, ends_at=fee.ends_at, at=at)
    used = fee.saved_cents if terms.rule == RefundRule.MINUS_SAVINGS else 0
    return max(fee.paid_cents - max(used, 0), 0)


def refund_words(terms: RefundTerms) -> str:
    """The rule as the member reads it before buying."""
    window = f"购买后 {terms.days} 天内不满意可退会费"
    return {
        RefundRule.FULL: f"{window}，已付会费全额退回",
        RefundRule.PRO_RATA: f"{window}，按剩余天数占全部天数的比例退回，已过的天数不退",
        RefundRule.MINUS_SAVINGS: f"{window}，退回已付会费减去会员期内已省的金额，扣完为止",
    }.get(RefundRule(terms.rule), "开通后会费不退，请确认后购买")


def gift_taken_back(*, points: int, refunded_cents: int, paid_cents: int, rule: str) -> int:
    """What of the welcome gift goes back with the fee: all of it, or by the days that are left the same share.

    No rule charges the gift in money, so nothing of it is paid for twice.
    """
    if rule != RefundRule.PRO_RATA or paid_cents <= 0:
        return points
    return proportional_part(points, refunded_cents, paid_cents)


def gift_words(terms: RefundTerms) -> str:
    """What becomes of the welcome gift's points, behind the rule for the fee; empty when no fee comes back."""
    if terms.rule == RefundRule.NONE:
        return ""
    return "；开卡礼积分按同样比例扣回" if terms.rule == RefundRule.PRO_RATA else "；开卡礼积分全部扣回"


CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that reads like something else
CODE_LENGTH = 16  # 80 bits: not to be guessed


def shown_code(code: str) -> str:
    """A gift card's code as people read it, in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_code(text: str) -> str:
    """The code in whatever way it was typed: full width, small letters, spaces and dashes."""
    return "".join(one for one in unicodedata.normalize("NFKC", text[:100]).upper() if one.isalnum())


def break_even_cents(*, price_cents: int, discount: Decimal) -> int:
    """For how much one has to buy at full prices until the discount has saved the fee, in whole yuan; 0: never, or at
    once."""
    if discount >= 1 or price_cents <= 0:
        return 0
    yuan = (Decimal(price_cents) / (1 - discount) / 100).to_integral_value(ROUND_CEILING)
    return int(yuan) * 100
