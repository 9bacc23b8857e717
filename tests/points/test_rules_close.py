"""Accounts that end: what is left is given up, and whatever comes later finds a defined answer."""

import pytest

from points import ledger
from points.models import Account, Entry

from .conftest import T0, buckets, day, earn, history, hold, remaining, spend


def close(account: int, on: float = 5) -> ledger.Entry:
    return ledger.close_account(account=account, at=day(on), reason="member_left")


def test_closing_gives_up_what_is_left_by_an_entry(account):
    earn(account, 10, key="a", until=3)
    earn(account, 20, key="b", until=60)
    ledger.earn(account=account, points=40, key="p", source="s", at=T0, pending=True)
    closed = close(account)
    assert (closed.kind, closed.points, closed.spendable, closed.pending) == ("close", 60, -20, -40)
    assert (closed.reason, closed.spendable_after, closed.forgiven) == ("member_left", 0, 0)
    assert history(account)[3:] == [("expire", -10), ("close", -20)]
    assert remaining(account) == [0, 0, 0]
    assert buckets(account, on=5) == (0, 0, 0, 0)
    assert Account.objects.get(pk=account).closed_at == day(5)


def test_closing_forgives_what_is_owed(account):
    earned = earn(account, 30)
    spend(account, 30)
    ledger.reverse(entry=earned.id, key="r", at=day(2))
    closed = close(account)
    assert (closed.points, closed.arrears, closed.forgiven) == (0, -30, 30)
    assert buckets(account, on=5) == (0, 0, 0, 0)


def test_closing_an_empty_account_is_an_entry_too_and_closing_again_returns_it(account):
    closed = close(account)
    assert (closed.kind, closed.points) == ("close", 0)
    assert close(account, on=9) == closed
    assert Entry.objects.filter(account=account).count() == 1


def test_open_holds_refuse_the_closing(account):
    earn(account, 30)
    held = hold(account, 10)
    with pytest.raises(ledger.HoldOpen) as refusal:
        close(account)
    assert refusal.value.facts == {"account": account, "held": 10}
    ledger.release(hold=held.id, at=day(2))
    assert close(account).spendable == -30


def test_afterwards_every_verb_says_that_the_account_is_closed(account, other):
    earn(account, 30, key="k")
    waiting = ledger.earn(account=account, points=5, key="p", source="s", at=T0, pending=True)
    close(account)
    attempts = [
        lambda: earn(account, 5, key="new"),
        lambda: spend(account, 5, key="new"),
        lambda: hold(account, 5, key="new"),
        lambda: ledger.adjust(account=account, points=5, key="new", at=day(6), operator="staff:1", reason="r"),
        lambda: ledger.adjust(account=account, points=-5, key="new", at=day(6), operator="staff:1", reason="r"),
        lambda: ledger.confirm(entry=waiting.id, at=day(6)),
        lambda: ledger.merge(source=account, target=other, key="new", at=day(6)),
        lambda: ledger.merge(source=other, target=account, key="new", at=day(6)),
        lambda: ledger.post_many([ledger.Posting(account=account, points=5, key="new", source="s", at=day(6))]),
    ]
    for attempt in attempts:
        with pytest.raises(ledger.AccountClosed) as refusal:
            attempt()
        assert refusal.value.facts["account"] == account
        assert refusal.value.code == "account_closed"
    assert history(account) == [("earn", 30), ("earn", 0), ("close", -30)]


def test_keys_that_were_posted_before_the_closing_still_answer_with_their_entry(account):
    earned, spent, held = earn(account, 30, key="k"), spend(account, 5, key="s"), hold(account, 5)
    captured = ledger.capture(hold=held.id, at=day(2))
    back = ledger.reverse(entry=spent.id, key="r", at=day(3))
    close(account)
    assert earn(account, 30, key="k") == earned
    assert spend(account, 5, key="s") == spent
    assert hold(account, 5).id == held.id
    assert ledger.capture(hold=held.id, at=day(9)) == captured
    assert ledger.reverse(entry=spent.id, key="r", at=day(9)) == back
    assert ledger.post_many([ledger.Posting(account=account, points=30, key="k", source="order:1", at=day(9))]) == [
        earned.id
    ]


def test_a_clawback_on_a_closed_account_is_written_down_and_moves_nothing(account):
    earned = earn(account, 100)
    spend(account, 60)
    close(account)
    first = ledger.reverse(entry=earned.id, key="r1", at=day(6), points=30)
    rest = ledger.reverse(entry=earned.id, key="r2", at=day(7))
    told = [(e.kind, e.points, e.spendable, e.arrears, e.lapsed, e.forgiven) for e in (first, rest)]
    assert told == [("clawback", 30, 0, 0, 30, 0), ("clawback", 70, 0, 0, 10, 60)], "given up counts as taken"
    assert buckets(account, on=7) == (0, 0, 0, 0)
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=earned.id, key="r3", at=day(8))


def test_a_spend_of_a_closed_account_is_restored_to_nobody(account):
    earn(account, 100)
    spent = spend(account, 60)
    close(account)
    back = ledger.reverse(entry=spent.id, key="r", at=day(6), points=20)
    assert (back.kind, back.points, back.spendable, back.lapsed) == ("restore", 20, 0, 20)
    assert buckets(account, on=6) == (0, 0, 0, 0)
    with pytest.raises(ledger.ReversalTooLarge) as refusal:
        ledger.reverse(entry=spent.id, key="r2", at=day(6), points=41)
    assert refusal.value.facts == {"left": 40, "requested": 41}


def test_a_merged_account_cannot_be_closed_nor_an_unknown_one(account, other):
    ledger.merge(source=other, target=account, key="m", at=day(3))
    with pytest.raises(ledger.AccountClosed) as refusal:
        close(other)
    assert refusal.value.facts == {"account": other, "merged_into": account}
    with pytest.raises(ledger.AccountNotFound):
        close(-1)
    assert close(account).kind == "close"
    with pytest.raises(ledger.AccountClosed):
        earn(other, 5, key="new")
