"""Messages, their deliveries, and the answers kept for repeated API writes."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from config.core.crypto import EncryptedTextField


class Message(models.Model):
    """事件. A fact as published, written in the transaction that made it true."""

    event = models.CharField("事件", max_length=100)
    stream = models.CharField("流", max_length=100)
    payload = models.JSONField("内容")
    published_at = models.DateTimeField("发布时间", db_default=Now())

    class Meta:
        verbose_name = "事件"
        verbose_name_plural = "事件"
        indexes = [
            models.Index(fields=["stream", "id"], name="outbox_message_stream"),
            models.Index(fields=["published_at"], name="outbox_message_published"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.stream}"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    PENDING = "pending", "待投递"
    DELIVERED = "delivered", "已投递"
    DEAD = "dead", "死信"
    SKIPPED = "skipped", "已跳过"


OPEN_STATES = [DeliveryState.PENDING, DeliveryState.DEAD]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what can be done with them."""

    def due(self, *, at: datetime) -> Self:
        """Pending ones whose time has come."""
        return self.filter(Q(retry_at=None) | Q(retry_at__lte=at), state=DeliveryState.PENDING)

    def heads(self) -> Self:
        """Those with no earlier open delivery of their handler in their stream."""
        earlier = Delivery.objects.filter(
            stream=OuterRef("stream"),
            handler=OuterRef("handler"),
            message_id__lt=OuterRef("message_id"),
            state__in=OPEN_STATES,
        )
        return self.filter(~Exists(earlier))


class Delivery(models.Model):
    """投递. One message for one handler; `stream` is the message's, kept here for the order of a handler's line."""

    message = models.ForeignKey(Message, models.CASCADE, verbose_name="事件", related_name="deliveries")
    handler = models.CharField("处理者", max_length=100)
    stream = models.CharField("流", max_length=100)
    state = models.CharField("状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField("失败次数", default=0)
    retry_at = models.DateTimeField("下次重试", null=True, blank=True, help_text="空：立即")
    last_error = models.CharField("最近一次错误", max_length=200, blank=True)
    resolved_at = models.DateTimeField("完成时间", null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "投递"
        verbose_name_plural = "投递"
        permissions = [("resolve_delivery", "可以重新投递或跳过死信")]
        constraints = [
            models.UniqueConstraint(fields=["message", "handler"], name="outbox_delivery_once_per_handler"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="outbox_delivery_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, resolved_at=None)
                | (~Q(state__in=OPEN_STATES) & Q(resolved_at__isnull=False)),
                name="outbox_delivery_resolved_with_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stream", "handler", "message"],
                condition=Q(state__in=OPEN_STATES),
                name="outbox_delivery_open",
            ),
            models.Index(fields=["message"], condition=Q(state=DeliveryState.PENDING), name="outbox_delivery_pending"),
            models.Index(F("id").desc(), condition=Q(state=DeliveryState.DEAD), name="outbox_delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.stream}"

    def is_due(self, *, at: datetime) -> bool:
        """Whether it is pending and its time has come."""
        return self.state == DeliveryState.PENDING and (self.retry_at is None or self.retry_at <= at)


class IdempotencyKey(models.Model):
    """幂等键. The answer to an API write, given again when the same caller repeats it.

    A committed row always has its answer: row, effect and answer commit together. The answer may name a person, so it
    is sealed; the fingerprint is keyed.
    """

    scope = models.CharField("调用方", max_length=100)
    key = models.CharField("幂等键", max_length=200)
    fingerprint = models.CharField("请求指纹", max_length=64)
    status_code = models.PositiveSmallIntegerField("状态码", null=True)
    body = EncryptedTextField("应答", default="")
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = "幂等键"
        verbose_name_plural = "幂等键"
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="outbox_idempotency_key_once_per_scope"),
            models.CheckConstraint(
                condition=Q(status_code=None) | Q(status_code__range=(200, 499)), name="outbox_idempotency_no_5xx"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="outbox_idempotency_created")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
