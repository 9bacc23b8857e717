"""The points ledger as its rules have it: the executable specification of the SQL kernel.

The verbs of `points.ledger`, then what an account has, then how points move. Slow and obvious on purpose: nothing is
kept that can be summed. A verb says no by raising Refused before it changes anything; its key is looked at first.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from points.rules.rows import NEVER, Account, Entry, Lot, Refused, refuse

LARGEST = 10**12
LONG_AGO = datetime.min.replace(tzinfo=UTC)
TAKING = {"spend", "hold", "capture"}
REVERSIBLE = {"earn", "spend", "adjust", "capture"}
meaning_of = attrgetter("kind", "requested", "source", "reverses")  # of a key: not time, expiry or reason


@dataclass
class Book:
    """Every account, under one policy: how long returned points live, whether what can't be taken back is forgiven."""

    grace: timedelta = timedelta(days=7)
    forgives: bool = False
    accounts: list[Account] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)

    # The verbs

    def open_account(self, *, asset: str) -> int:
        self.accounts.append(Account(asset))
        return len(self.accounts) - 1

    def post(self, draft: Entry, *, expires_at: datetime = NEVER, bucket: str = "spendable") -> Entry:
        """Earn, spend, hold, or adjust up or down: the draft says which, and is the entry when nothing is refused.

        What is given begins in a lot of its own and pays arrears first; what is taken leaves the soonest-expiring lots.
        """
        asked, at, asset = draft.account, draft.occurred_at, self.account(draft.account).asset
        draft.account, draft.requested = self.survivor(asked), draft.points
        if earlier := self.made_before(draft, [asked, *self.family(draft.account)]):
            return earlier
        refuse(account_closed=self.accounts[draft.account].is_closed)
        takes = draft.kind in TAKING or draft.points < 0
        draft.points *= -1 if draft.kind == "adjust" and takes else 1
        _refuse_malformed(draft)
        if takes:
            refuse(not_spendable=asset == "growth" and draft.kind != "adjust")
            refuse(insufficient_points=draft.points > self.available(draft.account, at))
            self.append(draft)
            self.take(draft, draft.points, self.usable_lots(draft.account))
            draft.buckets["held"] = draft.points if draft.kind == "hold" else 0
        else:
            refuse(invalid_expiry=self.is_bad_expiry(draft.account, at, expires_at))
            self.entries.append(draft)
            lot = Lot(draft, draft.points, at, expires_at, bucket=bucket)
            self.move(draft, lot, lot.points)
            self.settle(draft, [lot], at)
        return draft

    def post_many(self, postings: list[dict[str, Any]]) -> list[Entry]:
        """As if posted one after the other; one refusal refuses all."""
        entries, lots = len(self.entries), len(self.lots)
        try:
            return [self.post(**posting) for posting in postings]
        except Refused:
            del self.entries[entries:], self.lots[lots:]
            raise

    def confirm(self, *, entry: Entry | None, at: datetime, expires_at: datetime | None = None) -> Entry:
        """What is left of a pending earn becomes spendable, once.

        It keeps its expiry unless it is given another; what would have lapsed while it was pending lives for the grace.
        """
        earned = _found(entry, "entry")
        if earlier := self.first(kind="confirm", caused_by=earned):
            return earlier
        account = self.survivor(earned.account)
        lots = [lot for lot in self.lots_of(earned) if lot.remaining]
        points = sum(lot.remaining for lot in lots)
        refuse(
            account_closed=self.accounts[account].is_closed,
            not_pending=earned.kind != "earn" or not earned.buckets["pending"],
            invalid_expiry=expires_at is not None and self.is_bad_expiry(account, at, expires_at),
            already_reversed=not points,
        )
        confirmed = Entry("confirm", account, points, at, earned.source, caused_by=earned)
        confirmed.buckets.update(spendable=points, pending=-points)
        now = self.append(confirmed)
        for lot in lots:
            lot.bucket, lot.expires_at = "spendable", expires_at or self.with_grace(lot, now)
        self.settle(confirmed, lots, now)
        return confirmed

    def close_hold(self, kind: str, *, hold: Entry | None, at: datetime, points: int | None = None) -> Entry:
        """Release a hold: its points go back to their lots. Asked again: the same entry.

        Or capture `points` of it, however late: the soonest-expiring are gone for good, the rest is released.
        """
        held = _found(hold, "hold")
        if closing := self.closing(held):
            refuse(hold_closed=(closing.kind, closing.requested) != (kind, points))
            return closing
        taken = 0 if kind == "release" else held.points if points is None else points
        refuse(invalid_amount=taken < 1 and kind == "capture", insufficient_points=taken > held.points)
        cause = held
        if kind == "capture":
            cause = Entry("capture", held.account, taken, at, held.source, requested=points, caused_by=held)
            cause.buckets["held"] = -taken
            self.entries.append(cause)
        if taken < held.points:
            back = Entry("release", held.account, held.points - taken, at, held.source, caused_by=cause)
            back.buckets["held"] = -back.points
            self.put_back(held, taken, held.points, back, self.append(back))
        return self.closing(held) or cause

    def reverse(self, *, entry: Entry | None, key: str, at: datetime, points: int | None = None) -> Entry:
        """Undo an entry, or `points` of it: what it took is restored, what it gave is clawed back."""
        original = _found(entry, "entry")
        account = self.survivor(original.account)
        kind = "restore" if original.kind in TAKING or original.buckets["spendable"] < 0 else "clawback"
        undo = Entry(kind, account, 0, at, original.source, key, points, reverses=original)
        if earlier := self.made_before(undo, [original.account, *self.family(account)]):
            return earlier
        left = original.points - sum(other.points for other in self.entries if other.reverses is original)
        refuse(not_reversible=original.kind not in REVERSIBLE, already_reversed=left <= 0)
        undo.points = left if points is None else points
        _refuse_malformed(undo)
        refuse(reversal_too_large=undo.points > left)
        now = self.append(undo)
        if kind == "clawback":
            self.claw_back(undo, original)
        elif self.accounts[account].is_closed:
            undo.lapsed = undo.points
        else:
            self.put_back(original.caused_by or original, left - undo.points, left, undo, now)
        return undo

    def claw_back(self, undo: Entry, earned: Entry) -> None:
        """From its own lots; what lapsed from them counts as taken; then from others; the rest is owed or forgiven."""
        lots, closed = self.lots_of(earned), self.accounts[undo.account].is_closed
        lapses = [entry for entry in self.entries if entry.kind in {"expire", "close"}]
        gone = sum(-points for entry in lapses for lot, points in entry.draws if lot in lots)
        counted = sum(entry.lapsed for entry in self.entries if entry.reverses is earned)
        left = self.take(undo, undo.points, lots)
        undo.lapsed = min(left, gone - counted)
        left = self.take(undo, left - undo.lapsed, self.usable_lots(undo.account))
        undo.forgiven, undo.buckets["arrears"] = (left, 0) if self.forgives or closed else (0, left)

    def expire(self, *, at: datetime, limit: int) -> None:
        """Book at most `limit` lots that have lapsed by `at`, the soonest first."""
        due = [lot for lot in self.lots if lot.remaining and lot.bucket == "spendable" and lot.expires_at <= at]
        due.sort(key=attrgetter("expires_at", "entry.account"))
        self.book_lapses(due[:limit], at, None, LONG_AGO)

    def merge(self, *, source: int, target: int, key: str, at: datetime) -> Entry:
        """All that `source` has moves into `target`, lot by lot, with expiry, day of earning and origin; it closes."""
        gives, takes, owed = self.account(source), self.account(target), self.bucket(source, "arrears")
        out = Entry("merge_out", source, 0, at, f"account:{target}", key, buckets=Counter(arrears=-owed))
        came = Entry("merge_in", target, 0, at, f"account:{source}", caused_by=out, buckets=Counter(arrears=owed))
        if earlier := self.made_before(out, self.family(source)):  # it is this one that moves, wherever it lives on
            return earlier
        refuse(
            invalid_merge=source == target or gives.asset != takes.asset,
            account_closed=gives.is_closed or takes.is_closed,
            invalid_key=not 1 <= len(key) <= 200,
            hold_open=self.bucket(source, "held") + self.bucket(target, "held") > 0,
        )
        now = max(self.now(source, at), self.now(target, at))
        self.append(out, now)
        self.append(came, now)
        for lot in self.lots_in(source):
            new = Lot(came, lot.remaining, lot.earned_at, lot.expires_at, lot.origin or lot, lot.bucket)
            self.move(came, new, new.points)
            self.move(out, lot, -new.points)
        out.points = came.points = came.buckets["spendable"] + came.buckets["pending"]
        gives.is_closed, gives.merged_into = True, target
        self.settle(came, self.usable_lots(target), now)
        return out

    def close_account(self, *, account: int, at: datetime) -> Entry:
        """What is left is given up, what is owed is forgiven. Asked again: the same entry."""
        row, owed = self.account(account), self.bucket(account, "arrears")
        if earlier := self.first(kind="close", account=account):
            return earlier
        refuse(account_closed=row.is_closed, hold_open=self.bucket(account, "held") > 0)
        end = Entry("close", account, 0, at, "close", forgiven=owed, buckets=Counter(arrears=-owed))
        self.append(end)
        for lot in self.lots_in(account):
            end.points += lot.remaining
            self.move(end, lot, -lot.remaining)
        row.is_closed = True
        return end

    # What an account has

    def bucket(self, account: int, name: str, until: datetime = NEVER) -> int:
        """`spendable`, `pending`, `held` or `arrears`: the sum of the entries' column."""
        entries = [entry for entry in self.entries if entry.account == account and entry.occurred_at <= until]
        return sum(entry.buckets[name] for entry in entries)

    def available(self, account: int, at: datetime) -> int:
        """What can be spent: not what has lapsed, even if nobody has booked that yet."""
        now = self.now(account, at)
        return sum(lot.remaining for lot in self.usable_lots(account) if lot.expires_at > now)

    def lapsing(self, account: int, at: datetime) -> list[tuple[datetime, int]]:
        """When what can still be used will lapse, the soonest first."""
        now, moments = self.now(account, at), Counter[datetime]()
        for lot in self.usable_lots(account):
            if now < lot.expires_at < NEVER:
                moments[lot.expires_at] += lot.remaining
        return sorted(moments.items())

    def balance_as_of(self, account: int, at: datetime) -> int:
        """Spendable points at a past instant, as today's entries tell it."""
        lapsed = sum(lot.remaining for lot in self.usable_lots(account) if lot.expires_at <= at)
        return self.bucket(account, "spendable", until=at) - lapsed

    def closing(self, hold: Entry) -> Entry | None:
        """The entry that captured or released a hold; none while it is open."""
        return self.first(kind="capture", caused_by=hold) or self.first(kind="release", caused_by=hold)

    def is_bad_expiry(self, account: int, at: datetime, expires_at: datetime) -> bool:
        """Points expire after they came; growth never does."""
        return expires_at <= at or (self.accounts[account].asset == "growth" and expires_at < NEVER)

    def account(self, account: int) -> Account:
        """Its row, of one that there is."""
        refuse(account_not_found=not 0 <= account < len(self.accounts))
        return self.accounts[account]

    def survivor(self, account: int) -> int:
        """The account that this one lives on in after merges; itself when there was none."""
        into = self.accounts[account].merged_into
        return account if into is None else self.survivor(into)

    def family(self, account: int) -> list[int]:
        """This account and all that were merged into it, the nearest first."""
        family = [account]
        for member in family:
            family += [other for other, row in enumerate(self.accounts) if row.merged_into == member]
        return family

    def now(self, account: int, at: datetime) -> datetime:
        """Lapses are judged by the later of `at` and the latest business: a clock that goes back revives nothing."""
        family = self.family(account)
        return max([at, *(entry.occurred_at for entry in self.entries if entry.account in family)])

    def first(self, **what: Any) -> Entry | None:
        """The first entry that is like that."""
        return next((entry for entry in self.entries if what.items() <= vars(entry).items()), None)

    def made_before(self, draft: Entry, accounts: list[int]) -> Entry | None:
        """What the draft's key made in the first of these accounts that knows it; it must have meant the same."""
        earlier = next(filter(None, (self.first(account=account, key=draft.key) for account in accounts)), None)
        refuse(key_reused=earlier is not None and meaning_of(earlier) != meaning_of(draft))
        return earlier

    def lots_in(self, account: int) -> list[Lot]:
        """The lots that anything is left in."""
        return [lot for lot in self.lots if lot.entry.account == account and lot.remaining]

    def usable_lots(self, account: int) -> list[Lot]:
        """The lots that spendable points are in, in spending order."""
        return sorted(lot for lot in self.lots_in(account) if lot.bucket == "spendable")

    def lots_of(self, earned: Entry) -> list[Lot]:
        """Where points of that entry are or were: its own lot, those they came back in, those they were merged into."""
        return sorted(lot for lot in self.lots if earned in (lot.entry, lot.origin and lot.origin.entry))

    # How points move

    def append(self, draft: Entry, now: datetime | None = None) -> datetime:
        """Book what has lapsed, then the draft, which is its cause. Returns the moment by which lapses were judged."""
        now = now or self.now(draft.account, draft.occurred_at)
        self.book_lapses(self.usable_lots(draft.account), now, draft, LONG_AGO)
        self.entries.append(draft)
        return now

    def move(self, entry: Entry, lot: Lot, points: int) -> None:
        """Nothing begins or changes a lot but a draw of an entry, and what an entry moves is the sum of its draws."""
        if lot not in self.lots:
            self.lots.append(lot)
        lot.remaining += points
        entry.buckets[lot.bucket] += points
        entry.draws.append((lot, points))

    def take(self, entry: Entry, points: int, lots: list[Lot]) -> int:
        """Draw up to `points` from the lots in this order. Returns how many are still to be taken."""
        for lot in lots:
            if part := min(points, lot.remaining):
                self.move(entry, lot, -part)
                points -= part
        return points

    def put_back(self, drawing: Entry, start: int, stop: int, entry: Entry, now: datetime) -> None:
        """Give back what `drawing` drew from its `start`th point to before its `stop`th: the last drawn first.

        Points come back into their lot, with its expiry. What lapsed meanwhile comes in a new lot that lives for the
        grace; what was drawn before a merge comes in a new lot of the account where it lives now.
        """
        place = -sum(points for _, points in drawing.draws)
        for lot, drawn in reversed(drawing.draws):
            part = min(place, stop) - max(place + drawn, start)
            place += drawn
            if part > 0:
                expires_at = self.with_grace(lot, now)
                is_same = (lot.entry.account, lot.expires_at) == (entry.account, expires_at)
                new = Lot(entry, part, lot.earned_at, expires_at, lot.origin or lot)
                self.move(entry, lot if is_same else new, part)
        self.settle(entry, [lot for lot, _ in entry.draws], now)

    def with_grace(self, lot: Lot, now: datetime) -> datetime:
        """When points expire that come into this lot now."""
        return now + self.grace if self.grace and lot.expires_at <= now else lot.expires_at

    def settle(self, entry: Entry, lots: list[Lot], now: datetime) -> None:
        """What `entry` has brought into these lots pays arrears first; then what came back lapsed, lapses."""
        if owed := min(self.bucket(entry.account, "arrears"), self.bucket(entry.account, "spendable")):
            paid = Entry("repay", entry.account, owed, entry.occurred_at, entry.source, caused_by=entry)
            paid.buckets["arrears"] = -owed
            self.entries.append(paid)
            self.take(paid, owed, lots)
        self.book_lapses(lots, now, entry, entry.occurred_at)

    def book_lapses(self, lots: list[Lot], now: datetime, cause: Entry | None, not_before: datetime) -> None:
        """One entry per account and moment of lapse, which occurred then: but not before the points came back."""
        lapsed, source = [lot for lot in lots if lot.expires_at <= now], cause.source if cause else "expiry"
        for account, moment in sorted({(lot.entry.account, lot.expires_at) for lot in lapsed if lot.remaining}):
            gone = [lot for lot in lapsed if (lot.entry.account, lot.expires_at) == (account, moment)]
            points = sum(lot.remaining for lot in gone)
            entry = Entry("expire", account, points, max(moment, not_before), source, caused_by=cause)
            self.entries.append(entry)
            self.take(entry, points, gone)


def _found(row: Entry | None, what: str) -> Entry:
    if row is None:
        raise Refused(f"{what}_not_found")
    return row


def _refuse_malformed(draft: Entry) -> None:
    refuse(invalid_amount=not 1 <= draft.points <= LARGEST)
    refuse(invalid_key=not 1 <= len(draft.key or "") <= 200, invalid_source=len(draft.source) > 200)
