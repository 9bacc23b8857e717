"""Log-ins: staff and member accounts, identities at other providers, one-time codes."""

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
    is_bound_to_stores = models.BooleanField(
        "只看所属门店",
        default=False,
        help_text=(
            "分到门店时自动打开：只看到、只处理自己门店的订单，一家门店也没有时什么也看不到。"
            "关闭后，没有分到门店就看到全部"
        ),
    )

    history = StaffHistory(excluded_fields=["password", "last_login"], m2m_fields=["groups"])

    class Meta:
        verbose_name = verbose_name_plural = "登录账号"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_member=False) | Q(is_staff=False, is_superuser=False), name="user_staff_or_member"
            )
        ]


class Identity(models.Model):
    """外部身份. A member's openid at one provider, sealed, found by its blind index."""

    class Provider(models.TextChoices):
        MINI_PROGRAM = "wechat_mini", "微信小程序"
        OFFICIAL_ACCOUNT = "wechat_official", "微信公众号"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="identities", verbose_name="会员")
    provider = models.CharField("平台", max_length=20, choices=Provider.choices)
    openid = EncryptedTextField("openid")
    openid_index = models.CharField(max_length=64, editable=False)
    unionid_index = models.CharField(max_length=64, blank=True, editable=False)  # one person in all apps of a company
    created_at = models.DateTimeField("绑定时间")

    class Meta:
        verbose_name = verbose_name_plural = "外部身份"
        constraints = [models.UniqueConstraint(fields=["provider", "openid_index"], name="identity_once_per_provider")]
        indexes = [
            models.Index(fields=["unionid_index"], condition=~Q(unionid_index=""), name="identity_unionid"),
        ]

    def __str__(self) -> str:
        return self.provider


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


class PasswordTry(models.Model):
    """密码尝试. One try to log in by password, counted before it is looked at; a right one takes its phone's away."""

    phone_index = models.CharField(max_length=64)
    address_index = models.CharField("来源地址索引", max_length=64, blank=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "密码尝试"
        indexes = [
            models.Index(fields=["phone_index", "at"], name="passwordtry_phone_at"),
            models.Index(fields=["address_index", "at"], name="passwordtry_address_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%m-%d %H:%M}"


class DevMessage(models.Model):
    """开发收件箱. What the console sender sent, so that a developer can read the code in the browser."""

    recipient = models.CharField("收件人", max_length=40)
    text = models.CharField("内容", max_length=200)
    sent_at = models.DateTimeField("发送时间")

    class Meta:
        verbose_name = verbose_name_plural = "开发收件箱"

    def __str__(self) -> str:
        return self.text
