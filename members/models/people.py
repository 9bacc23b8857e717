"""The people: members and where their parcels go."""

from django.db import models
from django.db.models import F, Q

from config.core.crypto import EncryptedTextField
from config.core.staff_history import StaffHistory
from members.models.ladder import Tier
from members.models.log_ins import User

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
    "birthday_calendar",
    "birthday_is_leap",
    "birthday_changed_at",
    "gender",
    "region_code",
    "source",
    "external_ref",
    "agreed_version",
]


class Member(models.Model):
    """会员. The person; exists without a log-in when known to the till alone."""

    class Status(models.TextChoices):
        ACTIVE = "active", "正常"
        FROZEN = "frozen", "已冻结"
        CLOSING = "closing", "注销中"
        CLOSED = "closed", "已注销"

    class Channel(models.TextChoices):
        H5 = "h5", "H5"
        MINI_PROGRAM = "mini_program", "小程序"
        POS = "pos", "门店收银"
        IMPORT = "import", "导入"

    class Gender(models.TextChoices):
        UNSAID = "", "保密"
        FEMALE = "female", "女"
        MALE = "male", "男"

    class Calendar(models.TextChoices):
        SOLAR = "solar", "公历"
        LUNAR = "lunar", "农历"

    number = models.CharField("会员号", max_length=12, unique=True)
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="member")
    points_account = models.OneToOneField("points.Account", models.PROTECT, related_name="+", verbose_name="积分账户")
    growth_account = models.OneToOneField("points.Account", models.PROTECT, related_name="+", verbose_name="成长值账户")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name="等级")
    tier_since = models.DateTimeField("定级时间")
    nickname = models.CharField("昵称", max_length=40)
    # the name of a picture that comes with the shop, or of an upload under MEDIA_ROOT: "avatars/….webp"
    avatar = models.CharField("头像", max_length=40, default="person")
    gender = models.CharField("性别", max_length=6, choices=Gender.choices, blank=True, default="")
    name = EncryptedTextField("姓名", blank=True, default="")
    phone = EncryptedTextField("手机号", blank=True, default="")
    phone_index = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 (many have none)
    phone_last4 = models.CharField("手机尾号", max_length=4, blank=True, db_index=True)
    birthday = EncryptedTextField("生日", blank=True, default="")
    birthday_month_day = models.CharField("生日月日", max_length=4, blank=True, db_index=True)
    birth_year = models.PositiveSmallIntegerField("出生年", null=True, blank=True)
    # by which calendar the birthday is celebrated; sealed is always the date as the member said it
    birthday_calendar = models.CharField("生日历法", max_length=5, choices=Calendar.choices, default=Calendar.SOLAR)
    birthday_is_leap = models.BooleanField("生于闰月", default=False)
    birthday_changed_at = models.DateTimeField("生日修改时间", null=True, blank=True)
    region_code = models.CharField("地区代码", max_length=6, blank=True)
    profile_completed_at = models.DateTimeField("资料完善时间", null=True, blank=True)
    # the privacy notice that the member agreed to last; 0: none yet
    agreed_version = models.PositiveIntegerField("已同意的隐私政策版本", default=0)
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
        permissions = [("merge_member", "合并会员"), ("reveal_member", "查看会员完整信息")]
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
            models.CheckConstraint(
                condition=Q(birthday_calendar="solar", birthday_is_leap=False) | Q(birthday_calendar="lunar"),
                name="member_birthday_calendar",
            ),
            models.CheckConstraint(condition=Q(gender__in=["", "female", "male"]), name="member_gender_known"),
        ]

    def __str__(self) -> str:
        return f"{self.nickname}（{self.number}）"


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
