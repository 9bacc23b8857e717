"""Birthday gifts, in chunks that may be killed and repeated."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from campaigns.models import Campaign, Receipt
from campaigns.rules.context import Context
from campaigns.rules.occurrence import Occurrence
from campaigns.selectors.live import history
from campaigns.services.bulk import grant_many
from config.core.db import transaction_required
from config.core.time import local_date
from members.models import Member
from members.rules.birthdays import celebrated, years_of
from members.selectors.standing import Standing, standings


@dataclass(frozen=True, kw_only=True)
class BirthdayChunk:
    """What one chunk did; `last_member_id` is where the next one goes on, None when everyone was looked at."""

    members: int
    points: int
    last_member_id: int | None


@transaction_required
def grant_birthdays(*, at: datetime, after_member_id: int = 0, limit: int = 500) -> BirthdayChunk:
    """Give to the next members whose birthday it is and who were not given this year.

    By the calendar of each; 29 February is celebrated on the 28th in common years. Frozen and closed members are left
    out.
    """
    day = local_date(at)
    names = _celebrating(day, after_member_id=after_member_id, limit=limit)
    ids = list(names)
    known = standings(member_ids=ids)
    report = grant_many(
        occurrences=[_occurrence(known[member_id], name=name, at=at) for member_id, name in names.items()],
        versions=history(triggers=[Campaign.Trigger.BIRTHDAY]),
        cause=f"birthday:{day.year}",
        is_news=True,
    )
    last = ids[-1] if len(ids) == limit else None
    return BirthdayChunk(members=report.receipts, points=report.points, last_member_id=last)


def _celebrating(day: date, *, after_member_id: int, limit: int) -> dict[int, str]:
    """The next members, with what this year's birthday is called: the year is that of their calendar."""
    whose, years = (
        celebrated(day),
        dict(zip((Member.Calendar.SOLAR, Member.Calendar.LUNAR), years_of(day), strict=True)),
    )
    solar = Q(birthday_calendar=Member.Calendar.SOLAR, birthday_month_day__in=whose.solar)
    lunar = Q(birthday_calendar=Member.Calendar.LUNAR, birthday_month_day__in=whose.lunar)
    members = Member.objects.filter(
        solar & ~_given(years[Member.Calendar.SOLAR]) | lunar & ~_given(years[Member.Calendar.LUNAR]),
        status=Member.Status.ACTIVE,
        pk__gt=after_member_id,
    )
    found = members.order_by("pk").values_list("pk", "birthday_calendar")[:limit]
    return {pk: f"birthday:{pk}:{years[Member.Calendar(calendar)]}" for pk, calendar in found}


def _given(year: str) -> Q:
    name = Concat(Value("birthday:"), Cast(OuterRef("pk"), CharField()), Value(f":{year}"))
    return Q(Exists(Receipt.objects.filter(member_id=OuterRef("pk"), occurrence=name)))


def _occurrence(known: Standing, *, name: str, at: datetime) -> Occurrence:
    context = Context(
        at=at, tier_code=known.tier_code, tier_name=known.tier_name, points_multiplier=known.points_multiplier
    )
    return Occurrence(member_id=known.member_id, trigger=Campaign.Trigger.BIRTHDAY, name=name, context=context, at=at)
