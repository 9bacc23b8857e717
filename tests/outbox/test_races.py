"""Two workers at one line: with the lock, and what happens without it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from config.outbox import publishing as outbox
from config.outbox.models import Delivery
from config.outbox.services import deliveries
from config.outbox.services.deliveries import DeliveryReport, deliver_all
from config.outbox.subscriptions import subscribe
from tests.outbox.conftest import AT, Effects
from tests.outbox.facts import ParcelMoved

pytestmark = pytest.mark.race


def publish_stops(*stops: int) -> None:
    with transaction.atomic():
        outbox.publish_many(ParcelMoved(parcel_id=1, stop=stop) for stop in stops)


def in_own_connection(work: Callable[[], DeliveryReport]) -> DeliveryReport:
    try:
        return work()
    finally:
        connection.close()


def two_workers() -> list[DeliveryReport]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(in_own_connection, [lambda: deliver_all(at=AT)] * 2))


class MeetingHandler:
    """Stays in its first call until a second call meets it there, or half a second."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.calls: list[int] = []
        self.met = threading.Event()
        subscribe(ParcelMoved, self.hear, name="tests.meeting")

    def hear(self, event: ParcelMoved) -> None:
        self.calls.append(event.stop)
        self.effects.write(f"stop {event.stop}")
        if len(self.calls) > 1:
            self.met.set()
        self.met.wait(0.5)


def test_a_message_delivered_by_two_workers_at_once_is_handled_once(effects: Effects):
    handler = MeetingHandler(effects)
    publish_stops(1)
    reports = two_workers()
    assert handler.calls == [1]
    assert effects.notes() == ["stop 1"]
    assert sorted(report.delivered for report in reports) == [0, 1]
    assert [report.failed for report in reports] == [0, 0]


def test_control_without_the_lock_both_handle_it_and_the_second_net_takes_one_back(
    effects: Effects, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(deliveries, "_lock_line", lambda line: True)
    handler = MeetingHandler(effects)
    publish_stops(1)
    reports = two_workers()
    assert handler.calls == [1, 1]
    assert effects.notes() == ["stop 1"]
    assert sorted((report.delivered, report.failed) for report in reports) == [(0, 1), (1, 0)]


def test_control_without_lock_and_net_the_effect_is_doubled(effects: Effects, monkeypatch: pytest.MonkeyPatch):
    def hand_over_unmarked(delivery: Delivery, at: object) -> None:
        handler.hear(ParcelMoved.from_payload(delivery.message.payload))
        Delivery.objects.filter(pk=delivery.pk).update(state="delivered", resolved_at=at)

    monkeypatch.setattr(deliveries, "_lock_line", lambda line: True)
    monkeypatch.setattr(deliveries, "_hand_over", hand_over_unmarked)
    handler = MeetingHandler(effects)
    publish_stops(1)
    two_workers()
    assert effects.notes() == ["stop 1", "stop 1"]


def test_the_second_of_a_stream_waits_for_the_first_in_another_worker(effects: Effects):
    handler = MeetingHandler(effects)
    publish_stops(1, 2, 3)
    reports = two_workers()
    assert handler.calls == [1, 2, 3]
    assert effects.notes() == ["stop 1", "stop 2", "stop 3"]
    assert sum(report.delivered for report in reports) == 3


def test_what_is_published_while_a_worker_has_the_line_is_delivered_by_that_worker(effects: Effects):
    others: list[DeliveryReport] = []

    def publish_and_deliver_elsewhere() -> DeliveryReport:
        publish_stops(2)
        return deliver_all(at=AT)

    def hear(event: ParcelMoved) -> None:
        effects.write(f"stop {event.stop}")
        if event.stop == 1:
            thread = threading.Thread(
                target=lambda: others.append(in_own_connection(publish_and_deliver_elsewhere)), daemon=True
            )
            thread.start()
            thread.join(5)

    subscribe(ParcelMoved, hear)
    publish_stops(1)
    assert deliver_all(at=AT) == DeliveryReport(delivered=2, failed=0)
    assert others == [DeliveryReport(delivered=0, failed=0)]
    assert effects.notes() == ["stop 1", "stop 2"]


def test_two_streams_are_delivered_side_by_side(effects: Effects):
    meeting = threading.Barrier(2)

    def hear(event: ParcelMoved) -> None:
        meeting.wait(5)  # only passes when both workers are in a handler

    subscribe(ParcelMoved, hear)
    with transaction.atomic():
        outbox.publish_many([ParcelMoved(parcel_id=1, stop=1), ParcelMoved(parcel_id=2, stop=1)])
    started = time.monotonic()
    reports = two_workers()
    assert sum(report.delivered for report in reports) == 2
    assert time.monotonic() - started < 5
