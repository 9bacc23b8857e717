"""A shop with somebody in every situation: orders at every stage, points to spend, a cart, a receipt."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext

from campaigns.models import Receipt
from campaigns.services import check_in
from config.outbox.services import deliveries
from mall.models import Order, Sku, Stock
from mall.selectors.baskets import Wanted
from mall.selectors.checkout import checkout
from mall.services import carts, orders, payments
from mall.services import checkout as placing
from members.models import Address, Member, PrivacyNotice, User
from members.rules.addresses import AddressForm
from members.services import addresses, consents, invitations
from members.services.registration import register_by_phone
from members.services.sign_in import log_in_of
from points import ledger

_numbers = count(1)


def a_shopper(*, points: int = 0, with_address: bool = True) -> Member:
    """Somebody with a log-in, who has just registered."""
    at, phone = timezone.now(), f"139{next(_numbers):08d}"
    with transaction.atomic():
        member_id = register_by_phone(phone=phone, channel="h5", at=at, nickname="周一诺").member_id
        log_in_of(member_id=member_id)
        if with_address:
            an_address(member_id)
    member = Member.objects.get(pk=member_id)
    if points:
        give(member, points)
    return member


def an_address(member_id: int, *, recipient: str = "周一诺") -> int:
    """Another delivery address; the first is the default one."""
    form = AddressForm(recipient=recipient, phone="13900000001", region_code="330108", detail="江南大道 1 号")
    return addresses.save_address(member_id=member_id, form=form, at=timezone.now())


def give(member: Member, points: int) -> None:
    """Points to spend."""
    with transaction.atomic():
        key = f"gift:{next(_numbers)}"
        ledger.earn(account=member.points_account_id, points=points, key=key, source="test", at=timezone.now())


def log_in(context: BrowserContext, member: Member, url: str) -> None:
    """The member's session, as the log-in page would leave it in this browser."""
    client = Client()
    client.force_login(User.objects.get(member=member))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def put_in_cart(member: Member, sku: Sku, quantity: int = 1) -> None:
    """So many of the SKU, selected."""
    with transaction.atomic():
        carts.add_to_cart(member_id=member.pk, sku_id=sku.pk, quantity=quantity, at=timezone.now())


def place(member: Member, sku: Sku) -> Order:
    """An order of one, not paid yet."""
    at, lines = timezone.now(), [Wanted(sku_id=sku.pk, quantity=1)]
    with transaction.atomic():
        placed = placing.place_order(
            member_id=member.pk,
            lines=lines,
            address_id=Address.objects.filter(member=member).order_by("pk")[0].pk,
            points=0,
            channel="h5",
            submit_key=f"scene:{next(_numbers)}",
            expected_payable_cents=checkout(member_id=member.pk, lines=lines, channel="h5", at=at).priced.payable_cents,
            at=at,
        )
    return Order.objects.get(pk=placed.order_id)


def pay(order: Order) -> Order:
    """The order, paid in the sandbox."""
    at = timezone.now()
    with transaction.atomic():
        start = payments.start_payment(order_id=order.pk, member_id=order.member_id, provider="sandbox", at=at)
        payments.record_success(
            out_trade_no=start.out_trade_no,
            amount_cents=start.amount_cents,
            transaction_id=f"T{next(_numbers)}",
            payer=None,
            at=at,
        )
    order.refresh_from_db()
    return order


def ship(order: Order) -> Order:
    """The paid order, on its way."""
    with transaction.atomic():
        orders.mark_shipped(order_id=order.pk, carrier="顺丰速运", tracking_no="SF1234567890", at=timezone.now())
    order.refresh_from_db()
    return order


def receive(order: Order) -> Order:
    """The shipped order, received, completed, and what it earns given."""
    with transaction.atomic():
        orders.confirm_receipt(order_id=order.pk, member_id=order.member_id, at=timezone.now())
    deliveries.deliver_all(at=timezone.now())
    order.refresh_from_db()
    return order


def cancel(order: Order) -> Order:
    """The unpaid order, given up."""
    with transaction.atomic():
        orders.cancel(order_id=order.pk, member_id=order.member_id, at=timezone.now())
    order.refresh_from_db()
    return order


def make_overdue(order: Order) -> None:
    """The time to pay is over, and nobody has cancelled the order yet."""
    late: datetime = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(expires_at=late)


def sell_out(sku: Sku) -> None:
    """Nothing is left of the SKU's product."""
    Stock.objects.filter(sku__product=sku.product_id).update(available=0)


@dataclass(frozen=True, kw_only=True)
class World:
    """One shopper and what is theirs."""

    member: Member
    sku: Sku
    reward: Sku
    address_id: int
    orders: dict[str, Order] = field(default_factory=dict)

    @property
    def invite_code(self) -> str:
        """What the shopper hands on."""
        with transaction.atomic():
            return invitations.code_of(member_id=self.member.pk, at=timezone.now())

    @property
    def receipt(self) -> Receipt:
        """Of the order that was completed."""
        return Receipt.objects.get(occurrence=f"order:{self.orders['completed'].pk}")


def the_world() -> World:
    """A shopper with something on every page; the demo's goods stand on the shelves."""
    member = a_shopper(points=3000)
    deliveries.deliver_all(at=timezone.now())
    sku = Sku.objects.filter(product__name="明前龙井礼盒").order_by("pk")[0]
    reward = Sku.objects.filter(redeem_points__isnull=False, product__is_redeemable=True).order_by("redeem_points")[0]
    placed = {
        "created": place(member, sku),
        "cancelled": cancel(place(member, sku)),
        "paid": pay(place(member, sku)),
        "shipped": ship(pay(place(member, sku))),
        "completed": receive(ship(pay(place(member, sku)))),
    }
    put_in_cart(member, sku, 2)
    with transaction.atomic():
        check_in.check_in(member_id=member.pk, at=timezone.now())
    address_id = Address.objects.get(member=member).pk
    return World(member=member, sku=sku, reward=reward, address_id=address_id, orders=placed)


def with_notice(world: World, name: str) -> str:
    """The address of that page, after a privacy notice was published and the world's member agreed to it."""
    with transaction.atomic():
        notice = PrivacyNotice.objects.first() or PrivacyNotice.objects.create(version=1, text="# 收集\n手机号")
        if notice.published_at is None:
            consents.publish(notice_id=notice.pk, at=timezone.now())
        consents.agree(member_id=world.member.pk, version=notice.version, channel="h5", at=timezone.now())
    return reverse(name)
