"""What is left of the notes about somebody whose account was closed: who of the staff, when, and what kind of deed."""

from collections.abc import Sequence
from datetime import datetime

from config.back_office.models import StaffDeed
from config.core.db import transaction_required
from members.models import AdjustmentRequest
from members.ports import PersonalPart, Row
from members.services.erasing import ERASED_NAME, ERASED_TEXT


@transaction_required
def erase_notes(member_ids: Sequence[int], at: datetime) -> None:
    """Take names and words out of the deeds about those members."""
    requests = AdjustmentRequest.objects.filter(member_id__in=member_ids).values_list("pk", flat=True)
    for model, keys in (("members.member", member_ids), ("members.adjustmentrequest", list(requests))):
        StaffDeed.objects.filter(model=model, object_id__in=[str(key) for key in keys]).update(
            label=ERASED_NAME, text=ERASED_TEXT, changes=[]
        )


def _no_rows(member_ids: Sequence[int]) -> list[Row]:
    return []


# What staff noted while they worked is the shop's; it is erased, not handed out.
NOTES = PersonalPart(name="staff_notes", title="员工操作记录", columns=(), rows=_no_rows, erase=erase_notes)
