"""Who has switched the second step on, and the button for whoever has lost the phone; for owners alone."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.back_office.models import TwoStepDevice
from config.back_office.two_step import devices
from config.core.admin.day_range import DayRangeFilter
from config.core.admin.history import RowHistory
from config.core.admin.read_only import ReadOnly
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.db import edge_transaction
from members.admin.users import OwnerOnly


@admin.register(TwoStepDevice)
class TwoStepDeviceAdmin(RowHistory, ReadOnly, OwnerOnly, SpreadsheetExport, ModelAdmin):
    """Devices of staff; the secret is never shown again."""

    empty_text = "还没有员工开启；每个人在右上角头像菜单的「两步验证」里自己开启，也可以在「店铺设置」里要求所有人开启"
    list_display = ["staff", "enabled_at", "codes_left", "failures"]
    list_filter = [("enabled_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name"]
    search_help_text = "按用户名或姓名搜索"
    ordering = ["-enabled_at"]
    actions = ["reset"]
    fields = ["staff", "enabled_at", "codes_left", "failures"]
    readonly_fields = ["staff", "codes_left", "failures"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TwoStepDevice]:
        unused = Count("backup_codes", filter=Q(backup_codes__used_at=None))
        return super().get_queryset(request).select_related("user").annotate(unused_codes=unused)

    @display(description="员工", ordering="user__username")
    def staff(self, device: TwoStepDevice) -> str:
        return str(device.user.get_full_name() or device.user.get_username())

    @display(description="剩余备用码")
    def codes_left(self, device: Any) -> int:
        return int(device.unused_codes)

    @admin.action(description="重置所选员工的两步验证", permissions=["reset"])
    def reset(self, request: HttpRequest, chosen: QuerySet[TwoStepDevice]) -> None:
        """Switch the second step off for whoever has lost the phone; one's own needs a code."""
        names: list[str] = []
        with edge_transaction():
            for device in chosen:
                if device.user_id == request.user.pk:
                    continue
                name = device.user.get_username()
                self.log_change(request, device, f"已重置 {name} 的两步验证")
                devices.switch_off(user_id=device.user_id)
                names.append(name)
        if names:
            self.message_user(
                request, f"已重置：{'、'.join(names)}。下次登录只需要密码，请提醒重新开启", messages.SUCCESS
            )
        if len(names) < len(chosen):
            self.message_user(request, "自己的两步验证请在右上角「两步验证」里用验证码关闭", messages.WARNING)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)
