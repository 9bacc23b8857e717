"""Paid membership: plans, the time that members have bought or were given, gift cards, and what it saved them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q

from config.core.staff_history import StaffHistory
from members.models.ladder import BenefitTerms
from members.rules.plans import PlanKind, RefundRule


class Plan(models.Model):
    """会员套餐. A paid membership as it is sold: how long, for how much, and what of the fee may come back."""

    class Kind(models.TextChoices):
        MONTH = PlanKind.MONTH.value, "月卡"
        QUARTER = PlanKind.QUARTER.value, "季卡"
        YEAR = PlanKind.YEAR.value, "年卡"
        LIFETIME = PlanKind.LIFETIME.value, "终身卡"

    class Refund(models.TextChoices):
        NONE = RefundRule.NONE.value, "不退"
        FULL = RefundRule.FULL.value, "全额退"
        PRO_RATA = RefundRule.PRO_RATA.value, "按剩余天数退"
        MINUS_SAVINGS = RefundRule.MINUS_SAVINGS.value, "扣除已省金额后退"

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=20, unique=True)
    kind = models.CharField("时长", max_length=10, choices=Kind.choices)
    price_cents = models.BigIntegerField("价格（分）")
    list_price_cents = models.BigIntegerField("划线价（分）", null=True, blank=True)
    trial_days = models.PositiveSmallIntegerField("试用天数", default=0, help_text="0 为不提供试用；每人只能试用一次")
    welcome_words = models.CharField("开卡礼说明", max_length=60, blank=True, help_text="例如：开卡即送 500 积分")
    refund_rule = models.CharField("退会费规则", max_length=20, choices=Refund.choices, default=Refund.NONE)
    refund_days = models.PositiveSmallIntegerField("可退天数", default=0, help_text="自购买之时起算")
    color = models.CharField("卡面颜色", max_length=7, default="#3b2f20")
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("在售", default=False)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员套餐"
        constraints = [
            models.CheckConstraint(
                condition=Q(price_cents__gte=0, price_cents__lte=10_000_000), name="plan_price_in_range"
            ),
            models.CheckConstraint(
                condition=Q(list_price_cents__isnull=True) | Q(list_price_cents__gt=F("price_cents")),
                name="plan_list_price_above",
            ),
            models.CheckConstraint(condition=Q(trial_days__lte=90), name="plan_trial_in_range"),
            models.CheckConstraint(
                condition=Q(refund_rule="none", refund_days=0)
                | ~Q(refund_rule="none") & Q(refund_days__gte=1, refund_days__lte=366),
                name="plan_refund_rule_has_days",
                violation_error_message="可退时，可退天数为 1 到 366；不退时为 0",
            ),
            models.CheckConstraint(
                condition=~Q(kind="lifetime", refund_rule="pro_rata"),
                name="plan_for_life_has_no_days_left",
                violation_error_message="终身卡没有剩余天数，请选择其他退会费规则",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanBenefit(BenefitTerms):
    """套餐权益. What a plan gives, beside what the member's tier gives."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="benefits", verbose_name="套餐")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "套餐权益"
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind"], condition=~Q(kind="other"), name="planbenefit_once"),
            *BenefitTerms.Meta.constraints,
        ]


