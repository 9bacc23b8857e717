"""What a basket costs: member price, money off, points, freight, in this order. Amounts are sums of lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate

from config.core.money import allocate
from mall.ports import Promotion, PromotionQuote
from mall.rules.words import discount_words


@dataclass(frozen=True, kw_only=True)
class Item:
    """What someone wants of one SKU, at the shop's prices. `unit_points` is the points price, 0 when sold for cash."""

    sku_id: int
    product_id: int
    category_id: int
    quantity: int
    unit_price_cents: int
    unit_points: int = 0
    member_price_cents: int | None = None  # the SKU's own price for who has the benefit


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the buyer's tier and the shop's policies say. `available_points` is None for who has no account."""

    available_points: int | None
    discount: Decimal = Decimal(1)
    tier_name: str = ""
    has_member_price: bool = False
    member_price_by: str = ""
    discount_by: str = ""  # whose discount and free shipping it is: a plan's name; empty: the tier's
    freight_by: str = ""
    has_free_shipping: bool = False
    free_shipping_left: int | None = None  # None: without limit
    is_shipped: bool = True
    points_per_yuan: int = 100
    deduction_max_percent: int = 50
    deduction_step: int = 100
    freight_cents: int = 0
    free_freight_from_cents: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the arithmetic as people read it; the cents of all steps sum to what is payable."""

    label: str
    cents: int
    points: int = 0


@dataclass(frozen=True, kw_only=True)
class PointsOffer:
    """How many points may pay here. `reason` says why none may, else it is empty."""

    available: int
    maximum: int
    step: int
    value_cents_at_maximum: int
    per_yuan: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """One line, priced. `unit_price_cents` is the shop's price, `member_unit_price_cents` the buyer's.

    `member_price_cents` is the SKU's member price when the buyer's price is that one.
    """

    sku_id: int
    quantity: int
    unit_price_cents: int
    member_unit_price_cents: int
    goods_cents: int
    discount_cents: int
    points_discount_cents: int
    points_spent: int
    member_price_cents: int | None = None

    @property
    def paid_cents(self) -> int:
        """Cash for these goods after every discount."""
        return self.goods_cents - self.discount_cents - self.points_discount_cents


@dataclass(frozen=True, kw_only=True)
class PlanSaving:
    """What paid membership saves on a basket, beyond what the tier alone would; `lines`: each line's discount of it."""

    discount_cents: int = 0
    freight_cents: int = 0
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PricedBasket:
    """A basket with its arithmetic. `points_short` is how many points a redemption lacks."""

    kind: str
    lines: tuple[PricedLine, ...]
    steps: tuple[Step, ...]
    freight_cents: int
    points_offer: PointsOffer
    promotions: PromotionQuote
    points_short: int = 0
    free_freight_missing_cents: int = 0
    plan_saving: PlanSaving = PlanSaving()
    takes_free_shipping: bool = False  # one of the month's, which the order claims
    earn_points: int = 0
    earn_growth: int = 0

    @property
    def goods_cents(self) -> int:
        return sum(line.goods_cents for line in self.lines)

    @property
    def discount_cents(self) -> int:
        return sum(line.discount_cents for line in self.lines)

    @property
    def points_discount_cents(self) -> int:
        return sum(line.points_discount_cents for line in self.lines)

    @property
    def points_spent(self) -> int:
        return sum(line.points_spent for line in self.lines)

    @property
    def goods_paid_cents(self) -> int:
        """Cash for goods: what earning is on."""
        return sum(line.paid_cents for line in self.lines)

    @property
    def payable_cents(self) -> int:
        return self.goods_paid_cents + self.freight_cents

    @property
    def nearly(self) -> tuple[str, ...]:
        return self.promotions.nearly


@dataclass(frozen=True, kw_only=True)
class UnitPrice:
    """What one unit costs a buyer; `is_member_price` when that is the SKU's own member price."""

    cents: int
    is_member_price: bool = False


def unit_price(*, cents: int, member_price_cents: int | None, discount: Decimal, has_member_price: bool) -> UnitPrice:
    """The better of the tier's or plan's discount and the SKU's member price, never both.

    A part of a cent of a discounted price is the member's; of equal prices it is the discount.
    """
    discounted = int(cents * discount)
    if not has_member_price or member_price_cents is None or member_price_cents >= discounted:
        return UnitPrice(cents=discounted)
    return UnitPrice(cents=member_price_cents, is_member_price=True)


