"""Reads: plain rows, exact sums, a fixed number of queries."""

from datetime import date, timedelta

from config.core.time import day_start
from points import ledger
from points.selectors import entries, lots, totals

from .conftest import T0, day, earn, hold, spend


def played(account: int) -> dict[str, int]:
    """Some history; the entries' ids by name."""
    first = earn(account, 100, key="first", until=10)
    spent = spend(account, 30)
    held = hold(account, 20, on=2)
    ledger.capture(hold=held.id, at=day(3))
    back = ledger.reverse(entry=spent.id, key="back", at=day(4), points=10)
    ledger.expire(at=day(11), limit=10)
    taken = ledger.reverse(entry=first.id, key="taken", at=day(12))
    return {"first": first.id, "spent": spent.id, "held": held.entry, "back": back.id, "taken": taken.id}


def test_a_statement_is_newest_first_without_captures_in_one_query(account, django_assert_num_queries):
    ids = played(account)
    with django_assert_num_queries(1):
        rows = entries.entries(account=account, direction="all", before=None, limit=10)
    assert [(row.kind, row.spendable, row.hold_status) for row in rows] == [
        ("clawback", 0, None),
        ("expire", -60, None),
        ("restore", 10, None),
        ("hold", -20, "captured"),
        ("spend", -30, None),
        ("earn", 100, None),
    ]
    assert (rows[0].points, rows[0].lapsed, rows[0].arrears, rows[0].reverses_id) == (100, 60, 40, ids["first"])


def test_a_statement_pages_by_entry_and_filters_by_direction(account):
    ids = played(account)

    def kinds(direction: entries.Direction, before: int | None = None, limit: int = 10) -> list[str]:
        return [r.kind for r in entries.entries(account=account, direction=direction, before=before, limit=limit)]

    assert kinds("all", before=ids["back"], limit=2) == ["hold", "spend"]
    assert kinds("earned") == ["restore", "earn"]
    assert kinds("spent") == ["clawback", "hold", "spend"]
    assert kinds("lapsed") == ["expire"]


def test_an_entry_is_shown_to_its_account_alone_with_its_lots_and_draws(account, other):
    ids = played(account)
    assert entries.entry(account=other, entry_id=ids["first"]) is None
    row = entries.entry(account=account, entry_id=ids["back"])
    assert row is not None
    assert (row.kind, row.points, row.reverses_id) == ("restore", 10, ids["spent"])
    assert [(lot.points, lot.remaining) for lot in entries.lots_made(entry_id=ids["first"])] == [(100, 0)]
    assert entries.draws_made(entry_id=ids["back"]) == [entries.DrawRow(points=10, earned_at=T0, expires_at=day(10))]


def test_open_lots_stand_in_spending_order(account):
    earn(account, 10)
    earn(account, 20, until=30)
    earn(account, 30, until=20)
    spend(account, 5)
    assert [(lot.points, lot.remaining, lot.expires_at) for lot in lots.open_lots(account=account)] == [
        (30, 25, day(20)),
        (20, 20, day(30)),
        (10, 10, None),
    ]


def test_qualifying_growth_is_what_remains_of_what_was_earned_in_the_window(growth, db, django_assert_num_queries):
    second, empty = ledger.open_accounts(asset="growth", count=2)
    earn(growth, 100, key="old", on=0)
    kept = earn(growth, 200, key="new", on=5)
    earn(second, 7, key="edge", on=1)
    earn(second, 9, key="later", on=20)
    ledger.reverse(entry=kept.id, key="r", at=day(6), points=50)
    with django_assert_num_queries(1):
        found = lots.remaining_by_account(windows=[lots.Window(n, day(1), day(10)) for n in (growth, second, empty)])
    assert found == {growth: 150}
    windows = [lots.Window(growth, None, day(10)), lots.Window(second, day(0))]
    assert lots.remaining_by_account(windows=windows) == {growth: 250, second: 16}


def test_totals_are_cut_by_shanghai_days(account, other, growth):
    start = day_start(date(2026, 5, 1))
    ledger.earn(account=account, points=100, key="a", source="s", at=start - timedelta(seconds=1))
    ledger.earn(account=other, points=40, key="a", source="s", at=start, expires_at=start + timedelta(hours=30))
    spent = ledger.spend(account=account, points=60, key="b", source="s", at=start + timedelta(hours=1))
    ledger.reverse(entry=spent.id, key="c", at=start + timedelta(hours=2), points=15)
    ledger.adjust(account=account, points=-5, key="d", at=start + timedelta(hours=3), operator="staff:1", reason="r")
    ledger.expire(at=start + timedelta(hours=40), limit=10)
    lost = ledger.earn(account=other, points=25, key="e", source="s", at=start + timedelta(hours=41))
    ledger.reverse(entry=lost.id, key="f", at=start + timedelta(hours=42))
    ledger.earn(account=growth, points=999, key="a", source="s", at=start)
    nothing = {"issued": 0, "spent": 0, "restored": 0, "lapsed": 0, "clawed_back": 0}
    by_day = totals.daily_totals(asset="points", since=start - timedelta(days=1), until=start + timedelta(days=3))
    assert by_day == {
        date(2026, 4, 30): totals.Totals(**nothing | {"issued": 100}),
        date(2026, 5, 1): totals.Totals(**nothing | {"issued": 40, "spent": 65, "restored": 15}),
        date(2026, 5, 2): totals.Totals(**nothing | {"issued": 25, "lapsed": 40, "clawed_back": 25}),
    }
    assert totals.totals(asset="points", since=start, until=start + timedelta(days=3)) == totals.Totals(
        issued=65, spent=65, restored=15, lapsed=40, clawed_back=25
    )


def test_outstanding_counts_what_is_spendable_and_what_is_held(account, other, growth):
    earn(account, 100)
    hold(account, 30)
    earn(other, 5)
    earn(growth, 999)
    assert totals.outstanding(asset="points") == 105
    assert totals.outstanding(asset="growth") == 999


def test_totals_of_an_empty_ledger_are_zero(db):
    assert totals.outstanding(asset="points") == 0
    assert totals.totals(asset="points", since=day(0), until=day(1)).issued == 0
    assert totals.daily_totals(asset="points", since=day(0), until=day(1)) == {}
