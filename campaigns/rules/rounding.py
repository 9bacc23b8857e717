"""Rounding once per occurrence, and cutting the rounded total into each campaign's own part."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import accumulate

MODES: Mapping[str, str] = {"down": ROUND_FLOOR, "half_up": ROUND_HALF_UP, "up": ROUND_CEILING}
MODE_NAMES: Mapping[str, str] = {"down": "向下取整", "half_up": "四舍五入", "up": "向上取整"}


def rounded(amount: Decimal, mode: str) -> int:
    """The whole number that an amount becomes."""
    return int(amount.quantize(Decimal(1), rounding=MODES[mode]))


def rounded_parts(shares: Sequence[Decimal], mode: str) -> list[int]:
    """Whole parts that sum to the rounded sum of the shares: each is the rounded running sum less the one before."""
    marks = [rounded(upto, mode) for upto in accumulate(shares)]
    return [mark - before for mark, before in zip(marks, [0, *marks], strict=False)]
