-- Reminders of points that will lapse: each lot and step once.

-- Write reminders of lots that lapse within the largest of `p_steps` days, at most `p_limit` lots, soonest first, after the
-- place (moment, account, lot) that the chunk before ended at. A lot gets the nearest step only, whatever steps it passed
-- before, and nothing when that step or a nearer one was announced. Returns what to announce, one row per account and moment:
-- an account's moment is split over two chunks only when it fills one.
CREATE FUNCTION ledger_remind(
    p_at timestamptz, p_steps smallint[], p_limit integer, p_moment timestamptz, p_account bigint, p_lot bigint
) RETURNS TABLE (account bigint, lapses_at timestamptz, step smallint, points bigint, last_lot bigint)
LANGUAGE sql SET plan_cache_mode = force_custom_plan AS $$
    WITH due AS (
        SELECT lot.id, lot.account_id, lot.expires_at, lot.remaining, nearest.step
        FROM points_lot AS lot CROSS JOIN LATERAL (
            SELECT min(s) AS step FROM unnest(p_steps) AS s WHERE lot.expires_at <= p_at + s * interval '24 hours'
        ) AS nearest
        WHERE lot.remaining > 0 AND NOT lot.pending AND lot.expires_at > p_at
            AND lot.expires_at <= p_at + (SELECT max(s) FROM unnest(p_steps) AS s) * interval '24 hours'
            AND (lot.expires_at, lot.account_id, lot.id) > (p_moment, p_account, p_lot)
            AND NOT EXISTS (
                SELECT FROM points_lapsereminder AS r WHERE r.lot_id = lot.id AND r.step <= nearest.step
            )
        ORDER BY lot.expires_at, lot.account_id, lot.id LIMIT p_limit
    ), placed AS MATERIALIZED (
        SELECT *, count(*) OVER () AS found,
            dense_rank() OVER (ORDER BY expires_at, account_id) AS place,
            dense_rank() OVER (ORDER BY expires_at DESC, account_id DESC) AS place_from_end
        FROM due
    ), written AS (
        INSERT INTO points_lapsereminder (account_id, lot_id, step, points, lapses_at, reminded_at)
        SELECT account_id, id, step, remaining, expires_at, p_at FROM placed
        WHERE found < p_limit OR place = 1 OR place_from_end > 1
        ORDER BY expires_at, account_id, id
        ON CONFLICT DO NOTHING
        RETURNING account_id, lot_id, step, points, lapses_at
    )
    SELECT account_id, lapses_at, step, sum(points)::bigint, max(lot_id) FROM written
    GROUP BY account_id, lapses_at, step ORDER BY lapses_at, account_id
$$;

-- Forget reminders of lots that lapsed before `p_before`, at most `p_limit`: nothing asks for them again. Returns how many.
CREATE FUNCTION ledger_forget_reminders(p_before timestamptz, p_limit integer) RETURNS bigint LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM points_lapsereminder WHERE id IN (
            SELECT id FROM points_lapsereminder WHERE lapses_at < p_before ORDER BY lapses_at LIMIT p_limit
        ) RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
