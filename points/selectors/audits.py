"""What the last audits of the ledger found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from points.models import AuditRun

_LONG = timedelta(hours=12)  # an audit that hasn't ended by then was killed


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """The audit that calls for someone: `found` differences, or None when it never came to its end."""

    run_id: int
    started_at: datetime
    found: int | None


def alarm(*, at: datetime) -> Alarm | None:
    """What the latest audit has to complain of; None when it holds, still runs, or none ever ran. One query."""
    run = AuditRun.objects.order_by("-pk").values("pk", "started_at", "ended_at", "found").first()
    if run is None:
        return None
    is_lost = run["ended_at"] is None and run["started_at"] < at - _LONG
    if not is_lost and not run["found"]:
        return None
    return Alarm(run_id=run["pk"], started_at=run["started_at"], found=run["found"])


def latest_head() -> str:
    """The end of the chain as the last finished audit saw it; empty when it saw none. One query."""
    heads = AuditRun.objects.filter(ended_at__isnull=False).exclude(head="").order_by("-pk")
    return heads.values_list("head", flat=True).first() or ""
