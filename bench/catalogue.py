"""Fills the shop for page benches: products, a member with orders and points."""

from django.db import transaction
from django.utils import timezone

from campaigns.services.presets import install_presets
from mall.models import Category, Product, Sku, Stock, Store
from members.models import Member
from members.services.registration import register_by_phone
from points import ledger

PHONE = "13800009999"
_NAMES = ["龙井", "咖啡豆", "月饼", "草莓", "口红", "耳机", "双肩包", "鲜花", "台灯", "围巾"]


def set_up() -> Member:
    """Categories, campaigns and the member who looks at pages."""
    at = timezone.now()
    with transaction.atomic():
        for position, name in enumerate(_NAMES[:8], start=1):
            Category.objects.create(slug=f"c{position}", name=name, position=position)
        install_presets(at=at, live_from=at)
        member_id = register_by_phone(phone=PHONE, channel="h5", at=at).member_id
        member = Member.objects.get(pk=member_id)
        for number in range(40):
            ledger.earn(account=member.points_account_id, points=100 + number, key=f"b{number}", source="bench", at=at)
    return member


def grow_to(count: int) -> None:
    """So many products on sale, one in ten of them redeemable."""
    categories, store = list(Category.objects.order_by("pk")), Store.objects.get(is_default=True)
    have = Product.objects.count()
    products = Product.objects.bulk_create(
        [
            Product(
                category=categories[n % len(categories)],
                name=f"{_NAMES[n % 10]} {n} 号精选装",
                subtitle="产地直发",
                is_on_sale=True,
                is_redeemable=n % 10 == 0,
                position=n,
            )
            for n in range(have, count)
        ],
        batch_size=2000,
    )
    skus = Sku.objects.bulk_create(
        [
            Sku(
                product=p, code=f"BENCH-{p.pk}", price_cents=1000 + p.pk, redeem_points=500 if p.is_redeemable else None
            )
            for p in products
        ],
        batch_size=2000,
    )
    Stock.objects.bulk_create([Stock(sku=sku, store=store, available=1000) for sku in skus], batch_size=2000)
