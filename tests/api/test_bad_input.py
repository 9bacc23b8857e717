"""Bad input is answered with a Chinese sentence at its field and the right status, never with a 500."""

from typing import Any

import pytest

from mall.models import CartLine, Order, Sku
from members.models import Address, Member
from tests.api.conftest import V1, Api, Goods, give_points, order_body, place

pytestmark = pytest.mark.django_db


def refused(response: Any) -> tuple[int, str, dict[str, list[str]]]:
    body = response.json()
    assert set(body) == {"code", "message", "fields", "facts"}
    return response.status_code, body["code"], body["fields"]


@pytest.mark.parametrize("phone", ["12345", "1380000000a", "+1 415 555 0100", "１３８0000000", "0" * 40])
def test_a_phone_that_is_none(visitor: Api, phone: str):
    expected = (400, "invalid_phone", {"phone": ["请输入 11 位手机号"]})
    assert refused(visitor.post("auth/codes/", {"phone": phone})) == expected
    assert refused(visitor.post("auth/login/", {"phone": phone, "code": "123456"})) == expected


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "请填写手机号"),
        ({"phone": ""}, "请填写手机号"),
        ({"phone": None}, "请填写手机号"),
        ({"phone": ["13800000001"]}, "手机号要写成文字"),
        ({"phone": {"a": 1}}, "手机号要写成文字"),
        ({"phone": True}, "手机号要写成文字"),
        ({"phone": 13800000001}, "手机号要写成文字"),
        ({"phone": "1" * 41}, "手机号最多 40 个字"),
    ],
)
def test_a_phone_that_is_no_text(visitor: Api, body: dict[str, Any], sentence: str):
    assert refused(visitor.post("auth/codes/", body)) == (400, "invalid", {"phone": [sentence]})


@pytest.mark.parametrize("text", ["138\\u000000000001", "\\ud800"])
def test_text_that_no_database_takes(visitor: Api, text: str):
    body = f'{{"phone": "{text}"}}'
    status, code, fields = refused(visitor.generic("POST", "auth/codes/", body, content_type="application/json"))
    assert (status, code, list(fields)) == (400, "invalid", ["phone"])


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("12", (400, "invalid_code", {"code": ["请输入 6 位数字验证码"]})),
        ("abcdef", (400, "invalid_code", {"code": ["请输入 6 位数字验证码"]})),
        ("", (400, "invalid", {"code": ["请填写验证码"]})),
        ("000000", (400, "code_expired", {"code": ["验证码已失效，请重新获取"]})),
    ],
)
def test_a_code_that_was_never_sent(visitor: Api, code: str, answer: tuple[int, str, dict[str, list[str]]]):
    assert refused(visitor.post("auth/login/", {"phone": "13800000001", "code": code})) == answer


_RANGE = ["数量须在 1 到 99 之间"]


@pytest.mark.parametrize(
    ("quantity", "code", "sentences"),
    [
        (0, "quantity_out_of_range", _RANGE),
        (-1, "quantity_out_of_range", _RANGE),
        (1000, "quantity_out_of_range", _RANGE),
        (10**30, "invalid", ["数量超出范围"]),
        ("abc", "invalid", ["数量要写成整数"]),
        (1.5, "invalid", ["数量要写成整数"]),
        (True, "invalid", ["数量要写成整数"]),
        (None, "invalid", ["数量要写成整数"]),
        ([1], "invalid", ["数量要写成整数"]),
        ("9" * 2000, "invalid", ["数量要写成整数"]),
    ],
)
def test_a_quantity_that_no_order_may_hold(
    api: Api, goods: Goods, address: Address, quantity: Any, code: str, sentences: list[str]
):
    sku = goods()
    line = api.post("cart/lines/", {"sku_id": sku.pk, "quantity": 1}).json()["rows"][0]["line_id"]
    wanted = {"sku_id": sku.pk, "quantity": quantity}
    at_line = "quantity" if code == "quantity_out_of_range" else "lines.0.quantity"
    order = {"lines": [wanted], "address_id": address.pk, "expected_payable_cents": 1}
    assert refused(api.post("cart/lines/", wanted)) == (400, code, {"quantity": sentences})
    assert refused(api.patch(f"cart/lines/{line}/", {"quantity": quantity})) == (400, code, {"quantity": sentences})
    assert refused(api.post("checkout/", {"lines": [wanted]})) == (400, code, {at_line: sentences})
    placed = api.post("orders/", order, headers={"Idempotency-Key": "k"})
    assert refused(placed) == (400, code, {at_line: sentences})
    assert (Order.objects.count(), CartLine.objects.get().quantity) == (0, 1)


