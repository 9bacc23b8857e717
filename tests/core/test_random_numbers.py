import pytest

from config.core.random_numbers import public_number


@pytest.mark.parametrize("digits", [1, 12, 18])
def test_a_public_number_has_its_digits_and_no_leading_zero(digits: int):
    numbers = [public_number(digits) for _ in range(200)]
    assert all(len(number) == digits and number.isdecimal() and number[0] != "0" for number in numbers)
    assert len(set(numbers)) > 5
