"""Members are told of points that lapse soon: each lot and step once, and the nearest step only."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from config.core.db import edge_transaction
from config.outbox.models import Message
from points import ledger, tasks
from points.events import PointsLapsing
from points.models import LapseReminder
from points.services import reminders

from .conftest import T0, day, earn, spend
from .killing import kill_in_chunk, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account() -> int:
    with transaction.atomic():
        return ledger.open_account(asset="points")


@pytest.fixture
def other() -> int:
    with transaction.atomic():
        return ledger.open_account(asset="points")


def remind(on: float, *, limit: int = 1000) -> list[tuple[int, int, datetime, int]]:
    """Run the task on that day; what it published: account, points, moment, days."""
    seen = Message.objects.count()
    tasks.remind_lapsing(at=day(on).isoformat(), limit=limit)
    facts = [PointsLapsing.from_payload(m.payload) for m in Message.objects.order_by("pk")[seen:]]
    return [(fact.account_id, fact.points, fact.lapses_at, fact.days) for fact in facts]


def given(account: int, *lots: tuple[int, float]) -> None:
    with transaction.atomic():
        for n, (points, until) in enumerate(lots):
            earn(account, points, key=f"{n}:{until}", until=until)


def test_a_lot_is_told_of_thirty_seven_and_one_day_before(account):
    given(account, (50, 100))
    told = {on: remind(on) for on in range(60, 102)}
    assert {on: facts for on, facts in told.items() if facts} == {
        70: [(account, 50, day(100), 30)],
        93: [(account, 50, day(100), 7)],
        99: [(account, 50, day(100), 1)],
    }


def test_a_step_is_reached_to_the_second(account):
    given(account, (50, 100))
    assert remind(70 - 1 / 86400) == []
    assert remind(70) == [(account, 50, day(100), 30)]


def test_the_same_run_twice_tells_nothing_twice(account):
    given(account, (50, 100))
    assert len(remind(75)) == 1
    assert remind(75) == []
    assert remind(80) == []


@pytest.mark.parametrize(("on", "step"), [(94, 7), (99.5, 1)])
def test_after_days_without_a_run_a_lot_gets_the_nearest_step_only(account, on, step):
    given(account, (50, 100))
    assert remind(on) == [(account, 50, day(100), step)]
    assert remind(on + 0.1) == []
    assert list(LapseReminder.objects.values_list("step", flat=True)) == [step]


def test_a_missed_day_is_made_up_for_and_the_next_step_comes_as_ever(account):
    given(account, (50, 100))
    assert [row[3] for row in remind(73)] == [30]
    assert [row[3] for row in remind(95)] == [7]
    assert [row[3] for row in remind(99)] == [1]


def test_lots_of_one_account_and_moment_are_one_fact_with_what_is_left_of_them(account, other):
    given(account, (10, 100), (20, 100), (40, 101))
    given(other, (80, 100))
    with transaction.atomic():
        spend(account, 5, on=60)
    assert remind(72) == [
        (account, 25, day(100), 30),
        (other, 80, day(100), 30),
        (account, 40, day(101), 30),
    ]


def test_what_is_spent_pending_lapsed_or_lasts_is_not_told_of(account):
    given(account, (10, 100), (20, 71))
    with transaction.atomic():
        earn(account, 7, key="lasting")
        ledger.earn(account=account, points=9, key="p", source="order:1", at=T0, expires_at=day(100), pending=True)
        ledger.expire(at=day(72), limit=10)
        spend(account, 10, on=72)
    assert remind(75) == []


def test_a_lot_that_comes_back_is_told_of_at_the_next_step(account):
    given(account, (10, 100))
    assert len(remind(71)) == 1
    with transaction.atomic():
        spent = spend(account, 10, on=75)
    assert remind(94) == []
    with transaction.atomic():
        ledger.reverse(entry=spent.id, key="r", at=day(95))
    assert remind(95) == [(account, 10, day(100), 7)]


def test_no_account_is_split_over_chunks_unless_it_fills_one(account, other):
    given(account, (1, 100), (2, 100), (3, 100))
    given(other, (10, 100), (20, 100), (30, 100), (40, 100), (50, 100))
    assert remind(75, limit=4) == [
        (account, 6, day(100), 30),
        (other, 100, day(100), 30),
        (other, 50, day(100), 30),
    ]


def test_the_steps_are_the_shops_to_choose(account):
    given(account, (10, 100))
    with override_settings(POLICIES={"lapse_reminder_first_days": 60, "lapse_reminder_last_days": 0}):
        assert [row[3] for row in remind(41)] == [60]
        assert [row[3] for row in remind(93)] == [7]
        assert remind(99.5) == []
    nothing = dict.fromkeys(("first", "second", "last"), 0)
    with override_settings(POLICIES={f"lapse_reminder_{name}_days": days for name, days in nothing.items()}):
        assert remind(99.6) == []


def test_the_database_refuses_a_second_reminder_of_a_lot_and_step(account):
    given(account, (10, 100))
    remind(75)
    row = LapseReminder.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError, match="points_reminder_once_per_lot_and_step"):
        row.save()


def test_two_runs_that_meet_tell_each_lot_once(account):
    given(account, (10, 100), (20, 100))
    with edge_transaction():
        reminders.remind_next(after=reminders.START, at=day(75), limit=1)
    assert remind(75) == [(account, 20, day(100), 30)]


def test_reminders_are_forgotten_a_month_after_the_lapse(account):
    given(account, (10, 100))
    remind(75)
    remind(129)
    assert LapseReminder.objects.count() == 1
    remind(131)
    assert LapseReminder.objects.count() == 0


def test_a_chunk_costs_a_constant_number_of_queries(django_assert_max_num_queries):
    with transaction.atomic():
        accounts = ledger.open_accounts(asset="points", count=400)
        ledger.post_many(
            [ledger.Posting(account=a, points=5, key="k", source="s", at=T0, expires_at=day(100)) for a in accounts]
        )
    with transaction.atomic(), django_assert_max_num_queries(3):  # remind, publish, one delivery per handler
        reminders.remind_next(after=reminders.START, at=day(75), limit=1000)
    assert Message.objects.count() == 400


def test_killed_and_started_again_every_lot_is_told_of_once():
    with transaction.atomic():
        accounts = ledger.open_accounts(asset="points", count=3000)
        ledger.post_many(
            [ledger.Posting(account=a, points=5, key="k", source="s", at=T0, expires_at=day(100)) for a in accounts]
        )
    for after in (0.0, 0.02, 0.04):
        kill_in_chunk("remind", 2, at=day(75), limit=300, after=after)
        assert LapseReminder.objects.count() == Message.objects.count()
    assert 300 <= Message.objects.count() < 3000
    run_to_the_end("remind", at=day(75), limit=300)
    assert Message.objects.filter(event="points.PointsLapsing").count() == 3000
    assert Message.objects.values("stream").distinct().count() == 3000
    assert LapseReminder.objects.count() == 3000
    assert timedelta(days=25) == day(100) - LapseReminder.objects.all()[0].reminded_at
