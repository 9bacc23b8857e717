"""Failed log-ins of the back office, and the button that ends a lock-out; for owners alone."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import F, QuerySet, Sum, Window
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.read_only import ReadOnly
from config.core.db import edge_transaction
from members.admin.users import OwnerOnly


@admin.register(AccessAttempt)
class LockOutAdmin(ReadOnly, OwnerOnly, ModelAdmin):
    """Who failed to log in from where; what is older than the lock-out lasts is no longer counted."""

    empty_text = "没有人输错过密码，不用做什么"
    list_display = ["username", "ip_address", "failures", "attempt_time", "state"]
    list_filter = [("attempt_time", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["username", "ip_address"]
    search_help_text = "按用户名或网络地址搜索"
    ordering = ["-attempt_time"]
    list_per_page = 30
    actions = ["unlock"]
    fields = ["username", "ip_address", "attempt_time", "failures", "state"]
    readonly_fields = ["failures", "state"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessAttempt]:
        """Each row with the failures of all browsers of its account and address."""
        together = Window(Sum("failures_since_start"), partition_by=[F("username"), F("ip_address")])
        return super().get_queryset(request).annotate(failures_together=together)

    @display(description="失败次数")
    def failures(self, attempt: Any) -> int:
        return int(attempt.failures_together)

    @display(description="状态", label={"已锁定": "danger", "未锁定": "success"})
    def state(self, attempt: Any) -> str:
        is_recent = attempt.attempt_time > timezone.now() - settings.AXES_COOLOFF_TIME
        return "已锁定" if is_recent and attempt.failures_together >= settings.AXES_FAILURE_LIMIT else "未锁定"

    @admin.action(description="解除所选锁定", permissions=["unlock"])
    def unlock(self, request: HttpRequest, attempts: QuerySet[AccessAttempt]) -> None:
        """Forget the failures of the chosen accounts at the chosen addresses, whatever browser they came from."""
        names: list[str] = []
        with edge_transaction():
            for attempt in attempts:
                rows = AccessAttempt.objects.filter(username=attempt.username, ip_address=attempt.ip_address)
                self.log_change(request, attempt, f"已解除 {attempt.username}（{attempt.ip_address}）的登录锁定")
                rows.delete()
                names.append(str(attempt.username))
        self.message_user(request, f"已解除：{'、'.join(sorted(set(names)))}", messages.SUCCESS)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)
