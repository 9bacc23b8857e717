"""What belongs to another member is not found, whatever is tried with it."""

from typing import Any

import pytest
from django.db import transaction

from campaigns.services.presets import install_presets
from config.core.time import SHANGHAI
from mall.models import CartLine, Order
from members.models import Address, Member
from tests.api.conftest import Api, Goods, give_points, place

pytestmark = pytest.mark.django_db

_NOT_FOUND = {"code": "not_found", "message": "内容不存在或已失效", "fields": {}, "facts": {}}
_ADDRESS = {"recipient": "李松", "phone": "13800000002", "region_code": "330106", "detail": "灵隐路 9 号"}


@pytest.fixture
def order(api: Api, goods: Goods, address: Address) -> Order:
    return Order.objects.get(number=place(api, goods(), address))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "orders/{number}/", None),
        ("post", "orders/{number}/cancel/", None),
        ("post", "orders/{number}/confirm-receipt/", None),
        ("get", "orders/{number}/cashier/", None),
        ("post", "orders/{number}/payments/", {"provider": "sandbox"}),
    ],
)
def test_another_members_order_is_not_found(
    order: Order, strange_api: Api, method: str, path: str, body: dict[str, Any] | None
):
    call = getattr(strange_api, method)
    answer = call(path.format(number=order.number), body, headers={"Idempotency-Key": "theirs"})
    assert (answer.status_code, answer.json()) == (404, _NOT_FOUND)
    order.refresh_from_db()
    assert (order.status, order.payments.count()) == ("created", 0)


def test_another_members_payment_is_not_found(order: Order, api: Api, strange_api: Api):
    headers = {"Idempotency-Key": "mine"}
    started = api.post(f"orders/{order.number}/payments/", {"provider": "sandbox"}, headers=headers).json()
    answer = strange_api.post(f"payments/{started['out_trade_no']}/sandbox/")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_payment")
    order.refresh_from_db()
    assert order.status == "created"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "addresses/{id}/", None),
        ("put", "addresses/{id}/", _ADDRESS),
        ("delete", "addresses/{id}/", None),
        ("post", "addresses/{id}/default/", None),
    ],
)
def test_another_members_address_is_not_found(
    address: Address, strange_api: Api, method: str, path: str, body: dict[str, Any] | None
):
    answer = getattr(strange_api, method)(path.format(id=address.pk), body)
    assert (answer.status_code, answer.json()) == (404, _NOT_FOUND)
    address.refresh_from_db()
    assert (address.recipient, address.is_default) == ("王小杉", True)


def test_nobody_orders_to_another_members_address(address: Address, strange_api: Api, goods: Goods):
    body = {
        "lines": [{"sku_id": goods().pk, "quantity": 1}],
        "address_id": address.pk,
        "expected_payable_cents": 19900,
    }
    answer = strange_api.post("orders/", body, headers={"Idempotency-Key": "theirs"})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"address_id": ["请选择收货地址"]})
    assert Order.objects.count() == 0


def test_another_members_entries_and_receipts_are_not_found(member: Member, api: Api, strange_api: Api):
    with transaction.atomic():
        opened = member.registered_at.astimezone(SHANGHAI)
        install_presets(at=opened, live_from=opened)
    entry = give_points(member, 100)
    receipt = api.post("check-in/").json()["receipt_id"]
    assert receipt
    mine = [f"points/entries/{entry}/", f"receipts/{receipt}/"]
    assert [api.get(path).status_code for path in mine] == [200, 200]
    theirs = [strange_api.get(path) for path in [*mine, f"points/entries/{entry}/receipt/"]]
    assert [(one.status_code, one.json()) for one in theirs] == [(404, _NOT_FOUND)] * 3
    assert strange_api.get("points/entries/").json() == {"next_cursor": "", "items": []}


def test_another_members_cart_lines_stay_as_they_are(api: Api, strange_api: Api, goods: Goods):
    line = api.post("cart/lines/", {"sku_id": goods().pk, "quantity": 2}).json()["rows"][0]["line_id"]
    assert strange_api.patch(f"cart/lines/{line}/", {"quantity": 9}).status_code == 404
    assert strange_api.post("cart/selection/", {"is_selected": False, "line_ids": [line]}).status_code == 404
    assert strange_api.delete(f"cart/lines/{line}/").json()["rows"] == []
    assert list(CartLine.objects.values_list("quantity", "is_selected")) == [(2, True)]


def test_another_members_idempotency_key_is_nobody_elses(
    api: Api, strange_api: Api, goods: Goods, address: Address, order: Order
):
    answer = strange_api.post(
        "orders/",
        {"lines": [], "address_id": address.pk, "expected_payable_cents": 0},
        headers={"Idempotency-Key": "order-1"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")
