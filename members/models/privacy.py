"""Privacy: notices and who agreed to them, copies of one's data, closed accounts, and what staff looked at."""

from django.db import models
from django.db.models import F, Q

from config.core.staff_history import StaffHistory
from members.models.log_ins import User
from members.models.people import Member


class PrivacyNotice(models.Model):
    """隐私政策. One version of the notice; once published it never changes, a new wording is a new version."""

    version = models.PositiveIntegerField("版本", unique=True)
    title = models.CharField("标题", max_length=40, default="隐私政策")
    text = models.TextField("正文", help_text="空行分段；以 # 开头的一行是小标题")
    changes = models.CharField("本次更新", max_length=200, blank=True, help_text="会员再次确认时看到的一句话")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "隐私政策"
        constraints = [models.CheckConstraint(condition=Q(version__gte=1), name="privacynotice_version_positive")]

    def __str__(self) -> str:
        return f"{self.title} 第 {self.version} 版"


class Consent(models.Model):
    """隐私同意. That a member agreed to a version of the notice, when, and where; kept as the shop's proof."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="privacy_consents", verbose_name="会员")
    notice = models.ForeignKey(PrivacyNotice, models.PROTECT, related_name="consents", verbose_name="隐私政策")
    channel = models.CharField("渠道", max_length=20, choices=Member.Channel.choices)
    at = models.DateTimeField("同意时间")

    class Meta:
        verbose_name = verbose_name_plural = "隐私同意记录"
        constraints = [models.UniqueConstraint(fields=["member", "notice"], name="consent_once_per_version")]

    def __str__(self) -> str:
        return f"{self.notice_id}"


class DataExport(models.Model):
    """个人信息副本. A copy of a member's data, made in the background; the file lives for a day."""

    class Status(models.TextChoices):
        PENDING = "pending", "准备中"
        READY = "ready", "可下载"
        GONE = "gone", "已失效"

    member = models.ForeignKey(Member, models.PROTECT, related_name="data_exports", verbose_name="会员")
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.PENDING)
    requested_at = models.DateTimeField("申请时间")
    ready_at = models.DateTimeField("生成时间", null=True)
    expires_at = models.DateTimeField("失效时间", null=True)
    file = models.CharField("文件", max_length=80, blank=True, editable=False)  # under PRIVATE_ROOT
    size = models.PositiveIntegerField("字节", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "个人信息副本"
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(status="pending"), name="dataexport_one_pending"),
            models.CheckConstraint(
                condition=~Q(status="ready") | (Q(expires_at__gt=F("ready_at")) & ~Q(file="")),
                name="dataexport_ready_has_a_file",
            ),
            models.CheckConstraint(condition=~Q(status="gone") | Q(file=""), name="dataexport_gone_has_no_file"),
        ]
        indexes = [models.Index(fields=["member", "-id"], name="dataexport_of_member")]

    def __str__(self) -> str:
        return f"{self.requested_at:%m-%d %H:%M}"


class Closing(models.Model):
    """账号注销. A member's wish to leave: it takes effect when `due_at` has come, unless they take it back."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="closings", verbose_name="会员")
    channel = models.CharField("渠道", max_length=20, choices=Member.Channel.choices)
    asked_at = models.DateTimeField("申请时间")
    due_at = models.DateTimeField("生效时间")
    taken_back_at = models.DateTimeField("撤销时间", null=True)
    done_at = models.DateTimeField("注销时间", null=True)
    # what stood in the way when its time came, in words: it is tried again
    waits_for = models.CharField("等待", max_length=200, blank=True)
    points = models.BigIntegerField("作废积分", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "账号注销"
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(taken_back_at__isnull=True), name="closing_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(done_at__isnull=True), name="closing_taken_back_or_done"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(done_at__isnull=True, taken_back_at__isnull=True), name="closing_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%m-%d %H:%M}"


class Tombstone(models.Model):
    """注销标记. The blind index of a phone or an openid that somebody took along; names no member.

    Whoever comes back by it is a member again, but no newcomer.
    """

    purpose = models.CharField("类型", max_length=40)
    index = models.CharField("索引", max_length=64)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "注销标记"
        constraints = [models.UniqueConstraint(fields=["purpose", "index"], name="tombstone_once")]

    def __str__(self) -> str:
        return self.purpose


class Reveal(models.Model):
    """查看敏感信息记录. That a member of staff saw one thing of a member in full, and the reason they gave."""

    class What(models.TextChoices):
        PHONE = "phone", "手机号"
        NAME = "name", "姓名"
        BIRTHDAY = "birthday", "生日"
        ADDRESSES = "addresses", "收货地址"

    member = models.ForeignKey(Member, models.PROTECT, related_name="reveals", verbose_name="会员")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="员工")
    what = models.CharField("内容", max_length=10, choices=What.choices)
    reason = models.CharField("原因", max_length=100)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "敏感信息查看记录"
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["user", "-at"], name="reveal_of_user"),
            models.Index(fields=["member", "-at"], name="reveal_of_member"),
        ]

    def __str__(self) -> str:
        return self.get_what_display()
