"""Why something is given: campaigns, their versions, grants, receipts, check-ins."""

from django.db import models
from django.db.models import F, Q

from config.core.staff_history import StaffHistory
from members.rules.benefits import kind_choices


class Campaign(models.Model):
    """活动. Trigger → conditions → effects, with a schedule and a stacking rule. This row is what staff edit."""

    class Trigger(models.TextChoices):
        BASKET = "basket", "购物结算"
        REDEMPTION_BASKET = "redemption_basket", "积分兑换结算"
        ORDER_COMPLETED = "order_completed", "订单完成"
        MEMBER_REGISTERED = "member_registered", "注册会员"
        PROFILE_COMPLETED = "profile_completed", "完善资料"
        CHECKED_IN = "checked_in", "每日签到"
        BIRTHDAY = "birthday", "会员生日"
        INVITEE_REGISTERED = "invitee_registered", "好友注册"
        INVITEE_FIRST_ORDER = "invitee_first_order", "好友首单"
        SHARE_VISITED = "share_visited", "好友浏览分享"
        SEGMENT_ENTERED = "segment_entered", "进入人群"

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        LIVE = "live", "已启用"
        PAUSED = "paused", "已暂停"

    class Stacking(models.TextChoices):
        BEST = "best", "同类取最优"
        ADD = "add", "可叠加"

    code = models.SlugField("代码", unique=True, max_length=60)
    name = models.CharField("名称", max_length=40)
    description = models.CharField("会员可见说明", max_length=120, blank=True)
    trigger = models.CharField("触发", max_length=30, choices=Trigger.choices)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    starts_at = models.DateTimeField("开始时间", null=True, blank=True)
    ends_at = models.DateTimeField("结束时间", null=True, blank=True)
    conditions = models.JSONField("条件", default=list, blank=True)
    effects = models.JSONField("效果", default=list)
    stacking = models.CharField("叠加规则", max_length=10, choices=Stacking.choices, default=Stacking.BEST)
    position = models.PositiveSmallIntegerField("排序", default=0)
    # state and notice only, earning depends on the schedule alone: the day on which the announced run began, or "ended"
    announced = models.CharField("已通知状态", max_length=10, blank=True, editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    history = StaffHistory(excluded_fields=["announced"])

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="campaign_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "live", "paused"], stacking__in=["best", "add"]),
                name="campaign_status_and_stacking_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignVersion(models.Model):
    """活动版本. What the campaign said during `[live_from, live_until)`; a grant names the version it followed."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="versions", verbose_name="活动")
    number = models.PositiveIntegerField("版本")
    definition = models.JSONField("内容")
    live_from = models.DateTimeField("生效时间")
    live_until = models.DateTimeField("失效时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "活动版本"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaignversion_number_once"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(live_until__isnull=True), name="campaignversion_one_open"
            ),
            models.CheckConstraint(
                condition=Q(live_until__isnull=True) | Q(live_until__gte=F("live_from")),
                name="campaignversion_until_after_from",
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class Receipt(models.Model):
    """发放凭证. Everything decided for one occurrence: what matched, the arithmetic, what nearly matched and why.

    A refund's receipt has negative amounts and names the receipt of what was earned as its `origin`.
    """

    class Trigger(models.TextChoices):
        ORDER_COMPLETED = "order_completed", "订单完成"
        ORDER_REFUNDED = "order_refunded", "订单退款"
        MEMBER_REGISTERED = "member_registered", "注册会员"
        PROFILE_COMPLETED = "profile_completed", "完善资料"
        CHECKED_IN = "checked_in", "每日签到"
        BIRTHDAY = "birthday", "会员生日"
        INVITEE_REGISTERED = "invitee_registered", "好友注册"
        INVITEE_FIRST_ORDER = "invitee_first_order", "好友首单"
        INVITATION_TAKEN_BACK = "invitation_taken_back", "邀请奖励扣回"
        SHARE_VISITED = "share_visited", "好友浏览分享"
        SEGMENT_ENTERED = "segment_entered", "进入人群"
        BENEFIT_DUE = "benefit_due", "会员权益礼"
        BENEFIT_TAKEN_BACK = "benefit_taken_back", "权益礼扣回"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+", verbose_name="会员")
    occurrence = models.CharField("发生", max_length=80, help_text="例如 order:88")
    trigger = models.CharField("触发", max_length=30, choices=Trigger.choices)
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="clawbacks", verbose_name="原凭证"
    )
    points = models.BigIntegerField("积分", default=0)
    growth = models.BigIntegerField("成长值", default=0)
    points_entry = models.OneToOneField(
        "points.Entry", models.PROTECT, null=True, related_name="+", verbose_name="积分流水"
    )
    growth_entry = models.OneToOneField(
        "points.Entry", models.PROTECT, null=True, related_name="+", verbose_name="成长值流水"
    )
    base_cents = models.BigIntegerField("计分金额（分）", default=0)
    steps = models.JSONField("计算步骤", default=list)
    nearly = models.JSONField("差一点", default=list)
    at = models.DateTimeField("判定时间")
    created_at = models.DateTimeField("发放时间")

    class Meta:
        verbose_name = verbose_name_plural = "发放凭证"
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "member"], name="receipt_once_per_occurrence"),
            models.CheckConstraint(
                condition=Q(origin__isnull=True, points__gte=0, growth__gte=0)
                | Q(origin__isnull=False, points__lte=0, growth__lte=0),
                name="receipt_gives_or_takes_back",
            ),
            models.CheckConstraint(condition=Q(base_cents__gte=0), name="receipt_base_not_negative"),
            # no entry without an amount (the amount is written first: it is the claim, the entry follows)
            models.CheckConstraint(
                condition=(Q(points_entry__isnull=True) | ~Q(points=0)) & (Q(growth_entry__isnull=True) | ~Q(growth=0)),
                name="receipt_entry_has_amount",
            ),
            # the fee of a plan may go back and be paid again: its welcome gift goes back once
            models.UniqueConstraint(
                fields=["origin"], condition=Q(trigger="benefit_taken_back"), name="receipt_gift_taken_back_once"
            ),
        ]

    def __str__(self) -> str:
        return self.occurrence


class Grant(models.Model):
    """发放. What one campaign gave one member for one occurrence; never twice."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="grants", verbose_name="活动")
    version = models.ForeignKey(CampaignVersion, models.PROTECT, related_name="+", verbose_name="版本")
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+", verbose_name="会员")
    occurrence = models.CharField("发生", max_length=80)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="grants", verbose_name="凭证")
    points = models.BigIntegerField("积分", default=0)
    growth = models.BigIntegerField("成长值", default=0)
    created_at = models.DateTimeField("发放时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "发放"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "member", "occurrence"], name="grant_once_per_occurrence"),
            models.CheckConstraint(condition=Q(points__gte=0, growth__gte=0), name="grant_amounts_not_negative"),
        ]

    def __str__(self) -> str:
        return self.occurrence


