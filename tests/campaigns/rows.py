"""Members, campaigns and orders for tests, made by the real services where there are any."""

from datetime import datetime
from itertools import count

from django.db import transaction

from campaigns.models import Campaign, CampaignVersion
from campaigns.services.editing import CampaignValues, publish, save
from campaigns.services.presets import install_presets
from config.core.time import SHANGHAI
from mall.models import Category, Order, OrderLine, Product, Refund, Sku, Store
from mall.services.defaults import ensure_defaults as ensure_mall_defaults
from members.models import Member, Tier
from members.services.defaults import ensure_defaults as ensure_member_defaults
from members.services.registration import register_by_phone
from points import ledger

LONG_AGO = datetime(2026, 1, 1, tzinfo=SHANGHAI)
_numbers = count(1)


def defaults() -> None:
    """Tiers and the default store again, for tests whose database was emptied before."""
    with transaction.atomic():
        ensure_member_defaults()
        ensure_mall_defaults()


def a_member(*, tier: str = "bronze", month_day: str = "") -> Member:
    """A member on a tier."""
    with transaction.atomic():
        phone = f"138{next(_numbers):08d}"
        member_id = register_by_phone(phone=phone, channel="h5", at=LONG_AGO).member_id
        Member.objects.filter(pk=member_id).update(tier=Tier.objects.get(code=tier), birthday_month_day=month_day)
    return Member.objects.get(pk=member_id)


def presets_installed(*codes: str) -> None:
    """These presets (all, when none is named), live since long ago."""
    with transaction.atomic():
        install_presets(at=LONG_AGO, live_from=LONG_AGO, codes=codes or None)


def a_campaign(*, at: datetime = LONG_AGO, **fields: object) -> Campaign:
    """A live campaign."""
    values: dict[str, object] = {
        "code": f"campaign-{next(_numbers)}",
        "name": "测试活动",
        "trigger": "order_completed",
        "effects": [{"kind": "points_per_yuan", "points": 1}],
        **fields,
    }
    with transaction.atomic():
        campaign_id = save(campaign_id=None, values=CampaignValues(**values), at=at)  # type: ignore[arg-type]
        publish(campaign_id=campaign_id, at=at)
    return Campaign.objects.get(pk=campaign_id)


def an_order(
    member: Member | None,
    *,
    cents: int,
    paid_at: datetime,
    tier: str = "bronze",
    tier_name: str = "青铜会员",
    multiplier: str = "1",
    kind: str = "sale",
) -> Order:
    """A completed order of one line, judged by the tier given."""
    number = next(_numbers)
    category, _ = Category.objects.get_or_create(slug="test", defaults={"name": "测试"})
    product = Product.objects.create(category=category, name=f"商品 {number}")
    sku = Sku.objects.create(product=product, code=f"SKU{number}", price_cents=cents)
    order = Order.objects.create(
        number=f"{10**15 + number}",
        kind=kind,
        status=Order.Status.COMPLETED,
        member=member,
        store=Store.objects.get(is_default=True),
        channel="h5",
        goods_cents=cents,
        payable_cents=cents,
        created_at=paid_at,
        paid_at=paid_at,
        completed_at=paid_at,
        judged_as={"tier_code": tier, "tier_name": tier_name, "points_multiplier": multiplier},
    )
    OrderLine.objects.create(
        order=order,
        sku=sku,
        product_name=product.name,
        quantity=1,
        unit_price_cents=cents,
        goods_cents=cents,
        paid_cents=cents,
    )
    return order


def a_refund(order: Order, *, cents: int, at: datetime) -> Refund:
    """A refund of some of the goods' cash, as the mall books it."""
    line = order.lines.get()
    line.refunded_cents += cents
    line.save()
    return Refund.objects.create(
        order=order, number=f"{10**15 + next(_numbers)}", key=f"k{next(_numbers)}", cash_cents=cents, created_at=at
    )


def points_of(member: Member, at: datetime) -> int:
    return ledger.balance(account=member.points_account_id, at=at).spendable


def growth_of(member: Member, at: datetime) -> int:
    return ledger.balance(account=member.growth_account_id, at=at).spendable


def versions_of(campaign: Campaign) -> list[tuple[int, datetime, datetime | None]]:
    rows = CampaignVersion.objects.filter(campaign=campaign).order_by("number")
    return list(rows.values_list("number", "live_from", "live_until"))
