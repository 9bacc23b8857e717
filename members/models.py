"""Rows about people: log-ins, members, tiers, addresses, log-in codes."""

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import F, Q
from simple_history import register

from config.core.crypto import EncryptedTextField
from config.core.staff_history import StaffHistory

register(Group, app="members", records_class=StaffHistory, m2m_fields=["permissions"])


class User(AbstractUser):
    """登录账号. The log-in only: staff or member, never both, so that a phone code can't open the admin."""

    is_member = models.BooleanField("会员登录", default=False)

    history = StaffHistory(excluded_fields=["password", "last_login"], m2m_fields=["groups"])

    class Meta:
        verbose_name = verbose_name_plural = "登录账号"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_member=False) | Q(is_staff=False, is_superuser=False), name="user_staff_or_member"
            )
        ]


class Tier(models.Model):
    """会员等级. A rung of the ladder, reached at `threshold` growth."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=20, unique=True)
    rank = models.PositiveSmallIntegerField("级别", unique=True, help_text="从 1 开始，数字越大等级越高")
    threshold = models.BigIntegerField("所需成长值", unique=True)
    color = models.CharField("卡面颜色", max_length=7, default="#c9a063")
    art = models.CharField("图标", max_length=40, default="medal")

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员等级"
        constraints = [models.CheckConstraint(condition=Q(threshold__gte=0), name="tier_threshold_not_negative")]

    def __str__(self) -> str:
        return self.name


class Benefit(models.Model):
    """会员权益. What a tier gives; `value` is read by kind (1.5 = points × 1.5; 0.95 = 95 折; 2 = per month)."""

    class Kind(models.TextChoices):
        POINTS_MULTIPLIER = "points_multiplier", "积分倍数"
        DISCOUNT = "discount", "会员折扣"
        FREE_SHIPPING = "free_shipping", "包邮"
        BIRTHDAY_GIFT = "birthday_gift", "生日礼"
        OTHER = "other", "其他"

    tier = models.ForeignKey(Tier, models.CASCADE, related_name="benefits", verbose_name="等级")
    kind = models.CharField("类型", max_length=30, choices=Kind.choices)
    value = models.DecimalField("数值", max_digits=8, decimal_places=2, null=True, blank=True)
    title = models.CharField("标题", max_length=20)
    subtitle = models.CharField("说明", max_length=40, blank=True)
    icon = models.CharField("图标", max_length=40, default="gift")
    position = models.PositiveSmallIntegerField("排序", default=0)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "会员权益"
        constraints = [
            models.UniqueConstraint(fields=["tier", "kind"], condition=~Q(kind="other"), name="benefit_once_per_tier"),
            models.CheckConstraint(
                condition=~Q(kind="points_multiplier") | Q(value__gte=1, value__lte=100),
                name="benefit_multiplier_range",
            ),
            models.CheckConstraint(
                condition=~Q(kind="discount") | Q(value__gt=0, value__lte=1), name="benefit_discount_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title


# what services and members write, and what is sealed or finds it: no history of it is kept
_NOT_STAFFS = [
    "user",
    "points_account",
    "growth_account",
    "tier",
    "tier_since",
    "name",
    "phone",
    "phone_index",
    "phone_last4",
    "birthday",
    "birthday_month_day",
    "birth_year",
    "region_code",
    "source",
    "external_ref",
]


class Member(models.Model):
    """会员. The person; exists without a log-in when known to the till alone."""

    class Status(models.TextChoices):
        ACTIVE = "active", "正常"
        FROZEN = "frozen", "已冻结"
        CLOSED = "closed", "已注销"

    class Channel(models.TextChoices):
        H5 = "h5", "H5"
        MINI_PROGRAM = "mini_program", "小程序"
        POS = "pos", "门店收银"
        IMPORT = "import", "导入"

    number = models.CharField("会员号", max_length=12, unique=True)
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="member")
    points_account = models.OneToOneField("points.Account", models.PROTECT, related_name="+", verbose_name="积分账户")
    growth_account = models.OneToOneField("points.Account", models.PROTECT, related_name="+", verbose_name="成长值账户")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name="等级")
    tier_since = models.DateTimeField("定级时间")
    nickname = models.CharField("昵称", max_length=40)
    avatar = models.CharField("头像", max_length=40, default="person")
    name = EncryptedTextField("姓名", blank=True, default="")
    phone = EncryptedTextField("手机号", blank=True, default="")
    phone_index = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 (many have none)
    phone_last4 = models.CharField("手机尾号", max_length=4, blank=True, db_index=True)
    birthday = EncryptedTextField("生日", blank=True, default="")
    birthday_month_day = models.CharField("生日月日", max_length=4, blank=True, db_index=True)
    birth_year = models.PositiveSmallIntegerField("出生年", null=True, blank=True)
    region_code = models.CharField("地区代码", max_length=6, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    channel = models.CharField("注册渠道", max_length=20, choices=Channel.choices, default=Channel.H5)
    source = models.CharField("来源系统", max_length=40, blank=True)
    external_ref = models.CharField("来源编号", max_length=80, blank=True)
    registered_at = models.DateTimeField("注册时间", db_index=True)
    # a duplicate that was merged: closed, and whoever comes by its phone is led to this member
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_members", verbose_name="已合并到"
    )
    merged_at = models.DateTimeField("合并时间", null=True, blank=True)

    history = StaffHistory(excluded_fields=_NOT_STAFFS)

    class Meta:
        verbose_name = verbose_name_plural = "会员"
        permissions = [("merge_member", "合并会员")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_ref"], condition=~Q(external_ref=""), name="member_source_ref_once"
            ),
            models.CheckConstraint(
                condition=~Q(points_account=F("growth_account")), name="member_two_different_accounts"
            ),
            models.CheckConstraint(
                condition=Q(birthday_month_day="") | Q(birthday_month_day__regex=r"^[01][0-9][0-3][0-9]$"),
                name="member_birthday_month_day",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False, status="closed", user__isnull=True),
                name="member_merged_is_closed",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="member_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.nickname}（{self.number}）"


class Identity(models.Model):
    """外部身份. A member's openid at one provider, sealed, found by its blind index."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="identities", verbose_name="会员")
    provider = models.CharField("平台", max_length=20)
    openid = EncryptedTextField("openid")
    openid_index = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField("绑定时间")

    class Meta:
        verbose_name = verbose_name_plural = "外部身份"
        constraints = [models.UniqueConstraint(fields=["provider", "openid_index"], name="identity_once_per_provider")]

    def __str__(self) -> str:
        return self.provider


