"""What a member may call themselves, and which birthdays are possible."""

import unicodedata
from datetime import date

from config.core.errors import InvalidInput
from members.rules.addresses import one_line

_NICKNAME = 20
_OLDEST = 120
_INVISIBLE = {"Cf", "Co", "Cn", "Cs"}
_JOINER = "\u200d"  # holds composed emoji together
_RESERVED = ("客服", "官方", "管理员", "系统")


def clean_nickname(text: str) -> str:
    """A nickname of 1 to 20 visible characters. Raises InvalidInput."""
    kept = (char for char in one_line(text[:400]) if char == _JOINER or unicodedata.category(char) not in _INVISIBLE)
    nickname = "".join(kept).strip(_JOINER + " ")
    if not nickname:
        raise InvalidInput(nickname="请填写昵称")
    if len(nickname) > _NICKNAME:
        raise InvalidInput(nickname=f"昵称最多 {_NICKNAME} 个字")
    if any(word in nickname for word in _RESERVED):
        raise InvalidInput(nickname="昵称不能冒充商家或客服，请换一个")
    return nickname


def check_birthday(*, birthday: date, today: date) -> None:
    """Refuse a birthday that can't be. Raises InvalidInput."""
    if birthday > today:
        raise InvalidInput(birthday="生日不能晚于今天")
    if today.year - birthday.year > _OLDEST:
        raise InvalidInput(birthday="请填写真实的生日")
