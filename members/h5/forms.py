"""What members type. The domain judges it; its sentences are put at the fields."""

from typing import Any

from django import forms

from config.core.errors import DomainError, InvalidInput
from members.rules import regions

_PHONE = {"inputmode": "tel", "autocomplete": "tel", "placeholder": "11 位手机号"}


def place(form: forms.Form, error: DomainError, **renamed: str) -> None:
    """Put a refusal at the field it names (`renamed` maps the domain's names to the form's), else above the form."""
    sentences = error.fields if isinstance(error, InvalidInput) else {error.field or "": error.text}
    for name, sentence in sentences.items():
        field = renamed.get(name, name)
        form.add_error(field if field in form.fields else None, sentence)


class TextField(forms.CharField):
    """A line as it was typed, whatever it is: the domain says what is wrong with it. NUL counts as a space."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\0", " ").strip()


class LoginForm(forms.Form):
    """Phone and code."""

    phone = TextField(label="手机号", required=False, widget=forms.TextInput(attrs=_PHONE))
    code = TextField(
        label="验证码",
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "placeholder": "6 位数字"}
        ),
    )


class AddressFields(forms.Form):
    """A delivery address; the region is chosen in three steps."""

    recipient = TextField(
        label="收货人",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "placeholder": "收货人姓名"}),
    )
    phone = TextField(label="手机号", required=False, widget=forms.TextInput(attrs=_PHONE))
    province = TextField(required=False)
    city = TextField(required=False)
    district = TextField(label="所在地区", required=False)
    detail = TextField(
        label="详细地址",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 2, "autocomplete": "street-address", "placeholder": "街道、小区、楼栋、门牌号"}
        ),
    )
    is_default = forms.BooleanField(label="设为默认地址", required=False)


def region_choices(*, province: str, city: str, district: str) -> dict[str, Any]:
    """The three select boxes, each with what may be chosen under the one before."""
    cities = regions.cities(province=province)
    if city not in {place.code for place in cities}:
        city = cities[0].code if len(cities) == 1 else ""  # a municipality is its own city
    return {
        "province": province,
        "city": city,
        "district": district,
        "provinces": regions.provinces(),
        "cities": cities,
        "districts": regions.districts(city=city),
    }
