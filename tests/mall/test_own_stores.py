"""Staff who are assigned to stores work on these stores' orders alone; the others on all."""

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client

from config.core.money import yuan
from mall.models import Order, Payment, Refund, Stock, Store
from mall.services import refunds
from members.models import User
from tests.mall.builders import LATER, a_buyer, a_paid_order, a_sku

pytestmark = pytest.mark.django_db
RIGHTS = ("view_order", "change_order", "add_shipment", "add_refund", "view_refund", "view_payment", "view_stock")
SHIP = {"carrier": "顺丰速运", "tracking_no": "SF1234567890"}


@pytest.fixture
def stores(shop: None) -> dict[str, Store]:
    return {
        "west": Store.objects.get(is_default=True),
        "east": Store.objects.create(code="east", name="城东店"),
    }


@pytest.fixture
def orders(stores: dict[str, Store]) -> dict[str, Order]:
    """A paid order of each store, of which one piece was refunded."""
    made = {}
    for name, store in stores.items():
        sku = a_sku(price_cents=20000)
        order = a_paid_order(a_buyer(), (sku, 2))
        line = order.lines.get()
        with transaction.atomic():
            refunds.refund(order_id=order.pk, lines={line.pk: 1}, key=name, reason="不合适", at=LATER)
        Stock.objects.filter(sku=sku).update(store=store)
        Order.objects.filter(pk=order.pk).update(store=store)
        made[name] = Order.objects.get(pk=order.pk)
    return made


def clerk_of(*own: Store) -> Client:
    user = User.objects.create_user(f"clerk{User.objects.count()}", password="clerk-password-1", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="mall", codename__in=[*RIGHTS, "change_stock"])
    )
    user.stores.set(own)
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, model: str) -> set[int]:
    page = client.get(f"/admin/mall/{model}/")
    assert page.status_code == 200
    return {row.pk for row in page.context["cl"].result_list}


@pytest.mark.parametrize(
    ("assigned", "seen"),
    [((), {"west", "east"}), (("west",), {"west"}), (("east",), {"east"}), (("west", "east"), {"west", "east"})],
)
def test_lists_and_pages_are_of_ones_own_stores(
    stores: dict[str, Store], orders: dict[str, Order], assigned: tuple[str, ...], seen: set[str]
) -> None:
    client = clerk_of(*(stores[name] for name in assigned))
    own = [orders[name].pk for name in seen]
    assert listed(client, "order") == set(own)
    assert listed(client, "refund") == set(Refund.objects.filter(order__in=own).values_list("pk", flat=True))
    assert listed(client, "payment") == set(Payment.objects.filter(order__in=own).values_list("pk", flat=True))
    theirs = Stock.objects.filter(store__in=[stores[name] for name in seen])
    assert listed(client, "stock") == set(theirs.values_list("pk", flat=True))
    exported = client.get("/admin/mall/order/export/").content.decode()
    for name, order in orders.items():
        is_seen = name in seen
        assert (order.number in exported) is is_seen
        found = client.get("/admin/search/", {"s": order.number, "extended": "1"}).content.decode()
        assert (order.number in found) is is_seen
        for path in ("change", "history", "refund"):
            status = client.get(f"/admin/mall/order/{order.pk}/{path}/").status_code
            assert (status == 200) is is_seen, (name, path, status)
        refund, payment = Refund.objects.get(order=order), Payment.objects.get(order=order)
        for page in (
            f"refund/{refund.pk}",
            f"payment/{payment.pk}",
            f"stock/{Stock.objects.get(store=order.store).pk}",
        ):
            assert (client.get(f"/admin/mall/{page}/change/").status_code == 200) is is_seen, (name, page)


def test_an_owner_sees_every_store_whatever_they_are_assigned_to(
    stores: dict[str, Store], orders: dict[str, Order]
) -> None:
    owner = User.objects.create_superuser("owner", password="owner-password-1")
    owner.stores.set([stores["east"]])
    client = Client()
    client.force_login(owner)
    assert listed(client, "order") == {order.pk for order in orders.values()}


