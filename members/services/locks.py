"""Locks that members' services take before they decide."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from members.models import Member


def lock_phone(phone_index: str) -> None:
    """Make whoever sends to, verifies or registers this phone wait for each other until the transaction ends."""
    _advisory_lock("members.phone", phone_index)


def lock_phones(phone_indexes: Sequence[str]) -> None:
    """The same for many phones at once, in one order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (name, place) ORDER BY place",
            [[f"members.phone:{index}" for index in sorted(set(phone_indexes))]],
        )


def lock_network(address_index: str) -> None:
    """Make two sendings asked for from one network wait for each other. Taken after the phone's lock."""
    _advisory_lock("members.network", address_index)


def lock_openid(openid_index: str) -> None:
    """Make two who bind one identity wait for each other. Taken after the phone's lock."""
    _advisory_lock("members.openid", openid_index)


def lock_source(source: str) -> None:
    """Make two imports from one source system wait for each other."""
    _advisory_lock("members.source", source)


def lock_tag_rules() -> None:
    """Make two who decide what tags follow, or what segments ask for, wait for each other. Taken before any row's."""
    _advisory_lock("members.tag_rules", "")


def lock_members(member_ids: list[int]) -> dict[int, Member]:
    """The members, locked in id order; rows that point at them may still be written."""
    return {member.pk: member for member in _lock(member_ids)}


class OnLadder(NamedTuple):
    """Where a locked member stands, without what would have to be deciphered."""

    member_id: int
    tier_id: int
    growth_account: int


def lock_on_ladder(member_ids: Sequence[int]) -> list[OnLadder]:
    """The same for many at once, of whom only their place on the ladder matters."""
    return [OnLadder(*row) for row in _lock(member_ids).values_list("pk", "tier_id", "growth_account_id")]


def _lock(member_ids: Sequence[int]) -> QuerySet[Member]:
    """The one way to lock members; nobody is locked before it is read."""
    return Member.objects.select_for_update(no_key=True).filter(pk__in=member_ids).order_by("pk")


def _advisory_lock(space: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{space}:{name}"])
