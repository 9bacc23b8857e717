"""Two members who are one person become one. There is no way back: a preview shows everything first.

A merge is decided by `merge_members` alone, as of the moment at which it runs: whoever wants to wait before it (for
somebody to object) calls it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from config.outbox import publishing as outbox
from config.outbox.models import IdempotencyKey
from members.events import MembersMerged
from members.models import Member
from members.selectors.growth import qualifying_growth
from members.services import belongings, broadcasts, devices, invitations, tiers
from members.services.adjustments import MemberMerged
from members.services.belongings import Moved
from members.services.locks import lock_members, lock_phone
from points import ledger

_ALONE = ["name", "gender", "region_code", "profile_completed_at"]
_BIRTHDAY = [
    *("birthday", "birthday_month_day", "birth_year"),
    *("birthday_calendar", "birthday_is_leap", "birthday_changed_at"),
]
_PHONE = ["phone", "phone_index", "phone_last4"]


class SameMember(DomainError):
    """A member is no duplicate of itself."""

    code: ClassVar[str] = "same_member"
    message: ClassVar[str] = "不能把会员合并到自己"


class MemberNotActive(DomainError):
    """Only active members are merged: what was frozen must not come free by it. Facts: number, status (in words)."""

    code: ClassVar[str] = "member_not_active"
    message: ClassVar[str] = "会员 {number} {status}，不能合并"


class PointsHeld(DomainError):
    """An unpaid order holds points. Facts: number."""

    code: ClassVar[str] = "points_held"
    message: ClassVar[str] = "会员 {number} 有未付款订单冻结着积分，请等它付款或取消后再合并"


@transaction_required
def merge_members(*, source_id: int, target_id: int, at: datetime) -> Moved | None:
    """Move all that the duplicate `source` has to `target` and close it; None: that was done before.

    Points and growth keep their lots; the target stands on the higher of both tiers or where the growth of both leads;
    whoever comes by the duplicate's phone is led to the target. Rooms above re-point their rows after MembersMerged.
    Raises NotFound, SameMember, MemberMerged, MemberNotActive, PointsHeld.
    """
    source, target = _lock_both(source_id, target_id)
    if source.merged_into_id == target_id:
        return None
    _check(source, target)
    broadcasts.keep_places(source_id=source.pk, target_id=target.pk)
    _merge_accounts(source, target, at)
    moved = belongings.move(source=source, target=target, at=at)
    invitations.repoint(source_id=source.pk, target_id=target.pk, at=at)
    _close(source, target, at)
    _fill(source, target)
    tiers.reevaluate_merged(member_id=target.pk, other_tier_id=source.tier_id, at=at, cause=f"merge:{source.pk}")
    outbox.publish(MembersMerged(member_id=target.pk, source_member_id=source.pk, at=at))
    return moved


def _lock_both(source_id: int, target_id: int) -> tuple[Member, Member]:
    """Locks in the house's order: phones, ledger accounts by id, members by id."""
    if source_id == target_id:
        raise SameMember()
    known = Member.objects.in_bulk([source_id, target_id])
    if len(known) < 2:
        raise NotFound()
    for index in sorted(member.phone_index for member in known.values() if member.phone_index):
        lock_phone(index)
    accounts = [account for m in known.values() for account in (m.points_account_id, m.growth_account_id)]
    ledger.lock(accounts=sorted(accounts))
    locked = lock_members([source_id, target_id])
    return locked[source_id], locked[target_id]


def _check(source: Member, target: Member) -> None:
    for member in (source, target):
        if member.merged_into is not None:
            raise MemberMerged(number=member.merged_into.number)
        if member.status != Member.Status.ACTIVE:
            raise MemberNotActive(number=member.number, status=member.get_status_display())


def _merge_accounts(source: Member, target: Member, at: datetime) -> None:
    pairs = [
        (source.points_account_id, target.points_account_id),
        (source.growth_account_id, target.growth_account_id),
    ]
    try:
        for one, other in pairs:
            ledger.merge(source=one, target=other, key=f"merge:{source.pk}", at=at, reason="duplicate")
    except ledger.HoldOpen as error:
        holder = source if error.facts["account"] in (source.points_account_id, source.growth_account_id) else target
        raise PointsHeld(number=holder.number) from error


def _close(source: Member, target: Member, at: datetime) -> None:
    """Close the duplicate. Its log-in becomes the target's, or ends when the target has one."""
    user = source.user
    source.user, source.status, source.merged_into, source.merged_at = None, Member.Status.CLOSED, target, at
    source.save(update_fields=["user", "status", "merged_into", "merged_at"])
    if user is None:
        return
    if target.user_id is None:
        target.user, target.agreed_version = user, max(target.agreed_version, source.agreed_version)
        target.save(update_fields=["user", "agreed_version"])
        return
    devices.hand_over(user_id=user.pk, to_user_id=target.user_id, at=at)
    IdempotencyKey.objects.filter(scope=f"user:{user.pk}").delete()
    user.set_unusable_password()
    user.is_active = False
    user.save(update_fields=["is_active", "password"])


def _fill(source: Member, target: Member) -> None:
    """What the target lacks it takes over; a phone that it doesn't need stays where it was and leads to the target."""
    filled: list[str] = []
    if not target.phone_index and source.phone_index:
        filled += _take(source, target, _PHONE)
        source.phone, source.phone_index, source.phone_last4 = "", None, ""
        source.save(update_fields=_PHONE)
    if not target.birthday and source.birthday:
        filled += _take(source, target, _BIRTHDAY)
    filled += [name for name in _ALONE if not getattr(target, name) and _take(source, target, [name])]
    if filled:
        target.save(update_fields=filled)


def _take(source: Member, target: Member, names: Sequence[str]) -> list[str]:
    for name in names:
        setattr(target, name, getattr(source, name))
    return list(names)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A member with the balances of both accounts."""

    member: Member
    points: ledger.Balance
    growth: int


@dataclass(frozen=True, kw_only=True)
class MergePreview:
    """Exactly what a merge at this moment does; `takes_over` names the fields that the target lacks."""

    source: Side
    target: Side
    after: Side
    moved: Moved
    takes_over: tuple[str, ...]


@transaction_required
def preview_merge(*, source_id: int, target_id: int, at: datetime) -> MergePreview:
    """What `merge_members` would do now: it is done, looked at, and undone. Raises what it raises, and MemberMerged."""
    with transaction.atomic():
        before, duplicate = _side(target_id, at), _side(source_id, at)
        moved = merge_members(source_id=source_id, target_id=target_id, at=at)
        after = _side(target_id, at)
        transaction.set_rollback(True)
    if moved is None:
        raise MemberMerged(number=before.member.number)
    had, has = before.member, after.member
    return MergePreview(
        source=duplicate,
        target=before,
        after=after,
        moved=moved,
        takes_over=tuple(
            name
            for name in ("phone", "name", "birthday", "gender", "region_code")
            if getattr(has, name) and not getattr(had, name)
        ),
    )


def _side(member_id: int, at: datetime) -> Side:
    member = Member.objects.select_related("tier").filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    return Side(
        member=member,
        points=ledger.balance(account=member.points_account_id, at=at),
        growth=qualifying_growth(moments={member.growth_account_id: at})[member.growth_account_id],
    )
