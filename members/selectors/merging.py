"""Where merged members went."""

from collections.abc import Iterable

from members.models import Member


def current_member_ids(*, member_ids: Iterable[int]) -> dict[int, int]:
    """By the id asked for, the member who it is now: the one merged into, else the same. Unknown ids left out."""
    rows = Member.objects.filter(pk__in=set(member_ids)).order_by("pk").values_list("pk", "merged_into_id")
    return {pk: merged_into or pk for pk, merged_into in rows}


def current_member_id(*, member_id: int) -> int:
    """Who that member is now. One query."""
    return current_member_ids(member_ids=[member_id]).get(member_id, member_id)
