"""Membership plans as the mall sells them: a virtual good each, and what an order for one was agreed on."""

from django.db import models
from django.db.models import Q

from mall.models.catalogue import Sku
from mall.models.orders import Order


class PlanGood(models.Model):
    """套餐商品. The SKU under which a membership plan is sold; it has no stock and is not on the shelves."""

    plan = models.OneToOneField("members.Plan", models.PROTECT, related_name="+", verbose_name="会员套餐")
    sku = models.OneToOneField(Sku, models.PROTECT, related_name="plan_good", verbose_name="规格")

    class Meta:
        verbose_name = verbose_name_plural = "套餐商品"

    def __str__(self) -> str:
        return str(self.plan)


class PlanOrder(models.Model):
    """会员套餐订单. The plan that an order buys, and what an upgrade counted of the time that was left."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="plan_order", verbose_name="订单")
    plan = models.ForeignKey("members.Plan", models.PROTECT, related_name="+", verbose_name="会员套餐")
    is_upgrade = models.BooleanField("升级补差价", default=False)
    credit_cents = models.BigIntegerField("剩余时间抵扣（分）", default=0)
    refund_rule = models.CharField("退会费规则", max_length=20, default="none")
    refund_days = models.PositiveSmallIntegerField("可退天数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "会员套餐订单"
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_cents=0) | Q(is_upgrade=True, credit_cents__gt=0), name="planorder_credit_of_upgrade"
            )
        ]

    def __str__(self) -> str:
        return str(self.order)
