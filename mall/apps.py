"""App config of mall."""

from django.apps import AppConfig


class MallConfig(AppConfig):
    """Registers what this room offers to others."""

    name = "mall"
    verbose_name = "商品与订单"

    def ready(self) -> None:
        from config.outbox.subscriptions import subscribe
        from mall import blocks, handlers, member_price_sales, reach, segments
        from mall.events import OrderCancelled, OrderCompleted, OrderPaid, OrderRefunded, OrderShipped
        from mall.services import merging, personal
        from members.events import MembersMerged
        from members.ports import MergePart, register_merge_part, register_personal_part

        blocks.register()
        reach.register()
        segments.register()
        member_price_sales.register()
        subscribe(MembersMerged, handlers.repoint_merged)
        subscribe(OrderPaid, handlers.tell_member)
        subscribe(OrderShipped, handlers.tell_member)
        subscribe(OrderCompleted, handlers.tell_member)
        subscribe(OrderRefunded, handlers.tell_member)
        subscribe(OrderCancelled, handlers.tell_member)
        register_merge_part(MergePart("订单", merging.order_count))
        register_merge_part(MergePart("购物车商品", merging.cart_count))
        register_personal_part(personal.ORDERS)
