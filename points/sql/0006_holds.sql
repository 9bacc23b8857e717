-- Holds: points of an unpaid order leave the lots when the hold is made, and are captured or go back.

CREATE TYPE ledger_hold_outcome AS (
    refusal text, facts jsonb, hold bigint, account bigint, entry bigint, points bigint, status text, until timestamptz
);

CREATE FUNCTION ledger_hold(
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
        VALUES (p_account, v_outcome.entry, p_points, 'open', p_until) RETURNING * INTO h;
    END IF;
    RETURN ROW(NULL, NULL, h.id, h.account_id, h.entry_id, h.points, h.status, h.until)::ledger_hold_outcome;
END $$;

-- Give the points of a hold from position `p_from` on back to their lots (points whose lot lapsed meanwhile lapse).
CREATE FUNCTION ledger_give_up(acc points_account, h points_hold, p_from bigint, p_cause bigint, p_source text, p_at timestamptz)
RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_points bigint := h.points - p_from;
    v_now timestamptz := greatest(p_at, acc.latest_at);
    v_lapsed bigint := ledger_lapsed(acc.id, v_now);
    v_id bigint;
BEGIN
    IF v_lapsed > 0 THEN
        v_id := ledger_lapse(acc, v_now, p_source, NULL, NULL);
    ELSE
        v_id := nextval('points_entry_id_seq');
    END IF;
    acc.spendable := acc.spendable - v_lapsed + v_points;
    acc.held := acc.held - v_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, spendable, held, spendable_after, source, occurred_at, caused_by_id)
    VALUES (v_id, acc.id, 'release', v_points, v_points, -v_points, acc.spendable, p_source, p_at, p_cause)
    RETURNING * INTO e;
    PERFORM ledger_put_back(acc.id, h.entry_id, p_from, h.points, v_id, v_now, interval '0');
    PERFORM ledger_settle(acc, v_id, p_source, p_at, v_now);
    RETURN e;
END $$;

-- The answer to a hold that is closed: what closed it when the same is asked again, else a refusal.
CREATE FUNCTION ledger_hold_repeated(h points_hold, p_status text, p_requested bigint) RETURNS ledger_outcome
LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
BEGIN
    SELECT * INTO e FROM points_entry WHERE id = h.closing_entry_id;
    IF h.status = p_status AND e.requested IS NOT DISTINCT FROM p_requested THEN
        RETURN ledger_posted(e);
    END IF;
    RETURN ledger_refused('hold_closed', jsonb_build_object('hold', h.id, 'status', h.status));
END $$;

-- Take `p_points` (null: all) of an open hold for good, the soonest-expiring first; the rest is released.
CREATE FUNCTION ledger_capture(p_hold bigint, p_points bigint, p_at timestamptz) RETURNS ledger_outcome
LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    h points_hold;
    e points_entry;
    v_points bigint;
    v_source text;
BEGIN
    SELECT a.* INTO acc FROM points_account AS a JOIN points_hold ON points_hold.account_id = a.id
    WHERE points_hold.id = p_hold FOR NO KEY UPDATE OF a;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_found', jsonb_build_object('hold', p_hold));
    END IF;
    SELECT * INTO h FROM points_hold WHERE id = p_hold;
    IF h.status <> 'open' THEN
        RETURN ledger_hold_repeated(h, 'captured', p_points);
    END IF;
    v_points := coalesce(p_points, h.points);
    IF v_points < 1 THEN
        RETURN ledger_refused('invalid_amount', jsonb_build_object('points', p_points));
    ELSIF v_points > h.points THEN
        RETURN ledger_refused('insufficient_points', jsonb_build_object('available', h.points, 'requested', v_points));
    END IF;
    SELECT source INTO v_source FROM points_entry WHERE id = h.entry_id;
    acc.held := acc.held - v_points;
    acc.latest_at := greatest(acc.latest_at, p_at);
    INSERT INTO points_entry (account_id, kind, points, requested, held, spendable_after, source, occurred_at, caused_by_id)
    VALUES (acc.id, 'capture', v_points, p_points, -v_points, acc.spendable, v_source, p_at, h.entry_id)
    RETURNING * INTO e;
    UPDATE points_hold SET status = 'captured', closing_entry_id = e.id WHERE id = p_hold;
    IF v_points < h.points THEN
        PERFORM ledger_give_up(acc, h, v_points, e.id, v_source, p_at);
    ELSE
        UPDATE points_account SET held = acc.held, latest_at = acc.latest_at WHERE id = acc.id;
    END IF;
    RETURN ledger_posted(e);
END $$;

CREATE FUNCTION ledger_release(p_hold bigint, p_at timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    h points_hold;
    e points_entry;
    v_source text;
BEGIN
    SELECT a.* INTO acc FROM points_account AS a JOIN points_hold ON points_hold.account_id = a.id
    WHERE points_hold.id = p_hold FOR NO KEY UPDATE OF a;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_found', jsonb_build_object('hold', p_hold));
    END IF;
    SELECT * INTO h FROM points_hold WHERE id = p_hold;
    IF h.status <> 'open' THEN
        RETURN ledger_hold_repeated(h, 'released', NULL);
    END IF;
    SELECT source INTO v_source FROM points_entry WHERE id = h.entry_id;
    e := ledger_give_up(acc, h, 0, h.entry_id, v_source, p_at);
    UPDATE points_hold SET status = 'released', closing_entry_id = e.id WHERE id = p_hold;
    RETURN ledger_posted(e);
END $$;
