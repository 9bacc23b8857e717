"""What members are about to buy."""

from django.db import models
from django.db.models import Q

from mall.models.catalogue import Sku


class CartLine(models.Model):
    """购物车行. One SKU in a member's cart; `seen_price_cents` is what the member last saw."""

    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+", verbose_name="会员")
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="+", verbose_name="规格")
    quantity = models.PositiveIntegerField("数量")
    is_selected = models.BooleanField("选中", default=True)
    seen_price_cents = models.BigIntegerField("加入时价格（分）")
    added_at = models.DateTimeField("加入时间")

    class Meta:
        verbose_name = verbose_name_plural = "购物车行"
        constraints = [
            models.UniqueConstraint(fields=["member", "sku"], name="cartline_once_per_sku"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cartline_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
