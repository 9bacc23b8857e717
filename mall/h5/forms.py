"""What members type or choose on the mall's pages; every refusal is a sentence at its field."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from config.core import policies

_WHOLE = "数量要写成整数"
_SKU = "请选择商品规格"
_ADDRESS = "请先选择收货地址"
_AMOUNT = "请核对金额后再提交"
_STALE = "页面已过期，请刷新后再提交"
_BIGGEST = 2**63 - 1


class QuantityField(forms.IntegerField):
    """How many of one SKU: 1 up to the shop's limit per order."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "数量")
        super().__init__(**kwargs)
        self.error_messages |= {"required": "请填写数量", "invalid": _WHOLE}

    def clean(self, value: Any) -> int | None:
        quantity: int | None = super().clean(value)
        most = policies.current().max_order_quantity
        if quantity is not None and quantity < 1:
            raise forms.ValidationError("数量至少为 1")
        if quantity is not None and quantity > most:
            raise forms.ValidationError(f"每次最多购买 {most} 件")
        return quantity


class IdField(forms.IntegerField):
    """A row's id; whatever else is posted gets one sentence."""

    def __init__(self, *, sentence: str, **kwargs: Any) -> None:
        self._sentence = sentence
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int:
        try:
            number: int | None = super().clean(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self._sentence) from error
        if number is None or not 0 < number <= _BIGGEST:
            raise forms.ValidationError(self._sentence)
        return number


class SkuForm(forms.Form):
    """One SKU and how many of it: adding to the cart, buying now."""

    sku = IdField(sentence=_SKU)
    quantity = QuantityField()


class QuantityForm(forms.Form):
    """A new quantity of a cart line."""

    quantity = QuantityField()


class SelectionForm(forms.Form):
    """Whether a cart line goes to checkout; an absent checkbox means no."""

    selected = forms.BooleanField(required=False)


class PointsField(forms.IntegerField):
    """How many points shall pay; nothing chosen means none."""

    DIGITS = 16  # more than anybody has

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, label="积分", **kwargs)
        self.error_messages |= {"invalid": "积分要写成整数"}

    def clean(self, value: Any) -> int:
        points: int | None = super().clean(value)
        if points is not None and not 0 <= points < 10**self.DIGITS:
            raise forms.ValidationError("请填写不小于 0 的积分数")
        return points or 0


class SubmissionForm(forms.Form):
    """What every order carries: where to, the amount the member saw, and a key that makes a repeat harmless."""

    address = IdField(sentence=_ADDRESS)
    expected = forms.IntegerField(
        min_value=0, error_messages=dict.fromkeys(("required", "invalid", "min_value"), _AMOUNT)
    )
    submit_key = forms.CharField(
        validators=[RegexValidator(r"^[A-Za-z0-9_-]{16,80}$", _STALE)], error_messages={"required": _STALE}
    )
    note = forms.CharField(
        required=False, max_length=100, label="买家留言", error_messages={"max_length": "留言最多 100 个字"}
    )


class CheckoutForm(SubmissionForm):
    """Submitting the cart's selection, or one SKU bought at once."""

    points = PointsField()


class RedemptionForm(SubmissionForm):
    """Submitting a redemption, with the points that the member saw."""

    expected_points = forms.IntegerField(min_value=0, error_messages=dict.fromkeys(("required", "invalid"), _AMOUNT))


class SearchForm(forms.Form):
    """What to look for and in which order."""

    SORTS = (("", "综合"), ("sales", "销量"), ("price", "价格从低到高"), ("-price", "价格从高到低"), ("new", "新品"))

    q = forms.CharField(
        required=False, max_length=40, strip=True, label="搜索", error_messages={"max_length": "搜索词最多 40 个字"}
    )
    sort = forms.ChoiceField(required=False, choices=SORTS, error_messages={"invalid_choice": "没有这种排序"})


class ThemeForm(forms.Form):
    """How the pages look on this device."""

    theme = forms.ChoiceField(choices=[("auto", "跟随系统"), ("light", "浅色"), ("dark", "深色")])