class Subscription(models.Model):
    """订阅. One stretch `[starts_at, ends_at)` of paid membership: bought, of a gift card or a trial; no end: for life.

    A renewal is a stretch behind the last. What effect it has is decided by time, never by whether a task ran.
    """

    class Source(models.TextChoices):
        ORDER = "order", "购买"
        GIFT_CARD = "gift_card", "礼品卡"
        TRIAL = "trial", "试用"

    class State(models.TextChoices):
        LIVE = "live", "有效"
        UPGRADED = "upgraded", "已升级"
        REFUNDED = "refunded", "已退会费"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="subscriptions", verbose_name="会员")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions", verbose_name="套餐")
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LIVE)
    key = models.CharField("幂等标识", max_length=80, unique=True)
    order_ref = models.CharField("订单", max_length=40, blank=True)
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束", null=True, blank=True)
    months = models.PositiveSmallIntegerField("月数", default=0)
    days = models.PositiveSmallIntegerField("天数", default=0)
    anchor_day = models.PositiveSmallIntegerField("按月续期的日子", default=1)
    paid_cents = models.BigIntegerField("实付（分）", default=0)
    worth_cents = models.BigIntegerField("折价价值（分）", default=0)  # what an upgrade counts: paid, or given away
    refund_rule = models.CharField("退会费规则", max_length=20, choices=Plan.Refund.choices, default=Plan.Refund.NONE)
    refund_days = models.PositiveSmallIntegerField("可退天数", default=0)
    bought_at = models.DateTimeField("开通时间")
    closed_at = models.DateTimeField("终止时间", null=True, blank=True)
    refunded_cents = models.BigIntegerField("已退（分）", default=0)
    upgraded_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="upgraded_from", verbose_name="升级为"
    )
    reminded_days = models.PositiveSmallIntegerField("已提醒（提前天数）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "订阅"
        indexes = [
            models.Index(fields=["member", "ends_at"], name="subscription_member_ends_at"),
            models.Index(fields=["ends_at"], condition=Q(state="live"), name="subscription_live_ends_at"),
        ]
        constraints = [
            ExclusionConstraint(
                name="subscription_no_overlap",
                expressions=[
                    (Func(F("member_id"), F("member_id"), models.Value("[]"), function="int8range"), "&&"),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="live"),
                deferrable=Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["member"], condition=Q(source="trial"), name="subscription_one_trial"),
            models.UniqueConstraint(fields=["order_ref"], condition=~Q(order_ref=""), name="subscription_order_once"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="subscription_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True, months=0, days=0)
                | Q(ends_at__isnull=False) & (Q(months__gt=0, days=0) | Q(months=0, days__gt=0)),
                name="subscription_has_one_length",
            ),
            models.CheckConstraint(
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("paid_cents"), worth_cents__gte=0),
                name="subscription_refund_within_paid",
            ),
            models.CheckConstraint(
                condition=Q(state="live", closed_at__isnull=True, upgraded_to__isnull=True)
                | Q(state="upgraded", closed_at__isnull=False, upgraded_to__isnull=False)
                | Q(state="refunded", closed_at__isnull=False),
                name="subscription_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(source="order") & ~Q(order_ref="") | ~Q(source="order") & Q(paid_cents=0, order_ref=""),
                name="subscription_paid_by_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.starts_at:%Y-%m-%d}"


class GiftCardBatch(models.Model):
    """礼品卡批次. Codes for one plan, made and exported at once, exactly once."""

    name = models.CharField("名称", max_length=40, unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name="套餐")
    quantity = models.PositiveIntegerField("数量")
    expires_at = models.DateTimeField("激活截止", null=True, blank=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    exported_at = models.DateTimeField("导出时间", null=True, blank=True)
    exported_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导出人"
    )

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "礼品卡批次"
        permissions = [("export_giftcardbatch", "可以生成并导出激活码"), ("void_giftcard", "可以作废礼品卡")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=10_000),
                name="giftcardbatch_quantity_in_range",
                violation_error_message="每批 1 到 10,000 张",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GiftCard(models.Model):
    """礼品卡. An activation code: only its keyed hash is kept, and its last four characters for staff."""

    class State(models.TextChoices):
        ISSUED = "issued", "未激活"
        ACTIVATED = "activated", "已激活"
        VOID = "void", "已作废"

    batch = models.ForeignKey(GiftCardBatch, models.PROTECT, related_name="cards", verbose_name="批次")
    code_index = models.CharField("激活码摘要", max_length=64, unique=True, editable=False)
    last4 = models.CharField("后四位", max_length=4)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ISSUED)
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, blank=True, related_name="gift_cards", verbose_name="会员"
    )
    subscription = models.OneToOneField(
        Subscription, models.PROTECT, null=True, blank=True, related_name="gift_card", verbose_name="订阅"
    )
    activated_at = models.DateTimeField("激活时间", null=True, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "礼品卡"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="issued", activated_at__isnull=True, voided_at__isnull=True)
                | Q(state="activated", activated_at__isnull=False, voided_at__isnull=True)
                & Q(member__isnull=False, subscription__isnull=False)
                | Q(state="void", voided_at__isnull=False, activated_at__isnull=True),
                name="giftcard_state_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"···· {self.last4}"


class MembershipSaving(models.Model):
    """会员省下的钱. What paid membership truly saved on an order, beyond what the tier alone would have."""

    class Kind(models.TextChoices):
        DISCOUNT = "discount", "会员折扣"
        FREIGHT = "freight", "会员包邮"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="savings", verbose_name="会员")
    order_ref = models.CharField("订单", max_length=40)
    order_number = models.CharField("订单号", max_length=24)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    cents = models.BigIntegerField("省下（分）")
    reversed_cents = models.BigIntegerField("已冲回（分）", default=0)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="+", verbose_name="套餐")  # null: not noted
    placed_at = models.DateTimeField("下单时间")  # when the plan made it cheaper
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "会员省下的钱"
        indexes = [models.Index(fields=["member", "-at"], name="saving_member_at")]
        constraints = [
            models.UniqueConstraint(fields=["order_ref", "kind"], name="saving_once_per_order"),
            models.CheckConstraint(
                condition=Q(cents__gt=0, reversed_cents__gte=0, reversed_cents__lte=F("cents")),
                name="saving_reversed_within",
            ),
        ]

    def __str__(self) -> str:
        return self.order_number
