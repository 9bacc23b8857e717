"""Changing one's profile."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from config.core.errors import InvalidInput
from config.outbox.models import Message
from members.models import Interest, Member, MemberInterest
from members.selectors.profiles import whole_profile
from members.services.profiles import BirthdayChangedRecently, BirthdayIsFinal, ProfileChange, save_profile
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db
A_YEAR = timedelta(days=365)


def change(member: Member, at: Any = AT, **values: Any) -> None:
    save_profile(member_id=member.pk, change=ProfileChange(**values), at=at)


def current(member: Member) -> tuple[str, str, str, int | None]:
    row = Member.objects.get(pk=member.pk)
    return row.nickname, row.birthday, row.birthday_month_day, row.birth_year


def completions() -> list[Any]:
    return list(Message.objects.filter(event="members.ProfileCompleted").values_list("payload", flat=True))


def test_a_birthday_is_kept_sealed_with_month_and_day_in_clear() -> None:
    member = a_member()
    change(member, nickname="周一诺", birthday="1990-05-20")
    assert current(member) == ("周一诺", "1990-05-20", "0520", 1990)


def test_a_lunar_birthday_keeps_the_lunar_month_and_day_in_clear() -> None:
    member = a_member()
    change(member, birthday="1990-05-01", birthday_calendar="lunar", birthday_is_leap=True)
    assert current(member)[1:] == ("1990-06-23", "0501", 1990)
    seen = whole_profile(member_id=member.pk, at=AT)
    assert (seen.birthday, seen.birthday_is_leap, seen.birthday_in_words) == ("1990-05-01", True, "农历闰五月初一")


def test_what_is_left_out_stays() -> None:
    member = a_member()
    change(member, nickname="周一诺", birthday="1990-05-20", gender="female", region_code="330106")
    change(member, nickname="一诺")
    row = Member.objects.get()
    assert (row.nickname, row.birthday, row.gender, row.region_code) == ("一诺", "1990-05-20", "female", "330106")


def test_a_birthday_changes_once_a_year() -> None:
    member = a_member()
    change(member, birthday="1990-05-20")
    with pytest.raises(BirthdayChangedRecently) as refusal:
        change(member, AT + A_YEAR - timedelta(days=1), nickname="一诺", birthday="1990-11-18")
    assert (refusal.value.field, refusal.value.text) == ("birthday", "生日一年只能修改一次，2027-11-18 起可再修改")
    assert current(member)[1:] == ("1990-05-20", "0520", 1990)
    change(member, AT + A_YEAR, birthday="1990-11-18")
    assert current(member)[1:] == ("1990-11-18", "1118", 1990)
    with pytest.raises(BirthdayChangedRecently):
        change(member, AT + A_YEAR, birthday="1990-05-20")


def test_the_same_birthday_by_the_other_calendar_is_no_change() -> None:
    member = a_member()
    change(member, birthday="1990-10-03")
    change(member, birthday="1990-08-15", birthday_calendar="lunar")
    assert current(member)[1:] == ("1990-10-03", "0815", 1990)
    assert Member.objects.get().birthday_changed_at == AT


@override_settings(POLICIES={"birthday_may_change": False})
def test_a_shop_may_let_birthdays_stand_for_ever() -> None:
    member = a_member()
    change(member, birthday="1990-05-20")
    with pytest.raises(BirthdayIsFinal) as refusal:
        change(member, AT + 2 * A_YEAR, birthday="1990-11-18")
    assert refusal.value.text == "生日设置后不能自行修改，如有误请联系客服"
    change(member, birthday="1990-05-20")
    assert whole_profile(member_id=member.pk, at=AT).birthday_is_final


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"nickname": ""}, {"nickname": "请填写昵称"}),
        ({"birthday": "2030-01-01"}, {"birthday": "生日不能晚于今天"}),
        ({"gender": "robot"}, {"gender": "请选择女、男或保密"}),
        ({"region_code": "999999"}, {"region_code": "请选择省、市、区"}),
        ({"region_code": "330100"}, {"region_code": "请选择省、市、区"}),
        ({"interests": [10**9]}, {"interests": "有的兴趣已不可选，请刷新后重选"}),
    ],
)
def test_a_bad_value_changes_nothing(values: dict[str, Any], fields: dict[str, str]) -> None:
    member = a_member()
    before = Member.objects.values().get()
    with pytest.raises(InvalidInput) as refusal:
        change(member, **{"nickname": "周一诺", **values})
    assert refusal.value.fields == fields
    assert {**Member.objects.values().get(), "phone": ""} == {**before, "phone": ""}


def test_interests_are_replaced_and_one_no_longer_offered_may_stay() -> None:
    member = a_member()
    tea, cake, books = (Interest.objects.create(name=name) for name in ("茶", "点心", "阅读"))
    change(member, interests=[tea.pk, cake.pk, tea.pk])
    Interest.objects.filter(pk=cake.pk).update(is_offered=False)
    change(member, interests=[cake.pk, books.pk])
    assert set(MemberInterest.objects.values_list("interest__name", flat=True)) == {"点心", "阅读"}
    change(member, interests=[])
    with pytest.raises(InvalidInput):
        change(member, interests=[cake.pk])


def test_a_profile_is_completed_once() -> None:
    member, tea = a_member(), Interest.objects.create(name="茶")
    change(member, nickname="周一诺", birthday="1990-05-20", region_code="330106")
    assert whole_profile(member_id=member.pk, at=AT).missing == ("兴趣",)
    assert completions() == []
    change(member, interests=[tea.pk])
    assert completions() == [{"member_id": member.pk, "at": AT.isoformat()}]
    change(member, interests=[])
    change(member, interests=[tea.pk])
    assert len(completions()) == 1
    assert Member.objects.get().profile_completed_at == AT


def test_the_name_that_the_shop_gave_is_no_name_of_ones_own() -> None:
    member = a_member()
    assert whole_profile(member_id=member.pk, at=AT).missing == ("昵称", "生日", "地区")


def test_a_name_of_four_byte_characters_is_kept_as_it_is() -> None:
    member = a_member()
    change(member, nickname="𠮷野家👨‍👩‍👧🎉")
    assert current(member)[0] == "𠮷野家👨‍👩‍👧🎉"
