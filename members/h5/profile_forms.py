"""What members type about themselves. The domain judges it."""

from typing import Any

from django import forms

from members.h5.forms import TextField
from members.rules import regions
from members.selectors.profiles import WholeProfile
from members.services.profiles import ProfileChange


class ProfileForm(forms.Form):
    """Nickname, gender, birthday in three boxes, region in three boxes, interests."""

    nickname = TextField(
        label="昵称", required=False, widget=forms.TextInput(attrs={"autocomplete": "nickname", "maxlength": 20})
    )
    gender = TextField(label="性别", required=False)
    birthday_calendar = TextField(label="历法", required=False)
    year = TextField(label="生日", required=False)
    month = TextField(required=False)
    day = TextField(required=False)
    is_leap = forms.BooleanField(required=False)
    province = TextField(required=False)
    city = TextField(required=False)
    district = TextField(label="所在地区", required=False)
    interests = forms.MultipleChoiceField(label="兴趣", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interests"].valid_value = lambda value: True  # type: ignore[attr-defined]  # the domain's to say

    def change(self) -> ProfileChange:
        """What was typed, as the domain takes it; a birthday that was not begun stays as it is."""
        values = self.cleaned_data
        parts = [values["year"], values["month"], values["day"]]
        return ProfileChange(
            nickname=values["nickname"],
            birthday="-".join(parts) if any(parts) else None,
            birthday_calendar=values["birthday_calendar"] or "solar",
            birthday_is_leap=values["is_leap"],
            gender=values["gender"],
            region_code=values["district"],
            interests=[int(one) if one.isascii() and one.isdecimal() else 0 for one in values["interests"]],
        )

    def chosen_interests(self) -> list[int]:
        """The ids of the ticked boxes."""
        ticked = self["interests"].value() or []
        return [int(one) for one in ticked if str(one).isascii() and str(one).isdecimal()]


class AvatarForm(forms.Form):
    """A picture, or the name of one that comes with the shop."""

    image = forms.FileField(label="图片", required=False)
    avatar = TextField(required=False)


def initial_values(who: WholeProfile) -> dict[str, Any]:
    """What the form starts with."""
    province, city = regions.ancestors(district=who.region_code)
    year, month, day = who.birthday.split("-") if who.birthday else ("", "", "")
    return {
        "nickname": who.nickname,
        "gender": who.gender,
        "birthday_calendar": who.birthday_calendar,
        "year": year,
        "month": month.lstrip("0"),
        "day": day.lstrip("0"),
        "is_leap": who.birthday_is_leap and who.birthday_calendar == "lunar",
        "province": province,
        "city": city,
        "district": who.region_code,
        "interests": [row.id for row in who.interests if row.is_chosen],
    }
