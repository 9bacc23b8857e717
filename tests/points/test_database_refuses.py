"""The second net: what plain SQL cannot do to the ledger."""

import pytest
from django.db import DatabaseError, connection, transaction

from points import ledger

from .conftest import T0, earn, hold, spend


def refused(sql: str, *params: object) -> str:
    """The database's words when it refuses `sql`."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        return str(error)
    pytest.fail(f"the database accepted {sql}")


@pytest.mark.parametrize("column", ["account_id", "entry_id", "points", "earned_at"])
def test_a_lot_stays_what_it_is(account, column):
    earn(account, 10)
    assert "stays what it is" in refused(f"UPDATE points_lot SET {column} = {column}")


@pytest.mark.parametrize("table", ["points_entry", "points_draw"])
def test_history_is_neither_edited_nor_deleted_nor_truncated(account, table):
    earn(account, 10)
    spend(account, 5)
    assert "append-only" in refused(f"UPDATE {table} SET points = points")
    assert "append-only" in refused(f"DELETE FROM {table}")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")
        assert "append-only" in refused(f"TRUNCATE {table} CASCADE")
        transaction.set_rollback(True)


def test_lots_holds_and_accounts_are_not_deleted(account):
    earn(account, 10)
    hold(account, 5)
    assert "append-only" in refused("DELETE FROM points_lot")
    assert "append-only" in refused("DELETE FROM points_hold")
    assert "append-only" in refused("DELETE FROM points_account WHERE id = %s", account)


@pytest.mark.parametrize("bucket", ["spendable", "pending", "held", "arrears"])
def test_no_bucket_goes_below_zero(account, bucket):
    assert f"points_account_{bucket}_not_negative" in refused(f"UPDATE points_account SET {bucket} = -1")


def test_nobody_owes_and_has_at_the_same_time(account):
    assert "points_account_owes_or_has" in refused("UPDATE points_account SET spendable = 1, arrears = 1")


def test_a_lot_holds_between_nothing_and_its_points(account):
    earn(account, 10)
    assert "points_lot_remaining_within_points" in refused("UPDATE points_lot SET remaining = -1")
    assert "points_lot_remaining_within_points" in refused("UPDATE points_lot SET remaining = 11")


def test_a_draw_from_another_accounts_lot_is_refused(account, other):
    earn(other, 10)
    mine = earn(account, 10)
    insert = (
        "INSERT INTO points_draw (account_id, entry_id, lot_id, points)"
        " SELECT %s, %s, id, -1 FROM points_lot WHERE account_id = %s"
    )
    assert "points_draw_lot_of_same_account" in refused(insert, account, mine.id, other)
    assert "points_draw_entry_of_same_account" in refused(insert, other, mine.id, other)
    assert "points_draw_entry_of_same_account" in refused(insert, other, 0, other)
    many = insert + " UNION ALL SELECT account_id, entry_id, id, -1 FROM points_lot WHERE account_id = %s"
    assert "points_draw_lot_of_same_account" in refused(many, account, mine.id, other, account)


def test_a_key_is_posted_once_per_account(account):
    earn(account, 10, key="k")
    insert = (
        "INSERT INTO points_entry (account_id, kind, points, spendable_after, key, source, occurred_at)"
        " VALUES (%s, 'earn', 1, 1, 'k', 's', %s)"
    )
    assert "points_entry_key_once" in refused(insert, account, T0)


def test_an_unknown_asset_or_kind_is_refused(account):
    assert "points_account_adds_up" in refused("INSERT INTO points_account (asset) VALUES ('gold')")
    insert = (
        "INSERT INTO points_entry (account_id, kind, points, spendable_after, source, occurred_at)"
        " VALUES (%s, 'gift', 1, 1, 's', %s)"
    )
    assert "points_entry_adds_up" in refused(insert, account, T0)


def test_a_hold_closes_only_by_an_entry(account):
    earn(account, 10)
    hold(account, 5)
    assert "points_hold_closes_by_an_entry" in refused("UPDATE points_hold SET status = 'captured'")


def insert_entry(account: int, **values: object) -> tuple[str, list[object]]:
    """An INSERT of a plausible entry, with some values changed."""
    row = {"account_id": account, "kind": "spend", "points": 1, "spendable": -1, "spendable_after": 1, "source": "s"}
    row |= {"occurred_at": T0} | values
    places = ", ".join(["%s"] * len(row))
    return f"INSERT INTO points_entry ({', '.join(row)}) VALUES ({places})", list(row.values())


def test_no_entry_is_reversed_beyond_its_points_nor_twice(account):
    earned = earn(account, 10)
    reversal = {"kind": "clawback", "spendable": 0, "reverses_id": earned.id}
    sql, values = insert_entry(account, **reversal, points=11, forgiven=11)
    assert "of which 0 were reversed before" in refused(sql, *values)
    ledger.reverse(entry=earned.id, key="r", at=T0, points=7)
    sql, values = insert_entry(account, **reversal, points=4, forgiven=4)
    assert "has 10 points, of which 7 were reversed before" in refused(sql, *values)


def test_no_entry_is_reversed_in_another_account(account, other):
    earned = earn(account, 10)
    sql, values = insert_entry(other, kind="clawback", spendable=0, reverses_id=earned.id, forgiven=1)
    assert f"entry {earned.id} does not belong to account {other}" in refused(sql, *values)


def test_a_pending_earn_is_confirmed_once(account):
    earned = ledger.earn(account=account, points=10, key="p", source="s", at=T0, pending=True)
    ledger.confirm(entry=earned.id, at=T0)
    confirmation = {"kind": "confirm", "spendable": 1, "pending": -1, "caused_by_id": earned.id}
    sql, values = insert_entry(account, **confirmation)
    assert "points_entry_confirmed_once" in refused(sql, *values)
    sql, values = insert_entry(account, **confirmation | {"pending": 0})
    assert "points_entry_adds_up" in refused(sql, *values)


def test_a_closed_account_takes_no_entry_and_stays_as_it_is(account):
    earned = earn(account, 10)
    ledger.close_account(account=account, at=T0)
    for values in ({}, {"kind": "clawback", "reverses_id": earned.id}):
        assert f"account {account} is closed" in refused(*_flat(insert_entry(account, **values)))
    assert "points_account_adds_up" in refused("UPDATE points_account SET spendable = 1 WHERE id = %s", account)
    assert "is closed and stays as it is" in refused(
        "UPDATE points_account SET closed_at = NULL WHERE id = %s", account
    )


def test_a_merged_account_takes_no_entry_whatever_it_moves(account, other):
    earned = earn(other, 10)
    ledger.merge(source=other, target=account, key="m", at=T0)
    nothing = {"kind": "clawback", "spendable": 0, "reverses_id": earned.id, "forgiven": 1}
    for values in ({}, nothing):
        assert f"account {other} is closed" in refused(*_flat(insert_entry(other, **values)))
    assert "stays as it is" in refused("UPDATE points_account SET merged_into_id = NULL WHERE id = %s", other)


def _flat(statement: tuple[str, list[object]]) -> tuple[object, ...]:
    return statement[0], *statement[1]


def test_an_account_with_anything_in_it_is_not_closed_and_none_is_merged_into_itself(account):
    earn(account, 10)
    assert "points_account_adds_up" in refused("UPDATE points_account SET closed_at = now()")
    merged = "UPDATE points_account SET spendable = 0, closed_at = {}, merged_into_id = id"
    assert "points_account_adds_up" in refused(merged.format("now()"))
    assert "points_account_adds_up" in refused(merged.format("NULL"))


def test_an_account_keeps_its_asset(account):
    assert f"account {account} keeps its asset" in refused("UPDATE points_account SET asset = 'growth'")


def test_an_entry_needs_an_account(db):
    assert "there is no account -1" in refused(*_flat(insert_entry(-1)))


def test_an_account_is_closed_or_merged_once(account):
    ledger.close_account(account=account, at=T0)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE points_entry DISABLE TRIGGER points_entry_account_is_open")
        sql, values = insert_entry(account, kind="close", spendable=0, points=0)
        assert "points_entry_closes_once" in refused(sql, *values)
        transaction.set_rollback(True)


def test_the_kernel_can_be_taken_out_and_put_back(db):
    from points.migrations import __path__ as path

    sql = (__import__("pathlib").Path(path[0]).parent / "sql" / "drop_kernel.sql").read_text()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql)
            cursor.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'ledger\\_%'")
            assert cursor.fetchone() == (0,)
        transaction.set_rollback(True)
    assert ledger.open_account(asset="points") > 0
