"""Closing days: never before the last commit that belongs to them, each once, and checked against the entries."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from config.core.time import day_start
from points import ledger, tasks
from points.models import ClosedDay, DayTotal, Entry, TotalsCheck
from points.selectors import months
from points.selectors.day_check import Difference
from points.services import day_totals
from points.services.day_totals import Closing

from .recorded import recorded

FIRST = date(2026, 1, 30)
AT = day_start(date(2026, 2, 3)) + timedelta(hours=1)


def earned(account: int, points: int, day: date, *, key: str | None = None) -> None:
    at = day_start(day) + timedelta(hours=12)
    with recorded(at):
        ledger.earn(account=account, points=points, key=key or f"{day}", source="order:1", at=at)


def closed() -> list[tuple[date, int]]:
    return list(ClosedDay.objects.order_by("day").values_list("day", "entries"))


def kept() -> list[tuple[date, str, int, int]]:
    return list(DayTotal.objects.order_by("day", "kind").values_list("day", "kind", "entries", "spendable"))


@pytest.fixture
def history(account: int) -> int:
    """100 points on the 30th, nothing on the 31st, 20 and 3 on the 1st, 7 on the day that is still open."""
    earned(account, 100, FIRST)
    earned(account, 20, FIRST + timedelta(days=2), key="a")
    earned(account, 3, FIRST + timedelta(days=2), key="b")
    earned(account, 7, FIRST + timedelta(days=4))
    return account


def test_days_are_closed_in_order_and_each_once(history: int) -> None:
    days = [FIRST + timedelta(days=n) for n in range(5)]
    assert day_totals.close_days(at=AT, limit=2) == Closing(days=2, entries=1, has_more=True)
    assert closed() == [(days[0], 1), (days[1], 0)]
    assert day_totals.close_days(at=AT, limit=9) == Closing(days=2, entries=2, has_more=False)
    assert day_totals.close_days(at=AT, limit=9) == Closing(days=0, entries=0, has_more=False)
    assert closed() == [(days[0], 1), (days[1], 0), (days[2], 2), (days[3], 0)]
    assert kept() == [(days[0], "earn", 1, 100), (days[2], "earn", 2, 23)]


def test_a_run_that_is_rolled_back_is_repeated_by_the_next(history: int) -> None:
    day_totals.close_days(at=AT, limit=1)
    with transaction.atomic():
        day_totals.close_days(at=AT, limit=9)
        transaction.set_rollback(True)
    assert closed() == [(FIRST, 1)]
    assert day_totals.close_days(at=AT, limit=9).days == 3
    assert day_totals.check_totals(at=AT) == []


def test_without_entries_nothing_is_closed(db: None) -> None:
    assert day_totals.close_days(at=AT, limit=9) == Closing(days=0, entries=0, has_more=False)
    assert closed() == []


def test_no_day_is_closed_that_has_not_ended_by_the_databases_own_clock(account: int) -> None:
    ledger.earn(account=account, points=5, key="k", source="s", at=AT)
    assert day_totals.close_days(at=datetime(2999, 1, 1, tzinfo=UTC), limit=9).days == 0


def test_the_check_finds_what_was_changed_afterwards(history: int) -> None:
    day_totals.close_days(at=AT, limit=9)
    assert day_totals.check_totals(at=AT) == []
    DayTotal.objects.filter(day=FIRST).update(spendable=99)
    ClosedDay.objects.filter(day=FIRST).update(entries=4)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE points_account SET pending = 6 WHERE id = %s", [history])
    assert day_totals.check_totals(at=AT) == [
        Difference(day=None, asset="points", kind="", bucket="pending", expected=0, actual=6),
        Difference(day=FIRST, asset="", kind="", bucket="entries", expected=1, actual=4),
        Difference(day=FIRST, asset="points", kind="earn", bucket="spendable", expected=100, actual=99),
    ]
    assert list(TotalsCheck.objects.order_by("pk").values_list("through", "differences")) == [
        (FIRST + timedelta(days=3), 0),
        (FIRST + timedelta(days=3), 3),
    ]
    assert months.months(asset="points", at=AT).differences == 3
    with connection.cursor() as cursor:
        cursor.execute("UPDATE points_account SET pending = 0 WHERE id = %s", [history])


def test_the_check_finds_an_entry_that_came_into_a_closed_day(history: int) -> None:
    day_totals.close_days(at=AT, limit=9)
    earned(history, 1, FIRST, key="late")
    found = [(one.day, one.bucket, one.expected, one.actual) for one in day_totals.check_totals(at=AT)]
    assert found == [(FIRST, "entries", 2, 1), (FIRST, "entries", 2, 1), (FIRST, "spendable", 101, 100)]
    assert day_totals.reopen_days(since=FIRST) == 4
    assert day_totals.close_days(at=AT, limit=9).entries == 4
    assert day_totals.check_totals(at=AT) == []


@pytest.mark.django_db(transaction=True)
def test_the_command_names_what_differs_and_lets_days_be_closed_anew(capsys: pytest.CaptureFixture[str]) -> None:
    _entries_of_two_days()
    tasks.close_days(at=AT.isoformat())
    call_command("verify_months")
    assert capsys.readouterr().out.startswith("一致")
    DayTotal.objects.filter(day=FIRST).update(spendable=99)
    with pytest.raises(CommandError, match="有 1 项不一致"):
        call_command("verify_months")
    assert capsys.readouterr().out == "2026-01-30 points earn spendable：流水合计 100，现为 99\n"
    call_command("verify_months", reopen_from=FIRST)
    assert (capsys.readouterr().out, closed()) == ("已放弃 4 天的汇总，定时任务会重新汇总\n", [])
    tasks.close_days(at=AT.isoformat())
    call_command("verify_months")


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Run something in a thread with a connection of its own; it is waited for in the end."""
    threads: list[threading.Thread] = []

    def run(work: Any) -> threading.Thread:
        def with_connection() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=with_connection)
        thread.start()
        threads.append(thread)
        return thread

    yield run
    for thread in threads:
        thread.join(10)


