"""What was bought: orders, their lines, payment attempts and shipments."""

from django.db import models
from django.db.models import F, Q

from config.core.crypto import EncryptedTextField
from mall.models.catalogue import Sku
from mall.models.stores import Store


class Order(models.Model):
    """订单. Every amount is the sum of its lines; freight stands apart."""

    class Kind(models.TextChoices):
        SALE = "sale", "普通订单"
        REDEMPTION = "redemption", "积分兑换"
        PLAN = "plan", "会员套餐"

    class Status(models.TextChoices):
        CREATED = "created", "待付款"
        PAID = "paid", "待发货"
        SHIPPED = "shipped", "待收货"
        RECEIVED = "received", "已收货"
        COMPLETED = "completed", "已完成"
        CANCELLED = "cancelled", "已取消"

    class Channel(models.TextChoices):
        H5 = "h5", "H5"
        MINI_PROGRAM = "mini_program", "小程序"
        POS = "pos", "门店收银"

    class Closed(models.TextChoices):
        FEE_RETURNED = "fee_returned", "会员权益随退会费终止"
        MEMBERSHIP_CHANGED = "membership_changed", "会员时间有变化"

    number = models.CharField("订单号", max_length=24, unique=True)
    kind = models.CharField("类型", max_length=12, choices=Kind.choices, default=Kind.SALE)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.CREATED)
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会员"
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name="门店")
    channel = models.CharField("渠道", max_length=20, choices=Channel.choices)
    source = models.CharField("来源系统", max_length=40, blank=True)
    external_ref = models.CharField("来源编号", max_length=80, blank=True)
    # a repeated submit finds the order that the first one made; the digest tells a repeat from another wish
    submit_key = models.CharField("提交标识", max_length=80, blank=True)
    submit_digest = models.CharField("提交内容摘要", max_length=64, blank=True, editable=False)

    goods_cents = models.BigIntegerField("商品金额（分）")
    discount_cents = models.BigIntegerField("优惠（分）", default=0)
    points_discount_cents = models.BigIntegerField("积分抵扣（分）", default=0)
    freight_cents = models.BigIntegerField("运费（分）", default=0)
    payable_cents = models.BigIntegerField("应付（分）")
    refunded_cents = models.BigIntegerField("已退（分）", default=0)
    points_spent = models.BigIntegerField("使用积分", default=0)
    hold = models.OneToOneField(
        "points.Hold", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="积分冻结"
    )
    # the quote that the member agreed to: steps with labels and amounts, plain JSON
    quote = models.JSONField("报价明细", default=dict)
    # what the order is judged by when points are given: tier, multiplier, channel… as of paid_at
    judged_as = models.JSONField("判定依据", default=dict)

    recipient = EncryptedTextField("收货人", blank=True, default="")
    recipient_phone = EncryptedTextField("收货电话", blank=True, default="")
    region = models.CharField("省市区", max_length=60, blank=True)
    address = EncryptedTextField("详细地址", blank=True, default="")
    buyer_note = models.CharField("买家留言", max_length=100, blank=True)
    is_priority = models.BooleanField("优先发货", default=False)  # the buyer had the benefit when placing

    created_at = models.DateTimeField("下单时间", db_index=True)
    expires_at = models.DateTimeField("付款截止", null=True, blank=True)
    paid_at = models.DateTimeField("付款时间", null=True, blank=True)
    shipped_at = models.DateTimeField("发货时间", null=True, blank=True)
    received_at = models.DateTimeField("收货时间", null=True, blank=True)
    completed_at = models.DateTimeField("完成时间", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    # why the shop's rules closed it; empty: the member, the shop or time did
    closed_because = models.CharField("关闭原因", max_length=20, choices=Closed.choices, blank=True, db_default="")

    class Meta:
        verbose_name = verbose_name_plural = "订单"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_ref"], condition=~Q(external_ref=""), name="order_source_ref_once"
            ),
            models.UniqueConstraint(
                fields=["member", "submit_key"],
                condition=~Q(submit_key=""),
                nulls_distinct=False,
                name="order_submit_key_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    payable_cents=F("goods_cents")
                    - F("discount_cents")
                    - F("points_discount_cents")
                    + F("freight_cents")
                ),
                name="order_payable_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    goods_cents__gte=0,
                    discount_cents__gte=0,
                    points_discount_cents__gte=0,
                    freight_cents__gte=0,
                    payable_cents__gte=0,
                    points_spent__gte=0,
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("payable_cents")), name="order_refund_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["created", "cancelled"]) | Q(paid_at__isnull=False), name="order_paid_has_time"
            ),
            models.CheckConstraint(
                condition=(~Q(status="created") | Q(expires_at__isnull=False))
                & (~Q(status="shipped") | Q(shipped_at__isnull=False))
                & (~Q(status="received") | Q(received_at__isnull=False))
                & (~Q(status="completed") | Q(completed_at__isnull=False))
                & (~Q(status="cancelled") | Q(cancelled_at__isnull=False)),
                name="order_status_has_its_time",
            ),
            # a new order is written before its points are held; no other may have spent points that nobody held
            models.CheckConstraint(
                condition=Q(status="created") | Q(points_spent=0) | Q(hold__isnull=False),
                name="order_points_spent_were_held",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["sale", "redemption", "plan"], channel__in=["h5", "mini_program", "pos"]),
                name="order_kind_and_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["created", "paid", "shipped", "received", "completed", "cancelled"]),
                name="order_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="order_member_recent"),
            models.Index(fields=["status", "-id"], name="order_status_recent"),
            models.Index(fields=["expires_at"], condition=Q(status="created"), name="order_unpaid_expiry"),
            models.Index(fields=["received_at"], condition=Q(status="received"), name="order_received_wait"),
            models.Index(fields=["paid_at"], name="order_paid_at"),
            models.Index(F("is_priority").desc(), "paid_at", "id", condition=Q(status="paid"), name="order_to_ship"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """订单行. `paid_cents` is the cash for these goods after every discount; freight is not in it."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", verbose_name="订单")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name="规格")
    product_name = models.CharField("商品", max_length=120)
    sku_label = models.CharField("规格", max_length=60, blank=True)
    image = models.CharField("图片", max_length=200, blank=True)
    quantity = models.PositiveIntegerField("数量")
    unit_price_cents = models.BigIntegerField("单价（分）")
    # the SKU's own member price that this line was sold at; none when the ordinary price or a discount was better
    member_price_cents = models.BigIntegerField("会员价（分）", null=True, blank=True)
    goods_cents = models.BigIntegerField("小计（分）")
    discount_cents = models.BigIntegerField("优惠（分）", default=0)
    points_discount_cents = models.BigIntegerField("积分抵扣（分）", default=0)
    points_spent = models.BigIntegerField("使用积分", default=0)
    paid_cents = models.BigIntegerField("实付（分）")
    refunded_quantity = models.PositiveIntegerField("已退数量", default=0)
    refunded_cents = models.BigIntegerField("已退（分）", default=0)
    refunded_points = models.BigIntegerField("已退积分", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "订单行"
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_cents=F("goods_cents") - F("discount_cents") - F("points_discount_cents")),
                name="orderline_paid_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, paid_cents__gte=0, discount_cents__gte=0, points_discount_cents__gte=0),
                name="orderline_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_quantity__lte=F("quantity"),
                    refunded_cents__gte=0,
                    refunded_cents__lte=F("paid_cents"),
                    refunded_points__gte=0,
                    refunded_points__lte=F("points_spent"),
                ),
                name="orderline_refund_in_range",
            ),
            models.CheckConstraint(
                condition=Q(member_price_cents__isnull=True)
                | Q(member_price_cents__gt=0, member_price_cents__lt=F("unit_price_cents")),
                name="orderline_member_price_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.product_name


class Payment(models.Model):
    """支付. One attempt with its own number; money that arrived is never lost, whatever became of the order."""

    class Status(models.TextChoices):
        CREATED = "created", "待支付"
        SUCCEEDED = "succeeded", "已支付"
        CLOSED = "closed", "已关闭"
        REFUNDED = "refunded", "已退回"

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", verbose_name="订单")
    provider = models.CharField("支付方式", max_length=20)
    out_trade_no = models.CharField("商户单号", max_length=32, unique=True)
    amount_cents = models.BigIntegerField("金额（分）")
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.CREATED)
    transaction_id = models.CharField("渠道流水号", max_length=64, blank=True)
    created_at = models.DateTimeField("发起时间")
    succeeded_at = models.DateTimeField("支付时间", null=True, blank=True)
    # a notice that named another amount: written down, never booked
    wrong_amount_cents = models.BigIntegerField("不符金额（分）", null=True, blank=True)
    wrong_amount_at = models.DateTimeField("金额不符时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "支付"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["created", "closed"]) | Q(succeeded_at__isnull=False), name="payment_has_time"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["created", "closed"])
                | (Q(status__in=["succeeded", "refunded"]) & ~Q(transaction_id="")),
                name="payment_settled_names_transaction",
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="succeeded"), name="payment_pays_an_order_once"
            ),
            models.UniqueConstraint(
                fields=["provider", "transaction_id"], condition=~Q(transaction_id=""), name="payment_transaction_once"
            ),
        ]

    def __str__(self) -> str:
        return self.out_trade_no


class Shipment(models.Model):
    """发货."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments", verbose_name="订单")
    carrier = models.CharField("快递公司", max_length=20)
    tracking_no = models.CharField("运单号", max_length=40)
    shipped_at = models.DateTimeField("发货时间")

    class Meta:
        verbose_name = verbose_name_plural = "发货"

    def __str__(self) -> str:
        return self.tracking_no
