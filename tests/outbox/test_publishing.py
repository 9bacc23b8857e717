import time
from typing import Any

import pytest
from celery import Celery
from django.db import transaction

from config.core.db import TransactionMissing
from config.outbox import publishing as outbox
from config.outbox import subscriptions
from config.outbox.models import Delivery, Message
from config.outbox.services import nudging
from tests.outbox.facts import ParcelLost, ParcelMoved


def ship(event: ParcelMoved) -> None: ...


def bill(event: ParcelMoved) -> None: ...


class ParcelError(Exception):
    pass


def fail_after_publishing(*, parcel_id: int) -> None:
    outbox.publish(ParcelMoved(parcel_id=parcel_id, stop=1))
    raise ParcelError


@pytest.mark.django_db
def test_publishing_writes_the_message_and_one_delivery_per_handler():
    subscriptions.subscribe(ParcelMoved, ship)
    subscriptions.subscribe(ParcelMoved, bill)
    outbox.publish(ParcelMoved(parcel_id=88, stop=1))
    outbox.publish(ParcelLost(parcel_id=88))
    assert list(Message.objects.order_by("pk").values_list("event", "stream", "payload")) == [
        ("tests.ParcelMoved", "parcel:88", {"parcel_id": 88, "stop": 1}),
        ("tests.ParcelLost", "parcel:88", {"parcel_id": 88}),
    ]
    assert list(Delivery.objects.order_by("pk").values_list("handler", "stream", "state", "attempts")) == [
        ("tests.bill", "parcel:88", "pending", 0),
        ("tests.ship", "parcel:88", "pending", 0),
    ]


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused():
    with pytest.raises(TransactionMissing):
        outbox.publish(ParcelLost(parcel_id=1))
    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rollback_publishes_nothing_and_nudges_nobody(nudges: list[Any]):
    subscriptions.subscribe(ParcelMoved, ship)
    with pytest.raises(ParcelError):
        transaction.atomic(fail_after_publishing)(parcel_id=88)
    assert (Message.objects.count(), Delivery.objects.count(), nudges) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_a_transaction_nudges_once_with_each_of_its_streams_once(nudges: list[Any]):
    subscriptions.subscribe(ParcelMoved, ship)
    with transaction.atomic():
        outbox.publish_many(ParcelMoved(parcel_id=88, stop=stop) for stop in (1, 2, 3))
        outbox.publish(ParcelMoved(parcel_id=7, stop=1))
        outbox.publish(ParcelLost(parcel_id=9))  # nobody listens
        assert nudges == []
    assert nudges == [("outbox.deliver_streams", {"streams": ["parcel:7", "parcel:88"]})]


@pytest.mark.django_db(transaction=True)
def test_what_a_rolled_back_savepoint_published_takes_no_other_nudge_with_it(nudges: list[Any]):
    subscriptions.subscribe(ParcelMoved, ship)
    with transaction.atomic():
        with pytest.raises(ParcelError):
            transaction.atomic(fail_after_publishing)(parcel_id=1)
        outbox.publish(ParcelMoved(parcel_id=2, stop=1))
    assert nudges == [("outbox.deliver_streams", {"streams": ["parcel:2"]})]
    assert list(Delivery.objects.values_list("stream", flat=True)) == ["parcel:2"]


@pytest.mark.django_db
@pytest.mark.parametrize("facts", [1, 200])
def test_publishing_many_takes_two_statements(facts: int, django_assert_num_queries: Any):
    subscriptions.subscribe(ParcelMoved, ship)
    with django_assert_num_queries(2):
        outbox.publish_many(ParcelMoved(parcel_id=number, stop=1) for number in range(facts))
    assert Delivery.objects.count() == facts


def test_many_streams_are_nudged_in_chunks_and_very_many_by_one_sweep(nudges: list[Any]):
    nudging.nudge(streams=[f"parcel:{number}" for number in range(250)])
    assert [len(kwargs["streams"]) for _, kwargs in nudges] == [100, 100, 50]
    nudges.clear()
    nudging.nudge(streams=[f"parcel:{number}" for number in range(5001)])
    assert nudges == [("outbox.sweep", {})]


def test_a_handler_name_belongs_to_one_function():
    subscriptions.subscribe(ParcelMoved, ship, name="tests.reaction")
    with pytest.raises(ValueError, match="taken"):
        subscriptions.subscribe(ParcelMoved, bill, name="tests.reaction")


class TestBroker:
    @pytest.fixture
    def nudges(self) -> None:
        """The real sender."""

    def test_a_dead_broker_neither_raises_nor_holds_the_publisher_up(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Any
    ):
        app = Celery("nobody", broker="redis://127.0.0.1:1/0", set_as_current=False)
        app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        monkeypatch.setattr(nudging, "current_app", app)
        started = time.monotonic()
        nudging.nudge(streams=["parcel:88"])
        assert time.monotonic() - started < 3
        assert caplog.messages == ["the broker does not answer; the sweeper will deliver"]


@pytest.mark.django_db
def test_the_same_fact_about_many_is_written_as_if_each_were_published_alone():
    subscriptions.subscribe(ParcelMoved, ship)
    subscriptions.subscribe(ParcelMoved, bill)
    outbox.publish_to_each(ParcelMoved(parcel_id=0, stop=7), subject_ids=[90, 88])
    outbox.publish_to_each(ParcelLost(parcel_id=0), subject_ids=[91])
    at_once = list(Message.objects.order_by("pk").values_list("event", "stream", "payload"))
    deliveries = list(
        Delivery.objects.order_by("message", "handler").values_list("handler", "stream", "state", "attempts")
    )
    Message.objects.all().delete()
    outbox.publish_many(
        [ParcelMoved(parcel_id=90, stop=7), ParcelMoved(parcel_id=88, stop=7), ParcelLost(parcel_id=91)]
    )
    assert at_once == list(Message.objects.order_by("pk").values_list("event", "stream", "payload"))
    assert deliveries == list(
        Delivery.objects.order_by("message", "handler").values_list("handler", "stream", "state", "attempts")
    )
    assert len(deliveries) == 4
