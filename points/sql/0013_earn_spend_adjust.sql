-- Earn, spend and adjust on accounts that may have been closed or merged; earned points may be pending.

DROP FUNCTION ledger_earn(bigint, bigint, text, text, timestamptz, timestamptz, text);
DROP FUNCTION ledger_credit(text, bigint, bigint, bigint, text, text, timestamptz, timestamptz, text);

-- Earn and adjust upward: an entry, its lot, and the repayment of arrears. Pending points are neither spendable nor lapse.
CREATE FUNCTION ledger_credit(
    p_kind text, p_account bigint, p_points bigint, p_requested bigint, p_key text, p_source text,
    p_at timestamptz, p_expires_at timestamptz, p_reason text, p_pending boolean DEFAULT false
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_objection text;
    v_usable bigint;
BEGIN
    SELECT * INTO acc FROM points_account WHERE id = p_account AND merged_into_id IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        acc := ledger_survivor(p_account);
        IF acc.id IS NULL THEN
            RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_account));
        END IF;
    END IF;
    SELECT * INTO e FROM points_entry WHERE account_id = p_account AND key = p_key;
    IF NOT FOUND AND acc.has_absorbed THEN
        SELECT * INTO e FROM ledger_entry_of_family(acc.id, p_key);
    END IF;
    IF e.id IS NOT NULL THEN
        RETURN ledger_repeated(e, p_kind, p_requested, p_source, NULL);
    END IF;
    IF acc.closed_at IS NOT NULL THEN
        RETURN ledger_refused_closed(acc);
    END IF;
    v_objection := ledger_objection(p_points, p_key, p_source, p_reason);
    IF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('points', p_requested));
    END IF;
    IF p_expires_at <= p_at OR (acc.asset = 'growth' AND p_expires_at IS NOT NULL) THEN
        RETURN ledger_refused('invalid_expiry', jsonb_build_object('expires_at', p_expires_at, 'at', p_at));
    END IF;
    v_usable := CASE WHEN p_pending THEN 0 ELSE p_points END;
    acc.spendable := acc.spendable + v_usable;
    INSERT INTO points_entry
        (account_id, kind, points, requested, spendable, pending, spendable_after, key, source, reason, occurred_at)
    VALUES (acc.id, p_kind, p_points, p_requested, v_usable, p_points - v_usable, acc.spendable, p_key, p_source, p_reason, p_at)
    RETURNING * INTO e;
    INSERT INTO points_lot (account_id, entry_id, points, remaining, pending, earned_at, expires_at)
    VALUES (acc.id, e.id, p_points, p_points, p_pending, p_at, p_expires_at);
    IF acc.arrears > 0 AND NOT p_pending THEN
        acc := ledger_repay(acc, e.id, p_source, p_at);
    END IF;
    UPDATE points_account
    SET spendable = acc.spendable, pending = acc.pending + e.pending, arrears = acc.arrears,
        latest_at = greatest(acc.latest_at, p_at)
    WHERE id = acc.id;
    RETURN ledger_posted(e);
END $$;

-- Spend, hold and adjust downward: lapses first, then lots in spending order. `p_held` is what moves into the held bucket.
CREATE OR REPLACE FUNCTION ledger_debit(
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
    SELECT * INTO acc FROM points_account WHERE id = p_account AND merged_into_id IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        acc := ledger_survivor(p_account);
        IF acc.id IS NULL THEN
            RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_account));
        END IF;
    END IF;
    SELECT * INTO e FROM points_entry WHERE account_id = p_account AND key = p_key;
    IF NOT FOUND AND acc.has_absorbed THEN
        SELECT * INTO e FROM ledger_entry_of_family(acc.id, p_key);
    END IF;
    IF e.id IS NOT NULL THEN
        RETURN ledger_repeated(e, p_kind, p_requested, p_source, NULL);
    END IF;
    IF acc.closed_at IS NOT NULL THEN
        RETURN ledger_refused_closed(acc);
    END IF;
    v_objection := ledger_objection(p_points, p_key, p_source, p_reason);
    IF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('points', p_requested));
    END IF;
    IF acc.asset = 'growth' AND p_kind <> 'adjust' THEN
        RETURN ledger_refused('not_spendable', jsonb_build_object('account', p_account));
    END IF;
    v_now := greatest(p_at, acc.latest_at);
    v_lapsed := ledger_lapsed(acc.id, v_now);
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
    VALUES (v_id, acc.id, p_kind, p_points, p_requested, -p_points, p_held, acc.spendable, p_key, p_source, p_reason, p_at)
    RETURNING * INTO e;
    PERFORM ledger_take(acc.id, v_id, p_points);
    UPDATE points_account
    SET spendable = acc.spendable, held = acc.held + p_held, latest_at = v_now WHERE id = acc.id;
    RETURN ledger_posted(e);
END $$;

CREATE FUNCTION ledger_earn(
    p_account bigint, p_points bigint, p_key text, p_source text, p_at timestamptz, p_expires_at timestamptz, p_reason text,
    p_pending boolean DEFAULT false
) RETURNS ledger_outcome LANGUAGE sql AS $$
    SELECT ledger_credit('earn', p_account, p_points, p_points, p_key, p_source, p_at, p_expires_at, p_reason, p_pending)
$$;
