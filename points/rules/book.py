"""One account as the rules have it: entries, lots, draws and holds in lists, ids are places in them.

Slow and obvious on purpose: every balance is summed anew. A verb says no by raising Refused before it changes anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from points.rules.rows import Draw, Entry, Hold, Lot

LARGEST = 10**12


class Refused(Exception):
    """A refusal with the kernel's code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass
class Book:
    """One account."""

    grace: timedelta = timedelta(days=7)
    forgives: bool = False
    entries: list[Entry] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)

    @property
    def spendable(self) -> int:
        return sum(entry.spendable for entry in self.entries)

    @property
    def held(self) -> int:
        return sum(entry.held for entry in self.entries)

    @property
    def arrears(self) -> int:
        return sum(entry.arrears for entry in self.entries)

    def now(self, at: datetime) -> datetime:
        """Lapses are decided by the later of `at` and the latest business."""
        return max([at, *(entry.occurred_at for entry in self.entries)])

    def available(self, at: datetime) -> int:
        """What can be spent at `at`."""
        now = self.now(at)
        return self.spendable - sum(lot.remaining for lot in self.lots if lot.is_lapsed(now))

    # Verbs

    def earn(
        self,
        *,
        points: int,
        key: str,
        source: str,
        at: datetime,
        expires_at: datetime | None = None,
        kind: str = "earn",
    ) -> Entry:
        if earlier := self._earlier(key, kind, points, source):
            return earlier
        _check_amount(points)
        if expires_at is not None and expires_at <= at:
            raise Refused("invalid_expiry")
        entry = self._book(kind, points, at, source, requested=points, spendable=points, key=key)
        self._add_lot(entry.id, points, at, expires_at)
        self._repay(entry)
        return entry

    def spend(self, *, points: int, key: str, source: str, at: datetime) -> Entry:
        return self._debit("spend", points, points, key, source, at)

    def adjust(self, *, points: int, key: str, source: str, at: datetime, expires_at: datetime | None = None) -> Entry:
        if points < 0:
            return self._debit("adjust", -points, points, key, source, at)
        return self.earn(points=points, key=key, source=source, at=at, expires_at=expires_at, kind="adjust")

    def hold(self, *, points: int, key: str, source: str, at: datetime) -> Hold:
        entry = self._debit("hold", points, points, key, source, at)
        for hold in self.holds:
            if hold.entry == entry.id:
                return hold
        self.holds.append(Hold(id=len(self.holds), entry=entry.id, points=points))
        return self.holds[-1]

    def capture(self, *, hold: int, at: datetime, points: int | None = None) -> Entry:
        held = self.holds[hold]
        if held.status != "open":
            return self._closed_before(held, "captured", points)
        taken = held.points if points is None else points
        if taken < 1:
            raise Refused("invalid_amount")
        if taken > held.points:
            raise Refused("insufficient_points")
        source = self.entries[held.entry].source
        entry = self._book("capture", taken, at, source, requested=points, held=-taken, caused_by=held.entry)
        if taken < held.points:
            self._give_up(held, taken, entry.id, source, at)
        held.status, held.closing = "captured", entry.id
        return entry

    def release(self, *, hold: int, at: datetime) -> Entry:
        held = self.holds[hold]
        if held.status != "open":
            return self._closed_before(held, "released", None)
        entry = self._give_up(held, 0, held.entry, self.entries[held.entry].source, at)
        held.status, held.closing = "released", entry.id
        return entry

    def reverse(self, *, entry: int, key: str, at: datetime, points: int | None = None) -> Entry:
        original = self.entries[entry]
        kind = _reversal_kind(original)
        if earlier := self._earlier(key, kind, points, original.source, reverses=entry):
            return earlier
        if kind is None:
            raise Refused("not_reversible")
        done = sum(other.points for other in self.entries if other.reverses == entry)
        left = original.points - done
        if left == 0:
            raise Refused("already_reversed")
        asked = left if points is None else points
        _check_amount(asked)
        if asked > left:
            raise Refused("reversal_too_large")
        if kind == "restore":
            return self._restore(original, done, asked, points, key, at)
        return self._claw_back(original, asked, points, key, at)

    def expire(self, *, at: datetime) -> None:
        """Book what has lapsed by `at`."""
        self._book_lapses(at, "expiry", by_job=True)

    # How they are made

    def _debit(self, kind: str, points: int, requested: int, key: str, source: str, at: datetime) -> Entry:
        if earlier := self._earlier(key, kind, requested, source):
            return earlier
        _check_amount(points)
        if points > self.available(at):
            raise Refused("insufficient_points")
        self._book_lapses(self.now(at), source)
        held = points if kind == "hold" else 0
        entry = self._book(kind, points, at, source, requested=requested, spendable=-points, held=held, key=key)
        self._take(entry.id, points, self.lots)
        return entry

    def _restore(self, original: Entry, done: int, points: int, requested: int | None, key: str, at: datetime) -> Entry:
        now = self.now(at)
        self._book_lapses(now, original.source)
        drawing = original.caused_by if original.kind == "capture" else original.id
        assert drawing is not None
        entry = self._book(
            "restore", points, at, original.source,
            requested=requested, spendable=points, key=key, reverses=original.id,
        )  # fmt: skip
        upto = original.points - done
        self._put_back(drawing, upto - points, upto, entry, now, self.grace)
        self._settle(entry, now)
        return entry

    def _claw_back(self, original: Entry, points: int, requested: int | None, key: str, at: datetime) -> Entry:
        self._book_lapses(self.now(at), original.source)
        roots = {lot.id for lot in self.lots if lot.entry == original.id}
        own = [lot for lot in self.lots if lot.id in roots or lot.origin in roots]
        ids = {lot.id for lot in own}
        gone = -sum(d.points for d in self.draws if d.lot in ids and self.entries[d.entry].kind == "expire")
        gone -= sum(other.lapsed for other in self.entries if other.reverses == original.id)
        from_own = min(points, sum(lot.remaining for lot in own))
        lapsed = min(points - from_own, gone)
        from_others = min(points - from_own - lapsed, self.spendable - from_own)
        rest = points - from_own - lapsed - from_others
        entry = self._book(
            "clawback", points, at, original.source,
            requested=requested, spendable=-from_own - from_others, arrears=0 if self.forgives else rest,
            lapsed=lapsed, forgiven=rest if self.forgives else 0, key=key, reverses=original.id,
        )  # fmt: skip
        self._take(entry.id, from_own, own)
        self._take(entry.id, from_others, self.lots)
        return entry

    def _give_up(self, hold: Hold, kept: int, cause: int, source: str, at: datetime) -> Entry:
        now = self.now(at)
        points = hold.points - kept
        self._book_lapses(now, source)
        entry = self._book("release", points, at, source, spendable=points, held=-points, caused_by=cause)
        self._put_back(hold.entry, kept, hold.points, entry, now, timedelta(0))
        self._settle(entry, now)
        return entry

    def _put_back(self, drawing: int, start: int, stop: int, entry: Entry, now: datetime, grace: timedelta) -> None:
        """Give the points drawn at places [start, stop) back, last drawn first."""
        slices, place = [], 0
        for draw in (draw for draw in self.draws if draw.entry == drawing):
            part = min(place - draw.points, stop) - max(place, start)
            place -= draw.points
            if part > 0:
                slices.append((self.lots[draw.lot], part))
        for lot, part in reversed(slices):
            if lot.expires_at is not None and lot.expires_at <= now and grace:
                origin = lot.id if lot.origin is None else lot.origin
                self._add_lot(entry.id, part, lot.earned_at, now + grace, origin)
            else:
                lot.remaining += part
                self.draws.append(Draw(entry=entry.id, lot=lot.id, points=part))

    def _settle(self, entry: Entry, now: datetime) -> None:
        """Arrears first; then what came back into a lapsed lot lapses at once."""
        self._repay(entry)
        self._book_lapses(now, entry.source, cause=entry)

    def _repay(self, cause: Entry) -> None:
        points = min(self.arrears, self.spendable)
        if points:
            entry = self._book(
                "repay", points, cause.occurred_at, cause.source, spendable=-points, arrears=-points, caused_by=cause.id
            )
            self._take(entry.id, points, self.lots)

    def _book_lapses(self, now: datetime, source: str, cause: Entry | None = None, by_job: bool = False) -> None:
        """One entry per moment of lapse, caused by `cause` or by the entry that is booked next."""
        lapsed = [lot for lot in self.lots if lot.is_lapsed(now)]
        moments = sorted({lot.expires_at for lot in lapsed if lot.expires_at is not None})
        caused_by = cause.id if cause else None if by_job else len(self.entries) + len(moments)
        for moment in moments:
            lots = [lot for lot in lapsed if lot.expires_at == moment]
            points = sum(lot.remaining for lot in lots)
            occurred_at = max(moment, cause.occurred_at) if cause else moment
            entry = self._book("expire", points, occurred_at, source, spendable=-points, caused_by=caused_by)
            self._take(entry.id, points, lots)

    def _take(self, entry: int, points: int, lots: Iterable[Lot]) -> None:
        """Draw in spending order: soonest expiry, then the older lot; lots that never expire last."""
        for lot in sorted(lots, key=_spending_order):
            part = min(points, lot.remaining)
            if part:
                lot.remaining -= part
                points -= part
                self.draws.append(Draw(entry=entry, lot=lot.id, points=-part))
        assert points == 0, "the lots hold what the balance says"

    def _add_lot(
        self, entry: int, points: int, earned_at: datetime, expires_at: datetime | None, origin: int | None = None
    ) -> None:
        self.lots.append(
            Lot(
                id=len(self.lots), entry=entry, points=points, remaining=points,
                earned_at=earned_at, expires_at=expires_at, origin=origin,
            )
        )  # fmt: skip

    def _book(self, kind: str, points: int, at: datetime, source: str, *, spendable: int = 0, **rest: object) -> Entry:
        entry = Entry(
            id=len(self.entries), kind=kind, points=points, occurred_at=at, source=source,
            spendable=spendable, spendable_after=self.spendable + spendable, **rest,  # type: ignore[arg-type]
        )  # fmt: skip
        self.entries.append(entry)
        return entry

    def _earlier(
        self, key: str, kind: str | None, requested: int | None, source: str, reverses: int | None = None
    ) -> Entry | None:
        """The entry that the key made, when it meant the same. Meaning: kind, requested points, source, entry named."""
        for entry in self.entries:
            if entry.key == key:
                if (entry.kind, entry.requested, entry.source, entry.reverses) != (kind, requested, source, reverses):
                    raise Refused("key_reused")
                return entry
        return None

    def _closed_before(self, hold: Hold, status: str, requested: int | None) -> Entry:
        assert hold.closing is not None
        closing = self.entries[hold.closing]
        if hold.status != status or closing.requested != requested:
            raise Refused("hold_closed")
        return closing


def _check_amount(points: int) -> None:
    if not 1 <= points <= LARGEST:
        raise Refused("invalid_amount")


def _reversal_kind(entry: Entry) -> str | None:
    if entry.kind in {"spend", "capture"} or (entry.kind == "adjust" and entry.spendable < 0):
        return "restore"
    return "clawback" if entry.kind in {"earn", "adjust"} else None


def _spending_order(lot: Lot) -> tuple[bool, float, datetime, int]:
    return (
        lot.expires_at is None,
        lot.expires_at.timestamp() if lot.expires_at else 0.0,
        lot.earned_at,
        lot.id,
    )
