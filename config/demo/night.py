"""The night after the demo's last day: history is sealed, days are closed, the ledger is audited."""

from datetime import datetime

from config.core.db import edge_transaction
from points.services import auditing, day_totals, sealing


def keep_the_books(*, at: datetime) -> None:
    """What the timetable does at four, so that finance's pages have their say."""
    with edge_transaction():
        mark = sealing.mark()
    sealed: int | None = 1
    while sealed:
        with edge_transaction():
            sealed = sealing.seal_next(mark=mark, at=at, limit=1000)
    with edge_transaction():
        day_totals.close_days(at=at, limit=31)
    with edge_transaction():
        run_id = auditing.begin(at=at)
    with edge_transaction():
        auditing.finish(run_id=run_id, at=at)
