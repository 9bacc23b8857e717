"""Phone numbers in every spelling that people type."""

import pytest

from members.rules import phones


@pytest.mark.parametrize(
    "typed",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "+86 138 0000 0001",
        "+8613800000001",
        "8613800000001",
        "008613800000001",
        "１３８０００００００１",
        "(+86)138.0000.0001",
        "\u202d138 0000 0001\u202c",  # as iOS copies it from the address book
        "\ufeff13800000001\u200b",
    ],
)
def test_every_spelling_of_a_number_is_the_same_number(typed: str) -> None:
    assert phones.normalise(typed) == "13800000001"


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "1380000000", "138000000011", "12800000001", "02112345678", "abcdefghijk", "+1 13800000001",
        "١٣٨٠٠٠٠٠٠٠١", "13800000001;DROP", "1" * 100_000, "138\x0000000001",
    ],
)  # fmt: skip
def test_what_is_no_mobile_number_is_refused_with_a_sentence_at_the_phone(typed: str) -> None:
    with pytest.raises(phones.InvalidPhone) as refusal:
        phones.normalise(typed)
    assert (refusal.value.text, refusal.value.field, refusal.value.http_status) == ("请输入 11 位手机号", "phone", 400)


def test_a_masked_number_keeps_three_and_four_digits() -> None:
    assert phones.masked("13812345678") == "138****5678"
    assert phones.masked("") == ""
