"""Set-based verbs do what the single ones do, one after the other."""

import pytest

from points import ledger
from points.models import Account, Entry, Lot

from .conftest import T0, buckets, day, earn, history, remaining, spend


def posting(account: int, points: int, key: str, **more: object) -> ledger.Posting:
    return ledger.Posting(account=account, points=points, key=key, source="order:1", at=T0, **more)


def test_a_batch_returns_entry_ids_in_the_order_of_its_postings(account, other):
    ids = ledger.post_many(
        [posting(other, 5, "a"), posting(account, 7, "a", expires_at=day(9), reason="gift"), posting(other, 9, "b")]
    )
    rows = Entry.objects.in_bulk(ids)
    assert [(rows[i].account_id, rows[i].points, rows[i].spendable_after, rows[i].reason) for i in ids] == [
        (other, 5, 5, ""),
        (account, 7, 7, "gift"),
        (other, 9, 14, ""),
    ]
    assert ids == sorted(ids)
    assert Lot.objects.get(entry=ids[1]).expires_at == day(9)
    assert Account.objects.get(pk=other).latest_at == T0


def test_an_empty_batch_posts_nothing(db):
    assert ledger.post_many([]) == []


def test_what_was_posted_before_keeps_its_entry(account):
    single = earn(account, 10, key="k")
    batch = [posting(account, 10, "k"), posting(account, 20, "new"), posting(account, 20, "new")]
    ids = ledger.post_many(batch)
    assert ids[0] == single.id
    assert ids[1] == ids[2]
    assert ledger.post_many(batch) == ids
    assert history(account) == [("earn", 10), ("earn", 20)]


def test_a_batch_repays_arrears_posting_by_posting(account):
    earned = earn(account, 25)
    spend(account, 25)
    ledger.reverse(entry=earned.id, key="r", at=day(2))
    ledger.post_many([posting(account, 10, "a"), posting(account, 20, "b"), posting(account, 30, "c")])
    assert history(account)[3:] == [("earn", 10), ("repay", -10), ("earn", 20), ("repay", -15), ("earn", 30)]
    assert remaining(account)[1:] == [0, 5, 30]
    assert buckets(account, on=2) == (35, 0, 0, 0)
    assert list(Entry.objects.filter(account=account).order_by("id").values_list("spendable_after", flat=True))[3:] == [
        10, 0, 20, 5, 35,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        ({"points": 0}, ledger.InvalidAmount),
        ({"account": -1}, ledger.AccountNotFound),
        ({"key": "seen"}, ledger.KeyReused),
        ({"key": "first"}, ledger.KeyReused),
        ({"expires_at": T0}, ledger.InvalidExpiry),
        ({"reason": "r" * 65}, ledger.InvalidSource),
    ],
)
def test_one_bad_posting_refuses_the_whole_batch_and_names_it(account, bad, refusal):
    earn(account, 1, key="seen")
    good = posting(account, 10, "first")
    wrong = ledger.Posting(**{"account": account, "points": 20, "key": "k", "source": "order:1", "at": T0} | bad)
    with pytest.raises(refusal) as raised:
        ledger.post_many([good, wrong])
    assert raised.value.facts["index"] == 1
    assert history(account) == [("earn", 1)]


def test_five_thousand_postings_are_one_call(account, other, django_assert_num_queries):
    batch = [posting(account if n % 2 else other, 1 + n % 7, f"k{n}") for n in range(5000)]
    with django_assert_num_queries(1):
        ids = ledger.post_many(batch)
    assert len(set(ids)) == 5000
    assert buckets(account)[0] + buckets(other)[0] == sum(p.points for p in batch)


def test_many_accounts_open_in_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        opened = ledger.open_accounts(asset="growth", count=300)
    assert len(set(opened)) == 300
    assert set(Account.objects.values_list("asset", flat=True)) == {"growth"}


def test_expiry_books_in_chunks_soonest_first_and_is_safe_to_repeat(account, other):
    earn(account, 10, until=5)
    earn(account, 20, until=6)
    earn(other, 40, until=6)
    earn(other, 80, until=30)
    reports = [ledger.expire(at=day(10), limit=2) for _ in range(3)]
    assert reports == [
        ledger.ExpiryReport(lots=2, accounts=1, points=30),
        ledger.ExpiryReport(lots=1, accounts=1, points=40),
        ledger.ExpiryReport(lots=0, accounts=0, points=0),
    ]
    booked = (
        Entry.objects.filter(kind="expire")
        .order_by("id")
        .values_list("account", "spendable", "spendable_after", "occurred_at", "caused_by")
    )
    assert list(booked) == [
        (account, -10, 20, day(5), None),
        (account, -20, 0, day(6), None),
        (other, -40, 80, day(6), None),
    ]


def test_lots_of_one_moment_expire_in_one_entry(account):
    for n in range(4):
        earn(account, 10, key=f"k{n}", until=5)
    assert ledger.expire(at=day(5), limit=100) == ledger.ExpiryReport(lots=4, accounts=1, points=40)
    assert history(account)[4:] == [("expire", -40)]
