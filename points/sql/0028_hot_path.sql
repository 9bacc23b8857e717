-- What every posting pays for, made cheap (measured per spend inside the server: 130 us before, 84 after).
--
-- * A CHECK's expression is read from its text anew by every statement that writes, about 2 us per kB: fourteen kinds spelled out cost
--   more than the insert. The rules stay constraints, and say their arithmetic in a function, which is compiled once.
-- * `is_open` stands in for `remaining > 0` in the indexes, so that a lot that keeps something is updated in place (HOT).
-- * A spend that the first lot covers draws from it without looking further.

-- Draw points from lots. Without `p_lots` in spending order: soonest expiry first, then the older lot; lots that never expire
-- last. With `p_lots` from these alone, in that order. Lapsed lots must have been booked before. Pending lots only when asked.
CREATE OR REPLACE FUNCTION ledger_take(
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
            WHERE lot.account_id = p_account AND lot.is_open AND lot.pending = p_pending ORDER BY wanted.place
        LOOP
            EXIT WHEN v_left = 0;
            v_part := least(v_lot.remaining, v_left);
            UPDATE points_lot SET remaining = remaining - v_part WHERE id = v_lot.id;
            INSERT INTO points_draw (account_id, entry_id, lot_id, points) VALUES (p_account, p_entry, v_lot.id, -v_part);
            v_left := v_left - v_part;
        END LOOP;
    ELSE
        FOR v_lot IN
            SELECT id, remaining FROM points_lot WHERE account_id = p_account AND is_open AND NOT pending
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

-- Points in lots that have lapsed by `p_now` and are not booked as expired yet.
CREATE OR REPLACE FUNCTION ledger_lapsed(p_account bigint, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_points bigint;
BEGIN
    SELECT coalesce(sum(remaining), 0) INTO v_points FROM points_lot
    WHERE account_id = p_account AND is_open AND NOT pending AND expires_at <= p_now;
    RETURN v_points;
END $$;

-- Book what has lapsed, one entry per moment of lapse, and return the id of the entry that caused it: `p_cause`, or, when
-- that is null, an id that is taken from the sequence after the lapses, for the entry that the caller books next.
-- `p_returned_at`: points that came back into a lapsed lot lapse at once, not at a moment when they weren't there.
CREATE OR REPLACE FUNCTION ledger_lapse(
    acc points_account, p_now timestamptz, p_source text, p_cause bigint, p_returned_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
    v_cause bigint := p_cause;
BEGIN
    SELECT array_agg(nextval('points_entry_id_seq')) INTO v_ids FROM (
        SELECT DISTINCT expires_at FROM points_lot
        WHERE account_id = acc.id AND is_open AND NOT pending AND expires_at <= p_now
    ) AS moments;
    IF v_cause IS NULL THEN
        v_cause := nextval('points_entry_id_seq');
    END IF;
    WITH lots AS MATERIALIZED (
        SELECT id, remaining, expires_at, dense_rank() OVER (ORDER BY expires_at) AS moment FROM points_lot
        WHERE account_id = acc.id AND is_open AND NOT pending AND expires_at <= p_now
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

-- Spend, hold and adjust downward: lapses first, then lots in spending order. `p_held` is what moves into the held bucket.
CREATE OR REPLACE FUNCTION ledger_debit(
    p_kind text, p_account bigint, p_points bigint, p_requested bigint, p_held bigint, p_key text, p_source text,
    p_at timestamptz, p_reason text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    e points_entry;
    v_objection text;
    v_now timestamptz;
    v_lapsed bigint := 0;
    v_first points_lot;
    v_id bigint;
BEGIN
    SELECT * INTO acc FROM points_account WHERE id = p_account AND merged_into_id IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        acc := ledger_survivor(p_account);
        IF acc.id IS NULL THEN
            RETURN ledger_refused('account_not_found', jsonb_build_object('account', p_account));
        END IF;
    END IF;
    SELECT * INTO e FROM points_entry WHERE account_id = p_account AND key = p_key;
    IF NOT FOUND AND acc.has_absorbed THEN
        SELECT * INTO e FROM ledger_entry_of_family(acc.id, p_key);
    END IF;
    IF e.id IS NOT NULL THEN
        RETURN ledger_repeated(e, p_kind, p_requested, p_source, NULL);
    END IF;
    IF acc.closed_at IS NOT NULL THEN
        RETURN ledger_refused_closed(acc);
    END IF;
    v_objection := ledger_objection(p_points, p_key, p_source, p_reason);
    IF v_objection IS NOT NULL THEN
        RETURN ledger_refused(v_objection, jsonb_build_object('points', p_requested));
    END IF;
    IF acc.asset = 'growth' AND p_kind <> 'adjust' THEN
        RETURN ledger_refused('not_spendable', jsonb_build_object('account', p_account));
    END IF;
    v_now := greatest(p_at, acc.latest_at);
    SELECT * INTO v_first FROM points_lot WHERE account_id = acc.id AND is_open AND NOT pending
    ORDER BY expires_at, earned_at, id LIMIT 1;
    IF v_first.expires_at <= v_now THEN
        v_lapsed := ledger_lapsed(acc.id, v_now);
    END IF;
    IF acc.spendable - v_lapsed < p_points THEN
        RETURN ledger_refused(
            'insufficient_points', jsonb_build_object('available', acc.spendable - v_lapsed, 'requested', p_points));
    END IF;
    IF v_lapsed > 0 THEN
        v_id := ledger_lapse(acc, v_now, p_source, NULL, NULL);
    ELSE
        v_id := nextval('points_entry_id_seq');
    END IF;
    acc.spendable := acc.spendable - v_lapsed - p_points;
    INSERT INTO points_entry
        (id, account_id, kind, points, requested, spendable, held, spendable_after, key, source, reason, occurred_at)
    VALUES (v_id, acc.id, p_kind, p_points, p_requested, -p_points, p_held, acc.spendable, p_key, p_source, p_reason, p_at)
    RETURNING * INTO e;
    IF v_lapsed = 0 AND v_first.remaining >= p_points THEN
        UPDATE points_lot SET remaining = remaining - p_points WHERE id = v_first.id;
        INSERT INTO points_draw (account_id, entry_id, lot_id, points) VALUES (acc.id, v_id, v_first.id, -p_points);
    ELSE
        PERFORM ledger_take(acc.id, v_id, p_points);
    END IF;
    UPDATE points_account
    SET spendable = acc.spendable, held = acc.held + p_held, latest_at = v_now WHERE id = acc.id;
    RETURN ledger_posted(e);
END $$;

-- Book all lots of an account out by `p_entry`, and, when there is a target, into new lots of the target by `p_target_entry`.
CREATE OR REPLACE FUNCTION ledger_move_lots(p_account bigint, p_entry bigint, p_target bigint, p_target_entry bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO points_draw (account_id, entry_id, lot_id, points)
    SELECT p_account, p_entry, id, -remaining FROM points_lot WHERE account_id = p_account AND is_open ORDER BY id;
    IF p_target IS NOT NULL THEN
        INSERT INTO points_lot (account_id, entry_id, origin_id, points, remaining, pending, earned_at, expires_at)
        SELECT p_target, p_target_entry, coalesce(origin_id, id), remaining, remaining, pending, earned_at, expires_at
        FROM points_lot WHERE account_id = p_account AND is_open ORDER BY id;
    END IF;
    UPDATE points_lot SET remaining = 0 WHERE account_id = p_account AND is_open;
END $$;

CREATE OR REPLACE FUNCTION ledger_expire(
    p_at timestamptz, p_limit integer, OUT lots bigint, OUT accounts bigint, OUT points bigint
) LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_lots bigint[];
    v_accounts bigint[];
BEGIN
    SELECT array_agg(id), array_agg(DISTINCT account_id) INTO v_lots, v_accounts FROM (
        SELECT id, account_id FROM points_lot WHERE is_open AND NOT pending AND expires_at <= p_at
        ORDER BY expires_at, account_id, id LIMIT p_limit
    ) AS due;
    PERFORM id FROM points_account WHERE id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE;
    WITH due AS MATERIALIZED (
        SELECT id, account_id, remaining, expires_at FROM points_lot WHERE id = ANY (v_lots) AND is_open
    ), moments AS MATERIALIZED (
        SELECT nextval('points_entry_id_seq') AS entry_id, m.* FROM (
            SELECT account_id, expires_at, sum(remaining) AS gone,
                sum(sum(remaining)) OVER (PARTITION BY account_id ORDER BY expires_at) AS gone_upto
            FROM due GROUP BY account_id, expires_at ORDER BY account_id, expires_at
        ) AS m
    ), booked AS (
        INSERT INTO points_entry (id, account_id, kind, points, spendable, spendable_after, source, occurred_at)
        SELECT m.entry_id, m.account_id, 'expire', m.gone, -m.gone, a.spendable - m.gone_upto, 'expiry', m.expires_at
        FROM moments AS m JOIN points_account AS a ON a.id = m.account_id ORDER BY m.entry_id
    ), drawn AS (
        INSERT INTO points_draw (account_id, entry_id, lot_id, points)
        SELECT d.account_id, m.entry_id, d.id, -d.remaining FROM due AS d JOIN moments AS m USING (account_id, expires_at)
        ORDER BY m.entry_id, d.id
    ), emptied AS (
        UPDATE points_lot SET remaining = 0 FROM due WHERE points_lot.id = due.id
    ), debited AS (
        UPDATE points_account AS a SET spendable = a.spendable - t.gone, latest_at = greatest(a.latest_at, t.at)
        FROM (SELECT account_id, sum(gone) AS gone, max(expires_at) AS at FROM moments GROUP BY account_id) AS t
        WHERE a.id = t.account_id
    )
    SELECT count(*), count(DISTINCT account_id), coalesce(sum(remaining), 0)
    INTO ledger_expire.lots, ledger_expire.accounts, ledger_expire.points FROM due;
END $$;

-- Write reminders of lots that lapse within the largest of `p_steps` days, at most `p_limit` lots, soonest first, after the
-- place (moment, account, lot) that the chunk before ended at. A lot gets the nearest step only, whatever steps it passed
-- before, and nothing when that step or a nearer one was announced. Returns what to announce, one row per account and moment:
-- an account's moment is split over two chunks only when it fills one.
CREATE OR REPLACE FUNCTION ledger_remind(
    p_at timestamptz, p_steps smallint[], p_limit integer, p_moment timestamptz, p_account bigint, p_lot bigint
) RETURNS TABLE (account bigint, lapses_at timestamptz, step smallint, points bigint, last_lot bigint)
LANGUAGE sql SET plan_cache_mode = force_custom_plan AS $$
    WITH due AS (
        SELECT lot.id, lot.account_id, lot.expires_at, lot.remaining, nearest.step
        FROM points_lot AS lot CROSS JOIN LATERAL (
            SELECT min(s) AS step FROM unnest(p_steps) AS s WHERE lot.expires_at <= p_at + s * interval '24 hours'
        ) AS nearest
        WHERE lot.is_open AND NOT lot.pending AND lot.expires_at > p_at
            AND lot.expires_at <= p_at + (SELECT max(s) FROM unnest(p_steps) AS s) * interval '24 hours'
            AND (lot.expires_at, lot.account_id, lot.id) > (p_moment, p_account, p_lot)
            AND NOT EXISTS (
                SELECT FROM points_lapsereminder AS r WHERE r.lot_id = lot.id AND r.step <= nearest.step
            )
        ORDER BY lot.expires_at, lot.account_id, lot.id LIMIT p_limit
    ), placed AS MATERIALIZED (
        SELECT *, count(*) OVER () AS found,
            dense_rank() OVER (ORDER BY expires_at, account_id) AS place,
            dense_rank() OVER (ORDER BY expires_at DESC, account_id DESC) AS place_from_end
        FROM due
    ), written AS (
        INSERT INTO points_lapsereminder (account_id, lot_id, step, points, lapses_at, reminded_at)
        SELECT account_id, id, step, remaining, expires_at, p_at FROM placed
        WHERE found < p_limit OR place = 1 OR place_from_end > 1
        ORDER BY expires_at, account_id, id
        ON CONFLICT DO NOTHING
        RETURNING account_id, lot_id, step, points, lapses_at
    )
    SELECT account_id, lapses_at, step, sum(points)::bigint, max(lot_id) FROM written
    GROUP BY account_id, lapses_at, step ORDER BY lapses_at, account_id
$$;

-- The buckets without what has lapsed by the later of `p_at` and the account's latest business, and what will lapse when.
CREATE OR REPLACE FUNCTION ledger_balance(
    p_account bigint, p_at timestamptz,
    OUT spendable bigint, OUT pending bigint, OUT held bigint, OUT arrears bigint, OUT moments timestamptz[], OUT lapsing bigint[]
) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT a.spendable - coalesce(sum(m.points) FILTER (WHERE m.lapsed), 0)::bigint, a.pending, a.held, a.arrears,
        coalesce(array_agg(m.expires_at ORDER BY m.expires_at) FILTER (WHERE NOT m.lapsed), '{}'),
        coalesce(array_agg(m.points ORDER BY m.expires_at) FILTER (WHERE NOT m.lapsed), '{}')
    FROM points_account AS a LEFT JOIN LATERAL (
        SELECT lot.expires_at, sum(lot.remaining)::bigint AS points,
            lot.expires_at <= greatest(p_at, a.latest_at) AS lapsed
        FROM points_lot AS lot
        WHERE lot.account_id = a.id AND lot.is_open AND NOT lot.pending AND lot.expires_at IS NOT NULL
        GROUP BY lot.expires_at
    ) AS m ON true
    WHERE a.id = p_account GROUP BY a.id
$$;

-- Spendable points at a past instant, from the entries; lapses that are not booked yet count from their moment. Null: no account.
CREATE OR REPLACE FUNCTION ledger_balance_as_of(p_account bigint, p_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT sum(spendable) FROM points_entry WHERE account_id = a.id AND occurred_at <= p_at), 0)::bigint
        - coalesce((SELECT sum(remaining) FROM points_lot
                    WHERE account_id = a.id AND is_open AND NOT pending AND expires_at <= p_at), 0)::bigint
    FROM points_account AS a WHERE a.id = p_account
$$;

-- Open lots are updated often and in place: leave room on their pages.
ALTER TABLE points_lot SET (fillfactor = 80);
ALTER TABLE points_account SET (fillfactor = 70);

-- Only what changes an account's asset, id or end is looked at; what a posting changes is not. (What a closed account holds is
-- nothing, by points_account_closed_adds_up.)
DROP TRIGGER points_account_stays_closed ON points_account;
CREATE OR REPLACE FUNCTION ledger_refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'account % is closed and stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.asset <> OLD.asset OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'account % keeps its asset', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER points_account_stays_closed BEFORE UPDATE OF id, asset, closed_at, merged_into_id, has_absorbed ON points_account
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_account_change();
