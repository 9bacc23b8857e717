-- Undo of the whole kernel: everything whose name begins with ledger_, and what 0001 added to the tables.
DO $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT oid::regprocedure::text FROM pg_proc
        WHERE proname LIKE 'ledger\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP FUNCTION ' || v_name || ' CASCADE';
    END LOOP;
    FOR v_name IN SELECT oid::regtype::text FROM pg_type
        WHERE typname LIKE 'ledger\_%' AND typtype = 'c' AND typnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP TYPE ' || v_name || ' CASCADE';
    END LOOP;
END $$;
ALTER TABLE points_hold DROP CONSTRAINT IF EXISTS points_hold_entry_of_same_account;
ALTER TABLE points_draw DROP CONSTRAINT IF EXISTS points_draw_lot_of_same_account;
ALTER TABLE points_draw DROP CONSTRAINT IF EXISTS points_draw_entry_of_same_account;
ALTER TABLE points_lot DROP CONSTRAINT IF EXISTS points_lot_entry_of_same_account;
