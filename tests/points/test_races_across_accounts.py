"""Threads whose work overlaps on several accounts: no deadlock, no lost update; and what the lock's order prevents."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from points import ledger
from points.models import Account, Entry

from .conftest import T0, day, earn
from .racing import THREADS, Job, accounts_of, in_threads, of_kind, without_lock

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def broken(results: list[Any]) -> list[str]:
    """Errors that are no refusals: deadlocks, constraints."""
    return [str(result) for result in results if isinstance(result, Exception) and not hasattr(result, "code")]


def move(source: int, target: int, key: str) -> None:
    ledger.spend(account=source, points=1, key=key, source="move", at=day(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")
    ledger.earn(account=target, points=1, key=key, source="move", at=day(1))


@pytest.mark.parametrize("threads", THREADS)
def test_rule_1_postings_to_two_accounts_locked_in_id_order_do_not_deadlock(threads):
    one, two = accounts_of(2, points=10_000)

    def crossing(n: int) -> Job:
        source, target = (one, two) if n % 2 else (two, one)

        def job() -> None:
            ledger.lock(accounts=[source, target])
            move(source, target, f"m{n}")

        return job

    assert in_threads([crossing(n) for n in range(40)], threads=threads) == [None] * 40
    assert ledger.audit() == []


def test_rule_1_control_without_locking_first_the_two_deadlock():
    one, two = accounts_of(2, points=10_000)

    def crossing(n: int) -> Job:
        return lambda: move(one, two, f"m{n}") if n % 2 else move(two, one, f"m{n}")

    results = in_threads([crossing(n) for n in range(20)], threads=20)
    assert any("deadlock detected" in error for error in broken(results))


@pytest.mark.parametrize("threads", THREADS)
def test_batches_expiry_and_spends_meet_without_deadlock_or_loss(threads):
    accounts = accounts_of(30, points=50, lapsing=True)

    def batch(n: int) -> Job:
        order = accounts if n % 2 else accounts[::-1]
        postings = [ledger.Posting(account=a, points=2, key=f"b{n}", source="s", at=T0) for a in order]
        return lambda: ledger.post_many(postings)

    def spending(n: int) -> Job:
        return lambda: ledger.spend(account=accounts[n], points=1, key=f"s{n}", source="s", at=day(4))

    jobs = [batch(n) for n in range(10)] + [lambda: ledger.expire(at=day(7), limit=20)] * 5
    results = in_threads(jobs + [spending(n) for n in range(25)], threads=threads)
    assert broken(results) == []
    while ledger.expire.__wrapped__(at=day(7), limit=100).lots:
        pass
    spent = of_kind(results[15:], ledger.Entry)
    gone = -sum(Entry.objects.filter(kind="expire").values_list("spendable", flat=True))
    assert sum(Account.objects.values_list("spendable", flat=True)) == 30 * (50 + 10 * 2) - spent - gone
    assert ledger.audit() == []


def test_control_without_the_lock_batches_lose_what_others_write_or_a_constraint_stops_it():
    (account,) = accounts_of(1, points=50)
    jobs: list[Job] = [
        lambda n=n: ledger.post_many([ledger.Posting(account=account, points=2, key=f"b{n}", source="s", at=T0)])
        for n in range(8)
    ]
    pause = " AND (SELECT pg_sleep(0.05))::text IS NOT NULL"
    unlocked = without_lock(
        "ledger_lock_survivors", "ledger_write_batch", pause_before="\n    ), fresh AS MATERIALIZED", pause=pause
    )
    with unlocked:
        results = in_threads(jobs, threads=8)
    assert broken(results) or ledger.audit(), "without the lock the race must show"


def mixed(accounts: list[int]) -> list[Job]:
    """Single spends, reversals of both kinds, holds and their ends, and expiries, none of which locks anything first.

    Each account has a spend of 20 and an earn of 30 to be reversed bit by bit, a hold of 10 to be ended, and points
    that lapse.
    """
    jobs: list[Job] = []
    for account in accounts:
        with transaction.atomic():
            earned = ledger.earn(account=account, points=30, key="mine", source="s", at=T0)
            spent = ledger.spend(account=account, points=20, key="spent", source="s", at=day(1))
            held = ledger.hold(account=account, points=10, key="held", source="s", until=day(3), at=day(1))
        jobs += [
            lambda h=held.id: ledger.capture(hold=h, at=day(2)),
            lambda h=held.id: ledger.release(hold=h, at=day(2)),
        ]
        for n in range(4):
            key = f"{account}:{n}"
            jobs += [
                lambda a=account, k=key: ledger.spend(account=a, points=7, key=f"s{k}", source="s", at=day(2)),
                lambda a=account, k=key: ledger.hold(
                    account=a, points=6, key=f"h{k}", source="s", until=day(3), at=day(2)
                ),
                lambda e=spent.id, k=key: ledger.reverse(entry=e, key=f"r{k}", at=day(2), points=5),
                lambda e=earned.id, k=key: ledger.reverse(entry=e, key=f"c{k}", at=day(2), points=4),
            ]
    jobs += [lambda: ledger.expire(at=day(6), limit=2)] * (2 * len(accounts))
    assert len(jobs) % 7, "shuffled, each job once"
    return [jobs[place * 7 % len(jobs)] for place in range(len(jobs))]


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("threads", THREADS)
def test_spends_reversals_holds_and_expiries_meet_on_the_same_and_on_overlapping_accounts(threads, count):
    accounts = accounts_of(count, points=100, lots=4)
    with transaction.atomic():
        for account in accounts:
            earn(account, 40, key="lapses", until=5)
    results = in_threads(mixed(accounts), threads=threads)
    assert broken(results) == []
    assert {getattr(result, "code", None) for result in results} <= {None, "hold_closed", "insufficient_points"}
    with transaction.atomic():
        while ledger.expire(at=day(6), limit=100).lots:
            pass
    for account in accounts:
        sums = Entry.objects.filter(account=account).values_list("kind").annotate(points=Sum("points"))
        moved = dict(sums)
        assert (moved["restore"], moved["clawback"]) == (20, 16), "each reversal that there was room for, once"
        assert moved.get("capture", 0) + moved.get("release", 0) == 10, "the hold ended one way"
        row = Account.objects.get(pk=account)
        came = moved["earn"] + moved["restore"] + moved.get("release", 0)
        went = moved["spend"] + moved["hold"] + moved["clawback"] + moved.get("expire", 0)
        assert (row.spendable, row.arrears) == (came - went, 0)
    assert ledger.audit() == []


def test_control_without_the_locks_spends_reversals_and_holds_lose_what_others_write_or_a_constraint_stops_it():
    (account,) = accounts_of(1, points=100, lots=4)
    jobs = mixed([account])[:16]
    with without_lock("ledger_debit", "ledger_survivor", "ledger_capture", "ledger_release"):
        results = in_threads(jobs, threads=8)
    assert broken(results) or ledger.audit(), "without the lock the race must show"


def everything(accounts: list[int]) -> list[Job]:
    """Spends, earns, reversals, holds, confirmations, expiry and merges that meet on a few accounts."""

    def whole_life(n: int) -> Job:
        one, other = accounts[n % len(accounts)], accounts[(n * 3 + 1) % len(accounts)]

        def job() -> None:
            ledger.lock(accounts=[one, other])
            waiting = ledger.earn(account=one, points=9, key=f"p{n}", source="s", at=day(1), pending=True)
            spent = ledger.spend(account=other, points=5, key=f"s{n}", source="s", at=day(1))
            held = ledger.hold(account=one, points=3, key=f"h{n}", source="s", until=day(2), at=day(1))
            ledger.confirm(entry=waiting.id, at=day(2))
            ledger.reverse(entry=spent.id, key=f"r{n}", at=day(2))
            ledger.capture(hold=held.id, at=day(2)) if n % 2 else ledger.release(hold=held.id, at=day(2))

        return job

    def merging(n: int) -> Job:
        one, other = accounts[n % len(accounts)], accounts[(n + 1) % len(accounts)]
        return lambda: ledger.merge(source=one, target=other, key=f"m{n}", at=day(3))

    lives = [whole_life(n) for n in range(48)]
    return [
        job
        for n in range(6)
        for job in (*lives[n * 8 : n * 8 + 8], merging(n), lambda: ledger.expire(at=day(4), limit=5))
    ]


@pytest.mark.parametrize("threads", THREADS)
def test_rule_9_merges_meet_every_other_verb_without_deadlock_or_loss(threads):
    accounts = accounts_of(8, points=100, lots=4)
    results = in_threads(everything(accounts), threads=threads)
    assert broken(results) == []
    assert {getattr(result, "code", None) for result in results} <= {None, "account_closed", "invalid_merge"}
    entries = [result for result in results if isinstance(result, ledger.Entry)]
    assert len(entries) >= 4, "most merges went through"
    # 48 lives end with 9 earned each, and every other one takes 3 for good.
    assert sum(Account.objects.values_list("spendable", flat=True)) == 8 * 100 + 48 * 9 - 24 * 3
    assert Account.objects.filter(merged_into=None).count() == 8 - len(entries)
    assert ledger.audit() == []


@pytest.mark.parametrize("threads", THREADS)
def test_rule_9_one_account_is_merged_once_and_two_into_each_other_only_one_way(threads):
    one, two, three = accounts_of(3, points=60)
    ways = [(one, two), (two, one), (one, three), (two, three)]

    def merging(n: int) -> Job:
        source, target = ways[n % 4]
        return lambda: ledger.merge(source=source, target=target, key=f"m{n % 4}", at=day(3))

    results = in_threads([merging(n) for n in range(32)], threads=threads)
    assert broken(results) == []
    assert len({result.id for result in results if isinstance(result, ledger.Entry)}) == 2
    assert sorted(Account.objects.values_list("spendable", flat=True)) == [0, 0, 180]
    assert ledger.audit() == []


def test_rule_9_control_without_the_lock_a_merge_doubles_points_or_a_constraint_stops_it():
    source, *targets = accounts_of(4, points=100, lots=4)
    jobs: list[Job] = [lambda n=n: ledger.merge(source=source, target=n, key=f"m{n}", at=day(1)) for n in targets]
    unlocked = without_lock(
        "ledger_lock_survivors", "ledger_merge", pause_before="    v_refused := ledger_merge_refusal"
    )
    with unlocked:
        results = in_threads(jobs, threads=3)
    assert broken(results) or ledger.audit(), "without the lock the race must show"
