-- An account ends: what is left is given up, what is owed is forgiven, and one entry tells both. Asked again: the same entry.

CREATE FUNCTION ledger_close_account(p_account bigint, p_at timestamptz, p_reason text) RETURNS ledger_outcome
LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_now timestamptz;
    v_id bigint;
BEGIN
    SELECT * INTO acc FROM points_account WHERE id = p_account AND merged_into_id IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        SELECT * INTO acc FROM points_account WHERE id = p_account;
        IF NOT FOUND THEN
            RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_account));
        END IF;
        RETURN ledger_refused_closed(acc);
    END IF;
    IF acc.closed_at IS NOT NULL THEN
        SELECT * INTO e FROM points_entry WHERE account_id = p_account AND kind = 'close';
        RETURN ledger_posted(e);
    ELSIF length(p_reason) > 64 THEN
        RETURN ledger_refused('invalid_source', jsonb_build_object('points', NULL));
    ELSIF acc.held > 0 THEN
        RETURN ledger_refused('hold_open', jsonb_build_object('account', p_account, 'held', acc.held));
    END IF;
    v_now := greatest(p_at, acc.latest_at);
    SELECT entry, spendable INTO v_id, acc.spendable FROM ledger_lapse_before(acc, v_now, 'close');
    INSERT INTO points_entry
        (id, account_id, kind, points, spendable, pending, arrears, forgiven, spendable_after, source, reason, occurred_at)
    VALUES (v_id, p_account, 'close', acc.spendable + acc.pending, -acc.spendable, -acc.pending, -acc.arrears, acc.arrears, 0,
        'close', p_reason, p_at)
    RETURNING * INTO e;
    PERFORM ledger_move_lots(p_account, v_id, NULL, NULL);
    UPDATE points_account SET spendable = 0, pending = 0, arrears = 0, latest_at = v_now, closed_at = p_at WHERE id = p_account;
    RETURN ledger_posted(e);
END $$;
