-- What the tables promise beyond columns: lots, draws and holds stay within one account; history is appended only.

ALTER TABLE points_lot ADD CONSTRAINT points_lot_entry_of_same_account
    FOREIGN KEY (account_id, entry_id) REFERENCES points_entry (account_id, id);
ALTER TABLE points_draw ADD CONSTRAINT points_draw_entry_of_same_account
    FOREIGN KEY (account_id, entry_id) REFERENCES points_entry (account_id, id);
ALTER TABLE points_draw ADD CONSTRAINT points_draw_lot_of_same_account
    FOREIGN KEY (account_id, lot_id) REFERENCES points_lot (account_id, id);
ALTER TABLE points_hold ADD CONSTRAINT points_hold_entry_of_same_account
    FOREIGN KEY (account_id, entry_id) REFERENCES points_entry (account_id, id);

CREATE FUNCTION ledger_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the ledger is append-only; book the reverse', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER points_entry_append_only BEFORE UPDATE OR DELETE ON points_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_rewrite();
CREATE TRIGGER points_draw_append_only BEFORE UPDATE OR DELETE ON points_draw
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_rewrite();
CREATE TRIGGER points_lot_no_delete BEFORE DELETE ON points_lot
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_rewrite();
CREATE TRIGGER points_hold_no_delete BEFORE DELETE ON points_hold
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_rewrite();
-- Lots and accounts can't be truncated without draws and entries: foreign keys tie them together.
CREATE TRIGGER points_entry_no_truncate BEFORE TRUNCATE ON points_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewrite();
CREATE TRIGGER points_draw_no_truncate BEFORE TRUNCATE ON points_draw
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewrite();
