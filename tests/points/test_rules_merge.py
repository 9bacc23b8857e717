"""Rule 9: two accounts become one, and nothing is lost, doubled or prolonged."""

import pytest

from points import ledger
from points.models import Account, Entry, Lot

from .conftest import T0, buckets, day, drawn, earn, history, hold, remaining, spend


def merge(source: int, target: int, *, key: str = "merge", on: float = 5) -> ledger.Entry:
    return ledger.merge(source=source, target=target, key=key, at=day(on))


def test_rule_9_a_merge_is_an_entry_out_and_an_entry_in_and_new_lots_with_the_old_expiry_and_origin(account, other):
    first = earn(other, 30, key="a", on=0, until=40)
    earn(other, 50, key="b", on=1)
    spend(other, 10, on=2)
    earn(account, 5, key="c", on=3)
    out = merge(other, account)
    assert (out.kind, out.account, out.points, out.spendable, out.key) == ("merge_out", other, 70, -70, "merge")
    arrived = Entry.objects.get(kind="merge_in")
    assert (arrived.account_id, arrived.spendable, arrived.spendable_after, arrived.caused_by_id) == (
        account,
        70,
        75,
        out.id,
    )
    assert (out.source, arrived.source) == (f"account:{account}", f"account:{other}")
    lots = Lot.objects.filter(entry=arrived).order_by("id")
    assert [(lot.points, lot.earned_at, lot.expires_at) for lot in lots] == [(20, day(0), day(40)), (50, day(1), None)]
    assert lots[0].origin.entry_id == first.id
    assert remaining(other) == [0, 0]
    assert (buckets(account, on=5), buckets(other, on=5)) == ((75, 0, 0, 0), (0, 0, 0, 0))
    row = Account.objects.get(pk=other)
    assert (row.closed_at, row.merged_into_id) == (day(5), account)


def test_rule_9_open_holds_of_either_account_refuse_it(account, other):
    earn(account, 10, key="a")
    earn(other, 10, key="b")
    for holder in (account, other):
        held = hold(holder, 4, key=f"h{holder}")
        with pytest.raises(ledger.HoldOpen) as refusal:
            merge(other, account)
        assert refusal.value.facts == {"account": holder, "held": 4}
        ledger.release(hold=held.id, at=day(2))
    assert merge(other, account).points == 10


def test_rule_9_pending_lots_move_too_and_are_confirmed_by_their_own_entry(account, other):
    waiting = ledger.earn(account=other, points=40, key="p", source="o", at=T0, expires_at=day(30), pending=True)
    ledger.reverse(entry=waiting.id, key="r", at=day(1), points=10)
    merge(other, account)
    assert buckets(account, on=5) == (0, 30, 0, 0)
    confirmed = ledger.confirm(entry=waiting.id, at=day(6))
    assert (confirmed.account, confirmed.points) == (account, 30)
    assert ledger.confirm(entry=waiting.id, at=day(7)) == confirmed
    assert ledger.balance(account=account, at=day(6)).lapsing == [(day(30), 30)]
    ledger.reverse(entry=waiting.id, key="r2", at=day(8))
    assert buckets(account, on=8) == (0, 0, 0, 0)


def owing(account: int, points: int) -> None:
    """Make an account owe points."""
    earned = earn(account, points, key="owed")
    spend(account, points, key="gone")
    ledger.reverse(entry=earned.id, key="back", at=day(2))


def test_rule_9_arrears_of_the_target_are_repaid_from_what_comes_in(account, other):
    owing(account, 30)
    earn(other, 50, key="a")
    merge(other, account)
    assert history(account)[-2:] == [("merge_in", 50), ("repay", -30)]
    assert buckets(account, on=5) == (20, 0, 0, 0)


def test_rule_9_arrears_of_the_source_are_repaid_from_what_the_target_has(account, other):
    owing(other, 30)
    earn(account, 50, key="a")
    out = merge(other, account)
    assert (out.points, out.arrears) == (0, -30)
    assert history(account)[-2:] == [("merge_in", 0), ("repay", -30)]
    assert buckets(account, on=5) == (20, 0, 0, 0)


def test_rule_9_arrears_of_both_add_up(account, other):
    owing(account, 30)
    owing(other, 12)
    merge(other, account)
    assert buckets(account, on=5) == (0, 0, 0, 42)


def test_rule_9_what_had_lapsed_stays_behind(account, other):
    earn(other, 10, key="a", until=3)
    earn(other, 20, key="b")
    merge(other, account)
    assert history(other) == [("earn", 10), ("earn", 20), ("expire", -10), ("merge_out", -20)]
    assert buckets(account, on=5) == (20, 0, 0, 0)


def test_rule_9_later_keys_on_the_source_resolve_to_the_target(account, other):
    before = earn(other, 10, key="k")
    merge(other, account)
    assert earn(other, 10, key="k") == before, "posted before the merge"
    assert earn(account, 10, key="k") == before, "by either name"
    later = earn(other, 7, key="later", on=6)
    assert later.account == account
    assert earn(account, 7, key="later", on=6) == later == earn(other, 7, key="later", on=6)
    assert spend(other, 17, key="all", on=7).account == account
    with pytest.raises(ledger.KeyReused):
        earn(account, 11, key="k")
    assert buckets(account, on=7) == (0, 0, 0, 0)