@pytest.mark.parametrize("sku_id", [0, -1, 2**63, "abc", None, True, [1]])
def test_a_sku_that_can_be_none(api: Api, sku_id: Any):
    answer = api.post("cart/lines/", {"sku_id": sku_id, "quantity": 1})
    assert refused(answer) == (400, "invalid", {"sku_id": ["请选择商品规格"]})


def test_a_sku_that_nobody_sells(api: Api):
    answer = api.post("cart/lines/", {"sku_id": 2**63 - 1, "quantity": 1})
    assert refused(answer) == (409, "sku_gone", {})


@pytest.mark.parametrize("lines", ["abc", 5, {"sku_id": 1}, None])
def test_lines_that_are_no_list(api: Api, lines: Any):
    assert refused(api.post("checkout/", {"lines": lines})) == (400, "invalid", {"lines": ["lines 要写成列表"]})


def test_an_empty_cart_can_not_be_checked_out(api: Api):
    assert refused(api.post("checkout/", {})) == (409, "cart_empty", {})


@pytest.mark.parametrize("points", [700, 150, -100, 10**12])
def test_points_that_can_not_pay(api: Api, member: Member, goods: Goods, address: Address, points: int):
    give_points(member, 650)
    body = order_body(api, goods(), address) | {"points": points}
    answer = api.post("orders/", body, headers={"Idempotency-Key": "k"})
    assert refused(answer) == (400, "points_not_usable", {"points": ["本单最多可用 600 积分，须为 100 的整数倍"]})
    assert Order.objects.count() == 0


def test_a_redemption_without_enough_points(api: Api, member: Member, goods: Goods, address: Address):
    give_points(member, 100)
    body = {
        "sku_id": goods(points=500).pk,
        "quantity": 1,
        "address_id": address.pk,
        "expected_points": 500,
        "expected_payable_cents": 0,
    }
    answer = api.post("redemptions/", body, headers={"Idempotency-Key": "k"})
    sentence = "积分不足：需要 500 积分，还差 400 积分"
    assert refused(answer) == (409, "not_enough_points", {"expected_points": [sentence]})
    assert answer.json()["facts"] == {"available": 100, "required": 500, "missing": 400}


def test_a_sku_that_was_taken_off_the_shelf(api: Api, goods: Goods, address: Address):
    sku = goods("碧螺春")
    body = order_body(api, sku, address)
    Sku.objects.filter(pk=sku.pk).update(is_active=False)
    answer = api.post("orders/", body, headers={"Idempotency-Key": "k"})
    assert refused(answer) == (409, "sku_gone", {})
    assert answer.json()["message"] == "「碧螺春」已下架，请重新选择"


def test_more_than_is_left(api: Api, goods: Goods):
    answer = api.post("cart/lines/", {"sku_id": goods("碧螺春", stock=2).pk, "quantity": 3})
    assert refused(answer) == (409, "out_of_stock", {"quantity": ["「碧螺春」库存不足，仅剩 2 件"]})
    assert answer.json()["facts"] == {"sku_id": Sku.objects.get().pk, "available": 2}


def test_a_price_that_changed_meanwhile(api: Api, goods: Goods, address: Address):
    sku = goods(cents=20_000)
    body = order_body(api, sku, address)
    Sku.objects.filter(pk=sku.pk).update(price_cents=21_000)
    answer = api.post("orders/", body, headers={"Idempotency-Key": "k"})
    assert refused(answer) == (409, "price_changed", {})
    assert answer.json()["message"] == "价格或优惠有变化，现需支付 ¥210.00，请确认后重新提交"
    assert answer.json()["facts"] == {"payable_cents": 21_000, "points": 0}


