"""Placing orders: what was shown is what is booked, or it is refused with the new amounts."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound
from config.core.money import yuan
from config.core.random_numbers import public_number
from config.outbox import publishing as outbox
from mall import ports
from mall.events import OrderPlaced
from mall.models import CartLine, Order, OrderLine
from mall.rules.keys import is_key
from mall.rules.pricing import PricedBasket, PricedLine
from mall.selectors.admission import needs_plan
from mall.selectors.baskets import CART, REDEMPTION, SALE, Kind, Lines, Wanted, WantedRow, items, wanted_rows
from mall.selectors.quotes import HANDED_OVER, quote
from mall.selectors.stores import default_store_id
from mall.selectors.viewers import Buyer, buyer
from mall.services import orders, stock
from mall.services.submits import Placed, placed, placed_before, wait_for_the_same_key
from members.rules import benefits
from members.selectors import addresses
from members.services import benefit_uses
from points import ledger

_HOLD_MARGIN = timedelta(days=7)  # the ledger's sweeper comes long after the order's own timeout


class PriceChanged(DomainError):
    """What is payable now is not what the buyer saw."""

    code = "price_changed"
    message = "价格或优惠有变化，现需支付 {amount}，请确认后重新提交"
    public_facts = {"payable_cents": "现在应付（分）", "points": "现在使用的积分"}


class AddressMissing(DomainError):
    """No delivery address, or not one of the buyer's."""

    code = "address_missing"
    message = "请选择收货地址"
    http_status = 400
    field = "address"


class PointsNotUsable(DomainError):
    """So many points can't pay here."""

    code = "points_not_usable"
    message = "本单最多可用 {maximum} 积分，须为 {step} 的整数倍"
    http_status = 400
    field = "points"
    public_facts = {"maximum": "最多可用的积分", "step": "须为它的整数倍"}


class NotEnoughPoints(DomainError):
    """The member has fewer points than the goods cost."""

    code = "not_enough_points"
    message = "积分不足：需要 {required} 积分，还差 {missing} 积分"
    field = "points"
    public_facts = {"available": "可用积分", "required": "需要的积分", "missing": "还差的积分"}


