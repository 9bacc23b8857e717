"""Forms of accounts and roles: rights by page, in the words of the back office."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from members.models import User

_DEEDS = {"view": "查看", "add": "新增", "change": "修改", "delete": "删除"}


class _AnyRight:
    """A user who has every right, to ask an admin what it would ever allow."""

    is_active = is_staff = is_superuser = True

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return True


def offered_permissions() -> dict[str, dict[str, str]]:
    """Page title -> {"app.codename": what it allows}, for what a registered page really offers.

    An admin states what its buttons need beyond the four usual deeds in `button_permissions`.
    """
    asking = HttpRequest()
    asking.user = _AnyRight()  # type: ignore[assignment]
    offered: dict[str, dict[str, str]] = {}
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        if getattr(model_admin, "is_for_owners_alone", False):
            continue
        label = f"{apps.get_app_config(model._meta.app_label).verbose_name} · {model._meta.verbose_name}"
        deeds = [deed for deed, may in model_admin.get_model_perms(asking).items() if may]
        names = {
            f"{model._meta.app_label}.{deed}_{model._meta.model_name}": _DEEDS[deed] for deed in _DEEDS if deed in deeds
        }
        offered[label] = names | dict(getattr(model_admin, "button_permissions", {}))
    return offered


class _ByPage(ModelChoiceIterator):
    """Choices in groups, one per page of the back office."""

    def __iter__(self) -> Iterator[Any]:
        rows = {f"{row.content_type.app_label}.{row.codename}": row for row in self.queryset}
        for label, names in offered_permissions().items():
            yield label, [(self.field.prepare_value(rows[key]), word) for key, word in names.items() if key in rows]


class PermissionsField(forms.ModelMultipleChoiceField):
    """Rights as checkboxes by page."""

    iterator = _ByPage


class RoleForm(forms.ModelForm):
    """A role: its name and what it opens."""

    name = forms.CharField(label="角色名称", max_length=150, widget=UnfoldAdminTextInputWidget)
    permissions = PermissionsField(
        label="可以做什么",
        required=False,
        queryset=Permission.objects.select_related("content_type"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Group
        fields = ["name", "permissions"]


class AccountForm(UserChangeForm):
    """An account: who logs in, and with which roles."""

    first_name = forms.CharField(label="姓名", required=False, max_length=150, widget=UnfoldAdminTextInputWidget)
    groups = forms.ModelMultipleChoiceField(
        label="角色",
        required=False,
        queryset=Group.objects.order_by("name"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="没有角色的账号登录后看不到任何数据；角色在「角色权限」里设置",
    )

    class Meta(UserChangeForm.Meta):
        model = User
        fields = [
            "username",
            "password",
            "first_name",
            "email",
            "is_active",
            "is_superuser",
            "groups",
            "is_bound_to_stores",
        ]
        labels = {"is_active": "启用", "is_superuser": "店主", "email": "邮箱"}
        help_texts = {
            "username": "字母、数字和 @ . + - _",
            "is_active": "关闭后不能登录，历史记录保留",
            "is_superuser": "店主拥有全部权限，并可管理账号和角色",
        }

    def clean_is_superuser(self) -> bool:
        return self._keeps_an_owner("is_superuser")

    def clean_is_active(self) -> bool:
        return self._keeps_an_owner("is_active")

    def _keeps_an_owner(self, name: str) -> bool:
        """The shop is never left without an owner who can log in."""
        wanted = bool(self.cleaned_data[name])
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=self.instance.pk)
        if not wanted and self.instance.is_superuser and not others.exists():
            raise ValidationError("这是唯一的店主账号，不能停用或取消店主身份")
        return wanted
