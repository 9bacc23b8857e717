"""Celery entry points of the ledger: bounded chunks, each a transaction of its own, safe to kill and to run twice."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from config.core.db import edge_transaction
from points import ledger
from points.services import day_totals, reminders, sealing


@shared_task(name="points.expire")
def expire(*, at: str | None = None, limit: int = 5000) -> None:
    """Book what has lapsed, one chunk of `limit` lots per run; queues itself for the next chunk until nothing is left.

    Safe to run twice and to be killed: a chunk is one transaction, and a booked lot has nothing left to book.
    """
    moment = datetime.fromisoformat(at) if at else timezone.now()
    with edge_transaction():
        report = ledger.expire(at=moment, limit=limit)
    if report.lots == limit:
        expire.apply_async(kwargs={"at": moment.isoformat(), "limit": limit})


@shared_task(name="points.remind_lapsing")
def remind_lapsing(*, at: str | None = None, limit: int = 2000) -> None:
    """Tell of points that lapse soon, chunk by chunk, then forget old reminders."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    place: reminders.Place | None = reminders.START
    while place is not None:
        with edge_transaction():
            place = reminders.remind_next(after=place, at=moment, limit=limit)
    forgotten = limit
    while forgotten == limit:
        with edge_transaction():
            forgotten = reminders.forget(at=moment, limit=limit)


@shared_task(name="points.seal")
def seal(*, upto: int | None = None, horizon: str = "", limit: int = 1000, wait: int = 60) -> int:
    """Seal the entries so far, chunk by chunk; how many. While an older transaction runs, try again after `wait`."""
    if upto is None:
        with edge_transaction():
            mark = sealing.mark()
    else:
        mark = sealing.Mark(upto=upto, horizon=horizon)
    total = 0
    while True:
        with edge_transaction():
            sealed = sealing.seal_next(mark=mark, at=timezone.now(), limit=limit)
        if sealed is None:
            kwargs = {"upto": mark.upto, "horizon": mark.horizon, "limit": limit, "wait": wait}
            seal.apply_async(kwargs=kwargs, countdown=wait)
        if not sealed:
            return total
        total += sealed


@shared_task(name="points.close_days")
def close_days(*, at: str | None = None, limit: int = 31) -> None:
    """Keep the sums of days that are over, `limit` of them per run; queues itself until none is left."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    with edge_transaction():
        closing = day_totals.close_days(at=moment, limit=limit)
    if closing.has_more:
        close_days.apply_async(kwargs={"at": moment.isoformat(), "limit": limit})


@shared_task(name="points.check_day_totals")
def check_day_totals() -> int:
    """Add all closed days up again from the entries; how many sums differ. Finance's page shows that number."""
    with edge_transaction():
        return len(day_totals.check_totals(at=timezone.now()))
