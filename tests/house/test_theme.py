"""The merchant's colour keeps every text readable."""

import re

import pytest

from config.theme import contrast, theme, visible

COLORS = ["#d92c12", "#07c160", "#ffcc00", "#ffffff", "#000000", "#1677ff", "#e91e63", "#8bc34a", "#777777"]


def _variables(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):(#[0-9a-f]{6})", css))


@pytest.mark.parametrize("color", COLORS)
def test_white_reads_on_every_fill(color: str) -> None:
    root = _variables(theme(color).split("}")[0])
    assert all(contrast("#ffffff", root[name]) >= 4.5 for name in ("brand", "brand-hi", "brand-deep"))


@pytest.mark.parametrize("color", COLORS)
def test_brand_text_reads_on_cards_and_tints_in_light_and_dark(color: str) -> None:
    light, dark = (_variables(part) for part in theme(color).split("}")[:2])
    assert min(contrast(light["brand-text"], other) for other in ("#ffffff", light["brand-soft"])) >= 4.5
    assert contrast(light["on-soft"], light["brand-line"]) >= 4.5
    assert min(contrast(dark["brand-text"], other) for other in ("#191c21", dark["brand-soft"])) >= 4.5


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345g", "#123456;}body{display:none"])
def test_what_is_no_colour_changes_nothing(text: str) -> None:
    assert theme(text) == ""


@pytest.mark.parametrize("color", ["#2b3350", "#9aa7b8", "#ffffff", "#000000"])
def test_a_slice_of_a_chart_stands_out_from_a_light_card_and_a_dark_one(color: str) -> None:
    cards = ("#ffffff", "#18181b")
    assert min(contrast(visible(color, against=cards), card) for card in cards) >= 3


def test_a_slice_that_stands_out_already_keeps_its_colour() -> None:
    assert [visible(one, against=("#ffffff", "#18181b")) for one in ("#b9835a", "red")] == ["#b9835a", "red"]
