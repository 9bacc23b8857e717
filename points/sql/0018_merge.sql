-- Two accounts become one: all that the source has moves, with its old expiry, its day of earning and its origin.

-- Book all lots of an account out by `p_entry`, and, when there is a target, into new lots of the target by `p_target_entry`.
CREATE FUNCTION ledger_move_lots(p_account bigint, p_entry bigint, p_target bigint, p_target_entry bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO points_draw (account_id, entry_id, lot_id, points)
    SELECT p_account, p_entry, id, -remaining FROM points_lot WHERE account_id = p_account AND remaining > 0 ORDER BY id;
    IF p_target IS NOT NULL THEN
        INSERT INTO points_lot (account_id, entry_id, origin_id, points, remaining, pending, earned_at, expires_at)
        SELECT p_target, p_target_entry, coalesce(origin_id, id), remaining, remaining, pending, earned_at, expires_at
        FROM points_lot WHERE account_id = p_account AND remaining > 0 ORDER BY id;
    END IF;
    UPDATE points_lot SET remaining = 0 WHERE account_id = p_account AND remaining > 0;
END $$;

-- Why two accounts that are locked can't be merged, or null.
CREATE FUNCTION ledger_merge_refusal(src points_account, tgt points_account, p_key text, p_reason text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    v_objection text := ledger_objection(1, p_key, '', p_reason);
BEGIN
    IF src.id = tgt.id OR src.asset <> tgt.asset THEN
        RETURN ledger_refused('invalid_merge', jsonb_build_object('source', src.id, 'target', tgt.id));
    ELSIF src.closed_at IS NOT NULL THEN
        RETURN ledger_refused_closed(src);
    ELSIF tgt.closed_at IS NOT NULL THEN
        RETURN ledger_refused_closed(tgt);
    ELSIF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('key', p_key));
    ELSIF src.held > 0 THEN
        RETURN ledger_refused('hold_open', jsonb_build_object('account', src.id, 'held', src.held));
    ELSIF tgt.held > 0 THEN
        RETURN ledger_refused('hold_open', jsonb_build_object('account', tgt.id, 'held', tgt.held));
    END IF;
    RETURN NULL;
END $$;

-- Move what `src` has to `tgt` and close it. Lapses are decided for both by the latest of all times; arrears of one side are
-- repaid from what the other side can spend.
CREATE FUNCTION ledger_write_merge(src points_account, tgt points_account, p_key text, p_at timestamptz, p_reason text)
RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_now timestamptz := greatest(p_at, src.latest_at, tgt.latest_at);
    v_to text := 'account:' || tgt.id;
    v_from text := 'account:' || src.id;
    v_out bigint;
    v_in bigint;
BEGIN
    SELECT entry, spendable INTO v_out, src.spendable FROM ledger_lapse_before(src, v_now, v_to);
    INSERT INTO points_entry
        (id, account_id, kind, points, spendable, pending, arrears, spendable_after, key, source, reason, occurred_at)
    VALUES (v_out, src.id, 'merge_out', src.spendable + src.pending, -src.spendable, -src.pending, -src.arrears, 0, p_key, v_to,
        p_reason, p_at)
    RETURNING * INTO e;
    SELECT entry, spendable INTO v_in, tgt.spendable FROM ledger_lapse_before(tgt, v_now, v_from);
    tgt.spendable := tgt.spendable + src.spendable;
    tgt.arrears := tgt.arrears + src.arrears;
    INSERT INTO points_entry
        (id, account_id, kind, points, spendable, pending, arrears, spendable_after, source, reason, occurred_at, caused_by_id)
    VALUES (v_in, tgt.id, 'merge_in', e.points, src.spendable, src.pending, src.arrears, tgt.spendable, v_from, p_reason, p_at,
        v_out);
    PERFORM ledger_move_lots(src.id, v_out, tgt.id, v_in);
    IF tgt.arrears > 0 THEN
        tgt := ledger_repay(tgt, v_in, v_from, p_at);
    END IF;
    UPDATE points_account SET spendable = tgt.spendable, pending = tgt.pending + src.pending, arrears = tgt.arrears,
        latest_at = v_now, has_absorbed = true
    WHERE id = tgt.id;
    UPDATE points_account SET spendable = 0, pending = 0, arrears = 0, latest_at = v_now, closed_at = p_at, merged_into_id = tgt.id
    WHERE id = src.id;
    RETURN e;
END $$;

CREATE FUNCTION ledger_merge(p_source bigint, p_target bigint, p_key text, p_at timestamptz, p_reason text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    src points_account;
    tgt points_account;
    e points_entry;
    v_refused ledger_outcome;
BEGIN
    PERFORM id FROM points_account WHERE id IN (p_source, p_target) AND merged_into_id IS NULL ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO src FROM points_account WHERE id = p_source;
    IF NOT FOUND THEN
        RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_source));
    END IF;
    SELECT * INTO tgt FROM points_account WHERE id = p_target;
    IF NOT FOUND THEN
        RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_target));
    END IF;
    SELECT * INTO e FROM points_entry WHERE account_id = p_source AND key = p_key;
    IF NOT FOUND AND src.has_absorbed THEN
        SELECT * INTO e FROM ledger_entry_of_family(p_source, p_key);
    END IF;
    IF e.id IS NOT NULL THEN
        RETURN ledger_repeated(e, 'merge_out', NULL, 'account:' || p_target, NULL);
    END IF;
    v_refused := ledger_merge_refusal(src, tgt, p_key, p_reason);
    IF v_refused.refusal IS NOT NULL THEN
        RETURN v_refused;
    END IF;
    RETURN ledger_posted(ledger_write_merge(src, tgt, p_key, p_at, p_reason));
END $$;
