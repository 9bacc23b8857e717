"""Hypothesis' state machine that plays one random sequence of verbs on the kernel and on the rules, side by side.

Several accounts; the clock moves on between the steps, and sometimes a posting is dated a second or days back. After
every step both answer alike, hold the same rows and tell the same balances, and no sum of the kernel is broken.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from config.core.errors import DomainError
from points import ledger
from points.rules.book import Book
from points.rules.rows import NEVER, Entry, Refused

from .conftest import T0
from .model_compare import STATUS, Kernel, Rules

STEPS = 50
SPARE = 9  # the first opens the accounts; now and then one does nothing
NOT_THERE = -1
TAKING = {"spend", "capture", "adjust"}
RARELY = 63  # the choice that names a row which isn't there, or a text that is too long
HOUR = timedelta(hours=1)

# How often each verb is played: mostly what makes points move, for what is refused comes up often enough by itself.
WEIGHTS = {
    "earn": 7, "earn_pending": 3, "post_many": 3, "confirm": 4, "spend": 12, "adjust": 3, "hold": 7, "capture": 6,
    "release": 4, "restore": 11, "claw_back": 9, "reverse_any": 1, "expire": 2, "merge": 3, "close_account": 1,
    "open_account": 1, "again": 6,
}  # fmt: skip
SIZES = [1, 3, 5, 8, 13, 21, 34, 55, 89, 144, 10, 20, 30, 40, 50, 60] * 4
SIZES += [10**12, 10**12, 0, -5, 10**12 + 1, -(10**30)]
SHARES = [10, 25, 40, 60, 80, 100, 20, 50, None, None, None, 110, 0]  # percent of what there is; None: all
MOVES = [timedelta(0), HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, -timedelta(seconds=1), -HOUR, -72 * HOUR]
LIFETIMES = [None, None, *(hours * HOUR for hours in (12, 24, 30, 36, 48, 72, 96, 120, 168, 240, -1, 0))]


@dataclass(frozen=True)
class Step:
    """A verb and what it is asked; `who`, `which` and `key` choose among what there will be."""

    verb: str
    who: int
    which: int
    key: int
    size: int
    share: int | None
    move: timedelta
    lifetime: timedelta | None

    @classmethod
    def of(cls, seed: str) -> "Step":
        """The step of a seed, as the weights have it."""
        pick = Random(seed)
        verb = pick.choices(list(WEIGHTS), WEIGHTS.values())[0]
        who, which, key = (pick.randint(0, RARELY) for _ in range(3))
        return cls(
            verb, who, which, key, pick.choice(SIZES), pick.choice(SHARES), pick.choice(MOVES), pick.choice(LIFETIMES)
        )


class Played:
    """What a run of many sequences has really done; `whole` sequences took all their steps."""

    def __init__(self) -> None:
        self.whole = 0
        self.steps = 0
        self.verbs: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()


class KernelAndRules(RuleBasedStateMachine):
    """A few accounts on both sides. The kernel knows rows by id, the rules by place; places are the same on both."""

    played = Played()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.policies = override_settings()
        self.steps = 0

    @initialize(seed=st.integers(0, 2**64 - 1), grace=st.sampled_from([7, 1, 0]), forgives=st.booleans())
    def open(self, seed: int, grace: int, forgives: bool) -> None:
        self.seed, self.nth = seed, 0
        policies = {"restore_grace_days": grace, "clawback_past_zero": "forgive" if forgives else "arrears"}
        self.policies = override_settings(POLICIES=policies)
        self.policies.enable()
        self.book = Book(grace=timedelta(days=grace), forgives=forgives)
        self.kernel, self.rules = Kernel(), Rules(self.book)
        self.clock = self.at = T0
        self.keys: list[str] = []
        self.asked_before: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = []
        for asset in ("points", "points", "points", "growth"):
            self.kernel.accounts.append(ledger.open_account(asset=asset))
            self.book.open_account(asset=asset)

    @rule(happens=st.integers(0, 2**20))
    def play(self, happens: int) -> None:
        """A step, as a seed has it. Hypothesis shrinks a failing sequence by letting its steps not happen."""
        self.nth += 1
        if happens and self.steps < STEPS:
            self.play_step(Step.of(f"{self.seed}:{self.nth}:{happens}"))

    def play_step(self, step: Step) -> None:
        """One verb at one moment; then everything is alike."""
        note(repr(step))
        self.at = self.clock + step.move
        self.clock = max(self.clock, self.at)
        entries = len(self.book.entries)
        verb = self.possible(step)
        if verb == "again":
            verb, kernel, rules = self.asked_before[step.which % len(self.asked_before)]
        else:
            kernel, rules = getattr(self, verb)(step)
            self.asked_before += [(verb, kernel, rules)] * (verb not in {"expire", "open_account"})
        done, expected = _outcome(kernel), _outcome(rules)
        answers = [answer if isinstance(answer, str) else "done" for answer in (done, expected)]
        assert answers[0] == answers[1], f"{verb}: the kernel answers {answers[0]}, the rules {answers[1]}"
        self.agree(done, expected)
        self.steps += 1
        if isinstance(done, str):
            self.played.refusals[done] += 1
        else:
            self.played.verbs[verb] += 1
            self.played.repeated[verb] += isinstance(expected, Entry) and len(self.book.entries) == entries

    def possible(self, step: Step) -> str:
        """Its verb; mostly an earn instead where nothing is there for it."""
        rows = {
            "again": self.asked_before,
            "confirm": any(entry.buckets["pending"] > 0 for entry in self.book.entries),
            "capture": self.holds, "release": self.holds,
            "restore": any(entry.kind in TAKING for entry in self.book.entries),
            "spend": self.available(step), "hold": self.available(step),
        }  # fmt: skip
        is_possible = rows.get(step.verb, True) or (step.which % 8 == 0 and step.verb != "again")
        return step.verb if is_possible else "earn"

    def agree(self, done: Any, expected: Any) -> None:
        past = T0 + (self.at - T0) / 2
        kernel, rules = self.kernel.look(at=self.clock, past=past), self.rules.look(at=self.clock, past=past)
        for name, rows in rules.items():
            assert kernel[name] == rows, name
        if isinstance(done, ledger.Hold):
            closing = self.book.closing(expected)
            status = STATUS[closing.kind] if closing else "open"
            assert (done.id, done.status) == (self.id_of_hold(expected), status)
        elif isinstance(expected, Entry):
            assert (done.id, done.points) == (self.id_of(expected), expected.points)

    def teardown(self) -> None:
        self.policies.disable()
        self.played.whole += self.steps == STEPS
        self.played.steps += self.steps
        self.played.kinds.update(entry.kind for entry in self.book.entries)
        transaction.savepoint_rollback(self.savepoint)

    # Each verb: what the kernel does, and what the rules do

    def earn(self, step: Step, pending: bool = False) -> Any:
        account, same = self.account(step), self.asked(step, step.size)
        lot = {"expires_at": self.later(step), "pending": pending}
        return (
            lambda: ledger.earn(account=self.id_of(account), **same, **lot),
            lambda: self.book.post(**_posting("earn", account, same, **lot)),
        )

    def earn_pending(self, step: Step) -> Any:
        return self.earn(step, pending=True)

    def post_many(self, step: Step) -> Any:
        steps = [
            replace(step, who=step.who + step.which % 2 * nth, key=step.key + nth, size=nth * 7 or step.size)
            for nth in range(3)
        ]
        postings = [
            (
                self.account(one),
                self.asked(one, one.size),
                {"expires_at": self.later(one), "pending": (one.key + one.which) % 4 == 0},
            )
            for one in steps
        ]
        return (
            lambda: ledger.post_many(
                [ledger.Posting(account=self.id_of(who), **same, **lot) for who, same, lot in postings]
            ),
            lambda: self.book.post_many([_posting("earn", who, same, **lot) for who, same, lot in postings]),
        )

    def confirm(self, step: Step) -> Any:
        entry = self.an_entry(step, {"earn"}, lambda row: row.buckets["pending"] > 0)
        at, known = self.at, self.id_of(entry)
        if step.share is not None:
            return lambda: ledger.confirm(entry=known, at=at), lambda: self.book.confirm(entry=entry, at=at)
        later = self.later(step)
        return (
            lambda: ledger.confirm(entry=known, at=at, expires_at=later),
            lambda: self.book.confirm(entry=entry, at=at, expires_at=later or NEVER),
        )

    def spend(self, step: Step) -> Any:
        account, same = self.account(step), self.asked(step, self.part_of(step))
        return (
            lambda: ledger.spend(account=self.id_of(account), **same),
            lambda: self.book.post(**_posting("spend", account, same)),
        )

    def adjust(self, step: Step) -> Any:
        points = -self.part_of(step) if step.which % 2 else step.size
        account, same, later = self.account(step), self.asked(step, points), self.later(step)
        asked = {name: same[name] for name in ("points", "key", "at")}
        return (
            lambda: ledger.adjust(
                account=self.id_of(account), operator=same["source"], reason="goodwill", expires_at=later, **asked
            ),
            lambda: self.book.post(**_posting("adjust", account, same, expires_at=later)),
        )

    def hold(self, step: Step) -> Any:
        same, account = self.asked(step, self.part_of(step)), self.account(step)
        return (
            lambda: ledger.hold(account=self.id_of(account), until=self.at + HOUR, **same),
            lambda: self.book.post(**_posting("hold", account, same)),
        )

    def capture(self, step: Step) -> Any:
        hold = self.a_hold(step)
        points = None if step.share is None or hold is None else hold.points * step.share // 100
        same, known = {"points": points, "at": self.at}, self.id_of_hold(hold)
        return lambda: ledger.capture(hold=known, **same), lambda: self.book.close_hold("capture", hold=hold, **same)

    def release(self, step: Step) -> Any:
        hold, at = self.a_hold(step), self.at
        known = self.id_of_hold(hold)
        return lambda: ledger.release(hold=known, at=at), lambda: self.book.close_hold("release", hold=hold, at=at)

    def restore(self, step: Step) -> Any:
        return self.reverse(step, self.an_entry(step, TAKING))

    def claw_back(self, step: Step) -> Any:
        return self.reverse(step, self.an_entry(step, {"earn"}))

    def reverse_any(self, step: Step) -> Any:
        return self.reverse(step, self.an_entry(step, {entry.kind for entry in self.book.entries}))

    def reverse(self, step: Step, entry: Entry | None) -> Any:
        points = None if step.share is None or entry is None else entry.points * step.share // 100
        same, known = {"key": self.key(step), "at": self.at, "points": points}, self.id_of(entry)
        return lambda: ledger.reverse(entry=known, **same), lambda: self.book.reverse(entry=entry, **same)

    def expire(self, step: Step) -> Any:
        same = {"at": self.at, "limit": 1 + step.which % 8}
        return lambda: ledger.expire(**same), lambda: self.book.expire(**same)

    def merge(self, step: Step) -> Any:
        source, target = self.account(step), self.account(replace(step, who=step.which))
        same = {"key": self.key(step), "at": self.at}
        return (
            lambda: ledger.merge(source=self.id_of(source), target=self.id_of(target), **same),
            lambda: self.book.merge(source=source, target=target, **same),
        )

    def close_account(self, step: Step) -> Any:
        account, at = self.account(step), self.at
        return (
            lambda: ledger.close_account(account=self.id_of(account), at=at),
            lambda: self.book.close_account(account=account, at=at),
        )

    def open_account(self, step: Step) -> Any:
        asset = "growth" if step.which % 8 == 0 else "points"
        return (
            lambda: self.kernel.accounts.append(ledger.open_account(asset=asset)),
            lambda: self.book.open_account(asset=asset),
        )

    # What they are asked

    def asked(self, step: Step, points: int) -> dict[str, Any]:
        source = "s" * 201 if step.which == RARELY else f"order:{step.which % 2}"
        return {"points": points, "key": self.key(step), "source": source, "at": self.at}

    def account(self, step: Step) -> int:
        """The place of an account: mostly of the first, so that much happens on few; rarely one that isn't there."""
        places = [*[0] * 9, 1, 1, 1, 2, 2, *range(len(self.book.accounts))]
        return NOT_THERE if step.who == RARELY else places[step.who % len(places)]

    def available(self, step: Step) -> int:
        account = self.account(step)
        return 0 if account == NOT_THERE else self.book.available(self.book.survivor(account), self.at)

    def part_of(self, step: Step) -> int:
        """A share of what the account has, at least one point unless it is nothing; more than all for 110 percent."""
        share = 100 if step.share is None else step.share
        return max(self.available(step) * share // 100 + (share == 110), int(share > 0))

    def later(self, step: Step) -> datetime | None:
        return None if step.lifetime is None else self.at + step.lifetime

    def key(self, step: Step) -> str:
        """A fresh key; now and then one that was used before, or one that can't be stored."""
        if step.key == RARELY:
            return "k" * 201 if len(self.keys) % 2 else ""
        if step.key % 10 == 9 and self.keys:
            return self.keys[step.key % len(self.keys)]
        self.keys.append(f"k{len(self.keys)}")
        return self.keys[-1]

    def an_entry(self, step: Step, kinds: set[str], fits: Callable[[Entry], bool] = lambda _: True) -> Entry | None:
        """An entry of those kinds that fits; now and then one that doesn't; rarely none."""
        rows = [row for row in self.book.entries if row.kind in kinds and (fits(row) or step.which % 8 == 7)]
        return None if step.which == RARELY or not rows else rows[step.which % len(rows)]

    @property
    def holds(self) -> list[Entry]:
        """The rules know a hold by its entry."""
        return [row for row in self.book.entries if row.kind == "hold"]

    def a_hold(self, step: Step) -> Entry | None:
        """A hold, rather an open one; rarely none."""
        still_open = [hold for hold in self.holds if self.book.closing(hold) is None]
        rows = still_open if still_open and step.which % 4 else self.holds
        return None if step.which == RARELY or not rows else rows[step.which % len(rows)]

    def id_of_hold(self, hold: Entry | None) -> int:
        return NOT_THERE if hold is None else self.kernel.holds[self.holds.index(hold)]

    def id_of(self, row: int | Entry | None) -> int:
        """How the kernel calls an account or entry of the rules."""
        if row is None or row == NOT_THERE:
            return NOT_THERE
        if isinstance(row, Entry):
            return self.kernel.entries[self.book.entries.index(row)]
        return self.kernel.accounts[row]


def _posting(kind: str, account: int, asked: dict[str, Any], **lot: Any) -> dict[str, Any]:
    """How the rules are asked to post: a draft of the entry, and the lot that its points are to begin in."""
    draft = Entry(kind, account, asked["points"], asked["at"], asked["source"], asked["key"])
    bucket = "pending" if lot.get("pending") else "spendable"
    return {"draft": draft, "expires_at": lot.get("expires_at") or NEVER, "bucket": bucket}


def _outcome(verb: Callable[[], Any]) -> Any:
    """What a verb answers: its result, or the code of its refusal."""
    try:
        return verb()
    except (DomainError, Refused) as refusal:
        return refusal.code


def play(sequences: int, *, seed: int = 0, **how: Any) -> Played:
    """Play that many random sequences, and tell what was played. Raises AssertionError where the two sides differ."""

    class Machine(KernelAndRules):
        played = Played()

    limits = {"max_examples": sequences, "stateful_step_count": STEPS + SPARE, "deadline": None, "database": None}
    how = {"phases": [Phase.generate, Phase.shrink], "suppress_health_check": list(HealthCheck)} | limits | how
    run_state_machine_as_test(seeded(seed)(Machine), settings=settings(**how), _min_steps=STEPS + SPARE)
    return Machine.played
