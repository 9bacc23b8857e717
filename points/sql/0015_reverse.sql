-- Reversals again: of pending points, of what was merged, and of what comes too late because the account is closed.

CREATE OR REPLACE FUNCTION ledger_restore(
    acc points_account, p_original points_entry, p_done bigint, p_points bigint, p_requested bigint,
    p_key text, p_at timestamptz, p_reason text, p_grace interval
) RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_now timestamptz := greatest(p_at, acc.latest_at);
    v_upto bigint := p_original.points - p_done;
    v_drawing bigint := CASE p_original.kind WHEN 'capture' THEN p_original.caused_by_id ELSE p_original.id END;
    v_lots bigint[];
    v_id bigint;
BEGIN
    SELECT entry, spendable INTO v_id, acc.spendable FROM ledger_lapse_before(acc, v_now, p_original.source);
    acc.spendable := acc.spendable + p_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, requested, spendable, spendable_after, key, source, reason, occurred_at, reverses_id)
    VALUES (v_id, acc.id, 'restore', p_points, p_requested, p_points, acc.spendable, p_key, p_original.source, p_reason, p_at,
        p_original.id)
    RETURNING * INTO e;
    v_lots := ledger_put_back(acc.id, v_drawing, v_upto - p_points, v_upto, v_id, v_now, p_grace);
    PERFORM ledger_settle(acc, v_id, p_original.source, p_at, v_now, v_lots);
    RETURN e;
END $$;

-- What lapsed from the lots of an earn, or was given up when its account was closed, and no clawback has counted yet.
CREATE FUNCTION ledger_lapsed_of(p_original bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_gone bigint;
    v_counted bigint;
BEGIN
    SELECT coalesce(-sum(draw.points), 0) INTO v_gone FROM ledger_lots_of(p_original) AS lot
    JOIN points_draw AS draw ON draw.lot_id = lot.id JOIN points_entry AS x ON x.id = draw.entry_id
    WHERE x.kind IN ('expire', 'close');
    SELECT coalesce(sum(lapsed), 0) INTO v_counted FROM points_entry WHERE reverses_id = p_original;
    RETURN v_gone - v_counted;
END $$;

-- Take back `p_points` of an earn: from its own lots (pending ones shrink), then what already lapsed from them counts, then from
-- other lots in spending order; the rest is owed, or forgiven when `p_forgive`.
CREATE OR REPLACE FUNCTION ledger_claw_back(
    acc points_account, p_original points_entry, p_points bigint, p_requested bigint,
    p_key text, p_at timestamptz, p_reason text, p_forgive boolean
) RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_now timestamptz := greatest(p_at, acc.latest_at);
    v_id bigint;
    v_lots bigint[];
    v_pending bigint;
    v_own bigint;
    v_lapsed bigint;
    v_other bigint;
    v_rest bigint;
BEGIN
    SELECT entry, spendable INTO v_id, acc.spendable FROM ledger_lapse_before(acc, v_now, p_original.source);
    SELECT array_agg(id ORDER BY expires_at, earned_at, id), coalesce(sum(remaining) FILTER (WHERE pending), 0),
        coalesce(sum(remaining) FILTER (WHERE NOT pending), 0)
    INTO v_lots, v_pending, v_own FROM ledger_lots_of(p_original.id) WHERE remaining > 0;
    v_pending := least(v_pending, p_points);
    v_own := least(v_own, p_points - v_pending);
    v_lapsed := least(ledger_lapsed_of(p_original.id), p_points - v_pending - v_own);
    v_other := least(acc.spendable - v_own, p_points - v_pending - v_own - v_lapsed);
    v_rest := p_points - v_pending - v_own - v_lapsed - v_other;
    acc.spendable := acc.spendable - v_own - v_other;
    INSERT INTO points_entry
        (id, account_id, kind, points, requested, spendable, pending, arrears, lapsed, forgiven, spendable_after,
         key, source, reason, occurred_at, reverses_id)
    VALUES (v_id, acc.id, 'clawback', p_points, p_requested, -v_own - v_other, -v_pending,
        CASE WHEN p_forgive THEN 0 ELSE v_rest END, v_lapsed, CASE WHEN p_forgive THEN v_rest ELSE 0 END, acc.spendable,
        p_key, p_original.source, p_reason, p_at, p_original.id)
    RETURNING * INTO e;
    PERFORM ledger_take(acc.id, v_id, v_pending, coalesce(v_lots, '{}'), true);
    PERFORM ledger_take(acc.id, v_id, v_own, coalesce(v_lots, '{}'));
    PERFORM ledger_take(acc.id, v_id, v_other);
    UPDATE points_account
    SET spendable = acc.spendable, pending = acc.pending - v_pending, arrears = acc.arrears + e.arrears, latest_at = v_now
    WHERE id = acc.id;
    RETURN e;
END $$;

-- A reversal in a closed account moves nothing and is written down all the same. Of an earn: what lapsed from it or was given up
-- counts as taken, the rest is forgiven, for nobody is left who could owe it. Of a spend: what would come back lapses at once.
CREATE FUNCTION ledger_reverse_too_late(
    acc points_account, p_original points_entry, p_kind text, p_points bigint, p_requested bigint,
    p_key text, p_at timestamptz, p_reason text
) RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_lapsed bigint := p_points;
BEGIN
    IF p_kind = 'clawback' THEN
        v_lapsed := least(ledger_lapsed_of(p_original.id), p_points);
    END IF;
    INSERT INTO points_entry
        (account_id, kind, points, requested, lapsed, forgiven, spendable_after, key, source, reason, occurred_at, reverses_id)
    VALUES (acc.id, p_kind, p_points, p_requested, v_lapsed, p_points - v_lapsed, 0, p_key, p_original.source, p_reason, p_at,
        p_original.id)
    RETURNING * INTO e;
    RETURN e;
END $$;

CREATE OR REPLACE FUNCTION ledger_reverse(
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
    acc := ledger_survivor(v_original.account_id);
    v_kind := ledger_reversal_kind(v_original);
    SELECT * INTO e FROM points_entry WHERE account_id = v_original.account_id AND key = p_key;
    IF NOT FOUND AND acc.has_absorbed THEN
        SELECT * INTO e FROM ledger_entry_of_family(acc.id, p_key);
    END IF;
    IF e.id IS NOT NULL THEN
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
    IF acc.closed_at IS NOT NULL THEN
        e := ledger_reverse_too_late(acc, v_original, v_kind, v_points, p_points, p_key, p_at, p_reason);
    ELSIF v_kind = 'restore' THEN
        e := ledger_restore(acc, v_original, v_done, v_points, p_points, p_key, p_at, p_reason, p_grace);
    ELSE
        e := ledger_claw_back(acc, v_original, v_points, p_points, p_key, p_at, p_reason, p_forgive);
    END IF;
    RETURN ledger_posted(e);
END $$;
