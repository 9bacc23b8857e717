"""What orders and payments return. Amounts are cents."""

from typing import Any

from rest_framework import serializers

from config.core.pagination import Page
from mall.api.outputs import StepOutput
from mall.models import Order
from mall.services.payments import PaymentOutcome


class PlacedOutput(serializers.Serializer[Any]):
    """The order that stands now."""

    number = serializers.CharField(help_text="订单号")
    status = serializers.ChoiceField(choices=Order.Status.choices, help_text="paid 表示无需付款")
    payable_cents = serializers.IntegerField()


class OrderLineOutput(serializers.Serializer[Any]):
    """One line as it was bought."""

    id = serializers.IntegerField()
    sku_id = serializers.IntegerField()
    product_id = serializers.IntegerField()
    product_name = serializers.CharField()
    sku_label = serializers.CharField()
    image = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    unit_price_cents = serializers.IntegerField()
    member_price_cents = serializers.IntegerField(allow_null=True, help_text="按会员价成交时的单价（分）；否则为 null")
    goods_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    points_discount_cents = serializers.IntegerField()
    points_spent = serializers.IntegerField()
    paid_cents = serializers.IntegerField(help_text="实付（分）")
    refunded_quantity = serializers.IntegerField()


class OrderOutput(serializers.Serializer[Any]):
    """An order in a list, with what can be done now."""

    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=Order.Kind.choices)
    status = serializers.ChoiceField(choices=Order.Status.choices)
    status_label = serializers.CharField()
    payable_cents = serializers.IntegerField()
    points_spent = serializers.IntegerField()
    refunded_cents = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="付款截止；不待付款为 null")
    lines = OrderLineOutput(many=True)
    quantity = serializers.IntegerField()
    can_pay = serializers.BooleanField()
    can_cancel = serializers.BooleanField()
    can_confirm = serializers.BooleanField()
    is_priority = serializers.BooleanField(help_text="优先发货：下单时有该权益")
    closed_because = serializers.CharField(
        help_text="关闭原因：fee_returned 会员权益随退会费终止；membership_changed 会员时间有变化；其他为空"
    )


class OrderPage(Page):
    """A part of the order list, newest first."""

    items = OrderOutput(many=True, source="orders")


class ShipmentOutput(serializers.Serializer[Any]):
    """A parcel."""

    carrier = serializers.CharField()
    tracking_no = serializers.CharField()
    shipped_at = serializers.DateTimeField()


class RefundOutput(serializers.Serializer[Any]):
    """A refund."""

    number = serializers.CharField()
    cash_cents = serializers.IntegerField()
    points = serializers.IntegerField(help_text="退回的积分")
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class OrderDetailOutput(OrderOutput):
    """One order in full."""

    channel = serializers.CharField()
    steps = StepOutput(many=True)
    goods_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    points_discount_cents = serializers.IntegerField()
    freight_cents = serializers.IntegerField()
    recipient = serializers.CharField(allow_blank=True)
    recipient_phone = serializers.CharField(allow_blank=True, help_text="打码")
    region = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    buyer_note = serializers.CharField(allow_blank=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    shipments = ShipmentOutput(many=True)
    refunds = RefundOutput(many=True)
    earn_points = serializers.IntegerField(help_text="下单时承诺的积分")
    earn_growth = serializers.IntegerField(help_text="下单时承诺的成长值")


class OrderCountsOutput(serializers.Serializer[Any]):
    """How many orders wait for what."""

    created = serializers.IntegerField()
    paid = serializers.IntegerField()
    shipped = serializers.IntegerField()
    completed = serializers.IntegerField()
    refunded = serializers.IntegerField()


class ProviderOutput(serializers.Serializer[Any]):
    """A way to pay."""

    code = serializers.CharField()
    title = serializers.CharField()


class CashierOutput(serializers.Serializer[Any]):
    """What is owed, until when, and how it can be paid."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Order.Status.choices)
    payable_cents = serializers.IntegerField()
    points_spent = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    can_pay = serializers.BooleanField()
    providers = ProviderOutput(many=True)


class PaymentOutput(serializers.Serializer[Any]):
    """An open attempt to pay."""

    out_trade_no = serializers.CharField(help_text="支付单号")
    amount_cents = serializers.IntegerField()
    provider = serializers.CharField()


class OutcomeOutput(serializers.Serializer[Any]):
    """What became of a payment."""

    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in PaymentOutcome])
