"""What every installation starts with: a ladder of four tiers."""

from decimal import Decimal
from typing import Any, NamedTuple

from config.core.db import transaction_required
from members.models import Benefit, Tier


class DefaultBenefit(NamedTuple):
    """One benefit of a default tier."""

    kind: str
    value: Decimal | None
    title: str
    subtitle: str
    icon: str


class DefaultTier(NamedTuple):
    """One rung of the default ladder."""

    code: str
    name: str
    threshold: int
    color: str
    multiplier: Decimal
    discount: Decimal | None = None
    has_free_shipping: bool = False


LADDER = (
    DefaultTier("bronze", "青铜会员", 0, "#b9835a", Decimal("1")),
    DefaultTier("silver", "白银会员", 1000, "#9aa7b8", Decimal("1.2")),
    DefaultTier("gold", "黄金会员", 5000, "#d0a04f", Decimal("1.5"), has_free_shipping=True),
    DefaultTier("diamond", "钻石会员", 20000, "#2b3350", Decimal("2"), Decimal("0.95"), has_free_shipping=True),
)


@transaction_required
def ensure_defaults(*, tiers: Any = Tier, benefits: Any = Benefit) -> None:
    """Create the default ladder when there is none; a ladder that the merchant changed stays as it is.

    A data migration passes its historical models.
    """
    if tiers.objects.exists():
        return
    for rank, tier in enumerate(LADDER, start=1):
        row = tiers.objects.create(
            code=tier.code,
            name=tier.name,
            rank=rank,
            threshold=tier.threshold,
            color=tier.color,
            art=f"tier-{tier.code}",
        )
        benefits.objects.bulk_create(
            benefits(tier=row, position=position, **benefit._asdict())
            for position, benefit in enumerate(benefits_of(tier))
        )


def benefits_of(tier: DefaultTier) -> list[DefaultBenefit]:
    """The benefits of a default tier, in order."""
    rows = [DefaultBenefit("points_multiplier", tier.multiplier, f"{tier.multiplier} 倍积分", "消费返积分", "coins")]
    if tier.discount is not None:
        rows.append(DefaultBenefit("discount", tier.discount, f"{tier.discount * 100:.0f} 折", "会员价", "discount"))
    if tier.has_free_shipping:
        rows.append(DefaultBenefit("free_shipping", None, "全年包邮", "不限金额", "truck-delivery"))
    rows.append(DefaultBenefit("birthday_gift", None, "生日礼", "生日当天送积分", "cake"))
    return rows
