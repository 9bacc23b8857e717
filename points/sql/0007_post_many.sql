-- Batch earn: as if each posting were earned in turn, in a fixed number of statements. All or nothing: one bad posting refuses
-- the batch. Returns the entry ids in the order of the postings.

CREATE TYPE ledger_batch_outcome AS (refusal text, facts jsonb, entries bigint[]);
CREATE TYPE ledger_posting AS (
    ord bigint, account bigint, points bigint, key text, source text, at timestamptz, expires_at timestamptz, reason text
);

-- The entry of a key, always by its index (the limit keeps the planner from reading the whole table for a batch).
CREATE FUNCTION ledger_entry_of_key(p_account bigint, p_key text) RETURNS SETOF points_entry LANGUAGE sql STABLE AS $$
    SELECT * FROM points_entry WHERE account_id = p_account AND key = p_key LIMIT 1
$$;

-- The first refusal of a batch whose accounts are locked, or null. `index` counts from 0.
CREATE FUNCTION ledger_batch_refusal(p_postings ledger_posting[]) RETURNS ledger_batch_outcome LANGUAGE sql AS $$
    WITH judged AS (
        SELECT p.*, CASE
            WHEN a.id IS NULL THEN 'account_not_found'
            WHEN p.points IS DISTINCT FROM first_value(p.points) OVER same
                OR p.source IS DISTINCT FROM first_value(p.source) OVER same
                OR e.kind <> 'earn' OR e.requested <> p.points OR e.source <> p.source OR e.reverses_id IS NOT NULL
                THEN 'key_reused'
            WHEN e.id IS NOT NULL THEN NULL
            WHEN ledger_objection(p.points, p.key, p.source, p.reason) IS NOT NULL
                THEN ledger_objection(p.points, p.key, p.source, p.reason)
            WHEN p.expires_at <= p.at OR (a.asset = 'growth' AND p.expires_at IS NOT NULL) THEN 'invalid_expiry'
        END AS refusal
        FROM unnest(p_postings) AS p
        LEFT JOIN points_account AS a ON a.id = p.account
        LEFT JOIN LATERAL ledger_entry_of_key(p.account, p.key) AS e ON true
        WINDOW same AS (PARTITION BY p.account, p.key ORDER BY p.ord)
    )
    SELECT refusal, jsonb_build_object(
        'index', ord - 1, 'account', account, 'points', points, 'key', key, 'expires_at', expires_at, 'at', at
    ), NULL::bigint[]
    FROM judged WHERE refusal IS NOT NULL ORDER BY ord LIMIT 1
$$;

-- Write the new postings of a batch that nothing refuses. Arrears are repaid by the first postings of an account, each
-- repayment from the lot of its own posting (while an account owes, it has no other lot).
CREATE FUNCTION ledger_write_batch(p_postings ledger_posting[]) RETURNS void LANGUAGE sql AS $$
    WITH fresh AS MATERIALIZED (
        SELECT p.*, a.spendable AS before, a.arrears AS owed,
            sum(p.points) OVER (PARTITION BY p.account ORDER BY p.ord) AS upto
        FROM (
            SELECT DISTINCT ON (account, key) * FROM unnest(p_postings) ORDER BY account, key, ord
        ) AS p
        JOIN points_account AS a ON a.id = p.account
        WHERE NOT EXISTS (SELECT FROM points_entry AS e WHERE e.account_id = p.account AND e.key = p.key)
    ), steps AS MATERIALIZED (
        SELECT f.*, least(owed, upto) - least(owed, upto - points) AS repaid, least(owed, upto - points) AS repaid_before,
            step.is_repayment
        FROM fresh AS f CROSS JOIN (VALUES (false), (true)) AS step (is_repayment)
        WHERE NOT step.is_repayment OR least(owed, upto) > least(owed, upto - points)
        ORDER BY ord, is_repayment
    ), numbered AS MATERIALIZED (
        SELECT nextval('points_entry_id_seq') AS id, nextval('points_lot_id_seq') AS lot_id, * FROM steps
    ), paired AS MATERIALIZED (
        SELECT *, first_value(id) OVER posting AS earn_id, first_value(lot_id) OVER posting AS earn_lot_id
        FROM numbered WINDOW posting AS (PARTITION BY ord ORDER BY id)
    ), entries AS (
        INSERT INTO points_entry
            (id, account_id, kind, points, requested, spendable, arrears, spendable_after, key, source, reason, occurred_at,
             caused_by_id)
        SELECT id, account,
            CASE WHEN is_repayment THEN 'repay' ELSE 'earn' END,
            CASE WHEN is_repayment THEN repaid ELSE points END,
            CASE WHEN NOT is_repayment THEN points END,
            CASE WHEN is_repayment THEN -repaid ELSE points END,
            CASE WHEN is_repayment THEN -repaid ELSE 0 END,
            before + upto - repaid_before - CASE WHEN is_repayment THEN repaid ELSE 0 END,
            CASE WHEN NOT is_repayment THEN key END,
            source,
            CASE WHEN is_repayment THEN '' ELSE reason END,
            at,
            CASE WHEN is_repayment THEN earn_id END
        FROM paired ORDER BY id
    ), lots AS (
        INSERT INTO points_lot (id, account_id, entry_id, points, remaining, earned_at, expires_at)
        SELECT lot_id, account, id, points, points - repaid, at, expires_at
        FROM paired WHERE NOT is_repayment ORDER BY id
    ), draws AS (
        INSERT INTO points_draw (account_id, entry_id, lot_id, points)
        SELECT account, id, earn_lot_id, -repaid FROM paired WHERE is_repayment ORDER BY id
    )
    UPDATE points_account AS a
    SET spendable = a.spendable + t.points - least(a.arrears, t.points), arrears = a.arrears - least(a.arrears, t.points),
        latest_at = greatest(a.latest_at, t.at)
    FROM (SELECT account, sum(points) AS points, max(at) AS at FROM fresh GROUP BY account) AS t WHERE a.id = t.account
$$;

CREATE FUNCTION ledger_post_many(
    p_accounts bigint[], p_points bigint[], p_keys text[], p_sources text[], p_at timestamptz[], p_expires_at timestamptz[],
    p_reasons text[]
) RETURNS ledger_batch_outcome LANGUAGE plpgsql AS $$
DECLARE
    v_postings ledger_posting[];
    v_outcome ledger_batch_outcome;
BEGIN
    PERFORM id FROM points_account WHERE id = ANY (p_accounts) ORDER BY id FOR NO KEY UPDATE;
    SELECT array_agg(ROW(ord, account, points, key, source, at, expires_at, reason)::ledger_posting ORDER BY ord) INTO v_postings
    FROM unnest(p_accounts, p_points, p_keys, p_sources, p_at, p_expires_at, p_reasons) WITH ORDINALITY
        AS p (account, points, key, source, at, expires_at, reason, ord);
    v_outcome := ledger_batch_refusal(v_postings);
    IF v_outcome.refusal IS NULL THEN
        PERFORM ledger_write_batch(v_postings);
        SELECT array_agg(e.id ORDER BY p.ord) INTO v_outcome.entries FROM unnest(v_postings) AS p
        CROSS JOIN LATERAL ledger_entry_of_key(p.account, p.key) AS e;
    END IF;
    RETURN v_outcome;
END $$;
