"""The member pages' tags write amounts, points and moments as people read them."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template

from config.core.templatetags import h5


def render(source: str, **context: object) -> str:
    return Template("{% load h5 %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "¥0"), (5, "¥0.05"), (9900, "¥99"), (123450, "¥1,234.50"), (-500, "-¥5"), (-50, "-¥0.50")],
)
def test_yuan_drops_empty_fen_and_keeps_the_minus_in_front(cents: int, text: str) -> None:
    assert render("{{ cents|yuan }}", cents=cents) == text


def test_yuan_parts_split_at_the_point() -> None:
    assert render("{{ cents|yuan_int }}|{{ cents|yuan_dec }}", cents=1234567) == "12,345|.67"
    assert render("{{ cents|yuan_int }}|{{ cents|yuan_dec }}", cents=-150) == "-1|.50"


def test_points_are_grouped_by_thousands() -> None:
    assert render("{{ n|points }}", n=1280000) == "1,280,000"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2241.7 向下取整", "2,241.7 向下取整"),
        ("713.9 × 1.5 × 2 + 1000 = 3141.7", "713.9 × 1.5 × 2 + 1,000 = 3,141.7"),
        ("-1234567.8901", "-1,234,567.8901"),
        ("12,345", "12,345"),
        ("合计", "合计"),
    ],
)
def test_numbers_within_a_sum_are_grouped_by_thousands(written: str, read: str) -> None:
    assert render("{{ sum|grouped }}", sum=written) == read


@pytest.mark.parametrize(("amount", "text"), [(50, "+50"), (-1200, "-1,200"), (0, "0")])
def test_signed_points_carry_their_sign(amount: int, text: str) -> None:
    assert render("{{ n|signed }}", n=amount) == text


def test_moments_are_shown_in_shanghai_time() -> None:
    at = datetime(2026, 12, 31, 18, 5, tzinfo=UTC)
    shown = render("{{ at|clock }}|{{ at|moment }}|{{ at|day }}|{{ at|weekday }}", at=at)
    assert shown == "01-01 02:05|2027-01-01 02:05|2027-01-01|周五"


def test_a_date_is_shown_as_it_is() -> None:
    assert render("{{ at|day }} {{ at|weekday }}", at=date(2026, 11, 25)) == "2026-11-25 周三"


def test_price_makes_sign_and_fen_small() -> None:
    assert render('{% price cents "m" %}', cents=5990) == ('<span class="price m"><i>¥</i>59<small>.90</small></span>')


def test_an_icon_is_inlined_and_hidden_from_screen_readers() -> None:
    svg = render('{% icon "home" %}')
    assert svg.startswith('<svg class="i" viewBox="0 0 24 24" fill="none" stroke="currentColor"')
    assert 'aria-hidden="true"' in svg
    assert "<!--" not in svg
    assert "<path" in svg


def test_a_filled_icon_is_painted_with_the_text_colour() -> None:
    assert 'fill="currentColor"' in render('{% icon "home" "filled" %}')


def test_an_icon_that_was_not_vendored_fails_loudly() -> None:
    with pytest.raises(FileNotFoundError):
        h5.icon("no-such-icon")


def test_a_picture_that_staff_named_and_nobody_has_is_a_gift() -> None:
    assert [h5.known_icon(name) for name in ("coin", "no-such-icon", "../filled/coin", "")] == ["coin", *["gift"] * 3]
    assert [h5.known_art(name) for name in ("crown", "no-such-art", "LICENSE", "")] == ["crown", *["gift"] * 3]


def test_art_points_at_the_vendored_picture() -> None:
    assert render('{% art "crown" %}') == "/static/vendor/fluentui-emoji-1.3.0/crown.webp"
