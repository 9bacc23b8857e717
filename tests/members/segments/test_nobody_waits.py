"""While a segment is refreshed, members log in, earn, and are tagged: nobody waits for the chunk at work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from members.models import Member, MemberTag, Segment, SegmentMember, Tag
from members.services import growth, registration, segments, sign_in
from tests.members.factories import AT
from tests.members.segments.test_refresh import a_segment, one, some_members

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@contextmanager
def a_chunk_at_work(segment: Segment) -> Iterator[None]:
    """Another connection has written its chunk and does not commit until the block ends."""
    written, done = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                segments.begin(segment_id=segment.pk, at=AT)
            with transaction.atomic():
                segments.refresh_next(segment_id=segment.pk)
                written.set()
                done.wait(timeout=20)
        finally:
            written.set()
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert written.wait(timeout=20)
    try:
        yield
    finally:
        done.set()
        worker.join(timeout=20)


def at_once(act: Callable[[], Any]) -> Any:
    """What it answers without waiting a second for any lock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        return act()


@pytest.fixture
def women() -> tuple[Segment, Member]:
    woman, _ = some_members("female", "male")
    segment = a_segment(one("gender", "in", ["female"]))
    Tag.objects.create(name="她", segment=segment)
    return segment, woman


def test_a_member_logs_in_registers_and_earns_meanwhile(women: tuple[Segment, Member]) -> None:
    segment, woman = women
    with a_chunk_at_work(segment):
        assert at_once(lambda: sign_in.log_in_of(member_id=woman.pk))
        earned = at_once(
            lambda: growth.post_growth(member_id=woman.pk, points=1000, key="k", source="order:1", at=AT, cause="order")
        )
        assert earned.spendable_after == 1000
        assert at_once(lambda: registration.register_by_phone(phone="13900000001", channel="h5", at=AT)).is_new
        at_once(lambda: Member.objects.filter(pk=woman.pk).update(nickname="新名字"))
        assert SegmentMember.objects.count() == 0  # not committed yet
    assert list(SegmentMember.objects.values_list("member_id", flat=True)) == [woman.pk]
    assert list(MemberTag.objects.values_list("member_id", flat=True)) == [woman.pk]
    assert Member.objects.get(pk=woman.pk).tier.code == "silver"


def test_the_chunk_was_at_work_for_a_second_refresh_of_it_waits(women: tuple[Segment, Member]) -> None:
    segment, _ = women
    with a_chunk_at_work(segment), pytest.raises(OperationalError, match="lock timeout"):
        at_once(lambda: segments.refresh_next(segment_id=segment.pk))
