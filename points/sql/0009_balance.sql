-- Reading an account: what can be used at a moment, and what was there at a past one.

-- The buckets without what has lapsed by the later of `p_at` and the account's latest business, and what will lapse when.
CREATE FUNCTION ledger_balance(
    p_account bigint, p_at timestamptz,
    OUT spendable bigint, OUT pending bigint, OUT held bigint, OUT arrears bigint, OUT moments timestamptz[], OUT lapsing bigint[]
) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT a.spendable - coalesce(sum(m.points) FILTER (WHERE m.lapsed), 0)::bigint, a.pending, a.held, a.arrears,
        coalesce(array_agg(m.expires_at ORDER BY m.expires_at) FILTER (WHERE NOT m.lapsed), '{}'),
        coalesce(array_agg(m.points ORDER BY m.expires_at) FILTER (WHERE NOT m.lapsed), '{}')
    FROM points_account AS a LEFT JOIN LATERAL (
        SELECT lot.expires_at, sum(lot.remaining)::bigint AS points,
            lot.expires_at <= greatest(p_at, a.latest_at) AS lapsed
        FROM points_lot AS lot
        WHERE lot.account_id = a.id AND lot.remaining > 0 AND NOT lot.pending AND lot.expires_at IS NOT NULL
        GROUP BY lot.expires_at
    ) AS m ON true
    WHERE a.id = p_account GROUP BY a.id
$$;

-- Spendable points at a past instant, from the entries; lapses that are not booked yet count from their moment. Null: no account.
CREATE FUNCTION ledger_balance_as_of(p_account bigint, p_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT sum(spendable) FROM points_entry WHERE account_id = a.id AND occurred_at <= p_at), 0)::bigint
        - coalesce((SELECT sum(remaining) FROM points_lot
                    WHERE account_id = a.id AND remaining > 0 AND NOT pending AND expires_at <= p_at), 0)::bigint
    FROM points_account AS a WHERE a.id = p_account
$$;
