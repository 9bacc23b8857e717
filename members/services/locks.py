"""Locks that members' services take before they decide."""

from collections.abc import Sequence

from django.db import connection

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


def lock_members(member_ids: list[int]) -> dict[int, Member]:
    """The members, locked in id order; rows that point at them may still be written."""
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=member_ids).order_by("pk")
    return {member.pk: member for member in rows}


def _advisory_lock(space: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{space}:{name}"])