class TierChange(models.Model):
    """等级变动. Every move on the ladder, with its cause."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_changes", verbose_name="会员")
    old_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+", verbose_name="原等级")
    new_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name="新等级")
    growth = models.BigIntegerField("当时成长值")
    cause = models.CharField("原因", max_length=80)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "等级变动"
        indexes = [models.Index(fields=["member", "-at"], name="tierchange_member_at")]

    def __str__(self) -> str:
        return self.cause


class Address(models.Model):
    """收货地址. Where a member's parcels go; who and where exactly is sealed."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="addresses", verbose_name="会员")
    recipient = EncryptedTextField("收货人")
    phone = EncryptedTextField("手机号")
    phone_last4 = models.CharField("手机尾号", max_length=4)
    region_code = models.CharField("地区代码", max_length=6, blank=True)
    region = models.CharField("省市区", max_length=60)
    detail = EncryptedTextField("详细地址")
    is_default = models.BooleanField("默认地址", default=False)
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = verbose_name_plural = "收货地址"
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(is_default=True), name="address_one_default")
        ]

    def __str__(self) -> str:
        return self.region


class LoginCode(models.Model):
    """登录验证码. One code sent to one phone: hashed, short-lived, few tries, used once."""

    phone_index = models.CharField(max_length=64, db_index=True)
    address_index = models.CharField("来源地址索引", max_length=64, blank=True, db_index=True)
    code_hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField("尝试次数", default=0)
    sent_at = models.DateTimeField("发送时间", db_index=True)
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录验证码"
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="logincode_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%m-%d %H:%M}"


class DevMessage(models.Model):
    """开发收件箱. What the console sender sent, so that a developer can read the code in the browser."""

    recipient = models.CharField("收件人", max_length=40)
    text = models.CharField("内容", max_length=200)
    sent_at = models.DateTimeField("发送时间")

    class Meta:
        verbose_name = verbose_name_plural = "开发收件箱"

    def __str__(self) -> str:
        return self.text


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
