"""Who works for stores sees their own alone: none at all when the last one was taken from them, and reads why."""

import re

import pytest
from django.test import Client

from mall.models import Order, Stock, Store
from members.models import StaffRole, User
from members.services.roles import sync_roles
from tests.mall.builders import a_buyer, a_paid_order, a_sku

WHY = "你还没有分到门店，所以看不到任何门店的数据"


@pytest.fixture
def east(shop: None) -> Store:
    """Another store, with an order of its own beside the one of the default store."""
    store = Store.objects.create(code="east", name="城东店")
    for place in (Store.objects.get(is_default=True), store):
        order = a_paid_order(a_buyer(), (a_sku(price_cents=20000), 1))
        Order.objects.filter(pk=order.pk).update(store=place)
    Stock.objects.create(sku=a_sku(), store=store)
    return store


def a_worker(role: str = "") -> User:
    user = User.objects.create_user(f"lin-{role}", password="clerk-password-1", is_staff=True, first_name="小林")
    sync_roles()
    user.groups.set([StaffRole.objects.get(code=role).group])
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def assign(owner: Client, store: Store, *staff: User) -> None:
    form = {"code": store.code, "name": store.name, "address": "", "phone": "", "staff": [one.pk for one in staff]}
    assert owner.post(f"/admin/mall/store/{store.pk}/change/", form).status_code == 302


def seen(client: Client) -> tuple[int, bool]:
    """How many orders the list has, and whether it says why there is none."""
    page = client.get("/admin/mall/order/")
    return len(page.context["cl"].result_list), WHY in page.content.decode()


def test_whoever_is_taken_out_of_the_last_store_sees_none_until_the_owner_lets_them(owner: Client, east: Store) -> None:
    worker = a_worker("support")
    client = browser(worker)
    assert seen(client) == (2, False)
    assign(owner, east, worker)
    assert seen(client) == (1, False)
    assign(owner, east)
    assert seen(client) == (0, True)
    dashboard = client.get("/admin/").context
    assert [todo["count"] for todo in dashboard["todos"] if todo["title"] == "待发货订单"] in ([], ["0"])
    listed = owner.get("/admin/members/user/").content.decode()
    assert "没有门店，看不到订单" in listed
    form = {"username": worker.username, "is_active": "on", "groups": [worker.groups.get().pk], "first_name": "小林"}
    assert owner.post(f"/admin/members/user/{worker.pk}/change/", form).status_code == 302
    assert seen(client) == (2, False)


def test_a_clerk_without_a_store_sees_none_by_the_role(owner: Client, east: Store) -> None:
    clerk = a_worker("clerk")
    client = browser(clerk)
    assert seen(client) == (0, True)
    stock = client.get("/admin/mall/stock/").context["cl"].result_list
    assert len(stock) == 0
    order = Order.objects.earliest("pk")
    assert client.get(f"/admin/mall/order/{order.pk}/change/").status_code in (302, 404)
    assign(owner, east, clerk)
    assert seen(client) == (1, False)


def test_the_filter_lists_the_stores_that_one_may_see(owner: Client, east: Store) -> None:
    third = Store.objects.create(code="third", name="城北店")
    worker = a_worker("support")
    assign(owner, east, worker)
    assign(owner, third, worker)

    def offered(client: Client) -> set[int]:
        page = client.get("/admin/mall/order/").content.decode()
        return {int(pk) for pk in re.findall(r"store__id__exact=(\d+)", page)}

    assert offered(browser(worker)) == {east.pk, third.pk}
    assert offered(owner) == set(Store.objects.values_list("pk", flat=True))
