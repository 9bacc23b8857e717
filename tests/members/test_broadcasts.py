"""One message for many: each gets it exactly once, wherever it was stopped, paused or killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from config.core.errors import InvalidInput
from members import tasks
from members.models import Broadcast, Member, Message, MessageDelivery, MessageTemplate, Tier
from members.services import broadcasts
from points import ledger
from tests.members.factories import AT, a_member
from tests.members.messaging import a_marketing_template, agrees
from tests.members.test_races import at_once
from tests.points.killing import NAMED, wait_until_its_connections_are_gone

ROOT = Path(__file__).resolve().parents[2]
db = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def members(count: int) -> list[int]:
    """So many more members, made at once."""
    tier = Tier.objects.get(code="bronze")
    with transaction.atomic():
        accounts = ledger.open_accounts(asset="points", count=count) + ledger.open_accounts(asset="growth", count=count)
        rows = Member.objects.bulk_create(
            Member(
                number=f"{number:08d}",
                nickname=f"会员{number}",
                tier=tier,
                tier_since=AT,
                registered_at=AT,
                points_account_id=accounts[number],
                growth_account_id=accounts[count + number],
            )
            for number in range(count)
        )
    return [row.pk for row in rows]


def a_broadcast(**columns: object) -> Broadcast:
    """A broadcast of the template `promo`, which greets by name."""
    template = MessageTemplate.objects.filter(code="promo").first() or a_marketing_template()
    return Broadcast.objects.create(name="大促", template=template, **columns)


def start(broadcast: Broadcast) -> None:
    with transaction.atomic():
        broadcasts.start(broadcast_id=broadcast.pk, at=AT)


def send(broadcast: Broadcast, *, limit: int = 10) -> broadcasts.Chunk:
    with transaction.atomic():
        return broadcasts.send_next(broadcast_id=broadcast.pk, at=AT, limit=limit)


@db
def test_everybody_is_told_once_by_name_and_it_is_done() -> None:
    ids = members(25)
    row = a_broadcast()
    start(row)
    assert [send(row).told for _ in range(4)] == [10, 10, 5, 0]
    row.refresh_from_db()
    assert (row.state, row.told, row.finished_at) == ("done", 25, AT)
    assert Message.objects.get(member=ids[7]).body == "会员7，大促开始了"


@db
def test_only_who_agreed_gets_it_outside_and_nothing_is_noted_of_the_others() -> None:
    ids = members(5)
    known = a_member()
    agrees(known)
    agrees(Member.objects.get(pk=ids[0]))  # has no phone
    row = a_broadcast()
    start(row)
    assert send(row).queued == 1
    assert MessageDelivery.objects.get().message.member_id == known.pk


@db
def test_a_tier_and_all_above_it_or_a_list_are_told() -> None:
    ids = members(6)
    gold, diamond = (Tier.objects.get(code=code) for code in ("gold", "diamond"))
    Member.objects.filter(pk=ids[0]).update(tier=gold)
    Member.objects.filter(pk=ids[1]).update(tier=diamond)
    by_tier = a_broadcast(audience="tier", tier=gold)
    start(by_tier)
    assert send(by_tier).told == 2
    listed = a_broadcast(audience="listed")
    with transaction.atomic():
        assert broadcasts.list_members(broadcast_id=listed.pk, numbers=["00000003", " 00000004", "00000003", ""]) == 2
    start(listed)
    assert send(listed).told == 2
    assert set(Message.objects.filter(broadcast=listed).values_list("member_id", flat=True)) == {ids[3], ids[4]}


@db
def test_a_list_with_an_unknown_number_is_refused_whole() -> None:
    members(2)
    row = a_broadcast(audience="listed")
    with pytest.raises(InvalidInput, match="没有会员号 99999999"), transaction.atomic():
        broadcasts.list_members(broadcast_id=row.pk, numbers=["00000001", "99999999"])
    with pytest.raises(InvalidInput, match="没有符合条件的会员"):
        start(row)


@db
def test_what_the_template_names_must_be_given() -> None:
    members(1)
    template = MessageTemplate.objects.get(code="announcement")
    row = Broadcast.objects.create(name="公告", template=template, context={"headline": "会员日"})
    with pytest.raises(InvalidInput, match="请填写「内容」"):
        start(row)
    Broadcast.objects.update(context={"headline": "会员日", "content": "翻倍", "page": "/points-mall/"})
    start(row)
    assert send(row).told == 1
    assert Message.objects.get().link == "/points-mall/"


@db
def test_pausing_stops_it_and_going_on_repeats_nobody() -> None:
    members(25)
    row = a_broadcast()
    start(row)
    send(row)
    with transaction.atomic():
        broadcasts.pause(broadcast_id=row.pk)
    assert send(row).told == 0
    with pytest.raises(broadcasts.BroadcastStateConflict), transaction.atomic():
        broadcasts.pause(broadcast_id=row.pk)
    with transaction.atomic():
        broadcasts.resume(broadcast_id=row.pk)
    assert [send(row).told for _ in range(2)] == [10, 5]
    assert Message.objects.count() == 25


@db
def test_a_template_that_is_switched_off_pauses_it_and_skips_nobody() -> None:
    members(15)
    row = a_broadcast()
    start(row)
    send(row)
    MessageTemplate.objects.filter(code="promo").update(is_enabled=False)
    assert send(row).told == 0
    row.refresh_from_db()
    assert (row.state, row.told) == ("paused", 10)
    MessageTemplate.objects.filter(code="promo").update(is_enabled=True)
    with transaction.atomic():
        broadcasts.resume(broadcast_id=row.pk)
    assert send(row).told == 5


@db
def test_who_has_left_is_not_told() -> None:
    ids = members(3)
    Member.objects.filter(pk=ids[0]).update(status="closed")
    row = a_broadcast()
    start(row)
    assert send(row).told == 2


@committed
def test_the_task_goes_through_all_that_run() -> None:
    members(30)
    rows = [a_broadcast(), a_broadcast()]
    for row in rows:
        start(row)
    assert tasks.run_broadcasts() == 60
    assert set(Broadcast.objects.values_list("state", flat=True)) == {"done"}


@committed
@pytest.mark.race
def test_two_workers_at_one_broadcast_tell_nobody_twice() -> None:
    members(60)
    row = a_broadcast()
    start(row)

    def work(number: int) -> int:
        told, tries = 0, 0
        while tries < 50 and Broadcast.objects.get(pk=row.pk).state == "running":
            told += send(row, limit=7).told
            tries += 1
        return told

    assert sum(int(str(told)) for told in at_once(work)) == 60
    assert (Message.objects.count(), Broadcast.objects.get().told) == (60, 60)


def process(broadcast: Broadcast, *, limit: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.members.broadcast_process", str(broadcast.pk), str(limit)],
        cwd=ROOT,
        env={
            **os.environ,
            **NAMED,
            "BROADCAST_TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "LOG_LEVEL": "WARNING",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


@committed
def test_killed_in_the_middle_of_chunks_it_goes_on_and_tells_each_exactly_once() -> None:
    ids = members(3000)
    row = a_broadcast()
    start(row)
    for number, after in ((2, 0.01), (3, 0.03), (2, 0.05)):
        running = process(row, limit=100)
        assert running.stdout is not None
        for line in running.stdout:
            if line == f"begins {number}\n":
                time.sleep(after)
                running.kill()
                break
        running.stdout.close()
        assert running.wait(timeout=30) == -9, "it ended before it was killed"
        wait_until_its_connections_are_gone()
        row.refresh_from_db()
        assert row.told == Message.objects.count()
    assert 0 < Message.objects.count() < 3000
    printed, _ = process(row, limit=400).communicate(timeout=60)
    assert printed.endswith("done\n")
    row.refresh_from_db()
    assert (row.state, row.told) == ("done", 3000)
    assert sorted(Message.objects.values_list("member_id", flat=True)) == sorted(ids)
