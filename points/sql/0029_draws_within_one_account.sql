-- A draw's entry and lot exist and live in the draw's account. Two foreign keys said so, row by row: they were half of what a
-- chunk of the expiry cost. One look per statement says the same, as nothing they point to can go away: entries and lots are
-- never deleted, and what a lot is stays as it is.

ALTER TABLE points_draw DROP CONSTRAINT points_draw_entry_of_same_account;
ALTER TABLE points_draw DROP CONSTRAINT points_draw_lot_of_same_account;

CREATE FUNCTION ledger_refuse_foreign_draw() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_account bigint;
    v_entry bigint;
    v_lot bigint;
    v_entry_is_right boolean;
BEGIN
    SELECT d.account_id, d.entry_id, d.lot_id, e.id IS NOT NULL INTO v_account, v_entry, v_lot, v_entry_is_right
    FROM new_draws AS d
    LEFT JOIN points_entry AS e ON e.id = d.entry_id AND e.account_id = d.account_id
    LEFT JOIN points_lot AS lot ON lot.id = d.lot_id AND lot.account_id = d.account_id
    WHERE e.id IS NULL OR lot.id IS NULL LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF v_entry_is_right THEN
        RAISE EXCEPTION 'lot % is none of account %: points_draw_lot_of_same_account', v_lot, v_account
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'points_draw_lot_of_same_account';
    END IF;
    RAISE EXCEPTION 'entry % is none of account %: points_draw_entry_of_same_account', v_entry, v_account
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'points_draw_entry_of_same_account';
END $$;

CREATE TRIGGER points_draw_of_same_account AFTER INSERT ON points_draw
    REFERENCING NEW TABLE AS new_draws FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_foreign_draw();

-- A lot's remaining points, and when pending ones are confirmed its expiry, are all that ever changes of it.
CREATE FUNCTION ledger_refuse_other_lot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lot % stays what it is', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER points_lot_stays BEFORE UPDATE OF id, account_id, entry_id, origin_id, points, earned_at ON points_lot
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_other_lot();
CREATE TRIGGER points_lot_no_truncate BEFORE TRUNCATE ON points_lot
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewrite();
