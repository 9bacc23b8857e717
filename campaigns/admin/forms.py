"""The campaign form: one typed input per condition and effect, never raw JSON.

Inputs that the chosen trigger can't use are hidden on the page, and what was typed into them before is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.models import Campaign
from campaigns.presets import PRESETS
from campaigns.rules.definitions import CONDITIONS_OF, EFFECTS_OF
from campaigns.rules.names import CHANNEL_NAMES, WEEKDAYS
from campaigns.services.editing import CampaignValues, validate
from config.core.admin.dialogs import DialogForm
from config.core.errors import InvalidInput
from config.core.forms import YuanField
from members.selectors.segments import segment_names
from members.selectors.tiers import ladder

_MOST = 10_000_000


class MonthDaysField(forms.CharField):
    """Days of the month as people write them ("1, 15"); cleans to sorted whole numbers."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        for separator in "，、 ；;":
            text = text.replace(separator, ",")
        parts = [part for part in text.split(",") if part]
        if not all(part.isascii() and part.isdigit() and 1 <= int(part[:4]) <= 31 for part in parts):
            raise forms.ValidationError("请填写 1 到 31 的日期，用逗号分开，例如 1, 15")
        return sorted({int(part) for part in parts})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value


def _whole(label: str, help_text: str = "", *, least: int = 1, most: int = _MOST) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=least,
        max_value=most,
        widget=UnfoldAdminIntegerFieldWidget,
    )


def _number(label: str, help_text: str, *, above: str, most: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=Decimal(above),
        max_value=Decimal(most),
        max_digits=8,
        decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any"}),
    )


def _choices(label: str, choices: list[tuple[Any, str]]) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, choices=choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@dataclass(frozen=True)
class Part:
    """How one kind of condition or effect is typed in: its inputs, and JSON to and from their values."""

    inputs: tuple[str, ...]
    to_json: Callable[[Mapping[str, Any]], dict[str, Any]]
    to_inputs: Callable[[Mapping[str, Any]], dict[str, Any]]


def _single(name: str, key: str, *, outward: Callable[[Any], Any] = lambda value: value) -> Part:
    return Part((name,), lambda values: {key: outward(values[name])}, lambda item: {name: item[key]})


def _zhe(rate: str) -> Decimal:
    return (Decimal(rate) * 10).normalize()


CONDITION_PARTS: Mapping[str, Part] = {
    "amount_at_least": _single("amount_at_least", "cents"),
    "tier_in": _single("tiers", "tiers", outward=list),
    "segment_in": _single("segments", "segments", outward=lambda ids: sorted(int(pk) for pk in ids)),
    "channel_in": _single("channels", "channels", outward=list),
    "weekday_in": _single("weekdays", "weekdays", outward=lambda days: sorted(int(day) for day in days)),
    "month_day_in": _single("month_days", "days"),
    "date_window": Part(
        ("first_day", "last_day"),
        lambda values: {"first": values["first_day"].isoformat(), "last": values["last_day"].isoformat()},
        lambda item: {"first_day": item["first"], "last_day": item["last"]},
    ),
    "streak_multiple_of": _single("streak_days", "days"),
}
EFFECT_PARTS: Mapping[str, Part] = {
    "points_per_yuan": _single("points_per_yuan", "points", outward=lambda number: format(number, "f")),
    "multiplier": _single("multiplier", "factor", outward=lambda number: format(number, "f")),
    "fixed_points": _single("fixed_points", "points"),
    "growth_per_yuan": _single("growth_per_yuan", "growth", outward=lambda number: format(number, "f")),
    "fixed_growth": _single("fixed_growth", "growth"),
    "money_off": _single("money_off", "cents"),
    "points_price_discount": Part(
        ("points_price_zhe",),
        lambda values: {"rate": format(values["points_price_zhe"] / 10, "f")},
        lambda item: {"points_price_zhe": _zhe(item["rate"])},
    ),
}
CONDITION_INPUTS = [name for part in CONDITION_PARTS.values() for name in part.inputs]
EFFECT_INPUTS = [name for part in EFFECT_PARTS.values() for name in part.inputs]


def conditional_fields() -> dict[str, str]:
    """For Unfold: each input is shown when the chosen trigger can use it."""
    shown: dict[str, str] = {}
    for parts, allowed in ((CONDITION_PARTS, CONDITIONS_OF), (EFFECT_PARTS, EFFECTS_OF)):
        for kind, part in parts.items():
            triggers = ",".join(f"'{trigger}'" for trigger, kinds in allowed.items() if kind in kinds)
            shown |= dict.fromkeys(part.inputs, f"[{triggers}].includes(trigger)")
    return shown


