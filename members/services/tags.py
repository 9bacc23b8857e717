"""Tags on members: put on and taken off by staff, one by one or for many, and by rules, set-based."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from members.models import Member, MemberTag, Tag

_AT_ONCE = 5000


class TooManyMembers(DomainError):
    """More members than one click may tag. Facts: most."""

    code: ClassVar[str] = "too_many_members"
    message: ClassVar[str] = "一次最多给 {most} 位会员打标签，请先用筛选缩小范围"


class Refreshed(NamedTuple):
    """How many members a rule has put its tag on, and taken it off."""

    added: int
    removed: int


@transaction_required
def put_tag(*, tag_id: int, member_ids: Sequence[int], operator_id: int, at: datetime) -> int:
    """Have staff put the tag on those members; how many have it newly. What a rule had put there is staff's now.

    Raises NotFound, TooManyMembers.
    """
    tag = _locked(tag_id)
    _check_number(member_ids)
    before = MemberTag.objects.filter(tag=tag).count()
    rows = [
        MemberTag(member_id=pk, tag=tag, source=MemberTag.Source.STAFF, put_by_id=operator_id, at=at)
        for pk in sorted(set(member_ids))
    ]
    MemberTag.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["member", "tag"],
        update_fields=["source", "put_by"],
        batch_size=1000,
    )
    return MemberTag.objects.filter(tag=tag).count() - before


@transaction_required
def take_tag(*, tag_id: int, member_ids: Sequence[int]) -> int:
    """Take the tag off those members, whoever had put it there; how many had it. Raises NotFound, TooManyMembers."""
    tag = _locked(tag_id)
    _check_number(member_ids)
    return MemberTag.objects.filter(tag=tag, member_id__in=member_ids).delete()[0]


@transaction_required
def refresh_by_rule(*, tag_id: int, members: QuerySet[Member], at: datetime) -> Refreshed:
    """Make the rule's tag stand on exactly those members, beside those on whom staff had put it.

    Raises NotFound.
    """
    tag = _locked(tag_id)
    meant = members.order_by().filter(pk=OuterRef("member_id"))
    removed = MemberTag.objects.filter(~Exists(meant), tag=tag, source=MemberTag.Source.RULE).delete()[0]
    tagged = MemberTag.objects.filter(tag=tag, member_id=OuterRef("pk"))
    new = members.order_by().filter(~Exists(tagged)).values_list("pk", flat=True)
    rows = (MemberTag(member_id=pk, tag=tag, source=MemberTag.Source.RULE, at=at) for pk in new.iterator(2000))
    return Refreshed(added=len(MemberTag.objects.bulk_create(rows, batch_size=2000)), removed=removed)


def _locked(tag_id: int) -> Tag:
    """The tag; two who change its members wait for each other."""
    tag = Tag.objects.select_for_update(no_key=True).filter(pk=tag_id).first()
    if tag is None:
        raise NotFound()
    return tag


def _check_number(member_ids: Sequence[int]) -> None:
    if len(member_ids) > _AT_ONCE:
        raise TooManyMembers(most=_AT_ONCE)
