-- Everything the ledger promises about its own sums, with accounts that were closed or merged, as the list of what is broken.
-- Empty is right.
-- `p_accounts` limits the audit to some accounts; null means all.

CREATE OR REPLACE FUNCTION ledger_audit(p_accounts bigint[] DEFAULT NULL)
RETURNS TABLE (rule text, account bigint, subject bigint, expected bigint, actual bigint) LANGUAGE sql STABLE AS $$
    WITH accounts AS (
        SELECT * FROM points_account WHERE p_accounts IS NULL OR id = ANY (p_accounts)
    ), entries AS (
        SELECT * FROM points_entry WHERE p_accounts IS NULL OR account_id = ANY (p_accounts)
    ), lots AS (
        SELECT * FROM points_lot WHERE p_accounts IS NULL OR account_id = ANY (p_accounts)
    ), draws AS (
        SELECT * FROM points_draw WHERE p_accounts IS NULL OR account_id = ANY (p_accounts)
    ), entry_sums AS (
        SELECT account_id, sum(spendable) AS spendable, sum(pending) AS pending, sum(held) AS held, sum(arrears) AS arrears
        FROM entries GROUP BY account_id
    ), lot_sums AS (
        SELECT account_id, sum(remaining) FILTER (WHERE NOT pending) AS confirmed, sum(remaining) FILTER (WHERE pending) AS pending
        FROM lots GROUP BY account_id
    ), hold_sums AS (
        SELECT account_id, sum(points) AS points FROM points_hold WHERE status = 'open' GROUP BY account_id
    ), drawn_by_lot AS (
        SELECT lot_id, sum(points) AS points FROM draws GROUP BY lot_id
    ), moved_by_entry AS (
        SELECT entry_id, sum(points) AS points FROM (
            SELECT entry_id, points FROM draws UNION ALL SELECT entry_id, points FROM lots
        ) AS moves GROUP BY entry_id
    ), reversed AS (
        SELECT reverses_id, sum(points) AS points FROM points_entry
        WHERE reverses_id IS NOT NULL AND (p_accounts IS NULL OR reverses_id IN (SELECT id FROM entries)) GROUP BY reverses_id
    ), closings AS (
        SELECT account_id, max(id) AS id FROM entries WHERE kind IN ('close', 'merge_out') GROUP BY account_id
    ), chain AS (
        SELECT id, account_id, spendable_after,
            sum(spendable) OVER (PARTITION BY account_id ORDER BY id ROWS UNBOUNDED PRECEDING) AS running
        FROM entries
    ), sums AS (
        SELECT check_.rule, a.id, check_.expected, check_.actual
        FROM accounts AS a
        LEFT JOIN entry_sums AS e ON e.account_id = a.id
        LEFT JOIN lot_sums AS l ON l.account_id = a.id
        LEFT JOIN hold_sums AS h ON h.account_id = a.id
        CROSS JOIN LATERAL (VALUES
            ('spendable_is_sum_of_entries', coalesce(e.spendable, 0), a.spendable),
            ('pending_is_sum_of_entries', coalesce(e.pending, 0), a.pending),
            ('held_is_sum_of_entries', coalesce(e.held, 0), a.held),
            ('arrears_is_sum_of_entries', coalesce(e.arrears, 0), a.arrears),
            ('spendable_is_sum_of_lots', coalesce(l.confirmed, 0), a.spendable),
            ('pending_is_sum_of_lots', coalesce(l.pending, 0), a.pending),
            ('held_is_sum_of_open_holds', coalesce(h.points, 0), a.held)
        ) AS check_ (rule, expected, actual)
        WHERE check_.expected <> check_.actual
    )
    SELECT rule, id, id, expected::bigint, actual::bigint FROM sums
    UNION ALL
    SELECT 'lot_remaining_is_sum_of_draws', lot.account_id, lot.id, (lot.points + coalesce(d.points, 0))::bigint, lot.remaining
    FROM lots AS lot LEFT JOIN drawn_by_lot AS d ON d.lot_id = lot.id
    WHERE lot.remaining <> lot.points + coalesce(d.points, 0)
    UNION ALL
    SELECT 'entry_is_sum_of_draws', e.account_id, e.id, coalesce(m.points, 0)::bigint, e.spendable + e.pending
    FROM entries AS e LEFT JOIN moved_by_entry AS m ON m.entry_id = e.id
    WHERE e.spendable + e.pending <> coalesce(m.points, 0)
    UNION ALL
    SELECT 'reversed_at_most_once', e.account_id, e.id, e.points, r.points::bigint
    FROM reversed AS r JOIN entries AS e ON e.id = r.reverses_id WHERE r.points > e.points
    UNION ALL
    SELECT 'closed_by_an_entry', a.id, a.id, (a.closed_at IS NOT NULL)::integer::bigint, (c.id IS NOT NULL)::integer::bigint
    FROM accounts AS a LEFT JOIN closings AS c ON c.account_id = a.id WHERE (a.closed_at IS NULL) <> (c.id IS NULL)
    UNION ALL
    SELECT 'nothing_moves_after_closing', e.account_id, e.id, 0, abs(e.spendable) + abs(e.pending) + abs(e.held) + abs(e.arrears)
    FROM closings AS c JOIN entries AS e ON e.account_id = c.account_id AND e.id > c.id
    WHERE (e.spendable, e.pending, e.held, e.arrears) <> (0, 0, 0, 0)
    UNION ALL
    SELECT 'what_goes_out_comes_in', gone.account_id, gone.id, -(gone.spendable + gone.pending - gone.arrears),
        coalesce(arrived.spendable + arrived.pending - arrived.arrears, 0)
    FROM entries AS gone LEFT JOIN points_entry AS arrived ON arrived.caused_by_id = gone.id AND arrived.kind = 'merge_in'
    WHERE gone.kind = 'merge_out' AND (arrived.id IS NULL OR (gone.spendable, gone.pending, gone.held, gone.arrears)
        <> (-arrived.spendable, -arrived.pending, -arrived.held, -arrived.arrears))
    UNION ALL
    SELECT 'spendable_after_is_running_sum', account_id, id, running::bigint, spendable_after
    FROM chain WHERE running <> spendable_after
$$;
