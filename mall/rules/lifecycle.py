"""The states of an order and the moves between them."""

from enum import StrEnum
from typing import Final


class Move(StrEnum):
    """What can happen to an order."""

    PAY = "pay"
    CANCEL = "cancel"
    SHIP = "ship"
    RECEIVE = "receive"
    COMPLETE = "complete"
    REFUND = "refund"


WORDS: Final[dict[Move, str]] = {
    Move.PAY: "支付",
    Move.CANCEL: "取消",
    Move.SHIP: "发货",
    Move.RECEIVE: "确认收货",
    Move.COMPLETE: "完成",
    Move.REFUND: "退款",
}

_FROM: Final[dict[Move, frozenset[str]]] = {
    Move.PAY: frozenset({"created"}),
    Move.CANCEL: frozenset({"created"}),
    Move.SHIP: frozenset({"paid"}),
    Move.RECEIVE: frozenset({"shipped"}),
    Move.COMPLETE: frozenset({"received"}),
    Move.REFUND: frozenset({"paid", "shipped", "received", "completed"}),
}


def is_allowed(*, move: Move, status: str) -> bool:
    """Whether an order in that status may make the move."""
    return status in _FROM[move]
