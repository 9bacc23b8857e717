"""Who brought whom: invitations, shared links, and the channels that members come by."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from config.core.staff_history import StaffHistory
from members.models.people import Member


class Channel(models.Model):
    """推广渠道. Where newcomers come from: a KOL, a store, an advert; links carry its code as `?c=<code>`."""

    class Kind(models.TextChoices):
        KOL = "kol", "达人"
        STORE = "store", "门店"
        ADVERT = "advert", "广告"
        OTHER = "other", "其他"

    code = models.SlugField("代码", max_length=32, unique=True, help_text="用在推广链接里，例如 /?c=xiaohongshu-lin")
    name = models.CharField("名称", max_length=40)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices, default=Kind.KOL)
    is_enabled = models.BooleanField("启用", default=True, help_text="停用后，链接带来的人不再记到这个渠道")
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "推广渠道"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["kol", "store", "advert", "other"]), name="channel_kind_known")
        ]

    def __str__(self) -> str:
        return self.name


class ChannelCost(models.Model):
    """渠道费用. What a channel cost on one day."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="costs", verbose_name="渠道")
    day = models.DateField("日期")
    cost_cents = models.BigIntegerField("费用（元）")
    note = models.CharField("说明", max_length=60, blank=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "渠道费用"
        constraints = [models.CheckConstraint(condition=Q(cost_cents__gt=0), name="channelcost_positive")]
        indexes = [models.Index(fields=["channel", "day"], name="channelcost_channel_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class ChannelVisit(models.Model):
    """渠道访问. A browser that came by a channel's link, once a day."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="visits", verbose_name="渠道")
    visitor_index = models.CharField(max_length=64, editable=False)
    day = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "渠道访问"
        constraints = [
            models.UniqueConstraint(fields=["channel", "visitor_index", "day"], name="channelvisit_once_a_day")
        ]
        indexes = [models.Index(fields=["channel", "day"], name="channelvisit_channel_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class Attribution(models.Model):
    """渠道归因. The channel that a member came by first, decided once, at registration."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="attributions", verbose_name="会员")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="attributions", verbose_name="渠道")
    touched_at = models.DateTimeField("首次接触时间")
    attributed_at = models.DateTimeField("注册时间")

    class Meta:
        verbose_name = verbose_name_plural = "渠道归因"
        constraints = [
            models.UniqueConstraint(fields=["member"], name="attribution_once_per_member"),
            models.CheckConstraint(condition=Q(touched_at__lte=F("attributed_at")), name="attribution_touched_before"),
        ]
        indexes = [models.Index(fields=["channel", "attributed_at"], name="attribution_channel_at")]

    def __str__(self) -> str:
        return f"{self.attributed_at:%Y-%m-%d}"


class ChannelOrder(models.Model):
    """渠道订单. What an order of an attributed member brought: the cash for goods, and what of it went back."""

    attribution = models.ForeignKey(Attribution, models.PROTECT, related_name="orders", verbose_name="归因")
    order_id = models.BigIntegerField("订单编号", unique=True)
    paid_cents = models.BigIntegerField("商品实付（分）")
    refunded_cents = models.BigIntegerField("已退（分）", default=0)
    is_first = models.BooleanField("首单")
    paid_at = models.DateTimeField("付款时间")

    class Meta:
        verbose_name = verbose_name_plural = "渠道订单"
        constraints = [
            models.UniqueConstraint(fields=["attribution"], condition=Q(is_first=True), name="channelorder_one_first"),
            models.CheckConstraint(
                condition=Q(paid_cents__gt=0, refunded_cents__gte=0, refunded_cents__lte=F("paid_cents")),
                name="channelorder_amounts_in_range",
            ),
        ]
        indexes = [models.Index(fields=["attribution", "paid_at"], name="channelorder_attribution_paid")]

    def __str__(self) -> str:
        return f"{self.order_id}"


class InviteCode(models.Model):
    """邀请码. What a member hands on; it stays the same for ever."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="invite_code", verbose_name="会员")
    code = models.CharField("邀请码", max_length=12, unique=True)
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = verbose_name_plural = "邀请码"

    def __str__(self) -> str:
        return self.code


class Invitation(models.Model):
    """邀请. One newcomer and who brought them, from registration to the reward, or to why there is none."""

    class State(models.TextChoices):
        REGISTERED = "registered", "已注册"
        PAID = "paid", "首单已付款"
        COMPLETED = "completed", "首单已完成"
        REWARDED = "rewarded", "已奖励"
        REFUSED = "refused", "不计奖励"
        CLAWED_BACK = "clawed_back", "首单已退款"

    class Refusal(models.TextChoices):
        SELF = "self", "自己邀请自己"
        SAME_DEVICE = "same_device", "设备已属于其他会员"
        SAME_PAYMENT = "same_payment", "支付账户已属于其他会员"
        RETURNING = "returning", "曾经注册过"
        DAY_CAP = "day_cap", "超过每日人数"
        MONTH_CAP = "month_cap", "超过每月人数"
        INVITER_INACTIVE = "inviter_inactive", "邀请人已冻结或注销"

    inviter = models.ForeignKey(Member, models.PROTECT, related_name="invitations", verbose_name="邀请人")
    invitee = models.ForeignKey(Member, models.PROTECT, related_name="invited_by", verbose_name="被邀请人")
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name="渠道"
    )
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.REGISTERED)
    refusal = models.CharField("不计奖励的原因", max_length=20, choices=Refusal.choices, blank=True)
    touched_at = models.DateTimeField("首次打开邀请")
    registered_at = models.DateTimeField("注册时间")
    # a plain number: orders belong to a higher room
    first_order_id = models.BigIntegerField("首单编号", null=True, blank=True)
    # cash for goods that the first order still stands for, less what was refunded
    first_order_cents = models.BigIntegerField("首单金额（分）", default=0)
    rewarded_cents = models.BigIntegerField("奖励所依据的金额（分）", default=0)
    paid_at = models.DateTimeField("首单付款", null=True, blank=True)
    completed_at = models.DateTimeField("首单完成", null=True, blank=True)
    reward_due_at = models.DateTimeField("可奖励时间", null=True, blank=True)
    rewarded_at = models.DateTimeField("奖励时间", null=True, blank=True)
    refused_at = models.DateTimeField("不计奖励时间", null=True, blank=True)
    clawed_back_at = models.DateTimeField("扣回时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "邀请记录"
        constraints = [
            models.UniqueConstraint(fields=["invitee"], name="invitation_once_per_invitee"),
            models.UniqueConstraint(fields=["first_order_id"], name="invitation_first_order_once"),
            models.CheckConstraint(condition=~Q(inviter=F("invitee")), name="invitation_not_of_oneself"),
            models.CheckConstraint(
                condition=Q(touched_at__lte=F("registered_at")), name="invitation_touched_before_registration"
            ),
            models.CheckConstraint(
                condition=Q(state="refused", refused_at__isnull=False) & ~Q(refusal="")
                | ~Q(state="refused") & Q(refusal="", refused_at__isnull=True),
                name="invitation_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["registered", "refused"])
                | Q(first_order_id__isnull=False, paid_at__isnull=False),
                name="invitation_paid_names_order",
            ),
            models.CheckConstraint(
                condition=(~Q(state="completed") | Q(completed_at__isnull=False, reward_due_at__isnull=False))
                & (~Q(state="rewarded") | Q(rewarded_at__isnull=False))
                & (~Q(state="clawed_back") | Q(clawed_back_at__isnull=False)),
                name="invitation_state_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(first_order_cents__gte=0, rewarded_cents__gte=0), name="invitation_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["registered", "paid", "completed", "rewarded", "refused", "clawed_back"]),
                name="invitation_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["inviter", "-registered_at"], name="invitation_inviter_recent"),
            models.Index(fields=["reward_due_at"], condition=Q(state="completed"), name="invitation_reward_due"),
            models.Index(fields=["state", "-id"], name="invitation_state_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.registered_at:%Y-%m-%d}"


class MemberTrace(models.Model):
    """识别痕迹. A device or payment account that a member used, as a blind index; shared by two, they are one."""

    class Kind(models.TextChoices):
        DEVICE = "device", "设备"
        PAYMENT = "payment", "支付账户"

    member = models.ForeignKey(Member, models.CASCADE, related_name="traces", verbose_name="会员")
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    trace_index = models.CharField(max_length=64, editable=False)
    first_seen_at = models.DateTimeField("首次出现")
    last_seen_at = models.DateTimeField("最近出现", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "识别痕迹"
        constraints = [
            models.UniqueConstraint(fields=["kind", "trace_index", "member"], name="membertrace_once_per_member"),
            models.CheckConstraint(condition=Q(kind__in=["device", "payment"]), name="membertrace_kind_known"),
        ]

    def __str__(self) -> str:
        return self.kind


class ShareLink(models.Model):
    """分享链接. A member's link to one page of the shop."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="share_links", verbose_name="会员")
    path = models.CharField("页面", max_length=200)
    code = models.CharField("代码", max_length=12, unique=True)
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = verbose_name_plural = "分享链接"
        constraints = [
            models.UniqueConstraint(fields=["member", "path"], name="sharelink_once_per_page"),
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"), name="sharelink_own_page"
            ),
        ]

    def __str__(self) -> str:
        return self.path


class ShareVisit(models.Model):
    """分享访问. A friend who opened a shared link: written down once, counted unless there is a reason not to."""

    class Refusal(models.TextChoices):
        OWN = "own", "分享者自己"
        DAY_CAP = "day_cap", "超过每日次数"
        NETWORK_CAP = "network_cap", "同一网络次数过多"

    link = models.ForeignKey(ShareLink, models.PROTECT, related_name="visits", verbose_name="分享链接")
    visitor_index = models.CharField(max_length=64, editable=False)
    network_index = models.CharField(max_length=64, editable=False)
    day = models.DateField("日期")
    visited_at = models.DateTimeField("访问时间")
    refusal = models.CharField("不计的原因", max_length=20, choices=Refusal.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "分享访问"
        constraints = [models.UniqueConstraint(fields=["link", "visitor_index"], name="sharevisit_once_per_visitor")]
        indexes = [models.Index(fields=["link", "day"], name="sharevisit_link_day")]

    def __str__(self) -> str:
        return f"{self.day}"
