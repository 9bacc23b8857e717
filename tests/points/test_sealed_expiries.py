"""When points lapse is sealed with their history, also after a merge, and plain SQL cannot move it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from points import ledger
from points.models import Entry, Lot, Seal

from .conftest import T0, day, earn, spend
from .plant import unguarded
from .seal_everything import seal_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def accounts() -> list[int]:
    with transaction.atomic():
        return ledger.open_accounts(asset="points", count=3)


def earn_pending(account: int, points: int, key: str) -> ledger.Entry:
    return ledger.earn(
        account=account, points=points, key=key, source="order:1", at=T0, expires_at=day(30), pending=True
    )


def merged(source: int, target: int) -> int:
    """Merge; the id of the entry that brought the points in."""
    out = ledger.merge(source=source, target=target, key=f"merge:{source}", at=day(2))
    return Entry.objects.get(kind="merge_in", caused_by=out.id).pk


def verified() -> str:
    out = StringIO()
    call_command("ledger_verify", stdout=out)
    return out.getvalue()


def fault_after_moving(lot: int) -> str:
    """What the chain says when that lot lapses a day later; then it lapses as before."""
    unguarded("UPDATE points_lot SET expires_at = expires_at + interval '1 day' WHERE id = %s", lot)
    with pytest.raises(CommandError) as raised:
        verified()
    unguarded("UPDATE points_lot SET expires_at = expires_at - interval '1 day' WHERE id = %s", lot)
    return str(raised.value)


def test_points_that_were_merged_while_pending_are_covered_by_their_confirmation(accounts):
    first, second, third = accounts
    with transaction.atomic():
        waiting = earn_pending(first, 9, "p")
        merged(first, second)
        merged(second, third)
    seal_all()
    with transaction.atomic():
        confirmed = ledger.confirm(entry=waiting.id, at=day(3), expires_at=day(60))
    seal_all()
    assert "已封存" in verified()
    lot = Lot.objects.get(account=third)
    assert lot.expires_at == day(60)
    assert fault_after_moving(lot.pk).startswith(f"流水 {confirmed.id} 在封存之后被改动")
    assert "已封存" in verified()


def test_usable_points_that_were_merged_beside_pending_ones_are_covered_by_the_merge(accounts):
    source, target, _ = accounts
    with transaction.atomic():
        earn(source, 5, until=40)
        earn_pending(source, 9, "p")
        confirmed_before = ledger.confirm(entry=earn_pending(source, 7, "q").id, at=day(1), expires_at=day(50))
        arrived = merged(source, target)
    seal_all()
    assert "已封存" in verified()
    for points in (5, 7):
        lot = Lot.objects.get(account=target, points=points)
        assert fault_after_moving(lot.pk).startswith(f"流水 {arrived} 在封存之后被改动")
    left_behind = Lot.objects.get(account=source, points=7)
    assert fault_after_moving(left_behind.pk).startswith(f"流水 {confirmed_before.id} 在封存之后被改动")


def test_what_happens_to_merged_points_by_right_breaks_no_seal(accounts):
    source, target, last = accounts
    with transaction.atomic():
        earn(source, 5, until=40)
        waiting, taken_back = earn_pending(source, 9, "p"), earn_pending(source, 7, "q")
        merged(source, target)
    seal_all(limit=2)
    with transaction.atomic():
        ledger.reverse(entry=taken_back.id, key="r", at=day(3))
        ledger.confirm(entry=waiting.id, at=day(3), expires_at=day(20))
        spent = spend(target, 12, on=4)
    seal_all(limit=2)
    with transaction.atomic():
        ledger.reverse(entry=spent.id, key="back", at=day(25))
        merged(target, last)
        ledger.expire(at=day(90), limit=10)
    seal_all(limit=2)
    assert "已封存" in verified()


def seal_in_both_forms(account: int) -> ledger.Entry:
    """A seal of the first form over three entries, one of today's over a fourth; the confirmation in the first."""
    with transaction.atomic():
        earn(account, 5, until=40)
        confirmed = ledger.confirm(entry=earn_pending(account, 9, "p").id, at=day(1), expires_at=day(50))
    unguarded(
        "INSERT INTO points_seal (after_id, upto_id, entries, entry_ids, entry_hashes, previous, hash, sealed_at)"
        " SELECT 0, max(id), count(*), array_agg(id ORDER BY id), string_agg(hash, ''::bytea ORDER BY id), '', '',"
        " now()"
        " FROM ledger_entry_hashes(0, 9223372036854775807, 1::smallint)"
    )
    unguarded("UPDATE points_seal SET hash = ledger_seal_hash(points_seal)")
    with transaction.atomic():
        earn(account, 6, key="later", on=2)
    seal_all()
    return confirmed


def test_a_seal_of_the_first_form_is_proved_in_that_form(accounts):
    confirmed = seal_in_both_forms(accounts[0])
    assert list(Seal.objects.order_by("pk").values_list("form", flat=True)) == [1, 2]
    assert "4 条已封存" in verified()
    lot = Lot.objects.get(points=9)
    assert fault_after_moving(lot.pk).startswith(f"流水 {confirmed.id} 在封存之后被改动")


@pytest.mark.parametrize(("change", "is_second"), [("form = 1", True), ("form = 2", False)])
def test_a_seal_cannot_be_given_another_form(accounts, change, is_second):
    seal_in_both_forms(accounts[0])
    seal = Seal.objects.order_by("pk")[int(is_second)]
    unguarded(f"UPDATE points_seal SET {change} WHERE id = %s", seal.pk)
    with pytest.raises(CommandError, match=f"封存 {seal.pk} 被改动"):
        verified()


@pytest.mark.parametrize("is_pending", [False, True])
@pytest.mark.parametrize(
    "change", ["expires_at = expires_at + interval '1 day'", "expires_at = NULL", "pending = true, expires_at = now()"]
)
def test_the_database_refuses_to_move_an_expiry(accounts, change, is_pending):
    with transaction.atomic():
        lot = (earn_pending(accounts[0], 9, "p") if is_pending else earn(accounts[0], 9, until=30)).id
    with (
        pytest.raises(DatabaseError, match="stays what it is"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE points_lot SET {change} WHERE entry_id = %s", [lot])
    assert Lot.objects.get().expires_at == day(30)
