"""Celery entry points of members."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from config.core import policies
from config.core.db import edge_transaction
from members.messaging import worker
from members.services import (
    broadcasts,
    closing,
    data_exports,
    devices,
    duplicates,
    gifts,
    invitations,
    login_codes,
    merge_requests,
    passwords,
    periods,
    plan_gifts,
    plan_reminders,
    segment_lists,
    segments,
    tags,
    tiers,
    traces,
)

logger = logging.getLogger(__name__)

_KEPT = timedelta(days=2)  # longer than any limit looks back


def _each(ids: Iterable[int], act: Callable[[int], int], *, failed: str) -> int:
    """What `act` did for all of them; one that fails is logged and tried again next time, the others go on."""
    done = 0
    for pk in ids:
        try:
            done += act(pk)
        except Exception:
            logger.exception(failed, extra={"row": pk})
    return done


@shared_task(name="members.reevaluate_tiers")
def reevaluate_tiers(cause: str = "ladder", limit: int = 5000) -> int:
    """Lift everyone whom the ladder as it is now lifts, chunk by chunk; how many moved. Safe to kill and run again."""
    moved, after = 0, 0
    while True:
        with edge_transaction():
            chunk = tiers.reevaluate_next(after_member_id=after, limit=limit, at=timezone.now(), cause=cause)
        moved += chunk.moved
        if chunk.last_member_id is None:
            return moved
        after = chunk.last_member_id


@shared_task(name="members.decide_tier_periods")
def decide_tier_periods(limit: int = 5000) -> int:
    """Decide the tier periods that are over, open those that are missing, then warn of those that end soon; how many
    members went down. Safe to kill and run again."""
    lowered = 0
    while True:
        with edge_transaction():
            decided = periods.decide_next(at=timezone.now(), limit=limit)
        lowered += decided.lowered
        if decided.decided == 0:
            break
    after: int | None = 0
    while after is not None:
        with edge_transaction():
            after = periods.open_missing(at=timezone.now(), after_member_id=after, limit=limit).last_member_id
    for days in periods.warning_steps():
        looked_at = 1
        while looked_at:
            with edge_transaction():
                looked_at = periods.warn_next(at=timezone.now(), days=days, limit=limit)
    return lowered


@shared_task(name="members.promise_gifts")
def promise_gifts(limit: int = 5000) -> int:
    """Promise the month's packs and the day's birthday gifts; how many. Safe to kill and run again."""
    promised = 0
    for promise in (
        gifts.promise_monthly,
        gifts.promise_birthdays,
        plan_gifts.promise_monthly,
        plan_gifts.promise_birthdays,
    ):
        after: int | None = 0
        while after is not None:
            with edge_transaction():
                chunk = promise(at=timezone.now(), after_member_id=after, limit=limit)
            promised, after = promised + chunk.promised, chunk.last_member_id
    return promised


@shared_task(name="members.refresh_segments")
def refresh_segments(segment_id: int | None = None) -> int:
    """Bring one segment up to date, or all that are in use, chunk by chunk; how many came in or went. Safe to kill and
    run again: a refresh that was cut off goes on where it was."""
    if segment_id is not None:
        return _refresh(segment_id)
    take_segment_lists()
    drop_ruleless_tags()
    return _each(segments.to_refresh(), _refresh, failed="a segment could not be refreshed")


@shared_task(name="members.take_segment_lists")
def take_segment_lists() -> int:
    """Read the lists that staff uploaded, chunk by chunk, and put each into its segment; how many lists. Safe to kill
    and run again: a list that was cut off goes on where it was."""
    with edge_transaction():
        segment_lists.drop_old(at=timezone.now())
    return _each(segment_lists.waiting_ids(), _take_list, failed="a list could not be taken")


def _take_list(upload_id: int) -> int:
    try:
        for cells, before in segment_lists.chunks(upload_id=upload_id):
            with edge_transaction():
                segment_lists.note(upload_id=upload_id, cells=cells, lines_before=before)
        with edge_transaction():
            segment_id = segment_lists.finish(upload_id=upload_id, at=timezone.now())
    except segment_lists.BadList as refusal:
        with edge_transaction():
            segment_lists.fail(upload_id=upload_id, why=refusal.text, at=timezone.now())
        return 0
    if segment_id is not None:
        _refresh(segment_id)
    return int(segment_id is not None)


def _refresh(segment_id: int) -> int:
    with edge_transaction():
        segments.begin(segment_id=segment_id, at=timezone.now())
    moved, is_done = 0, False
    while not is_done:
        with edge_transaction():
            chunk = segments.refresh_next(segment_id=segment_id)
        moved, is_done = moved + chunk.entered + chunk.left, chunk.is_done
    return moved


@shared_task(name="members.drop_ruleless_tags")
def drop_ruleless_tags(limit: int = 20_000) -> int:
    """Take off what rules put by tags that have no rule any more; how many. Safe to kill and run again."""
    dropped, number = 0, limit
    while number == limit:
        with edge_transaction():
            number = tags.drop_ruleless(limit=limit)
        dropped += number
    return dropped


@shared_task(name="members.prune_login_codes")
def prune_login_codes() -> None:
    """Delete log-in codes and tries of passwords that count towards no limit any more. Safe to run twice."""
    with edge_transaction():
        login_codes.prune(before=timezone.now() - _KEPT)
        passwords.prune(before=timezone.now() - _KEPT)


@shared_task(name="members.prune_devices")
def prune_devices(limit: int = 5000) -> None:
    """Forget devices, and marks of devices and payers, that were not seen for long. Safe to kill and run again."""
    at = timezone.now()
    kept = policies.current()
    unused, unseen = at - timedelta(days=kept.devices_kept_days), at - timedelta(days=kept.traces_kept_days)
    after: int | None = 0
    while after is not None:
        with edge_transaction():
            after = devices.prune_next(after_id=after, limit=limit, before=unused, at=at)
    after = 0
    while after is not None:
        with edge_transaction():
            after = traces.prune_next(after_id=after, limit=limit, before=unseen)


@shared_task(name="members.deliver_messages")
def deliver_messages(limit: int = 500) -> int:
    """Hand over messages that are due; how many. Several may run side by side; a kill leaves at most one unknown."""
    return worker.deliver_due(clock=timezone.now, limit=limit)


@shared_task(name="members.run_broadcasts")
def run_broadcasts(chunks: int = 100) -> int:
    """Go on with what is being broadcast, chunk by chunk; how many were told. Safe to kill and run again."""
    told = 0
    for broadcast_id in broadcasts.running_ids():
        for _ in range(chunks):
            with edge_transaction():
                chunk = broadcasts.send_next(broadcast_id=broadcast_id, at=timezone.now())
            told += chunk.told
            if not chunk.goes_on:
                break
    return told


@shared_task(name="members.reward_invitations")
def reward_invitations(limit: int = 500) -> int:
    """Reward invitations whose friend's first order can't be returned any more; how many. Safe to run twice at once."""
    looked_at = 0
    while True:
        with edge_transaction():
            chunk = invitations.reward_due(at=timezone.now(), limit=limit)
        looked_at += chunk
        if chunk < limit:
            return looked_at


@shared_task(name="members.merge_due")
def merge_due(limit: int = 100) -> int:
    """Do the merges that are due, one transaction each; how many were tried. Safe to kill and run again."""
    for count in range(limit):
        with edge_transaction():
            if not merge_requests.perform_next(at=timezone.now()):
                return count
    return limit


@shared_task(name="members.find_duplicates")
def find_duplicates(limit: int = 1000) -> None:
    """Name the pairs of members who may be one person, chunk by chunk. Safe to kill and run again."""
    after: int | None = 0
    while after is not None:
        with edge_transaction():
            after = duplicates.trace_next(after_member_id=after, limit=limit)
    after = 0
    while after is not None:
        with edge_transaction():
            after = duplicates.find_next(after_member_id=after, limit=limit, at=timezone.now())


@shared_task(name="members.make_copies")
def make_copies(limit: int = 20) -> int:
    """Make the copies of their data that members asked for, one transaction each; how many. Safe to kill."""

    def make(export_id: int) -> int:
        with edge_transaction():
            return data_exports.make_copy(export_id=export_id, at=timezone.now())

    return _each(data_exports.pending_ids(limit=limit), make, failed="a copy could not be made")


@shared_task(name="members.drop_copies")
def drop_copies() -> int:
    """Delete the copies whose time is over, and files that a killed attempt has left; how many. Safe to run twice."""
    at = timezone.now()
    with edge_transaction():
        dropped = data_exports.drop_expired(at=at)
    return dropped + data_exports.drop_orphans(at=at)


@shared_task(name="members.close_accounts")
def close_accounts(limit: int = 100) -> int:
    """Close the accounts whose days of waiting are over, one transaction each; how many. Safe to kill and run again."""
    closed, after = 0, 0

    def close(closing_id: int) -> int:
        with edge_transaction():
            return closing.close(closing_id=closing_id, at=timezone.now())

    while True:
        chunk = closing.due(at=timezone.now(), after_id=after, limit=limit)
        closed += _each(chunk.closing_ids, close, failed="an account could not be closed")
        if chunk.last_id is None:
            return closed
        after = chunk.last_id


@shared_task(name="members.remind_of_plans")
def remind_of_plans(limit: int = 2000) -> int:
    """Remind members whose paid time ends soon and goes on by nothing; how many. Safe to kill and run again."""
    reminded = 0
    for days in plan_reminders.REMINDERS:
        while True:
            with edge_transaction():
                told = plan_reminders.remind_next(at=timezone.now(), days=days, limit=limit)
            reminded += told
            if told < limit:
                break
    return reminded
