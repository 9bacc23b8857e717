"""What a member may change about themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError
from config.core.time import local_date
from config.outbox import publishing as outbox
from members.events import ProfileCompleted
from members.models import Interest, Member, MemberInterest
from members.rules import birthdays, profiles
from members.rules.birthdays import Birthday
from members.services.locks import lock_members


class BirthdayIsFinal(DomainError):
    """The shop lets nobody change a birthday that was set."""

    code: ClassVar[str] = "birthday_is_final"
    message: ClassVar[str] = "生日设置后不能自行修改，如有误请联系客服"
    field: ClassVar[str | None] = "birthday"


class BirthdayChangedRecently(DomainError):
    """The birthday was set or changed less than a year ago. Facts: day (in words)."""

    code: ClassVar[str] = "birthday_changed_recently"
    message: ClassVar[str] = "生日一年只能修改一次，{day} 起可再修改"
    field: ClassVar[str | None] = "birthday"


@dataclass(frozen=True, kw_only=True)
class ProfileChange:
    """What is to change; None stays as it is. `birthday` is written in its calendar, `interests` replaces all."""

    nickname: str | None = None
    birthday: str | None = None
    birthday_calendar: str = "solar"
    birthday_is_leap: bool = False
    gender: str | None = None
    region_code: str | None = None
    interests: Sequence[int] | None = None


@transaction_required
def save_profile(*, member_id: int, change: ProfileChange, at: datetime) -> None:
    """Write what changes; a profile complete for the first time is a fact.

    Raises InvalidInput (by field), BirthdayIsFinal, BirthdayChangedRecently; then nothing has changed.
    """
    member = lock_members([member_id])[member_id]
    if change.nickname is not None:
        member.nickname = profiles.clean_nickname(change.nickname)
    if change.gender is not None:
        member.gender = profiles.clean_gender(change.gender)
    if change.region_code is not None:
        member.region_code = profiles.clean_region(change.region_code)
    if change.birthday:
        _set_birthday(member, _read(change, local_date(at)), at=at)
    offered = list(Interest.objects.filter(is_offered=True).values_list("pk", flat=True))
    chosen = _interests(member_id, change.interests, offered)
    _note_completion(member, chosen=len(chosen), offered=len(offered), at=at)
    member.save(update_fields=_WRITTEN)


_WRITTEN = [
    *("nickname", "gender", "region_code", "profile_completed_at"),
    *("birthday", "birthday_month_day", "birth_year"),
    *("birthday_calendar", "birthday_is_leap", "birthday_changed_at"),
]


def _read(change: ProfileChange, today: date) -> Birthday:
    return birthdays.read_birthday(
        change.birthday or "", calendar=change.birthday_calendar, is_leap=change.birthday_is_leap, today=today
    )


def _set_birthday(member: Member, birthday: Birthday, *, at: datetime) -> None:
    """Another day of birth is a change; another calendar for the same day is none."""
    is_new_day = member.birthday != birthday.born.isoformat()
    if is_new_day and member.birthday:
        _refuse_if_too_soon(member, today=local_date(at))
    if is_new_day:
        member.birthday, member.birthday_changed_at = birthday.born.isoformat(), at
        member.birth_year = birthday.born.year
    member.birthday_calendar = birthday.calendar
    member.birthday_month_day, member.birthday_is_leap = birthday.month_day, birthday.is_leap


def _refuse_if_too_soon(member: Member, *, today: date) -> None:
    if not policies.current().birthday_may_change:
        raise BirthdayIsFinal()
    changed = member.birthday_changed_at
    day = birthdays.changeable_from(changed=local_date(changed) if changed else None)
    if day is not None and today < day:
        raise BirthdayChangedRecently(day=day.isoformat())


def _interests(member_id: int, chosen: Sequence[int] | None, offered: list[int]) -> set[int]:
    """Which interests the member has from now on; those no longer offered stay when nobody takes them away."""
    known = set(MemberInterest.objects.filter(member_id=member_id).values_list("interest_id", flat=True))
    if chosen is None:
        return known
    wanted = set(profiles.clean_interests(chosen, offered={*offered, *known}))
    if known - wanted:
        MemberInterest.objects.filter(member_id=member_id, interest_id__in=known - wanted).delete()
    new = sorted(wanted - known)
    MemberInterest.objects.bulk_create([MemberInterest(member_id=member_id, interest_id=pk) for pk in new])
    return wanted


def _note_completion(member: Member, *, chosen: int, offered: int, at: datetime) -> None:
    if member.profile_completed_at is not None:
        return
    missing = profiles.missing_parts(
        has_own_nickname=member.nickname != profiles.nickname_for(member.number),
        birthday=member.birthday,
        region_code=member.region_code,
        interests=chosen,
        interests_offered=offered,
    )
    if not missing:
        member.profile_completed_at = at
        outbox.publish(ProfileCompleted(member_id=member.pk, at=at))
