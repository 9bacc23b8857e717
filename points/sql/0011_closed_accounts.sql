-- Accounts that were closed or merged: which account a posting meant for one of them reaches, and what the tables refuse.

-- The account that `p_account` lives on in, locked; null when there is none. A merged account itself is never locked here: its
-- row says the same for ever, and locking it first would break the order in which everybody locks.
CREATE FUNCTION ledger_survivor(p_account bigint) RETURNS points_account LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
    v_account bigint := p_account;
BEGIN
    WHILE v_account IS NOT NULL LOOP
        SELECT * INTO acc FROM points_account WHERE id = v_account AND merged_into_id IS NULL FOR NO KEY UPDATE;
        IF FOUND THEN
            RETURN acc;
        END IF;
        SELECT merged_into_id INTO v_account FROM points_account WHERE id = v_account;
    END LOOP;
    RETURN NULL;
END $$;

-- Each of some accounts and the one that it lives on in (itself when it wasn't merged). Unknown ones are left out.
CREATE FUNCTION ledger_survivors(p_accounts bigint[]) RETURNS TABLE (account bigint, survivor bigint) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE path AS (
        SELECT id AS account, id AS survivor, merged_into_id AS next FROM points_account WHERE id = ANY (p_accounts)
        UNION ALL
        SELECT path.account, a.id, a.merged_into_id FROM path JOIN points_account AS a ON a.id = path.next
    )
    SELECT account, survivor FROM path WHERE next IS NULL
$$;

-- Lock the accounts that some accounts live on in, in id order; again when a merge came in between.
CREATE FUNCTION ledger_lock_survivors(p_accounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_survivors bigint[];
    v_locked integer;
BEGIN
    LOOP
        v_survivors := ARRAY(SELECT DISTINCT survivor FROM ledger_survivors(p_accounts));
        PERFORM id FROM points_account WHERE id = ANY (v_survivors) AND merged_into_id IS NULL ORDER BY id FOR NO KEY UPDATE;
        GET DIAGNOSTICS v_locked = ROW_COUNT;
        EXIT WHEN v_locked = cardinality(v_survivors);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_lock(p_accounts bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_lock_survivors(p_accounts);
    RETURN ARRAY(
        SELECT DISTINCT wanted.id FROM unnest(p_accounts) AS wanted (id)
        WHERE NOT EXISTS (SELECT FROM points_account WHERE points_account.id = wanted.id) ORDER BY 1
    );
END $$;

-- The entry of a key in an account or in one that was merged into it, the account's own first.
CREATE FUNCTION ledger_entry_of_family(p_survivor bigint, p_key text) RETURNS SETOF points_entry LANGUAGE sql STABLE AS $$
    WITH RECURSIVE family AS (
        SELECT p_survivor AS id, 0 AS distance
        UNION ALL
        SELECT a.id, family.distance + 1 FROM family JOIN points_account AS a ON a.merged_into_id = family.id
    )
    SELECT e.* FROM family JOIN points_entry AS e ON e.account_id = family.id AND e.key = p_key
    ORDER BY family.distance, family.id LIMIT 1
$$;

CREATE FUNCTION ledger_refused_closed(acc points_account) RETURNS ledger_outcome LANGUAGE sql IMMUTABLE AS $$
    SELECT ledger_refused('account_closed', jsonb_build_object('account', acc.id, 'merged_into', acc.merged_into_id))
$$;

-- What the tables refuse.

CREATE FUNCTION ledger_refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'account % is closed and stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RAISE EXCEPTION 'account % keeps its asset', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER points_account_stays_closed BEFORE UPDATE ON points_account
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL OR NEW.asset <> OLD.asset OR NEW.id <> OLD.id)
    EXECUTE FUNCTION ledger_refuse_account_change();
CREATE TRIGGER points_account_no_delete BEFORE DELETE ON points_account
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_rewrite();

-- A merged account takes no entry; a closed one only tells what became of a reversal that came too late, and moves nothing.
CREATE FUNCTION ledger_refuse_closed_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acc points_account;
BEGIN
    SELECT * INTO acc FROM points_account WHERE id = NEW.account_id;
    IF acc.closed_at IS NOT NULL AND (
        acc.merged_into_id IS NOT NULL OR NEW.reverses_id IS NULL
        OR (NEW.spendable, NEW.pending, NEW.held, NEW.arrears) <> (0, 0, 0, 0)
    ) THEN
        RAISE EXCEPTION 'account % is closed: no entry can be booked to it', NEW.account_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER points_entry_account_is_open BEFORE INSERT ON points_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_closed_account();

-- However it is written: no entry is reversed beyond its points, nor in an account where it doesn't live. The account's lock
-- makes two at once wait for each other; the kernel holds it already.
CREATE FUNCTION ledger_refuse_reversal_beyond() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_original points_entry;
    v_done bigint;
BEGIN
    PERFORM id FROM points_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
    SELECT * INTO v_original FROM points_entry WHERE id = NEW.reverses_id;
    SELECT coalesce(sum(points), 0) INTO v_done FROM points_entry WHERE reverses_id = NEW.reverses_id;
    IF v_done + NEW.points > v_original.points THEN
        RAISE EXCEPTION 'entry % has % points, of which % were reversed before', NEW.reverses_id, v_original.points, v_done
            USING ERRCODE = 'check_violation', CONSTRAINT = 'points_entry_reversed_within_its_points';
    END IF;
    IF NEW.account_id <> v_original.account_id
        AND NOT EXISTS (SELECT FROM ledger_survivors(ARRAY[v_original.account_id]) WHERE survivor = NEW.account_id)
    THEN
        RAISE EXCEPTION 'entry % does not belong to account %', NEW.reverses_id, NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'points_entry_reversed_in_its_account';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER points_entry_reversed_within_its_points BEFORE INSERT ON points_entry
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_refuse_reversal_beyond();