def unit_price_for(*, item: Item, terms: Terms) -> UnitPrice:
    """What one unit of the item costs on those terms."""
    return unit_price(
        cents=item.unit_price_cents,
        member_price_cents=item.member_price_cents,
        discount=terms.discount,
        has_member_price=terms.has_member_price,
    )


def points_value(*, points: int, per_yuan: int) -> int:
    """Whole cents that so many points pay."""
    return points * 100 // per_yuan


def price_sale(*, items: Sequence[Item], promotions: PromotionQuote, terms: Terms, points: int) -> PricedBasket:
    """The basket at cash prices; of `points` only what may be used is used."""
    lines = [_at_buyers_price(item, terms) for item in items]
    steps = [Step(label="商品金额", cents=sum(line.goods_cents for line in lines)), *_savings(lines, terms)]
    capped, taken = _capped(promotions.promotions, [line.paid_cents for line in lines])
    lines = [replace(line, discount_cents=line.discount_cents + off) for line, off in zip(lines, taken, strict=True)]
    steps += [Step(label=promotion.label, cents=-sum(promotion.line_amounts)) for promotion in capped]
    after_discounts = sum(line.paid_cents for line in lines)
    offer = offer_points(goods_cents=after_discounts, terms=terms)
    used = _usable(points, offer)
    lines = _with_points(lines, points=used, per_yuan=terms.points_per_yuan)
    if used:
        worth = sum(line.points_discount_cents for line in lines)
        steps.append(Step(label=f"积分抵扣（{used:,} 积分）", cents=-worth, points=used))
    freight, missing = _freight(after_discounts, terms)
    return PricedBasket(
        kind="sale",
        lines=tuple(lines),
        steps=(*steps, freight),
        freight_cents=freight.cents,
        points_offer=offer,
        promotions=replace(promotions, promotions=capped),
        free_freight_missing_cents=missing,
        takes_free_shipping=_takes_free_shipping(after_discounts, terms),
    )


def plan_saving(*, priced: PricedBasket, without_plan: PricedBasket) -> PlanSaving:
    """The difference that the plan makes: both baskets hold the same goods, promotions and points."""
    pairs = zip(priced.lines, without_plan.lines, strict=True)
    lines = tuple(max(line.discount_cents - other.discount_cents, 0) for line, other in pairs)
    freight = max(without_plan.freight_cents - priced.freight_cents, 0)
    return PlanSaving(discount_cents=sum(lines), freight_cents=freight, lines=lines)


def price_redemption(*, items: Sequence[Item], promotions: PromotionQuote, terms: Terms) -> PricedBasket:
    """The basket at points prices; a cash part is paid in full, and the goods ship free."""
    asked = [item.unit_points * item.quantity for item in items]
    capped, taken = _capped(promotions.promotions, asked)
    due = [points - off for points, off in zip(asked, taken, strict=True)]
    lines = tuple(_redeemed(item, points) for item, points in zip(items, due, strict=True))
    steps = [Step(label="兑换所需积分", cents=0, points=sum(asked))]
    steps += [Step(label=promotion.label, cents=0, points=-sum(promotion.line_amounts)) for promotion in capped]
    if cash := sum(line.goods_cents for line in lines):
        steps.append(Step(label="另付现金", cents=cash))
    available = terms.available_points or 0
    short = max(0, sum(due) - available)
    return PricedBasket(
        kind="redemption",
        lines=lines,
        steps=(*steps, Step(label="运费（积分兑换包邮）", cents=0)),
        freight_cents=0,
        points_offer=PointsOffer(
            available=available,
            maximum=sum(due),
            step=1,
            value_cents_at_maximum=0,
            per_yuan=terms.points_per_yuan,
            reason=f"积分还差 {short:,}" if short else "",
        ),
        promotions=replace(promotions, promotions=capped),
        points_short=short,
    )


def offer_points(*, goods_cents: int, terms: Terms) -> PointsOffer:
    """How many points may pay for goods of that amount, in whole steps and within the policy's share."""
    available, step = terms.available_points or 0, terms.deduction_step
    payable_by_points = goods_cents * terms.deduction_max_percent // 100
    ceiling = payable_by_points * terms.points_per_yuan // 100
    maximum = min(available, ceiling) // step * step
    return PointsOffer(
        available=available,
        maximum=maximum,
        step=step,
        value_cents_at_maximum=points_value(points=maximum, per_yuan=terms.points_per_yuan),
        per_yuan=terms.points_per_yuan,
        reason="" if maximum else _why_no_points(terms, step),
    )


def _why_no_points(terms: Terms, step: int) -> str:
    if terms.available_points is None:
        return "登录会员后可用积分抵扣"
    if terms.available_points < step:
        return f"满 {step:,} 积分可用，还差 {step - terms.available_points:,} 积分"
    return "商品金额较低，暂不能用积分抵扣"


