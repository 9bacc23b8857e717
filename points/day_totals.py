"""Tables of the day totals: what finance's months are added up from, so that no page reads closed days' entries again.

Part of `points.models`; they stand apart because they are derived and can be made anew from the entries at any time.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ClosedDay(models.Model):
    """已结日. A Shanghai day by `recorded_at` to which no entry can come any more, and how many it had."""

    day = models.DateField("日期", primary_key=True)
    entries = models.BigIntegerField("流水笔数")
    closed_at = models.DateTimeField("结算时间", db_default=Now())

    class Meta:
        verbose_name = "积分日结"
        verbose_name_plural = "积分日结"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class DayTotal(models.Model):
    """积分日结明细. The sums of a closed day's entries of one asset, kind and direction.

    `is_increase`: they add to what is outstanding (spendable, pending and held together).
    """

    day = models.ForeignKey(ClosedDay, models.PROTECT, verbose_name="日期", db_column="day", db_index=False)
    asset = models.CharField("资产", max_length=16)
    kind = models.CharField("类型", max_length=16)
    is_increase = models.BooleanField("增加")
    entries = models.BigIntegerField("笔数")
    spendable = models.BigIntegerField("可用变动")
    pending = models.BigIntegerField("待生效变动")
    held = models.BigIntegerField("冻结变动")
    arrears = models.BigIntegerField("欠分变动")
    lapsed = models.BigIntegerField("已过期抵扣")
    forgiven = models.BigIntegerField("免除")

    class Meta:
        verbose_name = "积分日结明细"
        verbose_name_plural = "积分日结明细"
        default_permissions = ()
        permissions = [("view_finance_report", "查看积分财务月报")]
        constraints = [
            models.UniqueConstraint(fields=["asset", "day", "kind", "is_increase"], name="points_daytotal_once"),
            models.CheckConstraint(condition=Q(entries__gt=0), name="points_daytotal_of_entries"),
            models.CheckConstraint(
                condition=Q(is_increase=True, spendable__gt=-models.F("pending") - models.F("held"))
                | Q(is_increase=False, spendable__lte=-models.F("pending") - models.F("held")),
                name="points_daytotal_direction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day_id:%Y-%m-%d} {self.kind}"


class TotalsCheck(models.Model):
    """日结核对. A run that added all closed days up again from the entries, and how many sums did not hold."""

    checked_at = models.DateTimeField("核对时间")
    through = models.DateField("核对至", null=True)
    differences = models.IntegerField("不一致项")

    class Meta:
        verbose_name = "积分日结核对"
        verbose_name_plural = "积分日结核对"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}"