def _entries_of_two_days() -> int:
    with transaction.atomic():
        account = ledger.open_account(asset="points")
        earned(account, 100, FIRST)
        earned(account, 20, FIRST + timedelta(days=1))
    return account


def _posts_late(account: int, *, has_begun: threading.Event, may_commit: threading.Event) -> Any:
    """A transaction that has posted into the first day, and commits when it may."""

    def work() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO points_entry (account_id, kind, points, spendable, spendable_after, source,"
                    " occurred_at, recorded_at) VALUES (%s, 'earn', 1, 1, 1, 's', %s, %s)",
                    [account, day_start(FIRST), day_start(FIRST)],
                )
            has_begun.set()
            may_commit.wait(10)

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.parametrize("is_control", [False, True])
def test_a_day_waits_for_a_commit_that_belongs_to_it(
    elsewhere: Any, monkeypatch: pytest.MonkeyPatch, is_control: bool
) -> None:
    """The running transaction has begun after those days, so its start is put back; the control doesn't look for it."""
    watched = "coalesce(activity.xact_start, to_timestamp(0))"
    assert watched in day_totals._OLDEST
    begun_long_ago = "'2999-01-01'::timestamptz" if is_control else "'2026-01-30 04:00+00'::timestamptz"
    monkeypatch.setattr(day_totals, "_OLDEST", day_totals._OLDEST.replace(watched, begun_long_ago))
    account = _entries_of_two_days()
    has_begun, may_commit = threading.Event(), threading.Event()
    late = elsewhere(_posts_late(account, has_begun=has_begun, may_commit=may_commit))
    assert has_begun.wait(10)
    with transaction.atomic():
        while_it_runs = day_totals.close_days(at=AT, limit=9)
    may_commit.set()
    late.join(10)
    with transaction.atomic():
        afterwards = day_totals.close_days(at=AT, limit=9)
    with transaction.atomic():
        missed = [one for one in day_totals.check_totals(at=AT) if one.day == FIRST and one.bucket == "spendable"]
    if is_control:
        assert (while_it_runs.days, missed[0].expected, missed[0].actual) == (4, 101, 100)
    else:
        assert (while_it_runs.days, afterwards.days, afterwards.entries, missed) == (0, 4, 3, [])


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_began_after_a_day_does_not_hold_it_up(elsewhere: Any) -> None:
    account = _entries_of_two_days()
    has_begun, may_commit = threading.Event(), threading.Event()
    elsewhere(_posts_late(account, has_begun=has_begun, may_commit=may_commit))
    assert has_begun.wait(10)
    with transaction.atomic():
        assert day_totals.close_days(at=AT, limit=9).days == 4
    may_commit.set()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_close_every_day_once(elsewhere: Any) -> None:
    _entries_of_two_days()
    has_closed, may_commit = threading.Event(), threading.Event()

    def first_run() -> None:
        with transaction.atomic():
            day_totals.close_days(at=AT, limit=9)
            has_closed.set()
            may_commit.wait(10)

    run = elsewhere(first_run)
    assert has_closed.wait(10)
    with transaction.atomic():
        assert day_totals.close_days(at=AT, limit=9).days == 0
    may_commit.set()
    run.join(10)
    assert [entries for _, entries in closed()] == [1, 1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_the_task_closes_chunk_by_chunk_and_the_check_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.close_days, "apply_async", lambda *, kwargs: queued.append(kwargs))
    _entries_of_two_days()
    tasks.close_days(at=AT.isoformat(), limit=3)
    assert queued == [{"at": AT.isoformat(), "limit": 3}]
    tasks.close_days(**queued[0])
    assert (len(queued), len(closed()), Entry.objects.count()) == (1, 4, 2)
    tasks.check_day_totals()
    assert TotalsCheck.objects.get().differences == 0
