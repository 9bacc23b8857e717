-- Accounts, and the verbs that add to or take from what is spendable. Each locks the account row before it reads.

CREATE FUNCTION ledger_open_accounts(p_asset text, p_count integer) RETURNS SETOF bigint LANGUAGE sql AS $$
    INSERT INTO points_account (asset) SELECT p_asset FROM generate_series(1, p_count) RETURNING id
$$;

-- Lock accounts in id order. Returns the ids that don't exist.
CREATE FUNCTION ledger_lock(p_accounts bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM points_account WHERE id = ANY (p_accounts) ORDER BY id FOR NO KEY UPDATE;
    RETURN ARRAY(
        SELECT DISTINCT wanted.id FROM unnest(p_accounts) AS wanted (id)
        WHERE NOT EXISTS (SELECT FROM points_account WHERE points_account.id = wanted.id) ORDER BY 1
    );
END $$;

-- Earn and adjust upward: an entry, its lot, and the repayment of arrears.
CREATE FUNCTION ledger_credit(
    p_kind text, p_account bigint, p_points bigint, p_requested bigint, p_key text, p_source text,
    p_at timestamptz, p_expires_at timestamptz, p_reason text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_objection text;
BEGIN
    SELECT * INTO acc FROM points_account WHERE id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_account));
    END IF;
    SELECT * INTO e FROM points_entry WHERE account_id = p_account AND key = p_key;
    IF FOUND THEN
        RETURN ledger_repeated(e, p_kind, p_requested, p_source, NULL);
    END IF;
    v_objection := ledger_objection(p_points, p_key, p_source, p_reason);
    IF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('points', p_requested));
    END IF;
    IF p_expires_at <= p_at OR (acc.asset = 'growth' AND p_expires_at IS NOT NULL) THEN
        RETURN ledger_refused('invalid_expiry', jsonb_build_object('expires_at', p_expires_at, 'at', p_at));
    END IF;
    acc.spendable := acc.spendable + p_points;
    INSERT INTO points_entry
        (account_id, kind, points, requested, spendable, spendable_after, key, source, reason, occurred_at)
    VALUES (p_account, p_kind, p_points, p_requested, p_points, acc.spendable, p_key, p_source, p_reason, p_at)
    RETURNING * INTO e;
    INSERT INTO points_lot (account_id, entry_id, points, remaining, earned_at, expires_at)
    VALUES (p_account, e.id, p_points, p_points, p_at, p_expires_at);
    IF acc.arrears > 0 THEN
        acc := ledger_repay(acc, e.id, p_source, p_at);
    END IF;
    UPDATE points_account
    SET spendable = acc.spendable, arrears = acc.arrears, latest_at = greatest(acc.latest_at, p_at) WHERE id = p_account;
    RETURN ledger_posted(e);
END $$;

-- Spend, hold and adjust downward: lapses first, then lots in spending order. `p_held` is what moves into the held bucket.
CREATE FUNCTION ledger_debit(
    p_kind text, p_account bigint, p_points bigint, p_requested bigint, p_held bigint, p_key text, p_source text,
    p_at timestamptz, p_reason text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_objection text;
    v_now timestamptz;
    v_lapsed bigint;
    v_id bigint;
BEGIN
    SELECT * INTO acc FROM points_account WHERE id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_account));
    END IF;
    SELECT * INTO e FROM points_entry WHERE account_id = p_account AND key = p_key;
    IF FOUND THEN
        RETURN ledger_repeated(e, p_kind, p_requested, p_source, NULL);
    END IF;
    v_objection := ledger_objection(p_points, p_key, p_source, p_reason);
    IF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('points', p_requested));
    END IF;
    IF acc.asset = 'growth' AND p_kind <> 'adjust' THEN
        RETURN ledger_refused('not_spendable', jsonb_build_object('account', p_account));
    END IF;
    v_now := greatest(p_at, acc.latest_at);
    v_lapsed := ledger_lapsed(p_account, v_now);
    IF acc.spendable - v_lapsed < p_points THEN
        RETURN ledger_refused(
            'insufficient_points', jsonb_build_object('available', acc.spendable - v_lapsed, 'requested', p_points));
    END IF;
    IF v_lapsed > 0 THEN
        v_id := ledger_lapse(acc, v_now, p_source, NULL, NULL);
    ELSE
        v_id := nextval('points_entry_id_seq');
    END IF;
    acc.spendable := acc.spendable - v_lapsed - p_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, requested, spendable, held, spendable_after, key, source, reason, occurred_at)
    VALUES (v_id, p_account, p_kind, p_points, p_requested, -p_points, p_held, acc.spendable, p_key, p_source, p_reason, p_at)
    RETURNING * INTO e;
    PERFORM ledger_take(p_account, v_id, p_points);
    UPDATE points_account
    SET spendable = acc.spendable, held = acc.held + p_held, latest_at = v_now WHERE id = p_account;
    RETURN ledger_posted(e);
END $$;

CREATE FUNCTION ledger_earn(
    p_account bigint, p_points bigint, p_key text, p_source text, p_at timestamptz, p_expires_at timestamptz, p_reason text
) RETURNS ledger_outcome LANGUAGE sql AS $$
    SELECT ledger_credit('earn', p_account, p_points, p_points, p_key, p_source, p_at, p_expires_at, p_reason)
$$;

CREATE FUNCTION ledger_spend(
    p_account bigint, p_points bigint, p_key text, p_source text, p_at timestamptz, p_reason text
) RETURNS ledger_outcome LANGUAGE sql AS $$
    SELECT ledger_debit('spend', p_account, p_points, p_points, 0, p_key, p_source, p_at, p_reason)
$$;

-- Signed points: upward makes a lot, downward draws like a spend.
CREATE FUNCTION ledger_adjust(
    p_account bigint, p_points bigint, p_key text, p_source text, p_at timestamptz, p_expires_at timestamptz, p_reason text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
BEGIN
    IF p_points < 0 THEN
        RETURN ledger_debit('adjust', p_account, -p_points, p_points, 0, p_key, p_source, p_at, p_reason);
    END IF;
    RETURN ledger_credit('adjust', p_account, p_points, p_points, p_key, p_source, p_at, p_expires_at, p_reason);
END $$;
