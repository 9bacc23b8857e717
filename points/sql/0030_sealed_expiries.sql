-- When points lapse is history, too. Plain SQL can no longer move it: an expiry is decided where a lot is made, and once more where
-- pending points are confirmed. And the seals cover it for points that were pending when their account was merged, and for those
-- that moved beside them. Seals made before keep the form (1) in which they can be proved; new ones have form 2.

CREATE TRIGGER points_lot_keeps_expiry BEFORE UPDATE OF expires_at, pending ON points_lot
    FOR EACH ROW WHEN (NOT OLD.pending OR NEW.pending) EXECUTE FUNCTION ledger_refuse_other_lot();

DROP FUNCTION ledger_entry_hashes(bigint, bigint);

-- Whether a lot that a merge brought in was pending then: its points had been earned so, and no entry had confirmed them yet.
CREATE FUNCTION ledger_came_pending(p_origin bigint, p_merge_in bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM points_lot AS root JOIN points_entry AS earned ON earned.id = root.entry_id
        WHERE root.id = p_origin AND earned.pending <> 0 AND NOT EXISTS (
            SELECT FROM points_entry AS c WHERE c.caused_by_id = earned.id AND c.kind = 'confirm' AND c.id < p_merge_in
        )
    )
$$;

-- The hash of each entry in (p_after, p_upto]: its columns, the lots it made and the draws it took. What changes by right is
-- left out: what remains of a lot, whether it is pending, and, of lots that were made pending, when these lapse (that is
-- decided by the confirmation, whose hash covers it). A row's text is unambiguous; zone and style are fixed here.
CREATE FUNCTION ledger_entry_hashes(p_after bigint, p_upto bigint, p_form smallint) RETURNS TABLE (id bigint, hash bytea)
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
    SELECT e.id, sha256(convert_to(concat(
        ROW(e.id, e.account_id, e.kind, e.points, e.requested, e.spendable, e.pending, e.held, e.arrears, e.lapsed, e.forgiven,
            e.spendable_after, e.key, e.source, e.reason, e.occurred_at, e.recorded_at, e.reverses_id, e.caused_by_id)::text,
        (SELECT string_agg(ROW('lot', lot.id, lot.account_id, lot.origin_id, lot.points, lot.earned_at, CASE
                WHEN e.pending = 0 THEN lot.expires_at
                WHEN p_form > 1 AND e.kind = 'merge_in' AND NOT ledger_came_pending(lot.origin_id, e.id) THEN lot.expires_at
                END)::text, '' ORDER BY lot.id)
            FROM points_lot AS lot WHERE lot.entry_id = e.id),
        (SELECT string_agg(ROW('draw', draw.id, draw.account_id, draw.lot_id, draw.points)::text, '' ORDER BY draw.id)
            FROM points_draw AS draw WHERE draw.entry_id = e.id),
        CASE
            WHEN e.kind = 'confirm' AND p_form = 1 THEN
                (SELECT string_agg(ROW('confirmed', lot.id, lot.expires_at)::text, '' ORDER BY lot.id)
                    FROM points_lot AS lot WHERE lot.entry_id = e.caused_by_id)
            WHEN e.kind = 'confirm' THEN
                (SELECT string_agg(ROW('confirmed', lot.id, lot.expires_at)::text, '' ORDER BY lot.id)
                    FROM ledger_lots_of(e.caused_by_id) AS lot WHERE lot.account_id = e.account_id AND lot.entry_id < e.id)
        END
    ), 'UTF8'))
    FROM points_entry AS e
    WHERE e.id <= p_upto AND e.id > CASE WHEN p_after = 0 THEN -9223372036854775808 ELSE p_after END
$$;

-- The hash of a seal: its place, its hashes, the hash of the seal before, and its form, which the first form doesn't name.
CREATE OR REPLACE FUNCTION ledger_seal_hash(s points_seal) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(s.previous || int8send(s.after_id) || int8send(s.upto_id) || int4send(s.entries)
        || timestamptz_send(s.sealed_at) || array_send(s.entry_ids) || s.entry_hashes
        || CASE WHEN s.form = 1 THEN ''::bytea ELSE int2send(s.form) END)
$$;