@pytest.mark.parametrize("address_id", [None, 0, "abc", 2**63, 10**17])
def test_an_address_that_is_none(api: Api, goods: Goods, address_id: Any):
    body = {"lines": [{"sku_id": goods().pk, "quantity": 1}], "expected_payable_cents": 19900, "address_id": address_id}
    status, _, fields = refused(api.post("orders/", body, headers={"Idempotency-Key": "k"}))
    assert (status, fields) == (400, {"address_id": ["请选择收货地址"]})


def test_an_address_that_nobody_can_deliver_to(api: Api):
    body = {"recipient": " ", "phone": "123", "region_code": "999999", "detail": "x"}
    assert refused(api.post("addresses/", body)) == (400, "invalid", {"recipient": ["请填写收货人姓名"]})
    assert refused(api.post("addresses/", body | {"recipient": "王"})) == (
        400,
        "invalid",
        {"phone": ["请输入 11 位手机号"], "region_code": ["请选择省、市、区"], "detail": ["详细地址至少 4 个字"]},
    )


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"nickname": ""}, {"nickname": ["请填写昵称"]}),
        ({"nickname": "官方客服"}, {"nickname": ["昵称不能冒充商家或客服，请换一个"]}),
        ({"birthday": "2999-01-01"}, {"birthday": ["生日不能晚于今天"]}),
        ({"birthday": "31/12/2000"}, {"birthday": ["请填写正确的日期，例如 1990-05-20"]}),
        ({"birthday": 19900501}, {"birthday": ["生日要写成文字"]}),
        ({"gender": "robot"}, {"gender": ["性别为 female、male 或空"]}),
        ({"region_code": "330100"}, {"region_code": ["请选择省、市、区"]}),
        ({"interests": "tea"}, {"interests": ["兴趣要写成编号的列表"]}),
        ({"birthday": "0001-01-01"}, {"birthday": ["请填写真实的生日"]}),
    ],
)
def test_a_profile_that_can_not_be(api: Api, body: dict[str, Any], fields: dict[str, list[str]]):
    assert refused(api.patch("me/", body)) == (400, "invalid", fields)


def test_a_profile_changes_only_in_what_was_sent(api: Api):
    assert api.patch("me/", {"birthday": "1990-05-01"}).json()["member"]["nickname"] == "小杉"
    member = api.patch("me/", {"nickname": "云杉"}).json()["member"]
    assert (member["nickname"], member["birthday"]) == ("云杉", "1990-05-01")
    assert refused(api.patch("me/", {"birthday": "1991-05-01"}))[1] == "birthday_changed_recently"


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("products/", {"limit": "0"}, "limit"),
        ("products/", {"limit": "51"}, "limit"),
        ("products/", {"limit": "x"}, "limit"),
        ("products/", {"cursor": "x"}, "cursor"),
        ("products/", {"cursor": "1.99999999999999999999"}, "cursor"),
        ("products/", {"cursor": "9" * 65}, "cursor"),
        ("products/", {"sort": "cheapest"}, "sort"),
        ("products/", {"search": "茶" * 41}, "search"),
        ("products/", {"search": "a\0b"}, "search"),
        ("products/", {"category": "x" * 51}, "category"),
        ("products/", {"redeemable": "null"}, "redeemable"),
        ("rewards/", {"cursor": "-1.-1"}, "cursor"),
        ("orders/", {"status": "lost"}, "status"),
        ("orders/", {"cursor": "12345"}, "cursor"),
        ("points/entries/", {"direction": "sideways"}, "direction"),
        ("points/entries/", {"cursor": "²"}, "cursor"),
        ("regions/", {"parent": "1234567"}, "parent"),
    ],
)
def test_a_question_that_makes_no_sense(api: Api, path: str, query: dict[str, str], field: str):
    status, code, fields = refused(api.get(path, query))
    assert (status, code, list(fields)) == (400, "invalid", [field])
    assert all("一" <= sentence[0] <= "龥" for sentence in fields[field])


