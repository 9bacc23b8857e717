"""The ledger's rules, one after the other, with exact numbers."""

from datetime import timedelta

import pytest
from django.test import override_settings

from config.core.db import TransactionMissing
from points import ledger
from points.models import Account, Entry, Lot

from .conftest import T0, buckets, day, drawn, earn, history, hold, remaining, spend


@pytest.mark.django_db(transaction=True)
def test_rule_1_a_verb_without_a_transaction_is_a_programming_error():
    with pytest.raises(TransactionMissing):
        ledger.open_account(asset="points")
    with pytest.raises(TransactionMissing):
        spend(1, 10)
    assert Account.objects.count() == 0


def test_rule_1_locking_an_unknown_account_is_refused(account):
    ledger.lock(accounts=[account])
    with pytest.raises(ledger.AccountNotFound) as refusal:
        ledger.lock(accounts=[account, -5])
    assert refusal.value.facts == {"account": -5}


def test_rule_2_the_same_key_and_meaning_returns_the_same_entry_and_changes_nothing(account):
    earned = earn(account, 100, key="k", until=30)
    again = ledger.earn(account=account, points=100, key="k", source="order:1", at=day(9), reason="other")
    assert again == earned
    spent = spend(account, 30, key="s")
    assert spend(account, 30, key="s", on=5) == spent
    assert history(account) == [("earn", 100), ("spend", -30)]


def test_rule_2_the_same_key_with_another_meaning_is_refused(account):
    first = earn(account, 100, key="k")
    for attempt in (
        lambda: earn(account, 99, key="k"),
        lambda: ledger.earn(account=account, points=100, key="k", source="order:9", at=T0),
        lambda: spend(account, 100, key="k"),
        lambda: ledger.reverse(entry=first.id, key="k", at=T0),
        lambda: hold(account, 100, key="k"),
    ):
        with pytest.raises(ledger.KeyReused) as refusal:
            attempt()
        assert refusal.value.facts == {"key": "k", "entry": first.id}
    assert history(account) == [("earn", 100)]


def test_rule_2_the_key_is_checked_before_any_other_refusal(account):
    earn(account, 100, key="k")
    spent = spend(account, 100, key="s")
    assert spend(account, 100, key="s") == spent, "the points are gone, yet the answer is the same"
    with pytest.raises(ledger.KeyReused):
        earn(account, 0, key="k")
    with pytest.raises(ledger.KeyReused):
        spend(account, 10**30, key="s")


def test_rule_2_a_key_belongs_to_its_account(account, other):
    assert earn(account, 10, key="k").id != earn(other, 20, key="k").id


def test_rule_2_a_reversal_names_its_entry_and_its_points(account):
    one, two = earn(account, 100, key="a"), earn(account, 100, key="b")
    reversal = ledger.reverse(entry=one.id, key="r", at=day(1), points=40)
    assert ledger.reverse(entry=one.id, key="r", at=day(2), points=40) == reversal
    for entry, points in ((two.id, 40), (one.id, 41), (one.id, None)):
        with pytest.raises(ledger.KeyReused):
            ledger.reverse(entry=entry, key="r", at=day(1), points=points)


def test_rule_3_a_spend_takes_the_soonest_expiring_then_the_older_and_the_undying_last(account):
    earn(account, 10, on=0)
    earn(account, 20, on=0.5, until=60)
    earn(account, 30, on=0.2, until=30)
    earn(account, 40, on=0.1, until=30)
    spent = spend(account, 95)
    assert drawn(spent.id) == [(40, -40), (30, -30), (20, -20), (10, -5)]
    assert spent.spendable_after == 5


def test_rule_3_more_than_there_is_is_refused_with_both_numbers_and_nothing_moves(account):
    earn(account, 40)
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        spend(account, 60)
    assert refusal.value.facts == {"available": 40, "requested": 60}
    assert str(refusal.value) == "积分不足：可用 40 积分，需要 60 积分"
    assert history(account) == [("earn", 40)]
    assert spend(account, 40).spendable_after == 0, "the transaction lives on after a refusal"


def test_rule_4_a_lot_is_spendable_until_the_instant_it_expires(account):
    earn(account, 10, until=10)
    last_moment = day(10) - timedelta(microseconds=1)
    assert ledger.balance(account=account, at=last_moment).lapsing == [(day(10), 10)]
    assert ledger.balance(account=account, at=day(10)) == ledger.Balance(
        spendable=0, pending=0, held=0, arrears=0, lapsing=[]
    )


