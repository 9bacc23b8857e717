-- Reversals: a spend is restored to its lots, an earn is clawed back.

-- What reversing an entry is called: restore for what took points, clawback for what gave them, null for anything else.
CREATE FUNCTION ledger_reversal_kind(e points_entry) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN e.kind IN ('spend', 'capture') OR (e.kind = 'adjust' AND e.spendable < 0) THEN 'restore'
        WHEN e.kind IN ('earn', 'adjust') THEN 'clawback'
    END
$$;

-- Put `p_points` of a spend (or captured hold) back, last drawn first; `p_done` were put back before.
CREATE FUNCTION ledger_restore(
    acc points_account, p_original points_entry, p_done bigint, p_points bigint, p_requested bigint,
    p_key text, p_at timestamptz, p_reason text, p_grace interval
) RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_now timestamptz := greatest(p_at, acc.latest_at);
    v_lapsed bigint := ledger_lapsed(acc.id, v_now);
    v_upto bigint := p_original.points - p_done;
    v_drawing bigint := CASE p_original.kind WHEN 'capture' THEN p_original.caused_by_id ELSE p_original.id END;
    v_id bigint;
BEGIN
    IF v_lapsed > 0 THEN
        v_id := ledger_lapse(acc, v_now, p_original.source, NULL, NULL);
    ELSE
        v_id := nextval('points_entry_id_seq');
    END IF;
    acc.spendable := acc.spendable - v_lapsed + p_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, requested, spendable, spendable_after, key, source, reason, occurred_at, reverses_id)
    VALUES (v_id, acc.id, 'restore', p_points, p_requested, p_points, acc.spendable, p_key, p_original.source, p_reason, p_at,
        p_original.id)
    RETURNING * INTO e;
    PERFORM ledger_put_back(acc.id, v_drawing, v_upto - p_points, v_upto, v_id, v_now, p_grace);
    PERFORM ledger_settle(acc, v_id, p_original.source, p_at, v_now);
    RETURN e;
END $$;

-- Take back `p_points` of an earn: from its own lots, then what already lapsed from them counts, then other lots in spending
-- order; the rest is owed, or forgiven when `p_forgive`.
CREATE FUNCTION ledger_claw_back(
    acc points_account, p_original points_entry, p_points bigint, p_requested bigint,
    p_key text, p_at timestamptz, p_reason text, p_forgive boolean
) RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_now timestamptz := greatest(p_at, acc.latest_at);
    v_lapsed_now bigint := ledger_lapsed(acc.id, v_now);
    v_id bigint;
    v_lots bigint[];
    v_own bigint;
    v_lapsed bigint;
    v_other bigint;
    v_rest bigint;
BEGIN
    IF v_lapsed_now > 0 THEN
        v_id := ledger_lapse(acc, v_now, p_original.source, NULL, NULL);
        acc.spendable := acc.spendable - v_lapsed_now;
    ELSE
        v_id := nextval('points_entry_id_seq');
    END IF;
    SELECT array_agg(own.id), coalesce(sum(own.remaining), 0) INTO v_lots, v_own FROM (
        SELECT id, remaining FROM points_lot WHERE entry_id = p_original.id
        UNION ALL
        SELECT lot.id, lot.remaining FROM points_lot AS lot
        JOIN points_lot AS root ON root.id = lot.origin_id WHERE root.entry_id = p_original.id
    ) AS own;
    SELECT coalesce(-sum(draw.points), 0) INTO v_lapsed FROM points_draw AS draw
    JOIN points_entry AS x ON x.id = draw.entry_id WHERE draw.lot_id = ANY (v_lots) AND x.kind = 'expire';
    SELECT v_lapsed - coalesce(sum(lapsed), 0) INTO v_lapsed FROM points_entry WHERE reverses_id = p_original.id;
    v_own := least(v_own, p_points);
    v_lapsed := least(v_lapsed, p_points - v_own);
    v_other := least(acc.spendable - v_own, p_points - v_own - v_lapsed);
    v_rest := p_points - v_own - v_lapsed - v_other;
    acc.spendable := acc.spendable - v_own - v_other;
    INSERT INTO points_entry
        (id, account_id, kind, points, requested, spendable, arrears, lapsed, forgiven, spendable_after,
         key, source, reason, occurred_at, reverses_id)
    VALUES (v_id, acc.id, 'clawback', p_points, p_requested, -v_own - v_other, CASE WHEN p_forgive THEN 0 ELSE v_rest END,
        v_lapsed, CASE WHEN p_forgive THEN v_rest ELSE 0 END, acc.spendable,
        p_key, p_original.source, p_reason, p_at, p_original.id)
    RETURNING * INTO e;
    PERFORM ledger_take(acc.id, v_id, v_own, v_lots);
    PERFORM ledger_take(acc.id, v_id, v_other);
    UPDATE points_account SET spendable = acc.spendable, arrears = acc.arrears + e.arrears, latest_at = v_now
    WHERE id = acc.id;
    RETURN e;
END $$;

CREATE FUNCTION ledger_reverse(
    p_entry bigint, p_points bigint, p_key text, p_at timestamptz, p_reason text, p_forgive boolean, p_grace interval
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_original points_entry;
    v_kind text;
    v_done bigint;
    v_points bigint;
    v_objection text;
BEGIN
    SELECT * INTO v_original FROM points_entry WHERE id = p_entry;
    IF NOT FOUND THEN
        RETURN ledger_refused('entry_not_found', jsonb_build_object('entry', p_entry));
    END IF;
    SELECT * INTO acc FROM points_account WHERE id = v_original.account_id FOR NO KEY UPDATE;
    v_kind := ledger_reversal_kind(v_original);
    SELECT * INTO e FROM points_entry WHERE account_id = acc.id AND key = p_key;
    IF FOUND THEN
        RETURN ledger_repeated(e, v_kind, p_points, v_original.source, p_entry);
    END IF;
    IF v_kind IS NULL THEN
        RETURN ledger_refused('not_reversible', jsonb_build_object('entry', p_entry, 'kind', v_original.kind));
    END IF;
    SELECT coalesce(sum(points), 0) INTO v_done FROM points_entry WHERE reverses_id = p_entry;
    IF v_done = v_original.points THEN
        RETURN ledger_refused('already_reversed', jsonb_build_object('entry', p_entry));
    END IF;
    v_points := coalesce(p_points, v_original.points - v_done);
    v_objection := ledger_objection(v_points, p_key, v_original.source, p_reason);
    IF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('points', p_points));
    END IF;
    IF v_points > v_original.points - v_done THEN
        RETURN ledger_refused(
            'reversal_too_large', jsonb_build_object('left', v_original.points - v_done, 'requested', v_points));
    END IF;
    IF v_kind = 'restore' THEN
        e := ledger_restore(acc, v_original, v_done, v_points, p_points, p_key, p_at, p_reason, p_grace);
    ELSE
        e := ledger_claw_back(acc, v_original, v_points, p_points, p_key, p_at, p_reason, p_forgive);
    END IF;
    RETURN ledger_posted(e);
END $$;