class MemberNotActive(DomainError):
    """A frozen or closed member can't buy."""

    code = "member_not_active"
    message = "账号当前不可下单，请联系客服"
    http_status = 403


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What the buyer submitted."""

    member_id: int | None
    kind: Kind
    lines: Lines
    address_id: int | None
    points: int
    channel: str
    submit_key: str
    expected_payable_cents: int
    expected_points: int | None
    buyer_note: str
    store_id: int
    at: datetime

    @property
    def digest(self) -> str:
        """Equal for a repeat of the same wish."""
        lines = self.lines if isinstance(self.lines, str) else [asdict(line) for line in self.lines]
        meaning = [self.kind, lines, self.address_id, self.points, self.channel, self.store_id]
        return sha256(json.dumps(meaning).encode()).hexdigest()


@transaction_required
def place_order(
    *,
    member_id: int | None,
    lines: Lines,
    address_id: int | None,
    points: int,
    channel: str,
    submit_key: str,
    expected_payable_cents: int,
    at: datetime,
    buyer_note: str = "",
    store_id: int | None = None,
) -> Placed:
    """The order for the cart's selection or these lines; the same key returns the order that it made.

    Goods are reserved and points held until it is paid, cancelled or overdue; nothing payable means paid at once.
    `member_id` None is a walk-in at the till; till orders need no address. Raises what stands above and what
    `wanted_rows` raises.
    """
    return _place(
        _Wish(
            member_id=member_id,
            kind=SALE,
            lines=lines,
            address_id=address_id,
            points=points,
            channel=channel,
            submit_key=_checked_key(submit_key),
            expected_payable_cents=expected_payable_cents,
            expected_points=None,
            buyer_note=_checked_note(buyer_note),
            store_id=store_id or default_store_id(),
            at=at,
        )
    )


@transaction_required
def place_redemption(
    *,
    member_id: int,
    sku_id: int,
    quantity: int,
    address_id: int | None,
    channel: str,
    submit_key: str,
    expected_points: int,
    expected_payable_cents: int,
    at: datetime,
    buyer_note: str = "",
) -> Placed:
    """The order for goods that points pay, with their cash part if they have one. Otherwise like `place_order`."""
    return _place(
        _Wish(
            member_id=member_id,
            kind=REDEMPTION,
            lines=[Wanted(sku_id=sku_id, quantity=quantity)],
            address_id=address_id,
            points=0,
            channel=channel,
            submit_key=_checked_key(submit_key),
            expected_payable_cents=expected_payable_cents,
            expected_points=expected_points,
            buyer_note=_checked_note(buyer_note),
            store_id=default_store_id(),
            at=at,
        )
    )


def _place(wish: _Wish) -> Placed:
    wait_for_the_same_key(wish)
    if before := placed_before(wish):
        return before
    who = buyer(member_id=wish.member_id, at=wish.at)
    if who.status != "active":
        raise MemberNotActive()
    _lock_cart(wish)
    rows = wanted_rows(who=who, lines=wish.lines, kind=wish.kind, store_id=wish.store_id, at=wish.at)
    priced = quote(
        items=items(rows, kind=wish.kind),
        kind=wish.kind,
        who=who,
        channel=wish.channel,
        store_id=wish.store_id,
        points=wish.points,
        at=wish.at,
    )
    _require_agreement(wish, priced)
    order = _insert(wish, who, rows, priced)
    _secure(order, who, rows, priced, wish.at)
    outbox.publish(OrderPlaced(order_id=order.pk, member_id=wish.member_id, placed_at=wish.at))
    _empty_cart(wish, rows)
    if order.payable_cents == 0:
        orders.mark_paid(order_id=order.pk, at=wish.at)
        order.refresh_from_db(fields=["status"])
    return placed(order)


def _lock_cart(wish: _Wish) -> None:
    """Two tabs that submit one cart: the second finds it empty."""
    if wish.lines == CART:
        cart = CartLine.objects.filter(member=wish.member_id, is_selected=True)
        list(cart.select_for_update().order_by("pk").values_list("pk"))


def _empty_cart(wish: _Wish, rows: Sequence[WantedRow]) -> None:
    if wish.lines == CART:
        CartLine.objects.filter(member=wish.member_id, sku__in=[row.sku.id for row in rows]).delete()


def _require_agreement(wish: _Wish, priced: PricedBasket) -> None:
    """Refuse unless what is booked is what the buyer saw and can pay."""
    if priced.points_short:
        required, available = priced.points_spent, priced.points_offer.available
        raise NotEnoughPoints(available=available, required=required, missing=priced.points_short)
    if wish.kind == SALE and priced.points_spent != wish.points:
        raise PointsNotUsable(maximum=priced.points_offer.maximum, step=priced.points_offer.step)
    is_agreed = priced.payable_cents == wish.expected_payable_cents
    if wish.kind == REDEMPTION:
        is_agreed = is_agreed and priced.points_spent == wish.expected_points
    if not is_agreed:
        amount = yuan(priced.payable_cents)
        if wish.kind == REDEMPTION:
            amount = f"{priced.points_spent:,} 积分 + {amount}"
        raise PriceChanged(amount=amount, payable_cents=priced.payable_cents, points=priced.points_spent)


def _insert(wish: _Wish, who: Buyer, rows: Sequence[WantedRow], priced: PricedBasket) -> Order:
    order = Order.objects.create(
        number=public_number(16),
        kind=wish.kind,
        member_id=wish.member_id,
        store_id=wish.store_id,
        channel=wish.channel,
        submit_key=wish.submit_key,
        submit_digest=wish.digest,
        goods_cents=priced.goods_cents,
        discount_cents=priced.discount_cents,
        points_discount_cents=priced.points_discount_cents,
        freight_cents=priced.freight_cents,
        payable_cents=priced.payable_cents,
        points_spent=priced.points_spent,
        quote=_quote_record(priced) | {"plan_id": _plan_it_hangs_on(wish, who, rows, priced)},
        buyer_note=wish.buyer_note,
        is_priority=who.ships_first and wish.channel != HANDED_OVER,
        created_at=wish.at,
        expires_at=wish.at + timedelta(minutes=policies.current().unpaid_order_minutes),
        **_destination(wish),
    )
    OrderLine.objects.bulk_create(_line(order, row, line) for row, line in zip(rows, priced.lines, strict=True))
    return order


def _line(order: Order, row: WantedRow, priced: PricedLine) -> OrderLine:
    return OrderLine(
        order=order,
        sku_id=priced.sku_id,
        product_name=row.sku.product_name,
        sku_label=row.sku.label,
        image=row.sku.image,
        quantity=priced.quantity,
        unit_price_cents=priced.unit_price_cents,
        member_price_cents=priced.member_price_cents,
        goods_cents=priced.goods_cents,
        discount_cents=priced.discount_cents,
        points_discount_cents=priced.points_discount_cents,
        points_spent=priced.points_spent,
        paid_cents=priced.paid_cents,
    )


def _secure(order: Order, who: Buyer, rows: Sequence[WantedRow], priced: PricedBasket, at: datetime) -> None:
    """Reserve the goods, claim the promotions, hold the points: in the house's order of locks."""
    stock.reserve(store_id=order.store_id, quantities={row.sku.id: row.quantity for row in rows})
    if priced.promotions.promotions:
        ports.promotions().claim(order_id=order.pk, quote=priced.promotions)
    if priced.takes_free_shipping and who.member_id is not None:
        benefit_uses.claim(member_id=who.member_id, kind=benefits.Kind.FREE_SHIPPING, source=f"order:{order.pk}", at=at)
    if priced.points_spent and who.points_account is not None and order.expires_at is not None:
        held = ledger.hold(
            account=who.points_account,
            points=priced.points_spent,
            key=f"order:{order.pk}:spent",
            source=f"order:{order.pk}",
            until=order.expires_at + _HOLD_MARGIN,
            at=at,
        )
        Order.objects.filter(pk=order.pk).update(hold=held.id)


