"""What the room itself tells its members: points that lapse, moves on the ladder, merges, and unknown devices."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.utils.timezone import localtime

from config.core.db import transaction_required
from members.models import Device, Member, MergeRequest, Tier
from members.rules.statement import days_left, last_day
from members.services.messages import Sending, send, send_many

# an import brings a past that is no news, and a merge is explained where it was asked for
_NO_NEWS: Final = frozenset({"import", "history", "merge"})


@transaction_required
def tell_lapsing(*, account_id: int, points: int, lapses_at: datetime, at: datetime) -> None:
    """Remind the member of points that lapse then; too late, or nobody's account: nothing."""
    member_id = Member.objects.filter(points_account=account_id).values_list("pk", flat=True).first()
    if member_id is None or lapses_at <= at:
        return
    day, days = last_day(lapses_at), days_left(lapses_at, at=at)
    send(
        member_id=member_id,
        template="points_lapsing",
        context={"points": points, "date": day, "days": days},
        key=f"lapsing:{lapses_at:%Y%m%d%H%M}:{days}:{points}",
        at=at,
    )


@transaction_required
def tell_tier(*, member_id: int, old_code: str, new_code: str, cause: str, at: datetime) -> None:
    """Tell the member of the new tier, up or down."""
    if cause.partition(":")[0] in _NO_NEWS:
        return
    tiers = {tier.code: tier for tier in Tier.objects.filter(code__in=[old_code, new_code])}
    if len(tiers) < 2:  # one of them is gone, and so is the news
        return
    old, new = tiers[old_code], tiers[new_code]
    send(
        member_id=member_id,
        template="tier_up" if new.rank > old.rank else "tier_down",
        context={"tier": new.name, "old_tier": old.name},
        key=f"tier:{new_code}:{at.timestamp():.6f}",
        at=at,
    )


@transaction_required
def tell_tier_at_risk(
    *, member_id: int, tier_name: str, missing_growth: int, day: date, days: int, at: datetime
) -> None:
    """Warn the member that the tier ends on that day unless so much growth comes before."""
    send(
        member_id=member_id,
        template="tier_at_risk",
        context={"tier": tier_name, "growth": missing_growth, "date": day, "days": days},
        key=f"tier-at-risk:{day:%Y%m%d}:{days}",
        at=at,
    )


@transaction_required
def tell_merge_requested(*, member_id: int, source_member_id: int, due_at: datetime, at: datetime) -> None:
    """Tell both what will happen, when, and how to object; too late, or undone meanwhile: nothing."""
    waiting = MergeRequest.objects.filter(source=source_member_id, target=member_id, due_at__gt=at)
    if waiting.filter(status=MergeRequest.Status.PENDING).exists():
        key = f"merge-requested:{source_member_id}:{member_id}:{due_at.timestamp():.6f}"
        _tell_both("merge_requested", member_id, source_member_id, {"when": _moment(due_at)}, key, at)


@transaction_required
def tell_merge_cancelled(*, member_id: int, source_member_id: int, decided_at: datetime, at: datetime) -> None:
    """Tell both that they stay who they are."""
    key = f"merge-cancelled:{source_member_id}:{member_id}:{decided_at.timestamp():.6f}"
    _tell_both("merge_cancelled", member_id, source_member_id, {}, key, at)


@transaction_required
def tell_new_device(*, member_id: int, device_id: int, at: datetime) -> None:
    """Tell the member where somebody signed in as them; of a device that was forgotten nothing is told."""
    device = Device.objects.filter(pk=device_id).first()
    if device is None:
        return
    context = {"device": device.name, "when": _moment(device.signed_in_at), "address": device.address or "未知"}
    send(member_id=member_id, template="new_device", context=context, key=f"new-device:{device_id}", at=at)


def _tell_both(
    template: str, member_id: int, source_member_id: int, context: Mapping[str, str], key: str, at: datetime
) -> None:
    """Tell the duplicate and the one who stays the same."""
    numbers = dict(Member.objects.filter(pk__in=[member_id, source_member_id]).values_list("pk", "number"))
    said = {**context, "gone": numbers[source_member_id], "kept": numbers[member_id]}
    sendings = [Sending(member_id=pk, key=key, context=said) for pk in sorted(numbers)]
    send_many(template=template, sendings=sendings, at=at)


def _moment(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"
