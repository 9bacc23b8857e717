-- The arithmetic of constraints whose expressions would be long: a CHECK is read from its text by every statement that writes,
-- about 2 us per kB; a function is compiled once per connection.

CREATE FUNCTION ledger_entry_adds_up(
    kind text, points bigint, spendable bigint, pending bigint, arrears bigint, lapsed bigint, forgiven bigint, spendable_after bigint
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    CASE kind
        WHEN 'earn', 'spend', 'adjust', 'hold', 'capture', 'release', 'expire', 'repay' THEN
            RETURN points > 0 AND spendable_after >= 0;
        WHEN 'restore' THEN
            RETURN points > 0 AND spendable_after >= 0 AND points = spendable + lapsed;
        WHEN 'clawback' THEN
            RETURN points > 0 AND spendable_after >= 0 AND points = arrears + lapsed + forgiven - spendable - pending;
        WHEN 'confirm' THEN
            RETURN points > 0 AND spendable_after >= 0 AND pending = -spendable AND points = spendable;
        WHEN 'merge_out', 'merge_in', 'close' THEN
            RETURN points >= 0 AND spendable_after >= 0;
        ELSE
            RETURN false;
    END CASE;
END $$;

-- A closed account has nothing; a merged one is closed and isn't its own heir.
CREATE FUNCTION ledger_account_adds_up(
    id bigint, asset text, spendable bigint, pending bigint, held bigint, arrears bigint, closed_at timestamptz, merged_into bigint
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN asset IN ('points', 'growth')
        AND (closed_at IS NULL OR (spendable = 0 AND pending = 0 AND held = 0 AND arrears = 0))
        AND (merged_into IS NULL OR (closed_at IS NOT NULL AND merged_into <> id));
END $$;
