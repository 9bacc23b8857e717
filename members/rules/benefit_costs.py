"""What benefits would cost a month, estimated from what members bought in the last ninety days."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from members.rules.benefits import Effects, Kind, Terms, combine, gift_points

DAYS = 90
_MONTHS = 3


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The shop's prices: what a member spends for 1 growth, what points are worth, what an order's freight costs."""

    growth_cost_cents: int
    points_per_yuan: int
    freight_cents: int


@dataclass(frozen=True, kw_only=True)
class Bought:
    """What members of one tier did in ninety days: growth they earned, and in how many orders."""

    members: int
    growth: int
    orders: int
    paid_share: Decimal = Decimal(1)  # what they paid of the list price, by the discount they had


@dataclass(frozen=True, kw_only=True)
class Sold:
    """Goods with a member price: their prices now, and the units that members bought and kept in ninety days."""

    price_cents: int
    member_price_cents: int
    units: int


@dataclass(frozen=True, kw_only=True)
class MonthlyCost:
    """Cents a month by what causes them."""

    points_cents: int = 0
    discount_cents: int = 0
    member_price_cents: int = 0
    shipping_cents: int = 0
    gifts_cents: int = 0

    @property
    def total_cents(self) -> int:
        by_price = self.discount_cents + self.member_price_cents
        return self.points_cents + by_price + self.shipping_cents + self.gifts_cents

    def plus(self, other: "MonthlyCost") -> "MonthlyCost":
        """Both together."""
        return MonthlyCost(
            points_cents=self.points_cents + other.points_cents,
            discount_cents=self.discount_cents + other.discount_cents,
            member_price_cents=self.member_price_cents + other.member_price_cents,
            shipping_cents=self.shipping_cents + other.shipping_cents,
            gifts_cents=self.gifts_cents + other.gifts_cents,
        )


def monthly_cost(*, bought: Bought, terms: Sequence[Terms], rates: Rates) -> MonthlyCost:
    """What these benefits would cost a month for members who go on buying as they did.

    One growth stands for one base point. Shipping is counted as if every order paid freight otherwise, birthday gifts
    as if the shop knew everybody's birthday: at most so much.
    """
    effects = combine(terms)
    growth = Decimal(bought.growth) / _MONTHS
    birthday = gift_points(kind=Kind.BIRTHDAY_GIFT, value=effects.value_of(Kind.BIRTHDAY_GIFT))
    listed = growth * rates.growth_cost_cents / bought.paid_share
    return MonthlyCost(
        points_cents=int(growth * (effects.points_multiplier - 1) * 100 / rates.points_per_yuan),
        discount_cents=int(listed * (1 - effects.discount)),
        shipping_cents=int(_free_orders(bought, effects) * rates.freight_cents),
        gifts_cents=bought.members * birthday * 100 // rates.points_per_yuan // 12,
    )


def member_price_cost(*, sold: Sequence[Sold], terms: Sequence[Terms]) -> MonthlyCost:
    """What member prices would cost a month beyond these benefits' discount, which is counted with all other goods.

    A member price that is not below the discounted price costs nothing: the buyer's price is the better of both.
    """
    effects = combine(terms)
    if not effects.has(Kind.MEMBER_PRICE):
        return MonthlyCost()
    off = sum(max(int(one.price_cents * effects.discount) - one.member_price_cents, 0) * one.units for one in sold)
    return MonthlyCost(member_price_cents=off // _MONTHS)


def _free_orders(bought: Bought, effects: Effects) -> Decimal:
    if not effects.has(Kind.FREE_SHIPPING):
        return Decimal(0)
    orders, most = Decimal(bought.orders) / _MONTHS, effects.value_of(Kind.FREE_SHIPPING)
    return orders if most is None else min(orders, most * bought.members)
