"""Reactions to what the members' room and this room report: one domain call each."""

from mall.events import OrderCancelled, OrderCompleted, OrderPaid, OrderRefunded, OrderShipped
from mall.services import merging, telling
from members.events import MembersMerged


def repoint_merged(event: MembersMerged) -> None:
    """The duplicate's orders and cart are the target's."""
    merging.repoint(source_id=event.source_member_id, target_id=event.member_id)


def tell_member(event: OrderPaid | OrderShipped | OrderCompleted | OrderRefunded | OrderCancelled) -> None:
    """Tell the member how the order goes on. One handler for all steps, so that they are told in order."""
    match event:
        case OrderPaid():
            telling.tell_paid(order_id=event.order_id, at=event.paid_at)
        case OrderShipped():
            telling.tell_shipped(order_id=event.order_id, at=event.shipped_at)
        case OrderCompleted():
            telling.tell_completed(order_id=event.order_id, at=event.completed_at)
        case OrderRefunded():
            telling.tell_refunded(order_id=event.order_id, refund_id=event.refund_id, at=event.at)
        case OrderCancelled():
            telling.tell_closed(order_id=event.order_id, at=event.cancelled_at)
