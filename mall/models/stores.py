"""Where goods are: stores and what each has in stock."""

from django.db import models
from django.db.models import Q

from config.core.staff_history import StaffHistory
from mall.models.catalogue import Sku


class Store(models.Model):
    """门店. A physical shop; the default row is the online warehouse."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=40)
    address = models.CharField("地址", max_length=120, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    is_default = models.BooleanField("默认门店", default=False)
    staff = models.ManyToManyField(
        "members.User",
        related_name="stores",
        blank=True,
        limit_choices_to={"is_staff": True},
        verbose_name="店员",
        help_text="指定了门店的员工只看到、只处理这些门店的订单；没有指定门店的员工看到全部",
    )

    history = StaffHistory(m2m_fields=["staff"])

    class Meta:
        verbose_name = verbose_name_plural = "门店"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="store_one_default")
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """库存. What one store can still sell of a SKU, and what unpaid orders reserve."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="stocks", verbose_name="规格")
    store = models.ForeignKey(Store, models.PROTECT, related_name="stocks", verbose_name="门店")
    available = models.BigIntegerField("可售", default=0)
    reserved = models.BigIntegerField("预占", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "库存"
        constraints = [
            models.UniqueConstraint(fields=["sku", "store"], name="stock_once_per_store"),
            models.CheckConstraint(condition=Q(available__gte=0), name="stock_available_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_reserved_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.available}"
