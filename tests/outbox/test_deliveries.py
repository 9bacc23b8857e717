from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from config.core.errors import DomainError
from config.outbox import publishing as outbox
from config.outbox import tasks
from config.outbox.events import Event
from config.outbox.models import Delivery, DeliveryState, Message
from config.outbox.rules.backoff import wait_after
from config.outbox.services import deliveries
from config.outbox.services.deliveries import DeliveryReport, deliver_all
from config.outbox.services.retention import prune_messages
from config.outbox.subscriptions import subscribe
from tests.outbox.conftest import AT, Effects
from tests.outbox.facts import ParcelLost, ParcelMoved


class BrokenHandlerError(Exception):
    pass


class Listener:
    """A handler that remembers, and that fails for the stops it is told to."""

    def __init__(self, name: str, failing: set[int] | None = None) -> None:
        self.heard: list[Event] = []
        self.failing = failing or set()
        self.tries = 0
        subscribe(ParcelMoved, self.hear, name=name)

    def hear(self, event: ParcelMoved) -> None:
        self.tries += 1
        if event.stop in self.failing:
            raise BrokenHandlerError("13800000001 的包裹")
        self.heard.append(event)

    def stops_of(self, parcel_id: int) -> list[int]:
        return [event.stop for event in self.heard if event.parcel_id == parcel_id]


def publish_stops(*stops: tuple[int, int]) -> None:
    with transaction.atomic():
        outbox.publish_many(ParcelMoved(parcel_id=parcel, stop=stop) for parcel, stop in stops)


@pytest.mark.django_db
def test_a_stream_arrives_in_order_and_once():
    listener = Listener("tests.listener")
    publish_stops((1, 1), (2, 1), (1, 2), (1, 3), (2, 2))
    assert deliver_all(at=AT) == DeliveryReport(delivered=5, failed=0)
    assert deliver_all(at=AT) == DeliveryReport(delivered=0, failed=0)
    assert (listener.stops_of(1), listener.stops_of(2)) == ([1, 2, 3], [1, 2])
    assert set(Delivery.objects.values_list("state", "resolved_at", "attempts")) == {("delivered", AT, 0)}


@pytest.mark.django_db
def test_a_handler_of_two_facts_hears_a_stream_in_one_order():
    heard: list[Event] = []

    def hear(event: Event) -> None:
        heard.append(event)

    subscribe(ParcelMoved, hear)
    subscribe(ParcelLost, hear)
    facts = [ParcelMoved(parcel_id=1, stop=1), ParcelLost(parcel_id=1), ParcelMoved(parcel_id=1, stop=2)]
    with transaction.atomic():
        outbox.publish_many(facts)
    deliver_all(at=AT)
    assert heard == facts


@pytest.mark.django_db
def test_what_a_handler_publishes_is_delivered_too():
    found: list[int] = []

    def lose(event: ParcelMoved) -> None:
        outbox.publish(ParcelLost(parcel_id=event.parcel_id))

    def look(event: ParcelLost) -> None:
        found.append(event.parcel_id)

    subscribe(ParcelMoved, lose)
    subscribe(ParcelLost, look)
    publish_stops((5, 1))
    assert deliver_all(at=AT) == DeliveryReport(delivered=2, failed=0)
    assert found == [5]


@pytest.mark.django_db
def test_a_failing_handler_is_tried_again_after_a_growing_wait():
    listener = Listener("tests.listener", failing={1})
    publish_stops((1, 1), (1, 2))
    assert deliver_all(at=AT) == DeliveryReport(delivered=0, failed=1)
    delivery = Delivery.objects.earliest("pk")
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert timedelta(seconds=7.5) < delivery.retry_at - AT <= timedelta(seconds=15)
    assert deliver_all(at=AT + timedelta(seconds=7)) == DeliveryReport(delivered=0, failed=0)
    second = AT + timedelta(seconds=15)
    assert deliver_all(at=second) == DeliveryReport(delivered=0, failed=1)
    delivery.refresh_from_db()
    assert timedelta(seconds=22.5) < delivery.retry_at - second <= timedelta(seconds=45)
    listener.failing.clear()
    assert deliver_all(at=second + timedelta(seconds=45)) == DeliveryReport(delivered=2, failed=0)
    assert listener.stops_of(1) == [1, 2]


@pytest.mark.django_db
def test_an_error_is_kept_without_what_it_said():
    Listener("tests.listener", failing={1})
    publish_stops((1, 1))
    deliver_all(at=AT)
    kept = Delivery.objects.get().last_error
    assert kept.startswith("tests.outbox.test_deliveries.BrokenHandlerError test_deliveries.py:")
    assert "138" not in kept


@pytest.mark.django_db
def test_a_refusal_is_kept_with_its_code():
    def refuse(event: ParcelMoved) -> None:
        raise DomainError

    subscribe(ParcelMoved, refuse)
    publish_stops((1, 1))
    deliver_all(at=AT)
    assert Delivery.objects.get().last_error.startswith("config.core.errors.DomainError refused test_deliveries.py:")


@pytest.mark.django_db
def test_a_delivery_whose_handler_is_gone_fails_visibly():
    Listener("tests.listener")
    publish_stops((1, 1))
    Delivery.objects.update(handler="tests.renamed")
    assert deliver_all(at=AT) == DeliveryReport(delivered=0, failed=1)
    assert Delivery.objects.get().last_error.startswith("config.outbox.subscriptions.UnknownHandler")


