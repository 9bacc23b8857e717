"""The ladder: tiers, what each gives, and every move on it."""

from django.db import models
from django.db.models import Q

from config.core.staff_history import StaffHistory


class Tier(models.Model):
    """会员等级. A rung of the ladder, reached at `threshold` growth."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=20, unique=True)
    rank = models.PositiveSmallIntegerField("级别", unique=True, help_text="从 1 开始，数字越大等级越高")
    threshold = models.BigIntegerField("所需成长值", unique=True)
    color = models.CharField("卡面颜色", max_length=7, default="#c9a063")
    art = models.CharField("图标", max_length=40, default="medal")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员等级"
        constraints = [models.CheckConstraint(condition=Q(threshold__gte=0), name="tier_threshold_not_negative")]

    def __str__(self) -> str:
        return self.name


class Benefit(models.Model):
    """会员权益. What a tier gives; `value` is read by kind (1.5 = points × 1.5; 0.95 = 95 折; 2 = per month)."""

    class Kind(models.TextChoices):
        POINTS_MULTIPLIER = "points_multiplier", "积分倍数"
        DISCOUNT = "discount", "会员折扣"
        FREE_SHIPPING = "free_shipping", "包邮"
        BIRTHDAY_GIFT = "birthday_gift", "生日礼"
        OTHER = "other", "其他"

    tier = models.ForeignKey(Tier, models.CASCADE, related_name="benefits", verbose_name="等级")
    kind = models.CharField("类型", max_length=30, choices=Kind.choices)
    value = models.DecimalField("数值", max_digits=8, decimal_places=2, null=True, blank=True)
    title = models.CharField("标题", max_length=20)
    subtitle = models.CharField("说明", max_length=40, blank=True)
    icon = models.CharField("图标", max_length=40, default="gift")
    position = models.PositiveSmallIntegerField("排序", default=0)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员权益"
        constraints = [
            models.UniqueConstraint(fields=["tier", "kind"], condition=~Q(kind="other"), name="benefit_once_per_tier"),
            models.CheckConstraint(
                condition=~Q(kind="points_multiplier") | Q(value__gte=1, value__lte=100),
                name="benefit_multiplier_range",
            ),
            models.CheckConstraint(
                condition=~Q(kind="discount") | Q(value__gt=0, value__lte=1), name="benefit_discount_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TierChange(models.Model):
    """等级变动. Every move on the ladder, with its cause."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="tier_changes", verbose_name="会员")
    old_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+", verbose_name="原等级")
    new_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name="新等级")
    growth = models.BigIntegerField("当时成长值")
    cause = models.CharField("原因", max_length=80)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "等级变动"
        indexes = [models.Index(fields=["member", "-at"], name="tierchange_member_at")]

    def __str__(self) -> str:
        return self.cause