def test_buttons_of_another_stores_order_do_nothing(stores: dict[str, Store], orders: dict[str, Order]) -> None:
    client, east, west = clerk_of(stores["west"]), orders["east"], orders["west"]
    line = east.lines.get()
    refund = {"reason": "不合适", "key": "other", "previewed": "", f"line-{line.pk}": "1", "confirm": "1"}
    submitted = {"_form_submitted": "on"}
    pressed = {
        f"order/{east.pk}/ship/": SHIP | submitted,
        f"order/{east.pk}/cancel/": submitted,
        f"order/{east.pk}/refund/": refund,
        f"stock/{Stock.objects.get(store=stores['east']).pk}/adjust/": {"change": "5", "key": "k"} | submitted,
    }
    for path, form in pressed.items():
        answer = client.post(f"/admin/mall/{path}", form, headers={"HX-Request": "true"})
        assert answer.status_code in (403, 404), (path, answer.status_code)
    unchanged = Order.objects.get(pk=east.pk)
    assert (unchanged.status, unchanged.refunded_cents) == ("paid", east.refunded_cents)
    assert Stock.objects.get(store=stores["east"]).available == 9
    own = client.post(f"/admin/mall/order/{west.pk}/ship/", SHIP | submitted, headers={"HX-Request": "true"})
    assert (own.status_code, Order.objects.get(pk=west.pk).status) == (200, "shipped")


def test_an_owner_assigns_staff_on_the_stores_page(stores: dict[str, Store]) -> None:
    owner = User.objects.create_superuser("owner", password="owner-password-1")
    clerk = User.objects.create_user("lin", password="clerk-password-1", is_staff=True, first_name="小林")
    client = Client()
    client.force_login(owner)
    page = f"/admin/mall/store/{stores['east'].pk}/change/"
    form = {"code": "east", "name": "城东店", "address": "", "phone": "", "staff": [clerk.pk]}
    assert client.post(page, form).status_code == 302
    assert list(clerk.stores.all()) == [stores["east"]]
    assert "小林" in client.get("/admin/mall/store/").content.decode()
    assert "lin" in client.get(f"/admin/mall/store/{stores['east'].pk}/history/").content.decode()
    assert client.post(page, form | {"staff": [owner.pk]}).status_code == 200


def test_the_sidebar_and_the_to_dos_count_ones_own_orders(stores: dict[str, Store], orders: dict[str, Order]) -> None:
    for own, count in (((), 2), ((stores["west"],), 1)):
        page = clerk_of(*own).get("/admin/").context
        (todo,) = [one for one in page["todos"] if one["title"] == "待发货订单"]
        assert str(count) == str(todo["count"])


def test_the_figures_of_the_dashboard_are_of_ones_own_stores(
    stores: dict[str, Store], orders: dict[str, Order]
) -> None:
    Stock.objects.filter(store=stores["west"]).update(available=1)
    with time_machine.travel(LATER, tick=False):
        for own, sold, low in (((), ("west", "east"), 1), (("west",), ("west",), 1), (("east",), ("east",), 0)):
            page = clerk_of(*(stores[name] for name in own)).get("/admin/").context
            values = {card["title"]: card["value"] for card in page["cards"]}
            sum_cents = sum(orders[name].payable_cents for name in sold)
            assert (values["成交额"], values["成交订单"]) == (yuan(sum_cents), str(len(sold)))
            assert len(page["best_sellers"]["rows"]) == len(sold)
            assert f"{sum_cents / 100:g}" in str(page["trade_chart"])
            (todo,) = [one for one in page["todos"] if one["title"].startswith("库存不足")]
            assert todo["count"] == str(low)


@pytest.mark.parametrize("page", ["order/abc/change/", "order/abc/history/", "stock/abc/change/"])
@pytest.mark.parametrize("own", [(), ("west",)])
def test_an_address_that_names_no_row_is_not_found(stores: dict[str, Store], page: str, own: tuple[str, ...]) -> None:
    assert clerk_of(*(stores[name] for name in own)).get(f"/admin/mall/{page}").status_code == 302
