"""Nicknames."""

import pytest

from config.core.errors import InvalidInput
from members.rules.profiles import clean_nickname


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  周一诺 ", "周一诺"),
        ("a\u202eb\u200bc", "abc"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("<b>x</b>", "<b>x</b>"),
        ("两\n行", "两 行"),
    ],
)
def test_a_nickname_is_kept_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert clean_nickname(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写昵称"),
        ("\u200b\u200d\u202e", "请填写昵称"),
        ("长" * 21, "昵称最多 20 个字"),
        ("官方客服", "昵称不能冒充商家或客服，请换一个"),
    ],
)
def test_a_bad_nickname_has_its_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_nickname(typed)
    assert refusal.value.fields == {"nickname": sentence}