def _usable(points: int, offer: PointsOffer) -> int:
    return min(max(points, 0), offer.maximum) // offer.step * offer.step


def _savings(lines: Sequence[PricedLine], terms: Terms) -> list[Step]:
    """What the discount takes off its lines, and what member prices take off theirs."""
    by_price = sum(line.discount_cents for line in lines if line.member_price_cents is not None)
    by_discount = sum(line.discount_cents for line in lines) - by_price
    named = {
        f"{terms.discount_by or terms.tier_name} {discount_words(terms.discount)}": by_discount,
        f"{terms.member_price_by or terms.tier_name} 会员价": by_price,
    }
    return [Step(label=label, cents=-saved) for label, saved in named.items() if saved]


def _at_buyers_price(item: Item, terms: Terms) -> PricedLine:
    unit = unit_price_for(item=item, terms=terms)
    return PricedLine(
        sku_id=item.sku_id,
        quantity=item.quantity,
        unit_price_cents=item.unit_price_cents,
        member_unit_price_cents=unit.cents,
        goods_cents=item.unit_price_cents * item.quantity,
        discount_cents=(item.unit_price_cents - unit.cents) * item.quantity,
        points_discount_cents=0,
        points_spent=0,
        member_price_cents=unit.cents if unit.is_member_price else None,
    )


def _redeemed(item: Item, points: int) -> PricedLine:
    return PricedLine(
        sku_id=item.sku_id,
        quantity=item.quantity,
        unit_price_cents=item.unit_price_cents,
        member_unit_price_cents=item.unit_price_cents,
        goods_cents=item.unit_price_cents * item.quantity,
        discount_cents=0,
        points_discount_cents=0,
        points_spent=points,
    )


def _capped(promotions: Sequence[Promotion], room: Sequence[int]) -> tuple[tuple[Promotion, ...], list[int]]:
    """Promotions cut to what their lines can bear, in their order, and what they take off each line together."""
    left, kept = list(room), []
    for promotion in promotions:
        parts = tuple(min(part, rest) for part, rest in zip(promotion.line_amounts, left, strict=True))
        left = [rest - part for rest, part in zip(left, parts, strict=True)]
        if any(parts):
            kept.append(replace(promotion, line_amounts=parts))
    return tuple(kept), [whole - rest for whole, rest in zip(room, left, strict=True)]


def _with_points(lines: Sequence[PricedLine], *, points: int, per_yuan: int) -> list[PricedLine]:
    sizes = [line.paid_cents for line in lines]
    cents = allocate(points_value(points=points, per_yuan=per_yuan), sizes)
    parts = _split(points, sizes)
    return [
        replace(line, points_discount_cents=cut, points_spent=part)
        for line, cut, part in zip(lines, cents, parts, strict=True)
    ]


def _split(points: int, sizes: Sequence[int]) -> list[int]:
    """Cut points over lines by cumulative floor; unlike money they may be more than the line has cents."""
    whole = sum(sizes)
    if whole == 0:
        return [0 for _ in sizes]
    marks = [points * upto // whole for upto in accumulate(sizes)]
    return [mark - before for mark, before in zip(marks, [0, *marks[:-1]], strict=True)]


def _freight(goods_cents: int, terms: Terms) -> tuple[Step, int]:
    """The freight step, and how many cents of goods are missing for free freight."""
    if not terms.is_shipped:
        return Step(label="运费（到店自提）", cents=0), 0
    if _takes_free_shipping(goods_cents, terms) and terms.free_shipping_left:
        return Step(label=f"运费（会员包邮，本月还剩 {terms.free_shipping_left - 1} 次）", cents=0), 0
    if terms.has_free_shipping and terms.free_shipping_left is None:
        return Step(label=f"运费（{terms.freight_by or terms.tier_name}包邮）", cents=0), 0
    if goods_cents >= terms.free_freight_from_cents:
        return Step(label=f"运费（满 {terms.free_freight_from_cents // 100} 元包邮）", cents=0), 0
    return Step(label="运费", cents=terms.freight_cents), terms.free_freight_from_cents - goods_cents


def _takes_free_shipping(goods_cents: int, terms: Terms) -> bool:
    """Whether a benefit with so many uses pays the freight: only where freight would be due."""
    return (
        terms.is_shipped
        and terms.has_free_shipping
        and terms.free_shipping_left is not None
        and terms.freight_cents > 0
        and goods_cents < terms.free_freight_from_cents
    )
