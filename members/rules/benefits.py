"""Benefits as data: what kinds there are, how a value is checked and read, and what several of a kind amount to.

A new kind is a line in `KINDS`; what acts on it asks `Effects`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a benefit is; everything else about a kind stands in `KINDS`."""

    POINTS_MULTIPLIER = "points_multiplier"
    DISCOUNT = "discount"
    MEMBER_PRICE = "member_price"
    FREE_SHIPPING = "free_shipping"
    BIRTHDAY_GIFT = "birthday_gift"
    TIER_UP_GIFT = "tier_up_gift"
    MONTHLY_COUPONS = "monthly_coupons"
    WELCOME_GIFT = "welcome_gift"
    EXCLUSIVE_PRODUCTS = "exclusive_products"
    EARLY_ACCESS = "early_access"
    PRIORITY_SHIPPING = "priority_shipping"
    DEDICATED_SUPPORT = "dedicated_support"
    FREE_RETURNS = "free_returns"
    EVENT_INVITATION = "event_invitation"
    OTHER = "other"


class Gives(StrEnum):
    """When a benefit hands something out: a gift is promised once per such occasion."""

    BIRTHDAY = "birthday"
    TIER_UP = "tier_up"
    MONTH = "month"
    WELCOME = "welcome"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One benefit as somebody grants it; `origin` is tier or plan."""

    kind: str
    value: Decimal | None = None
    title: str = ""
    subtitle: str = ""
    icon: str = "gift"
    config: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "tier"

    @property
    def note(self) -> str:
        """What stands below the title: the merchant's words, but of what nothing delivers yet that it waits."""
        known = KINDS.get(self.kind)
        return known.words(self.value) if known is not None and known.is_waiting else self.subtitle


@dataclass(frozen=True, kw_only=True)
class Amount:
    """Which values a kind takes, and the sentence for anything else; `is_needed` False: none stands for no limit."""

    least: Decimal
    most: Decimal
    sentence: str
    is_needed: bool = True
    is_whole: bool = False

    def takes(self, value: Decimal | None) -> bool:
        """Whether a benefit of this kind may have that value."""
        if value is None:
            return not self.is_needed
        return self.least <= value <= self.most and not (self.is_whole and value != value.to_integral_value())


@dataclass(frozen=True, kw_only=True)
class BenefitKind:
    """A kind: its title, the values it takes (None: it has none), its words for members and what it does."""

    title: str
    amount: Amount | None = None
    words: Callable[[Decimal | None], str] = lambda value: ""
    gives: Gives | None = None
    is_monthly: bool = False  # the value is how often a month it may be used
    is_waiting: bool = False  # promised and written down, but nothing delivers it yet: its words say so
    lower_is_better: bool = False


def plain(value: Decimal) -> str:
    """1.5 for 1.50, 2 for 2.00."""
    return f"{value.normalize():f}"


def discount_words(value: Decimal | None) -> str:
    """9 折 for 0.90, 95 折 for 0.95."""
    percent = plain((value or Decimal(1)) * 100)
    return f"{percent.removesuffix('0') if percent != '100' else percent} 折"


def _times_a_month(value: Decimal | None) -> str:
    return "不限次" if value is None else f"每月 {plain(value)} 次"


def _points(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.0f} 积分"


def _amount(least: str, most: str, sentence: str, *, is_needed: bool = True, is_whole: bool = False) -> Amount:
    return Amount(least=Decimal(least), most=Decimal(most), sentence=sentence, is_needed=is_needed, is_whole=is_whole)


VALUE_HELP = "倍数、折扣、次数或小时；生日礼、升级礼、开卡礼填赠送的积分，由活动发放的留空"
_GIFT_POINTS = _amount(
    "1", "100000", "赠送积分为 1 到 100,000 的整数；由活动发放的留空", is_needed=False, is_whole=True
)
KINDS: Mapping[str, BenefitKind] = {
    Kind.POINTS_MULTIPLIER: BenefitKind(
        title="积分倍数",
        amount=_amount("1", "100", "积分倍数为 1 到 100，例如 1.5"),
        words=lambda value: f"{plain(value or Decimal(1))} 倍",
    ),
    Kind.DISCOUNT: BenefitKind(
        title="会员折扣",
        amount=_amount("0.01", "1", "会员折扣为 0.01 到 1，例如 0.95 表示 95 折"),
        words=discount_words,
        lower_is_better=True,
    ),
    Kind.MEMBER_PRICE: BenefitKind(title="会员价"),
    Kind.FREE_SHIPPING: BenefitKind(
        title="包邮",
        amount=_amount("1", "999", "每月包邮次数为 1 到 999 的整数，不填为不限次", is_needed=False, is_whole=True),
        words=_times_a_month,
        is_monthly=True,
    ),
    Kind.BIRTHDAY_GIFT: BenefitKind(title="生日礼", amount=_GIFT_POINTS, words=_points, gives=Gives.BIRTHDAY),
    Kind.TIER_UP_GIFT: BenefitKind(title="升级礼", amount=_GIFT_POINTS, words=_points, gives=Gives.TIER_UP),
    Kind.MONTHLY_COUPONS: BenefitKind(
        title="每月券包", words=lambda value: "优惠券上线后发放", gives=Gives.MONTH, is_waiting=True
    ),
    Kind.WELCOME_GIFT: BenefitKind(title="开卡礼", amount=_GIFT_POINTS, words=_points, gives=Gives.WELCOME),
    Kind.EXCLUSIVE_PRODUCTS: BenefitKind(title="专享商品"),
    Kind.EARLY_ACCESS: BenefitKind(
        title="提前购",
        amount=_amount("1", "720", "提前购的小时数为 1 到 720 的整数，例如 24", is_whole=True),
        words=lambda value: f"提前 {plain(value or Decimal(0))} 小时",
    ),
    Kind.PRIORITY_SHIPPING: BenefitKind(title="优先发货"),
    Kind.DEDICATED_SUPPORT: BenefitKind(title="专属客服"),
    Kind.FREE_RETURNS: BenefitKind(title="免费退换"),
    Kind.EVENT_INVITATION: BenefitKind(title="活动邀请"),
    Kind.OTHER: BenefitKind(title="其他"),
}


