"""Sockets that rooms above fill in their `AppConfig.ready()`."""

from collections.abc import Callable
from typing import NamedTuple


class MergePart(NamedTuple):
    """What a room above keeps of a member and re-points when members are merged: `count(member_id)` of it."""

    title: str
    count: Callable[[int], int]


_merge_parts: dict[str, MergePart] = {}


def register_merge_part(part: MergePart) -> None:
    """Have the merge's preview count that part; called once per title."""
    if _merge_parts.setdefault(part.title, part) is not part:
        raise ValueError(f"merge part {part.title!r} is registered twice")


def merge_parts() -> list[MergePart]:
    """What moves along in a merge, in the order of registration: lower rooms first."""
    return list(_merge_parts.values())