def test_rule_9_a_hold_of_the_source_is_a_hold_of_the_target(account, other):
    merge(other, account)
    earn(other, 30, key="late", on=6)
    held = hold(other, 20, key="h", on=7)
    assert held.account == account
    assert hold(account, 20, key="h", on=7) == held
    ledger.capture(hold=held.id, at=day(8))
    assert buckets(account, on=8) == (10, 0, 0, 0)


def test_rule_9_a_batch_that_names_the_source_reaches_the_target(account, other):
    before = earn(other, 10, key="k")
    merge(other, account)

    def posting(name: int, key: str) -> ledger.Posting:
        return ledger.Posting(account=name, points=10, key=key, source="order:1", at=day(6))

    ids = ledger.post_many([posting(account, "k"), posting(other, "k"), posting(other, "new"), posting(account, "new")])
    assert ids[0] == ids[1] == before.id
    assert ids[2] == ids[3]
    assert Entry.objects.get(pk=ids[2]).account_id == account
    assert buckets(account, on=6) == (20, 0, 0, 0)


def test_rule_9_a_spend_of_the_source_is_restored_to_the_target_with_the_old_expiry(account, other):
    earn(other, 30, key="a", until=8)
    earn(other, 30, key="b", until=60)
    spent = spend(other, 40, on=2)
    merge(other, account)
    back = ledger.reverse(entry=spent.id, key="r1", at=day(6), points=25)
    assert (back.account, back.spendable, back.reverses) == (account, 25, spent.id)
    assert ledger.balance(account=account, at=day(6)).lapsing == [(day(8), 15), (day(60), 30)]
    rest = ledger.reverse(entry=spent.id, key="r2", at=day(9))
    assert ledger.balance(account=account, at=day(9)).lapsing == [(day(16), 15), (day(60), 30)], (
        "a grace for what lapsed"
    )
    assert ledger.reverse(entry=spent.id, key="r2", at=day(9)) == rest
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=spent.id, key="r3", at=day(9))


def test_rule_9_a_clawback_follows_the_origin(account, other):
    earn(account, 100, key="soon", until=20)
    earned = earn(other, 50, key="a", until=60)
    merge(other, account)
    taken = ledger.reverse(entry=earned.id, key="r", at=day(6), points=30)
    assert drawn(taken.id) == [(50, -30)]
    assert taken.account == account
    ledger.expire(at=day(70), limit=10)
    last = ledger.reverse(entry=earned.id, key="r2", at=day(71))
    assert (last.points, last.spendable, last.lapsed, last.arrears) == (20, 0, 20, 0)


def test_rule_9_chains_of_merges_keep_keys_origins_and_reversals(account, other):
    third = ledger.open_account(asset="points")
    earned = earn(third, 50, key="a", until=60)
    spent = spend(third, 20, key="s", on=2)
    merge(third, other, key="m1", on=5)
    merge(other, account, key="m2", on=6)
    assert buckets(account, on=6) == (30, 0, 0, 0)
    assert earn(account, 50, key="a") == earned == earn(other, 50, key="a")
    assert earn(third, 1, key="new", on=7).account == account
    ledger.reverse(entry=spent.id, key="r1", at=day(8))
    taken = ledger.reverse(entry=earned.id, key="r2", at=day(9))
    assert (taken.account, taken.spendable, taken.arrears) == (account, -50, 0)
    assert Lot.objects.exclude(origin=None).values_list("origin__entry", flat=True).distinct().get() == earned.id
    assert buckets(account, on=9) == (1, 0, 0, 0)
    ledger.lock(accounts=[third, other, account])


def test_rule_9_the_same_key_returns_the_same_entry_and_another_meaning_is_refused(account, other):
    third = ledger.open_account(asset="points")
    earn(other, 10, key="a")
    out = merge(other, account)
    assert merge(other, account, on=9) == out
    with pytest.raises(ledger.KeyReused):
        merge(other, third)
    with pytest.raises(ledger.KeyReused):
        merge(other, account, key="a")
    assert buckets(account, on=9) == (10, 0, 0, 0)


def test_rule_9_a_captured_hold_of_the_source_still_answers_and_is_reversed_into_the_target(account, other):
    earn(other, 30, key="a", until=60)
    held = hold(other, 30)
    captured = ledger.capture(hold=held.id, at=day(2))
    merge(other, account)
    assert ledger.capture(hold=held.id, at=day(7)) == captured
    assert hold(other, 30).status == "captured"
    ledger.reverse(entry=captured.id, key="r", at=day(7))
    assert ledger.balance(account=account, at=day(7)).lapsing == [(day(60), 30)]


def test_rule_9_only_two_different_open_accounts_of_one_asset_can_be_merged(account, other, growth):
    third = ledger.open_account(asset="points")
    for source, target in ((account, account), (account, growth)):
        with pytest.raises(ledger.InvalidMerge) as refusal:
            merge(source, target)
        assert refusal.value.facts == {"source": source, "target": target}
    for source, target in ((-1, account), (account, -1)):
        with pytest.raises(ledger.AccountNotFound) as unknown:
            merge(source, target)
        assert unknown.value.facts == {"account": -1}
    merge(other, account)
    for source, target in ((other, third), (third, other)):
        with pytest.raises(ledger.AccountClosed) as closed:
            merge(source, target, key="another")
        assert closed.value.facts == {"account": other, "merged_into": account}


def test_growth_is_merged_with_the_day_it_was_earned(growth):
    twin = ledger.open_account(asset="growth")
    earn(twin, 70, key="a", on=1)
    merge(twin, growth)
    lot = Lot.objects.get(account=growth)
    assert (lot.points, lot.earned_at) == (70, day(1))
    assert ledger.audit() == []
