"""What points are worth in money, for the books."""

from decimal import ROUND_HALF_UP, Decimal


def cents_of(*, points: int, per_yuan: int) -> int:
    """Cents that `points` are worth when `per_yuan` points pay one yuan; half a cent is rounded away from zero."""
    return int((Decimal(points) * 100 / per_yuan).quantize(Decimal(1), rounding=ROUND_HALF_UP))
