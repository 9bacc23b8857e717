"""Messages: what the shop tells a member, by which ways, and what the member agreed to."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from config.core.crypto import EncryptedTextField
from config.core.staff_history import StaffHistory
from members.models.ladder import Tier
from members.models.people import Member


class Purpose(models.TextChoices):
    """Why a message is sent: what the member must know, or what the shop would like them to."""

    SERVICE = "service", "服务通知"
    MARKETING = "marketing", "营销消息"


class Way(models.TextChoices):
    """The ways out of the shop; the inbox is no way, it always gets the message."""

    WECHAT_SUBSCRIBE = "wechat_subscribe", "小程序订阅消息"
    WECHAT_OFFICIAL = "wechat_official", "公众号模板消息"
    SMS = "sms", "短信"
    EMAIL = "email", "邮件"


class MessageTemplate(models.Model):
    """消息模板. The words of one kind of message; `variables` are the only things that are filled in."""

    code = models.SlugField("编号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40)
    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices, default=Purpose.SERVICE)
    is_urgent = models.BooleanField("紧急", default=False, help_text="紧急的服务通知在免打扰时段也会立即发出")
    is_enabled = models.BooleanField("启用", default=True)
    variables = models.JSONField("变量", default=list, blank=True)
    title = models.CharField("标题", max_length=60)
    body = models.CharField("正文", max_length=500)
    link = models.CharField("点击后打开", max_length=200, blank=True, help_text="本商城页面的路径，例如 /points/")
    icon = models.CharField("图标", max_length=40, default="bell")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "消息模板"
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="messagetemplate_purpose_known"),
            models.CheckConstraint(
                condition=Q(is_urgent=False) | Q(purpose=Purpose.SERVICE), name="messagetemplate_urgent_is_service"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateWay(models.Model):
    """发送渠道. How a template reads on one way; `fields` fills the fields of a template kept at the provider."""

    template = models.ForeignKey(MessageTemplate, models.CASCADE, related_name="ways", verbose_name="模板")
    way = models.CharField("渠道", max_length=20, choices=Way.choices)
    is_enabled = models.BooleanField("启用", default=True)
    remote_id = models.CharField("平台模板编号", max_length=80, blank=True)
    text = models.CharField("内容", max_length=500, blank=True)
    fields = models.JSONField("平台模板字段", default=dict, blank=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "发送渠道"
        constraints = [
            models.UniqueConstraint(fields=["template", "way"], name="templateway_once_per_template"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="templateway_way_known"),
        ]

    def __str__(self) -> str:
        return self.get_way_display()


class Broadcast(models.Model):
    """群发. One template for many members; `cursor` is the last member who got it, so that it can go on anywhere."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        RUNNING = "running", "发送中"
        PAUSED = "paused", "已暂停"
        DONE = "done", "已完成"

    class Audience(models.TextChoices):
        ALL = "all", "全部会员"
        TIER = "tier", "指定等级及以上"
        SEGMENT = "segment", "会员人群"
        LISTED = "listed", "指定名单"

    name = models.CharField("名称", max_length=60)
    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="broadcasts", verbose_name="模板")
    context = models.JSONField("变量取值", default=dict, blank=True)
    audience = models.CharField("发送对象", max_length=10, choices=Audience.choices, default=Audience.ALL)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="最低等级")
    # who is in it at the start; who leaves it before their turn is not told, who comes in later neither
    segment = models.ForeignKey(
        "members.Segment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人群"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    cursor = models.BigIntegerField("进度", default=0, editable=False)
    told = models.BigIntegerField("已送达收件箱", default=0)
    queued = models.BigIntegerField("已排队站外消息", default=0)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    history = StaffHistory(excluded_fields=["cursor", "told", "queued"])

    class Meta:
        verbose_name = verbose_name_plural = "群发"
        permissions = [("run_broadcast", "发送、暂停和继续群发")]
        constraints = [
            models.CheckConstraint(
                condition=Q(audience="tier", tier__isnull=False) | (~Q(audience="tier") & Q(tier__isnull=True)),
                name="broadcast_tier_when_by_tier",
            ),
            models.CheckConstraint(
                condition=Q(audience="segment", segment__isnull=False)
                | (~Q(audience="segment") & Q(segment__isnull=True)),
                name="broadcast_segment_when_by_segment",
            ),
            models.CheckConstraint(
                condition=(Q(state="done") & Q(finished_at__isnull=False))
                | (~Q(state="done") & Q(finished_at__isnull=True)),
                name="broadcast_finished_when_done",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", started_at__isnull=True) | (~Q(state="draft") & Q(started_at__isnull=False)),
                name="broadcast_started_unless_draft",
            ),
            models.CheckConstraint(condition=Q(told__gte=0, queued__gte=0, cursor__gte=0), name="broadcast_counts"),
        ]

    def __str__(self) -> str:
        return self.name


class BroadcastMember(models.Model):
    """群发名单. A member named by hand or by file."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="listed", verbose_name="群发")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="会员")

    class Meta:
        verbose_name = verbose_name_plural = "群发名单"
        constraints = [models.UniqueConstraint(fields=["broadcast", "member"], name="broadcastmember_once")]

    def __str__(self) -> str:
        return str(self.member_id)


class Message(models.Model):
    """站内消息. What stands in a member's inbox, in words; once per member and key."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="messages", verbose_name="会员")
    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="+", verbose_name="模板")
    broadcast = models.ForeignKey(
        Broadcast, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="群发", db_index=False
    )
    key = models.CharField("去重键", max_length=120)
    title = models.CharField("标题", max_length=200)
    body = models.CharField("正文", max_length=2000)
    link = models.CharField("链接", max_length=400, blank=True)
    sent_at = models.DateTimeField("发送时间")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "站内消息"
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="message_once_per_key")]
        indexes = [
            models.Index(fields=["member", "-id"], name="message_inbox"),
            models.Index(fields=["member"], condition=Q(read_at=None), name="message_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryQuerySet(models.QuerySet["MessageDelivery"]):
    """Deliveries by what can be done with them."""

    def due(self, *, at: datetime) -> Self:
        """Those that wait and whose time has come."""
        return self.filter(state=MessageDelivery.State.QUEUED, next_try_at__lte=at)


class MessageDelivery(models.Model):
    """站外发送. One message on one way: claimed before the call, so that a crash leaves "unknown", no second one."""

    class State(models.TextChoices):
        QUEUED = "queued", "待发送"
        CLAIMED = "claimed", "发送中"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        UNKNOWN = "unknown", "结果不明"
        SUPPRESSED = "suppressed", "未发送"

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries", verbose_name="消息")
    way = models.CharField("渠道", max_length=20, choices=Way.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField("原因", max_length=120, blank=True)
    payload = models.JSONField("内容")
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_try_at = models.DateTimeField("下次发送", null=True, blank=True)
    claimed_at = models.DateTimeField("开始发送", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    provider_ref = models.CharField("平台回执", max_length=80, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站外发送"
        permissions = [("resend_messagedelivery", "重新发送站外消息")]
        constraints = [
            models.UniqueConstraint(fields=["message", "way"], name="messagedelivery_once_per_way"),
            models.CheckConstraint(
                condition=Q(state="queued", next_try_at__isnull=False) | (~Q(state="queued") & Q(next_try_at=None)),
                name="messagedelivery_queued_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_at__isnull=False), name="messagedelivery_claimed_has_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "claimed"], finished_at=None)
                | (~Q(state__in=["queued", "claimed"]) & Q(finished_at__isnull=False)),
                name="messagedelivery_finished_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=Q(state="queued"), name="messagedelivery_due"),
            models.Index(fields=["claimed_at"], condition=Q(state="claimed"), name="messagedelivery_claimed"),
            models.Index(F("id").desc(), condition=Q(state__in=["failed", "unknown"]), name="messagedelivery_trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.get_state_display()}"


class MessageConsent(models.Model):
    """消息授权. What a member agreed to or withdrew, per way and purpose; the latest row counts, the others prove."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="message_consents", verbose_name="会员")
    way = models.CharField("渠道", max_length=20, choices=Way.choices)
    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices)
    given_at = models.DateTimeField("同意时间", null=True, blank=True, help_text="空：默认允许，后来关闭")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    source = models.CharField("来源", max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = "消息授权"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "way", "purpose"], condition=Q(withdrawn_at=None), name="messageconsent_one_open"
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=False) | Q(withdrawn_at__isnull=False),
                name="messageconsent_says_something",
            ),
            models.CheckConstraint(
                condition=Q(given_at=None) | Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                name="messageconsent_withdrawn_later",
            ),
        ]
        indexes = [models.Index(fields=["member", "purpose", "way", "-id"], name="messageconsent_latest")]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.get_purpose_display()}"


class SubscribeQuota(models.Model):
    """订阅次数. How many subscribe messages of one WeChat template a member still allows."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="subscribe_quotas", verbose_name="会员")
    remote_id = models.CharField("平台模板编号", max_length=80)
    remaining = models.PositiveIntegerField("剩余次数", default=0)
    refused_at = models.DateTimeField("最近拒收", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "订阅次数"
        constraints = [
            models.UniqueConstraint(fields=["member", "remote_id"], name="subscribequota_once_per_template"),
            models.CheckConstraint(condition=Q(remaining__gte=0), name="subscribequota_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.remote_id} × {self.remaining}"


class MessageTally(models.Model):
    """发送频次. How many messages a member got outside the inbox, this day and this week, per purpose."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="会员")
    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices)
    day = models.DateField("日期")
    day_count = models.PositiveIntegerField("当日条数")
    week = models.DateField("周一")
    week_count = models.PositiveIntegerField("当周条数")

    class Meta:
        verbose_name = verbose_name_plural = "发送频次"
        constraints = [models.UniqueConstraint(fields=["member", "purpose"], name="messagetally_once_per_purpose")]

    def __str__(self) -> str:
        return f"{self.day}: {self.day_count}"


class MessageEmail(models.Model):
    """消息邮箱. Where a member's e-mail goes, sealed; used once the member has opened the link sent there."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="message_email", verbose_name="会员")
    address = EncryptedTextField("邮箱")
    asked_at = models.DateTimeField("填写时间")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息邮箱"

    def __str__(self) -> str:
        return "已确认" if self.confirmed_at else "待确认"
