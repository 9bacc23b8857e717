"""Telling members that their paid time ends soon; who has renewed is told nothing. Set-based."""

from datetime import datetime, timedelta
from typing import Final

from config.core.db import fetch_all, transaction_required
from members.rules.periods import last_day
from members.services.messages import Sending, send_many

REMINDERS: Final = (1, 7)  # days before the end, the nearest first: who is told of tomorrow is not told of next week

_DUE: Final = """
WITH due AS (
    SELECT paid.id FROM members_subscription AS paid
    JOIN members_member AS member ON member.id = paid.member_id AND member.status = 'active'
    WHERE paid.state = 'live' AND paid.ends_at > %(at)s AND paid.ends_at <= %(until)s
      AND (paid.reminded_days IS NULL OR paid.reminded_days > %(days)s)
      AND NOT EXISTS (SELECT 1 FROM members_subscription AS next WHERE next.member_id = paid.member_id
                      AND next.state = 'live' AND next.starts_at >= paid.ends_at)
    ORDER BY paid.ends_at, paid.id LIMIT %(limit)s FOR NO KEY UPDATE OF paid SKIP LOCKED
)
UPDATE members_subscription AS paid SET reminded_days = %(days)s
FROM due, members_plan AS plan WHERE paid.id = due.id AND plan.id = paid.plan_id
RETURNING paid.id, paid.member_id, plan.name, paid.ends_at
"""


@transaction_required
def remind_next(*, at: datetime, days: int, limit: int) -> int:
    """Remind the next members whose paid time ends within so many days; how many."""
    params = {"at": at, "until": at + timedelta(days=days), "days": days, "limit": limit}
    due = fetch_all(_DUE, params)
    sendings = [
        Sending(
            member_id=member_id,
            key=f"plan:{subscription_id}:ends:{days}",
            context={"plan": plan, "date": last_day(ends_at=ends_at), "days": days},
        )
        for subscription_id, member_id, plan, ends_at in due
    ]
    send_many(template="membership_expiring", sendings=sendings, at=at)
    return len(due)
