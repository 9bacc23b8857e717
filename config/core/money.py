"""Money is integer cents (分); shares of it are cut by cumulative floor."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, Overflow
from itertools import accumulate


def yuan(cents: int) -> str:
    """Cents as people read them: 123450 -> "¥1,234.50"; a refund keeps its minus before the sign."""
    sign = "-" if cents < 0 else ""
    return f"{sign}¥{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def cents_from_yuan(text: str | Decimal) -> int:
    """Integer cents of a yuan amount, half a cent rounded up. Raises ValueError for what is no amount."""
    try:
        return int((Decimal(text) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, Overflow, ValueError, OverflowError) as error:  # no number, not finite, or absurdly large
        raise ValueError("not an amount") from error


def allocate(total: int, sizes: Sequence[int]) -> list[int]:
    """Cut `total` over lines of `sizes` so that the parts sum to it and no part exceeds its line.

    Line i gets floor(total * (S1 + ... + Si) / S) less what was given before. Requires 0 <= total <= sum(sizes).
    """
    whole = sum(sizes)
    if not 0 <= total <= whole:
        raise ValueError(f"cannot allocate {total} over {whole}")
    if whole == 0:
        return [0 for _ in sizes]
    marks = [total * upto // whole for upto in accumulate(sizes)]
    return [mark - before for mark, before in zip(marks, [0, *marks[:-1]], strict=True)]


def proportional_part(total: int, done: int, whole: int) -> int:
    """floor(total * done / whole): how much of `total` belongs to the first `done` of `whole`."""
    return total if whole == 0 else total * done // whole
