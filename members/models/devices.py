"""Where members are signed in, and the secret behind the code that their phone shows at the till."""

from django.db import models
from django.db.models import F, Q

from config.core.crypto import EncryptedTextField
from members.models.log_ins import User
from members.models.people import Member


class Device(models.Model):
    """登录设备. One phone or browser in which a member is signed in: by a token of the API, or by a session.

    `device_index` stays when the log-in has ended: two members on one device may be one person.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name="登录账号")
    name = models.CharField("设备", max_length=60)
    channel = models.CharField("渠道", max_length=20, choices=Member.Channel.choices)
    device_index = models.CharField("设备标识索引", max_length=64, blank=True, editable=False)
    token = models.OneToOneField(
        "knox.AuthToken", models.SET_NULL, null=True, blank=True, related_name="device", verbose_name="令牌"
    )
    session_key = models.CharField("会话", max_length=40, blank=True, editable=False)
    address = models.CharField("来源地址（打码）", max_length=45, blank=True)
    signed_in_at = models.DateTimeField("登录时间")
    last_used_at = models.DateTimeField("最近使用")
    ended_at = models.DateTimeField("退出时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录设备"
        constraints = [
            models.CheckConstraint(condition=Q(token__isnull=True) | Q(session_key=""), name="device_token_or_session"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(token__isnull=True, session_key=""),
                name="device_ended_opens_nothing",
            ),
            models.CheckConstraint(condition=Q(last_used_at__gte=F("signed_in_at")), name="device_used_after_sign_in"),
            models.UniqueConstraint(fields=["session_key"], condition=~Q(session_key=""), name="device_session_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-last_used_at"], name="device_user_used"),
            models.Index(fields=["device_index"], condition=~Q(device_index=""), name="device_same_device"),
        ]

    def __str__(self) -> str:
        return self.name


class TillSecret(models.Model):
    """会员码密钥. What codes for the till are made of; `used_second` is that of the latest code that was taken."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="till_secret", verbose_name="会员")
    secret = EncryptedTextField("密钥")
    used_second = models.BigIntegerField("已使用到", default=0)
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = verbose_name_plural = "会员码密钥"

    def __str__(self) -> str:
        return str(self.member_id)
