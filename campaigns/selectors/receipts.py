"""Receipts as members read them: what happened, the arithmetic line by line, what nearly applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from campaigns.models import Receipt
from config.core.errors import NotFound
from mall.models import Order

_ICONS: Mapping[str, str] = {
    "base": "coins",
    "tier": "crown",
    "multiplier": "calendar-event",
    "fixed": "gift",
    "clawback": "receipt-refund",
    "taken_before": "history",
}
_HEADLINES: Mapping[str, str] = {
    "order_completed": "本单获得",
    "order_refunded": "退款扣回",
    "member_registered": "新人礼",
    "profile_completed": "完善资料",
    "checked_in": "签到获得",
    "birthday": "生日礼",
    "invitee_registered": "邀请好友注册",
    "invitee_first_order": "邀请好友首单",
    "invitation_taken_back": "邀请奖励扣回",
    "share_visited": "好友浏览分享",
    "segment_entered": "专属礼遇",
    "benefit_due": "会员权益礼",
    "benefit_taken_back": "权益礼扣回",
}
_WHAT: Mapping[str, str] = {
    "order_completed": "付款",
    "order_refunded": "退款",
    "member_registered": "注册",
    "profile_completed": "完善资料",
    "checked_in": "签到",
    "birthday": "生日",
    "invitee_registered": "好友注册",
    "invitee_first_order": "好友付款",
    "invitation_taken_back": "扣回",
    "share_visited": "好友浏览",
    "segment_entered": "专属礼遇",
    "benefit_due": "到账",
    "benefit_taken_back": "退会费",
}


@dataclass(frozen=True, kw_only=True)
class ReceiptStep:
    """One block of the arithmetic: who gave it, how, and the amount reached."""

    icon: str
    title: str
    text: str
    value: str


@dataclass(frozen=True, kw_only=True)
class ReceiptSum:
    """All steps of one asset, what rounding did ("" when nothing), the formula and the total."""

    asset: str
    name: str
    steps: tuple[ReceiptStep, ...]
    rounding: str
    formula: str
    total: int


@dataclass(frozen=True, kw_only=True)
class NearlyView:
    """A campaign that did not apply, and why not."""

    campaign: str
    why: str


@dataclass(frozen=True, kw_only=True)
class TakenBackView:
    """A refund that took some of it back."""

    receipt_id: int
    points: int
    growth: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceiptView:
    """One receipt. `order_number` is empty when no order is behind it."""

    id: int
    headline: str
    what: str
    points: int
    growth: int
    at: datetime
    created_at: datetime
    order_number: str
    sums: tuple[ReceiptSum, ...]
    nearly: tuple[NearlyView, ...]
    origin_id: int | None
    taken_back: tuple[TakenBackView, ...]


def receipt(*, receipt_id: int, member_id: int) -> ReceiptView:
    """The member's own receipt. Three queries. Raises NotFound."""
    return _view(Q(pk=receipt_id), member_id)


def receipt_for_entry(*, entry_id: int, member_id: int) -> ReceiptView:
    """The receipt behind one of the member's ledger entries, of points or growth. Three queries. Raises NotFound."""
    return _view(Q(points_entry_id=entry_id) | Q(growth_entry_id=entry_id), member_id)


def _view(which: Q, member_id: int) -> ReceiptView:
    row = Receipt.objects.filter(which, member_id=member_id).select_related("origin").first()
    if row is None:
        raise NotFound()
    return ReceiptView(
        id=row.pk,
        headline=_headline(row),
        what=_WHAT[row.trigger],
        points=row.points,
        growth=row.growth,
        at=row.at,
        created_at=row.created_at,
        order_number=_order_number(row.origin.occurrence if row.origin else row.occurrence),
        sums=sums_of(points=row.points, growth=row.growth, steps=row.steps),
        nearly=tuple(NearlyView(campaign=one["campaign"], why=one["why"]) for one in row.nearly),
        origin_id=row.origin_id,
        taken_back=_taken_back(row),
    )


def sums_of(*, points: int, growth: int, steps: Sequence[Mapping[str, Any]]) -> tuple[ReceiptSum, ...]:
    """The arithmetic of one decision as its member reads it, by asset."""
    totals = (("points", "积分", points), ("growth", "成长值", growth))
    return tuple(
        _sum(asset, name, total, of_asset)
        for asset, name, total in totals
        if (of_asset := [step for step in steps if step["asset"] == asset])
    )


def _sum(asset: str, name: str, total: int, steps: Sequence[Mapping[str, Any]]) -> ReceiptSum:
    ends = {step["kind"]: step["text"] for step in steps if step["kind"] in {"rounding", "total"}}
    return ReceiptSum(
        asset=asset,
        name=name,
        steps=tuple(
            ReceiptStep(icon=_icon(asset, step["kind"]), title=step["campaign"], text=step["text"], value=step["value"])
            for step in steps
            if step["kind"] not in {"rounding", "total"}
        ),
        rounding=ends.get("rounding", ""),
        formula=ends.get("total", ""),
        total=total,
    )


def _icon(asset: str, kind: str) -> str:
    return "trending-up" if asset == "growth" and kind != "clawback" else _ICONS.get(kind, "coins")


def _headline(row: Receipt) -> str:
    """A gift goes by its own name, with the tier or plan that gives it."""
    is_gift = row.trigger == Receipt.Trigger.BENEFIT_DUE and row.steps
    return str(row.steps[0]["campaign"]) if is_gift else _HEADLINES[row.trigger]


def _order_number(occurrence: str) -> str:
    kind, _, number = occurrence.partition(":")
    if kind != "order":
        return ""
    return Order.objects.filter(pk=int(number)).values_list("number", flat=True).first() or ""


def _taken_back(row: Receipt) -> tuple[TakenBackView, ...]:
    rows = row.clawbacks.order_by("pk").values_list("pk", "points", "growth", "at")
    return tuple(TakenBackView(receipt_id=pk, points=points, growth=growth, at=at) for pk, points, growth, at in rows)
