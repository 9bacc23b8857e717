"""A shop with goods, and callers: a member, another member, a visitor, staff."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from config.outbox.services import nudging
from mall.models import Category, Product, Sku, Stock, Store
from members.models import Address, Member, User
from members.services import api_tokens
from points import ledger
from tests.members.factories import a_clerk, a_member

Goods = Callable[..., Sku]
V1 = "/api/v1"


class Api(APIClient):
    """Calls `/api/v1/…` with JSON."""

    default_format = "json"

    def generic(self, method, path, *args, **kwargs):  # type: ignore[no-untyped-def]
        return super().generic(method, path if path.startswith("/") else f"{V1}/{path}", *args, **kwargs)


@pytest.fixture(autouse=True)
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts are delivered when a test says so."""
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)


@pytest.fixture(autouse=True)
def shop(request: pytest.FixtureRequest) -> None:
    """A shop with its default tiers, store and pages."""
    if marker := request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")


def with_token(user: User) -> Api:
    with transaction.atomic():
        token = api_tokens.issue(user_id=user.pk, at=timezone.now())
    api = Api()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token.text}")
    return api


@pytest.fixture
def member(shop: None) -> Member:
    return a_member(phone="13800000001", nickname="小杉")


@pytest.fixture
def stranger(shop: None) -> Member:
    return a_member(phone="13800000002", nickname="小松")


@pytest.fixture
def api(member: Member) -> Api:
    assert member.user is not None
    return with_token(member.user)


@pytest.fixture
def strange_api(stranger: Member) -> Api:
    assert stranger.user is not None
    return with_token(stranger.user)


@pytest.fixture
def visitor(shop: None) -> Api:
    return Api()


@pytest.fixture
def staff_api(shop: None) -> Api:
    return with_token(a_clerk())


def address_for(member: Member) -> Address:
    return Address.objects.create(
        member=member,
        recipient="王小杉",
        phone="13800000001",
        phone_last4="0001",
        region="浙江省 杭州市 西湖区",
        region_code="330106",
        detail="龙井路 1 号",
        is_default=True,
        created_at=timezone.now(),
    )


@pytest.fixture
def address(member: Member) -> Address:
    return address_for(member)


def give_points(member: Member, points: int, *, key: str = "gift") -> int:
    """The id of the entry that gave them."""
    with transaction.atomic():
        return ledger.earn(
            account=member.points_account_id, points=points, key=key, source="gift", at=timezone.now()
        ).id


def put_goods(
    name: str = "明前龙井", *, cents: int = 19_900, stock: int = 50, points: int | None = None, **columns: object
) -> Sku:
    """A product with one SKU, on the shelf."""
    category = Category.objects.get_or_create(slug="tea", defaults={"name": "名茶"})[0]
    values = {"category": category, "is_on_sale": True, "is_redeemable": points is not None, **columns}
    product = Product.objects.create(name=name, **values)
    sku = Sku.objects.create(
        product=product, code=f"S{product.pk}", price_cents=cents, redeem_points=points, redeem_cash_cents=0
    )
    Stock.objects.create(sku=sku, store=Store.objects.get(is_default=True), available=stock)
    return sku


@pytest.fixture
def goods(shop: None) -> Goods:
    """Put a product with one SKU on the shelf."""
    return put_goods


def order_body(api: Api, sku: Sku, address: Address, *, quantity: int = 1, points: int = 0) -> dict[str, object]:
    """What orders one SKU at the price that a quote names."""
    lines = [{"sku_id": sku.pk, "quantity": quantity}]
    quote = api.post("checkout/", {"lines": lines, "points": points})
    assert quote.status_code == 200, quote.json()
    return {
        "lines": lines,
        "address_id": address.pk,
        "points": points,
        "expected_payable_cents": quote.json()["priced"]["payable_cents"],
    }


def place(api: Api, sku: Sku, address: Address, *, quantity: int = 1, key: str = "order-1") -> str:
    """Number of an order placed by API."""
    body = order_body(api, sku, address, quantity=quantity)
    placed = api.post("orders/", body, headers={"Idempotency-Key": key})
    assert placed.status_code == 201, placed.json()
    return str(placed.json()["number"])
