"""The same occurrence twice at once is given for once; controls show what happens without the claim."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.models import CheckIn, Grant, Receipt
from campaigns.rules.occurrence import Decided
from campaigns.services import announcing, birthdays, clawback, granting, receipts
from campaigns.services import check_in as checking
from campaigns.services.check_in import AlreadyCheckedIn
from config.core.time import SHANGHAI
from points import ledger
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import a_member, a_refund, an_order, defaults, points_of, presets_installed

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 8


def at_once(work: Callable[[int], object], threads: int = THREADS) -> list[object]:
    """What each thread returned or raised, all started together, each in a transaction of its own."""
    gate = threading.Barrier(threads)

    def run(number: int) -> object:
        try:
            gate.wait()
            with transaction.atomic(durable=True):
                return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.fixture(autouse=True)
def shop():
    defaults()


@pytest.fixture
def member(shop):
    presets_installed()
    return a_member()


def test_one_order_delivered_to_eight_workers_is_given_for_once(member):
    order = an_order(member, cents=10000, paid_at=THURSDAY)
    results = at_once(lambda _: granting.grant_for_order(order_id=order.pk, at=THURSDAY))
    assert sorted(result is None for result in results) == [False] + [True] * (THREADS - 1)
    assert (points_of(member, THURSDAY), Receipt.objects.count(), Grant.objects.count()) == (100, 1, 1)
    assert ledger.audit() == []


def test_control_without_the_claim_workers_collide(member, monkeypatch):
    """Look first, then write: everyone sees nothing, and only the constraints stop the double gift."""
    met = threading.Barrier(2)

    def look_then_write(*, decided: list[Decided]) -> dict[tuple[int, str], int]:
        names = [(one.occurrence.member_id, one.occurrence.name) for one in decided]
        unseen = [name for name in names if not Receipt.objects.filter(member_id=name[0], occurrence=name[1]).exists()]
        met.wait(5)
        return {
            (member_id, name): Receipt.objects.create(
                member_id=member_id,
                occurrence=name,
                trigger="order_completed",
                points=decided[0].decision.points,
                growth=decided[0].decision.growth,
                at=THURSDAY,
                created_at=THURSDAY,
            ).pk
            for member_id, name in unseen
        }

    monkeypatch.setattr(receipts, "claim", look_then_write)
    order = an_order(member, cents=10000, paid_at=THURSDAY)
    results = at_once(lambda _: granting.grant_for_order(order_id=order.pk, at=THURSDAY), threads=2)
    assert sorted(isinstance(result, IntegrityError) for result in results) == [False, True]


def test_eight_check_ins_at_once_give_one(member):
    results = at_once(lambda _: checking.check_in(member_id=member.pk, at=THURSDAY))
    assert sorted(isinstance(result, AlreadyCheckedIn) for result in results) == [False] + [True] * (THREADS - 1)
    assert (CheckIn.objects.count(), points_of(member, THURSDAY)) == (1, 10)


def test_control_looking_before_checking_in_is_not_enough(member, monkeypatch):
    """Two who look before either writes both think that the day is free."""
    met, free = threading.Barrier(2), []

    def look(*, member_id: int, day: object, streak: int, at: datetime) -> None:
        free.append(not CheckIn.objects.filter(member_id=member_id, day=day).exists())
        met.wait(5)
        CheckIn.objects.create(member_id=member_id, day=day, streak=streak, at=at)

    monkeypatch.setattr(checking, "_wait_for_the_member", lambda member_id: None)
    monkeypatch.setattr(checking, "_claim_day", look)
    results = at_once(lambda _: checking.check_in(member_id=member.pk, at=THURSDAY), threads=2)
    assert free == [True, True]
    assert sorted(isinstance(result, IntegrityError) for result in results) == [False, True]


def around_midnight(member, monkeypatch) -> list[int]:
    """Streaks of a check-in just before midnight that is still being written, and of one just after it."""
    midnight = datetime(2026, 11, 20, tzinfo=SHANGHAI)
    claimed, claim = threading.Event(), checking._claim_day

    def claim_slowly(**facts) -> None:
        claim(**facts)
        if facts["at"] < midnight:
            claimed.set()
            time.sleep(0.5)

    monkeypatch.setattr(checking, "_claim_day", claim_slowly)

    def check_in(number: int) -> int:
        if number:
            claimed.wait(20)
        at = midnight + timedelta(seconds=number - 1)
        return checking.check_in(member_id=member.pk, at=at).streak

    return at_once(check_in, threads=2)


def test_two_taps_around_midnight_are_two_days_of_one_streak(member, monkeypatch):
    assert around_midnight(member, monkeypatch) == [1, 2]


def test_control_without_waiting_for_the_old_day_the_new_one_starts_over(member, monkeypatch):
    monkeypatch.setattr(checking, "_wait_for_the_member", lambda member_id: None)
    assert around_midnight(member, monkeypatch) == [1, 1]


def test_birthday_tasks_that_run_at_once_give_once():
    presets_installed()
    members = [a_member(month_day="1118") for _ in range(10)]
    at = datetime(2026, 11, 18, 9, 0, tzinfo=SHANGHAI)
    reports = at_once(lambda _: birthdays.grant_birthdays(at=at), threads=4)
    assert sum(report.members for report in reports) == 10
    assert [points_of(member, at) for member in members] == [100] * 10


def test_giving_does_not_wait_for_a_campaign_that_is_being_edited_or_announced(member):
    """Who edits campaigns takes them in one order, who gives names them in another: waiting would end in a ring."""
    order, held, done = an_order(member, cents=10000, paid_at=THURSDAY), threading.Event(), threading.Event()

    def announce_slowly() -> None:
        announcing.announce_starts_and_ends(at=THURSDAY)
        held.set()
        done.wait(20)

    def give_meanwhile() -> int | None:
        held.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        receipt = granting.grant_for_order(order_id=order.pk, at=THURSDAY)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        done.set()
        return receipt

    acts = [announce_slowly, give_meanwhile]
    results = at_once(lambda number: acts[number](), threads=2)
    done.set()
    assert results[0] is None
    assert results[1] == Receipt.objects.get(occurrence=f"order:{order.pk}").pk


def test_control_without_the_claim_birthday_tasks_meet_the_constraint(monkeypatch):
    presets_installed()
    member, met = a_member(month_day="1118"), threading.Barrier(2)
    at, claim = datetime(2026, 11, 18, 9, 0, tzinfo=SHANGHAI), receipts._CLAIM
    celebrating = birthdays._celebrating

    def look_together(day: object, **which: int) -> list[int]:
        found = celebrating(day, **which)
        met.wait(5)
        return found

    monkeypatch.setattr(birthdays, "_celebrating", look_together)
    monkeypatch.setattr(receipts, "_CLAIM", claim.replace("ON CONFLICT (member_id, occurrence) DO NOTHING", ""))
    results = at_once(lambda _: birthdays.grant_birthdays(at=at), threads=2)
    assert sorted(isinstance(result, IntegrityError) for result in results) == [False, True]
    assert points_of(member, at) == 100


def two_refunds(order) -> list[int]:
    return [a_refund(order, cents=5000, at=THURSDAY).pk for _ in range(2)]


def test_two_refunds_at_once_take_back_what_one_would(member):
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    with transaction.atomic():
        granting.grant_for_order(order_id=order.pk, at=WEDNESDAY)
    refunds = two_refunds(order)
    at_once(lambda n: clawback.take_back_for_refund(order_id=order.pk, refund_id=refunds[n], at=THURSDAY), threads=2)
    assert points_of(member, THURSDAY) == 0
    taken = Receipt.objects.filter(trigger="order_refunded").values_list("points", flat=True)
    assert sum(taken) == -200
    assert ledger.audit() == []


def test_control_without_the_lock_two_refunds_count_the_same_part_twice(member, monkeypatch):
    met = threading.Barrier(2)
    monkeypatch.setattr(clawback, "lock_earned", lambda *, order_ids: None)
    counted = clawback.earned_by_order

    def counted_together(*, order_id: int):
        earned = counted(order_id=order_id)
        met.wait(5)
        return earned

    monkeypatch.setattr(clawback, "earned_by_order", counted_together)
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    with transaction.atomic():
        granting.grant_for_order(order_id=order.pk, at=WEDNESDAY)
    refunds = two_refunds(order)
    results = at_once(
        lambda n: clawback.take_back_for_refund(order_id=order.pk, refund_id=refunds[n], at=THURSDAY), threads=2
    )
    due = sorted(result.points if hasattr(result, "points") else -1 for result in results)
    assert due != [100, 100]
