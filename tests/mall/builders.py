"""A small shop for tests: SKUs on the shelf, members with points, orders placed and paid through the services."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.db import transaction

from config.outbox.models import Message
from mall.models import Category, Order, Product, Sku, Stock, Store
from mall.ports import Basket, EarnPreview, Promotion, PromotionQuote, RefundConsequences
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.services import checkout as placing
from mall.services import orders, payments
from mall.services.submits import Placed
from members.models import Address, Member, Tier
from points import ledger

AT = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LATER = AT + timedelta(minutes=5)
_numbers = count(1)


class FakePromotions:
    """Takes a fixed sum off the first line of every basket, and notes what it is told."""

    def __init__(self, *, off: int = 0, label: str = "满100减10") -> None:
        self.off, self.label = off, label
        self.claimed: list[int] = []
        self.released: list[int] = []

    def offers(self, *, at: datetime) -> "FakePromotions":
        return self

    def quote(self, basket: Basket) -> PromotionQuote:
        if not self.off:
            return PromotionQuote()
        amounts = (self.off, *(0 for _ in basket.lines[1:]))
        return PromotionQuote(
            promotions=(Promotion(campaign_id=1, version_id=1, label=self.label, line_amounts=amounts),)
        )

    def preview_earn(self, basket: Basket, *, cash_cents: int) -> EarnPreview:
        return EarnPreview(points=cash_cents // 100, growth=cash_cents // 100)

    def claim(self, *, order_id: int, quote: PromotionQuote) -> None:
        self.claimed.append(order_id)

    def release(self, *, order_id: int) -> None:
        self.released.append(order_id)

    def preview_refund(self, *, order_id: int, refund_cents: int) -> RefundConsequences:
        return RefundConsequences(points_clawed_back=refund_cents // 100, growth_clawed_back=0)


def a_category(slug: str = "tea") -> Category:
    return Category.objects.get_or_create(slug=slug, defaults={"name": slug})[0]


def a_sku(
    *,
    price_cents: int = 19900,
    stock: int = 10,
    name: str = "明前龙井",
    redeem_points: int | None = None,
    redeem_cash_cents: int = 0,
    category: str = "tea",
    position: int = 0,
) -> Sku:
    """A product with one SKU, on the shelf of the default store."""
    product = Product.objects.create(
        category=a_category(category),
        name=name,
        is_on_sale=True,
        is_redeemable=redeem_points is not None,
        position=position,
    )
    sku = Sku.objects.create(
        product=product,
        code=f"SKU-{next(_numbers)}",
        price_cents=price_cents,
        redeem_points=redeem_points,
        redeem_cash_cents=redeem_cash_cents,
    )
    Stock.objects.create(sku=sku, store=Store.objects.get(is_default=True), available=stock)
    return sku


def a_buyer(*, tier: str = "bronze", points: int = 0) -> Member:
    """A member with an address and so many points."""
    number = next(_numbers)
    with transaction.atomic():
        member = Member.objects.create(
            number=f"{number:08d}",
            nickname="小杉",
            tier=Tier.objects.get(code=tier),
            tier_since=AT,
            registered_at=AT,
            points_account_id=ledger.open_account(asset="points"),
            growth_account_id=ledger.open_account(asset="growth"),
        )
        Address.objects.create(
            member=member,
            recipient="王小杉",
            phone="13800000001",
            phone_last4="0001",
            region="浙江省 杭州市 西湖区",
            detail="龙井路 1 号",
            is_default=True,
            created_at=AT,
        )
        if points:
            give_points(member, points)
    return member


def give_points(member: Member, points: int, *, key: str = "gift", expires_at: datetime | None = None) -> None:
    with transaction.atomic():
        ledger.earn(
            account=member.points_account_id, points=points, key=key, source="test", at=AT, expires_at=expires_at
        )


def address_of(member: Member) -> int:
    return Address.objects.values_list("pk", flat=True).get(member=member)


def place(
    member: Member,
    *wanted: tuple[Sku, int],
    points: int = 0,
    key: str = "",
    at: datetime = AT,
) -> Placed:
    """An order for these SKUs at the price that the checkout page shows."""
    lines = [Wanted(sku_id=sku.pk, quantity=quantity) for sku, quantity in wanted]
    shown = checkout(member_id=member.pk, lines=lines, points=points, channel="h5", at=at)
    with transaction.atomic():
        return placing.place_order(
            member_id=member.pk,
            lines=lines,
            address_id=address_of(member),
            points=points,
            channel="h5",
            submit_key=key or f"key-{next(_numbers)}",
            expected_payable_cents=shown.priced.payable_cents,
            at=at,
        )


def redeem(member: Member, sku: Sku, *, quantity: int = 1, points: int, cash_cents: int = 0) -> Placed:
    with transaction.atomic():
        return placing.place_redemption(
            member_id=member.pk,
            sku_id=sku.pk,
            quantity=quantity,
            address_id=address_of(member),
            channel="h5",
            submit_key=f"key-{next(_numbers)}",
            expected_points=points,
            expected_payable_cents=cash_cents,
            at=AT,
        )


def start(order_id: int, *, at: datetime = LATER) -> payments.PaymentStart:
    with transaction.atomic():
        return payments.start_payment(order_id=order_id, provider="sandbox", at=at)


def succeed(
    started: payments.PaymentStart, *, cents: int | None = None, transaction_id: str = "", at: datetime = LATER
):
    """The provider's notice that the attempt succeeded."""
    with transaction.atomic():
        return payments.record_success(
            out_trade_no=started.out_trade_no,
            amount_cents=started.amount_cents if cents is None else cents,
            transaction_id=transaction_id or f"t-{started.out_trade_no}",
            payer=None,
            at=at,
        )


def pay(order_id: int, *, at: datetime = LATER) -> payments.PaymentOutcome:
    return succeed(start(order_id, at=at), at=at)


def a_paid_order(member: Member, *wanted: tuple[Sku, int], points: int = 0) -> Order:
    placed = place(member, *wanted, points=points)
    pay(placed.order_id)
    return Order.objects.get(pk=placed.order_id)


def ship(order_id: int, *, at: datetime = LATER) -> None:
    with transaction.atomic():
        orders.mark_shipped(order_id=order_id, carrier="顺丰速运", tracking_no="SF1234567890", at=at)


def receive(order_id: int, *, at: datetime = LATER) -> None:
    with transaction.atomic():
        orders.confirm_receipt(order_id=order_id, at=at)


def shelf(sku: Sku) -> tuple[int, int]:
    """(available, reserved) of a SKU."""
    return Stock.objects.values_list("available", "reserved").get(sku=sku)


def points_of(member: Member, *, at: datetime = LATER) -> tuple[int, int]:
    """(spendable, held) of a member."""
    balance = ledger.balance(account=member.points_account_id, at=at)
    return balance.spendable, balance.held


def facts_of(order_id: int) -> list[str]:
    """Names of the order's facts, in order."""
    rows: Sequence[str] = (
        Message.objects.filter(stream=f"order:{order_id}").order_by("pk").values_list("event", flat=True)
    )
    return [name.removeprefix("mall.") for name in rows]