def test_rule_4_a_spend_books_late_lapses_first_at_the_moment_they_happened(account):
    earn(account, 10, until=10)
    earn(account, 5, until=12)
    earn(account, 20, until=40)
    spent = spend(account, 15, on=20)
    assert history(account)[3:] == [("expire", -10), ("expire", -5), ("spend", -15)]
    lapses = Entry.objects.filter(kind="expire").order_by("id")
    assert [(e.occurred_at, e.spendable_after, e.key, e.caused_by_id) for e in lapses] == [
        (day(10), 25, None, spent.id),
        (day(12), 20, None, spent.id),
    ]
    assert spent.spendable_after == 5


def test_rule_4_a_refused_spend_does_not_book_the_lapse(account):
    earn(account, 10, until=10)
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        spend(account, 1, on=20)
    assert refusal.value.facts["available"] == 0
    assert history(account) == [("earn", 10)]


def test_rule_4_a_backdated_spend_cannot_use_what_had_lapsed_by_the_latest_business(account):
    earn(account, 10, until=10)
    earn(account, 20, on=15, until=40)
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        spend(account, 25, on=5)
    assert refusal.value.facts["available"] == 20
    assert buckets(account, on=5) == (20, 0, 0, 0)


def test_rule_5_a_reversed_spend_goes_back_into_its_lots_last_drawn_first(account):
    earn(account, 30, until=30)
    earn(account, 50, until=60)
    spent = spend(account, 60)
    assert remaining(account) == [0, 20]
    back = ledger.reverse(entry=spent.id, key="r1", at=day(2), points=40)
    assert drawn(back.id) == [(50, 30), (30, 10)]
    assert (back.kind, back.points, back.spendable, back.reverses) == ("restore", 40, 40, spent.id)
    rest = ledger.reverse(entry=spent.id, key="r2", at=day(3))
    assert drawn(rest.id) == [(30, 20)]
    assert remaining(account) == [30, 50]
    assert ledger.balance(account=account, at=day(3)).lapsing == [(day(30), 30), (day(60), 50)]


def test_rule_5_what_came_from_a_lapsed_lot_comes_back_with_a_grace(account):
    earned = earn(account, 30, until=10)
    spent = spend(account, 20, on=1)
    back = ledger.reverse(entry=spent.id, key="r", at=day(12))
    lot = Lot.objects.get(entry=back.id)
    assert (lot.points, lot.expires_at, lot.earned_at, lot.origin.entry_id) == (20, day(19), T0, earned.id)
    assert history(account)[2:] == [("expire", -10), ("restore", 20)]
    assert ledger.balance(account=account, at=day(12)).lapsing == [(day(19), 20)]


@override_settings(POLICIES={"restore_grace_days": 0})
def test_rule_5_without_a_grace_it_lapses_when_it_comes_back(account):
    earn(account, 30, until=10)
    spent = spend(account, 30, on=1)
    ledger.reverse(entry=spent.id, key="r", at=day(12))
    assert history(account)[2:] == [("restore", 30), ("expire", -30)]
    assert Entry.objects.get(kind="expire").occurred_at == day(12)
    assert ledger.balance_as_of(account=account, at=day(11)) == 0


def test_rule_6_a_clawback_takes_its_own_lot_first_then_others_in_spending_order(account):
    earn(account, 50, key="soon", until=5)
    earned = earn(account, 100, key="mine", until=90)
    spend(account, 80)
    taken = ledger.reverse(entry=earned.id, key="r", at=day(2), points=70)
    assert drawn(taken.id) == [(100, -70)]
    earn(account, 40, key="late", until=60)
    rest = ledger.reverse(entry=earned.id, key="r2", at=day(3))
    assert (rest.kind, rest.points, rest.spendable, rest.arrears) == ("clawback", 30, -30, 0)
    assert drawn(rest.id) == [(40, -30)]


def test_rule_6_what_lapsed_from_its_lot_counts_as_taken_once(account):
    earned = earn(account, 100, key="mine", until=10)
    spend(account, 40, on=1)
    earn(account, 50, key="other", on=2)
    first = ledger.reverse(entry=earned.id, key="r1", at=day(20), points=50)
    assert (first.spendable, first.lapsed, first.arrears) == (0, 50, 0)
    second = ledger.reverse(entry=earned.id, key="r2", at=day(21))
    assert (second.points, second.spendable, second.lapsed, second.arrears) == (50, -40, 10, 0)


