-- An entry needs an account that is open. A merged account takes none; a closed one only tells what became of a reversal that came
-- too late, and moves nothing. Stands for the foreign key, which would look for the account a second time.

CREATE OR REPLACE FUNCTION ledger_refuse_closed_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_open boolean;
    v_merged boolean;
BEGIN
    SELECT closed_at IS NULL, merged_into_id IS NOT NULL INTO v_open, v_merged FROM points_account WHERE id = NEW.account_id;
    IF v_open THEN
        RETURN NEW;
    ELSIF v_open IS NULL THEN
        RAISE EXCEPTION 'there is no account %', NEW.account_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'points_entry_account_is_open';
    ELSIF v_merged OR NEW.reverses_id IS NULL OR (NEW.spendable, NEW.pending, NEW.held, NEW.arrears) <> (0, 0, 0, 0) THEN
        RAISE EXCEPTION 'account % is closed: no entry can be booked to it', NEW.account_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'points_entry_account_is_open';
    END IF;
    RETURN NEW;
END $$;