def _quote_record(priced: PricedBasket) -> dict[str, Any]:
    return {
        "steps": [asdict(step) for step in priced.steps],
        "promotions": [asdict(promotion) for promotion in priced.promotions.promotions],
        "earn_points": priced.earn_points,
        "earn_growth": priced.earn_growth,
        "plan_saving": asdict(priced.plan_saving),
    }


def _plan_it_hangs_on(wish: _Wish, who: Buyer, rows: Sequence[WantedRow], priced: PricedBasket) -> int | None:
    """The plan without which the order would cost more, or couldn't be placed; None: it would stand as it is."""
    is_cheaper = priced.plan_saving.discount_cents or priced.plan_saving.freight_cents
    if is_cheaper or any(needs_plan(sku=row.sku, who=who, at=wish.at) for row in rows):
        return who.entrant.plan_id
    return None


def _destination(wish: _Wish) -> dict[str, str]:
    """Where the goods go; nowhere for goods that change hands in the shop."""
    if wish.channel == HANDED_OVER:
        return {}
    if wish.member_id is None or wish.address_id is None:
        raise AddressMissing()
    try:
        to = addresses.address(member_id=wish.member_id, address_id=wish.address_id)
    except NotFound as error:
        raise AddressMissing() from error
    return {"recipient": to.recipient, "recipient_phone": to.phone, "region": to.region, "address": to.detail}


def _checked_key(submit_key: str) -> str:
    if not is_key(submit_key):
        raise InvalidInput(submit_key="提交标识无效，请刷新页面")
    return submit_key


def _checked_note(note: str) -> str:
    note = note.replace("\0", "").strip()
    if len(note) > 100:
        raise InvalidInput(buyer_note="留言最多 100 字")
    return note
