-- What every verb returns: the posted entry, or a refusal with its facts. A refusal is a row, not an exception,
-- so the caller's transaction lives on; nothing has been written when it is returned.

CREATE TYPE ledger_outcome AS (
    refusal text, facts jsonb,
    entry bigint, account bigint, kind text, points bigint,
    spendable bigint, pending bigint, held bigint, arrears bigint, lapsed bigint, forgiven bigint,
    spendable_after bigint, key text, source text, reason text, occurred_at timestamptz, reverses bigint, caused_by bigint
);

CREATE FUNCTION ledger_posted(e points_entry) RETURNS ledger_outcome LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(
        NULL, NULL, e.id, e.account_id, e.kind, e.points, e.spendable, e.pending, e.held, e.arrears, e.lapsed, e.forgiven,
        e.spendable_after, e.key, e.source, e.reason, e.occurred_at, e.reverses_id, e.caused_by_id
    )::ledger_outcome
$$;

CREATE FUNCTION ledger_refused(p_code text, p_facts jsonb) RETURNS ledger_outcome LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_outcome ledger_outcome;
BEGIN
    v_outcome.refusal := p_code;
    v_outcome.facts := p_facts;
    RETURN v_outcome;
END $$;

-- The answer to a key that was used before: the same entry when the meaning is the same. Meaning = kind, requested points,
-- source, the entry named; not the time, the expiry or the reason.
CREATE FUNCTION ledger_repeated(
    e points_entry, p_kind text, p_requested bigint, p_source text, p_reverses bigint
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
BEGIN
    IF e.kind = p_kind AND e.source = p_source
        AND e.requested IS NOT DISTINCT FROM p_requested AND e.reverses_id IS NOT DISTINCT FROM p_reverses
    THEN
        RETURN ledger_posted(e);
    END IF;
    RETURN ledger_refused('key_reused', jsonb_build_object('key', e.key, 'entry', e.id));
END $$;

-- The code of what is wrong with a posting in itself, or null. A trillion per posting keeps every sum inside bigint.
CREATE FUNCTION ledger_objection(p_points bigint, p_key text, p_source text, p_reason text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_points IS NULL OR p_points NOT BETWEEN 1 AND 1000000000000 THEN 'invalid_amount'
        WHEN p_key IS NULL OR length(p_key) NOT BETWEEN 1 AND 200 THEN 'invalid_key'
        WHEN p_source IS NULL OR length(p_source) > 200 OR length(p_reason) > 64 THEN 'invalid_source'
    END
$$;
