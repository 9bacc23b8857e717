"""What staff look at in full: allowed with a reason, written down, and so many times an hour."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput, NotFound
from members.models import Address, Member, Reveal, User
from members.rules.addresses import one_line

_REASON = (2, 100)
_WINDOW = timedelta(hours=1)


class TooManyReveals(DomainError):
    """This member of staff has looked at as much as the shop allows in an hour."""

    code: ClassVar[str] = "too_many_reveals"
    message: ClassVar[str] = "一小时内最多查看 {limit} 次，请稍后再试"
    http_status: ClassVar[int] = 429
    public_facts: ClassVar[Mapping[str, str]] = {"limit": "一小时内最多几次"}


@transaction_required
def reveal(*, member_id: int, what: str, reason: str, operator_id: int, at: datetime) -> tuple[str, ...]:
    """The lines that show that thing of the member in full; none when the member has not given it. It is noted.

    Raises InvalidInput (what, reason), NotFound, TooManyReveals.
    """
    said = one_line(reason)
    if what not in Reveal.What.values:
        raise InvalidInput(what="请选择要查看的内容")
    if not _REASON[0] <= len(said) <= _REASON[1]:
        raise InvalidInput(reason=f"请填写原因，{_REASON[0]} 至 {_REASON[1]} 个字")
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    _count(operator_id, at)
    Reveal.objects.create(member=member, user_id=operator_id, what=what, reason=said, at=at)
    return _lines(member, what)


def _count(operator_id: int, at: datetime) -> None:
    """Refuse beyond the limit; two looks of one person at once wait for each other."""
    list(User.objects.select_for_update(no_key=True).filter(pk=operator_id).values_list("pk"))
    limit = policies.current().reveals_per_hour
    if Reveal.objects.filter(user_id=operator_id, at__gt=at - _WINDOW).count() >= limit:
        raise TooManyReveals(limit=limit)


def _lines(member: Member, what: str) -> tuple[str, ...]:
    if what == Reveal.What.ADDRESSES:
        rows = Address.objects.filter(member=member).order_by("-is_default", "-pk")
        return tuple(f"{row.recipient} {row.phone} {row.region} {row.detail}" for row in rows)
    value = {Reveal.What.PHONE: member.phone, Reveal.What.NAME: member.name, Reveal.What.BIRTHDAY: member.birthday}
    return tuple(filter(None, [value[Reveal.What(what)]]))
