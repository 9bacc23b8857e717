"""What came back: refunds by line and quantity."""

from django.db import models
from django.db.models import F, Q

from mall.models.orders import Order, OrderLine


class Refund(models.Model):
    """退款. Money and points given back for returned goods."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds", verbose_name="订单")
    number = models.CharField("退款单号", max_length=24, unique=True)
    key = models.CharField("幂等标识", max_length=80)
    source = models.CharField("来源系统", max_length=40, blank=True)
    external_ref = models.CharField("来源编号", max_length=80, blank=True)
    cash_cents = models.BigIntegerField("退款金额（分）")
    freight_cents = models.BigIntegerField("其中运费（分）", default=0)
    points = models.BigIntegerField("退还积分", default=0)
    reason = models.CharField("原因", max_length=100, blank=True)
    created_at = models.DateTimeField("退款时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "退款"
        constraints = [
            models.UniqueConstraint(fields=["order", "key"], name="refund_key_once"),
            models.UniqueConstraint(
                fields=["order", "source", "external_ref"], condition=~Q(external_ref=""), name="refund_source_ref_once"
            ),
            models.CheckConstraint(condition=Q(cash_cents__gte=0, points__gte=0), name="refund_amounts_not_negative"),
            models.CheckConstraint(
                condition=Q(freight_cents__gte=0, freight_cents__lte=F("cash_cents")), name="refund_freight_within_cash"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RefundLine(models.Model):
    """退款行."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines", verbose_name="退款")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refund_lines", verbose_name="订单行")
    quantity = models.PositiveIntegerField("数量")
    cash_cents = models.BigIntegerField("退款金额（分）")
    points = models.BigIntegerField("退还积分", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "退款行"
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, cash_cents__gte=0, points__gte=0), name="refundline_amounts"
            ),
            models.UniqueConstraint(fields=["refund", "line"], name="refundline_once_per_line"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
