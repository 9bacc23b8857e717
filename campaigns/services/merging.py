"""What campaigns keep of a member who was merged into another."""

from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Replace

from campaigns.models import BenefitGift, CheckIn, Grant, Receipt
from config.core.db import transaction_required


@transaction_required
def repoint(*, source_id: int, target_id: int) -> None:
    """Make the duplicate's receipts, grants, gifts and check-ins the target's. Safe to repeat.

    What both have (a check-in on one day) stays with the duplicate. A birthday is given for once a year, so the
    duplicate's gifts count as the target's.
    """
    rename = Replace(F("occurrence"), Value(f"birthday:{source_id}:"), Value(f"birthday:{target_id}:"))
    receipts = Receipt.objects.filter(member_id=target_id, occurrence=OuterRef("renamed"))
    mine = Receipt.objects.filter(member_id=source_id).annotate(renamed=rename)
    mine.filter(~Exists(receipts)).update(member_id=target_id, occurrence=rename)
    grants = Grant.objects.filter(member_id=target_id, campaign=OuterRef("campaign"), occurrence=OuterRef("renamed"))
    given = Grant.objects.filter(member_id=source_id).annotate(renamed=rename)
    given.filter(~Exists(grants)).update(member_id=target_id, occurrence=rename)
    theirs = CheckIn.objects.filter(member_id=target_id, day=OuterRef("day"))
    CheckIn.objects.filter(~Exists(theirs), member_id=source_id).update(member_id=target_id)
    _repoint_gifts(source_id=source_id, target_id=target_id)


def _repoint_gifts(*, source_id: int, target_id: int) -> None:
    """What benefits gave or owe the duplicate is the target's; a pack that both wait for comes once."""
    same = BenefitGift.objects.filter(
        member_id=target_id, kind=OuterRef("kind"), origin=OuterRef("origin"), period=OuterRef("period")
    )
    BenefitGift.objects.filter(~Exists(same), member_id=source_id).update(member_id=target_id)
    left = BenefitGift.objects.filter(member_id=source_id, state=BenefitGift.State.WAITING)
    left.update(state=BenefitGift.State.VOID)


def receipt_count(member_id: int) -> int:
    """How many receipts move along."""
    return Receipt.objects.filter(member_id=member_id).count()


def check_in_count(member_id: int) -> int:
    """How many days of check-in move along."""
    return CheckIn.objects.filter(member_id=member_id).count()


def gift_count(member_id: int) -> int:
    """How many gifts of benefits move along, given or waiting."""
    return BenefitGift.objects.filter(member_id=member_id).count()
