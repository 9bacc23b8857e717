"""What a duplicate has goes to the member who stays, in the merge's transaction.

`WHAT_MOVES` says for every row that hangs on a member, or on a member's log-in, what a merge does with it; a test fails
for one that is not listed, and for one with which something else happens than the list says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final

from django.db.models import Exists, Model, OuterRef

from config.core.db import transaction_required
from members.models import (
    Address,
    AdjustmentRequest,
    BenefitUse,
    BroadcastMember,
    DuplicateTrace,
    Identity,
    Member,
    MemberInterest,
    MemberTag,
    MemberTrace,
    MessageEmail,
    PointsNote,
)
from members.services import data_exports, message_choices, till_codes

MOVED, JOINED, REMOVED, STAYS = "moved", "moved unless the kept one has its own", "removed", "stays"
LOG_IN, BY_FACT = "becomes the kept one's log-in, or ends", "moved by its room after MembersMerged"
WHAT_MOVES: Final[Mapping[str, str]] = {
    "members.Address": MOVED,
    "members.AdjustmentRequest": MOVED,  # those that wait; decided ones stay
    "members.BenefitUse": MOVED,  # the month's uses of both add up
    "members.Device": MOVED,
    "members.Identity": MOVED,
    "members.Invitation": MOVED,  # whom the duplicate invited
    "members.Member": MOVED,  # those merged into the duplicate
    "members.PointsNote": MOVED,
    "members.BroadcastMember": JOINED,
    "members.MemberInterest": JOINED,
    "members.MemberTag": JOINED,
    "members.MemberTrace": JOINED,
    "members.MessageEmail": JOINED,
    "members.DataExport": REMOVED,  # the file; a copy asked for anew holds both
    "members.DuplicateTrace": REMOVED,
    "members.TillSecret": REMOVED,
    "members.User": LOG_IN,
    "knox.AuthToken": LOG_IN,
    "members.MembershipSaving": BY_FACT,
    "members.Message": BY_FACT,
    "members.MessageDelivery": BY_FACT,
    "members.SegmentMember": BY_FACT,
    "members.SubscribeQuota": BY_FACT,
    "members.Subscription": BY_FACT,
    "mall.CartLine": BY_FACT,
    "mall.Order": BY_FACT,
    "mall.OrderLine": BY_FACT,
    "mall.Payment": BY_FACT,
    "mall.PlanOrder": BY_FACT,
    "mall.Refund": BY_FACT,
    "mall.RefundLine": BY_FACT,
    "mall.Shipment": BY_FACT,
    "campaigns.BenefitGift": BY_FACT,
    "campaigns.CheckIn": BY_FACT,
    "campaigns.Grant": BY_FACT,
    "campaigns.Receipt": BY_FACT,
    "members.Attribution": STAYS,  # who came first by which channel
    "members.ChannelOrder": STAYS,
    "members.Closing": STAYS,
    "members.Consent": STAYS,
    "members.Duplicate": STAYS,
    "members.Entitlement": STAYS,
    "members.GiftCard": STAYS,
    "members.HistoricalAdjustmentRequest": STAYS,
    "members.HistoricalDuplicate": STAYS,
    "members.HistoricalMember": STAYS,
    "members.HistoricalMergeRequest": STAYS,
    "members.InviteCode": STAYS,  # it leads to the kept one, like shared links
    "members.MergeRequest": STAYS,
    "members.MessageConsent": STAYS,  # as proof; a refusal counts for the kept one too
    "members.MessageTally": STAYS,
    "members.Reveal": STAYS,
    "members.ShareLink": STAYS,
    "members.ShareVisit": STAYS,
    "members.TierChange": STAYS,
    "members.TierPeriod": STAYS,
}


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How many rows of this room moved to the kept one, and how many message choices of theirs are off for it."""

    addresses: int
    identities: int
    adjustment_requests: int
    tags: int
    refusals: int
    has_email: bool
    has_log_in: bool
    has_phone: bool


@transaction_required
def move(*, source: Member, target: Member, at: datetime) -> Moved:
    """Give what the locked duplicate has to the locked target; what is the duplicate's alone goes. Log-ins stay."""
    _move_addresses(source, target)
    Member.objects.filter(merged_into=source).update(merged_into=target)
    PointsNote.objects.filter(member=source).update(member=target)
    _move_benefit_uses(source, target)
    for model, same in ((MemberInterest, ["interest"]), (MemberTrace, ["kind", "trace_index"])):
        _join(model, source, target, same)
    _join(BroadcastMember, source, target, ["broadcast"])
    DuplicateTrace.objects.filter(member=source).delete()
    till_codes.renew_secret(member_id=source.pk)
    data_exports.drop_all(member_ids=[source.pk])
    pending = AdjustmentRequest.objects.filter(member=source, status=AdjustmentRequest.Status.PENDING)
    return Moved(
        addresses=Address.objects.filter(member=source).update(member=target),
        identities=Identity.objects.filter(member=source).update(member=target),
        adjustment_requests=pending.update(member=target),
        tags=_join_tags(source, target),
        refusals=message_choices.take_refusals(source_id=source.pk, target_id=target.pk, at=at),
        has_email=_join_email(source, target),
        has_log_in=source.user_id is not None,
        has_phone=bool(source.phone_index),
    )


def _move_addresses(source: Member, target: Member) -> None:
    if Address.objects.filter(member=target, is_default=True).exists():
        Address.objects.filter(member=source).update(is_default=False)


def _move_benefit_uses(source: Member, target: Member) -> None:
    """So that a month's uses are those of one person: each takes the lowest number that is free."""
    taken = set(BenefitUse.objects.filter(member=target).values_list("kind", "period", "nth"))
    uses = list(BenefitUse.objects.filter(member=source).order_by("pk"))
    for use in uses:
        use.member = target
        use.nth = next(nth for nth in count(1) if (use.kind, use.period, nth) not in taken)
        taken.add((use.kind, use.period, use.nth))
    BenefitUse.objects.bulk_update(uses, ["member", "nth"])


def _join_tags(source: Member, target: Member) -> int:
    """What staff put on either stays put by staff."""
    by_staff = MemberTag.objects.filter(member=source, source=MemberTag.Source.STAFF).values("tag")
    MemberTag.objects.filter(member=target, source=MemberTag.Source.RULE, tag__in=by_staff).delete()
    return _join(MemberTag, source, target, ["tag"])


def _join(model: type[Model], source: Member, target: Member, same: list[str]) -> int:
    """Move the rows whose like the target lacks, and delete the others; how many moved."""
    rows: Any = model._default_manager
    own = rows.filter(member=target, **{name: OuterRef(name) for name in same})
    rows.filter(Exists(own), member=source).delete()
    moved: int = rows.filter(member=source).update(member=target)
    return moved


def _join_email(source: Member, target: Member) -> bool:
    """A confirmed address goes before one that isn't; of two alike the target's stays. Whether it moved."""
    emails = {row.member_id: row for row in MessageEmail.objects.filter(member__in=[source, target])}
    theirs, own = emails.get(source.pk), emails.get(target.pk)
    if theirs is None:
        return False
    if own is not None and (own.confirmed_at or not theirs.confirmed_at):
        theirs.delete()
        return False
    if own is not None:
        own.delete()
    MessageEmail.objects.filter(pk=theirs.pk).update(member=target)
    return True
