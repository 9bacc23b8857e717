-- Arithmetic on lots that the verbs share. The caller holds the account's lock and writes the account row itself.

-- Draw points from lots in spending order: soonest expiry first, then the older lot; lots that never expire last.
-- `p_lots` limits the choice. Lapsed lots must have been booked before.
CREATE FUNCTION ledger_take(p_account bigint, p_entry bigint, p_points bigint, p_lots bigint[] DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_left bigint := p_points;
    v_part bigint;
    v_lot record;
BEGIN
    FOR v_lot IN
        SELECT id, remaining FROM points_lot
        WHERE account_id = p_account AND remaining > 0 AND NOT pending AND (p_lots IS NULL OR id = ANY (p_lots))
        ORDER BY expires_at, earned_at, id
    LOOP
        EXIT WHEN v_left = 0;
        v_part := least(v_lot.remaining, v_left);
        UPDATE points_lot SET remaining = remaining - v_part WHERE id = v_lot.id;
        INSERT INTO points_draw (account_id, entry_id, lot_id, points) VALUES (p_account, p_entry, v_lot.id, -v_part);
        v_left := v_left - v_part;
    END LOOP;
    IF v_left > 0 THEN
        RAISE EXCEPTION 'lots of account % hold % less than its balance', p_account, v_left USING ERRCODE = 'data_corrupted';
    END IF;
END $$;

-- Points in lots that have lapsed by `p_now` and are not booked as expired yet.
CREATE FUNCTION ledger_lapsed(p_account bigint, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_points bigint;
BEGIN
    SELECT coalesce(sum(remaining), 0) INTO v_points FROM points_lot
    WHERE account_id = p_account AND remaining > 0 AND NOT pending AND expires_at <= p_now;
    RETURN v_points;
END $$;

-- Book what has lapsed, one entry per moment of lapse, and return the id of the entry that caused it: `p_cause`, or, when
-- that is null, an id that is taken from the sequence after the lapses, for the entry that the caller books next.
-- `p_returned_at`: points that came back into a lapsed lot lapse at once, not at a moment when they weren't there.
CREATE FUNCTION ledger_lapse(
    acc points_account, p_now timestamptz, p_source text, p_cause bigint, p_returned_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
    v_cause bigint := p_cause;
BEGIN
    SELECT array_agg(nextval('points_entry_id_seq')) INTO v_ids FROM (
        SELECT DISTINCT expires_at FROM points_lot
        WHERE account_id = acc.id AND remaining > 0 AND NOT pending AND expires_at <= p_now
    ) AS moments;
    IF v_cause IS NULL THEN
        v_cause := nextval('points_entry_id_seq');
    END IF;
    WITH lots AS MATERIALIZED (
        SELECT id, remaining, expires_at, dense_rank() OVER (ORDER BY expires_at) AS moment FROM points_lot
        WHERE account_id = acc.id AND remaining > 0 AND NOT pending AND expires_at <= p_now
    ), moments AS (
        SELECT moment, expires_at, sum(remaining) AS points, sum(sum(remaining)) OVER (ORDER BY moment) AS gone
        FROM lots GROUP BY moment, expires_at
    ), booked AS (
        INSERT INTO points_entry
            (id, account_id, kind, points, spendable, spendable_after, source, occurred_at, caused_by_id)
        SELECT v_ids[moment::integer], acc.id, 'expire', points, -points, acc.spendable - gone, p_source,
            greatest(expires_at, p_returned_at), v_cause
        FROM moments
    ), drawn AS (
        INSERT INTO points_draw (account_id, entry_id, lot_id, points)
        SELECT acc.id, v_ids[lots.moment::integer], lots.id, -lots.remaining FROM lots ORDER BY lots.moment, lots.id
    )
    UPDATE points_lot SET remaining = 0 FROM lots WHERE points_lot.id = lots.id;
    RETURN v_cause;
END $$;

-- Pay arrears from what the account has just received, as an entry of its own. Returns the account as it is afterwards.
CREATE FUNCTION ledger_repay(acc points_account, p_cause bigint, p_source text, p_at timestamptz)
RETURNS points_account LANGUAGE plpgsql AS $$
DECLARE
    v_points bigint := least(acc.arrears, acc.spendable);
    v_id bigint;
BEGIN
    IF v_points = 0 THEN
        RETURN acc;
    END IF;
    acc.spendable := acc.spendable - v_points;
    acc.arrears := acc.arrears - v_points;
    INSERT INTO points_entry (account_id, kind, points, spendable, arrears, spendable_after, source, occurred_at, caused_by_id)
    VALUES (acc.id, 'repay', v_points, -v_points, -v_points, acc.spendable, p_source, p_at, p_cause)
    RETURNING id INTO v_id;
    PERFORM ledger_take(acc.id, v_id, v_points);
    RETURN acc;
END $$;

-- Give a part of what an entry drew back to its lots: the points at positions [p_from, p_upto) in the order they were drawn.
-- The last drawn goes back first. What came from a lot that has lapsed by `p_now` comes back in a new lot that lives for
-- `p_grace`; without a grace it goes back into its lot, where ledger_settle lets it lapse.
CREATE FUNCTION ledger_put_back(
    p_account bigint, p_drawing_entry bigint, p_from bigint, p_upto bigint, p_entry bigint, p_now timestamptz, p_grace interval
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_slice record;
BEGIN
    FOR v_slice IN
        SELECT lot.id, coalesce(lot.origin_id, lot.id) AS origin_id, lot.earned_at, lot.expires_at,
            least(d.upto, p_upto) - greatest(d.upto - d.points, p_from) AS points
        FROM (
            SELECT id, lot_id, -points AS points, sum(-points) OVER (ORDER BY id) AS upto
            FROM points_draw WHERE entry_id = p_drawing_entry
        ) AS d JOIN points_lot AS lot ON lot.id = d.lot_id
        WHERE d.upto > p_from AND d.upto - d.points < p_upto
        ORDER BY d.id DESC
    LOOP
        IF v_slice.expires_at <= p_now AND p_grace > interval '0' THEN
            INSERT INTO points_lot (account_id, entry_id, origin_id, points, remaining, earned_at, expires_at)
            VALUES (p_account, p_entry, v_slice.origin_id, v_slice.points, v_slice.points, v_slice.earned_at, p_now + p_grace);
        ELSE
            UPDATE points_lot SET remaining = remaining + v_slice.points WHERE id = v_slice.id;
            INSERT INTO points_draw (account_id, entry_id, lot_id, points)
            VALUES (p_account, p_entry, v_slice.id, v_slice.points);
        END IF;
    END LOOP;
END $$;

-- After points came back by entry `p_cause`: arrears first, then what came back into a lapsed lot lapses; the account is written.
CREATE FUNCTION ledger_settle(acc points_account, p_cause bigint, p_source text, p_at timestamptz, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_lapsed bigint;
BEGIN
    IF acc.arrears > 0 THEN
        acc := ledger_repay(acc, p_cause, p_source, p_at);
    END IF;
    v_lapsed := ledger_lapsed(acc.id, p_now);
    IF v_lapsed > 0 THEN
        PERFORM ledger_lapse(acc, p_now, p_source, p_cause, p_at);
    END IF;
    UPDATE points_account SET spendable = acc.spendable - v_lapsed, held = acc.held, arrears = acc.arrears, latest_at = p_now
    WHERE id = acc.id;
END $$;