class CampaignForm(forms.ModelForm):
    """A campaign as a merchant fills it in; `campaign_values` is what the editing service takes."""

    amount_at_least = YuanField(
        label="满多少元", required=False, min_value=Decimal("0.01"), widget=UnfoldAdminDecimalFieldWidget
    )
    tiers = _choices("会员等级", [])
    segments = _choices("会员人群", [])
    channels = _choices("渠道", list(CHANNEL_NAMES.items())[:3])
    weekdays = _choices("星期", [(str(number), f"周{name}") for number, name in enumerate(WEEKDAYS, start=1)])
    month_days = MonthDaysField(
        label="每月几号", help_text="例如 1, 15", required=False, widget=UnfoldAdminTextInputWidget
    )
    first_day = forms.DateField(label="从哪天", required=False, widget=UnfoldAdminSingleDateWidget)
    last_day = forms.DateField(label="到哪天（含）", required=False, widget=UnfoldAdminSingleDateWidget)
    streak_days = _whole("每连续签到几天", "第 7、14、21 天…填 7", least=2, most=366)
    points_per_yuan = _number("每消费 1 元得积分", "可填小数，最后统一取整", above="0.001", most="1000")
    multiplier = _number("积分倍数", "2 为双倍；与等级倍数相乘", above="1.001", most="100")
    fixed_points = _whole("固定积分", "订单的固定积分不参与翻倍")
    growth_per_yuan = _number("每消费 1 元得成长值", "", above="0.001", most="1000")
    fixed_growth = _whole("固定成长值")
    money_off = YuanField(
        label="立减多少元", required=False, min_value=Decimal("0.01"), widget=UnfoldAdminDecimalFieldWidget
    )
    points_price_zhe = _number("积分价打几折", "8 折填 8", above="0.1", most="9.9")

    class Meta:
        model = Campaign
        fields = ["name", "code", "description", "trigger", "starts_at", "ends_at", "stacking", "position"]
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        campaign = kwargs.get("instance")
        kwargs["initial"] = (_inputs_of(campaign) if campaign else {}) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if "tiers" in self.fields:
            self.fields["tiers"].choices = [(rung.code, rung.name) for rung in ladder()]  # type: ignore[attr-defined]
        if "segments" in self.fields:
            self.fields["segments"].choices = [(str(pk), name) for pk, name in segment_names().items()]  # type: ignore[attr-defined]
        if campaign and campaign.pk and "trigger" in self.fields and campaign.versions.exists():
            self.fields["trigger"].disabled = True
            self.fields["trigger"].help_text = "发布过的活动不能更换触发"

    def clean(self) -> dict[str, Any]:
        super().clean()
        if bool(self.cleaned_data.get("first_day")) != bool(self.cleaned_data.get("last_day")):
            missing = "last_day" if self.cleaned_data.get("first_day") else "first_day"
            self.add_error(missing, "日期区间请填写开始和结束两天")
        if not self.errors:
            try:
                validate(self.campaign_values())
            except InvalidInput as refusal:
                for name, text in refusal.fields.items():
                    self.add_error(name if name in self.fields else None, text)
        return self.cleaned_data

    def campaign_values(self) -> CampaignValues:
        """What was filled in, for the editing service."""
        values, trigger = self.cleaned_data, self.cleaned_data["trigger"]
        return CampaignValues(
            code=values["code"],
            name=values["name"],
            description=values["description"],
            trigger=trigger,
            stacking=values["stacking"],
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            position=values["position"],
            conditions=_items(CONDITION_PARTS, CONDITIONS_OF[trigger], values),
            effects=_items(EFFECT_PARTS, EFFECTS_OF[trigger], values),
        )


def _items(parts: Mapping[str, Part], allowed: tuple[str, ...], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, **part.to_json(values)}
        for kind, part in parts.items()
        if kind in allowed and all(values.get(name) not in (None, "", []) for name in part.inputs)
    ]


def _inputs_of(campaign: Campaign) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for parts, items in ((CONDITION_PARTS, campaign.conditions), (EFFECT_PARTS, campaign.effects)):
        for item in items:
            inputs |= parts[item["kind"]].to_inputs(item)
    return inputs


class PresetForm(DialogForm):
    """Which ready-made campaign to start from."""

    preset = forms.ChoiceField(
        label="预设",
        choices=[(code, f"{preset['name']}：{preset['description']}") for code, preset in PRESETS.items()],
        widget=UnfoldAdminSelectWidget,
    )
