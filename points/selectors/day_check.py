"""The day totals added up again from the entries: what differs, and what the accounts say."""

from dataclasses import dataclass
from datetime import date

from config.core.db import fetch_all

# One statement, so that entries, totals and accounts are those of one moment.
_DIFFERENCES = """
WITH closed AS (
    SELECT coalesce((max(day) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', to_timestamp(0)) AS upto
    FROM points_closedday
), summed AS MATERIALIZED (
    SELECT (entry.recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day, account.asset, entry.kind,
        entry.spendable + entry.pending + entry.held > 0 AS is_increase, entry.recorded_at < closed.upto AS is_closed,
        count(*) AS entries, sum(entry.spendable) AS spendable, sum(entry.pending) AS pending, sum(entry.held) AS held,
        sum(entry.arrears) AS arrears, sum(entry.lapsed) AS lapsed, sum(entry.forgiven) AS forgiven
    FROM closed CROSS JOIN points_entry AS entry JOIN points_account AS account ON account.id = entry.account_id
    GROUP BY 1, 2, 3, 4, 5
), days AS (
    SELECT day, asset, kind, total.bucket, coalesce(total.added, 0) AS expected, coalesce(total.kept, 0) AS actual
    FROM (SELECT * FROM summed WHERE is_closed) AS summed
    FULL JOIN points_daytotal AS kept USING (day, asset, kind, is_increase)
    CROSS JOIN LATERAL (VALUES
        ('entries', summed.entries, kept.entries::numeric),
        ('spendable', summed.spendable, kept.spendable),
        ('pending', summed.pending, kept.pending),
        ('held', summed.held, kept.held),
        ('arrears', summed.arrears, kept.arrears),
        ('lapsed', summed.lapsed, kept.lapsed),
        ('forgiven', summed.forgiven, kept.forgiven)
    ) AS total (bucket, added, kept)
), counted AS (
    SELECT day, '' AS asset, '' AS kind, 'entries' AS bucket, coalesce(sum(summed.entries), 0) AS expected,
        closed_day.entries AS actual
    FROM points_closedday AS closed_day LEFT JOIN summed USING (day) GROUP BY day, closed_day.entries
), accounts AS (
    SELECT asset, sum(spendable) AS spendable, sum(pending) AS pending, sum(held) AS held, sum(arrears) AS arrears
    FROM points_account GROUP BY asset
), entries AS (
    SELECT asset, sum(spendable) AS spendable, sum(pending) AS pending, sum(held) AS held, sum(arrears) AS arrears
    FROM summed GROUP BY asset
), balances AS (
    SELECT NULL::date AS day, accounts.asset, '' AS kind, balance.bucket,
        coalesce(balance.added, 0) AS expected, balance.has
    FROM accounts LEFT JOIN entries USING (asset)
    CROSS JOIN LATERAL (VALUES
        ('spendable', entries.spendable, accounts.spendable),
        ('pending', entries.pending, accounts.pending),
        ('held', entries.held, accounts.held),
        ('arrears', entries.arrears, accounts.arrears)
    ) AS balance (bucket, added, has)
)
SELECT day, asset, kind, bucket, expected::bigint, actual::bigint FROM (
    SELECT * FROM days UNION ALL SELECT * FROM counted UNION ALL SELECT * FROM balances
) AS all_sums
WHERE expected <> actual
ORDER BY day NULLS FIRST, asset, kind, bucket
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A sum that doesn't hold: `expected` is what the entries add up to, `actual` what is kept.

    Without a day it is the sum of all accounts of that asset; without an asset, the number of a closed day's entries.
    """

    day: date | None
    asset: str
    kind: str
    bucket: str
    expected: int
    actual: int


def differences() -> list[Difference]:
    """All sums that don't hold. Reads every entry: for the night, not for a page."""
    return [
        Difference(day=day, asset=asset, kind=kind, bucket=bucket, expected=expected, actual=actual)
        for day, asset, kind, bucket, expected, actual in fetch_all(_DIFFERENCES, {})
    ]
