"""Random sequences of verbs, played on the kernel and on the plain Python rules: they must agree after every step."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config.core.errors import DomainError
from points import ledger
from points.models import Account, Draw, Entry, Hold, Lot
from points.rules.book import Book, Refused

from .conftest import day

FEW = settings(max_examples=35, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=3000, stateful_step_count=60)

# Mostly what makes points move; what is refused comes up often enough by itself.
earned = st.integers(-1, 60)
shares = st.sampled_from([0, 10, 25, 40, 60, 90, 100, 110])  # percent of what is available
maybe_shares = st.sampled_from([None, None, 20, 50, 100, 110])
parts = st.one_of(st.none(), st.integers(0, 30))
hours = st.sampled_from([-72, -30, -1, 0, 1, 6, 24, 48])  # time mostly moves on; sometimes a posting is backdated
lifetimes = st.one_of(st.none(), st.sampled_from([-1, 0, 12, 24, 36, 72, 96, 240]))
keys = st.integers(1, 40)  # 40: a key that was used before
which = st.integers(0, 10**6)


def outcome(verb: Callable[[], Any]) -> Any:
    """What a verb answers: its result, or the code of its refusal."""
    try:
        return verb()
    except (DomainError, Refused) as refusal:
        return refusal.code


class KernelAndRules(RuleBasedStateMachine):
    """One account on both sides. Ids are compared by their rank within the account."""

    policies: dict[str, Any] = {}
    grace = timedelta(days=7)
    forgives = False

    @initialize()
    def open(self) -> None:
        self.account = ledger.open_account(asset="points")
        self.book = Book(grace=self.grace, forgives=self.forgives)
        self.clock = day(0)
        self.keys: list[str] = []
        self.earn(points=50, key=1, moved=0, lifetime=72)
        self.earn(points=40, key=1, moved=1, lifetime=None)

    def at(self, moved: int) -> datetime:
        """An instant `moved` hours from the clock, which never goes back."""
        at = self.clock + timedelta(hours=moved)
        self.clock = max(self.clock, at)
        return at

    def key(self, number: int) -> str:
        """A fresh key, now and then one that was used before."""
        if number == 40 and self.keys:
            return self.keys[len(self.book.entries) % len(self.keys)]
        self.keys.append(f"k{len(self.keys)}")
        return self.keys[-1]

    def play(self, kernel: Callable[[], Any], rules: Callable[[], Any]) -> None:
        """Both sides do it; both accept with the same numbers, or both refuse with the same code."""
        with override_settings(POLICIES=self.policies):
            done = outcome(kernel)
        expected = outcome(rules)
        if isinstance(expected, str) or isinstance(done, str):
            assert done == expected
        else:
            assert done.points == expected.points

    def entry_ids(self) -> list[int]:
        return list(Entry.objects.filter(account=self.account).order_by("id").values_list("id", flat=True))

    @rule(points=earned, key=keys, moved=hours, lifetime=lifetimes)
    def earn(self, points: int, key: int, moved: int, lifetime: int | None) -> None:
        at = self.at(moved)
        until = None if lifetime is None else at + timedelta(hours=lifetime)
        same = {"points": points, "key": self.key(key), "source": "s", "at": at, "expires_at": until}
        self.play(lambda: ledger.earn(account=self.account, **same), lambda: self.book.earn(**same))

    @rule(share=shares, key=keys, moved=hours)
    def spend(self, share: int, key: int, moved: int) -> None:
        at = self.at(moved)
        same = {"points": self.book.available(at) * share // 100, "key": self.key(key), "source": "s", "at": at}
        self.play(lambda: ledger.spend(account=self.account, **same), lambda: self.book.spend(**same))

    @rule(points=st.integers(-20, 20), key=keys, moved=hours, lifetime=lifetimes)
    def adjust(self, points: int, key: int, moved: int, lifetime: int | None) -> None:
        at = self.at(moved)
        until = None if lifetime is None else at + timedelta(hours=lifetime)
        same = {"points": points, "key": self.key(key), "at": at, "expires_at": until}
        self.play(
            lambda: ledger.adjust(account=self.account, operator="staff:1", reason="r", **same),
            lambda: self.book.adjust(source="staff:1", **same),
        )

    @rule(share=shares, key=keys, moved=hours)
    def hold(self, share: int, key: int, moved: int) -> None:
        at = self.at(moved)
        same = {"points": self.book.available(at) * share // 100, "key": self.key(key), "source": "o", "at": at}
        self.play(lambda: ledger.hold(account=self.account, until=day(9), **same), lambda: self.book.hold(**same))

    def a_hold(self, choice: int) -> int:
        """The place of a hold, rather an open one."""
        still_open = [hold.id for hold in self.book.holds if hold.status == "open"]
        places = still_open if still_open and choice % 4 else [hold.id for hold in self.book.holds]
        return places[choice % len(places)]

    @precondition(lambda self: self.book.holds)
    @rule(choice=which, points=parts, moved=hours)
    def capture(self, choice: int, points: int | None, moved: int) -> None:
        place, at = self.a_hold(choice), self.at(moved)
        hold = Hold.objects.filter(account=self.account).order_by("id")[place].pk
        self.play(
            lambda: ledger.capture(hold=hold, points=points, at=at),
            lambda: self.book.capture(hold=place, points=points, at=at),
        )

    @precondition(lambda self: self.book.holds)
    @rule(choice=which, moved=hours)
    def release(self, choice: int, moved: int) -> None:
        place, at = self.a_hold(choice), self.at(moved)
        hold = Hold.objects.filter(account=self.account).order_by("id")[place].pk
        self.play(lambda: ledger.release(hold=hold, at=at), lambda: self.book.release(hold=place, at=at))

    def reverse(self, kinds: set[str], choice: int, share: int | None, key: int, moved: int) -> None:
        """Reverse a share of an entry of those kinds (None: all that is left)."""
        places = [entry.id for entry in self.book.entries if entry.kind in kinds]
        place, at = places[choice % len(places)], self.at(moved)
        points = None if share is None else self.book.entries[place].points * share // 100
        entry, same = self.entry_ids()[place], {"key": self.key(key), "at": at, "points": points}
        self.play(lambda: ledger.reverse(entry=entry, **same), lambda: self.book.reverse(entry=place, **same))

    @precondition(lambda self: any(entry.kind in {"spend", "capture"} for entry in self.book.entries))
    @rule(choice=which, share=maybe_shares, key=keys, moved=hours)
    def restore(self, choice: int, share: int | None, key: int, moved: int) -> None:
        self.reverse({"spend", "capture"}, choice, share, key, moved)

    @rule(choice=which, share=maybe_shares, key=keys, moved=hours)
    def claw_back(self, choice: int, share: int | None, key: int, moved: int) -> None:
        self.reverse({"earn"}, choice, share, key, moved)

    @rule(choice=which, key=keys, moved=hours)
    def reverse_anything(self, choice: int, key: int, moved: int) -> None:
        self.reverse({entry.kind for entry in self.book.entries}, choice, None, key, moved)

    @rule(
        batch=st.lists(st.tuples(st.integers(1, 40), keys, lifetimes.filter(lambda n: n is None or n > 0)), max_size=4)
    )
    def post_many(self, batch: list[tuple[int, int, int | None]]) -> None:
        at = self.clock
        rows = [
            {"points": points, "key": self.key(key), "source": "s", "at": at}
            | {"expires_at": None if lifetime is None else at + timedelta(hours=lifetime)}
            for points, key, lifetime in batch
        ]
        tried = deepcopy(self.book)
        codes = [code for code in (outcome(lambda row=row: tried.earn(**row)) for row in rows) if isinstance(code, str)]
        done = outcome(lambda: ledger.post_many([ledger.Posting(account=self.account, **row) for row in rows]))
        if codes:
            assert done == codes[0]
        else:
            ranks = self.entry_ids()
            assert [ranks.index(entry) for entry in done] == [self.book.earn(**row).id for row in rows]

    @rule(moved=hours)
    def expire(self, moved: int) -> None:
        at = self.at(moved)
        ledger.expire(at=at, limit=10_000)
        self.book.expire(at=at)

    @invariant(check_during_init=False)
    def both_hold_the_same(self) -> None:
        ids = self.entry_ids()
        rank = {entry: place for place, entry in enumerate(ids)}
        lots = list(Lot.objects.filter(account=self.account).order_by("id"))
        lot_rank = {lot.pk: place for place, lot in enumerate(lots)}
        assert [_of_kernel(entry, rank) for entry in Entry.objects.filter(account=self.account).order_by("id")] == [
            _of_rules(entry) for entry in self.book.entries
        ]
        assert [
            (rank[lot.entry_id], lot.points, lot.remaining, lot.earned_at, lot.expires_at, lot_rank.get(lot.origin_id))
            for lot in lots
        ] == [
            (lot.entry, lot.points, lot.remaining, lot.earned_at, lot.expires_at, lot.origin) for lot in self.book.lots
        ]
        draws = Draw.objects.filter(account=self.account).order_by("id").values_list("entry", "lot", "points")
        assert sorted((rank[entry], lot_rank[lot], points) for entry, lot, points in draws) == sorted(
            (draw.entry, draw.lot, draw.points) for draw in self.book.draws
        )

    @invariant(check_during_init=False)
    def both_have_the_same(self) -> None:
        row = Account.objects.get(pk=self.account)
        assert (row.spendable, row.held, row.arrears) == (self.book.spendable, self.book.held, self.book.arrears)
        balance = ledger.balance(account=self.account, at=self.clock)
        assert balance.spendable == self.book.available(self.clock)


def _of_kernel(entry: Entry, rank: dict[int, int]) -> tuple[Any, ...]:
    amounts = (entry.points, entry.requested, entry.spendable, entry.held, entry.arrears, entry.lapsed, entry.forgiven)
    links = (rank.get(entry.reverses_id), rank.get(entry.caused_by_id))
    return (entry.kind, *amounts, entry.spendable_after, entry.key, entry.source, entry.occurred_at, *links)


def _of_rules(entry: Any) -> tuple[Any, ...]:
    amounts = (entry.points, entry.requested, entry.spendable, entry.held, entry.arrears, entry.lapsed, entry.forgiven)
    links = (entry.reverses, entry.caused_by)
    return (entry.kind, *amounts, entry.spendable_after, entry.key, entry.source, entry.occurred_at, *links)


class ForgivingWithoutGrace(KernelAndRules):
    """The other side of both policies."""

    policies = {"clawback_past_zero": "forgive", "restore_grace_days": 0}
    grace = timedelta(0)
    forgives = True


def play(machine: type[KernelAndRules], how: settings) -> None:
    """Run the machine, each sequence in a savepoint of its own; at the end of each, every sum holds."""

    class Isolated(machine):  # type: ignore[valid-type,misc]
        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.savepoint()

        def teardown(self) -> None:
            assert ledger.audit() == []
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(Isolated, settings=how)


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [KernelAndRules, ForgivingWithoutGrace])
def test_kernel_and_rules_agree_on_random_sequences(machine):
    play(machine, FEW)


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.parametrize("machine", [KernelAndRules, ForgivingWithoutGrace])
def test_kernel_and_rules_agree_on_many_long_random_sequences(machine):
    play(machine, MANY)
