"""Numbers as shoppers say them."""

from decimal import Decimal


def discount_words(discount: Decimal) -> str:
    """A rate in 折: 0.95 -> "95 折", 0.9 -> "9 折"."""
    percent = (discount * 100).normalize()
    if percent == percent.to_integral_value():
        text = f"{int(percent)}".removesuffix("0")
    else:
        text = f"{percent:f}"
    return f"{text} 折"
