-- A hold asked of a merged account belongs to the account that it lives on in, where its entry is.

CREATE OR REPLACE FUNCTION ledger_hold(
    p_account bigint, p_points bigint, p_key text, p_source text, p_until timestamptz, p_at timestamptz
) RETURNS ledger_hold_outcome LANGUAGE plpgsql AS $$
DECLARE
    v_outcome ledger_outcome;
    h points_hold;
BEGIN
    v_outcome := ledger_debit('hold', p_account, p_points, p_points, p_points, p_key, p_source, p_at, '');
    IF v_outcome.refusal IS NOT NULL THEN
        RETURN ROW(v_outcome.refusal, v_outcome.facts, NULL, NULL, NULL, NULL, NULL, NULL)::ledger_hold_outcome;
    END IF;
    SELECT * INTO h FROM points_hold WHERE entry_id = v_outcome.entry;
    IF NOT FOUND THEN
        INSERT INTO points_hold (account_id, entry_id, points, status, until)
        VALUES (v_outcome.account, v_outcome.entry, p_points, 'open', p_until) RETURNING * INTO h;
    END IF;
    RETURN ROW(NULL, NULL, h.id, h.account_id, h.entry_id, h.points, h.status, h.until)::ledger_hold_outcome;
END $$;
