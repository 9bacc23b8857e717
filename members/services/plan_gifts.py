"""Gifts that plans promise: on opening, every month, on birthdays; once per member and period, told as `BenefitDue`."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from config.core.db import fetch_all, transaction_required
from config.core.time import local_date
from config.outbox import publishing as outbox
from members.events import BenefitDue
from members.models import Entitlement, PlanBenefit, Subscription
from members.rules.benefits import Gives, gift_points, giving
from members.rules.birthdays import celebrated, years_of
from members.rules.periods import month_name
from members.services.gifts import Chunk

_ORIGIN: Final = Entitlement.Origin.PLAN.value

# as members/services/gifts.py does by tier: who has paid time at that moment, trials aside, by member id, once per
# plan and period
_BY_PLAN: Final = """
WITH chunk AS MATERIALIZED (
    SELECT member.id, paid.plan_id,
        CASE member.birthday_calendar WHEN 'lunar' THEN %(lunar_period)s ELSE %(period)s END AS period
    FROM members_member AS member
    JOIN members_subscription AS paid ON paid.member_id = member.id AND paid.state = 'live' AND paid.source <> 'trial'
     AND paid.starts_at <= %(at)s AND (paid.ends_at IS NULL OR paid.ends_at > %(at)s)
    WHERE member.id > %(after)s AND member.status = 'active' AND {who}
      AND paid.plan_id IN (SELECT plan_id FROM members_planbenefit WHERE kind = ANY(%(kinds)s))
    ORDER BY member.id LIMIT %(limit)s FOR NO KEY UPDATE OF member
), promised AS (
    INSERT INTO members_entitlement (member_id, kind, origin, period, title, at)
    SELECT chunk.id, benefit.kind, 'plan', chunk.period, benefit.title, %(at)s
    FROM chunk JOIN members_planbenefit AS benefit
      ON benefit.plan_id = chunk.plan_id AND benefit.kind = ANY(%(kinds)s)
    ORDER BY chunk.id
    ON CONFLICT DO NOTHING RETURNING member_id, kind, title, period
)
SELECT NULL, NULL, NULL, ARRAY[max(id), count(*)], NULL, NULL FROM chunk
UNION ALL
SELECT promised.kind, plan.code, promised.title, array_agg(promised.member_id ORDER BY promised.member_id), gift.value,
    promised.period
FROM promised JOIN chunk ON chunk.id = promised.member_id JOIN members_plan AS plan ON plan.id = chunk.plan_id
JOIN members_planbenefit AS gift ON gift.plan_id = chunk.plan_id AND gift.kind = promised.kind
GROUP BY promised.kind, plan.code, promised.title, gift.value, promised.period
"""
_HAS_BIRTHDAY: Final = (
    "(member.birthday_month_day = ANY(%(solar)s) AND member.birthday_calendar = 'solar'"
    " OR member.birthday_month_day = ANY(%(lunar)s) AND member.birthday_calendar = 'lunar')"
)


class _Due(NamedTuple):
    """What one benefit of a plan gives to some members."""

    kind: str
    plan_code: str
    title: str
    member_ids: list[int]
    value: Decimal | None
    period: str


@transaction_required
def promise_welcome(*, member_id: int, plan_id: int, source: str, at: datetime) -> int:
    """Promise what opening this plan brings, once per member and plan, not for a trial; how many gifts."""
    if source == Subscription.Source.TRIAL:
        return 0
    promised = 0
    for benefit in PlanBenefit.objects.filter(plan=plan_id, kind__in=giving(Gives.WELCOME)).select_related("plan"):
        code = benefit.plan.code
        _, is_new = Entitlement.objects.get_or_create(
            member_id=member_id,
            kind=benefit.kind,
            origin=_ORIGIN,
            period=f"plan:{code}",
            defaults={"title": benefit.title, "at": at},
        )
        if is_new:
            _tell(_Due(benefit.kind, code, benefit.title, [member_id], benefit.value, f"plan:{code}"), at=at)
            promised += 1
    return promised


@transaction_required
def promise_monthly(*, at: datetime, after_member_id: int, limit: int) -> Chunk:
    """Promise this Shanghai month's packs to the next active members whose plan has them."""
    month = month_name(at=at)
    periods = {"period": month, "lunar_period": month}
    return _promise("TRUE", {"kinds": giving(Gives.MONTH), **periods}, at, after_member_id, limit)


@transaction_required
def promise_birthdays(*, at: datetime, after_member_id: int, limit: int) -> Chunk:
    """Promise this year's gift to the next active members of plans who celebrate their birthday today."""
    day = local_date(at)
    days, (solar_year, lunar_year) = celebrated(day), years_of(day)
    whose = {"solar": list(days.solar), "lunar": list(days.lunar), "period": solar_year, "lunar_period": lunar_year}
    return _promise(_HAS_BIRTHDAY, {"kinds": giving(Gives.BIRTHDAY), **whose}, at, after_member_id, limit)


def _promise(who: str, params: dict[str, Any], at: datetime, after: int, limit: int) -> Chunk:
    found = fetch_all(_BY_PLAN.format(who=who), {**params, "at": at, "after": after, "limit": limit})
    last, looked_at = found[0][3]
    for row in found[1:]:
        _tell(_Due(*row), at=at)
    promised = sum(len(row[3]) for row in found[1:])
    return Chunk(promised=promised, last_member_id=last if looked_at == limit else None)


def _tell(due: _Due, *, at: datetime) -> None:
    fact = BenefitDue(
        member_id=0,
        kind=due.kind,
        origin=_ORIGIN,
        granted_by=due.plan_code,
        title=due.title,
        period=due.period,
        at=at,
        points=gift_points(kind=due.kind, value=due.value),
    )
    outbox.publish_to_each(fact, subject_ids=due.member_ids)
