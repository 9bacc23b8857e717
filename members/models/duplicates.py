"""Members who may be one person: what gives them away, who they are, and merges that wait."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from config.core.staff_history import StaffHistory
from members.models.log_ins import User
from members.models.people import Member


class DuplicateTrace(models.Model):
    """查重索引. A blind index that two members share when they may be one person."""

    class Kind(models.TextChoices):
        NAME_BIRTHDAY = "name_birthday", "同名同生日"
        UNIONID = "unionid", "同一微信"
        DEVICE = "device", "同一设备"
        NAME_PHONE = "name_phone", "同名且手机号仅差一位"

    member = models.ForeignKey(Member, models.CASCADE, related_name="duplicate_traces", verbose_name="会员")
    kind = models.CharField("依据", max_length=20, choices=Kind.choices)
    trace = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "查重索引"
        constraints = [
            models.UniqueConstraint(fields=["kind", "trace", "member"], name="duplicatetrace_once"),
        ]

    def __str__(self) -> str:
        return self.kind


class Duplicate(models.Model):
    """疑似重复会员. Two members who may be one person, with what speaks for it; staff merge or dismiss them."""

    class Status(models.TextChoices):
        OPEN = "open", "待处理"
        DISMISSED = "dismissed", "不是同一人"
        MERGED = "merged", "已合并"

    first = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="会员")
    second = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="另一会员")
    reasons = ArrayField(models.CharField(max_length=20, choices=DuplicateTrace.Kind.choices), verbose_name="依据")
    found_at = models.DateTimeField("发现时间")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "疑似重复会员"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_in_order"),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True) | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="duplicate_decided_at",
            ),
        ]
        indexes = [models.Index(fields=["status", "-found_at"], name="duplicate_status_found")]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"


class MergeRequest(models.Model):
    """合并申请. A merge that takes effect at `due_at`, unless staff cancel it before."""

    class Status(models.TextChoices):
        PENDING = "pending", "等待生效"
        DONE = "done", "已合并"
        CANCELLED = "cancelled", "已取消"
        FAILED = "failed", "未能合并"

    source = models.ForeignKey(Member, models.PROTECT, related_name="merges_away", verbose_name="重复会员")
    target = models.ForeignKey(Member, models.PROTECT, related_name="merges_in", verbose_name="保留会员")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    due_at = models.DateTimeField("生效时间")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="取消人")
    decided_at = models.DateTimeField("完成时间", null=True, blank=True)
    answer = models.CharField("说明", max_length=200, blank=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "合并申请"
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="mergerequest_two_members"),
            models.CheckConstraint(condition=Q(due_at__gte=F("requested_at")), name="mergerequest_due_later"),
            models.CheckConstraint(
                condition=Q(status="pending", decided_at__isnull=True)
                | (~Q(status="pending") & Q(decided_at__isnull=False)),
                name="mergerequest_decided_at",
            ),
            models.UniqueConstraint(fields=["source"], condition=Q(status="pending"), name="mergerequest_one_pending"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="pending"), name="mergerequest_waiting")]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"
