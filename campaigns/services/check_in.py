"""Checking in: once a Shanghai day, with a streak that grows day by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction

from campaigns.models import CheckIn, Receipt
from campaigns.services.granting import Facts, grant_for_occurrence
from config.core.db import transaction_required
from config.core.errors import DomainError
from config.core.time import local_date
from members.models import Member
from members.services.registration import MemberClosed, MemberFrozen


class AlreadyCheckedIn(DomainError):
    """The member has checked in today."""

    code = "already_checked_in"
    message = "今天已经签到过了，明天再来吧"


@dataclass(frozen=True, kw_only=True)
class CheckedIn:
    """What checking in brought."""

    day: date
    streak: int
    points: int
    receipt_id: int | None


@transaction_required
def check_in(*, member_id: int, at: datetime) -> CheckedIn:
    """Check the member in for the Shanghai day and give what campaigns say.

    Raises AlreadyCheckedIn, MemberFrozen, MemberClosed.
    """
    _wait_for_the_member(member_id)
    _require_active(member_id)
    day = local_date(at)
    streak = _streak_before(member_id, day) + 1
    _claim_day(member_id=member_id, day=day, streak=streak, at=at)
    occurrence = f"checkin:{member_id}:{day}"
    receipt_id = grant_for_occurrence(
        trigger="checked_in", member_id=member_id, occurrence=occurrence, at=at, facts=Facts(streak=streak)
    )
    points = Receipt.objects.values_list("points", flat=True).get(pk=receipt_id) if receipt_id else 0
    return CheckedIn(day=day, streak=streak, points=points, receipt_id=receipt_id)


def _wait_for_the_member(member_id: int) -> None:
    """Let one member's check-ins go one after the other: at midnight the new day counts on from the old one's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"campaigns.check_in:{member_id}"])


def _require_active(member_id: int) -> None:
    status = Member.objects.values_list("status", flat=True).get(pk=member_id)
    if status == Member.Status.FROZEN:
        raise MemberFrozen()
    if status == Member.Status.CLOSED:
        raise MemberClosed()


def _streak_before(member_id: int, day: date) -> int:
    yesterday = CheckIn.objects.filter(member_id=member_id, day=day - timedelta(days=1))
    return yesterday.values_list("streak", flat=True).first() or 0


def _claim_day(*, member_id: int, day: date, streak: int, at: datetime) -> None:
    """The unique constraint is the claim: of two on one day one is refused."""
    try:
        with transaction.atomic():
            CheckIn.objects.create(member_id=member_id, day=day, streak=streak, at=at)
    except IntegrityError as error:
        if "checkin_once_a_day" not in str(error):
            raise
        raise AlreadyCheckedIn() from error
