-- Batch earn again: postings may be pending, and may name accounts that were closed or merged.

DROP FUNCTION ledger_post_many(bigint[], bigint[], text[], text[], timestamptz[], timestamptz[], text[]);
ALTER TYPE ledger_posting ADD ATTRIBUTE pending boolean;

-- The first refusal of a batch whose accounts are locked, or null. `index` counts from 0.
CREATE OR REPLACE FUNCTION ledger_batch_refusal(p_postings ledger_posting[]) RETURNS ledger_batch_outcome LANGUAGE sql AS $$
    WITH judged AS (
        SELECT p.*, CASE
            WHEN a.id IS NULL THEN 'account_not_found'
            WHEN p.points IS DISTINCT FROM first_value(p.points) OVER same
                OR p.source IS DISTINCT FROM first_value(p.source) OVER same
                OR e.kind <> 'earn' OR e.requested <> p.points OR e.source <> p.source OR e.reverses_id IS NOT NULL
                THEN 'key_reused'
            WHEN e.id IS NOT NULL THEN NULL
            WHEN a.closed_at IS NOT NULL THEN 'account_closed'
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

-- Write the new postings of a batch that nothing refuses. Arrears are repaid by the first usable postings of an account, each
-- repayment from the lot of its own posting (while an account owes, it has no other lot that could be spent).
CREATE OR REPLACE FUNCTION ledger_write_batch(p_postings ledger_posting[]) RETURNS void LANGUAGE sql AS $$
    WITH unseen AS MATERIALIZED (
        SELECT p.*, CASE WHEN p.pending THEN 0 ELSE p.points END AS usable, a.spendable AS before, a.arrears AS owed
        FROM (
            SELECT DISTINCT ON (account, key) * FROM unnest(p_postings) ORDER BY account, key, ord
        ) AS p
        JOIN points_account AS a ON a.id = p.account
        WHERE NOT EXISTS (SELECT FROM points_entry AS e WHERE e.account_id = p.account AND e.key = p.key)
    ), fresh AS MATERIALIZED (
        SELECT *, sum(usable) OVER (PARTITION BY account ORDER BY ord) AS upto FROM unseen
    ), steps AS MATERIALIZED (
        SELECT f.*, least(owed, upto) - least(owed, upto - usable) AS repaid, least(owed, upto - usable) AS repaid_before,
            step.is_repayment
        FROM fresh AS f CROSS JOIN (VALUES (false), (true)) AS step (is_repayment)
        WHERE NOT step.is_repayment OR least(owed, upto) > least(owed, upto - usable)
        ORDER BY ord, is_repayment
    ), numbered AS MATERIALIZED (
        SELECT nextval('points_entry_id_seq') AS id, nextval('points_lot_id_seq') AS lot_id, * FROM steps
    ), paired AS MATERIALIZED (
        SELECT *, first_value(id) OVER posting AS earn_id, first_value(lot_id) OVER posting AS earn_lot_id
        FROM numbered WINDOW posting AS (PARTITION BY ord ORDER BY id)
    ), entries AS (
        INSERT INTO points_entry
            (id, account_id, kind, points, requested, spendable, pending, arrears, spendable_after, key, source, reason,
             occurred_at, caused_by_id)
        SELECT id, account,
            CASE WHEN is_repayment THEN 'repay' ELSE 'earn' END,
            CASE WHEN is_repayment THEN repaid ELSE points END,
            CASE WHEN NOT is_repayment THEN points END,
            CASE WHEN is_repayment THEN -repaid ELSE usable END,
            CASE WHEN is_repayment THEN 0 ELSE points - usable END,
            CASE WHEN is_repayment THEN -repaid ELSE 0 END,
            before + upto - repaid_before - CASE WHEN is_repayment THEN repaid ELSE 0 END,
            CASE WHEN NOT is_repayment THEN key END,
            source,
            CASE WHEN is_repayment THEN '' ELSE reason END,
            at,
            CASE WHEN is_repayment THEN earn_id END
        FROM paired ORDER BY id
    ), lots AS (
        INSERT INTO points_lot (id, account_id, entry_id, points, remaining, pending, earned_at, expires_at)
        SELECT lot_id, account, id, points, points - repaid, pending, at, expires_at
        FROM paired WHERE NOT is_repayment ORDER BY id
    ), draws AS (
        INSERT INTO points_draw (account_id, entry_id, lot_id, points)
        SELECT account, id, earn_lot_id, -repaid FROM paired WHERE is_repayment ORDER BY id
    )
    UPDATE points_account AS a
    SET spendable = a.spendable + t.usable - least(a.arrears, t.usable), arrears = a.arrears - least(a.arrears, t.usable),
        pending = a.pending + t.points - t.usable, latest_at = greatest(a.latest_at, t.at)
    FROM (
        SELECT account, sum(points) AS points, sum(usable) AS usable, max(at) AS at FROM fresh GROUP BY account
    ) AS t WHERE a.id = t.account
$$;

-- Where the postings to accounts that took part in a merge belong: to the account that posted their key before, else to the one
-- that theirs lives on in.
CREATE FUNCTION ledger_accounts_of_batch(p_accounts bigint[], p_keys text[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(coalesce(own.account_id, earlier.account_id, s.survivor, p.account) ORDER BY p.ord)
    FROM unnest(p_accounts, p_keys) WITH ORDINALITY AS p (account, key, ord)
    LEFT JOIN ledger_survivors(p_accounts) AS s USING (account)
    LEFT JOIN LATERAL ledger_entry_of_key(p.account, p.key) AS own ON true
    LEFT JOIN LATERAL ledger_entry_of_family(s.survivor, p.key) AS earlier ON true
$$;

CREATE FUNCTION ledger_post_many(
    p_accounts bigint[], p_points bigint[], p_keys text[], p_sources text[], p_at timestamptz[], p_expires_at timestamptz[],
    p_reasons text[], p_pending boolean[] DEFAULT NULL
) RETURNS ledger_batch_outcome LANGUAGE plpgsql AS $$
DECLARE
    v_accounts bigint[] := p_accounts;
    v_postings ledger_posting[];
    v_outcome ledger_batch_outcome;
BEGIN
    PERFORM ledger_lock_survivors(p_accounts);
    IF EXISTS (SELECT FROM points_account WHERE id = ANY (p_accounts) AND (has_absorbed OR merged_into_id IS NOT NULL)) THEN
        v_accounts := ledger_accounts_of_batch(p_accounts, p_keys);
    END IF;
    SELECT array_agg(
        ROW(ord, account, points, key, source, at, expires_at, reason, coalesce(pending, false))::ledger_posting ORDER BY ord
    ) INTO v_postings
    FROM unnest(v_accounts, p_points, p_keys, p_sources, p_at, p_expires_at, p_reasons, p_pending) WITH ORDINALITY
        AS p (account, points, key, source, at, expires_at, reason, pending, ord);
    v_outcome := ledger_batch_refusal(v_postings);
    IF v_outcome.refusal IS NULL THEN
        PERFORM ledger_write_batch(v_postings);
        SELECT array_agg(e.id ORDER BY p.ord) INTO v_outcome.entries FROM unnest(v_postings) AS p
        CROSS JOIN LATERAL ledger_entry_of_key(p.account, p.key) AS e;
    END IF;
    RETURN v_outcome;
END $$;
