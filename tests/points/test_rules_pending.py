"""Points that wait: earned, not yet usable, confirmed or taken back."""

import pytest
from django.test import override_settings

from points import ledger
from points.models import Entry, Lot

from .conftest import T0, buckets, day, drawn, earn, history, remaining, spend


def earn_pending(
    account: int, points: int, *, key: str = "p", on: float = 0, until: float | None = None
) -> ledger.Entry:
    return ledger.earn(
        account=account,
        points=points,
        key=key,
        source="order:1",
        at=day(on),
        expires_at=None if until is None else day(until),
        pending=True,
    )


def test_rule_7_pending_points_are_counted_apart_and_cannot_be_spent(account):
    earned = earn_pending(account, 100)
    assert (earned.kind, earned.points, earned.spendable, earned.pending, earned.spendable_after) == (
        "earn",
        100,
        0,
        100,
        0,
    )
    assert buckets(account) == (0, 100, 0, 0)
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        spend(account, 1)
    assert refusal.value.facts == {"available": 0, "requested": 1}


def test_confirming_makes_pending_points_spendable_in_one_entry(account):
    earned = earn_pending(account, 100, until=30)
    confirmed = ledger.confirm(entry=earned.id, at=day(2))
    assert (confirmed.kind, confirmed.points, confirmed.spendable, confirmed.pending) == ("confirm", 100, 100, -100)
    assert (confirmed.caused_by, confirmed.key, confirmed.source) == (earned.id, None, "order:1")
    assert buckets(account, on=2) == (100, 0, 0, 0)
    assert ledger.balance(account=account, at=day(2)).lapsing == [(day(30), 100)]
    assert Lot.objects.get(entry=earned.id).earned_at == T0
    assert spend(account, 100, on=3).spendable_after == 0


def test_rule_2_confirming_again_returns_the_same_entry_and_changes_nothing(account):
    earned = earn_pending(account, 100, until=30)
    confirmed = ledger.confirm(entry=earned.id, at=day(2))
    assert ledger.confirm(entry=earned.id, at=day(9), expires_at=day(99)) == confirmed
    assert ledger.balance(account=account, at=day(2)).lapsing == [(day(30), 100)]
    assert history(account) == [("earn", 0), ("confirm", 100)]


def test_rule_6_a_pending_earn_just_shrinks_and_what_is_left_is_confirmed(account):
    earn(account, 7, key="usable")
    earned = earn_pending(account, 100)
    taken = ledger.reverse(entry=earned.id, key="r", at=day(1), points=30)
    assert (taken.kind, taken.points, taken.spendable, taken.pending, taken.arrears) == ("clawback", 30, 0, -30, 0)
    assert drawn(taken.id) == [(100, -30)]
    assert buckets(account) == (7, 70, 0, 0)
    assert ledger.confirm(entry=earned.id, at=day(2)).points == 70
    assert buckets(account, on=2) == (77, 0, 0, 0)


def test_a_pending_earn_that_was_taken_back_whole_has_nothing_to_confirm(account):
    earned = earn_pending(account, 100)
    ledger.reverse(entry=earned.id, key="r", at=day(1))
    with pytest.raises(ledger.AlreadyReversed):
        ledger.confirm(entry=earned.id, at=day(2))
    assert buckets(account) == (0, 0, 0, 0)


def test_rule_6_after_the_confirmation_a_clawback_takes_from_its_own_lot(account):
    earn(account, 50, key="soon", until=5)
    earned = earn_pending(account, 100, until=60)
    ledger.reverse(entry=earned.id, key="r1", at=day(1), points=20)
    ledger.confirm(entry=earned.id, at=day(2))
    taken = ledger.reverse(entry=earned.id, key="r2", at=day(3))
    assert (taken.points, taken.spendable, taken.pending) == (80, -80, 0)
    assert remaining(account) == [50, 0]
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=earned.id, key="r3", at=day(3))


def test_rule_6_a_confirmation_repays_arrears_first_and_a_pending_earn_does_not(account):
    owed = earn(account, 30, key="a")
    spend(account, 30)
    ledger.reverse(entry=owed.id, key="r", at=day(2))
    earned = earn_pending(account, 100, on=3)
    assert buckets(account, on=3) == (0, 100, 0, 30)
    confirmed = ledger.confirm(entry=earned.id, at=day(4))
    assert history(account)[-2:] == [("confirm", 100), ("repay", -30)]
    assert Entry.objects.get(kind="repay").caused_by_id == confirmed.id
    assert buckets(account, on=4) == (70, 0, 0, 0)


