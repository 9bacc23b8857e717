"""A small shop, and a member with a log-in, an address and points."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from mall.models import Category, Product, Sku, Stock, Store
from members.models import Address, Member, User
from members.services.registration import register_by_phone
from members.services.sign_in import log_in_of
from points import ledger

LONG_AGO = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
Goods = Callable[..., Product]


@pytest.fixture
def member(db: None) -> Member:
    return new_member(phone="13800000001")


@pytest.fixture
def stranger(db: None) -> Member:
    return new_member(phone="13800000002")


def new_member(*, phone: str) -> Member:
    with transaction.atomic():
        member_id, _ = register_by_phone(phone=phone, channel="h5", at=LONG_AGO, nickname="周一诺")
        log_in_of(member_id=member_id)
    return Member.objects.get(pk=member_id)


@pytest.fixture
def visitor(db: None) -> Client:
    return Client()


@pytest.fixture
def buyer(member: Member) -> Client:
    return client_of(member)


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(User.objects.get(member=member))
    return client


@pytest.fixture
def address(member: Member) -> Address:
    return Address.objects.create(
        member=member,
        recipient="周一诺",
        phone="13800000001",
        phone_last4="0001",
        region="浙江省 杭州市 滨江区",
        detail="江南大道 1 号",
        is_default=True,
        created_at=LONG_AGO,
    )


@pytest.fixture
def give_points(member: Member) -> Callable[[int], None]:
    def give(points: int) -> None:
        with transaction.atomic():
            ledger.earn(
                account=member.points_account_id, points=points, key=f"gift:{points}", source="test", at=timezone.now()
            )

    return give


@pytest.fixture
def category(db: None) -> Category:
    return Category.objects.create(name="名茶咖啡", slug="tea", art="cat-tea")


@pytest.fixture
def goods(category: Category) -> Goods:
    """Put a product on sale: one SKU per label, each at the price and with the stock."""

    def put(
        name: str = "明前龙井",
        *,
        cents: int = 10_000,
        stock: int = 10,
        labels: tuple[str, ...] = ("标准",),
        points: int | None = None,
        points_cents: int = 0,
        **columns: object,
    ) -> Product:
        product = Product.objects.create(
            category=category, name=name, **{"is_on_sale": True, "is_redeemable": points is not None, **columns}
        )
        store = Store.objects.get(is_default=True)
        for number, label in enumerate(labels):
            sku = Sku.objects.create(
                product=product,
                code=f"{product.pk}-{number}",
                label=label,
                price_cents=cents,
                redeem_points=points,
                redeem_cash_cents=points_cents,
                position=number,
            )
            Stock.objects.create(sku=sku, store=store, available=stock)
        return product

    return put


def sku_of(product: Product, label: str = "标准") -> Sku:
    return Sku.objects.get(product=product, label=label)