@pytest.mark.django_db
def test_a_dead_letter_blocks_only_its_line(settings):
    settings.OUTBOX_MAX_ATTEMPTS = 2
    broken, healthy = Listener("tests.broken", failing={1}), Listener("tests.healthy")
    publish_stops((1, 1), (1, 2), (2, 2))
    for hour in range(5):
        deliver_all(at=AT + timedelta(hours=hour))
    assert broken.tries == 3  # twice parcel 1, once parcel 2
    assert (broken.stops_of(1), broken.stops_of(2)) == ([], [2])
    assert (healthy.stops_of(1), healthy.stops_of(2)) == ([1, 2], [2])
    line = Delivery.objects.filter(handler="tests.broken", stream="parcel:1").order_by("pk")
    assert list(line.values_list("state", "attempts", "retry_at")) == [("dead", 2, None), ("pending", 0, None)]


@pytest.mark.django_db
def test_fail_fast_raises_the_handlers_error_and_still_counts_it():
    Listener("tests.listener", failing={1})
    publish_stops((1, 1))
    with pytest.raises(BrokenHandlerError):
        deliver_all(at=AT, fail_fast=True)
    assert Delivery.objects.get().attempts == 1


def test_effects_and_mark_commit_together_or_not_at_all(effects: Effects):
    def write_and_fail(event: ParcelMoved) -> None:
        effects.write("half")
        raise BrokenHandlerError

    subscribe(ParcelMoved, write_and_fail)
    publish_stops((1, 1))
    deliver_all(at=AT)
    assert effects.notes() == []
    assert Delivery.objects.get().state == DeliveryState.PENDING


def test_delivering_inside_a_transaction_is_refused(effects: Effects):
    Listener("tests.listener")
    publish_stops((1, 1))
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        deliver_all(at=AT)


def test_the_sweeper_delivers_what_was_committed_but_never_nudged(effects: Effects, nudges: list[object]):
    subscribe(ParcelMoved, lambda event: effects.write(event.stream), name="tests.write")
    publish_stops((1, 1), (2, 1))
    nudges.clear()  # the broker lost it
    tasks.sweep()
    tasks.sweep()
    assert effects.notes() == ["parcel:1", "parcel:2"]
    assert nudges == []


@pytest.mark.django_db
def test_a_big_sweep_delivers_the_oldest_streams_and_fans_the_others_out(
    nudges: list[tuple[str, dict[str, list[str]]]],
):
    listener = Listener("tests.listener")
    publish_stops(*((parcel, 1) for parcel in range(320)))
    report = deliveries.sweep(at=AT, limit=300)
    assert report == DeliveryReport(delivered=100, failed=0)
    assert [event.parcel_id for event in listener.heard] == list(range(100))
    assert [(kwargs["streams"][0], len(kwargs["streams"])) for _, kwargs in nudges] == [
        ("parcel:100", 100),
        ("parcel:200", 100),
    ]


@pytest.mark.django_db
def test_a_nudge_delivers_its_streams_alone():
    listener = Listener("tests.listener")
    publish_stops((1, 1), (2, 1), (3, 1))
    tasks.deliver_streams(streams=["parcel:1", "parcel:3"])
    assert [event.parcel_id for event in listener.heard] == [1, 3]


@pytest.mark.django_db
def test_delivering_stops_at_its_limit():
    listener = Listener("tests.listener")
    publish_stops(*((parcel, 1) for parcel in range(5)), *((9, stop) for stop in range(1, 6)))
    for limit, heard in ((1, 1), (3, 4), (5, 9), (5, 10)):
        deliveries.deliver(at=AT, limit=limit)
        assert len(listener.heard) == heard
    assert listener.stops_of(9) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_a_deep_line_is_searched_once_per_run(django_assert_max_num_queries: Any):
    listener = Listener("tests.listener")
    publish_stops(*((1, stop) for stop in range(128)))
    with django_assert_max_num_queries(3 + 128 * 5) as queries:  # savepoint, lock, head, mark, release
        deliver_all(at=AT)
    assert listener.stops_of(1) == list(range(128))
    assert sum("NOT EXISTS" in query["sql"] for query in queries) == 3


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 15), (2, 45), (3, 135), (4, 405), (5, 1215), (6, 3600), (7, 3600), (500, 3600)]
)
def test_waits_triple_up_to_an_hour(attempts: int, seconds: int):
    assert wait_after(attempts=attempts, jitter=0) == timedelta(seconds=seconds)
    assert wait_after(attempts=attempts, jitter=0.5) == timedelta(seconds=seconds * 0.75)


@pytest.mark.django_db
def test_pruning_keeps_what_is_young_or_waited_for(settings):
    settings.POLICIES = {"outbox_keep_days": 30}
    Listener("tests.listener", failing={2})
    publish_stops((1, 1), (2, 2), (3, 1))
    with transaction.atomic():
        outbox.publish(ParcelLost(parcel_id=4))  # nobody listens
    now = timezone.now()
    deliver_all(at=now)
    Message.objects.filter(stream="parcel:3").update(published_at=now + timedelta(days=2))
    assert prune_messages(at=now + timedelta(days=29)) == 0
    assert prune_messages(at=now + timedelta(days=31), chunk=1) == 2
    assert list(Message.objects.order_by("pk").values_list("stream", flat=True)) == ["parcel:2", "parcel:3"]
    assert Delivery.objects.count() == 2
