"""Facts of the rooms below reach campaigns through the outbox, exactly once, in their order."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.models import Receipt
from config.outbox import publishing as outbox
from config.outbox.models import Delivery
from config.outbox.services.deliveries import deliver_all
from mall.events import OrderCompleted, OrderRefunded
from members.services.registration import register_by_phone
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import LONG_AGO, a_member, a_refund, an_order, defaults, points_of, presets_installed

pytestmark = pytest.mark.django_db(transaction=True)
LATER = THURSDAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
def shop():
    defaults()
    presets_installed()


def published(*facts):
    with transaction.atomic():
        outbox.publish_many(facts)


def open_deliveries():
    return list(Delivery.objects.filter(state__in=["pending", "dead"]).values_list("handler", "last_error"))


def test_a_completed_and_partly_refunded_order_keeps_its_part():
    member = a_member()
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    refund = a_refund(order, cents=0, at=THURSDAY)
    done = OrderCompleted(order_id=order.pk, member_id=member.pk, completed_at=WEDNESDAY)
    published(done, done)
    deliver_all(at=LATER)
    assert points_of(member, LATER) == 200 + 50
    line = order.lines.get()
    line.refunded_cents = 2500
    line.save()
    published(OrderRefunded(order_id=order.pk, refund_id=refund.pk, cash_cents=2500, whole_order=False, at=THURSDAY))
    deliver_all(at=LATER)
    assert points_of(member, LATER) == 150 + 50
    assert open_deliveries() == []


def test_a_newcomer_finds_50_points():
    with transaction.atomic():
        member_id = register_by_phone(phone="13900000009", channel="h5", at=LONG_AGO + timedelta(days=1)).member_id
    deliver_all(at=LATER)
    receipt = Receipt.objects.get(member_id=member_id)
    assert (receipt.occurrence, receipt.points) == (f"member:{member_id}:registered", 50)
    assert open_deliveries() == []
