"""Where an order's points went: the entry that its completion made."""

from members.selectors.standing import standing
from points.selectors.entries import entry_id_of


def earned_entry_id(*, order_id: int, member_id: int) -> int | None:
    """The entry of the points that the order earned; None while it has earned none."""
    return entry_id_of(account=standing(member_id=member_id).points_account, key=f"order:{order_id}:points")
