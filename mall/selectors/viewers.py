"""What the mall needs to know of who is looking: standing and spendable points; a visitor has neither."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from config.core.blocks import Viewer
from mall.rules.admission import Entrant
from members.rules import benefits
from members.selectors import standing as standings
from members.selectors.sessions import SignedIn
from points import ledger


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who buys. Everything is neutral for a visitor or a walk-in (`member_id` None)."""

    member_id: int | None = None
    status: str = "active"
    tier_code: str | None = None
    tier_name: str = ""
    points_multiplier: Decimal = Decimal(1)
    discount: Decimal = Decimal(1)
    has_member_price: bool = False
    has_free_shipping: bool = False
    free_shipping_left: int | None = None
    points_account: int | None = None
    plan_name: str = ""  # the paid membership that runs; empty: none
    discount_by: str = ""
    member_price_by: str = ""
    freight_by: str = ""
    tier_discount: Decimal = Decimal(1)  # what the tier alone would give
    tier_has_member_price: bool = False
    tier_free_shipping_left: int | None = 0
    ships_first: bool = False
    entrant: Entrant = field(default_factory=Entrant)
    tier_entrant: Entrant = field(default_factory=Entrant)  # as whom the tier alone would let in

    @property
    def audience(self) -> Hashable:
        """Equal for all who see the same goods at the same prices with the same promises."""
        gains = (self.discount, self.has_member_price, self.points_multiplier, self.has_free_shipping)
        return (self.tier_code, *gains, self.entrant)


def buyer(*, member_id: int | None, at: datetime | None = None) -> Buyer:
    """The member as a buyer; with `at`, what is left of the month's free shipping is known. Raises NotFound for an id
    that is no member."""
    if member_id is None:
        return Buyer()
    return _as_buyer(standings.standing(member_id=member_id, at=at))


def buyer_on_pages(*, member: SignedIn | None) -> Buyer:
    """Who is signed in as a buyer, to be shown prices: what a tier gives is up to settings.SHELF_SECONDS old."""
    return Buyer() if member is None else _as_buyer(standings.standing_on_pages(member=member))


def who_looks(*, viewer: Viewer) -> Buyer:
    """The viewer of a page of blocks as a buyer, asked once for all of them."""
    return viewer.once("mall.buyer", lambda: buyer(member_id=viewer.member_id))


def _as_buyer(known: standings.Standing) -> Buyer:
    return Buyer(
        member_id=known.member_id,
        status=known.status,
        tier_code=known.tier_code,
        tier_name=known.tier_name,
        points_multiplier=known.points_multiplier,
        discount=known.discount,
        has_member_price=known.effects.has(benefits.Kind.MEMBER_PRICE),
        has_free_shipping=known.has_free_shipping,
        free_shipping_left=known.free_shipping_left,
        points_account=known.points_account,
        plan_name=known.plan_name,
        member_price_by=known.given_by(benefits.Kind.MEMBER_PRICE),
        discount_by=known.given_by(benefits.Kind.DISCOUNT),
        freight_by=known.given_by(benefits.Kind.FREE_SHIPPING),
        tier_discount=known.tier_effects.discount,
        tier_has_member_price=known.tier_effects.has(benefits.Kind.MEMBER_PRICE),
        tier_free_shipping_left=known.tier_effects.left(
            kind=benefits.Kind.FREE_SHIPPING, used=known.free_shipping_used
        ),
        ships_first=known.effects.has(benefits.Kind.PRIORITY_SHIPPING),
        entrant=Entrant(
            tier_rank=known.tier_rank,
            plan_id=known.plan_id,
            has_exclusive_products=known.effects.has(benefits.Kind.EXCLUSIVE_PRODUCTS),
            early_hours=known.effects.early_access_hours,
        ),
        tier_entrant=Entrant(
            tier_rank=known.tier_rank,
            has_exclusive_products=known.tier_effects.has(benefits.Kind.EXCLUSIVE_PRODUCTS),
            early_hours=known.tier_effects.early_access_hours,
        ),
    )


def spendable_points(*, who: Buyer, at: datetime) -> int | None:
    """What the buyer can spend now; None without an account."""
    if who.points_account is None:
        return None
    return ledger.balance(account=who.points_account, at=at).spendable
