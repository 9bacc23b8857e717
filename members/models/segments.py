"""Groups of members by rule or by list."""

from django.db import models
from django.db.models import Q

from config.core.staff_history import StaffHistory
from members.models.log_ins import User
from members.models.people import Member


class Segment(models.Model):
    """人群. Members whom a rule describes, or whom a list names; who is in it is as of `refreshed_at`."""

    class Kind(models.TextChoices):
        RULE = "rule", "按条件"
        STATIC = "static", "按名单"

    class State(models.TextChoices):
        WAITING = "waiting", "等待计算"
        RUNNING = "running", "计算中"
        READY = "ready", "已就绪"
        FAILED = "failed", "计算失败"

    name = models.CharField("名称", max_length=40, unique=True)
    note = models.CharField("说明", max_length=200, blank=True)
    kind = models.CharField("类型", max_length=6, choices=Kind.choices, default=Kind.RULE)
    rule = models.JSONField("条件", default=dict, blank=True)
    is_enabled = models.BooleanField("启用", default=True, help_text="停用后不再更新，也不能再被活动选用")
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.WAITING)
    members_count = models.PositiveIntegerField("人数", default=0)
    refreshed_at = models.DateTimeField("更新时间", null=True, blank=True)
    # the refresh that runs: as of when it judges, up to which member it has got, and whether entering is reported
    run_at = models.DateTimeField(null=True, blank=True, editable=False)
    run_after_id = models.BigIntegerField(default=0, editable=False)
    run_reports = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField("创建时间")

    history = StaffHistory(
        excluded_fields=["state", "members_count", "refreshed_at", "run_at", "run_after_id", "run_reports"]
    )

    class Meta:
        verbose_name = verbose_name_plural = "会员人群"
        permissions = [("export_segment", "导出人群名单")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["rule", "static"]), name="segment_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "ready", "failed"]), name="segment_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(refreshed_at__isnull=False), name="segment_ready_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(run_at__isnull=False), name="segment_run_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """人群成员. That a member is in a segment, and since when."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", verbose_name="人群")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="会员", db_index=False)
    entered_at = models.DateTimeField("进入时间")

    class Meta:
        verbose_name = verbose_name_plural = "人群成员"
        constraints = [models.UniqueConstraint(fields=["segment", "member"], name="segmentmember_once")]
        indexes = [models.Index(fields=["member", "segment"], name="segmentmember_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id}"


class SegmentUpload(models.Model):
    """人群名单上传. A list that staff uploaded: read in chunks in the background, then put into the segment at once."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待导入"
        RUNNING = "running", "导入中"
        DONE = "done", "已导入"
        FAILED = "failed", "没有导入"

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="uploads", verbose_name="人群")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="员工")
    # under PRIVATE_ROOT; it names people, so it goes when read
    file = models.CharField("文件", max_length=80, blank=True)
    replaces = models.BooleanField("替换现有名单", default=False)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.WAITING)
    lines = models.PositiveIntegerField("已读行数", default=0)
    named = models.PositiveIntegerField("对上的会员", default=0)
    entered = models.PositiveIntegerField("新加入", default=0)
    left = models.PositiveIntegerField("移出", default=0)
    bad = models.PositiveIntegerField("没有对上的行", default=0)
    why = models.CharField("原因", max_length=200, blank=True)
    asked_at = models.DateTimeField("上传时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "人群名单上传"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="segmentupload_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class SegmentUploadLine(models.Model):
    """名单行. What a line of a list names: a member by id, until the list is whole, or nobody, and why."""

    upload = models.ForeignKey(SegmentUpload, models.CASCADE, related_name="+", verbose_name="名单")
    line = models.PositiveIntegerField("行")
    # an id alone: who is merged or leaves meanwhile is seen at the end
    member = models.BigIntegerField("会员", null=True)
    text = models.CharField("内容", max_length=20, blank=True)  # numbers in it are masked
    why = models.CharField("原因", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "名单行"
        constraints = [models.UniqueConstraint(fields=["upload", "line"], name="segmentuploadline_once")]

    def __str__(self) -> str:
        return str(self.line)
