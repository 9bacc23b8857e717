-- Points that return: to lots that were merged away, with a grace for those that lapsed, and arrears are repaid in the order of
-- return, so that many partial reversals leave the same points as one.

DROP FUNCTION ledger_take(bigint, bigint, bigint, bigint[]);
DROP FUNCTION ledger_put_back(bigint, bigint, bigint, bigint, bigint, timestamptz, interval);
DROP FUNCTION ledger_settle(points_account, bigint, text, timestamptz, timestamptz);
DROP FUNCTION ledger_repay(points_account, bigint, text, timestamptz);

-- Draw points from lots. Without `p_lots` in spending order: soonest expiry first, then the older lot; lots that never expire
-- last. With `p_lots` from these alone, in that order. Lapsed lots must have been booked before. Pending lots only when asked.
CREATE FUNCTION ledger_take(
    p_account bigint, p_entry bigint, p_points bigint, p_lots bigint[] DEFAULT NULL, p_pending boolean DEFAULT false
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_left bigint := p_points;
    v_part bigint;
    v_lot record;
BEGIN
    IF p_lots IS NOT NULL THEN
        FOR v_lot IN
            SELECT lot.id, lot.remaining FROM unnest(p_lots) WITH ORDINALITY AS wanted (id, place)
            JOIN points_lot AS lot ON lot.id = wanted.id
            WHERE lot.account_id = p_account AND lot.remaining > 0 AND lot.pending = p_pending ORDER BY wanted.place
        LOOP
            EXIT WHEN v_left = 0;
            v_part := least(v_lot.remaining, v_left);
            UPDATE points_lot SET remaining = remaining - v_part WHERE id = v_lot.id;
            INSERT INTO points_draw (account_id, entry_id, lot_id, points) VALUES (p_account, p_entry, v_lot.id, -v_part);
            v_left := v_left - v_part;
        END LOOP;
    ELSE
        FOR v_lot IN
            SELECT id, remaining FROM points_lot WHERE account_id = p_account AND remaining > 0 AND NOT pending
            ORDER BY expires_at, earned_at, id
        LOOP
            EXIT WHEN v_left = 0;
            v_part := least(v_lot.remaining, v_left);
            UPDATE points_lot SET remaining = remaining - v_part WHERE id = v_lot.id;
            INSERT INTO points_draw (account_id, entry_id, lot_id, points) VALUES (p_account, p_entry, v_lot.id, -v_part);
            v_left := v_left - v_part;
        END LOOP;
    END IF;
    IF v_left > 0 THEN
        RAISE EXCEPTION 'lots of account % hold % less than its balance', p_account, v_left USING ERRCODE = 'data_corrupted';
    END IF;
END $$;

-- Pay arrears from what the account has just received, as an entry of its own: from `p_lots` in their order, or in spending
-- order. Returns the account as it is afterwards.
CREATE FUNCTION ledger_repay(
    acc points_account, p_cause bigint, p_source text, p_at timestamptz, p_lots bigint[] DEFAULT NULL
) RETURNS points_account LANGUAGE plpgsql AS $$
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
    PERFORM ledger_take(acc.id, v_id, v_points, p_lots);
    RETURN acc;
END $$;

-- Give a part of what an entry drew back: the points at positions [p_from, p_upto) in the order they were drawn, the last drawn
-- first. What came from a lot that has lapsed by `p_now` comes back in a new lot that lives for `p_grace`; without a grace it
-- goes back into its lot, where ledger_settle lets it lapse. What came from a lot of an account that was merged into this one
-- comes back in a new lot here. Returns the lots, in the order of return.
CREATE FUNCTION ledger_put_back(
    p_account bigint, p_drawing_entry bigint, p_from bigint, p_upto bigint, p_entry bigint, p_now timestamptz, p_grace interval
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_slice record;
    v_lot bigint;
    v_lots bigint[] := '{}';
    v_prolonged boolean;
BEGIN
    FOR v_slice IN
        SELECT lot.id, lot.account_id, coalesce(lot.origin_id, lot.id) AS origin_id, lot.earned_at, lot.expires_at,
            least(d.upto, p_upto) - greatest(d.upto - d.points, p_from) AS points
        FROM (
            SELECT id, lot_id, -points AS points, sum(-points) OVER (ORDER BY id) AS upto
            FROM points_draw WHERE entry_id = p_drawing_entry
        ) AS d JOIN points_lot AS lot ON lot.id = d.lot_id
        WHERE d.upto > p_from AND d.upto - d.points < p_upto
        ORDER BY d.id DESC
    LOOP
        v_prolonged := coalesce(v_slice.expires_at <= p_now AND p_grace > interval '0', false);
        IF v_prolonged OR v_slice.account_id <> p_account THEN
            INSERT INTO points_lot (account_id, entry_id, origin_id, points, remaining, earned_at, expires_at)
            VALUES (p_account, p_entry, v_slice.origin_id, v_slice.points, v_slice.points, v_slice.earned_at,
                CASE WHEN v_prolonged THEN p_now + p_grace ELSE v_slice.expires_at END)
            RETURNING id INTO v_lot;
        ELSE
            v_lot := v_slice.id;
            UPDATE points_lot SET remaining = remaining + v_slice.points WHERE id = v_lot;
            INSERT INTO points_draw (account_id, entry_id, lot_id, points) VALUES (p_account, p_entry, v_lot, v_slice.points);
        END IF;
        v_lots := v_lots || v_lot;
    END LOOP;
    RETURN v_lots;
END $$;

-- After points came back into `p_lots` by entry `p_cause`: arrears first, then what came back lapsed lapses; the account is
-- written.
CREATE FUNCTION ledger_settle(
    acc points_account, p_cause bigint, p_source text, p_at timestamptz, p_now timestamptz, p_lots bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_lapsed bigint;
BEGIN
    IF acc.arrears > 0 THEN
        acc := ledger_repay(acc, p_cause, p_source, p_at, p_lots);
    END IF;
    v_lapsed := ledger_lapsed(acc.id, p_now);
    IF v_lapsed > 0 THEN
        PERFORM ledger_lapse(acc, p_now, p_source, p_cause, p_at);
    END IF;
    UPDATE points_account
    SET spendable = acc.spendable - v_lapsed, pending = acc.pending, held = acc.held, arrears = acc.arrears, latest_at = p_now
    WHERE id = acc.id;
END $$;

-- Book what has lapsed before another entry. Returns the id that entry takes, and what is spendable then.
CREATE FUNCTION ledger_lapse_before(
    acc points_account, p_now timestamptz, p_source text, OUT entry bigint, OUT spendable bigint
) LANGUAGE plpgsql AS $$
DECLARE
    v_lapsed bigint := ledger_lapsed(acc.id, p_now);
BEGIN
    IF v_lapsed > 0 THEN
        entry := ledger_lapse(acc, p_now, p_source, NULL, NULL);
    ELSE
        entry := nextval('points_entry_id_seq');
    END IF;
    spendable := acc.spendable - v_lapsed;
END $$;