def test_rule_6_what_cannot_be_taken_is_owed_and_every_addition_repays_first(account):
    earned = earn(account, 100)
    spent = spend(account, 80)
    taken = ledger.reverse(entry=earned.id, key="r", at=day(2))
    assert (taken.spendable, taken.arrears, taken.spendable_after) == (-20, 80, 0)
    assert buckets(account) == (0, 0, 0, 80)
    earn(account, 30, key="a", on=3)
    assert buckets(account, on=3) == (0, 0, 0, 50)
    ledger.adjust(account=account, points=10, key="up", at=day(3), operator="staff:1", reason="goodwill")
    assert buckets(account, on=3) == (0, 0, 0, 40)
    ledger.reverse(entry=spent.id, key="back", at=day(4))
    assert buckets(account, on=4) == (40, 0, 0, 0)
    repayments = Entry.objects.filter(kind="repay").order_by("id")
    assert [(e.spendable, e.arrears, e.key) for e in repayments] == [
        (-30, -30, None),
        (-10, -10, None),
        (-40, -40, None),
    ]
    assert [e.caused_by.kind for e in repayments] == ["earn", "adjust", "restore"]


def test_rule_6_a_release_repays_arrears_too(account):
    earned = earn(account, 100)
    held = hold(account, 100)
    ledger.reverse(entry=earned.id, key="r", at=day(2), points=70)
    assert buckets(account, on=2) == (0, 0, 100, 70)
    ledger.release(hold=held.id, at=day(3))
    assert buckets(account, on=3) == (30, 0, 0, 0)
    assert history(account)[2:] == [("clawback", 0), ("release", 100), ("repay", -70)]


@override_settings(POLICIES={"clawback_past_zero": "forgive"})
def test_rule_6_by_policy_what_cannot_be_taken_is_forgiven_and_recorded(account):
    earned = earn(account, 100)
    spend(account, 80)
    taken = ledger.reverse(entry=earned.id, key="r", at=day(2))
    assert (taken.points, taken.spendable, taken.arrears, taken.forgiven) == (100, -20, 0, 80)
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=earned.id, key="r2", at=day(3))


def test_rule_6_never_more_than_what_is_left_to_reverse(account):
    earned = earn(account, 100)
    ledger.reverse(entry=earned.id, key="r1", at=day(1), points=70)
    with pytest.raises(ledger.ReversalTooLarge) as refusal:
        ledger.reverse(entry=earned.id, key="r2", at=day(1), points=31)
    assert refusal.value.facts == {"left": 30, "requested": 31}
    ledger.reverse(entry=earned.id, key="r3", at=day(1))
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=earned.id, key="r4", at=day(1))


def test_rule_6_points_restored_with_a_grace_are_the_clawbacks_own(account):
    earned = earn(account, 30, key="mine", until=10)
    spent = spend(account, 30, on=1)
    earn(account, 5, key="other", on=2, until=13)
    ledger.reverse(entry=spent.id, key="back", at=day(12))
    taken = ledger.reverse(entry=earned.id, key="r", at=day(12.5))
    assert drawn(taken.id) == [(30, -30)]
    assert buckets(account, on=12.5) == (5, 0, 0, 0)


def test_rule_6_an_adjustment_is_reversed_by_its_sign(account):
    up = ledger.adjust(account=account, points=50, key="up", at=T0, operator="staff:1", reason="goodwill")
    down = ledger.adjust(account=account, points=-20, key="down", at=day(1), operator="staff:1", reason="mistake")
    assert (up.source, up.reason, down.points, down.spendable) == ("staff:1", "goodwill", 20, -20)
    assert ledger.reverse(entry=down.id, key="r1", at=day(2)).kind == "restore"
    assert ledger.reverse(entry=up.id, key="r2", at=day(2)).kind == "clawback"
    assert buckets(account, on=2) == (0, 0, 0, 0)


def test_rule_6_only_what_was_asked_for_can_be_reversed(account):
    earn(account, 30, until=10)
    ledger.expire(at=day(11), limit=10)
    lapse = Entry.objects.get(kind="expire")
    with pytest.raises(ledger.NotReversible) as refusal:
        ledger.reverse(entry=lapse.pk, key="r", at=day(12))
    assert refusal.value.facts == {"entry": lapse.pk, "kind": "expire"}


def test_rule_7_the_audit_tells_which_sum_is_broken(account):
    earned = earn(account, 100)
    Account.objects.filter(pk=account).update(spendable=90)
    lot = Lot.objects.get(entry=earned.id)
    Lot.objects.filter(pk=lot.pk).update(remaining=95)
    found = {(d.rule, d.subject, d.expected, d.actual) for d in ledger.audit()}
    assert found == {
        ("spendable_is_sum_of_entries", account, 100, 90),
        ("spendable_is_sum_of_lots", account, 95, 90),
        ("lot_remaining_is_sum_of_draws", lot.pk, 100, 95),
    }
    assert ledger.audit(accounts=[]) == []
    Account.objects.filter(pk=account).update(spendable=100)
    Lot.objects.filter(pk=lot.pk).update(remaining=100)


