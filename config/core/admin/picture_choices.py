"""Pictures that staff choose by looking at them: a list of names in Chinese, and the chosen one beside it."""

from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

ART = "vendor/fluentui-emoji-1.3.0/{}.webp"
ICONS = "vendor/tabler-icons-3.51.0/outline/{}.svg"

ART_NAMES = {
    "tier-bronze": "铜牌",
    "tier-silver": "银牌",
    "tier-gold": "金牌",
    "tier-diamond": "钻石",
    "medal": "奖牌",
    "trophy": "奖杯",
    "crown": "皇冠",
    "star": "星星",
    "sparkles": "闪光",
    "cat-tea": "茶",
    "cat-pastry": "糕点",
    "cat-fruit": "水果",
    "cat-beauty": "美妆",
    "cat-digital": "数码",
    "cat-fashion": "服饰",
    "cat-flower": "花",
    "birthday-cake": "蛋糕",
    "package": "包裹",
    "bags": "购物袋",
    "cart": "购物车",
    "gift": "礼物",
    "red-envelope": "红包",
    "ticket": "票券",
    "coin": "硬币",
    "money-bag": "钱袋",
    "heart": "爱心",
    "fire": "火",
    "balloon": "气球",
    "party": "彩带",
    "megaphone": "喇叭",
    "store": "店铺",
    "truck": "货车",
    "calendar": "日历",
    "card": "卡片",
    "friends": "朋友",
    "target": "靶心",
}
ICON_NAMES = {
    "coins": "积分",
    "discount": "折扣",
    "percentage": "百分比",
    "truck-delivery": "包邮",
    "cake": "生日",
    "gift": "礼物",
    "ticket": "优惠券",
    "tag": "价签",
    "crown": "皇冠",
    "diamond": "钻石",
    "medal": "奖牌",
    "award": "徽章",
    "star": "星星",
    "sparkles": "闪光",
    "bolt": "闪电",
    "clock": "提前",
    "calendar-event": "活动",
    "headset": "客服",
    "refresh": "退换",
    "shield-check": "保障",
    "heart": "爱心",
    "basket": "购物",
    "building-store": "门店",
    "coffee": "咖啡",
    "confetti": "庆祝",
    "wallet": "钱包",
}


@cache
def _exists(pattern: str, name: str) -> bool:
    plain = name.replace("-", "").isalnum() and name.isascii()
    return plain and (settings.BASE_DIR / "static" / pattern.format(name)).is_file()


class PictureSelect(UnfoldAdminSelectWidget):
    """A list with the chosen picture beside it; what is stored and not on the list stays choosable."""

    def __init__(self, pattern: str, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        self.pattern = pattern
        self.choices: Any = ()
        super().__init__(attrs, choices)

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        choices: list[tuple[Any, Any]] = list(self.choices)
        listed = {str(choice) for choice, _ in choices}
        others = [(one, "现在的图") for one in value if one not in listed and _exists(self.pattern, one)]
        self.choices = [*choices, *others]
        return super().optgroups(name, value, attrs)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-picture"] = self._address(str(value))
        return option

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html(
            '<div class="mall-picture" x-data x-on:change="$refs.picture.src = '
            '$event.target.selectedOptions[0].dataset.picture">'
            '<img x-ref="picture" class="{}" src="{}" alt="" width="36" height="36">{}</div>',
            "mall-icon" if self.pattern == ICONS else "",
            self._address(str(value or "")),
            super().render(name, value, attrs, renderer),
        )

    def _address(self, name: str) -> str:
        return static(self.pattern.format(name if _exists(self.pattern, name) else "gift"))


class PictureField(forms.ChoiceField):
    """The name of a picture that is there."""

    def __init__(self, *, pattern: str, names: dict[str, str], **kwargs: Any) -> None:
        self.pattern = pattern
        choices = list(names.items())
        super().__init__(choices=choices, widget=PictureSelect(pattern, choices=choices), **kwargs)

    def valid_value(self, value: Any) -> bool:
        return _exists(self.pattern, str(value))


def art_field(label: str, **kwargs: Any) -> PictureField:
    """One of the coloured pictures: of tiers and categories."""
    return PictureField(pattern=ART, names=ART_NAMES, label=label, **kwargs)


def icon_field(label: str, **kwargs: Any) -> PictureField:
    """One of the line icons: of benefits."""
    return PictureField(pattern=ICONS, names=ICON_NAMES, label=label, **kwargs)