-- Seal the next `p_limit` entries below a mark. Returns how many; null: a transaction older than the mark still runs.
CREATE OR REPLACE FUNCTION ledger_seal_next(p_upto bigint, p_horizon xid8, p_limit integer, p_at timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    s points_seal;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('points_seal'));
    IF ledger_older_runs(p_horizon) THEN
        RETURN NULL;
    END IF;
    SELECT upto_id, hash INTO s.after_id, s.previous FROM points_seal ORDER BY id DESC LIMIT 1;
    s.after_id := coalesce(s.after_id, 0);
    s.previous := coalesce(s.previous, '\x');
    s.form := 2;
    SELECT max(id) INTO s.upto_id FROM (
        SELECT id FROM points_entry
        WHERE id <= p_upto AND id > CASE WHEN s.after_id = 0 THEN -9223372036854775808 ELSE s.after_id END
        ORDER BY id LIMIT p_limit
    ) AS next;
    IF s.upto_id IS NULL THEN
        RETURN 0;
    END IF;
    SELECT count(*), array_agg(id ORDER BY id), string_agg(hash, ''::bytea ORDER BY id)
    INTO s.entries, s.entry_ids, s.entry_hashes FROM ledger_entry_hashes(s.after_id, s.upto_id, s.form);
    s.sealed_at := p_at;
    INSERT INTO points_seal (after_id, upto_id, entries, entry_ids, entry_hashes, previous, hash, sealed_at, form)
    VALUES (s.after_id, s.upto_id, s.entries, s.entry_ids, s.entry_hashes, s.previous, ledger_seal_hash(s), p_at, s.form);
    RETURN s.entries;
END $$;

-- The first entry in a seal's range that isn't as it was sealed, and what happened to it. No row: all are.
CREATE OR REPLACE FUNCTION ledger_first_difference(s points_seal, OUT entry bigint, OUT fault text) RETURNS SETOF record
LANGUAGE sql STABLE AS $$
    SELECT coalesce(now.id, sealed.id), CASE
        WHEN now.id IS NULL THEN 'entry_deleted' WHEN sealed.id IS NULL THEN 'entry_inserted' ELSE 'entry_altered' END
    FROM ledger_entry_hashes(s.after_id, s.upto_id, s.form) AS now
    FULL JOIN (
        SELECT id, substring(s.entry_hashes FROM 32 * place::integer - 31 FOR 32) AS hash
        FROM unnest(s.entry_ids) WITH ORDINALITY AS e (id, place)
    ) AS sealed ON sealed.id = now.id
    WHERE now.hash IS DISTINCT FROM sealed.hash ORDER BY 1 LIMIT 1
$$;

-- Prove the next `p_limit` seals after seal `p_after`, and stop at the first fault. `seal` is the last one looked at, `entry`
-- the first entry that isn't as it was sealed. A seal that doesn't have its own hash proves nothing about its entries: then
-- the seal is at fault.
CREATE OR REPLACE FUNCTION ledger_prove_seals(p_after bigint, p_limit integer) RETURNS ledger_proof LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_proof ledger_proof;
    v_upto bigint := 0;
    v_hash bytea := '\x';
    v_ids bigint[];
    v_hashes bytea;
    s points_seal;
BEGIN
    SELECT p_after, 0, 0 INTO v_proof.seal, v_proof.seals, v_proof.entries;
    IF p_after > 0 THEN
        SELECT upto_id, hash INTO v_upto, v_hash FROM points_seal WHERE id = p_after;
    END IF;
    FOR s IN SELECT * FROM points_seal WHERE id > p_after ORDER BY id LIMIT p_limit LOOP
        v_proof.seal := s.id;
        v_proof.seals := v_proof.seals + 1;
        v_proof.entries := v_proof.entries + s.entries;
        SELECT array_agg(id ORDER BY id), string_agg(hash, ''::bytea ORDER BY id)
        INTO v_ids, v_hashes FROM ledger_entry_hashes(s.after_id, s.upto_id, s.form);
        IF v_ids IS DISTINCT FROM s.entry_ids OR v_hashes IS DISTINCT FROM s.entry_hashes THEN
            SELECT entry, fault INTO v_proof.entry, v_proof.fault FROM ledger_first_difference(s);
        END IF;
        v_proof.fault := CASE
            WHEN s.hash <> ledger_seal_hash(s) THEN 'seal_altered'
            WHEN s.previous IS DISTINCT FROM v_hash OR s.after_id IS DISTINCT FROM v_upto THEN 'seal_missing'
            ELSE v_proof.fault
        END;
        EXIT WHEN v_proof.fault IS NOT NULL;
        v_upto := s.upto_id;
        v_hash := s.hash;
    END LOOP;
    RETURN v_proof;
END $$;
