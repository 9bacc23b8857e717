"""What a member may change about themselves."""

from datetime import date, datetime
from typing import ClassVar

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError
from config.core.time import local_date
from members.models import Member
from members.rules import profiles as rules
from members.services.locks import lock_members


class BirthdayIsFinal(DomainError):
    """The birthday was set before; only the shop's staff may change it."""

    code: ClassVar[str] = "birthday_is_final"
    message: ClassVar[str] = "生日设置后不能自行修改，如有误请联系客服"
    field: ClassVar[str | None] = "birthday"


@transaction_required
def save_profile(*, member_id: int, nickname: str, birthday: date | None, at: datetime) -> None:
    """Write nickname and birthday; no birthday leaves it as it is. Raises InvalidInput, BirthdayIsFinal."""
    name = rules.clean_nickname(nickname)
    member = lock_members([member_id])[member_id]
    member.nickname = name
    if birthday is not None and birthday.isoformat() != member.birthday:
        _set_birthday(member, birthday, today=local_date(at))
    member.save(update_fields=["nickname", "birthday", "birthday_month_day", "birth_year"])


def _set_birthday(member: Member, birthday: date, *, today: date) -> None:
    rules.check_birthday(birthday=birthday, today=today)
    if member.birthday and not policies.current().birthday_may_change:
        raise BirthdayIsFinal()
    member.birthday = birthday.isoformat()
    member.birthday_month_day = f"{birthday:%m%d}"
    member.birth_year = birthday.year