@pytest.mark.parametrize("body", ["{", "[[1,2", "NaN", '{"a": Infinity}', "\xff", '{"a":' * 50, "[" * 60_000])
def test_a_body_that_is_no_json(api: Api, body: str):
    answer = api.generic("POST", "checkout/", body, content_type="application/json")
    assert refused(answer) == (400, "parse_error", {})
    assert answer.json()["message"] == "请求内容无法解析"


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "5"])
def test_a_body_that_is_no_object(api: Api, body: str):
    status, code, fields = refused(api.generic("POST", "cart/lines/", body, content_type="application/json"))
    assert (status, code) == (400, "invalid")
    assert fields


def test_a_body_that_is_too_large(api: Api):
    answer = api.post("checkout/", {"note": "x" * 65_536})
    assert refused(answer) == (413, "body_too_large", {})
    assert answer.json()["message"] == "请求内容过大，最多 64 KB"


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_in_another_format(api: Api, content_type: str):
    answer = api.generic("POST", "cart/lines/", "sku_id=1", content_type=content_type)
    assert refused(answer)[:2] == (415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_a_method_that_nobody_offers(api: Api, method: str):
    assert refused(api.generic(method, "orders/")) == (405, "method_not_allowed", {})


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "",
        "me",
        "orders/abc/",
        "products/0/",
        "products/9999999999999999999/",
        "addresses/-1/",
        "../v2/me/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_without_an_endpoint(visitor: Api, method: str, path: str):
    assert refused(visitor.generic(method, f"{V1}/{path}")) == (404, "not_found", {})


def test_a_page_that_nobody_composed(visitor: Api):
    assert refused(visitor.get("pages/basement/")) == (404, "not_found", {})


def test_the_same_key_answers_the_same_order_again(api: Api, goods: Goods, address: Address):
    body = order_body(api, goods(), address)
    first, second = (api.post("orders/", body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert Order.objects.count() == 1


def test_a_key_with_another_body_is_refused(api: Api, goods: Goods, address: Address):
    sku = goods()
    place(api, sku, address, key="k")
    body = order_body(api, sku, address, quantity=2)
    answer = api.post("orders/", body, headers={"Idempotency-Key": "k"})
    assert refused(answer) == (422, "idempotency_key_reused", {})
    assert Order.objects.count() == 1


@pytest.mark.parametrize("path", ["orders/", "redemptions/", "orders/1/payments/"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, "idempotency_key_missing"), ({"Idempotency-Key": "x" * 201}, "idempotency_key_malformed")],
)
def test_money_moves_only_with_a_key(api: Api, path: str, headers: dict[str, str], code: str):
    assert refused(api.post(path, {}, headers=headers)) == (400, code, {})


def test_the_sandbox_exists_only_where_the_shop_allows_it(api: Api, settings: Any, goods: Goods, address: Address):
    number = place(api, goods(), address)
    headers = {"Idempotency-Key": "p"}
    started = api.post(f"orders/{number}/payments/", {"provider": "sandbox"}, headers=headers).json()
    settings.SANDBOX_CASHIER = False
    assert refused(api.post(f"payments/{started['out_trade_no']}/sandbox/"))[:2] == (404, "not_found")
    answer = api.post(f"orders/{number}/payments/", {"provider": "sandbox"}, headers={"Idempotency-Key": "q"})
    assert refused(answer) == (409, "provider_unavailable", {"provider": ["暂不支持这种支付方式"]})


def test_what_has_happened_does_not_happen_again(api: Api, goods: Goods, address: Address):
    number = place(api, goods(), address)
    assert api.post(f"orders/{number}/cancel/").json()["status"] == "cancelled"
    assert refused(api.post(f"orders/{number}/cancel/"))[:2] == (409, "order_state_conflict")
    assert api.post("check-in/").status_code == 201
    assert refused(api.post("check-in/")) == (409, "already_checked_in", {})


def test_a_fault_of_ours_has_the_one_shape_too(api: Api, monkeypatch: pytest.MonkeyPatch):
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mall.api.orders.order_counts", broken)
    api.raise_request_exception = False
    assert refused(api.get("orders/counts/")) == (500, "internal_error", {})


def test_a_request_for_another_host_has_the_one_shape_too(visitor: Api, settings: Any):
    settings.ALLOWED_HOSTS = ["shop.example"]
    assert refused(visitor.get("tiers/")) == (400, "bad_request", {})
