-- Holds again: what comes back from a hold after its lot lapsed gets the same grace as what comes back from a spend, and a hold
-- that is closed answers without a lock (it stays as it is, and its account may have been merged since).

DROP FUNCTION ledger_give_up(points_account, points_hold, bigint, bigint, text, timestamptz);
DROP FUNCTION ledger_capture(bigint, bigint, timestamptz);
DROP FUNCTION ledger_release(bigint, timestamptz);

-- Give the points of a hold from position `p_from` on back to their lots; what lapsed meanwhile comes back with a grace.
CREATE FUNCTION ledger_give_up(
    acc points_account, h points_hold, p_from bigint, p_cause bigint, p_source text, p_at timestamptz, p_grace interval
) RETURNS points_entry LANGUAGE plpgsql AS $$
DECLARE
    e points_entry;
    v_points bigint := h.points - p_from;
    v_now timestamptz := greatest(p_at, acc.latest_at);
    v_lots bigint[];
    v_id bigint;
BEGIN
    SELECT entry, spendable INTO v_id, acc.spendable FROM ledger_lapse_before(acc, v_now, p_source);
    acc.spendable := acc.spendable + v_points;
    acc.held := acc.held - v_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, spendable, held, spendable_after, source, occurred_at, caused_by_id)
    VALUES (v_id, acc.id, 'release', v_points, v_points, -v_points, acc.spendable, p_source, p_at, p_cause)
    RETURNING * INTO e;
    v_lots := ledger_put_back(acc.id, h.entry_id, p_from, h.points, v_id, v_now, p_grace);
    PERFORM ledger_settle(acc, v_id, p_source, p_at, v_now, v_lots);
    RETURN e;
END $$;

-- Take `p_points` (null: all) of an open hold for good, the soonest-expiring first; the rest is released.
CREATE FUNCTION ledger_capture(p_hold bigint, p_points bigint, p_at timestamptz, p_grace interval) RETURNS ledger_outcome
LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    h points_hold;
    e points_entry;
    v_points bigint;
    v_source text;
BEGIN
    SELECT a.* INTO acc FROM points_account AS a JOIN points_hold AS open ON open.account_id = a.id
    WHERE open.id = p_hold AND open.status = 'open' FOR NO KEY UPDATE OF a;
    SELECT * INTO h FROM points_hold WHERE id = p_hold;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_found', jsonb_build_object('hold', p_hold));
    ELSIF h.status <> 'open' THEN
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
        PERFORM ledger_give_up(acc, h, v_points, e.id, v_source, p_at, p_grace);
    ELSE
        UPDATE points_account SET held = acc.held, latest_at = acc.latest_at WHERE id = acc.id;
    END IF;
    RETURN ledger_posted(e);
END $$;

CREATE FUNCTION ledger_release(p_hold bigint, p_at timestamptz, p_grace interval) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    h points_hold;
    e points_entry;
    v_source text;
BEGIN
    SELECT a.* INTO acc FROM points_account AS a JOIN points_hold AS open ON open.account_id = a.id
    WHERE open.id = p_hold AND open.status = 'open' FOR NO KEY UPDATE OF a;
    SELECT * INTO h FROM points_hold WHERE id = p_hold;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_found', jsonb_build_object('hold', p_hold));
    ELSIF h.status <> 'open' THEN
        RETURN ledger_hold_repeated(h, 'released', NULL);
    END IF;
    SELECT source INTO v_source FROM points_entry WHERE id = h.entry_id;
    e := ledger_give_up(acc, h, 0, h.entry_id, v_source, p_at, p_grace);
    UPDATE points_hold SET status = 'released', closing_entry_id = e.id WHERE id = p_hold;
    RETURN ledger_posted(e);
END $$;
