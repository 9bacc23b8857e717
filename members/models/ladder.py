"""The ladder: tiers, what each gives, and every move on it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round

from config.core.staff_history import StaffHistory
from members.rules.benefits import Kind, kind_choices


class Tier(models.Model):
    """会员等级. A rung of the ladder, reached at `threshold` growth."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=20, unique=True)
    rank = models.PositiveSmallIntegerField("级别", unique=True, help_text="从 1 开始，数字越大等级越高")
    threshold = models.BigIntegerField("所需成长值", unique=True)
    retention_threshold = models.BigIntegerField(
        "保级成长值", null=True, blank=True, help_text="定级周期结束时达到才保留本等级；不填同所需成长值"
    )
    color = models.CharField("卡面颜色", max_length=7, default="#c9a063")
    art = models.CharField("图标", max_length=40, default="medal")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员等级"
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gte=0), name="tier_threshold_not_negative"),
            models.CheckConstraint(
                condition=Q(retention_threshold__isnull=True)
                | Q(retention_threshold__gte=0, retention_threshold__lte=F("threshold")),
                name="tier_retention_within_threshold",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BenefitTerms(models.Model):
    """权益条款. What a benefit gives, whoever grants it (a tier, a plan); `value` and `config` are read by kind.

    1.5 = points × 1.5; 0.95 = 95 折; 2 = twice a month, none = without limit; 24 = hours earlier; 200 = points of a
    gift, none = campaigns give it.
    """

    Kind = Kind

    kind = models.CharField("类型", max_length=30, choices=kind_choices)
    value = models.DecimalField("数值", max_digits=8, decimal_places=2, null=True, blank=True)
    config = models.JSONField("设置", default=dict, blank=True)
    title = models.CharField("标题", max_length=20)
    subtitle = models.CharField("说明", max_length=40, blank=True)
    icon = models.CharField("图标", max_length=40, default="gift")
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="points_multiplier") | Q(value__gte=1, value__lte=100),
                name="%(class)s_multiplier_range",
            ),
            models.CheckConstraint(
                condition=~Q(kind="discount") | Q(value__gt=0, value__lte=1), name="%(class)s_discount_range"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["birthday_gift", "tier_up_gift", "welcome_gift"])
                | Q(value__isnull=True)
                | Q(value__gte=1, value__lte=100_000, value=Round(F("value"))),
                name="%(class)s_gift_points_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Benefit(BenefitTerms):
    """会员权益. What a tier gives."""

    tier = models.ForeignKey(Tier, models.CASCADE, related_name="benefits", verbose_name="等级")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员权益"
        constraints = [
            models.UniqueConstraint(fields=["tier", "kind"], condition=~Q(kind="other"), name="benefit_once_per_tier"),
            *BenefitTerms.Meta.constraints,
        ]


class TierPeriod(models.Model):
    """定级周期. The time `[starts_at, ends_at)` for which a member has a tier; who stands lowest has none.

    It is open until it is decided: at its end, or before by a move up or by growth taken back.
    """

    class Outcome(models.TextChoices):
        KEPT = "kept", "保级"
        LOWERED = "lowered", "降级"
        MOVED = "moved", "中途变动"
        CLOSED = "closed", "已注销"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="tier_periods", verbose_name="会员")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name="等级", db_index=False)
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, blank=True)
    growth = models.BigIntegerField("定级时成长值", null=True, blank=True)
    decided_at = models.DateTimeField("定级时间", null=True, blank=True)
    warned_days = models.PositiveSmallIntegerField("已提醒（提前天数）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "定级周期"
        indexes = [models.Index(fields=["ends_at"], condition=Q(decided_at=None), name="tierperiod_open_ends_at")]
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(decided_at=None), name="tierperiod_one_open"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="tierperiod_ends_after_start"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="") | Q(decided_at__isnull=False) & ~Q(outcome=""),
                name="tierperiod_outcome_when_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} – {self.ends_at:%Y-%m-%d}"


class Entitlement(models.Model):
    """已领权益. A gift that a benefit promised a member, once per period and origin."""

    class Origin(models.TextChoices):
        TIER = "tier", "等级"
        PLAN = "plan", "付费会员"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="entitlements", verbose_name="会员")
    kind = models.CharField("类型", max_length=30, choices=kind_choices)
    origin = models.CharField("来源", max_length=10, choices=Origin.choices, default=Origin.TIER)
    period = models.CharField("周期", max_length=60)  # a month, a year, or "plan:" and a code of up to 50
    title = models.CharField("标题", max_length=20)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "已领权益"
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "origin", "period"], name="entitlement_once_per_period")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.period}"


class BenefitUse(models.Model):
    """权益使用. The nth use of a benefit that may be used so many times per period."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="benefit_uses", verbose_name="会员")
    kind = models.CharField("类型", max_length=30, choices=kind_choices)
    period = models.CharField("周期", max_length=10)
    nth = models.PositiveSmallIntegerField("第几次")
    source = models.CharField("用于", max_length=80)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "权益使用"
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "period", "nth"], name="benefituse_nth_once"),
            models.UniqueConstraint(fields=["kind", "source"], name="benefituse_once_per_source"),
            models.CheckConstraint(condition=Q(nth__gte=1), name="benefituse_from_first"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} #{self.nth}"


class TierChange(models.Model):
    """等级变动. Every move on the ladder, with its cause."""

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="tier_changes", verbose_name="会员", db_index=False
    )
    old_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", verbose_name="原等级", db_index=False
    )
    new_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name="新等级", db_index=False)
    growth = models.BigIntegerField("当时成长值")
    cause = models.CharField("原因", max_length=80)
    at = models.DateTimeField("时间")
    period = models.OneToOneField(
        TierPeriod, models.PROTECT, null=True, blank=True, related_name="change", verbose_name="定级周期"
    )  # one step at most at the end of a period

    class Meta:
        verbose_name = verbose_name_plural = "等级变动"
        indexes = [
            models.Index(fields=["member", "-at"], name="tierchange_member_at"),
            models.Index(fields=["-at", "-id"], name="tierchange_latest"),
        ]

    def __str__(self) -> str:
        return self.cause
