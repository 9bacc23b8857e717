"""Claiming an occurrence by writing its receipt: whoever writes it first gives, everyone else finds it there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from json import dumps
from typing import Any

from campaigns.rules.occurrence import Decided
from config.core.db import fetch_all, transaction_required

# The unique constraint is the claim: a concurrent writer waits for the first one's commit and then gets no row back.
_CLAIM = """
INSERT INTO campaigns_receipt (
    member_id, occurrence, trigger, points, growth, base_cents, steps, nearly, at, created_at)
SELECT member_id, occurrence, trigger, points, growth, base_cents, steps, nearly, at, created_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (
    member_id bigint, occurrence text, trigger text, points bigint, growth bigint, base_cents bigint,
    steps jsonb, nearly jsonb, at timestamptz, created_at timestamptz)
ORDER BY member_id, occurrence
ON CONFLICT (member_id, occurrence) DO NOTHING
RETURNING id, member_id, occurrence
"""
_ATTACH = """
UPDATE campaigns_receipt SET points_entry_id = entry.points_entry, growth_entry_id = entry.growth_entry
FROM unnest(%(receipts)s::bigint[], %(points)s::bigint[], %(growth)s::bigint[])
    AS entry (receipt, points_entry, growth_entry)
WHERE campaigns_receipt.id = entry.receipt
RETURNING campaigns_receipt.id
"""


@transaction_required
def claim(*, decided: Sequence[Decided]) -> dict[tuple[int, str], int]:
    """Write receipts and return the new ones' ids by (member, occurrence); what had a receipt already is left out."""
    rows = dumps([_row(one) for one in decided], ensure_ascii=False, default=_text)
    claimed = fetch_all(_CLAIM, {"rows": rows})
    return {(member_id, occurrence): receipt_id for receipt_id, member_id, occurrence in claimed}


@transaction_required
def attach_entries(*, receipts: Sequence[int], points: Mapping[int, int], growth: Mapping[int, int]) -> None:
    """Name the ledger entries on their receipts; both mappings go from receipt id to entry id."""
    fetch_all(
        _ATTACH,
        {
            "receipts": list(receipts),
            "points": [points.get(receipt) for receipt in receipts],
            "growth": [growth.get(receipt) for receipt in receipts],
        },
    )


def _row(one: Decided) -> dict[str, Any]:
    occurrence, decision = one.occurrence, one.decision
    return {
        "member_id": occurrence.member_id,
        "occurrence": occurrence.name,
        "trigger": occurrence.trigger,
        "points": decision.points,
        "growth": decision.growth,
        "base_cents": occurrence.context.amount_cents or 0,
        "steps": [vars(step) for step in decision.steps],
        "nearly": [vars(nearly) for nearly in decision.nearly],
        "at": occurrence.context.at,
        "created_at": occurrence.at,
    }


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a receipt")