class BenefitGift(models.Model):
    """权益礼. What one benefit of a tier or plan gives a member for one period: given, or waiting until it can be.

    `period` names the plan or tier where the gift comes once, so that all gifts are once per kind, origin and period.
    """

    class State(models.TextChoices):
        GIVEN = "given", "已发放"
        WAITING = "waiting", "待发放"
        VOID = "void", "不再发放"

    class Origin(models.TextChoices):
        TIER = "tier", "等级"
        PLAN = "plan", "付费会员"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+", verbose_name="会员")
    kind = models.CharField("类型", max_length=30, choices=kind_choices)
    origin = models.CharField("来源", max_length=10, choices=Origin.choices)
    granted_by = models.CharField("等级或套餐代码", max_length=50)
    period = models.CharField("周期", max_length=60)
    title = models.CharField("名称", max_length=40)
    points = models.BigIntegerField("积分", default=0)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    receipt = models.OneToOneField(
        Receipt, models.PROTECT, null=True, blank=True, related_name="gift", verbose_name="凭证"
    )
    due_at = models.DateTimeField("应发时间")

    class Meta:
        verbose_name = verbose_name_plural = "权益礼"
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "origin", "period"], name="benefitgift_once_per_period"),
            models.CheckConstraint(condition=Q(points__gte=0), name="benefitgift_points_not_negative"),
            models.CheckConstraint(condition=Q(origin__in=["tier", "plan"]), name="benefitgift_origin_known"),
            models.CheckConstraint(
                condition=Q(state="given", receipt__isnull=False, points__gt=0)
                | Q(state__in=["waiting", "void"], receipt__isnull=True),
                name="benefitgift_given_by_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.period}"


class CheckIn(models.Model):
    """签到. One per member and Shanghai day; `streak` counts days in a row."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+", verbose_name="会员")
    day = models.DateField("日期")
    streak = models.PositiveIntegerField("连续天数")
    at = models.DateTimeField("签到时间")

    class Meta:
        verbose_name = verbose_name_plural = "签到"
        constraints = [
            models.UniqueConstraint(fields=["member", "day"], name="checkin_once_a_day"),
            models.CheckConstraint(condition=Q(streak__gte=1), name="checkin_streak_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.day} ×{self.streak}"
