from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core.money import allocate, cents_from_yuan, proportional_part, yuan

SIZES = st.lists(st.integers(0, 10**9), max_size=30)


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "¥0.00"),
        (5, "¥0.05"),
        (123450, "¥1,234.50"),
        (-5, "-¥0.05"),
        (-123450, "-¥1,234.50"),
        (10**11, "¥1,000,000,000.00"),
    ],
)
def test_cents_read_as_yuan(cents: int, text: str):
    assert yuan(cents) == text


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("199", 19900),
        ("0.005", 1),
        ("0.0049", 0),
        ("2.675", 268),
        ("-0.005", -1),
        (" 1.5 ", 150),
        ("１２", 1200),
        (Decimal("0.1"), 10),
    ],
)
def test_yuan_become_cents_with_half_a_cent_rounded_up(text: str | Decimal, cents: int):
    assert cents_from_yuan(text) == cents


@pytest.mark.parametrize(
    "text", ["", "abc", "1,5", "NaN", "Infinity", "-Infinity", "sNaN", "1e30", "1e999999", "9e999999999"]
)
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(ValueError, match="not an amount"):
        cents_from_yuan(text)


@given(st.integers(-(10**15), 10**15))
def test_every_amount_survives_the_trip_through_yuan(cents: int):
    assert cents_from_yuan(yuan(cents).replace("¥", "").replace(",", "")) == cents


@given(SIZES, st.data())
def test_an_allocation_sums_up_and_never_exceeds_a_line(sizes: list[int], data: st.DataObject):
    total = data.draw(st.integers(0, sum(sizes)))
    parts = allocate(total, sizes)
    assert sum(parts) == total
    assert all(0 <= part <= size for part, size in zip(parts, sizes, strict=True))


@given(SIZES, st.data())
def test_each_part_is_within_a_cent_of_its_share(sizes: list[int], data: st.DataObject):
    total = data.draw(st.integers(0, sum(sizes)))
    for part, size in zip(allocate(total, sizes), sizes, strict=True):
        assert abs(part * sum(sizes) - total * size) < sum(sizes) or sum(sizes) == 0


def test_an_allocation_is_cut_by_cumulative_floor():
    assert allocate(1000, [3333, 3333, 3334]) == [333, 333, 334]
    assert allocate(2, [1, 1, 1]) == [0, 1, 1]
    assert allocate(0, [0, 0]) == [0, 0]
    assert allocate(0, []) == []


@pytest.mark.parametrize(("total", "sizes"), [(-1, [5]), (6, [5]), (1, []), (1, [0, 0])])
def test_more_than_the_lines_hold_is_refused(total: int, sizes: list[int]):
    with pytest.raises(ValueError, match="cannot allocate"):
        allocate(total, sizes)


@given(total=st.integers(0, 10**9), whole=st.integers(1, 10**6), data=st.data())
def test_parts_of_successive_refunds_never_pass_the_total(total: int, whole: int, data: st.DataObject):
    done = [*sorted(data.draw(st.lists(st.integers(0, whole), max_size=10))), whole]
    marks = [proportional_part(total, upto, whole) for upto in done]
    assert marks == sorted(marks)
    assert marks[-1] == total


def test_the_whole_of_nothing_is_all_of_it():
    assert proportional_part(7, 0, 0) == 7
