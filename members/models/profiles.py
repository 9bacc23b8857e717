"""What describes a member: interests that they name, tags that staff and rules put on them."""

from django.db import models
from django.db.models import Q

from config.core.staff_history import StaffHistory
from members.models.log_ins import User
from members.models.people import Member


class Interest(models.Model):
    """兴趣. Something that members may say they like; the merchant writes the list."""

    name = models.CharField("名称", max_length=20, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_offered = models.BooleanField("可选", default=True, help_text="关闭后会员不能再选，已选的保留")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "兴趣"

    def __str__(self) -> str:
        return self.name


class MemberInterest(models.Model):
    """会员兴趣. What a member said they like."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="interests", verbose_name="会员")
    interest = models.ForeignKey(Interest, models.CASCADE, related_name="members", verbose_name="兴趣")

    class Meta:
        verbose_name = verbose_name_plural = "会员兴趣"
        constraints = [models.UniqueConstraint(fields=["member", "interest"], name="memberinterest_once")]

    def __str__(self) -> str:
        return f"{self.interest_id}"


class Tag(models.Model):
    """标签. A word that staff, or a rule, put on members."""

    name = models.CharField("名称", max_length=20, unique=True)
    color = models.CharField("颜色", max_length=7, default="#2f6f4f")
    note = models.CharField("说明", max_length=100, blank=True)
    segment = models.ForeignKey(
        "members.Segment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tags",
        verbose_name="规则（人群）",
        help_text="选了人群，标签随人群更新自动打上和去掉；员工手动打的不受影响。不选则只由员工打",
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员标签"

    def __str__(self) -> str:
        return self.name


class MemberTag(models.Model):
    """会员标签记录. A tag on a member, and who put it there; what staff put there no rule takes away."""

    class Source(models.TextChoices):
        STAFF = "staff", "员工"
        RULE = "rule", "规则"

    member = models.ForeignKey(Member, models.CASCADE, related_name="tags", verbose_name="会员")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="members", verbose_name="标签")
    source = models.CharField("来源", max_length=5, choices=Source.choices)
    put_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="员工")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "会员标签记录"
        constraints = [
            models.UniqueConstraint(fields=["member", "tag"], name="membertag_once"),
            models.CheckConstraint(
                condition=Q(source="staff", put_by__isnull=False) | Q(source="rule", put_by__isnull=True),
                name="membertag_put_by_staff_or_rule",
            ),
        ]
        indexes = [
            models.Index(fields=["tag", "member"], name="membertag_of_tag"),
            models.Index(fields=["tag", "member"], condition=Q(source="rule"), name="membertag_by_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}"
