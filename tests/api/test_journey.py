"""One member's path through the API: log in, look around, buy, pay, receive, read why."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from campaigns.services.presets import install_presets
from config.core.time import SHANGHAI
from config.outbox.services import deliveries
from mall.models import Order
from mall.services import orders
from members.models import DevMessage
from points import ledger
from tests.api.conftest import Api, Goods

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)
WEDNESDAY = datetime(2026, 11, 18, 20, 30, tzinfo=SHANGHAI)
FRIDAY = WEDNESDAY + timedelta(days=2)
PHONE = "13800001234"


def answer(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.json()
    return response.json() if response.content else None


def log_in(api: Api) -> dict[str, Any]:
    answer(api.post("auth/codes/", {"phone": "+86 138-0000-1234"}), 204)
    text = DevMessage.objects.latest("pk").text
    code = re.search(r"\d{6}", text)
    assert code
    signed_in: dict[str, Any] = answer(api.post("auth/login/", {"phone": PHONE, "code": code[0]}))
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {signed_in['token']}")
    return signed_in


def fill_cart_and_order(api: Api, product_id: int) -> str:
    sku = answer(api.get(f"products/{product_id}/"))["skus"][0]
    assert (sku["price_cents"], sku["available"]) == (20900, 5)
    cart = answer(api.post("cart/lines/", {"sku_id": sku["id"], "quantity": 1}), 201)
    assert [(row["sku_id"], row["quantity"], row["is_selected"]) for row in cart["rows"]] == [(sku["id"], 1, True)]
    quote = answer(api.post("checkout/", {}))["priced"]
    assert [(step["label"], step["cents"]) for step in quote["steps"]] == [
        ("商品金额", 20900),
        ("满 100 减 10", -1000),
        ("运费（满 99 元包邮）", 0),
    ]
    assert (quote["payable_cents"], quote["earn_points"]) == (19900, 398)
    address = {"recipient": "王小杉", "phone": PHONE, "region_code": "330106", "detail": "龙井路 1 号"}
    address_id = answer(api.post("addresses/", address), 201)["id"]
    body = {"address_id": address_id, "expected_payable_cents": 19900, "buyer_note": "轻拿轻放"}
    placed = answer(api.post("orders/", body, headers={"Idempotency-Key": "first-order"}), 201)
    assert (placed["status"], placed["payable_cents"]) == ("created", 19900)
    assert answer(api.get("cart/"))["rows"] == []
    return str(placed["number"])


def pay(api: Api, number: str) -> None:
    cashier = answer(api.get(f"orders/{number}/cashier/"))
    assert (cashier["can_pay"], [way["code"] for way in cashier["providers"]]) == (True, ["sandbox"])
    headers = {"Idempotency-Key": "pay-first-order"}
    started = answer(api.post(f"orders/{number}/payments/", {"provider": "sandbox"}, headers=headers), 201)
    assert started["amount_cents"] == 19900
    path = f"payments/{started['out_trade_no']}/sandbox/"
    assert [answer(api.post(path))["outcome"] for _ in range(2)] == ["paid", "already_recorded"]


def ship(number: str) -> None:
    with transaction.atomic():
        order_id = Order.objects.values_list("pk", flat=True).get(number=number)
        orders.mark_shipped(order_id=order_id, carrier="顺丰速运", tracking_no="SF1234567890", at=WEDNESDAY)


def look_around(api: Api, product_id: int) -> None:
    me = answer(api.get("me/"))
    assert (me["tier"]["name"], me["next_tier"]["name"], me["growth"]["missing"]) == ("青铜会员", "白银会员", 1000)
    assert me["points"]["available"] == 50
    assert {block["kind"] for block in answer(api.get("pages/home/"))} >= {"product_feed", "shortcuts"}
    found = answer(api.get("products/", {"category": "tea", "search": "龙井"}))
    assert [one["id"] for one in found["items"]] == [product_id]


def receive(api: Api, number: str) -> None:
    received = answer(api.post(f"orders/{number}/confirm-receipt/"))
    assert (received["status"], received["shipments"][0]["tracking_no"]) == ("completed", "SF1234567890")
    deliveries.deliver_all(at=FRIDAY)


def read_why(api: Api, number: str) -> None:
    entries = answer(api.get("points/entries/", {"direction": "earned"}))["items"]
    assert [(entry["title"], entry["points"], entry["spendable_after"]) for entry in entries] == [
        ("消费得积分", 398, 448),
        ("新会员礼", 50, 50),
    ]
    detail = answer(api.get(f"points/entries/{entries[0]['id']}/"))
    assert [(lot["points"], lot["remaining"]) for lot in detail["lots"]] == [(398, 398)]
    receipt = answer(api.get(f"points/entries/{entries[0]['id']}/receipt/"))
    assert (receipt["order_number"], receipt["points"], receipt["growth"]) == (number, 398, 199)
    assert receipt["sums"][0]["formula"] == "199 × 2 = 398"
    assert answer(api.get(f"receipts/{receipt['id']}/")) == receipt


@pytest.mark.django_db(transaction=True)
def test_a_new_member_buys_on_a_double_wednesday_and_reads_why_they_got_398_points(visitor: Api, goods: Goods):
    with transaction.atomic():
        install_presets(at=OPENED, live_from=OPENED)
    product_id = goods("明前龙井", cents=20_900, stock=5).product_id

    with time_machine.travel(WEDNESDAY, tick=False):
        signed_in = log_in(visitor)
        assert (signed_in["is_new"], signed_in["member"]["phone"]) == (True, "138****1234")
        deliveries.deliver_all(at=WEDNESDAY)
        look_around(visitor, product_id)
        number = fill_cart_and_order(visitor, product_id)
        pay(visitor, number)
    ship(number)
    with time_machine.travel(FRIDAY, tick=False):
        receive(visitor, number)
        read_why(visitor, number)
        answer(visitor.post("auth/logout/"), 204)
        assert visitor.get("me/").status_code == 401
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_asking_for_a_code_answers_the_same_for_members_and_strangers(visitor: Api, api: Api):
    answers = [visitor.post("auth/codes/", {"phone": phone}) for phone in ("13800000001", "13900000009")]
    assert [(one.status_code, one.content) for one in answers] == [(204, b""), (204, b"")]


@pytest.mark.django_db(transaction=True)
def test_a_wrong_code_is_counted_although_it_is_refused(visitor: Api):
    visitor.post("auth/codes/", {"phone": PHONE})
    text = DevMessage.objects.latest("pk").text
    wrong = "111111" if "111111" not in text else "222222"
    refusals = [visitor.post("auth/login/", {"phone": PHONE, "code": wrong}).json() for _ in range(2)]
    assert [one["fields"] for one in refusals] == [
        {"code": ["验证码不正确，还可以再试 4 次"]},
        {"code": ["验证码不正确，还可以再试 3 次"]},
    ]


@pytest.mark.django_db(transaction=True)
def test_a_second_code_too_soon_says_when_to_come_back(visitor: Api):
    with time_machine.travel(WEDNESDAY, tick=False):
        visitor.post("auth/codes/", {"phone": PHONE})
        refused = visitor.post("auth/codes/", {"phone": PHONE})
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert refused.json() == {
        "code": "code_sent_recently",
        "message": "验证码已发送，请 60 秒后再获取",
        "fields": {"phone": ["验证码已发送，请 60 秒后再获取"]},
        "facts": {"seconds": 60},
    }
