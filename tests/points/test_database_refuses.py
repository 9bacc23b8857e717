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


def test_a_key_is_posted_once_per_account(account):
    earn(account, 10, key="k")
    insert = (
        "INSERT INTO points_entry (account_id, kind, points, spendable_after, key, source, occurred_at)"
        " VALUES (%s, 'earn', 1, 1, 'k', 's', %s)"
    )
    assert "points_entry_key_once" in refused(insert, account, T0)


def test_an_unknown_asset_or_kind_is_refused(account):
    assert "points_account_asset_known" in refused("INSERT INTO points_account (asset) VALUES ('gold')")
    insert = (
        "INSERT INTO points_entry (account_id, kind, points, spendable_after, source, occurred_at)"
        " VALUES (%s, 'gift', 1, 1, 's', %s)"
    )
    assert "points_entry_kind_known" in refused(insert, account, T0)


def test_a_hold_closes_only_by_an_entry(account):
    earn(account, 10)
    hold(account, 5)
    assert "points_hold_closes_by_an_entry" in refused("UPDATE points_hold SET status = 'captured'")


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
