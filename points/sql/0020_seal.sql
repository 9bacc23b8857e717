-- The chain of seals: entries hashed one by one, in ranges of ids, each range chained to the one before.

CREATE TRIGGER points_seal_append_only BEFORE UPDATE OR DELETE ON points_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_rewrite();
CREATE TRIGGER points_seal_no_truncate BEFORE TRUNCATE ON points_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewrite();
ALTER TABLE points_seal ADD CONSTRAINT points_seal_hash_per_entry
    CHECK (entries = cardinality(entry_ids) AND octet_length(entry_hashes) = 32 * entries);

-- The hash of each entry in (p_after, p_upto]: its columns, the lots it made and the draws it took. What changes by right is
-- left out: what remains of a lot, whether it is pending, and, of an entry that made pending lots, when these lapse (that is
-- decided by the confirmation, whose hash covers it). A row's text is unambiguous; zone and style are fixed here.
CREATE FUNCTION ledger_entry_hashes(p_after bigint, p_upto bigint) RETURNS TABLE (id bigint, hash bytea)
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
    SELECT e.id, sha256(convert_to(concat(
        ROW(e.id, e.account_id, e.kind, e.points, e.requested, e.spendable, e.pending, e.held, e.arrears, e.lapsed, e.forgiven,
            e.spendable_after, e.key, e.source, e.reason, e.occurred_at, e.recorded_at, e.reverses_id, e.caused_by_id)::text,
        (SELECT string_agg(ROW('lot', lot.id, lot.account_id, lot.origin_id, lot.points, lot.earned_at,
                CASE WHEN e.pending = 0 THEN lot.expires_at END)::text, '' ORDER BY lot.id)
            FROM points_lot AS lot WHERE lot.entry_id = e.id),
        (SELECT string_agg(ROW('draw', draw.id, draw.account_id, draw.lot_id, draw.points)::text, '' ORDER BY draw.id)
            FROM points_draw AS draw WHERE draw.entry_id = e.id),
        CASE WHEN e.kind = 'confirm' THEN
            (SELECT string_agg(ROW('confirmed', lot.id, lot.expires_at)::text, '' ORDER BY lot.id)
                FROM points_lot AS lot WHERE lot.entry_id = e.caused_by_id) END
    ), 'UTF8'))
    FROM points_entry AS e
    WHERE e.id <= p_upto AND e.id > CASE WHEN p_after = 0 THEN -9223372036854775808 ELSE p_after END
$$;

-- The hash of a seal: its place, its hashes, and the hash of the seal before.
CREATE FUNCTION ledger_seal_hash(s points_seal) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(s.previous || int8send(s.after_id) || int8send(s.upto_id) || int4send(s.entries)
        || timestamptz_send(s.sealed_at) || array_send(s.entry_ids) || s.entry_hashes)
$$;

-- Where the next seals may end. Every id up to `upto` was taken by a transaction older than `horizon`: a verb locks an account
-- before it takes an id, hence has a transaction id by then, and `horizon` is a transaction id made after `upto` was read.
-- Once all older transactions have ended, every entry up to `upto` that will ever be there, is there.
CREATE FUNCTION ledger_seal_mark(OUT upto bigint, OUT horizon xid8) LANGUAGE plpgsql AS $$
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'the mark needs a transaction that has written nothing' USING ERRCODE = 'active_sql_transaction';
    END IF;
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO upto FROM points_entry_id_seq;
    horizon := pg_current_xact_id();
END $$;

-- Whether a transaction older than `p_horizon` still runs that could write here. One of another database can't, and is known by
-- the lock that it holds on its own id; whatever isn't known to be elsewhere counts.
CREATE FUNCTION ledger_older_runs(p_horizon xid8) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running (xid)
        WHERE running.xid < p_horizon AND NOT EXISTS (
            SELECT FROM pg_locks AS held JOIN pg_stat_activity AS session ON session.pid = held.pid
            WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
                AND held.transactionid = running.xid::xid AND session.datname <> current_database()
        )
    )
$$;

-- Seal the next `p_limit` entries below a mark. Returns how many; null: a transaction older than the mark still runs.
CREATE FUNCTION ledger_seal_next(p_upto bigint, p_horizon xid8, p_limit integer, p_at timestamptz)
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
    SELECT max(id) INTO s.upto_id FROM (
        SELECT id FROM points_entry
        WHERE id <= p_upto AND id > CASE WHEN s.after_id = 0 THEN -9223372036854775808 ELSE s.after_id END
        ORDER BY id LIMIT p_limit
    ) AS next;
    IF s.upto_id IS NULL THEN
        RETURN 0;
    END IF;
    SELECT count(*), array_agg(id ORDER BY id), string_agg(hash, ''::bytea ORDER BY id)
    INTO s.entries, s.entry_ids, s.entry_hashes FROM ledger_entry_hashes(s.after_id, s.upto_id);
    s.sealed_at := p_at;
    INSERT INTO points_seal (after_id, upto_id, entries, entry_ids, entry_hashes, previous, hash, sealed_at)
    VALUES (s.after_id, s.upto_id, s.entries, s.entry_ids, s.entry_hashes, s.previous, ledger_seal_hash(s), p_at);
    RETURN s.entries;
END $$;

CREATE TYPE ledger_proof AS (seal bigint, seals integer, entries bigint, fault text, entry bigint);

-- The first entry in a seal's range that isn't as it was sealed, and what happened to it. No row: all are.
CREATE FUNCTION ledger_first_difference(s points_seal, OUT entry bigint, OUT fault text) RETURNS SETOF record
LANGUAGE sql STABLE AS $$
    SELECT coalesce(now.id, sealed.id), CASE
        WHEN now.id IS NULL THEN 'entry_deleted' WHEN sealed.id IS NULL THEN 'entry_inserted' ELSE 'entry_altered' END
    FROM ledger_entry_hashes(s.after_id, s.upto_id) AS now
    FULL JOIN (
        SELECT id, substring(s.entry_hashes FROM 32 * place::integer - 31 FOR 32) AS hash
        FROM unnest(s.entry_ids) WITH ORDINALITY AS e (id, place)
    ) AS sealed ON sealed.id = now.id
    WHERE now.hash IS DISTINCT FROM sealed.hash ORDER BY 1 LIMIT 1
$$;

-- Prove the next `p_limit` seals after seal `p_after`, and stop at the first fault. `seal` is the last one looked at, `entry`
-- the first entry that isn't as it was sealed. A seal that doesn't have its own hash proves nothing about its entries: then
-- the seal is at fault.
CREATE FUNCTION ledger_prove_seals(p_after bigint, p_limit integer) RETURNS ledger_proof LANGUAGE plpgsql STABLE AS $$
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
        INTO v_ids, v_hashes FROM ledger_entry_hashes(s.after_id, s.upto_id);
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
