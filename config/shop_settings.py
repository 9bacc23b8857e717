"""The page of settings, as django-constance wants it described: values, groups, and a form field for each."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from config.core import policies

_SHOP = "店铺"
_SHOP_FIELDS: dict[str, tuple[str, list[Any]]] = {
    "shop_name": (
        "店铺名称\n显示在页面标题、后台和短信开头",
        ["django.forms.CharField", {"max_length": 20, "widget": "unfold.widgets.UnfoldAdminTextInputWidget"}],
    ),
    "brand_color": (
        "主题色\n# 加六位十六进制数，例如 #2f6f4f；留空用默认的红色。文字对比度会自动保证",
        [
            "django.forms.RegexField",
            {
                "regex": r"^#[0-9a-fA-F]{6}$",
                "required": False,
                "error_messages": {"invalid": "颜色格式为 # 加六位十六进制数，例如 #2f6f4f"},
                "widget": "unfold.widgets.UnfoldAdminTextInputWidget",
            },
        ],
    ),
}


def values(*, given: Mapping[str, Any], shop_name: str, brand_color: str) -> dict[str, tuple[Any, str, str]]:
    """Name -> (default of this installation, explanation, key of its form field); `given` is the environment's."""
    shop = {"shop_name": shop_name, "brand_color": brand_color}
    described = {name: (default, _SHOP_FIELDS[name][0], name) for name, default in shop.items()}
    for name in policies.names():
        default = given.get(name, policies.default_of(name))
        one = policies.explained(name)
        described[name] = (default, "\n".join(filter(None, [one.title, one.words])), name)
    return described


def groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(title, names) in the order of the page."""
    grouped: dict[str, list[str]] = {_SHOP: list(_SHOP_FIELDS)}
    for name in policies.names():
        grouped.setdefault(policies.explained(name).group, []).append(name)
    return tuple((title, tuple(members)) for title, members in grouped.items())


def form_fields() -> dict[str, list[Any]]:
    """Key -> [dotted path of a form field, its options]."""
    return {name: options for name, (_, options) in _SHOP_FIELDS.items()} | {
        name: _field(policies.explained(name), default=policies.default_of(name)) for name in policies.names()
    }


def _field(one: policies.Explained, *, default: Any) -> list[Any]:
    if isinstance(default, bool):
        return ["django.forms.BooleanField", {"required": False, "widget": "unfold.widgets.UnfoldBooleanSwitchWidget"}]
    if one.choices:
        return [
            "django.forms.ChoiceField",
            {"choices": one.choices, "widget": "unfold.widgets.UnfoldAdminSelectWidget"},
        ]
    if one.is_money:
        most = Decimal(one.most).scaleb(-2)
        return [
            "config.core.forms.YuanField",
            {"max_value": most, "widget": "unfold.widgets.UnfoldAdminDecimalFieldWidget"},
        ]
    return [
        "django.forms.IntegerField",
        {
            "min_value": one.least,
            "max_value": one.most,
            "widget": "unfold.widgets.UnfoldAdminIntegerFieldWidget",
        },
    ]
