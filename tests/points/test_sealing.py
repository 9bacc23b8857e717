"""History is sealed in order and completely, and whatever is changed afterwards is named."""

import threading
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from config.core.db import edge_transaction
from points import ledger, tasks
from points.models import Entry, Lot, Seal
from points.selectors import seals
from points.services import sealing

from .conftest import T0, day, earn, hold, spend
from .plant import unguarded
from .seal_everything import marked, seal_all, seal_next

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account() -> int:
    with transaction.atomic():
        return ledger.open_account(asset="points")


@pytest.fixture
def history(account: int) -> list[int]:
    """Ten entries, with lots, draws, a hold and a reversal, in seals of three; their ids."""
    with transaction.atomic():
        for n in range(5):
            earn(account, 10 + n, key=f"e{n}", until=30 + n)
        spent = spend(account, 15, key="s")
        held = hold(account, 5)
        ledger.capture(hold=held.id, at=day(2))
        ledger.reverse(entry=spent.id, key="r", at=day(3), points=12)
        earn(account, 7, key="last")
    assert seal_all(limit=3) == 10
    return list(Entry.objects.order_by("id").values_list("id", flat=True))


def verified(**options: object) -> str:
    out = StringIO()
    call_command("ledger_verify", stdout=out, **options)
    return out.getvalue()


def fault() -> str:
    with pytest.raises(CommandError) as raised:
        verified()
    assert raised.value.returncode == 1
    return str(raised.value)


def test_a_whole_chain_is_proved_and_its_head_is_told(history):
    head = seals.head()
    printed = verified()
    assert "10 条已封存的流水与封存时一致，另有 0 条尚未封存" in printed
    assert head.hash in printed
    assert verified(head=head.hash) == printed
    assert [(s.after_id, s.upto_id, s.entries) for s in Seal.objects.order_by("pk")] == [
        (0, history[2], 3),
        (history[2], history[5], 3),
        (history[5], history[8], 3),
        (history[8], history[9], 1),
    ]


def test_each_seal_carries_the_hash_of_the_one_before(history):
    rows = [(bytes(s.previous), bytes(s.hash)) for s in Seal.objects.order_by("pk")]
    assert [previous for previous, _ in rows] == [b"", *[own for _, own in rows[:-1]]]
    assert len({own for _, own in rows}) == 4


def test_sealing_twice_adds_nothing_and_an_empty_ledger_needs_no_seal(history):
    assert seal_all() == 0
    assert Seal.objects.count() == 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points_entry SET points = points + 1 WHERE id = %s",
        "UPDATE points_entry SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = %s",
        "UPDATE points_entry SET recorded_at = recorded_at - interval '1 day' WHERE id = %s",
        "UPDATE points_entry SET key = NULL WHERE id = %s",
        "UPDATE points_entry SET reason = 'x' WHERE id = %s",
        "UPDATE points_entry SET caused_by_id = id WHERE id = %s",
        "UPDATE points_lot SET expires_at = expires_at + interval '1 day' WHERE entry_id = %s",
        "UPDATE points_lot SET points = points + 1 WHERE entry_id = %s",
        "UPDATE points_lot SET earned_at = earned_at + interval '1 day' WHERE entry_id = %s",
        "DELETE FROM points_lot WHERE entry_id = %s",
        "INSERT INTO points_lot (account_id, entry_id, points, remaining, earned_at)"
        " SELECT account_id, id, 5, 5, now() FROM points_entry WHERE id = %s",
        "INSERT INTO points_draw (account_id, entry_id, lot_id, points)"
        " SELECT account_id, entry_id, id, -1 FROM points_lot WHERE entry_id = %s",
    ],
)
def test_an_altered_entry_lot_or_draw_is_named(history, change):
    unguarded(change, history[4])
    assert fault() == f"流水 {history[4]} 在封存之后被改动（封存 {Seal.objects.order_by('pk')[1].pk}）"


@pytest.mark.parametrize("change", ["UPDATE points_draw SET points = points - 1", "DELETE FROM points_draw"])
def test_an_altered_draw_names_the_first_entry_that_drew(history, change):
    unguarded(change)
    assert fault().startswith(f"流水 {history[5]} 在封存之后被改动")


def test_a_deleted_entry_is_named(history):
    unguarded("DELETE FROM points_entry WHERE id IN (%s, %s)", history[3], history[7])
    assert fault().startswith(f"流水 {history[3]} 在封存之后被删除")


def test_an_entry_put_between_sealed_ones_is_named(history, account):
    with transaction.atomic():
        skipped = Entry.objects.order_by("-id").values_list("id", flat=True)[0] + 1
        earn(account, 1, key="burnt")
        transaction.set_rollback(True)
    with transaction.atomic():
        earn(account, 1, key="next")
    seal_all()
    unguarded(
        "INSERT INTO points_entry (id, account_id, kind, points, spendable, spendable_after, source, occurred_at)"
        " VALUES (%s, %s, 'earn', 5, 5, 5, 'x', now())",
        skipped,
        account,
    )
    assert fault().startswith(f"流水 {skipped} 是在封存之后插入的")