def test_rule_4_pending_points_never_lapse_and_late_ones_are_confirmed_with_a_grace(account):
    earned = earn_pending(account, 100, until=10)
    assert ledger.expire(at=day(20), limit=10).lots == 0
    earn(account, 1, key="latest", on=20)
    assert spend(account, 1, on=21).spendable_after == 0, "a spend doesn't book it as lapsed either"
    ledger.confirm(entry=earned.id, at=day(22))
    assert ledger.balance(account=account, at=day(22)).lapsing == [(day(29), 100)]


@override_settings(POLICIES={"restore_grace_days": 0})
def test_rule_4_without_a_grace_what_is_confirmed_too_late_lapses_at_once(account):
    earned = earn_pending(account, 100, until=10)
    ledger.confirm(entry=earned.id, at=day(22))
    assert history(account) == [("earn", 0), ("confirm", 100), ("expire", -100)]
    assert Entry.objects.get(kind="expire").occurred_at == day(22)
    assert [ledger.balance_as_of(account=account, at=day(n)) for n in (11, 22)] == [0, 0]


def test_a_confirmation_may_name_the_expiry_or_that_there_is_none(account):
    first, second = earn_pending(account, 10, key="a", until=10), earn_pending(account, 20, key="b", until=10)
    ledger.confirm(entry=first.id, at=day(5), expires_at=day(90))
    ledger.confirm(entry=second.id, at=day(5), expires_at=None)
    assert ledger.balance(account=account, at=day(5)).lapsing == [(day(90), 10)]
    assert buckets(account, on=1000) == (20, 0, 0, 0)


def test_a_confirmation_is_refused_for_what_never_waited_or_isnt_there_or_would_be_born_lapsed(account):
    usable, waiting = earn(account, 10, key="a"), earn_pending(account, 20)
    with pytest.raises(ledger.NotPending) as refusal:
        ledger.confirm(entry=usable.id, at=day(1))
    assert refusal.value.facts == {"entry": usable.id, "kind": "earn"}
    with pytest.raises(ledger.EntryNotFound):
        ledger.confirm(entry=-1, at=day(1))
    with pytest.raises(ledger.InvalidExpiry):
        ledger.confirm(entry=waiting.id, at=day(1), expires_at=day(1))
    assert history(account) == [("earn", 10), ("earn", 0)]


def test_a_confirmation_itself_is_not_reversed_but_what_it_confirmed(account):
    confirmed = ledger.confirm(entry=earn_pending(account, 10).id, at=day(1))
    with pytest.raises(ledger.NotReversible) as refusal:
        ledger.reverse(entry=confirmed.id, key="r", at=day(2))
    assert refusal.value.facts == {"entry": confirmed.id, "kind": "confirm"}


def test_pending_growth_waits_too_and_never_expires(growth):
    earned = earn_pending(growth, 10)
    with pytest.raises(ledger.InvalidExpiry):
        ledger.confirm(entry=earned.id, at=day(1), expires_at=day(9))
    ledger.confirm(entry=earned.id, at=day(1))
    assert buckets(growth) == (10, 0, 0, 0)
    assert ledger.audit() == []


def test_a_batch_may_mix_pending_and_usable_points_and_only_usable_ones_repay(account):
    owed = earn(account, 25, key="owed")
    spend(account, 25)
    ledger.reverse(entry=owed.id, key="r", at=day(2))
    rows = [("a", 10, True), ("b", 20, False), ("c", 30, True), ("d", 40, False)]
    ids = ledger.post_many(
        [
            ledger.Posting(account=account, points=points, key=key, source="s", at=day(3), pending=pending)
            for key, points, pending in rows
        ]
    )
    told = Entry.objects.filter(account=account, id__gte=ids[0]).order_by("id")
    assert [(e.kind, e.spendable, e.pending, e.spendable_after) for e in told] == [
        ("earn", 0, 10, 0), ("earn", 20, 0, 20), ("repay", -20, 0, 0), ("earn", 0, 30, 0), ("earn", 40, 0, 40),
        ("repay", -5, 0, 35),
    ]  # fmt: skip
    assert buckets(account, on=3) == (35, 40, 0, 0)
    assert ledger.confirm(entry=ids[2], at=day(4)).points == 30
