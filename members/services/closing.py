"""Closing an account: asked for, taken back within days, then done for good.

Points and growth are given up by an entry each, everything that names the person is erased, orders stay without a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Q

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from config.core.time import local_date
from members.models import Closing, Member, Subscription
from members.ports import personal_parts
from members.services import data_exports
from members.services.erasing import erase
from members.services.locks import lock_members, lock_phone
from members.services.registration import MemberFrozen
from points import ledger


class MattersOpen(DomainError):
    """Something must end first. Facts: matters (in words)."""

    code: ClassVar[str] = "matters_open"
    message: ClassVar[str] = "还不能注销：{matters}"


class AlreadyClosing(DomainError):
    """The member has asked before. Facts: day (in words)."""

    code: ClassVar[str] = "already_closing"
    message: ClassVar[str] = "已经申请过注销，将于 {day} 生效"


class NotClosing(DomainError):
    """There is nothing to take back."""

    code: ClassVar[str] = "not_closing"
    message: ClassVar[str] = "没有可撤销的注销申请"


class AccountClosing(DomainError):
    """The member has asked to close the account; nothing but taking that back is possible."""

    code: ClassVar[str] = "account_closing"
    message: ClassVar[str] = "账号正在注销中，撤销注销后才能继续使用"
    http_status: ClassVar[int] = 403
    public_facts: ClassVar[Mapping[str, str]] = {}


@dataclass(frozen=True, kw_only=True)
class WhatIsLost:
    """What a member gives up by leaving, and what must end before."""

    points: int
    growth: int
    paid_membership: bool
    paid_until: datetime | None  # none with paid membership: for life
    matters: tuple[str, ...]
    days: int


@dataclass(frozen=True, kw_only=True)
class ClosingChunk:
    """What one chunk of due closings did; `last_id` is where the next one goes on, None at the end."""

    closing_ids: tuple[int, ...]
    last_id: int | None


@transaction_required
def what_is_lost(*, member_id: int, at: datetime) -> WhatIsLost:
    """What closing the account now would take away and what stands in its way. Raises NotFound."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    points = ledger.balance(account=member.points_account_id, at=at)
    growth = ledger.balance(account=member.growth_account_id, at=at)
    return WhatIsLost(
        points=points.spendable + points.pending,
        growth=growth.spendable,
        **_paid(member_id, at),
        matters=tuple(_open_matters([member_id], points.held, at)),
        days=policies.current().closing_days,
    )


@transaction_required
def ask_to_close(*, member_id: int, channel: str, at: datetime) -> datetime:
    """When the account will be closed; until then only taking it back is possible.

    Raises AlreadyClosing, MattersOpen, MemberFrozen: who was frozen meanwhile would thaw by taking it back.
    """
    member = lock_members([member_id])[member_id]
    if member.status == Member.Status.FROZEN:
        raise MemberFrozen()
    open_ = Closing.objects.filter(member=member, taken_back_at=None).first()
    if open_ is not None:
        raise AlreadyClosing(day=f"{local_date(open_.due_at):%Y-%m-%d}")
    matters = what_is_lost(member_id=member_id, at=at).matters
    if matters:
        raise MattersOpen(matters="；".join(matters))
    due_at = at + timedelta(days=policies.current().closing_days)
    Closing.objects.create(member=member, channel=channel, asked_at=at, due_at=due_at)
    member.status = Member.Status.CLOSING
    member.save(update_fields=["status"])
    return due_at


@transaction_required
def take_back(*, member_id: int, at: datetime) -> None:
    """Stay after all. Raises NotClosing."""
    member = lock_members([member_id])[member_id]
    taken = Closing.objects.filter(member=member, taken_back_at=None, done_at=None).update(taken_back_at=at)
    if not taken:
        raise NotClosing()
    if member.status == Member.Status.CLOSING:
        member.status = Member.Status.ACTIVE
        member.save(update_fields=["status"])


def due(*, at: datetime, after_id: int = 0, limit: int = 100) -> ClosingChunk:
    """The next closings whose time has come. One query."""
    rows = Closing.objects.filter(due_at__lte=at, done_at=None, taken_back_at=None, pk__gt=after_id).order_by("pk")
    ids = tuple(rows.values_list("pk", flat=True)[:limit])
    return ClosingChunk(closing_ids=ids, last_id=ids[-1] if len(ids) == limit else None)


@transaction_required
def close(*, closing_id: int, at: datetime) -> bool:
    """Close the account for good; False: it was done or taken back, or something still stands in its way."""
    closing = Closing.objects.filter(pk=closing_id).first()
    if closing is None:
        raise NotFound()
    rows = _lock_all(closing.member_id)
    closing.refresh_from_db()
    if closing.done_at is not None or closing.taken_back_at is not None or closing.due_at > at:
        return False
    member = next(row for row in rows if row.pk == closing.member_id)
    held = ledger.balance(account=member.points_account_id, at=at).held
    matters = _open_matters([row.pk for row in rows], held, at)
    if matters or member.status != Member.Status.CLOSING:
        closing.waits_for = "；".join(matters or [f"账号{member.get_status_display()}"])[:200]
        closing.save(update_fields=["waits_for"])
        return False
    given_up = ledger.close_account(account=member.points_account_id, at=at, reason="closing")
    ledger.close_account(account=member.growth_account_id, at=at, reason="closing")
    data_exports.drop_all(member_ids=[row.pk for row in rows])
    erase(members=rows, at=at)
    closing.done_at, closing.waits_for, closing.points = at, "", -(given_up.spendable + given_up.pending)
    closing.save(update_fields=["done_at", "waits_for", "points"])
    return True


def _lock_all(member_id: int) -> list[Member]:
    """The member and the duplicates merged into it: phones, ledger accounts and members locked in the house's order."""
    rows = list(Member.objects.filter(pk=member_id) | Member.objects.filter(merged_into_id=member_id))
    for index in sorted(row.phone_index for row in rows if row.phone_index):
        lock_phone(index)
    mine = next(row for row in rows if row.pk == member_id)
    ledger.lock(accounts=sorted([mine.points_account_id, mine.growth_account_id]))
    locked = lock_members([row.pk for row in rows])
    return [locked[pk] for pk in sorted(locked)]


def _paid(member_id: int, at: datetime) -> dict[str, Any]:
    live = Subscription.objects.filter(member_id=member_id, state=Subscription.State.LIVE)
    ends = list(live.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).values_list("ends_at", flat=True))
    return {
        "paid_membership": bool(ends),
        "paid_until": None if None in ends else max(filter(None, ends), default=None),
    }


def _open_matters(member_ids: list[int], held: int, at: datetime) -> list[str]:
    found = [matter for part in personal_parts() for matter in part.open_matters(member_ids, at)]
    return found or ([f"{held:,} 积分还冻结着"] if held else [])
