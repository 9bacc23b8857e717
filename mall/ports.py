"""What the mall asks of the room above it: campaigns fill this socket when they start."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """One line as campaigns see it. `unit_points` is the points price of a redemption line, else 0."""

    sku_id: int
    product_id: int
    category_id: int
    quantity: int
    unit_price_cents: int
    unit_points: int = 0

    @property
    def goods_cents(self) -> int:
        """Cash price of the whole line before promotions."""
        return self.unit_price_cents * self.quantity

    @property
    def goods_points(self) -> int:
        """Points price of the whole line before promotions."""
        return self.unit_points * self.quantity


@dataclass(frozen=True, kw_only=True)
class Basket:
    """What someone is about to buy (`kind` "sale") or redeem ("redemption"), judged at `at`."""

    kind: str
    member_id: int | None
    tier_code: str | None
    points_multiplier: Decimal
    channel: str
    store_id: int
    at: datetime
    lines: tuple[BasketLine, ...]


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """One campaign's part of a quote: cents (sale) or points (redemption) off each line, in line order."""

    campaign_id: int
    version_id: int
    label: str
    line_amounts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PromotionQuote:
    """What campaigns take off a basket, and sentences about what nearly applied ("再买 ¥12.00 可享满 100 减 10")."""

    promotions: tuple[Promotion, ...] = ()
    nearly: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EarnPreview:
    """Points and growth that paying `cash` for a basket now would earn once the order is completed."""

    points: int
    growth: int


@dataclass(frozen=True, kw_only=True)
class RefundConsequences:
    """What a refund takes back from what the order earned."""

    points_clawed_back: int
    growth_clawed_back: int


class Offers(Protocol):
    """What campaigns give at one moment. All was read at once: asking about any number of baskets is arithmetic."""

    def quote(self, basket: Basket) -> PromotionQuote:
        """What live campaigns take off this basket."""

    def preview_earn(self, basket: Basket, *, cash_cents: int) -> EarnPreview:
        """What paying `cash_cents` for the goods of this basket would earn."""


class Promotions(Protocol):
    """The socket. Every call happens in the caller's transaction; `offers` and `preview_refund` only read."""

    def offers(self, *, at: datetime) -> Offers:
        """What campaigns give at that moment, to be asked about baskets of the moment."""

    def claim(self, *, order_id: int, quote: PromotionQuote) -> None:
        """Claim budgets and quotas for a placed order."""

    def release(self, *, order_id: int) -> None:
        """Give back what `claim` took."""

    def preview_refund(self, *, order_id: int, refund_cents: int) -> RefundConsequences:
        """What refunding `refund_cents` more of the goods' cash would take back."""


class NoPromotions:
    """The empty socket: nothing is given. In force only until campaigns have started."""

    def offers(self, *, at: datetime) -> Offers:
        return self

    def quote(self, basket: Basket) -> PromotionQuote:
        return PromotionQuote()

    def preview_earn(self, basket: Basket, *, cash_cents: int) -> EarnPreview:
        return EarnPreview(points=0, growth=0)

    def claim(self, *, order_id: int, quote: PromotionQuote) -> None:
        return None

    def release(self, *, order_id: int) -> None:
        return None

    def preview_refund(self, *, order_id: int, refund_cents: int) -> RefundConsequences:
        return RefundConsequences(points_clawed_back=0, growth_clawed_back=0)


_promotions: Promotions = NoPromotions()


def fill_promotions(implementation: Promotions) -> None:
    """Plug campaigns in; called once, from their AppConfig.ready()."""
    global _promotions
    _promotions = implementation


def promotions() -> Promotions:
    """What fills the socket."""
    return _promotions
