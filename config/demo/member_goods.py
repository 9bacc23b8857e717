"""What the demo sells to members alone, to members first, and to members for less."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.core.money import cents_from_yuan
from config.core.time import day_start, local_date
from config.demo.goods import Choice, Good
from config.demo.shop import add_good
from mall.models import Category, Product, Sku
from members.models import Plan, Tier

_OPENS: Final = timedelta(days=1, hours=20)  # tomorrow at eight in the evening; who has 提前购 buys today


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A good and whom it is kept for: a tier and those above, a plan, or everybody from a moment on."""

    good: Good
    tier: str = ""
    plan: str = ""
    opens_later: bool = False


def _one(price: str, *, member_price: str = "", points: int | None = None) -> tuple[Choice, ...]:
    return (Choice(label="标准装", price=price, points=points, member_price=member_price, stock=60),)


_KEPT: Final = (
    _Kept(
        good=Good(
            category="fruit",
            name="黄金会员鲜果篮",
            subtitle="当日采摘，九种时令鲜果",
            picture="fruit-basket",
            choices=_one("168", points=3000),
        ),
        tier="gold",
    ),
    _Kept(
        good=Good(
            category="flower",
            name="年卡会员生日蛋糕",
            subtitle="六寸动物奶油，附手写卡",
            picture="birthday-cake",
            choices=_one("128"),
        ),
        plan="year",
    ),
    _Kept(
        good=Good(
            category="fashion",
            name="云杉联名手提包",
            subtitle="限量发售，会员提前购",
            picture="handbag",
            choices=_one("399", member_price="359"),
        ),
        opens_later=True,
    ),
)
# by name and label: for who has 会员价
_MEMBER_PRICES: Final = {
    ("护眼台灯", "标准装"): "179",
    ("羊绒混纺围巾", "标准装"): "209",
    ("头戴式无线降噪耳机", "曜石黑"): "739",
    ("头戴式无线降噪耳机", "云雾白"): "739",
}


def add_member_goods(*, opened_at: datetime, now: datetime) -> None:
    """Goods for some members, one that opens tomorrow evening, and member prices; tiers and plans stand already."""
    categories = {category.slug: category for category in Category.objects.all()}
    position = Product.objects.count()
    for place, kept in enumerate(_KEPT, start=position + 1):
        product = add_good(kept.good, categories[kept.good.category], position=place, at=opened_at)
        Product.objects.filter(pk=product.pk).update(
            is_exclusive=bool(kept.tier or kept.plan),
            exclusive_tier=Tier.objects.get(code=kept.tier) if kept.tier else None,
            exclusive_plan=Plan.objects.get(code=kept.plan) if kept.plan else None,
            on_sale_from=day_start(local_date(now)) + _OPENS if kept.opens_later else None,
        )
    for (name, label), yuan in _MEMBER_PRICES.items():
        Sku.objects.filter(product__name=name, label=label).update(member_price_cents=cents_from_yuan(yuan))
