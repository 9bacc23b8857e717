"""A member's points in words: the statement, one entry of it, what lapses soon."""

from dataclasses import dataclass
from datetime import datetime

from config.core.errors import NotFound
from config.core.time import add_months, local_date, month_end
from members.models import PointsNote
from members.rules.statement import wording
from points import ledger
from points.selectors import entries as reads
from points.selectors.entries import Direction, DrawRow, EntryRow, LotRow


@dataclass(frozen=True, kw_only=True)
class StatementRow:
    """One entry in words. `points` is the signed change of what can be used; `owed` that of what is owed.

    `pending` is the change of what has been earned and can't be used yet.
    """

    id: int
    title: str
    icon: str
    note: str
    kind: str
    points: int
    pending: int
    owed: int
    spendable_after: int
    source: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """Entries, newest first; `next_before` asks for the page after, None: there is none."""

    rows: tuple[StatementRow, ...]
    next_before: int | None


@dataclass(frozen=True, kw_only=True)
class EntryInWords:
    """One entry with the lots it made and the draws on others.

    `receipt_entry_id` is the earning whose receipt explains it. Of a clawback, `lapsed_before` had gone already and
    `forgiven` was let off.
    """

    row: StatementRow
    note: str
    lots: tuple[LotRow, ...]
    draws: tuple[DrawRow, ...]
    receipt_entry_id: int | None
    lapsed_before: int
    forgiven: int


@dataclass(frozen=True, kw_only=True)
class Assets:
    """What a member has, and how much of it lapses next within this month or the coming one."""

    points: int
    pending: int
    held: int
    arrears: int
    lapsing_points: int
    lapsing_at: datetime | None


def statement(
    *, account: int, direction: Direction = "all", before: int | None = None, limit: int = 20
) -> StatementPage:
    """One page of an account: all of it, or what was earned, spent, or lapsed. One query."""
    found = reads.entries(account=account, direction=direction, before=before, limit=limit + 1)
    rows = tuple(_worded(row) for row in found[:limit])
    return StatementPage(rows=rows, next_before=rows[-1].id if len(found) > limit else None)


def entry_in_words(*, account: int, entry_id: int) -> EntryInWords:
    """One entry of that account. Four queries. Raises NotFound for anybody else's."""
    entry = reads.entry(account=account, entry_id=entry_id)
    if entry is None:
        raise NotFound()
    is_clawback = entry.kind == "clawback"
    note = PointsNote.objects.filter(entry_id=entry_id).values_list("text", flat=True).first()
    return EntryInWords(
        row=_worded(entry),
        note=note or "",
        lots=tuple(reads.lots_made(entry_id=entry_id)),
        draws=tuple(reads.draws_made(entry_id=entry_id)),
        receipt_entry_id=entry.id if entry.kind == "earn" else entry.reverses_id if is_clawback else None,
        lapsed_before=entry.lapsed,
        forgiven=entry.forgiven,
    )


def _worded(row: EntryRow) -> StatementRow:
    words = wording(kind=row.kind, source=row.source, hold_status=row.hold_status)
    return StatementRow(
        id=row.id,
        title=words.title,
        icon=words.icon,
        note=words.note or _standing_of(row),
        kind=row.kind,
        points=row.spendable,
        pending=row.pending,
        owed=row.arrears,
        spendable_after=row.spendable_after,
        source=row.source,
        occurred_at=row.occurred_at,
    )


def _standing_of(row: EntryRow) -> str:
    if row.pending > 0:
        return f"{row.pending:,} 积分待生效"
    return f"另有 {row.arrears:,} 分待抵扣" if row.arrears > 0 else ""


def assets(*, account: int, at: datetime) -> Assets:
    """Balance, and what lapses next if that is before the end of the coming month. One query."""
    return assets_in(balance=ledger.balance(account=account, at=at), at=at)


def assets_in(*, balance: ledger.Balance, at: datetime) -> Assets:
    """The same, of a balance that is known. No query."""
    end = month_end(add_months(local_date(at), 1))
    lapsing_at, lapsing_points = next(((m, p) for m, p in balance.lapsing if m <= end), (None, 0))
    return Assets(
        points=balance.spendable,
        pending=balance.pending,
        held=balance.held,
        arrears=balance.arrears,
        lapsing_points=lapsing_points,
        lapsing_at=lapsing_at,
    )
