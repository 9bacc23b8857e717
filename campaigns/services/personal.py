"""What campaigns keep of a person: the gifts that benefits promised them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone

from campaigns.models import BenefitGift
from config.core.db import transaction_required
from members.ports import PersonalPart, Row


@transaction_required
def void_waiting(member_ids: Sequence[int], at: datetime) -> None:
    """Who leaves gives up what was still to come."""
    waiting = BenefitGift.objects.filter(member_id__in=member_ids, state=BenefitGift.State.WAITING)
    waiting.update(state=BenefitGift.State.VOID)


def _gifts(member_ids: Sequence[int]) -> Iterator[Row]:
    for gift in BenefitGift.objects.filter(member_id__in=member_ids).order_by("pk"):
        due_at = f"{timezone.localtime(gift.due_at):%Y-%m-%d %H:%M:%S}"
        yield due_at, gift.title, gift.period, gift.points, gift.get_state_display()


GIFTS = PersonalPart(
    name="benefit_gifts",
    title="权益礼",
    columns=("应发时间", "名称", "周期", "积分", "状态"),
    rows=_gifts,
    erase=void_waiting,
)
