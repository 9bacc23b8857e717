"""Sealing the day's entries: range after range is hashed and chained, only below the oldest running transaction."""

from dataclasses import dataclass
from datetime import datetime

from config.core.db import fetch_one, transaction_required


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Where seals may end: every entry up to `upto` is there once all transactions before `horizon` have ended."""

    upto: int
    horizon: str


@transaction_required
def mark() -> Mark:
    """The last id that was taken, and which transactions must end before it may be sealed.

    Needs a transaction that has written nothing, and that ends before `seal_next`.
    """
    row = fetch_one("SELECT upto, horizon::text FROM ledger_seal_mark()", {})
    assert row is not None, "ledger_seal_mark returns a row"
    return Mark(upto=row[0], horizon=row[1])


@transaction_required
def seal_next(*, mark: Mark, at: datetime, limit: int) -> int | None:
    """Seal the next `limit` entries up to the mark; how many there were, 0 when all are sealed.

    None: a transaction that is older than the mark still runs, and may yet bring an entry; try again later.
    """
    row = fetch_one(
        "SELECT ledger_seal_next(%(upto)s, %(horizon)s::xid8, %(limit)s, %(at)s)",
        {"upto": mark.upto, "horizon": mark.horizon, "limit": limit, "at": at},
    )
    assert row is not None, "ledger_seal_next returns a row"
    sealed: int | None = row[0]
    return sealed
