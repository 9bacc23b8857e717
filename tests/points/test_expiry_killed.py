"""The process that runs the expiry is killed again and again; every lot expires exactly once."""

import pytest
from django.db import connection, transaction
from django.db.models import Count

from config.core.db import fetch_one
from points import ledger
from points.models import Account, Draw, Entry, Lot

from .conftest import T0, day
from .killing import kill_in_chunk, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)

_ACCOUNTS, _LOTS, _CHUNK = 6_000, 24_000, 1_000


@pytest.fixture
def lots() -> None:
    """Four lots of each account: three lapse at the end of one month, one at the end of the next; all by day 70."""
    with transaction.atomic():
        accounts = ledger.open_accounts(asset="points", count=_ACCOUNTS)
        for n in range(4):
            until = day(30) if n < 3 else day(61)
            ledger.post_many(
                [
                    ledger.Posting(account=a, points=5, key=f"k{n}", source="s", at=T0, expires_at=until)
                    for a in accounts
                ]
            )


def expired() -> int:
    return Draw.objects.filter(entry__kind="expire").count()


def test_killed_half_way_several_times_each_lot_expires_once_and_only_the_chunk_in_flight_is_repeated(lots):
    booked = 0
    for round_, after in enumerate([0.0, 0.01, 0.03, 0.06, 0.0]):
        told = kill_in_chunk("expire", 3 + round_ % 2, at=day(70), limit=_CHUNK, after=after)
        now = expired()
        whole, part = divmod(now - booked, _CHUNK)
        assert part == 0, "a chunk is booked wholly or not at all"
        assert whole - told in (0, 1), "nothing that was committed is lost, and at most one chunk was in flight"
        assert ledger.audit() == []
        booked = now
    assert 0 < booked < _LOTS
    chunks = run_to_the_end("expire", at=day(70), limit=_CHUNK)
    assert chunks == (_LOTS - booked) // _CHUNK + 1, "only what was left, and a look that finds nothing"
    assert expired() == _LOTS
    assert Draw.objects.values("lot").annotate(n=Count("pk")).filter(n__gt=1).count() == 0
    assert Lot.objects.filter(remaining__gt=0).count() == 0
    assert Account.objects.exclude(spendable=0).count() == 0
    assert ledger.audit() == []


def test_an_account_has_one_entry_per_moment_of_lapse_and_chunk(lots):
    chunks = 0
    with transaction.atomic():
        while ledger.expire(at=day(70), limit=_CHUNK).lots:
            chunks += 1
    entries = Entry.objects.filter(kind="expire")
    most = 2 * _ACCOUNTS + chunks  # a chunk's border may fall between two lots of one account and moment
    assert 2 * _ACCOUNTS <= entries.count() <= most
    assert set(entries.values_list("occurred_at", flat=True)) == {day(30), day(61)}


def test_the_due_lots_are_read_from_the_index_in_its_order_without_sorting(lots):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE points_lot")
        row = fetch_one(
            "EXPLAIN (FORMAT JSON) SELECT id, account_id FROM points_lot WHERE is_open AND NOT pending"
            " AND expires_at <= %(at)s ORDER BY expires_at, account_id, id LIMIT 1000",
            {"at": day(70)},
        )
    assert row is not None
    plan = str(row[0])
    assert "points_lot_lapses" in plan
    assert "Sort" not in plan
