"""Who is given points is told so: of orders and birthdays, not of what an import brings or a check-in shows."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.services import bulk
from campaigns.services.birthdays import grant_birthdays
from campaigns.services.check_in import check_in
from campaigns.services.granting import grant_for_order
from config.core.time import SHANGHAI
from members.models import Message
from tests.campaigns.cases import WEDNESDAY
from tests.campaigns.rows import a_member, an_order, defaults, presets_installed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    defaults()
    presets_installed()


def told() -> list[tuple[str, str]]:
    return list(Message.objects.filter(template__code="points_gained").order_by("pk").values_list("title", "body"))


def test_an_orders_points_are_told_once() -> None:
    member = a_member()
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    for _ in range(2):
        with transaction.atomic():
            grant_for_order(order_id=order.pk, at=WEDNESDAY)
    assert told() == [("200 积分到账", "消费得积分，获得 200 积分，已经可以使用。")]


def test_birthday_points_are_told() -> None:
    member = a_member(month_day="1118")
    with transaction.atomic():
        grant_birthdays(at=WEDNESDAY.astimezone(SHANGHAI).replace(month=11, day=18))
    assert told() == [("100 积分到账", "生日礼，获得 100 积分，已经可以使用。")]
    assert Message.objects.get().member_id == member.pk


def test_a_check_in_is_seen_and_not_told() -> None:
    member = a_member()
    with transaction.atomic():
        check_in(member_id=member.pk, at=WEDNESDAY)
    assert told() == []


def test_what_an_import_brings_is_no_news() -> None:
    member = a_member()
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    fact = bulk.OrderFact(
        order_id=order.pk,
        member_id=member.pk,
        base_cents=10000,
        paid_at=WEDNESDAY,
        completed_at=WEDNESDAY + timedelta(hours=1),
        channel="h5",
        tier_code="bronze",
        tier_name="青铜会员",
    )
    with transaction.atomic():
        assert bulk.grant_orders(facts=[fact]).points == 200
    assert told() == []
