"""What the ledger's verbs share: the lists, the balances that are sums over them, and how points move between lots."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from points.rules.rows import Account, Entry, Hold, Lot, in_spending_order


@dataclass
class Journal:
    """Every account, under one policy: how long returned points live, whether what can't be taken back is forgiven."""

    grace: timedelta = timedelta(days=7)
    forgives: bool = False
    accounts: list[Account] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)

    # What an account has

    def bucket(self, account: int, name: str) -> int:
        """`spendable`, `pending`, `held` or `arrears`: the sum of the entries' column."""
        return sum(getattr(entry, name) for entry in self.entries if entry.account == account)

    def available(self, account: int, at: datetime) -> int:
        """What can be spent: spendable points, but for those that have lapsed and nobody has booked yet."""
        lapsed = self.lapsed_lots(account, self.now(account, at))
        return self.bucket(account, "spendable") - sum(lot.remaining for lot in lapsed)

    def lapsing(self, account: int, at: datetime) -> list[tuple[datetime, int]]:
        """When what can still be used will lapse, the soonest first."""
        now, moments = self.now(account, at), dict[datetime, int]()
        for lot in self.confirmed_lots(account):
            if lot.remaining and lot.expires_at and lot.expires_at > now:
                moments[lot.expires_at] = moments.get(lot.expires_at, 0) + lot.remaining
        return sorted(moments.items())

    def balance_as_of(self, account: int, at: datetime) -> int:
        """Spendable points at a past instant, as today's entries tell it."""
        booked = sum(entry.spendable for entry in self.entries if entry.account == account and entry.occurred_at <= at)
        return booked - sum(lot.remaining for lot in self.lapsed_lots(account, at))

    def now(self, account: int, at: datetime) -> datetime:
        """Lapses are judged by the later of `at` and the latest business: a clock that goes back revives nothing."""
        family = self.family(account)
        return max([at, *(entry.occurred_at for entry in self.entries if entry.account in family)])

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

    def confirmed_lots(self, account: int) -> list[Lot]:
        """The lots that spendable points are in, in spending order."""
        return in_spending_order(lot for lot in self.lots if lot.entry.account == account and not lot.pending)

    def lapsed_lots(self, account: int, now: datetime) -> list[Lot]:
        return [lot for lot in self.confirmed_lots(account) if lot.has_lapsed(now)]

    def lots_of(self, earned: Entry) -> list[Lot]:
        """Where points of that entry are or were: its own lot, those they came back in, those they were merged into."""
        return in_spending_order(lot for lot in self.lots if earned in (lot.entry, lot.origin and lot.origin.entry))

    # How points move

    def move(self, entry: Entry, lot: Lot, points: int) -> None:
        """Nothing changes a lot but a draw of an entry, and what an entry moves is the sum of its draws."""
        lot.remaining += points
        entry.draws.append((lot, points))
        _count(entry, lot, points)

    def add_lot(self, lot: Lot) -> None:
        """Points begin in a lot of their own, which belongs to an entry."""
        lot.remaining = lot.points
        self.lots.append(lot)
        _count(lot.entry, lot, lot.points)

    def take(self, entry: Entry, points: int, lots: Iterable[Lot]) -> int:
        """Draw up to `points` from the lots in this order. Returns how many are still to be taken."""
        for lot in lots:
            part = min(points, lot.remaining)
            if part:
                self.move(entry, lot, -part)
            points -= part
        return points

    def put_back(self, drawing: Entry, start: int, stop: int, entry: Entry, now: datetime) -> None:
        """Give back what `drawing` drew from its `start`th point to before its `stop`th: the last drawn first.

        Points come back into their lot, with its expiry. What lapsed meanwhile comes in a new lot that lives for the
        grace; what was drawn before a merge comes in a new lot of the account where it lives now.
        """
        lots, place = [], sum(-points for _, points in drawing.draws)
        for lot, drawn in reversed(drawing.draws):
            part = min(place, stop) - max(place + drawn, start)
            place += drawn
            if part <= 0:
                continue
            has_grace = lot.has_lapsed(now) and self.grace
            if has_grace or lot.entry.account != entry.account:
                expires_at = now + self.grace if has_grace else lot.expires_at
                lot = Lot(entry, part, lot.earned_at, expires_at, origin=lot.origin or lot)
                self.add_lot(lot)
            else:
                self.move(entry, lot, part)
            lots.append(lot)
        self.settle(entry, lots, now)

    def settle(self, entry: Entry, lots: Iterable[Lot], now: datetime) -> None:
        """What `entry` has brought into these lots pays arrears first; then what came back lapsed, lapses."""
        self.repay(entry, lots)
        self.book_lapses(entry.account, now, cause=entry, not_before=entry.occurred_at)

    def repay(self, cause: Entry, lots: Iterable[Lot]) -> None:
        """Pay arrears from these lots, as an entry of its own."""
        account = cause.account
        points = min(self.bucket(account, "arrears"), self.bucket(account, "spendable"))
        if points:
            paid = Entry("repay", account, points, cause.occurred_at, cause.source, caused_by=cause, arrears=-points)
            self.entries.append(paid)
            self.take(paid, points, lots)

    def book_lapses(self, account: int, now: datetime, *, cause: Entry, not_before: datetime | None = None) -> None:
        """Book what has lapsed, on account of `cause`."""
        self.expire_lots(account, self.lapsed_lots(account, now), cause.source, cause, not_before)

    def expire_lots(
        self, account: int, lots: list[Lot], source: str, cause: Entry | None = None, not_before: datetime | None = None
    ) -> None:
        """One entry per moment of lapse, which occurred at that moment: but not before the points came back."""
        for moment in sorted({lot.expires_at for lot in lots if lot.remaining and lot.expires_at}):
            gone = [lot for lot in lots if lot.expires_at == moment]
            points = sum(lot.remaining for lot in gone)
            entry = Entry("expire", account, points, max(moment, not_before or moment), source, caused_by=cause)
            self.entries.append(entry)
            self.take(entry, points, gone)


def _count(entry: Entry, lot: Lot, points: int) -> None:
    if lot.pending:
        entry.pending += points
    else:
        entry.spendable += points
