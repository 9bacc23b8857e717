"""Numbers as shoppers say them."""

from decimal import Decimal


def discount_words(discount: Decimal) -> str:
    """A rate in 折: 0.95 -> "95 折", 0.9 -> "9 折"."""
    percent = (discount * 100).normalize()
    is_whole = percent == percent.to_integral_value()
    return f"{str(int(percent)).removesuffix('0') if is_whole else f'{percent:f}'} 折"