def kind_choices() -> list[tuple[str, str]]:
    """Every kind with its Chinese title, as a form or a model field offers them."""
    return [(str(kind), known.title) for kind, known in KINDS.items()]


def giving(occasion: Gives) -> list[str]:
    """The kinds that hand something out on that occasion."""
    return [str(kind) for kind, known in KINDS.items() if known.gives == occasion]


def gift_points(*, kind: str, value: Decimal | None) -> int:
    """The points that a benefit gives by itself; 0: none, or what the shop's campaigns say."""
    known = KINDS.get(kind)
    return int(value or 0) if known is not None and known.gives and known.amount else 0


def wrong_value(*, kind: str, value: Decimal | None) -> str | None:
    """The Chinese sentence that says what is wrong with a benefit's value; None when nothing is."""
    known = KINDS.get(kind)
    if known is None:
        return "未知的权益类型"
    if known.amount is None:
        return None if value is None else f"「{known.title}」不需要数值，请留空"
    return None if known.amount.takes(value) else known.amount.sentence


def words(*, kind: str, value: Decimal | None) -> str:
    """How much of it, as a member reads it: 1.5 倍, 95 折, 每月 2 次; empty for what one has or has not."""
    return KINDS[kind].words(value) if kind in KINDS else ""


def better(one: Terms, other: Terms) -> Terms:
    """The better of two benefits of one kind; no value where one is optional means no limit, or a gift without points
    of its own. Equals: the first."""
    known = KINDS[one.kind]
    if known.amount is None or one.value == other.value:
        return one
    if one.value is None or other.value is None:
        has_none, has_one = (one, other) if one.value is None else (other, one)
        return has_one if known.gives else has_none
    is_better = other.value < one.value if known.lower_is_better else other.value > one.value
    return other if is_better else one


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What all of a member's benefits amount to: per kind the best one; 其他 ones all stand beside each other."""

    terms: tuple[Terms, ...] = ()
    points_multiplier: Decimal = Decimal(1)

    def has(self, kind: str) -> bool:
        """Whether the member has a benefit of that kind."""
        return any(one.kind == kind for one in self.terms)

    def value_of(self, kind: str) -> Decimal | None:
        """The value of the member's benefit of that kind; None without one, or without limit."""
        return next((one.value for one in self.terms if one.kind == kind), None)

    @property
    def discount(self) -> Decimal:
        """What goods cost this member, as a share of their price."""
        return self.value_of(Kind.DISCOUNT) or Decimal(1)

    @property
    def early_access_hours(self) -> int:
        """So many hours before others the member may buy."""
        return int(self.value_of(Kind.EARLY_ACCESS) or 0)

    def left(self, *, kind: str, used: int) -> int | None:
        """How often it may still be used this month; None: without limit, 0 also for who has none."""
        if not self.has(kind):
            return 0
        value = self.value_of(kind)
        return None if value is None else max(int(value) - used, 0)


def combine(terms: Sequence[Terms], *, multiply: bool = False) -> Effects:
    """What benefits of several origins amount to: the better of each kind.

    `multiply`: the shop's policy lets the multipliers of different origins multiply; of one origin the best counts.
    """
    best: dict[str, Terms] = {}
    multipliers: dict[str, Decimal] = {}
    for one in terms:
        key = f"{one.kind}:{one.title}" if one.kind == Kind.OTHER else one.kind
        best[key] = better(best[key], one) if key in best else one
        if one.kind == Kind.POINTS_MULTIPLIER and one.value is not None:
            multipliers[one.origin] = max(one.value, multipliers.get(one.origin, Decimal(1)))
    multiplier = Decimal(1)
    for value in multipliers.values():
        multiplier = multiplier * value if multiply else max(multiplier, value)
    return Effects(terms=tuple(best.values()), points_multiplier=multiplier)
