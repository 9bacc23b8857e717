"""What bringing friends earns: the campaigns in words, and what a member has got by it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from campaigns.models import Receipt
from campaigns.rules.stacking import in_order
from campaigns.rules.words import rule_sentence
from campaigns.selectors.live import live_with_names
from members.models import Invitation

INVITING = ("invitee_registered", "invitee_first_order", "share_visited")
_STILL_PENDING = (Invitation.State.REGISTERED, Invitation.State.PAID, Invitation.State.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class InvitationRewards:
    """Points that friends have brought, net of what was taken back; `pending` of them can't be used yet."""

    points: int
    pending: int


def sentences(*, triggers: Collection[str], at: datetime) -> list[str]:
    """What the campaigns of these triggers give now, in words, in the merchant's order. One query."""
    live = live_with_names(triggers=triggers, at=at)
    running = [one for one in in_order(live.campaigns) if one.definition.is_scheduled_at(at)]
    return [one.definition.description or rule_sentence(one.definition, tier_names=live.tier_names) for one in running]


def rewards_of(*, member_id: int) -> InvitationRewards:
    """What the member got by inviting and sharing. One query."""
    waiting = Invitation.objects.filter(inviter=member_id, state__in=_STILL_PENDING).annotate(
        name=Concat(Value("invitation:"), Cast("pk", CharField()), Value(":registered"))
    )
    triggers = [*INVITING, Receipt.Trigger.INVITATION_TAKEN_BACK]
    sums = Receipt.objects.filter(member=member_id, trigger__in=triggers).aggregate(
        got=Coalesce(Sum("points"), 0),
        waits=Coalesce(Sum("points", filter=Q(occurrence__in=waiting.values("name"))), 0),
    )
    return InvitationRewards(points=sums["got"], pending=sums["waits"])
