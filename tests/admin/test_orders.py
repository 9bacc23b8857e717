"""Orders in the back office: shown, shipped, cancelled, refunded; every refusal is a sentence."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from mall.models import Order, Refund, Shipment, Store
from tests.admin.conftest import ClientWith
from tests.mall.builders import a_buyer, a_paid_order, a_sku, place, receive, shelf, ship

SHIP = {"carrier": "顺丰速运", "tracking_no": "SF1234567890", "_form_submitted": "on"}


def url(order: Any, action: str = "change") -> str:
    return reverse(f"admin:mall_order_{action}", args=[getattr(order, "order_id", None) or order.pk])


def buttons(client: Client, order: Any) -> list[str]:
    return [action["title"] for action in client.get(url(order)).context["actions_detail"]]


def test_the_buttons_fit_the_state(owner: Client) -> None:
    member, sku = a_buyer(), a_sku()
    unpaid = place(member, (sku, 1))
    order = a_paid_order(member, (sku, 1))
    assert buttons(owner, unpaid) == ["取消订单"]
    assert buttons(owner, order) == ["发货", "退款"]
    ship(order.pk)
    assert buttons(owner, order) == ["退款"]
    receive(order.pk)
    assert buttons(owner, order) == ["退款"]
    owner.post(url(unpaid, "cancel"), {"_form_submitted": "on"})
    assert buttons(owner, unpaid) == []


def test_an_order_is_shipped_from_the_dialog(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    assert "确认发货" in owner.get(url(order, "ship")).content.decode()
    response = owner.post(url(order, "ship"), SHIP)
    assert response["HX-Redirect"] == url(order)
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert list(order.shipments.values_list("carrier", "tracking_no")) == [("顺丰速运", "SF1234567890")]
    assert "已发货：顺丰速运 SF1234567890" in owner.get(url(order)).content.decode()
    assert LogEntry.objects.get().get_change_message() == "已发货：顺丰速运 SF1234567890"


def test_a_second_press_ships_nothing_and_says_why(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    owner.post(url(order, "ship"), SHIP)
    response = owner.post(url(order, "ship"), SHIP)
    assert "订单待收货，不能发货" in response.content.decode()
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tracking_no": ""}, "该字段是必填项。"),
        ({"tracking_no": "12 34"}, "运单号为 6 到 40 位字母、数字或短横线"),
        ({"tracking_no": "1" * 41}, "运单号为 6 到 40 位字母、数字或短横线"),
        ({"carrier": "无名快递"}, "选择一个有效的选项"),
    ],
)
def test_a_bad_parcel_is_refused_at_the_field(owner: Client, change: dict[str, str], sentence: str) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    response = owner.post(url(order, "ship"), {**SHIP, **change})
    assert sentence in response.content.decode()
    assert Shipment.objects.count() == 0


def test_an_unpaid_order_is_cancelled_and_its_goods_go_back(owner: Client) -> None:
    sku = a_sku(stock=10)
    placed = place(a_buyer(), (sku, 2))
    response = owner.post(url(placed, "cancel"), {"_form_submitted": "on"})
    assert response["HX-Redirect"] == url(placed)
    assert Order.objects.get(pk=placed.order_id).status == Order.Status.CANCELLED
    assert shelf(sku) == (10, 0)


def test_a_paid_order_is_not_cancelled(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    response = owner.post(url(order, "cancel"), {"_form_submitted": "on"})
    assert "订单待发货，不能取消" in response.content.decode()


@pytest.mark.parametrize("action", ["ship", "cancel", "refund", "refund_page"])
def test_viewing_orders_gives_no_button(staff_with: ClientWith, action: str) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    clerk = staff_with("mall.view_order")
    assert clerk.get(url(order)).status_code == 200
    assert buttons(clerk, order) == []
    assert clerk.get(url(order, action)).status_code == 403
    assert clerk.post(url(order, action), SHIP).status_code == 403
    assert Order.objects.get(pk=order.pk).status == Order.Status.PAID


def test_the_warehouse_ships_and_does_not_refund(staff_with: ClientWith) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    assert buttons(staff_with("mall.view_order", "mall.add_shipment"), order) == ["发货"]


def test_an_order_shows_no_full_phone_name_or_address(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    page = owner.get(url(order)).content.decode()
    assert "138****0001" in page
    assert not [secret for secret in ("13800000001", "王小杉", "龙井路") if secret in page]


def test_an_order_cannot_be_typed_over(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(), 1))
    assert owner.post(url(order), {"status": "completed"}).status_code == 403
    assert "_save" not in owner.get(url(order)).content.decode()


# ── refunds ──


class Refunding:
    """The refund page of one order, as an operator uses it."""

    def __init__(self, client: Client, order: Order) -> None:
        self.client, self.order, self.url = client, order, url(order, "refund_page")
        self.key = client.get(self.url).context["form"].initial["key"]

    def post(self, button: str, *quantities: int, reason: str = "顾客不要了", previewed: str = "") -> Any:
        lines = self.order.lines.order_by("pk").values_list("pk", flat=True)
        chosen = {f"line-{pk}": quantity for pk, quantity in zip(lines, quantities, strict=False)}
        data = {**chosen, "key": self.key, "reason": reason, "previewed": previewed, button: "1"}
        return self.client.post(self.url, data)


@pytest.fixture
def refunding(owner: Client) -> Refunding:
    member = a_buyer(points=2000)
    order = a_paid_order(member, (a_sku(price_cents=10000), 2), (a_sku(price_cents=5000), 1), points=1000)
    return Refunding(owner, order)


def test_what_the_preview_shows_is_what_happens(refunding: Refunding) -> None:
    shown = refunding.post("preview", 1)
    facts = dict(shown.context["consequences"])
    assert Refund.objects.count() == 0
    response = refunding.post("confirm", 1, previewed=shown.context["previewed"])
    assert response.status_code == 302
    made = Refund.objects.get()
    assert facts["退还现金"] == f"¥{made.cash_cents / 100:.2f}"
    assert facts["退还会员积分"] == f"{made.points:,}"
    assert (made.cash_cents, made.points) == (9600, 400)
    assert made.reason == "顾客不要了"


def test_a_double_confirm_refunds_once(refunding: Refunding) -> None:
    seen = refunding.post("preview", 1).context["previewed"]
    for _ in range(2):
        assert refunding.post("confirm", 1, previewed=seen).status_code == 302
    assert Refund.objects.count() == 1
    assert Order.objects.get().refunded_cents == 9600


def test_another_quantity_than_the_previewed_one_is_shown_first(refunding: Refunding) -> None:
    seen = refunding.post("preview", 1).context["previewed"]
    response = refunding.post("confirm", 2, previewed=seen)
    assert response.status_code == 409
    assert "请核对新的试算结果后再确认" in response.content.decode()
    assert dict(response.context["consequences"])["退还现金"] == "¥192.00"
    assert Refund.objects.count() == 0


def test_nothing_is_refunded_without_a_preview(refunding: Refunding) -> None:
    assert refunding.post("confirm", 1).status_code == 409
    assert Refund.objects.count() == 0


@pytest.mark.parametrize(
    ("quantities", "reason", "sentence"),
    [
        ([], "顾客不要了", "请至少选择一件商品"),
        ([3], "顾客不要了", "确保该值小于或等于2。"),
        ([-1], "顾客不要了", "确保该值大于或等于0。"),
        ([1], "", "该字段是必填项。"),
        (["x"], "顾客不要了", "输入整数。"),
    ],
)
def test_bad_refunds_are_refused_at_the_field(
    refunding: Refunding, quantities: list[Any], reason: str, sentence: str
) -> None:
    response = refunding.post("preview", *quantities, reason=reason)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_an_unpaid_order_has_nothing_to_refund(owner: Client) -> None:
    placed = place(a_buyer(), (a_sku(), 1))
    response = Refunding(owner, Order.objects.get(pk=placed.order_id)).post("preview", 1)
    assert response.status_code == 422
    assert "订单待付款，不能退款" in response.content.decode()


def test_an_order_refunded_whole_offers_nothing_more(refunding: Refunding) -> None:
    seen = refunding.post("preview", 2, 1).context["previewed"]
    refunding.post("confirm", 2, 1, previewed=seen)
    assert "已经全部退款" in refunding.client.get(refunding.url).content.decode()


def test_orders_are_exported_for_a_spreadsheet(owner: Client) -> None:
    order = a_paid_order(a_buyer(), (a_sku(price_cents=12345), 1))
    rows = owner.get(reverse("admin:mall_order_export")).content.decode().splitlines()
    assert rows[0] == "\ufeff订单号,状态,渠道,买家,应付（元）,已退（元）,使用积分,下单时间,付款时间,优先发货,门店"
    number, status, channel, buyer, payable, refunded, points, created, paid, *rest = rows[1].split(",")
    assert (number, status, channel, buyer) == (order.number, "待发货", "H5", "小杉")
    assert (payable, refunded, points) == ("123.45", "0.00", "0")
    assert (created, paid) == ("2026-11-18 12:00", "2026-11-18 12:05")
    assert rest == ["否", Store.objects.get().name]


@pytest.mark.parametrize("model", ["mall_order", "mall_product", "members_member"])
def test_an_export_needs_the_right_to_view(staff_with: ClientWith, model: str) -> None:
    assert staff_with().get(reverse(f"admin:{model}_export")).status_code == 403
    assert staff_with(model.replace("_", ".view_")).get(reverse(f"admin:{model}_export")).status_code == 200
