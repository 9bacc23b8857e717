-- The expiry job, in the order of an index that holds exactly what is due: soonest first, an account's lots side by side, so
-- that a chunk books one entry per account and moment of lapse, and costs the same however many lots lapse at one moment.
-- Planned with the values at hand: a plan for any moment and limit might read all lots.

CREATE OR REPLACE FUNCTION ledger_expire(
    p_at timestamptz, p_limit integer, OUT lots bigint, OUT accounts bigint, OUT points bigint
) LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_lots bigint[];
    v_accounts bigint[];
BEGIN
    SELECT array_agg(id), array_agg(DISTINCT account_id) INTO v_lots, v_accounts FROM (
        SELECT id, account_id FROM points_lot WHERE remaining > 0 AND NOT pending AND expires_at <= p_at
        ORDER BY expires_at, account_id, id LIMIT p_limit
    ) AS due;
    PERFORM id FROM points_account WHERE id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE;
    WITH due AS MATERIALIZED (
        SELECT id, account_id, remaining, expires_at FROM points_lot WHERE id = ANY (v_lots) AND remaining > 0
    ), moments AS MATERIALIZED (
        SELECT nextval('points_entry_id_seq') AS entry_id, m.* FROM (
            SELECT account_id, expires_at, sum(remaining) AS gone,
                sum(sum(remaining)) OVER (PARTITION BY account_id ORDER BY expires_at) AS gone_upto
            FROM due GROUP BY account_id, expires_at ORDER BY account_id, expires_at
        ) AS m
    ), booked AS (
        INSERT INTO points_entry (id, account_id, kind, points, spendable, spendable_after, source, occurred_at)
        SELECT m.entry_id, m.account_id, 'expire', m.gone, -m.gone, a.spendable - m.gone_upto, 'expiry', m.expires_at
        FROM moments AS m JOIN points_account AS a ON a.id = m.account_id ORDER BY m.entry_id
    ), drawn AS (
        INSERT INTO points_draw (account_id, entry_id, lot_id, points)
        SELECT d.account_id, m.entry_id, d.id, -d.remaining FROM due AS d JOIN moments AS m USING (account_id, expires_at)
        ORDER BY m.entry_id, d.id
    ), emptied AS (
        UPDATE points_lot SET remaining = 0 FROM due WHERE points_lot.id = due.id
    ), debited AS (
        UPDATE points_account AS a SET spendable = a.spendable - t.gone, latest_at = greatest(a.latest_at, t.at)
        FROM (SELECT account_id, sum(gone) AS gone, max(expires_at) AS at FROM moments GROUP BY account_id) AS t
        WHERE a.id = t.account_id
    )
    SELECT count(*), count(DISTINCT account_id), coalesce(sum(remaining), 0)
    INTO ledger_expire.lots, ledger_expire.accounts, ledger_expire.points FROM due;
END $$;
