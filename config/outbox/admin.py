"""事件 in the back office: what was published, who got it, and what to do about dead letters."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from config.core.db import edge_transaction
from config.outbox import subscriptions
from config.outbox.models import Delivery, DeliveryState, Message
from config.outbox.services import dead_letters

_STATE_COLOURS = {
    DeliveryState.PENDING: "info",
    DeliveryState.DELIVERED: "success",
    DeliveryState.DEAD: "danger",
    DeliveryState.SKIPPED: "warning",
}


class ReadOnly:
    """Facts are not edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventFilter(admin.SimpleListFilter):
    """By kind of fact. The choices are what rooms listen to: asking the table for its distinct values would read it."""

    title = "事件"
    parameter_name = "event"
    path = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in subscriptions.event_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class DeliveryEventFilter(EventFilter):
    """By kind of fact, of a delivery's message."""

    path = "message__event"


class HandlerFilter(EventFilter):
    """By handler."""

    title = "处理者"
    parameter_name = path = "handler"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in subscriptions.handler_names()]


class DeliveryInline(ReadOnly, TabularInline):
    """Who gets the message."""

    model = Delivery
    fields = ["handler", "state", "attempts", "retry_at", "last_error", "resolved_at"]
    extra = 0
    hide_title = True


@admin.register(Message)
class MessageAdmin(ReadOnly, ModelAdmin):
    """Facts, newest first."""

    empty_text = "有会员注册、下单、付款时，这里会记下发生的事"
    list_display = ["id", "event", "stream", "published_at"]
    list_filter = [EventFilter, "published_at"]
    search_fields = ["stream__exact"]
    search_help_text = "按流查找，例如 order:88"
    fields = ["event", "stream", "payload", "published_at"]
    ordering = ["-pk"]
    inlines = [DeliveryInline]
    paginator = InfinitePaginator  # counts nothing
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ModelAdmin):
    """Deliveries, newest first; dead letters can be delivered again or skipped."""

    empty_text = "没有要投递的事件，不用做什么"
    list_display = ["id", "event", "stream", "handler", "state_label", "attempts", "retry_at", "last_error"]
    list_filter = ["state", HandlerFilter, DeliveryEventFilter]
    list_select_related = ["message"]
    search_fields = ["message__stream__exact"]
    search_help_text = "按流查找，例如 order:88"
    fields = ["message", "handler", "stream", "state", "attempts", "retry_at", "last_error", "resolved_at"]
    ordering = ["-pk"]
    actions = ["redeliver", "skip"]
    button_permissions = {"outbox.resolve_delivery": "处理死信"}
    paginator = InfinitePaginator  # counts nothing
    show_full_result_count = False

    @display(description="事件", ordering="message__event")
    def event(self, delivery: Delivery) -> str:
        return delivery.message.event

    @display(description="状态", ordering="state", label=_STATE_COLOURS)
    def state_label(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.resolve_delivery")

    @admin.action(description="重新投递", permissions=["resolve"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        with edge_transaction():
            moved = dead_letters.redeliver(deliveries=list(queryset.values_list("pk", flat=True)))
            self._tell(request, moved, "重新投递")

    @admin.action(description="跳过", permissions=["resolve"])
    def skip(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        with edge_transaction():
            moved = dead_letters.skip(deliveries=list(queryset.values_list("pk", flat=True)), at=timezone.now())
            self._tell(request, moved, "跳过")

    def _tell(self, request: HttpRequest, moved: list[Delivery], verb: str) -> None:
        """Log each change and say how many there were; what is no dead letter stays as it is."""
        for delivery in moved:
            self.log_change(request, delivery, f"{verb}死信")
        if moved:
            self.message_user(request, f"已{verb} {len(moved)} 条死信", messages.SUCCESS)
        else:
            self.message_user(request, "所选投递中没有死信", messages.WARNING)
