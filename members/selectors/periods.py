"""The period for which a member has their tier, what it takes to keep it, and what was used of the month's benefits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from config.core.db import Ask
from members.rules.periods import Qualification, last_day, month_name
from members.rules.tiers import Rung
from members.selectors.growth import shops_way

# where the growth that decides begins: as `members.rules.periods.decided_on_since` says, or with the period
_HELD = """
SELECT period.ends_at, (
    SELECT coalesce(sum(lot.remaining), 0)::bigint FROM points_lot AS lot
    WHERE lot.account_id = %(account)s AND lot.remaining > 0 AND NOT lot.pending
        AND lot.earned_at > least(period.starts_at, CASE WHEN %(is_yearly)s
            THEN date_trunc('year', (period.ends_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')
                AT TIME ZONE 'Asia/Shanghai' - interval '1 microsecond'
            ELSE (period.ends_at AT TIME ZONE 'Asia/Shanghai' - make_interval(months => %(months)s))
                AT TIME ZONE 'Asia/Shanghai' END)
), (
    SELECT coalesce(json_object_agg(used.kind, used.times), '{}') FROM (
        SELECT kind, count(*) AS times FROM members_benefituse
        WHERE member_id = %(member)s AND period = %(month)s GROUP BY kind
    ) AS used
)
FROM (SELECT) AS one
LEFT JOIN members_tierperiod AS period ON period.member_id = %(member)s AND period.decided_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class Held:
    """When the period of a member's tier ends, the growth that will decide then, and uses of the month by kind."""

    ends_at: datetime | None = None
    growth: int = 0
    used: Mapping[str, int] = field(default_factory=dict)

    @property
    def last_day(self) -> date | None:
        """The last day of the tier, unless it is kept; None: it has no end."""
        return None if self.ends_at is None else last_day(ends_at=self.ends_at)

    def missing_to_keep(self, rung: Rung) -> int:
        """The growth that is still needed before the end to keep this tier."""
        return 0 if self.ends_at is None else max(rung.kept_from - self.growth, 0)


def held_ask(*, member_id: int, growth_account: int, at: datetime) -> Ask[Held]:
    """The question of a member's period and of what was used this month."""
    way = shops_way()

    def read(rows: list[tuple[Any, ...]]) -> Held:
        ends_at, growth, used = rows[0]
        is_open = ends_at is not None and not way.is_for_life
        return Held(ends_at=ends_at if is_open else None, growth=growth if is_open else 0, used=used)

    params = {
        "member": member_id,
        "account": growth_account,
        "month": month_name(at=at),
        "is_yearly": way.qualification == Qualification.CALENDAR_YEAR,
        "months": way.months,
    }
    return Ask(sql=_HELD, params=params, read=read)
