"""When two members may be one person: deterministic, and told by blind indexes of these texts."""

import unicodedata
from typing import Final

MOST_ALIKE: Final = 20  # what more members share says nothing: a name like 王伟, the tablet at the counter


def plain_name(name: str) -> str:
    """A name as it is compared: width, case and spaces don't count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def name_and_birthday(*, name: str, birthday: str) -> list[str]:
    """The text that two of one name and birthday share; none while one of them is unknown."""
    plain = plain_name(name)
    return [f"{plain}|{birthday}"] if plain and birthday else []


def name_and_phone(*, name: str, phone: str) -> list[str]:
    """Texts of which two of one name share one at least, when their phones are a slip apart (and some others do)."""
    plain = plain_name(name)
    if not plain or len(phone) < 11:
        return []
    return [f"{plain}|h{phone[:6]}", f"{plain}|t{phone[6:]}", f"{plain}|d{''.join(sorted(phone))}"]


def is_slip(one: str, other: str) -> bool:
    """Whether one phone is the other with one digit mistyped, or two neighbours swapped."""
    if len(one) != len(other) or one == other:
        return False
    apart = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(apart) == 1:
        return True
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and one[apart[0]] == other[apart[1]]
        and one[apart[1]] == other[apart[0]]
    )