def test_an_entry_put_before_all_others_is_named(history, account):
    unguarded(
        "INSERT INTO points_entry (id, account_id, kind, points, spendable, spendable_after, source, occurred_at)"
        " VALUES (-7, %s, 'earn', 5, 5, 5, 'x', now())",
        account,
    )
    assert fault().startswith("流水 -7 是在封存之后插入的")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE points_seal SET sealed_at = sealed_at - interval '1 day' WHERE id = %s", "封存 {} 被改动"),
        ("UPDATE points_seal SET entry_hashes = reverse(entry_hashes) WHERE id = %s", "封存 {} 被改动"),
        ("UPDATE points_seal SET hash = sha256(hash) WHERE id = %s", "封存 {} 被改动"),
        ("DELETE FROM points_seal WHERE id = %s", "封存 {} 与上一个封存不相连"),
    ],
)
def test_a_seal_that_was_tampered_with_is_named(history, change, words):
    second, third = Seal.objects.order_by("pk")[1:3]
    unguarded(change, second.pk)
    assert fault().startswith(words.format(third.pk if "DELETE" in change else second.pk))


def test_who_alters_history_and_seals_it_again_is_found_by_a_head_noted_before(history):
    head = seals.head().hash
    unguarded("UPDATE points_entry SET points = points + 1 WHERE id = %s", history[4])
    unguarded("DELETE FROM points_seal")
    seal_all(limit=3)
    verified()
    with pytest.raises(CommandError, match="以前记下的链头不在链上"):
        verified(head=head)


def test_what_changes_by_right_breaks_nothing(history, account):
    with transaction.atomic():
        spend(account, 20, key="more", on=4)
        ledger.expire(at=day(40), limit=100)
    seal_all()
    assert Lot.objects.filter(remaining__gt=0).count() == 1
    assert "已封存" in verified()


def test_a_confirmed_earn_is_covered_until_it_lapses(account):
    with transaction.atomic():
        waiting = ledger.earn(
            account=account, points=9, key="p", source="order:1", at=T0, expires_at=day(30), pending=True
        )
    seal_all()
    with transaction.atomic():
        confirmed = ledger.confirm(entry=waiting.id, at=day(1), expires_at=day(60))
    seal_all()
    assert "2 条已封存" in verified()
    unguarded("UPDATE points_lot SET expires_at = expires_at + interval '1 day'")
    assert fault().startswith(f"流水 {confirmed.id} 在封存之后被改动")


def test_seals_can_neither_be_edited_nor_deleted(history):
    for sql in ("UPDATE points_seal SET entries = entries", "DELETE FROM points_seal"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
def test_a_session_with_other_habits_computes_the_same_hashes(history, zone):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL timezone = '{zone}'; SET LOCAL datestyle = 'German'; SET LOCAL bytea_output = 'escape'"
        )
        assert [proof.fault for proof in seals.prove_chain()] == [None]


# ── late commits ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def late(account: int) -> Iterator[Callable[[], None]]:
    """Another connection has earned and not committed; call to let it commit."""
    earned, commit = threading.Event(), threading.Event()
    with transaction.atomic():
        other = ledger.open_account(asset="points")

    def work() -> None:
        try:
            with transaction.atomic():
                earn(other, 99, key="late")
                earned.set()
                commit.wait(timeout=30)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert earned.wait(timeout=30)

    def let_it_commit() -> None:
        commit.set()
        thread.join(timeout=30)

    yield let_it_commit
    let_it_commit()


def test_nothing_is_sealed_past_an_entry_that_may_yet_be_committed(account, late):
    with transaction.atomic():
        early_id = earn(account, 1, key="committed first, numbered later").id
    mark = marked()
    assert seal_next(mark) is None
    assert Seal.objects.count() == 0
    late()
    assert seal_all() == 2
    rows = list(Entry.objects.order_by("id").values_list("points", flat=True))
    assert rows == [99, 1]
    assert Seal.objects.get().upto_id == early_id
    assert "2 条已封存" in verified()


def test_the_control_sealing_at_once_would_have_missed_the_late_one(account, late):
    with transaction.atomic():
        earn(account, 1, key="committed first, numbered later")
    mark = marked()
    with edge_transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_seal_next(%s, '3'::xid8, 100, now())", [mark.upto])
    late()
    assert "是在封存之后插入的" in fault()


def test_the_task_tries_again_later_while_an_older_transaction_runs(account, late, monkeypatch):
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(
        tasks.seal, "apply_async", lambda *, kwargs, countdown: calls.append({**kwargs, "in": countdown})
    )
    assert tasks.seal() == 0
    assert [call["in"] for call in calls] == [60]
    late()
    mark = calls[0]
    for _ in range(200):
        if tasks.seal(upto=mark["upto"], horizon=mark["horizon"]):
            break
    assert Seal.objects.get().entries == 1


def test_a_mark_in_a_transaction_that_has_written_is_refused(account):
    with transaction.atomic():
        earn(account, 1)
        with pytest.raises(DatabaseError, match="has written nothing"):
            sealing.mark()
        transaction.set_rollback(True)


def test_every_verb_has_a_transaction_id_before_it_takes_an_entrys_id(account):
    """What the mark relies on: the account's lock, which every verb takes first, gives the transaction its id."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned()")
        assert cursor.fetchone() == (None,)
        ledger.lock(accounts=[account])
        cursor.execute("SELECT pg_current_xact_id_if_assigned()")
        assert cursor.fetchone() != (None,)


def test_a_new_seal_starts_where_the_last_one_ended(history, account):
    with transaction.atomic():
        earn(account, 3, key="tomorrow", on=5)
    assert seal_all() == 1
    assert Seal.objects.order_by("-pk")[0].sealed_at > T0
    assert Seal.objects.order_by("-pk")[0].after_id == history[-1]
