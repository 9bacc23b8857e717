"""Rows about staff at work: their second step at log-in, and what they did."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from config.core.crypto import EncryptedTextField
from config.core.staff_history import StaffHistory


class TwoStepDevice(models.Model):
    """两步验证. The app that shows a staff member's codes; the row is there only while two-step log-in is on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="two_step", verbose_name="员工", editable=False
    )
    secret = EncryptedTextField("密钥", editable=False)
    enabled_at = models.DateTimeField("开启时间")
    last_step = models.BigIntegerField(editable=False)  # of the last code taken: none is taken twice
    failures = models.PositiveSmallIntegerField("连续输错", default=0, editable=False)
    failed_at = models.DateTimeField("最近输错", null=True, editable=False)

    history = StaffHistory(excluded_fields=["secret", "last_step", "failures", "failed_at"])

    class Meta:
        verbose_name = verbose_name_plural = "两步验证"

    def __str__(self) -> str:
        return f"两步验证 {self.pk}"


class BackupCode(models.Model):
    """备用码. Opens the second step once, for whoever has lost the phone; only a keyed hash is kept."""

    device = models.ForeignKey(TwoStepDevice, models.CASCADE, related_name="backup_codes")
    code_index = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "备用码"
        constraints = [models.UniqueConstraint(fields=["device", "code_index"], name="backup_code_once_per_device")]

    def __str__(self) -> str:
        return f"备用码 {self.pk}"


class StaffDeed(models.Model):
    """操作记录. One thing that a member of staff did in the back office; written beside it, never changed."""

    class Kind(models.TextChoices):
        ADD = "add", "新增"
        CHANGE = "change", "修改"
        DELETE = "delete", "删除"
        ACT = "act", "操作"
        EXPORT = "export", "导出"

    at = models.DateTimeField("时间")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="员工")
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    model = models.CharField("对象类型", max_length=80)  # "mall.product"
    object_id = models.CharField("对象编号", max_length=64, blank=True)
    label = models.CharField("对象", max_length=200, blank=True)
    text = models.TextField("说明", blank=True)
    changes = models.JSONField("改动", default=list, blank=True)  # [[field, before, after], ...], personal data masked

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["add", "change", "delete", "act", "export"]), name="staff_deed_kind"
            )
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="staff_deed_newest"),
            models.Index(fields=["user", "-at"], name="staff_deed_of_user"),
            models.Index(fields=["model", "-at"], name="staff_deed_of_model"),
            GinIndex(OpClass(models.functions.Upper("label"), name="gin_trgm_ops"), name="staff_deed_label_search"),
            GinIndex(OpClass(models.functions.Upper("text"), name="gin_trgm_ops"), name="staff_deed_text_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"
