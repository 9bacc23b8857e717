"""Points given or taken by hand, each with its reason in words."""

from datetime import datetime

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import InvalidInput, NotFound
from config.core.time import add_months, local_date, month_end
from members.models import Member, PointsNote
from members.rules.addresses import one_line
from points import ledger

_TEXT = 200


@transaction_required
def adjust_points(*, member_id: int, points: int, text: str, operator_id: int, key: str, at: datetime) -> ledger.Entry:
    """Give (+) or take (-) points, and note why and by whom; the same key again changes nothing.

    Raises InvalidInput, NotFound, ledger.InsufficientPoints, ledger.KeyReused.
    """
    note = one_line(text)
    _check(points, note)
    account = Member.objects.filter(pk=member_id).values_list("points_account_id", flat=True).first()
    if account is None:
        raise NotFound()
    entry = ledger.adjust(
        account=account,
        points=points,
        key=key,
        at=at,
        operator=f"staff:{operator_id}",
        reason="manual",
        expires_at=_expiry(at) if points > 0 else None,
    )
    PointsNote.objects.get_or_create(
        entry_id=entry.id,
        defaults={"member_id": member_id, "operator_id": operator_id, "text": note, "created_at": at},
    )
    return entry


def _check(points: int, note: str) -> None:
    wrong: dict[str, str] = {}
    if points == 0:
        wrong["points"] = "调整数量不能为 0"
    if not 1 <= len(note) <= _TEXT:
        wrong["text"] = "请填写调整原因" if not note else f"调整原因最多 {_TEXT} 个字"
    if wrong:
        raise InvalidInput(**wrong)


def _expiry(at: datetime) -> datetime | None:
    months = policies.current().points_expiry_months
    return month_end(add_months(local_date(at), months)) if months else None
