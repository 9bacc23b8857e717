"""What gives away that two members are one person: the devices and payment accounts they used."""

from datetime import datetime

from config.core.crypto import blind_index
from config.core.db import transaction_required
from members.models import MemberTrace

_LONGEST = 200


@transaction_required
def note_device(*, member_id: int, device: str, at: datetime) -> None:
    """Remember that the member used this device; nothing when it is not known."""
    _note(member_id, MemberTrace.Kind.DEVICE, device, at)


@transaction_required
def note_payment_account(*, member_id: int, provider: str, account: str, at: datetime) -> None:
    """Remember that the member paid from this account; nothing when the provider doesn't say."""
    _note(member_id, MemberTrace.Kind.PAYMENT, account and f"{provider}:{account}", at)


def others_with_device(*, member_id: int, device: str) -> set[int]:
    """Other members who used this device."""
    if not device:
        return set()
    same = MemberTrace.objects.filter(kind=MemberTrace.Kind.DEVICE, trace_index=_index("device", device))
    return set(same.exclude(member=member_id).values_list("member_id", flat=True))


def others_with_payment_account(*, member_id: int) -> set[int]:
    """Other members who paid from an account that this member paid from."""
    payments = MemberTrace.objects.filter(kind=MemberTrace.Kind.PAYMENT)
    own = payments.filter(member=member_id).values("trace_index")
    return set(payments.filter(trace_index__in=own).exclude(member=member_id).values_list("member_id", flat=True))


@transaction_required
def prune_next(*, after_id: int, limit: int, before: datetime) -> int | None:
    """Of the next traces by id, delete those last seen before that moment; the last one's id, or None at the end."""
    ids = list(MemberTrace.objects.filter(pk__gt=after_id).order_by("pk").values_list("pk", flat=True)[:limit])
    MemberTrace.objects.filter(pk__in=ids, last_seen_at__lt=before).delete()
    return ids[-1] if len(ids) == limit else None


def _note(member_id: int, kind: str, value: str, at: datetime) -> None:
    if not value:
        return
    trace = MemberTrace(
        member_id=member_id, kind=kind, trace_index=_index(kind, value), first_seen_at=at, last_seen_at=at
    )
    MemberTrace.objects.bulk_create(
        [trace],
        update_conflicts=True,
        unique_fields=["kind", "trace_index", "member"],
        update_fields=["last_seen_at"],
    )


def _index(kind: str, value: str) -> str:
    return blind_index(value[:_LONGEST], purpose=f"trace-{kind}")