def test_rule_8_a_hold_sets_points_aside_and_a_late_capture_keeps_them(account):
    earn(account, 100, until=10)
    held = hold(account, 60)
    assert (held.points, held.status, held.until) == (60, "open", day(2))
    assert buckets(account) == (40, 0, 60, 0)
    captured = ledger.capture(hold=held.id, at=day(30))
    assert (captured.kind, captured.held, captured.spendable, captured.caused_by) == ("capture", -60, 0, held.entry)
    assert buckets(account, on=5) == (0, 0, 0, 0), "the other 40 have lapsed by the capture"
    assert hold(account, 60).status == "captured", "the same key tells how the hold stands now"


def test_rule_8_a_partial_capture_takes_the_soonest_expiring_and_releases_the_rest(account):
    earn(account, 50, until=60)
    earn(account, 30, until=30)
    held = hold(account, 70)
    ledger.capture(hold=held.id, at=day(2), points=45)
    assert remaining(account) == [35, 0]
    assert history(account)[2:] == [("hold", -70), ("capture", 0), ("release", 25)]


def test_rule_8_a_captured_hold_is_reversed_into_its_lots(account):
    earn(account, 50, until=60)
    earn(account, 30, until=30)
    captured = ledger.capture(hold=hold(account, 70).id, at=day(2), points=45)
    back = ledger.reverse(entry=captured.id, key="r1", at=day(3), points=20)
    assert drawn(back.id) == [(50, 15), (30, 5)]
    ledger.reverse(entry=captured.id, key="r2", at=day(3))
    assert remaining(account) == [50, 30]


def test_rule_8_a_release_gives_back_to_the_lots_and_what_lapsed_meanwhile_has_a_grace(account):
    earn(account, 30, until=10)
    earn(account, 50, until=60)
    held = hold(account, 40, on=9)
    ledger.release(hold=held.id, at=day(12))
    assert history(account)[3:] == [("release", 40)]
    assert ledger.balance(account=account, at=day(12)).lapsing == [(day(19), 30), (day(60), 50)]


@override_settings(POLICIES={"restore_grace_days": 0})
def test_rule_8_without_a_grace_what_lapsed_while_it_was_held_lapses_at_its_release(account):
    earn(account, 30, until=10)
    earn(account, 50, until=60)
    ledger.release(hold=hold(account, 40, on=9).id, at=day(12))
    assert history(account)[3:] == [("release", 40), ("expire", -30)]
    assert Entry.objects.get(kind="expire").occurred_at == day(12)
    assert buckets(account, on=12) == (50, 0, 0, 0)


def test_rule_8_a_hold_ends_once_and_says_how(account):
    earn(account, 100)
    captured, released = hold(account, 30, key="a"), hold(account, 40, key="b")
    entry = ledger.capture(hold=captured.id, at=day(2))
    assert ledger.capture(hold=captured.id, at=day(3)) == entry
    for attempt in (
        lambda: ledger.release(hold=captured.id, at=day(3)),
        lambda: ledger.capture(hold=captured.id, at=day(3), points=10),
    ):
        with pytest.raises(ledger.HoldClosed) as refusal:
            attempt()
        assert refusal.value.facts == {"hold": captured.id, "status": "captured"}
    gone = ledger.release(hold=released.id, at=day(2))
    assert ledger.release(hold=released.id, at=day(3)) == gone
    with pytest.raises(ledger.HoldClosed):
        ledger.capture(hold=released.id, at=day(3))


def test_growth_obeys_the_same_rules_but_is_never_spent_and_never_expires(growth, account):
    earned = earn(growth, 100)
    for attempt in (lambda: spend(growth, 10), lambda: hold(growth, 10)):
        with pytest.raises(ledger.NotSpendable):
            attempt()
    with pytest.raises(ledger.InvalidExpiry):
        earn(growth, 100, until=30)
    assert ledger.reverse(entry=earned.id, key="r", at=day(1), points=30).spendable_after == 70


def test_any_past_balance_can_be_told_from_the_entries(account):
    earn(account, 100, on=0, until=10)
    earn(account, 50, on=2)
    spend(account, 30, on=4)
    told = [ledger.balance_as_of(account=account, at=day(n)) for n in (-1, 0, 2, 4, 9.9, 10)]
    assert told == [0, 100, 150, 120, 120, 50], "the lapse counts from its moment, though no job has booked it"
    ledger.expire(at=day(20), limit=10)
    assert [ledger.balance_as_of(account=account, at=day(n)) for n in (9.9, 10)] == [120, 50]
