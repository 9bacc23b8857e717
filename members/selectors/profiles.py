"""A member's whole profile, for their own eyes."""

from dataclasses import dataclass
from datetime import date, datetime

from config.core import policies
from config.core.errors import NotFound
from config.core.time import local_date
from members.models import Interest, Member, MemberInterest
from members.rules import birthdays, lunar, phones, profiles, regions


@dataclass(frozen=True, kw_only=True)
class InterestRow:
    """An interest, and whether the member named it."""

    id: int
    name: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class WholeProfile:
    """`birthday` is written in its calendar, `born` is the solar date; it may change from `birthday_from` on.

    `missing` names what a complete profile still needs.
    """

    number: str
    nickname: str
    avatar: str
    masked_phone: str
    gender: str
    born: str
    birthday: str
    birthday_calendar: str
    birthday_is_leap: bool
    birthday_in_words: str
    birthday_is_final: bool
    birthday_from: date | None
    region_code: str
    region: str
    interests: tuple[InterestRow, ...]
    missing: tuple[str, ...]
    is_completed: bool


def whole_profile(*, member_id: int, at: datetime) -> WholeProfile:
    """The member's profile. Three queries. Raises NotFound."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    interests = _interests(member_id)
    return WholeProfile(
        number=member.number,
        nickname=member.nickname,
        avatar=member.avatar,
        masked_phone=phones.masked(member.phone),
        gender=member.gender,
        born=member.birthday,
        birthday=_written(member),
        birthday_calendar=member.birthday_calendar,
        birthday_is_leap=member.birthday_is_leap,
        birthday_in_words=birthdays.month_day_in_words(
            member.birthday_month_day, calendar=member.birthday_calendar, is_leap=member.birthday_is_leap
        ),
        birthday_is_final=bool(member.birthday) and not policies.current().birthday_may_change,
        birthday_from=_changeable_from(member, local_date(at)),
        region_code=member.region_code,
        region=regions.full_name(district=member.region_code),
        interests=interests,
        missing=_missing(member, interests),
        is_completed=member.profile_completed_at is not None,
    )


def _interests(member_id: int) -> tuple[InterestRow, ...]:
    """What is offered, and what the member chose when it still was."""
    chosen = set(MemberInterest.objects.filter(member_id=member_id).values_list("interest_id", flat=True))
    rows = Interest.objects.order_by("position", "pk")
    return tuple(
        InterestRow(id=row.pk, name=row.name, is_chosen=row.pk in chosen)
        for row in rows
        if row.is_offered or row.pk in chosen
    )


def _written(member: Member) -> str:
    if not member.birthday or member.birthday_calendar != Member.Calendar.LUNAR:
        return member.birthday
    found = lunar.to_lunar(date.fromisoformat(member.birthday))
    return f"{found.year}-{found.month:02}-{found.day:02}" if found else member.birthday


def _changeable_from(member: Member, today: date) -> date | None:
    if not member.birthday or member.birthday_changed_at is None:
        return None
    day = birthdays.changeable_from(changed=local_date(member.birthday_changed_at))
    return day if day is not None and today < day else None


def _missing(member: Member, interests: tuple[InterestRow, ...]) -> tuple[str, ...]:
    return profiles.missing_parts(
        has_own_nickname=member.nickname != profiles.nickname_for(member.number),
        birthday=member.birthday,
        region_code=member.region_code,
        interests=sum(row.is_chosen for row in interests),
        interests_offered=len(interests),
    )
