-- Pending points become spendable.

-- The lots of what an entry earned, wherever they are now: its own, those that came back from them, those that were merged.
CREATE FUNCTION ledger_lots_of(p_entry bigint) RETURNS SETOF points_lot LANGUAGE sql STABLE AS $$
    SELECT * FROM points_lot WHERE entry_id = p_entry
    UNION ALL
    SELECT lot.* FROM points_lot AS lot JOIN points_lot AS root ON root.id = lot.origin_id WHERE root.entry_id = p_entry
$$;

-- Confirm what is left of a pending earn, once. With `p_keeps` it keeps its expiry, and what would have lapsed while it was
-- pending lives for `p_grace`; otherwise it expires at `p_expires_at`.
CREATE FUNCTION ledger_confirm(
    p_entry bigint, p_at timestamptz, p_keeps boolean, p_expires_at timestamptz, p_grace interval
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_original points_entry;
    v_now timestamptz;
    v_lots bigint[];
    v_points bigint;
    v_id bigint;
BEGIN
    SELECT * INTO v_original FROM points_entry WHERE id = p_entry;
    IF NOT FOUND THEN
        RETURN ledger_refused('entry_not_found', jsonb_build_object('entry', p_entry));
    END IF;
    acc := ledger_survivor(v_original.account_id);
    SELECT * INTO e FROM points_entry WHERE caused_by_id = p_entry AND kind = 'confirm';
    IF FOUND THEN
        RETURN ledger_posted(e);
    ELSIF acc.closed_at IS NOT NULL THEN
        RETURN ledger_refused_closed(acc);
    ELSIF v_original.kind <> 'earn' OR v_original.pending = 0 THEN
        RETURN ledger_refused('not_pending', jsonb_build_object('entry', p_entry, 'kind', v_original.kind));
    ELSIF NOT p_keeps AND (p_expires_at <= p_at OR (acc.asset = 'growth' AND p_expires_at IS NOT NULL)) THEN
        RETURN ledger_refused('invalid_expiry', jsonb_build_object('expires_at', p_expires_at, 'at', p_at));
    END IF;
    SELECT array_agg(id), sum(remaining) INTO v_lots, v_points FROM ledger_lots_of(p_entry) WHERE pending AND remaining > 0;
    IF v_lots IS NULL THEN
        RETURN ledger_refused('already_reversed', jsonb_build_object('entry', p_entry));
    END IF;
    v_now := greatest(p_at, acc.latest_at);
    SELECT entry, spendable INTO v_id, acc.spendable FROM ledger_lapse_before(acc, v_now, v_original.source);
    acc.spendable := acc.spendable + v_points;
    acc.pending := acc.pending - v_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, spendable, pending, spendable_after, source, occurred_at, caused_by_id)
    VALUES (v_id, acc.id, 'confirm', v_points, v_points, -v_points, acc.spendable, v_original.source, p_at, p_entry)
    RETURNING * INTO e;
    UPDATE points_lot SET pending = false, expires_at = CASE
        WHEN NOT p_keeps THEN p_expires_at
        WHEN expires_at <= v_now AND p_grace > interval '0' THEN v_now + p_grace
        ELSE expires_at
    END WHERE id = ANY (v_lots);
    PERFORM ledger_settle(acc, v_id, v_original.source, p_at, v_now, v_lots);
    RETURN ledger_posted(e);
END $$;
