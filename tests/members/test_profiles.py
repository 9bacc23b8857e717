"""Changing one's profile."""

from datetime import date

import pytest
from django.test import override_settings

from config.core.errors import InvalidInput
from members.models import Member
from members.services.profiles import BirthdayIsFinal, save_profile
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db
BIRTHDAY = date(1990, 5, 20)


def saved(member: Member, nickname: str = "周一诺", birthday: date | None = None) -> tuple[str, str, str, int | None]:
    save_profile(member_id=member.pk, nickname=nickname, birthday=birthday, at=AT)
    return current(member)


def current(member: Member) -> tuple[str, str, str, int | None]:
    row = Member.objects.get(pk=member.pk)
    return row.nickname, row.birthday, row.birthday_month_day, row.birth_year


def test_a_birthday_is_kept_sealed_with_month_and_day_in_clear() -> None:
    assert saved(a_member(), birthday=BIRTHDAY) == ("周一诺", "1990-05-20", "0520", 1990)


def test_a_birthday_left_out_stays() -> None:
    member = a_member()
    saved(member, birthday=BIRTHDAY)
    assert saved(member, nickname="一诺") == ("一诺", "1990-05-20", "0520", 1990)


def test_a_birthday_is_set_once() -> None:
    member = a_member()
    saved(member, birthday=BIRTHDAY)
    with pytest.raises(BirthdayIsFinal) as refusal:
        saved(member, nickname="一诺", birthday=date(1990, 11, 18))
    assert (refusal.value.field, refusal.value.text) == ("birthday", "生日设置后不能自行修改，如有误请联系客服")
    assert current(member) == ("周一诺", "1990-05-20", "0520", 1990)
    assert saved(member, birthday=BIRTHDAY)[1] == "1990-05-20"


@override_settings(POLICIES={"birthday_may_change": True})
def test_a_shop_may_let_birthdays_change() -> None:
    member = a_member()
    saved(member, birthday=BIRTHDAY)
    assert saved(member, birthday=date(2000, 2, 29)) == ("周一诺", "2000-02-29", "0229", 2000)


def test_a_bad_value_changes_nothing() -> None:
    member = a_member()
    before = current(member)
    with pytest.raises(InvalidInput):
        saved(member, nickname="")
    with pytest.raises(InvalidInput):
        saved(member, birthday=date(2030, 1, 1))
    assert current(member) == before
