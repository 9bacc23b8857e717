"""Staff accounts and roles, for owners alone: whoever may hand out rights has them all.

Members' log-ins are not shown here: they can never open the back office.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from knox.models import AuthToken
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from config.core.admin.history import RowHistory
from config.core.admin.spreadsheets import SpreadsheetExport
from members.admin.roles import AccountForm, RoleForm
from members.models import User
from members.rules.roles import CLERK

admin.site.unregister(Group)
admin.site.unregister(AuthToken)  # nobody makes or reads members' tokens by hand


def is_of_stores(group: Any) -> bool:
    """Whether the role is the clerk's, who works for stores."""
    return getattr(getattr(group, "staff_role", None), "code", "") == CLERK


class OwnerOnly:
    """Open to owners (superusers) alone; no role offers it."""

    is_for_owners_alone = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(RowHistory, OwnerOnly, DjangoUserAdmin, SpreadsheetExport, ModelAdmin):
    """Back-office operators; one who leaves is switched off, since the history names them."""

    empty_text = "给每位员工开一个账号，再选角色"
    form = AccountForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "role_names", "own_stores", "owner", "enabled", "two_steps", "last_login"]
    list_filter = ["is_active", "is_superuser", "groups"]
    search_fields = ["username", "first_name"]
    search_help_text = "按用户名或姓名搜索"
    ordering = ["username"]
    filter_horizontal = []
    fieldsets = [
        ("账号", {"fields": ["username", "password", "first_name", "email"]}),
        ("权限", {"fields": ["is_active", "is_superuser", "groups", "is_bound_to_stores"]}),
        ("时间", {"fields": [("last_login", "date_joined")]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "first_name", "password1", "password2"]})]
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return (
            super()
            .get_queryset(request)
            .filter(is_member=False)
            .select_related("two_step")
            .prefetch_related("groups__staff_role", "stores")
        )

    @display(description="角色")
    def role_names(self, user: User) -> str:
        return "、".join(sorted(group.name for group in user.groups.all())) or "—"

    @display(description="门店")
    def own_stores(self, user: Any) -> str:
        """Whose orders they work on, in words."""
        if user.is_superuser:
            return "全部"
        names = "、".join(sorted(store.name for store in user.stores.all()))
        is_bound = user.is_bound_to_stores or any(is_of_stores(group) for group in user.groups.all())
        return names or ("没有门店，看不到订单" if is_bound else "全部")

    @display(description="店主", boolean=True, ordering="is_superuser")
    def owner(self, user: User) -> bool:
        return user.is_superuser

    @display(description="启用", boolean=True, ordering="is_active")
    def enabled(self, user: User) -> bool:
        return user.is_active

    @display(description="两步验证", boolean=True)
    def two_steps(self, user: User) -> bool:
        return hasattr(user, "two_step")

    def save_model(self, request: HttpRequest, user: User, form: Any, change: bool) -> None:
        """Whoever gets an account here may log in here; what they may do there, roles say."""
        user.is_staff = True
        super().save_model(request, user, form, change)


@admin.register(Group)
class GroupAdmin(RowHistory, OwnerOnly, DjangoGroupAdmin, ModelAdmin):
    """Roles: which pages and buttons they open."""

    empty_text = "建一个角色（例如仓库、客服），勾选能做的事，再分给员工"
    form = RoleForm
    list_display = ["name", "people"]
    search_fields = ["name"]
    ordering = ["name"]
    filter_horizontal = []
    fields = ["name", "permissions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(people_total=Count("user"))

    @display(description="人数", ordering="people_total")
    def people(self, group: Any) -> int:
        return int(group.people_total)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
