"""Points that staff give or take by hand: why, and who agreed."""

from django.db import models
from django.db.models import F, Q

from config.core.staff_history import StaffHistory
from members.models.log_ins import User
from members.models.people import Member


class PointsNote(models.Model):
    """积分说明. Why staff adjusted or imported points, in words; kept outside the ledger so that it can be erased."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="points_notes", verbose_name="会员")
    entry = models.OneToOneField("points.Entry", models.PROTECT, related_name="+", verbose_name="流水")
    # none: an import wrote it
    operator = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    text = models.CharField("原因说明", max_length=200)
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "积分调整说明"

    def __str__(self) -> str:
        return self.text


class AdjustmentRequest(models.Model):
    """积分调整申请. Points beyond what one person may adjust alone: booked when a second person approves in time."""

    class Status(models.TextChoices):
        PENDING = "pending", "待审批"
        APPROVED = "approved", "已通过"
        REFUSED = "refused", "已拒绝"
        WITHDRAWN = "withdrawn", "已撤回"

    member = models.ForeignKey(Member, models.PROTECT, related_name="adjustment_requests", verbose_name="会员")
    points = models.BigIntegerField("变动积分")
    text = models.CharField("原因", max_length=200)
    key = models.CharField("幂等键", max_length=200, unique=True)
    requester = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    expires_at = models.DateTimeField("审批期限")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
    decider = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    decided_at = models.DateTimeField("处理时间", null=True)
    answer = models.CharField("审批意见", max_length=200, blank=True)
    entry = models.OneToOneField("points.Entry", models.PROTECT, null=True, related_name="+", verbose_name="积分流水")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "积分调整申请"
        permissions = [("approve_adjustmentrequest", "审批积分调整")]
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="adjustmentrequest_changes_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("requested_at")), name="adjustmentrequest_has_time"),
            models.CheckConstraint(
                condition=Q(decider__isnull=True) | ~Q(decider=F("requester")), name="adjustmentrequest_second_person"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", decided_at__isnull=True, decider__isnull=True)
                | Q(status="withdrawn", decided_at__isnull=False, decider__isnull=True)
                | Q(status__in=["approved", "refused"], decided_at__isnull=False, decider__isnull=False),
                name="adjustmentrequest_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status="approved", entry__isnull=False) | (~Q(status="approved") & Q(entry__isnull=True)),
                name="adjustmentrequest_booked_when_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status="pending"), name="adjustmentrequest_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.points:+,} 积分"
