"""The nightly audit: every sum of the ledger and the whole chain of seals, with the result kept."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Func

from config.core.db import transaction_required
from points import ledger
from points.models import AuditRun, Entry
from points.selectors import audits, seals

_KEPT = 200  # discrepancies that a run keeps and logs; `found` counts all
_SEALED_WITHIN = timedelta(days=3)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What an audit found: how many differences, of how many entries, and the end of the chain."""

    run_id: int
    found: int
    entries: int
    head: str


@transaction_required
def begin(*, at: datetime) -> int:
    """Write down that an audit starts; its id. Committed before the audit, so that one that dies is seen."""
    return AuditRun.objects.create(started_at=at).pk


@transaction_required
def finish(*, run_id: int, at: datetime) -> Outcome:
    """Carry the audit out and write its result down. Every difference is an error in the log, by rule and subject."""
    found = [*_of_chain(at), *(asdict(one) for one in ledger.audit())]
    head, entries = seals.head(), Entry.objects.count()
    for difference in found[:_KEPT]:
        logger.error("the ledger does not hold", extra=difference)
    AuditRun.objects.filter(pk=run_id).update(
        ended_at=Func(function="clock_timestamp", output_field=DateTimeField()),
        entries=entries,
        sealed=entries - seals.unsealed(),
        found=len(found),
        discrepancies=found[:_KEPT],
        head=head.hash,
    )
    logger.info("the ledger was audited", extra={"entries": entries, "found": len(found), "head": head.hash})
    return Outcome(run_id=run_id, found=len(found), entries=entries, head=head.hash)


def _of_chain(at: datetime) -> list[dict[str, Any]]:
    """What is wrong with the chain: its first fault, an end that was cut off, entries that nobody seals."""
    faults = [_fault(proof.fault, proof.entry or proof.seal) for proof in seals.prove_chain() if proof.fault]
    known = audits.latest_head()
    if known and not seals.is_in_chain(hash_hex=known):
        faults.append(_fault("seal_cut_off", None))
    late = seals.unsealed(recorded_before=at - _SEALED_WITHIN)
    if late:
        faults.append(_fault("entries_not_sealed", None, actual=late))
    return faults


def _fault(rule: str, subject: int | None, actual: int = 1) -> dict[str, Any]:
    return {"rule": rule, "account": None, "subject": subject, "expected": 0, "actual": actual}
