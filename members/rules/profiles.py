"""What a member may call themselves, how they may look, and when a profile is complete."""

import unicodedata
from collections.abc import Collection

from config.core.errors import InvalidInput
from members.rules import regions
from members.rules.addresses import one_line

_NICKNAME = 20
_INVISIBLE = {"Cf", "Co", "Cn", "Cs"}
_JOINER = "\u200d"  # holds composed emoji together
_RESERVED = ("客服", "官方", "管理员", "系统")
MOST_INTERESTS = 10
GENDERS = ("", "female", "male")
# the pictures that come with the shop
AVATARS = (
    *("person", "woman", "man", "girl", "boy", "curly", "beard", "grandma", "grandpa", "panda", "cat", "rabbit"),
)


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


def nickname_for(number: str) -> str:
    """What a member is called who has not said: 会员 and the end of the member number."""
    return f"会员{number[-4:]}"


def clean_gender(text: str) -> str:
    """female, male, or nothing: it need not be said. Raises InvalidInput."""
    if text not in GENDERS:
        raise InvalidInput(gender="请选择女、男或保密")
    return text


def clean_region(code: str) -> str:
    """The code of a district, or nothing. Raises InvalidInput."""
    if code and not regions.full_name(district=code):
        raise InvalidInput(region_code="请选择省、市、区")
    return code


def clean_interests(chosen: Collection[int], *, offered: Collection[int]) -> list[int]:
    """The chosen ones, each once. Raises InvalidInput for one that is not offered, and for too many."""
    wanted = sorted(set(chosen))
    if not set(wanted) <= set(offered):
        raise InvalidInput(interests="有的兴趣已不可选，请刷新后重选")
    if len(wanted) > MOST_INTERESTS:
        raise InvalidInput(interests=f"兴趣最多选 {MOST_INTERESTS} 个")
    return wanted


def clean_avatar(name: str) -> str:
    """One of the pictures that come with the shop. Raises InvalidInput."""
    if name not in AVATARS:
        raise InvalidInput(avatar="没有这个头像")
    return name


def missing_parts(
    *, has_own_nickname: bool, birthday: str, region_code: str, interests: int, interests_offered: int
) -> tuple[str, ...]:
    """What a complete profile still needs, in words; gender and picture are nobody's duty."""
    parts = {
        "昵称": has_own_nickname,
        "生日": bool(birthday),
        "地区": bool(region_code),
        "兴趣": bool(interests) or not interests_offered,
    }
    return tuple(name for name, is_there in parts.items() if not is_there)
