"""As many queries for 3 rows as for 40, wherever an answer holds a list: the schema tells where that is."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from config.core.pagination import MOST
from mall.models import CartLine, Category, Order, OrderLine, Product, Sku, Store
from members.models import Benefit, Invitation, Member, MembershipSaving, Message, MessageTemplate, Tier
from points import ledger
from tests.api.conftest import Api, Goods, address_for, give_points
from tests.members.factories import a_member

_FEW, _MANY = 3, 40


class Growing(NamedTuple):
    """A list that grows with these rows; `path` may name the product, order or entry that holds it."""

    rows: str
    path: str
    most: int


GROWING = {
    "get_products": [
        Growing("products", f"products/?limit={MOST}", 8),
        Growing("products", f"products/?limit={MOST}&search=茶&category=tea", 8),
    ],
    "get_page": [Growing("products", "pages/home/", 24), Growing("orders", "pages/member-centre/", 24)],
    "get_categories": [Growing("categories", "categories/", 8)],
    "get_product": [Growing("skus", "products/{product}/", 12)],
    "get_rewards": [Growing("rewards", f"rewards/?limit={MOST}", 10)],
    "get_reward": [Growing("skus", "rewards/{product}/", 12)],
    "get_orders": [Growing("orders", f"orders/?limit={MOST}", 8)],
    "get_order": [Growing("order_lines", "orders/{order}/", 8)],
    "get_order_counts": [Growing("orders", "orders/counts/", 8)],
    "get_cart": [Growing("cart", "cart/", 12)],
    "get_entries": [Growing("entries", f"points/entries/?limit={MOST}", 8)],
    "get_entry": [Growing("draws", "points/entries/{entry}/", 8)],
    "get_lapsing": [Growing("entries", "points/lapsing/", 8)],
    "get_me": [Growing("entries", "me/", 8), Growing("benefits", "me/", 8)],
    "get_tiers": [Growing("benefits", "tiers/", 8)],
    "get_addresses": [Growing("addresses", "addresses/", 8)],
    "get_invitees": [Growing("invitees", f"invitations/?limit={MOST}", 8)],
    "get_messages": [Growing("messages", f"messages/?limit={MOST}", 8)],
    "get_savings": [Growing("savings", f"membership/savings/?limit={MOST}", 8)],
}
OF_ONE_LENGTH = {
    "get_check_in": "seven days",
    "get_cashier": "the ways to pay that are installed",
    "get_receipt": "told in full by the receipt's own row",
    "get_entry_receipt": "told in full by the receipt's own row",
    "get_regions": "comes from the program, not from the database",
    "get_closing": "what leaving costs and what stands in the way, a line per kind",
    "get_message_preferences": "a line per way and purpose",
    "get_message_subscriptions": "the few templates of the mini-program",
    "get_privacy_notice": "the notice in force and what was agreed",
    "get_profile": "the interests that the merchant offers",
    "get_copies": "one at a time, and each is gone after a day",
    "get_plans": "the plans on sale",
    "get_fee_refund": "what one member left unpaid within half an hour",
    "get_membership": "the benefits of one plan",
    "get_devices": "where one member is logged in",
    "get_invite": "the rules in words",
}
COUNTED = [growing for listed in GROWING.values() for growing in listed]


def holds_a_list(part: Any, schemas: dict[str, Any]) -> bool:
    """Whether an array stands anywhere in what the part describes."""
    if isinstance(part, list):
        return any(holds_a_list(one, schemas) for one in part)
    if not isinstance(part, dict):
        return False
    if "$ref" in part:
        return holds_a_list(schemas[part["$ref"].rsplit("/", 1)[-1]], schemas)
    below = (one for name, one in part.items() if name not in {"example", "discriminator"})
    return part.get("type") == "array" or any(holds_a_list(one, schemas) for one in below)


def test_every_list_of_the_api_is_counted_or_said_to_be_of_one_length():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    reads = [methods["get"] for methods in schema["paths"].values() if "get" in methods]
    lists = {
        one["operationId"]
        for one in reads
        if "application/json" in (content := one["responses"]["200"]["content"])
        and holds_a_list(content["application/json"]["schema"], schema["components"]["schemas"])
    }
    assert {*GROWING, *OF_ONE_LENGTH} - {"get_order_counts"} == lists
    assert GROWING.keys() & OF_ONE_LENGTH.keys() == set()


class Rows:
    """Ways to make more rows, and the numbers of what holds them."""

    def __init__(self, member: Member, goods: Goods) -> None:
        self.member, self.goods = member, goods
        self.named: dict[str, object] = {}

    def products(self, number: int) -> None:
        self.goods(f"茶 {number}")

    def rewards(self, number: int) -> None:
        self.goods(f"礼 {number}", points=100 + number)

    def categories(self, number: int) -> None:
        Category.objects.create(name=f"分类 {number}", slug=f"category-{number}")

    def skus(self, number: int) -> None:
        product = Product.objects.first() or self.goods("茶礼", points=100).product
        self.named["product"] = product.pk
        Sku.objects.create(product=product, code=f"more-{number}", price_cents=100 + number, redeem_points=50 + number)

    def orders(self, number: int) -> None:
        self._line(self._order(number), number)

    def order_lines(self, number: int) -> None:
        self._line(Order.objects.first() or self._order(number), number)

    def cart(self, number: int) -> None:
        sku = self.goods(f"茶 {number}")
        CartLine.objects.create(member=self.member, sku=sku, quantity=1, seen_price_cents=1, added_at=timezone.now())

    def entries(self, number: int) -> None:
        give_points(self.member, 10, key=f"gift-{number}")

    def draws(self, number: int) -> None:
        """One entry that spends all there is: from one lot more each time."""
        account, at = self.member.points_account_id, timezone.now()
        for lot in range(number + 1):
            give_points(self.member, 10, key=f"gift-{number}-{lot}")
        with transaction.atomic():
            spent = ledger.spend(account=account, points=10 * (number + 1), key=f"all-{number}", source="gift", at=at)
        self.named["entry"] = spent.id

    def benefits(self, number: int) -> None:
        Benefit.objects.create(tier=Tier.objects.get(code="bronze"), kind="other", title=f"权益 {number}")

    def addresses(self, number: int) -> None:
        self.member.addresses.update(is_default=False)
        address_for(self.member)

    def invitees(self, number: int) -> None:
        friend, at = a_member(phone=f"139{number:08d}", at=timezone.now()), timezone.now()
        Invitation.objects.create(
            inviter=self.member, invitee=friend, state="registered", touched_at=at, registered_at=at
        )

    def messages(self, number: int) -> None:
        template = MessageTemplate.objects.order_by("pk")[number % 2]
        Message.objects.create(
            member=self.member, template=template, key=f"{number}", title="积分到账", body="…", sent_at=timezone.now()
        )

    def savings(self, number: int) -> None:
        MembershipSaving.objects.create(
            member=self.member,
            order_ref=f"order:{number}",
            order_number=f"{number:016d}",
            kind="discount",
            cents=100,
            placed_at=timezone.now(),
            at=timezone.now(),
        )

    def _order(self, number: int) -> Order:
        store = Store.objects.get(is_default=True)
        order = Order.objects.create(
            number=f"{number:016d}",
            member=self.member,
            store=store,
            channel="h5",
            goods_cents=0,
            payable_cents=0,
            created_at=timezone.now(),
            expires_at=timezone.now(),
        )
        self.named["order"] = order.number
        return order

    def _line(self, order: Order, number: int) -> None:
        sku = self.goods(f"茶 {number}")
        OrderLine.objects.create(
            order=order, sku=sku, product_name="茶", quantity=1, unit_price_cents=0, goods_cents=0, paid_cents=0
        )


def answered(api: Api, path: str) -> tuple[int, int]:
    """How many queries an answer took, and how long it is."""
    with CaptureQueriesContext(connection) as captured:
        answer = api.get(path)
    assert answer.status_code == 200, answer.json()
    return len(captured), len(answer.content)


@pytest.mark.django_db
@pytest.mark.parametrize("growing", COUNTED, ids=lambda one: f"{one.rows} {one.path}")
def test_the_number_of_queries_does_not_grow(api: Api, member: Member, goods: Goods, growing: Growing):
    rows = Rows(member, goods)
    more: Callable[[int], None] = getattr(rows, growing.rows)
    for number in range(_FEW):
        more(number)
    few, short = answered(api, growing.path.format(**rows.named))
    for number in range(_FEW, _MANY):
        more(number)
    many, long = answered(api, growing.path.format(**rows.named))
    assert many == few
    assert few <= growing.most
    assert long > short
