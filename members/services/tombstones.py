"""Marks of ways in that somebody gave up: whoever comes by one again is a member, but no newcomer."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from config.core.db import transaction_required
from members.models import Identity, Member, Subscription, Tombstone
from members.selectors.plans import TRIAL_STONE

_PHONE, _UNIONID = "phone", "unionid"


@transaction_required
def leave(*, members: Sequence[Member], at: datetime) -> None:
    """Mark the phones and identities of one person's locked rows, as nobody can say later whose they were."""
    phones = [(_PHONE, member.phone_index) for member in members if member.phone_index]
    _write([*phones, *_marks_of(Identity.objects.filter(member__in=members))], [member.pk for member in members], at)


@transaction_required
def leave_identity(*, identity_id: int, at: datetime) -> None:
    """Mark one identity that its member gives up."""
    rows = Identity.objects.filter(pk=identity_id)
    people = rows.values_list("member_id", "member__merged_into")
    _write(_marks_of(rows), [pk for pair in people for pk in pair if pk], at)


def is_marked(*, phone_index: str, identities: Collection[tuple[str, str]]) -> bool:
    """Whether the phone, or one of the identities by (index of the openid, of the unionid), was given up. One query."""
    openids = [openid for openid, _ in identities]
    unionids = [unionid for _, unionid in identities if unionid]
    found = Q(purpose=_PHONE, index=phone_index) | Q(purpose__in=Identity.Provider.values, index__in=openids)
    return Tombstone.objects.filter(found | Q(purpose=_UNIONID, index__in=unionids)).exists()


def _marks_of(identities: QuerySet[Identity]) -> list[tuple[str, str]]:
    rows = list(identities.values_list("provider", "openid_index", "unionid_index"))
    unionids = {unionid for *_, unionid in rows if unionid}
    return [*((provider, openid) for provider, openid, _ in rows), *((_UNIONID, one) for one in sorted(unionids))]


def _write(marks: Sequence[tuple[str, str]], member_ids: Sequence[int], at: datetime) -> None:
    """The marks, and that their owner had a trial, if so."""
    tries = Subscription.objects.filter(member__in=member_ids, source=Subscription.Source.TRIAL)
    trials = [(TRIAL_STONE, index) for _, index in marks] if tries.exists() else []
    stones = [Tombstone(purpose=purpose, index=index, at=at) for purpose, index in [*marks, *trials]]
    Tombstone.objects.bulk_create(stones, ignore_conflicts=True)
