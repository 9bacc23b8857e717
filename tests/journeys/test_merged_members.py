"""Orders, cart, receipts and check-ins of a merged member are the target's."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.models import Campaign, CheckIn, Grant, Receipt
from campaigns.services.birthdays import grant_birthdays
from campaigns.services.check_in import check_in
from campaigns.services.presets import install_presets
from config.outbox.services import nudging
from config.outbox.services.deliveries import deliver_all
from mall.models import CartLine, Order
from mall.services import orders, refunds
from mall.services.carts import add_to_cart
from members.models import Member
from members.ports import merge_parts
from members.services.merging import merge_members
from points import ledger
from tests.mall.builders import AT, LATER, a_buyer, a_paid_order, a_sku, points_of, receive, ship

pytestmark = pytest.mark.django_db
MERGED_AT = LATER + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def presets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop's campaigns; no broker is asked."""
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)
    with transaction.atomic():
        install_presets(at=AT, live_from=AT.replace(year=AT.year - 1))


def merge(source: Member, target: Member) -> None:
    with transaction.atomic():
        merge_members(source_id=source.pk, target_id=target.pk, at=MERGED_AT)


def test_orders_and_what_they_earned_move_and_a_refund_takes_it_from_the_target() -> None:
    source, target, sku = a_buyer(), a_buyer(), a_sku(price_cents=10000)
    order = a_paid_order(source, (sku, 2))
    ship(order.pk)
    receive(order.pk)
    deliver_all(at=LATER)
    earned = points_of(source)[0]
    assert earned > 0
    merge(source, target)
    deliver_all(at=MERGED_AT)
    order.refresh_from_db()
    assert order.member_id == target.pk
    assert Receipt.objects.get(occurrence=f"order:{order.pk}").member_id == target.pk
    assert set(Grant.objects.values_list("member_id", flat=True)) == {target.pk}
    assert points_of(target) == (earned, 0)
    line = order.lines.get()
    with transaction.atomic():
        refunds.refund(order_id=order.pk, lines={line.pk: 2}, key="all", reason="退货", at=MERGED_AT)
    deliver_all(at=MERGED_AT)
    assert points_of(target) == (0, 0)
    assert ledger.audit() == []


def test_an_order_that_is_completed_before_it_was_re_pointed_gives_to_the_target() -> None:
    source, target = a_buyer(), a_buyer()
    order = a_paid_order(source, (a_sku(price_cents=10000), 1))
    ship(order.pk)
    merge(source, target)
    Order.objects.filter(pk=order.pk).update(member=source)
    with transaction.atomic():
        orders.confirm_receipt(order_id=order.pk, member_id=source.pk, at=MERGED_AT)
    deliver_all(at=MERGED_AT)
    order.refresh_from_db()
    assert order.member_id == target.pk
    assert points_of(target)[0] > 0
    assert Receipt.objects.get(occurrence=f"order:{order.pk}").member_id == target.pk


def test_carts_add_up() -> None:
    source, target, both, one = a_buyer(), a_buyer(), a_sku(), a_sku(name="手冲咖啡豆")
    with transaction.atomic():
        add_to_cart(member_id=target.pk, sku_id=both.pk, quantity=1, at=AT)
        add_to_cart(member_id=source.pk, sku_id=both.pk, quantity=2, at=AT)
        add_to_cart(member_id=source.pk, sku_id=one.pk, quantity=3, at=AT)
    merge(source, target)
    deliver_all(at=MERGED_AT)
    lines = CartLine.objects.order_by("sku_id").values_list("member_id", "sku_id", "quantity")
    assert list(lines) == [(target.pk, both.pk, 3), (target.pk, one.pk, 3)]


def test_a_day_on_which_both_checked_in_stays_with_the_duplicate() -> None:
    source, target = a_buyer(), a_buyer()
    with transaction.atomic():
        check_in(member_id=source.pk, at=AT - timedelta(days=1))
        check_in(member_id=source.pk, at=AT)
        check_in(member_id=target.pk, at=AT)
    merge(source, target)
    deliver_all(at=MERGED_AT)
    assert CheckIn.objects.filter(member=target).count() == 2
    assert CheckIn.objects.filter(member=source).count() == 1


def test_a_birthday_gift_of_this_year_is_not_given_again_to_the_target() -> None:
    source, target = a_buyer(), a_buyer()
    Campaign.objects.filter(trigger="birthday").update(status="live")
    Member.objects.update(birthday_month_day=f"{AT:%m%d}")
    Member.objects.filter(pk=target.pk).update(birthday_month_day="")
    with transaction.atomic():
        assert grant_birthdays(at=AT).members == 1
    merge(source, target)
    deliver_all(at=MERGED_AT)
    assert Receipt.objects.get(trigger="birthday").occurrence == f"birthday:{target.pk}:{AT.year}"
    Member.objects.filter(pk=target.pk).update(birthday_month_day=f"{AT:%m%d}")
    with transaction.atomic():
        assert grant_birthdays(at=AT).members == 0


def test_delivering_the_fact_again_changes_nothing() -> None:
    from campaigns.services import merging as given
    from mall.services import merging as sold

    source, target = a_buyer(), a_buyer()
    a_paid_order(source, (a_sku(), 1))
    merge(source, target)
    for _ in range(2):
        with transaction.atomic():
            sold.repoint(source_id=source.pk, target_id=target.pk)
            given.repoint(source_id=source.pk, target_id=target.pk)
    assert Order.objects.get().member_id == target.pk


def test_the_preview_counts_what_rooms_above_move() -> None:
    source = a_buyer()
    a_paid_order(source, (a_sku(), 1))
    counts = {part.title: part.count(source.pk) for part in merge_parts()}
    assert counts == {"订单": 1, "购物车商品": 0, "发放凭证": 0, "签到记录": 0, "权益礼": 0}
