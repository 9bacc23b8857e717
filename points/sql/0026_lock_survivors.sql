-- Locking several accounts while others merge them, without deadlock. Who waits for an account that is being merged wakes up with
-- the lock of one that has ended, and must wait for another with a smaller id perhaps: so everything is given back first (the
-- end of a subtransaction does that). A statement that waits for many rows would go on to rows that ended while it waited: so
-- whoever has to wait, takes one after the other, looking afresh each time.

CREATE OR REPLACE FUNCTION ledger_lock_survivors(p_accounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_survivors bigint[];
    v_account bigint;
    v_locked integer;
    v_waits boolean := false;
BEGIN
    LOOP
        v_survivors := ARRAY(SELECT DISTINCT survivor FROM ledger_survivors(p_accounts) ORDER BY survivor);
        BEGIN
            IF v_waits THEN
                FOREACH v_account IN ARRAY v_survivors LOOP
                    PERFORM id FROM points_account WHERE id = v_account AND merged_into_id IS NULL FOR NO KEY UPDATE;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'account % was merged meanwhile', v_account USING ERRCODE = 'LG001';
                    END IF;
                END LOOP;
            ELSE
                PERFORM id FROM points_account WHERE id = ANY (v_survivors) AND merged_into_id IS NULL
                ORDER BY id FOR NO KEY UPDATE NOWAIT;
                GET DIAGNOSTICS v_locked = ROW_COUNT;
                IF v_locked <> cardinality(v_survivors) THEN
                    RAISE EXCEPTION 'an account was merged meanwhile' USING ERRCODE = 'LG001';
                END IF;
            END IF;
            RETURN;
        EXCEPTION
            WHEN SQLSTATE 'LG001' THEN
                NULL;
            WHEN lock_not_available THEN
                IF v_waits THEN
                    RAISE;
                END IF;
                v_waits := true;
        END;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_merge(p_source bigint, p_target bigint, p_key text, p_at timestamptz, p_reason text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    src points_account;
    tgt points_account;
    e points_entry;
    v_refused ledger_outcome;
BEGIN
    PERFORM ledger_lock_survivors(ARRAY[p_source, p_target]);
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
