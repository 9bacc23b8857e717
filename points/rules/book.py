"""The points ledger as its rules have it: the executable specification of the SQL kernel.

Each verb of `points.ledger` is here. Slow and obvious on purpose: nothing is kept that can be summed. A verb says no by
raising Refused before it changes anything; the key is looked at before anything else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import EllipsisType
from typing import Any, TypeVar

from points.rules.journal import Journal
from points.rules.rows import NEVER, Account, Entry, Hold, Lot, Refused, refuse_unless

LARGEST = 10**12
Row = TypeVar("Row")


class Book(Journal):
    """The verbs."""

    def open_account(self, *, asset: str) -> int:
        self.accounts.append(Account(asset))
        return len(self.accounts) - 1

    def earn(self, *, account: int, points: int, key: str, source: str, at: datetime, **lot: Any) -> Entry:
        """Points begin in a `lot` (expires_at=, pending=) of their own and pay arrears first; pending ones wait."""
        return self._credit(Entry("earn", account, points, at, source, key, points), **lot)

    def post_many(self, postings: Sequence[Mapping[str, Any]]) -> list[Entry]:
        """As if earned one after the other; one refusal refuses all."""
        entries, lots = len(self.entries), len(self.lots)
        try:
            return [self.earn(**posting) for posting in postings]
        except Refused:
            del self.entries[entries:], self.lots[lots:]
            raise

    def confirm(self, *, entry: Entry | None, at: datetime, expires_at: datetime | EllipsisType | None = ...) -> Entry:
        """What is left of a pending earn becomes spendable, once.

        Without `expires_at` it keeps its expiry; what would have lapsed while it was pending lives for the grace.
        """
        earned = _found(entry, "entry")
        for earlier in self.entries:
            if earlier.kind == "confirm" and earlier.caused_by is earned:
                return earlier
        account = self.survivor(earned.account)
        refuse_unless(not self.accounts[account].is_closed, "account_closed")
        refuse_unless(earned.kind == "earn" and earned.pending > 0, "not_pending")
        if not isinstance(expires_at, EllipsisType):
            self._refuse_bad_expiry(account, at, expires_at)
        lots = [lot for lot in self.lots_of(earned) if lot.remaining]
        refuse_unless(lots != [], "already_reversed")
        confirmed = Entry("confirm", account, 0, at, earned.source, caused_by=earned)
        now = self._append_after_lapses(confirmed)
        for lot in lots:
            confirmed.points += lot.remaining
            lot.pending = False
            if not isinstance(expires_at, EllipsisType):
                lot.expires_at = expires_at
            elif lot.has_lapsed(now) and self.grace:
                lot.expires_at = now + self.grace
        confirmed.spendable, confirmed.pending = confirmed.points, -confirmed.points
        self.settle(confirmed, lots, now)
        return confirmed

    def spend(self, *, account: int, points: int, key: str, source: str, at: datetime) -> Entry:
        """Points leave the soonest-expiring lots; what has lapsed is booked before."""
        return self._debit(Entry("spend", account, points, at, source, key, points))

    def adjust(self, *, account: int, points: int, key: str, source: str, at: datetime, **lot: Any) -> Entry:
        """Up like an earn, down like a spend."""
        draft = Entry("adjust", account, abs(points), at, source, key, requested=points)
        return self._debit(draft) if points < 0 else self._credit(draft, **lot)

    def hold(self, *, account: int, points: int, key: str, source: str, at: datetime) -> Hold:
        """Points leave their lots for an unpaid order. Asked again: the hold as it stands now."""
        entry = self._debit(Entry("hold", account, points, at, source, key, points, held=points))
        for hold in self.holds:
            if hold.entry is entry:
                return hold
        self.holds.append(Hold(entry, points))
        return self.holds[-1]

    def capture(self, *, hold: Hold | None, at: datetime, points: int | None = None) -> Entry:
        """Held points are gone for good, however late: the soonest-expiring `points` of them; the rest is released."""
        held = _found(hold, "hold")
        if held.closing:
            return _closed_alike(held, "captured", points)
        taken = held.points if points is None else points
        refuse_unless(taken >= 1, "invalid_amount")
        refuse_unless(taken <= held.points, "insufficient_points")
        made = held.entry
        entry = Entry("capture", made.account, taken, at, made.source, requested=points, caused_by=made, held=-taken)
        self.entries.append(entry)
        if taken < held.points:
            self._let_go(held, taken, at, cause=entry)
        held.status, held.closing = "captured", entry
        return entry

    def release(self, *, hold: Hold | None, at: datetime) -> Entry:
        """Held points go back to their lots."""
        held = _found(hold, "hold")
        if held.closing:
            return _closed_alike(held, "released", None)
        held.status, held.closing = "released", self._let_go(held, 0, at, cause=held.entry)
        return held.closing

    def reverse(self, *, entry: Entry | None, key: str, at: datetime, points: int | None = None) -> Entry:
        """Undo an entry, or `points` of it: what it took is restored, what it gave is clawed back."""
        original = _found(entry, "entry")
        kind = _reversal_of(original)
        undo = Entry(kind or "", original.account, 0, at, original.source, key, points, reverses=original)
        if earlier := self._repeated(undo):
            return earlier
        refuse_unless(kind is not None, "not_reversible")
        left = original.points - sum(other.points for other in self.entries if other.reverses is original)
        refuse_unless(left > 0, "already_reversed")
        undo.points = left if points is None else points
        _refuse_malformed(undo)
        refuse_unless(undo.points <= left, "reversal_too_large")
        if self.accounts[undo.account].is_closed:
            return self._reverse_too_late(undo, original)
        now = self._append_after_lapses(undo)
        if kind == "clawback":
            self._claw_back(undo, original)
        else:
            drawing = original.caused_by if original.kind == "capture" else original
            self.put_back(_found(drawing, "entry"), left - undo.points, left, undo, now)
        return undo

    def expire(self, *, at: datetime, limit: int) -> None:
        """Book at most `limit` lots that have lapsed by `at`, the soonest first."""
        accounts = range(len(self.accounts))
        due = [lot for lot in self.lots if lot.remaining and not lot.pending and lot.has_lapsed(at)]
        due = sorted(due, key=lambda lot: (lot.expires_at or NEVER, lot.entry.account))[:limit]
        for account in accounts:
            self.expire_lots(account, [lot for lot in due if lot.entry.account == account], "expiry")

    def merge(self, *, source: int, target: int, key: str, at: datetime) -> Entry:
        """All that `source` has moves into `target`, lot by lot, with expiry, day of earning and origin; it closes."""
        gives, takes = self._account(source), self._account(target)
        out = Entry("merge_out", source, 0, at, f"account:{target}", key)
        came = Entry("merge_in", target, 0, at, f"account:{source}", caused_by=out)
        if earlier := self._made_by_key(
            out, self.family(source)
        ):  # it is this account that moves, wherever it lives on
            return earlier
        refuse_unless(source != target and gives.asset == takes.asset, "invalid_merge")
        refuse_unless(not gives.is_closed and not takes.is_closed, "account_closed")
        refuse_unless(1 <= len(key) <= 200, "invalid_key")
        refuse_unless(self.bucket(source, "held") == self.bucket(target, "held") == 0, "hold_open")
        now = max(self.now(source, at), self.now(target, at))
        for entry in (out, came):
            self.book_lapses(entry.account, now, cause=entry)
            self.entries.append(entry)
        for lot in [lot for lot in self.lots if lot.entry.account == source and lot.remaining]:
            self.add_lot(Lot(came, lot.remaining, lot.earned_at, lot.expires_at, lot.origin or lot, lot.pending))
            self.move(out, lot, -lot.remaining)
        out.points = came.points = came.spendable + came.pending
        came.arrears, out.arrears = self.bucket(source, "arrears"), -self.bucket(source, "arrears")
        gives.is_closed, gives.merged_into = True, target
        self.repay(came, self.confirmed_lots(target))
        return out

    def close_account(self, *, account: int, at: datetime) -> Entry:
        """What is left is given up, what is owed is forgiven. Asked again: the same entry."""
        row = self._account(account)
        refuse_unless(row.merged_into is None, "account_closed")
        for entry in self.entries:
            if entry.account == account and entry.kind == "close":
                return entry
        refuse_unless(self.bucket(account, "held") == 0, "hold_open")
        end = Entry("close", account, 0, at, "close")
        self._append_after_lapses(end)
        for lot in [lot for lot in self.lots if lot.entry.account == account and lot.remaining]:
            self.move(end, lot, -lot.remaining)
        end.points = -end.spendable - end.pending
        end.forgiven = self.bucket(account, "arrears")
        end.arrears = -end.forgiven
        row.is_closed = True
        return end

    # How they are made

    def _credit(self, draft: Entry, expires_at: datetime | None = None, pending: bool = False) -> Entry:
        self._account(draft.account)
        if earlier := self._repeated(draft):
            return earlier
        refuse_unless(not self.accounts[draft.account].is_closed, "account_closed")
        _refuse_malformed(draft)
        self._refuse_bad_expiry(draft.account, draft.occurred_at, expires_at)
        self.entries.append(draft)
        lot = Lot(draft, draft.points, draft.occurred_at, expires_at, pending=pending)
        self.add_lot(lot)
        self.repay(draft, [lot])
        return draft

    def _debit(self, draft: Entry) -> Entry:
        asset = self._account(draft.account).asset
        if earlier := self._repeated(draft):
            return earlier
        refuse_unless(not self.accounts[draft.account].is_closed, "account_closed")
        _refuse_malformed(draft)
        refuse_unless(asset != "growth" or draft.kind == "adjust", "not_spendable")
        refuse_unless(draft.points <= self.available(draft.account, draft.occurred_at), "insufficient_points")
        self._append_after_lapses(draft)
        self.take(draft, draft.points, self.confirmed_lots(draft.account))
        return draft

    def _claw_back(self, undo: Entry, earned: Entry) -> None:
        """From its own lots; what lapsed from them counts as taken; then from others; the rest is owed or forgiven."""
        left = self.take(undo, undo.points, self.lots_of(earned))
        undo.lapsed = min(left, self._lapsed_of(earned))
        left = self.take(undo, left - undo.lapsed, self.confirmed_lots(undo.account))
        undo.forgiven, undo.arrears = (left, 0) if self.forgives else (0, left)

    def _reverse_too_late(self, undo: Entry, original: Entry) -> Entry:
        """In a closed account nothing moves: what would come back lapses, what would be owed is forgiven."""
        undo.lapsed = undo.points if undo.kind == "restore" else min(undo.points, self._lapsed_of(original))
        undo.forgiven = undo.points - undo.lapsed
        self.entries.append(undo)
        return undo

    def _lapsed_of(self, earned: Entry) -> int:
        """What lapsed of an earn, or was given up with its account, and no clawback has counted yet."""
        lots = self.lots_of(earned)
        lapses = [entry for entry in self.entries if entry.kind in {"expire", "close"}]
        gone = sum(-points for entry in lapses for lot, points in entry.draws if lot in lots)
        return gone - sum(entry.lapsed for entry in self.entries if entry.reverses is earned)

    def _let_go(self, hold: Hold, kept: int, at: datetime, cause: Entry) -> Entry:
        """Give back what a hold has beyond `kept`."""
        made, points = hold.entry, hold.points - kept
        entry = Entry("release", made.account, points, at, made.source, caused_by=cause, held=-points)
        now = self._append_after_lapses(entry)
        self.put_back(made, kept, hold.points, entry, now)
        return entry

    def _append_after_lapses(self, draft: Entry) -> datetime:
        """Book what has lapsed, then the draft, which is its cause. Returns the moment by which lapses were judged."""
        now = self.now(draft.account, draft.occurred_at)
        self.book_lapses(draft.account, now, cause=draft)
        self.entries.append(draft)
        return now

    def _repeated(self, draft: Entry) -> Entry | None:
        """What the draft's key made before; if nothing, the draft goes to the account that its own lives on in.

        A key is looked for in the account itself, then in the one it was merged into and in all that were merged there.
        """
        survivor = self.survivor(draft.account)
        earlier = self._made_by_key(draft, [draft.account, *self.family(survivor)])
        draft.account = survivor
        return earlier

    def _made_by_key(self, draft: Entry, accounts: list[int]) -> Entry | None:
        for account in accounts:
            for entry in self.entries:
                if entry.account == account and entry.key == draft.key:
                    refuse_unless(entry.means_the_same_as(draft), "key_reused")
                    return entry
        return None

    def _account(self, account: int) -> Account:
        refuse_unless(0 <= account < len(self.accounts), "account_not_found")
        return self.accounts[account]

    def _refuse_bad_expiry(self, account: int, at: datetime, expires_at: datetime | None) -> None:
        if expires_at is not None:
            refuse_unless(expires_at > at and self.accounts[account].asset != "growth", "invalid_expiry")


def _refuse_malformed(draft: Entry) -> None:
    refuse_unless(1 <= draft.points <= LARGEST, "invalid_amount")
    refuse_unless(1 <= len(draft.key or "") <= 200, "invalid_key")
    refuse_unless(len(draft.source) <= 200, "invalid_source")


def _found(row: Row | None, what: str) -> Row:
    if row is None:
        raise Refused(f"{what}_not_found")
    return row


def _closed_alike(hold: Hold, status: str, requested: int | None) -> Entry:
    """A closed hold answers the question that closed it with the same entry."""
    closing = _found(hold.closing, "entry")
    refuse_unless((hold.status, closing.requested) == (status, requested), "hold_closed")
    return closing


def _reversal_of(entry: Entry) -> str | None:
    """What undoing an entry is called; none: it follows from another and can't be undone by itself."""
    if entry.kind in {"spend", "capture"} or (entry.kind == "adjust" and entry.spendable < 0):
        return "restore"
    return "clawback" if entry.kind in {"earn", "adjust"} else None
